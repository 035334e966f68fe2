/* Each verdict of the merge table through the real books of both sides, as two offices and the
 * district would bring it about; after each, both sides prove identical and are compared row by
 * row. */
#include "client/books/save.h"
#include "server/books/own_ops.h"
#include "server/books/verify.h"
#include "world.h"

#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/record/natural_key.h"
#include "tests/said.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static struct world world;

static int set_up(void **state) {
    (void)state;
    world_init(&world, 2);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    world_fini(&world);
    return 0;
}

static const char union_a[] =
    "name=西溪甲厂工会|org_kind=独立基层工会|founded_on=2018-05-01|status=已建";

static struct jl_id add_member(struct world_device *device, const struct jl_id *org,
                               const char *more) {
    char text[512];
    char id[JL_ID_TEXT_BYTES];
    jl_id_format(org, id);
    snprintf(text, sizeof text,
             "name=张三|id_kind=居民身份证|joined_on=2020-01-02|m_status=在籍|org=%s|%s", id, more);
    return world_add(&device->desk, "member", text);
}

static void assert_in_step(struct world_device *device) {
    assert_true(world_sync(device));
    assert_true(world_same(device));
}

static void test_a_fresh_device_has_the_catalogue_and_the_offices(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    assert_non_null(jl_catalogue_type_named(a->office->books->catalogue, "member"));
    assert_int_equal(world_count(a->office->books, "office"), 2);
    assert_true(world_same(a));
}

static void test_a_create_is_applied_and_reaches_the_other_device_of_the_office(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    struct world_device *c = world_join(&world, 2);
    struct jl_id org = world_add(&a->desk, "union_org", union_a);
    assert_in_step(a);
    assert_in_step(b);
    assert_in_step(c);
    assert_string_equal(world_get(world.district->books, "union_org", &org, "name"),
                        "西溪甲厂工会");
    assert_string_equal(world_get(b->office->books, "union_org", &org, "name"), "西溪甲厂工会");
    assert_int_equal(world_count(c->office->books, "union_org"), 0);
}

static void test_an_own_change_is_not_echoed(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    world_add(&a->desk, "union_org", union_a);
    assert_in_step(a);
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_err err;
    assert_int_equal(
        jl_outbox_range(a->office->books->store, 1, 10, SIZE_MAX, &arena, &entries, &count, &err),
        JL_OK);
    assert_int_equal(count, 1);
    assert_int_equal(entries[0].state, JL_OUTBOX_APPLIED);
    assert_int_equal(a->repaired, 0);
}

static void test_edits_of_different_fields_merge(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    struct jl_id org = world_add(&a->desk, "union_org", union_a);
    assert_in_step(a);
    assert_in_step(b);
    world_set(&a->desk, "union_org", &org, "staff_n=120");
    world_set(&b->desk, "union_org", &org, "chair_name=李四");
    assert_in_step(a);
    assert_in_step(b);
    assert_in_step(a);
    assert_string_equal(world_get(a->office->books, "union_org", &org, "staff_n"), "120");
    assert_string_equal(world_get(a->office->books, "union_org", &org, "chair_name"), "李四");
    assert_int_equal(world_count(world.district->books, "case"), 0);
}

static void test_the_same_field_on_one_side_keeps_the_current_value_and_makes_a_case(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    struct jl_id org = world_add(&a->desk, "union_org", union_a);
    assert_in_step(a);
    assert_in_step(b);
    world_set(&a->desk, "union_org", &org, "chair_name=王五");
    world_set(&b->desk, "union_org", &org, "chair_name=李四");
    assert_in_step(a);
    assert_in_step(b);
    assert_in_step(a);
    assert_string_equal(world_get(b->office->books, "union_org", &org, "chair_name"), "王五");
    assert_int_equal(world_count(a->office->books, "case"), 1);
    assert_int_equal(world_count(b->office->books, "case"), 1);
}

