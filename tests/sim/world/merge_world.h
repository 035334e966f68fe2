/* The world of the tests that merge records: 张三 is a member at two offices, under one ID number.
 *
 *   a, b   PCs of office A, which has `kept`      c, d   PCs of office B, which has `gone`
 *
 * All four know everything of their offices; the tests say who syncs afterwards. */
#ifndef JIELIAN_TESTS_SIM_MERGE_WORLD_H
#define JIELIAN_TESTS_SIM_MERGE_WORLD_H

#include "server/books/verify.h"
#include "world.h"

#include "jielian/catalogue/built_in.h"
#include "jielian/desk/merging.h"
#include "jielian/op/merge.h"
#include "jielian/sync/case_id.h"
#include "tests/said.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#define ID_NO "990106199001010010"

static struct world world;
static struct world_device *a;
static struct world_device *b;
static struct world_device *c;
static struct world_device *d;
static struct jl_id org_a, org_b, act_a, act_b, kept, gone;
static struct jl_merging merging; /* the last merge */
static struct jl_err err;

static struct jl_books *district(void) {
    return world.district->books;
}

static const char *text_of(const struct jl_id *id) {
    static char texts[4][JL_ID_TEXT_BYTES];
    static unsigned next;
    char *text = texts[next++ % 4];
    jl_id_format(id, text);
    return text;
}

static struct jl_id add(struct jl_desk *desk, const char *type, const char *format, ...)
    JL_PRINTF(3, 4);
static struct jl_id add(struct jl_desk *desk, const char *type, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return world_add(desk, type, text);
}

static void sync(struct world_device *device) {
    assert_true(world_sync(device));
    assert_true(world_same(device));
    assert_int_equal(device->repaired, 0);
}

static void sync_all(void) {
    struct world_device *const devices[] = {a, b, c, d, a, c};
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        sync(devices[i]);
    }
}

static struct jl_id add_org(struct world_device *device, const char *name) {
    return add(&device->desk, "union_org",
               "name=%s|org_kind=独立基层工会|founded_on=2018-05-01|status=已建", name);
}

static struct jl_id add_member(struct world_device *device, const struct jl_id *org,
                               const char *more) {
    return add(&device->desk, "member",
               "name=张三|id_kind=居民身份证|joined_on=2020-01-02|m_status=在籍|org=%s|%s",
               text_of(org), more);
}

static struct jl_id attend(struct world_device *device, const struct jl_id *activity,
                           const struct jl_id *member, const char *more) {
    return add(&device->desk, "attendance", "activity=%s|member=%s%s", text_of(activity),
               text_of(member), more);
}

/* Of a member that the office has never seen: the district enters it for the office. */
static inline struct jl_id attend_for(uint32_t office, const struct jl_id *activity,
                                      const struct jl_id *member, const char *more) {
    world.district_desk.owner = office;
    struct jl_id id = add(&world.district_desk, "attendance", "activity=%s|member=%s%s",
                          text_of(activity), text_of(member), more);
    world.district_desk.owner = 0;
    return id;
}

static int set_up(void **state) {
    (void)state;
    world_init(&world, 2);
    a = world_join(&world, 1);
    b = world_join(&world, 1);
    c = world_join(&world, 2);
    d = world_join(&world, 2);
    org_a = add_org(a, "西溪甲厂工会");
    org_b = add_org(c, "北山乙厂工会");
    act_a = add(&a->desk, "activity", "kind=招聘会|title=春风行动|start_on=2021-03-01");
    act_b = add(&c->desk, "activity", "kind=一日游|title=疗休养|start_on=2021-05-01");
    kept = add_member(a, &org_a, "id_no=" ID_NO);
    gone = add_member(c, &org_b, "id_no=" ID_NO "|edu=大学本科");
    sync_all();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    jl_merging_fini(&merging);
    merging = (struct jl_merging){0};
    world_fini(&world);
    return 0;
}

