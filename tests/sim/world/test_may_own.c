/* Who may write what (docs/merge.md): the program's own records, past an office's desk and by hand
 * at the district's. The journal replays after each story. */
#include "jielian/base/fault.h"
#include "may_world.h"
#include "server/books/offices.h"

#include "jielian/base/assignment.h"
#include "jielian/desk/merging.h"
#include "jielian/sync/case_id.h"
#include "tests/said.h"

/* ---- The program's own records ---- */

static void test_an_office_makes_none_of_the_districts_records(void **state) {
    (void)state;
    static const char *const types[] = {"office",
                                        "staff",
                                        "notice",
                                        "case",
                                        "catalogue",
                                        "report_snapshot",
                                        "quarantine_decision",
                                        "old_books_leave"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        size_t count = world_count(district(), types[i]);
        struct jl_id id = jl_id_next(&a->desk.ids, world.now_ms);
        begin(JL_OP_CREATE, types[i], &id);
        const struct jl_type *type = type_named(types[i]);
        for (size_t f = 0; f < type->field_count; f++) {
            if (type->fields[f].required) {
                bool text = type->fields[f].kind == JL_KIND_TEXT;
                sets(type->fields[f].name, none,
                     text ? jl_value_cstr("x")
                          : jl_value_int(type->fields[f].kind == JL_KIND_DATE ? 20200101 : 1));
            }
        }
        assert_int_equal(push(a), JL_OUTBOX_PARKED);
        assert_int_equal(world_count(district(), types[i]), count);
    }
}

static struct jl_id make_log(const char *type) {
    struct jl_id id = jl_id_next(&a->desk.ids, world.now_ms);
    begin(JL_OP_CREATE, type, &id);
    if (strcmp(type, "change_set") == 0) {
        sets("kind", none, jl_value_int(1));
        sets("staff", none, jl_value_cstr("clerk"));
        sets("status", none, jl_value_int(1));
    } else if (strcmp(type, "access_log") == 0) {
        sets("staff", none, jl_value_cstr("clerk"));
        sets("action", none, jl_value_int(2));
    } else {
        sets("staff", none, jl_value_cstr("clerk"));
    }
    assert_int_not_equal(push(a), JL_OUTBOX_PARKED);
    return id;
}

static void test_what_the_program_recorded_stays(void **state) {
    (void)state;
    static const char *const types[] = {"change_set", "import_batch", "access_log"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct jl_id id = make_log(types[i]);
        begin(JL_OP_EDIT, types[i], &id);
        sets("staff", jl_value_cstr("clerk"), jl_value_cstr("lisi"));
        assert_int_equal(push(a), JL_OUTBOX_PARKED);
        assert_int_equal(push_delete(a, types[i], &id), JL_OUTBOX_PARKED);
        begin(JL_OP_RESTORE, types[i], &id);
        sets("staff", none, jl_value_cstr("lisi"));
        assert_int_equal(push(a), JL_OUTBOX_PARKED);
        assert_string_equal(at_district(types[i], &id, "staff"), "clerk");
    }
}

static void test_a_change_set_is_undone_once_and_not_redone(void **state) {
    (void)state;
    struct jl_id id = make_log("change_set");
    begin(JL_OP_EDIT, "change_set", &id);
    sets("status", jl_value_int(1), jl_value_int(2));
    assert_int_not_equal(push(a), JL_OUTBOX_PARKED);
    begin(JL_OP_EDIT, "change_set", &id);
    sets("status", jl_value_int(2), jl_value_int(1));
    assert_int_equal(push(a), JL_OUTBOX_PARKED);
    assert_string_equal(at_district("change_set", &id, "status"), "已撤销");
}

/* ---- Merged records ---- */

static void merge(const struct jl_id *kept, const struct jl_id *gone) {
    struct jl_id set;
    struct jl_merging merging = {.desk = &world.district_desk,
                                 .type_number = type_named("member")->number,
                                 .kept_id = *kept,
                                 .gone_id = *gone,
                                 .prefer = JL_MERGING_KEPT};
    assert_int_equal(jl_merging_plan(&merging, &err), JL_OK);
    assert_int_equal(jl_merging_save(&merging, &set, &err), JL_OK);
    jl_merging_fini(&merging);
}

static void test_an_office_does_not_undo_a_merge(void **state) {
    (void)state;
    static const enum jl_op_kind kinds[] = {JL_OP_RESTORE, JL_OP_CREATE};
    struct jl_row row;
    merge(&wang, &chen);
    load("member", &chen, &row);
    for (size_t i = 0; i < 2; i++) {
        begin(kinds[i], "member", &chen);
        op.new_fields = row.fields;
        op.new_count = row.field_count;
        assert_int_equal(push(a), JL_OUTBOX_PARKED);
        assert_int_equal(world_count_live(district(), "member"), 1);
    }
    sync_all();
    /* When what it was merged into is gone as well, it is its office's again. */
    world_delete(&a->desk, "member", &wang);
    assert_true(world_sync(a));
    begin(JL_OP_RESTORE, "member", &chen);
    op.new_fields = row.fields;
    op.new_count = row.field_count;
    assert_int_not_equal(push(a), JL_OUTBOX_PARKED);
    assert_string_equal(at_district("member", &chen, "name"), "李四");
}