static void test_office_against_district_follows_the_side_that_decides(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct jl_id org = world_add(&a->desk, "union_org", union_a);
    assert_in_step(a);
    const struct jl_type *type =
        jl_catalogue_type_named(world.district->books->catalogue, "union_org");
    world_set(&world.district_desk, "union_org", &org, "chair_name=王五");
    world_set(&a->desk, "union_org", &org, "chair_name=李四");
    assert_in_step(a);
    assert_string_equal(world_get(world.district->books, "union_org", &org, "chair_name"),
                        type->decides == JL_SIDE_OFFICE ? "李四" : "王五");
    assert_int_equal(world_count(world.district->books, "case"), 1);
    const char *detail = world_get_first(a->office->books, "case", "detail");
    assert_non_null(strstr(detail, "\"current\":{\"staff\":\"district\""));
    assert_non_null(strstr(detail, "\"offered\":{\"staff\":\"clerk\""));
}

static void test_a_delete_as_seen_is_applied_and_a_late_one_makes_a_case(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    struct jl_id one = world_add(&a->desk, "union_org", union_a);
    struct jl_id two =
        world_add(&a->desk, "union_org",
                  "name=乙厂工会|org_kind=独立基层工会|founded_on=2018-05-01|status=已建");
    assert_in_step(a);
    assert_in_step(b);
    world_delete(&a->desk, "union_org", &one);
    world_set(&a->desk, "union_org", &two, "staff_n=7");
    assert_in_step(a);
    world_delete(&b->desk, "union_org", &two);
    assert_in_step(b);
    assert_in_step(a);
    assert_int_equal(world_count(b->office->books, "union_org"), 1);
    assert_string_equal(world_get(b->office->books, "union_org", &two, "staff_n"), "7");
    assert_int_equal(world_count(world.district->books, "case"), 1);
}

static void test_an_edit_of_a_deleted_record_brings_it_back_as_a_case(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    struct jl_id org = world_add(&a->desk, "union_org", union_a);
    assert_in_step(a);
    assert_in_step(b);
    world_delete(&a->desk, "union_org", &org);
    assert_in_step(a);
    world_set(&b->desk, "union_org", &org, "staff_n=9");
    assert_in_step(b);
    assert_in_step(a);
    assert_string_equal(world_get(a->office->books, "union_org", &org, "staff_n"), "9");
    assert_int_equal(world_count(a->office->books, "case"), 1);
}

/* No horizon: the district keeps every tombstone (docs/decisions.md), so years make no difference.
 */
static void
test_a_device_that_was_silent_for_years_reads_every_deletion_and_loses_nothing(void **state) {
    (void)state;
    enum { DELETED = 40 };
    const int64_t three_years_ms = INT64_C(3) * 365 * 24 * 3600 * 1000;
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    struct jl_id ids[DELETED];
    for (int i = 0; i < DELETED; i++) {
        char text[128];
        snprintf(text, sizeof text,
                 "name=第%d工会|org_kind=独立基层工会|founded_on=2018-05-01|status=已建", i);
        ids[i] = world_add(&a->desk, "union_org", text);
    }
    assert_in_step(a);
    assert_in_step(b);
    for (int i = 0; i < DELETED; i++) {
        world_delete(&a->desk, "union_org", &ids[i]);
    }
    world_set(&b->desk, "union_org", &ids[7], "staff_n=9"); /* offline, before it fell silent */
    assert_in_step(a);
    world_pass(&world, three_years_ms);
    struct jl_id late = world_add(&b->desk, "union_org", union_a);
    assert_in_step(b);
    assert_in_step(a);
    assert_int_equal(world_count(b->office->books, "union_org"), 2);
    assert_string_equal(world_get(a->office->books, "union_org", &ids[7], "staff_n"), "9");
    assert_string_equal(world_get(a->office->books, "union_org", &late, "status"), "已建");
    assert_int_equal(world_count(a->office->books, "case"), 1); /* an edit of what was deleted */
    assert_int_equal(b->office->state.repairs, 0);
}

static void test_two_records_with_one_id_number_both_stay_and_make_a_case(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *c = world_join(&world, 2);
    struct jl_id org_a = world_add(&a->desk, "union_org", union_a);
    struct jl_id org_c =
        world_add(&c->desk, "union_org",
                  "name=丙厂工会|org_kind=独立基层工会|founded_on=2018-05-01|status=已建");
    add_member(a, &org_a, "id_no=11010519491231002X");
    add_member(c, &org_c, "id_no=11010519491231002X");
    assert_in_step(a);
    assert_in_step(c);
    assert_int_equal(world_count(world.district->books, "member"), 2);
    /* The district's case of the two, and what the second office is told. */
    assert_int_equal(world_count(world.district->books, "case"), 2);
    assert_int_equal(world_count(c->office->books, "case"), 1);
    assert_int_equal(world_count(a->office->books, "case"), 0);
}