/* ---- Merging ---- */

static enum jl_rc plan_of(const char *type, const struct jl_id *into, const struct jl_id *from,
                          enum jl_merging_side prefer) {
    jl_merging_fini(&merging);
    merging = (struct jl_merging){.desk = &world.district_desk,
                                  .type_number =
                                      jl_catalogue_type_named(district()->catalogue, type)->number,
                                  .kept_id = *into,
                                  .gone_id = *from,
                                  .prefer = prefer};
    return jl_merging_plan(&merging, &err);
}

/* Returns the change set. */
static struct jl_id merge_two(const char *type, const struct jl_id *into,
                              const struct jl_id *from) {
    struct jl_id set = {{0}};
    if (plan_of(type, into, from, JL_MERGING_KEPT) != JL_OK ||
        jl_merging_save(&merging, &set, &err) != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
    return set;
}

/* ---- Looking ---- */

static struct jl_book_record load(struct jl_books *books, const char *type, const struct jl_id *id,
                                  struct jl_arena *arena) {
    struct jl_book_record record = {0};
    const struct jl_record_key key = {
        .type = jl_catalogue_type_named(books->catalogue, type)->number, .id = *id};
    assert_int_equal(jl_books_load(books, &key, 1, arena, &record, &err), JL_OK);
    return record;
}

static void assert_state(struct jl_books *books, const char *type, const struct jl_id *id,
                         enum jl_record_state state) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record = load(books, type, id, &arena);
    assert_int_not_equal(record.head.rid, 0);
    assert_int_equal(record.head.state, state);
}

static void assert_refers(const char *type, const struct jl_id *id, const char *field,
                          const struct jl_id *to) {
    assert_string_equal(world_get(district(), type, id, field), text_of(to));
}

struct case_search {
    struct jl_books *books;
    int64_t kind; /* enum jl_case_kind */
    size_t count;
    struct jl_id last;
};

static enum jl_rc count_case(void *context, const struct jl_stored *stored, struct jl_err *error) {
    struct case_search *search = context;
    struct jl_book_record record = {0};
    JL_AUTO(jl_arena) arena = {0};
    enum jl_rc rc = jl_books_unseal(search->books, stored, &arena, &record, error);
    const struct jl_value *kind = rc == JL_OK ? jl_row_get(&record.row, 1) : NULL;
    const struct jl_value *status = rc == JL_OK ? jl_row_get(&record.row, JL_CASE_STATUS) : NULL;
    /* Of a possible duplicate the district's own case counts, which names both. */
    bool named = search->kind != JL_CASE_DUPLICATE || jl_row_get(&record.row, JL_CASE_OTHER_ID);
    if (kind != NULL && kind->number == search->kind && status->number == JL_CASE_OPEN && named) {
        search->count++;
        search->last = record.row.id;
    }
    return rc;
}

/* How many cases of this kind are open; out_id: the last of them. */
static size_t open_cases(struct jl_books *books, int64_t kind, struct jl_id *out_id) {
    struct case_search search = {.books = books, .kind = kind};
    const struct jl_scan scan = {.type = JL_TYPE_CASE};
    assert_int_equal(jl_records_scan(books->store, &scan, count_case, &search, &err), JL_OK);
    *out_id = search.last;
    return search.count;
}

/* What the office of a record is told of a double elsewhere. */
static inline struct jl_id told_id(const struct jl_id *of) {
    struct jl_id id;
    uint32_t type = jl_catalogue_type_named(district()->catalogue, "member")->number;
    assert_int_equal(jl_case_id_elsewhere(district()->hasher, type, of, &id, &err), JL_OK);
    return id;
}

static inline void assert_replays(bool same) {
    struct jl_verify_result result;
    assert_int_equal(jl_verify_replay(world.district, NULL, &result, &err), JL_OK);
    if (result.same != same) {
        fail_msg("%s", same ? err_said(&result.difference) : "replay found no difference");
    }
}

#endif