static void test_who_comes_back_from_what_is_gone_opens_no_case_of_its_office(void **state) {
    (void)state;
    struct jl_row row;
    struct jl_id told;
    struct jl_id twin = add_member(b, &org_b, "王五", "990106199001010010");
    sync_all();
    assert_int_equal(
        jl_case_id_elsewhere(district()->hasher, type_named("member")->number, &twin, &told, &err),
        JL_OK);
    assert_string_equal(at_district("case", &told, "status"), "待处理");
    merge(&twin, &wang);
    sync_all();
    assert_string_equal(at_district("case", &told, "status"), "已处理");
    world_delete(&b->desk, "member", &twin);
    sync_all();
    load("member", &wang, &row);
    begin(JL_OP_RESTORE, "member", &wang);
    op.new_fields = row.fields;
    op.new_count = row.field_count;
    assert_int_not_equal(push(a), JL_OUTBOX_PARKED);
    assert_string_equal(at_district("case", &told, "status"), "已处理");
}

/* ---- By hand at the district ---- */

static enum jl_rc delete_by_hand(const char *type, const struct jl_id *id) {
    return jl_desk_delete(&world.district_desk, type_named(type), id, &err);
}

static void test_the_catalogue_and_the_offices_in_use_stay(void **state) {
    (void)state;
    struct jl_record_key key;
    assert_int_equal(jl_books_catalogue_key(district(), &key, &err), JL_OK);
    assert_int_equal(delete_by_hand("catalogue", &key.id), JL_DENIED);
    assert_non_null(strstr(err_said(&err), "catalogue apply"));
    const struct jl_id used = jl_roster_office(world.district, 1)->id;
    assert_int_equal(delete_by_hand("office", &used), JL_CONFLICT);
    const uint32_t number = 9;
    assert_int_equal(jl_offices_add(world.district, "ZZ", "误加街道总工会", &number, &err), JL_OK);
    const struct jl_id empty = jl_roster_office(world.district, number)->id;
    struct jl_id user =
        add(&world.district_desk, "staff", "login=zz|name=赵六|role=clerk|office=ZZ");
    assert_int_equal(delete_by_hand("office", &empty), JL_CONFLICT); /* referred to */
    assert_int_equal(jl_fault_code(&err), JL_FAULT_OFFICE_REFERRED);
    assert_int_equal(delete_by_hand("staff", &user), JL_OK);
    assert_int_equal(delete_by_hand("office", &empty), JL_OK);
    assert_null(jl_roster_office(world.district, number));
    sync_all();
}

static void test_an_office_that_had_records_stays(void **state) {
    (void)state;
    const uint32_t number = 9;
    assert_int_equal(jl_offices_add(world.district, "ZZ", "误加街道总工会", &number, &err), JL_OK);
    const struct jl_id office = jl_roster_office(world.district, number)->id;
    world.district_desk.owner = number;
    struct jl_id org = add(&world.district_desk, "union_org",
                           "name=丙厂工会|org_kind=独立基层工会|founded_on=2018-05-01|status=已建");
    world.district_desk.owner = 0;
    assert_int_equal(delete_by_hand("office", &office), JL_CONFLICT);
    world_delete(&world.district_desk, "union_org", &org);
    assert_int_equal(delete_by_hand("office", &office), JL_CONFLICT); /* its tombstone */
}

static void test_what_commands_write_is_not_set_by_hand(void **state) {
    (void)state;
    struct jl_problems problems;
    struct jl_id made;
    static const struct {
        const char *type;
        struct jl_assignment items[2];
        const char *command;
    } tries[] = {
        {"office", {{"code", "QQ"}, {"name", "某街道总工会"}}, "office add"},
        {"staff", {{"login", "x"}, {"verifier", "scrypt:00:00"}}, "user passwd"},
        {"staff", {{"login", "x"}, {"locked", "是"}}, "user confirm"},
        {"case", {{"title", "x"}, {"detail", "{}"}}, "case resolve"},
        {"catalogue", {{"name", "other"}, {"body", "{}"}}, "catalogue apply"},
        {"change_set", {{"label", "x"}, {"staff", "x"}}, "undo"},
        {"import_batch", {{"file_name", "x"}, {"staff", "x"}}, "import"},
        {"access_log", {{"subject", "x"}, {"staff", "x"}}, "访问记录"},
        {"quarantine_decision", {{"reason", "x"}, {"staff", "x"}}, "quarantine"},
        {"old_books_leave", {{"reason", "x"}, {"staff", "x"}}, "leave"},
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        enum jl_rc rc = jl_desk_add(&world.district_desk, type_named(tries[i].type), tries[i].items,
                                    2, &made, &problems, &err);
        if (rc != JL_DENIED && rc != JL_MISUSE) {
            fail_msg("%s: %s", tries[i].type, jl_rc_name(rc));
        }
    }
    struct jl_id user = add(&world.district_desk, "staff", "login=li|name=李四|role=clerk");
    static const struct {
        const char *field, *value, *command;
    } sets_of_staff[] = {{"verifier", "scrypt:00:00", "user passwd"},
                         {"locked", "是", "user confirm"}};
    for (size_t i = 0; i < 2; i++) {
        const struct jl_assignment item = {sets_of_staff[i].field, sets_of_staff[i].value};
        assert_int_equal(jl_desk_set(&world.district_desk, type_named("staff"), &user, &item, 1,
                                     &problems, &err),
                         JL_DENIED);
        assert_non_null(strstr(err_said(&err), sets_of_staff[i].command));
    }
    world_set(&world.district_desk, "staff", &user, "role=复核");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define STORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        STORY(test_an_office_makes_none_of_the_districts_records),
        STORY(test_what_the_program_recorded_stays),
        STORY(test_a_change_set_is_undone_once_and_not_redone),
        STORY(test_an_office_does_not_undo_a_merge),
        STORY(test_who_comes_back_from_what_is_gone_opens_no_case_of_its_office),
        STORY(test_the_catalogue_and_the_offices_in_use_stay),
        STORY(test_an_office_that_had_records_stays),
        STORY(test_what_commands_write_is_not_set_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