static void test_a_natural_key_entered_twice_is_one_record(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    struct jl_id one = world_add(&a->desk, "lr_weekly", "week=2022-05-02|situation=无异常");
    struct jl_id two = world_add(&b->desk, "lr_weekly", "week=2022-05-02|situation=无异常");
    assert_true(jl_id_equal(&one, &two));
    assert_in_step(a);
    assert_in_step(b);
    assert_in_step(a);
    assert_int_equal(world_count(world.district->books, "lr_weekly"), 1);
    assert_int_equal(world_count(world.district->books, "case"), 0);
}

/* The first one's row is read while the second one's entry is on its way: what only the first named
 * must be there without a repair, as that entry's verdict is APPLIED, without an echo. */
static void test_a_double_entry_that_adds_nothing_shows_what_the_other_had(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    struct jl_id week =
        world_add(&a->desk, "lr_weekly", "week=2022-05-02|situation=无异常|people_n=3");
    assert_in_step(a);
    world_add(&b->desk, "union_org", union_a);
    while (jl_office_confirmed_seq(b->office) == 0) {
        assert_true(world_step(b));
    }
    assert_true(world_step(b)); /* asks for rows */
    assert_true(world_step(b)); /* is sent a's */
    world_add(&b->desk, "lr_weekly", "week=2022-05-02|situation=无异常");
    assert_true(world_step(b)); /* reads it */
    assert_in_step(b);
    assert_string_equal(world_get(b->office->books, "lr_weekly", &week, "people_n"), "3");
    assert_int_equal(b->office->state.repairs, 0);
}

static void test_a_late_edit_of_a_record_that_left_is_offered_to_the_new_owner(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *c = world_join(&world, 2);
    struct jl_id org = world_add(&a->desk, "union_org", union_a);
    struct jl_id member = add_member(a, &org, "id_no=990106199001010010");
    assert_in_step(a);
    JL_AUTO(jl_arena) arena = {0};
    struct jl_err err;
    struct jl_book_record before = {0};
    struct jl_record_key key = {
        .type = jl_catalogue_type_named(world.district->books->catalogue, "member")->number,
        .id = member};
    assert_int_equal(jl_books_load(world.district->books, &key, 1, &arena, &before, &err), JL_OK);
    struct jl_change move = {.kind = JL_OP_TRANSFER, .before = &before, .after = before.row};
    move.after.owner = 2;
    assert_int_equal(jl_own_ops_save(world.district, NULL, &move, 1, &err), JL_OK);
    world_set(&a->desk, "member", &member, "edu=大学本科");
    assert_in_step(a);
    assert_in_step(c);
    assert_string_equal(world_get(c->office->books, "member", &member, "name"), "张三");
    assert_string_equal(world_get(a->office->books, "member", &member, "name"), "");
    assert_int_equal(world_count(c->office->books, "case"), 1);
    assert_int_equal(world_count(a->office->books, "member"), 0);
}

static void test_a_transfer_that_is_received_moves_the_member(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *c = world_join(&world, 2);
    struct jl_id org = world_add(&a->desk, "union_org", union_a);
    struct jl_id member = add_member(a, &org, "id_no=990106199001010010");
    char text[256];
    char id[JL_ID_TEXT_BYTES];
    jl_id_format(&member, id);
    snprintf(text, sizeof text, "member=%s|from_office=A街道总工会|to_office=B街道总工会", id);
    struct jl_id transfer = world_add(&a->desk, "transfer", text);
    a->desk.movers |= 1u << JL_MOVER_FROM;
    world_set(&a->desk, "transfer", &transfer, "status=转出同意");
    assert_true(world_sync(a));
    assert_true(world_sync(c));
    c->desk.movers |= 1u << JL_MOVER_TO;
    world_set(&c->desk, "transfer", &transfer, "status=转入接收");
    assert_true(world_sync(c));
    assert_true(world_sync(a));
    assert_string_equal(world_get(a->office->books, "transfer", &transfer, "status"), "生效");
    assert_string_equal(world_get(c->office->books, "member", &member, "name"), "张三");
    assert_int_equal(world_count(a->office->books, "member"), 0);
}

