/* The world of the tests about who may write what: three offices with a PC each, and ops past the
 * desk, as a clerk with a program of his own makes them. 王五 and 李四 are members at A. */
#ifndef JIELIAN_TESTS_SIM_MAY_WORLD_H
#define JIELIAN_TESTS_SIM_MAY_WORLD_H

#include "client/books/save.h"
#include "world.h"

#include "jielian/catalogue/built_in.h"
#include "jielian/op/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

enum { REQUESTED = 1, RELEASED, RECEIVED, EFFECTIVE, RETURNED, WITHDRAWN };

static struct world world;
static struct world_device *a, *b, *c; /* of offices A, B, C */
static struct jl_id org_a, org_b, wang, chen;
static struct jl_arena arena;
static struct jl_err err;

static inline const char *text_of(const struct jl_id *id) {
    static char texts[4][JL_ID_TEXT_BYTES];
    static unsigned next;
    char *text = texts[next++ % 4];
    jl_id_format(id, text);
    return text;
}

static inline struct jl_id add(struct jl_desk *desk, const char *type, const char *format, ...)
    JL_PRINTF(3, 4);
static inline struct jl_id add(struct jl_desk *desk, const char *type, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return world_add(desk, type, text);
}

static inline struct jl_id add_member(struct world_device *device, const struct jl_id *org,
                                      const char *name, const char *id_no) {
    return add(&device->desk, "member",
               "name=%s|id_kind=居民身份证|id_no=%s|joined_on=2020-01-02|m_status=在籍|org=%s",
               name, id_no, text_of(org));
}

static inline struct jl_books *district(void) {
    return world.district->books;
}

static inline void sync_all(void) {
    struct world_device *const devices[] = {a, b, c, a, b, c};
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        assert_true(world_sync(devices[i]));
        assert_true(world_same(devices[i]));
    }
}

static int set_up(void **state) {
    (void)state;
    world_init(&world, 3);
    a = world_join(&world, 1);
    b = world_join(&world, 2);
    c = world_join(&world, 3);
    org_a = add(&a->desk, "union_org",
                "name=西溪甲厂工会|org_kind=独立基层工会|founded_on=2018-05-01|status=已建");
    org_b = add(&b->desk, "union_org",
                "name=北山乙厂工会|org_kind=独立基层工会|founded_on=2018-05-01|status=已建");
    wang = add_member(a, &org_a, "王五", "990106199001010010");
    chen = add_member(a, &org_a, "李四", "990106199001010037");
    sync_all();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    jl_arena_fini(&arena);
    assert_string_equal(world_replay_fault(&world), "");
    world_fini(&world);
    return 0;
}

/* ---- Ops past the desk ---- */

static struct jl_op op;
static struct jl_field_value olds[16], news[16];

static inline const struct jl_type *type_named(const char *name) {
    return jl_catalogue_type_named(district()->catalogue, name);
}

static inline void begin(enum jl_op_kind kind, const char *type, const struct jl_id *id) {
    op = (struct jl_op){.kind = kind,
                        .type = type_named(type)->number,
                        .id = *id,
                        .cursor = UINT64_MAX,
                        .old_fields = olds,
                        .new_fields = news};
}

/* Of a create, a restore; for an edit with what stood there. Fields ascend. */
static inline void sets(const char *field, struct jl_value old, struct jl_value new) {
    uint32_t number =
        jl_type_field_named(jl_catalogue_type(district()->catalogue, op.type), field)->number;
    if (op.kind == JL_OP_EDIT || op.kind == JL_OP_RESOLVE) {
        olds[op.old_count++] = (struct jl_field_value){number, old};
    }
    news[op.new_count++] = (struct jl_field_value){number, new};
}

static inline void queue(struct world_device *device) {
    static const struct jl_id none;
    assert_int_equal(jl_office_begin(device->office, true, &err), JL_OK);
    assert_int_equal(jl_save_alone(device->office, &none, &op, &err), JL_OK);
    assert_int_equal(jl_office_commit(device->office, &err), JL_OK);
}

/* What the newest op of the device became. */
static inline int64_t verdict(struct world_device *device) {
    JL_AUTO(jl_arena) own = {0};
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    assert_true(world_sync(device));
    assert_int_equal(jl_outbox_range(device->office->books->store, device->office->state.head_pos,
                                     1, SIZE_MAX, &own, &entries, &count, &err),
                     JL_OK);
    assert_int_equal(count, 1);
    return entries[0].state;
}

static inline int64_t push(struct world_device *device) {
    queue(device);
    return verdict(device);
}

/* The whole row that the district has, as what a delete saw, or a restore says. */
static inline void load(const char *type, const struct jl_id *id, struct jl_row *out_row) {
    struct jl_book_record record = {0};
    const struct jl_record_key key = {.type = type_named(type)->number, .id = *id};
    assert_int_equal(jl_books_load(district(), &key, 1, &arena, &record, &err), JL_OK);
    *out_row = record.row;
}

static inline int64_t push_delete(struct world_device *device, const char *type,
                                  const struct jl_id *id) {
    struct jl_row row;
    load(type, id, &row);
    begin(JL_OP_DELETE, type, id);
    op.old_fields = row.fields;
    op.old_count = row.field_count;
    return push(device);
}

static inline struct jl_value ref_to(uint32_t office) {
    return jl_value_ref(&jl_roster_office(world.district, office)->id);
}

static inline const char *at_district(const char *type, const struct jl_id *id, const char *field) {
    return world_get(district(), type, id, field);
}

static const struct jl_value none = {.kind = JL_VALUE_NULL};

#endif
