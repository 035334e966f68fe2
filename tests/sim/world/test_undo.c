/* Goal: undo at the district reaches the offices, moves records back to where they were, and brings
 * deleted ones back as they were, whatever their status.
 * Method: change sets through the district's own desk, undone from the ops in its journal. */
#include "jielian/desk/undo.h"
#include "jielian/store/journal.h"
#include "server/books/journal.h"
#include "server/books/own_ops.h"
#include "tests/said.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static struct world world;
static struct world_device *a, *c;
static const char *type_name; /* of the record under test */
static struct jl_id subject;

static int set_up(void **state) {
    (void)state;
    world_init(&world, 2);
    a = world_join(&world, 1);
    c = world_join(&world, 2);
    type_name = "union_org";
    subject =
        world_add(&a->desk, type_name,
                  "name=西溪甲厂工会|org_kind=独立基层工会|founded_on=2018-05-01|status=已建");
    assert_true(world_sync(a));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    world_fini(&world);
    return 0;
}

static void load(struct jl_arena *arena, struct jl_book_record *out_record) {
    struct jl_err err;
    struct jl_record_key key = {
        .type = jl_catalogue_type_named(world.district->books->catalogue, type_name)->number,
        .id = subject};
    assert_int_equal(jl_books_load(world.district->books, &key, 1, arena, out_record, &err), JL_OK);
}

/* One change of the record as a change set of the district's own. */
static struct jl_id change(enum jl_op_kind kind, uint32_t owner) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_err err = {0};
    struct jl_book_record before = {0};
    struct jl_id set = jl_id_next(&world.district_desk.ids, world.now_ms);
    load(&arena, &before);
    struct jl_change one = {.kind = kind, .before = &before, .after = before.row};
    one.after.owner = owner;
    one.after.deleted = kind == JL_OP_DELETE;
    if (jl_own_ops_save(world.district, &set, &one, 1, &err) != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
    return set;
}

static void undo(const struct jl_id *set, struct jl_undo_result *out_result) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_err err = {0};
    struct jl_journal_opened opened;
    struct jl_journal_entry entry;
    struct jl_district *district = world.district;
    struct jl_undo_op op = {.place = 1};
    struct jl_op plain;
    assert_int_equal(jl_journal_entry_get(district->books->store, district->state.journal_seq,
                                          &arena, &entry, &err),
                     JL_OK);
    assert_int_equal(jl_journal_open(district, &entry, &arena, &opened, &err), JL_OK);
    assert_int_equal(jl_wire_op_decode(opened.push.ops[0], &arena, &plain, &err), JL_OK);
    assert_true(jl_id_equal(&plain.change_set, set));
    op.key = (struct jl_record_key){.type = plain.type, .id = plain.id};
    op.bytes = opened.push.ops[0];
    struct jl_undo_options options = {.change_set = *set, .ops = &op, .op_count = 1};
    if (jl_undo_run(&world.district_desk, &options, out_result, &err) != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
}

static void assert_in_step(void) {
    assert_true(world_sync(a));
    assert_true(world_sync(c));
    assert_true(world_same(a));
    assert_true(world_same(c));
}

static void test_a_record_that_was_moved_goes_back_to_the_office_it_came_from(void **state) {
    (void)state;
    JL_AUTO(jl_undo_result) result = {0};
    struct jl_id set = change(JL_OP_TRANSFER, 2);
    undo(&set, &result);
    assert_int_equal(result.undone, 1);
    assert_int_equal(result.kept, 0);
    assert_in_step();
    assert_string_equal(world_get(a->office->books, type_name, &subject, "name"), "西溪甲厂工会");
    assert_int_equal(world_count(c->office->books, type_name), 0);
    assert_string_equal(world_replay_fault(&world), "");
}

static void test_a_record_that_was_moved_on_stays_where_it_is_and_is_named(void **state) {
    (void)state;
    JL_AUTO(jl_undo_result) result = {0};
    struct jl_id set = change(JL_OP_TRANSFER, 2);
    JL_AUTO(jl_arena) arena = {0};
    struct jl_op op = {.kind = JL_OP_TRANSFER, .owner = 1, .owner_before = 0, .change_set = set};
    struct jl_book_record before = {0};
    JL_AUTO(jl_buf) bytes = {0};
    struct jl_err err;
    load(&arena, &before);
    op.type = before.head.type;
    op.id = subject;
    assert_int_equal(jl_wire_op_encode(&op, &bytes, &err), JL_OK);
    struct jl_undo_op one = {.key = {.type = op.type, .id = subject},
                             .bytes = jl_buf_bytes(&bytes)};
    struct jl_undo_options options = {.change_set = set, .ops = &one, .op_count = 1};
    assert_int_equal(jl_undo_run(&world.district_desk, &options, &result, &err), JL_OK);
    assert_int_equal(result.undone, 0);
    assert_int_equal(result.kept, 1);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(result.kept_records, 0), "title")),
        "西溪甲厂工会");
}

static void test_a_deleted_record_comes_back_to_its_office_with_the_status_it_had(void **state) {
    (void)state;
    JL_AUTO(jl_undo_result) result = {0};
    char text[256];
    char id[JL_ID_TEXT_BYTES];
    jl_id_format(&subject, id);
    snprintf(text, sizeof text,
             "name=张三|id_kind=居民身份证|id_no=990106199001010010|joined_on=2020-01-02|"
             "m_status=在籍|org=%s",
             id);
    type_name = "member";
    subject = world_add(&a->desk, type_name, text);
    /* No record may start with this status. */
    world_set(&a->desk, type_name, &subject, "m_status=转出中");
    assert_in_step();
    struct jl_id set = change(JL_OP_DELETE, 1);
    assert_in_step();
    assert_string_equal(world_get(a->office->books, type_name, &subject, "name"), "");
    undo(&set, &result);
    assert_int_equal(result.undone, 1);
    assert_in_step();
    assert_string_equal(world_get(a->office->books, type_name, &subject, "m_status"), "转出中");
    assert_string_equal(world_replay_fault(&world), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_a_record_that_was_moved_goes_back_to_the_office_it_came_from),
        CASE(test_a_record_that_was_moved_on_stays_where_it_is_and_is_named),
        CASE(test_a_deleted_record_comes_back_to_its_office_with_the_status_it_had),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