static void test_an_office_cannot_give_away_a_member_that_is_not_its_own(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *c = world_join(&world, 2);
    struct jl_id org = world_add(&a->desk, "union_org", union_a);
    struct jl_id member = add_member(a, &org, "id_no=990106199001010010");
    assert_in_step(a);
    struct jl_books *books = c->office->books;
    const struct jl_type *type = jl_catalogue_type_named(books->catalogue, "transfer");
    const struct jl_type *office = jl_catalogue_type_named(books->catalogue, "office");
    struct jl_field_value number = {.field = jl_type_field_named(office, "number")->number};
    struct jl_row key = {.type = office->number, .fields = &number, .field_count = 1};
    struct jl_id offices[2];
    struct jl_err err;
    for (int i = 0; i < 2; i++) {
        number.value = jl_value_int(i + 1);
        assert_int_equal(jl_natural_key_id(books->hasher, office, &key, &offices[i], &err), JL_OK);
    }
    /* Office B claims to have the member, and to be the office that receives it. */
    struct jl_field_value fields[] = {
        {.field = type->transfer_subject, .value = jl_value_ref(&member)},
        {.field = type->transfer_from, .value = jl_value_ref(&offices[1])},
        {.field = type->transfer_to, .value = jl_value_ref(&offices[1])},
        {.field = type->flow.field, .value = jl_value_int(1)}};
    struct jl_change change = {
        .kind = JL_OP_CREATE,
        .after = {.type = type->number, .owner = 2, .fields = fields, .field_count = 4}};
    change.after.id = jl_id_next(&c->desk.ids, world.now_ms);
    assert_int_equal(jl_save_changes(c->office, NULL, &change, 1, &err), JL_OK);
    assert_true(world_sync(c));
    c->desk.movers = ~0u;
    world_set(&c->desk, "transfer", &change.after.id, "status=转出同意");
    world_set(&c->desk, "transfer", &change.after.id, "status=转入接收");
    assert_true(world_sync(c));
    assert_in_step(a);
    assert_int_equal(world_count(c->office->books, "member"), 0);
    assert_int_equal(world_count(a->office->books, "member"), 1);
}

static void test_a_new_catalogue_reaches_the_office_and_adds_its_column(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct jl_id org = world_add(&a->desk, "union_org", union_a);
    assert_in_step(a);
    struct jl_err err;
    const struct jl_type *type =
        jl_catalogue_type_named(world.district->books->catalogue, "catalogue");
    struct jl_field_value name = {.field = jl_type_field_named(type, "name")->number,
                                  .value = jl_value_cstr("district")};
    struct jl_row row = {.type = JL_TYPE_CATALOGUE, .fields = &name, .field_count = 1};
    struct jl_id id;
    assert_int_equal(jl_natural_key_id(world.district->books->hasher, type, &row, &id, &err),
                     JL_OK);
    JL_AUTO(jl_arena) arena = {0};
    struct jl_record_key key = {.type = JL_TYPE_CATALOGUE, .id = id};
    struct jl_book_record record = {0};
    assert_int_equal(jl_books_load(world.district->books, &key, 1, &arena, &record, &err), JL_OK);
    struct jl_bytes body =
        jl_row_get(&record.row, jl_type_field_named(type, "body")->number)->bytes;
    json_t *root = json_loadb((const char *)body.data, body.size, 0, NULL);
    json_object_set_new(root, "version",
                        json_integer(json_integer_value(json_object_get(root, "version")) + 1));
    json_t *each = NULL;
    size_t i = 0;
    json_array_foreach(json_object_get(root, "types"), i, each) {
        if (strcmp(json_string_value(json_object_get(each, "name")), "union_org") == 0) {
            json_array_append_new(json_object_get(each, "fields"),
                                  json_pack("{s:i,s:s,s:s,s:s,s:s}", "number", 120, "name", "motto",
                                            "kind", "text", "zh", "口号", "en", "Motto"));
        }
    }
    char *next = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    world_apply_catalogue(&world, next);
    free(next);
    assert_in_step(a);
    world_set(&a->desk, "union_org", &org, "motto=同心");
    assert_in_step(a);
    assert_string_equal(world_get(world.district->books, "union_org", &org, "motto"), "同心");
}

static void test_a_damaged_row_is_found_and_fetched_again(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct jl_id org = world_add(&a->desk, "union_org", union_a);
    world_add(&a->desk, "union_org",
              "name=丁厂工会|org_kind=独立基层工会|founded_on=2018-05-01|status=已建");
    assert_in_step(a);
    char command[512];
    snprintf(
        command, sizeof command,
        "sqlite3 '%s/jielian.db' \"UPDATE union_org SET staff_n = 5 WHERE name LIKE '%%甲厂%%'\"",
        a->folder);
    assert_int_equal(system(command), 0);
    uint64_t damaged = 0;
    struct jl_err err;
    assert_int_equal(jl_office_scrub(a->office, &damaged, &err), JL_OK);
    assert_int_equal(damaged, 1);
    assert_in_step(a);
    assert_int_equal(a->repaired, 1);
    assert_string_equal(world_get(a->office->books, "union_org", &org, "staff_n"), "");
}

static void test_a_large_change_set_of_the_district_goes_into_several_batches(void **state) {
    (void)state;
    enum { NOTICES = 40 }; /* 2.4 MB: more than one message may hold */
    static char body[60 * 1024];
    struct jl_field_value fields[] = {
        {1, jl_value_cstr("通知")}, {2, jl_value_null()}, {3, jl_value_int(20220101)}};
    struct jl_change changes[NOTICES];
    struct jl_err err;
    for (size_t i = 0; i < sizeof body; i++) {
        body[i] = (char)('a' + i * i * 7 % 26);
    }
    fields[1].value = jl_value_text(jl_bytes(body, sizeof body));
    for (int i = 0; i < NOTICES; i++) {
        changes[i] = (struct jl_change){
            .kind = JL_OP_CREATE,
            .after = {.type = JL_TYPE_NOTICE, .fields = fields, .field_count = 3}};
        changes[i].after.id = jl_id_next(&world.district_desk.ids, world.now_ms);
    }
    uint64_t before = world.district->state.journal_seq;
    assert_int_equal(jl_own_ops_save(world.district, NULL, changes, NOTICES, &err), JL_OK);
    assert_true(world.district->state.journal_seq > before + 1);
    assert_in_step(world_join(&world, 1));
    assert_int_equal(world_count(world.devices[0].office->books, "notice"), NOTICES);
}

static void test_the_journal_replays_to_the_same_books(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    struct world_device *b = world_join(&world, 1);
    struct jl_id org = world_add(&a->desk, "union_org", union_a);
    assert_in_step(a);
    assert_in_step(b);
    world_set(&a->desk, "union_org", &org, "chair_name=王五");
    world_set(&b->desk, "union_org", &org, "chair_name=李四");
    assert_in_step(a);
    assert_in_step(b);
    struct jl_verify_result result;
    struct jl_err err = {0};
    assert_int_equal(jl_verify_replay(world.district, NULL, &result, &err), JL_OK);
    if (!result.same) {
        fail_msg("%s", err_said(&result.difference));
    }
    assert_true(result.ops > 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_a_fresh_device_has_the_catalogue_and_the_offices),
        CASE(test_a_create_is_applied_and_reaches_the_other_device_of_the_office),
        CASE(test_an_own_change_is_not_echoed),
        CASE(test_edits_of_different_fields_merge),
        CASE(test_the_same_field_on_one_side_keeps_the_current_value_and_makes_a_case),
        CASE(test_office_against_district_follows_the_side_that_decides),
        CASE(test_a_delete_as_seen_is_applied_and_a_late_one_makes_a_case),
        CASE(test_an_edit_of_a_deleted_record_brings_it_back_as_a_case),
        CASE(test_a_device_that_was_silent_for_years_reads_every_deletion_and_loses_nothing),
        CASE(test_two_records_with_one_id_number_both_stay_and_make_a_case),
        CASE(test_a_natural_key_entered_twice_is_one_record),
        CASE(test_a_double_entry_that_adds_nothing_shows_what_the_other_had),
        CASE(test_a_late_edit_of_a_record_that_left_is_offered_to_the_new_owner),
        CASE(test_a_transfer_that_is_received_moves_the_member),
        CASE(test_an_office_cannot_give_away_a_member_that_is_not_its_own),
        CASE(test_a_new_catalogue_reaches_the_office_and_adds_its_column),
        CASE(test_a_damaged_row_is_found_and_fetched_again),
        CASE(test_a_large_change_set_of_the_district_goes_into_several_batches),
        CASE(test_the_journal_replays_to_the_same_books),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
