/* Each row of the table in merge.h but those of merging records (test_merge_two.c), and what rows
 * do together. The op's laying over a row: test_lay.c. */
#include "merge_input.h"
#include "tests/said.h"

static const uint32_t key[] = {1};

/* ---- M1 to M3: edits ---- */

static void test_m1_an_edit_of_an_unchanged_field_is_applied(void **state) {
    (void)state;
    given("1 2 3");
    wanted(JL_OP_EDIT, "_ 2", "_ 7");
    merge();
    assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_UPDATE);
    assert_row("1 7 3");
    assert_true(result.as_sent);
    assert_int_equal(writer_asked, 0); /* authors are looked up for conflicts only */
}

static void test_m1_an_edit_of_a_moved_record_is_merged_and_echoed(void **state) {
    (void)state;
    given("1 2 9"); /* another device has set field 3 */
    input.moved = true;
    wanted(JL_OP_EDIT, "_ 2", "_ 7");
    merge();
    assert_verdict(JL_VERDICT_MERGED, JL_EFFECT_UPDATE);
    assert_row("1 7 9");
    assert_false(result.as_sent);
}

static void test_m1_a_field_may_be_filled_and_emptied(void **state) {
    (void)state;
    given("1 . 3");
    wanted(JL_OP_EDIT, "_ . 3", "_ 7 .");
    merge();
    assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_UPDATE);
    assert_row("1 7");
}

static void test_m1_fields_that_the_op_does_not_name_stay(void **state) {
    (void)state;
    given("1 2 3 4"); /* field 4 is newer than the author's catalogue */
    wanted(JL_OP_EDIT, "1 _ _", "5 _ _");
    merge();
    assert_row("5 2 3 4");
}

static void test_m2_an_edit_to_what_is_there_already_changes_nothing(void **state) {
    (void)state;
    for (int moved = 0; moved < 2; moved++) {
        given("1 7 3");
        input.moved = moved == 1;
        wanted(JL_OP_EDIT, "_ 2", "_ 7");
        merge();
        assert_verdict(moved == 1 ? JL_VERDICT_MERGED : JL_VERDICT_APPLIED, JL_EFFECT_NONE);
        assert_int_equal(result.conflict_count, 0);
    }
}

static void test_a_field_that_its_author_did_not_change_is_no_conflict(void **state) {
    (void)state;
    given("1 9 3");
    input.moved = true;
    wanted(JL_OP_EDIT, "1 2", "5 2");
    merge();
    assert_verdict(JL_VERDICT_MERGED, JL_EFFECT_UPDATE);
    assert_row("5 9 3");
}

/* Who decides × who wrote the value that stands × who offers another. */
static void test_m3_a_conflict_makes_a_case_and_the_deciding_side_stands(void **state) {
    static const struct {
        enum jl_side decides, writer, author;
        bool offered_stands;
    } rows[] = {
        {JL_SIDE_OFFICE, JL_SIDE_OFFICE, JL_SIDE_OFFICE, false},
        {JL_SIDE_OFFICE, JL_SIDE_OFFICE, JL_SIDE_DISTRICT, false},
        {JL_SIDE_OFFICE, JL_SIDE_DISTRICT, JL_SIDE_OFFICE, true},
        {JL_SIDE_OFFICE, JL_SIDE_DISTRICT, JL_SIDE_DISTRICT, false},
        {JL_SIDE_DISTRICT, JL_SIDE_OFFICE, JL_SIDE_OFFICE, false},
        {JL_SIDE_DISTRICT, JL_SIDE_OFFICE, JL_SIDE_DISTRICT, true},
        {JL_SIDE_DISTRICT, JL_SIDE_DISTRICT, JL_SIDE_OFFICE, false},
        {JL_SIDE_DISTRICT, JL_SIDE_DISTRICT, JL_SIDE_DISTRICT, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        set_up(state);
        type.decides = rows[i].decides;
        writer = rows[i].writer;
        input.author = rows[i].author;
        input.moved = true;
        given("1 5 3");
        wanted(JL_OP_EDIT, "_ 2", "_ 7");
        merge();
        assert_verdict(JL_VERDICT_CASE, rows[i].offered_stands ? JL_EFFECT_UPDATE : JL_EFFECT_NONE);
        assert_int_equal(result.case_kind, JL_CASE_FIELD);
        assert_conflict(0, 2, '2', '5', '7', rows[i].offered_stands);
        assert_row(rows[i].offered_stands ? "1 7 3" : "1 5 3");
        assert_false(result.as_sent);
        assert_int_equal(writer_asked, 1);
    }
}

static void test_m3_the_other_fields_of_the_op_are_still_set(void **state) {
    (void)state;
    given("1 5 3 4");
    input.moved = true;
    wanted(JL_OP_EDIT, "1 2 _ 4", "8 7 _ 4");
    merge();
    assert_verdict(JL_VERDICT_CASE, JL_EFFECT_UPDATE);
    assert_int_equal(result.conflict_count, 1);
    assert_conflict(0, 2, '2', '5', '7', false);
    assert_row("8 5 3 4");
}

static void test_m3_a_case_holds_every_conflicting_field(void **state) {
    (void)state;
    given("5 6 . 4");
    input.moved = true;
    wanted(JL_OP_EDIT, "1 2 3 .", "7 . 8 9");
    merge();
    assert_verdict(JL_VERDICT_CASE, JL_EFFECT_NONE);
    assert_int_equal(result.conflict_count, 4);
    assert_conflict(0, 1, '1', '5', '7', false);
    assert_conflict(1, 2, '2', '6', '.', false); /* emptied here, changed there */
    assert_conflict(2, 3, '3', '.', '8', false); /* changed here, emptied there */
    assert_conflict(3, 4, '.', '4', '9', false); /* filled on both sides */
}

static void test_m3_nothing_is_judged_when_the_author_can_not_be_looked_up(void **state) {
    (void)state;
    given("1 5 3");
    wanted(JL_OP_EDIT, "_ 2", "_ 7");
    writer_rc = JL_CORRUPT;
    assert_int_equal(jl_merge(&input, &arena, &result, &err), JL_CORRUPT);
    assert_string_equal(err_said(&err), "no history");
}

/* ---- M4 to M6: creates and restores ---- */

static void test_m4_a_create_is_inserted(void **state) {
    (void)state;
    static const enum jl_op_kind kinds[] = {JL_OP_CREATE, JL_OP_RESTORE};
    for (int i = 0; i < 2; i++) {
        absent();
        wanted(kinds[i], "", "1 2 .");
        merge();
        assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_INSERT);
        assert_row("1 2");
        assert_false(result.row.deleted);
        assert_true(result.as_sent);
    }
}

static void test_m5_a_create_of_what_is_there_fills_what_is_empty(void **state) {
    (void)state;
    given("1 2 . 4"); /* two offices report the same natural key */
    wanted(JL_OP_CREATE, "", "1 2 3");
    merge();
    assert_verdict(JL_VERDICT_MERGED, JL_EFFECT_UPDATE);
    assert_row("1 2 3 4");
    assert_false(result.as_sent); /* field 4 is not known at the author's */
}

static void test_m5_a_create_of_what_is_there_conflicts_where_values_differ(void **state) {
    (void)state;
    given("1 2 .");
    wanted(JL_OP_CREATE, "", "1 7 3");
    merge();
    assert_verdict(JL_VERDICT_CASE, JL_EFFECT_UPDATE);
    assert_int_equal(result.conflict_count, 1);
    assert_conflict(0, 2, '.', '2', '7', false);
    assert_row("1 2 3");
}

static void test_m5_a_create_never_empties_a_field(void **state) {
    (void)state;
    given("1 2 3");
    wanted(JL_OP_CREATE, "", "1 . 3");
    merge();
    assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_NONE);
    assert_row("1 2 3");
}

static void test_m5_the_same_record_made_twice_is_applied(void **state) {
    (void)state;
    given("1 2 3");
    wanted(JL_OP_CREATE, "", "1 2 3");
    merge();
    assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_NONE);
}

static void test_m6_a_deleted_record_comes_back_as_the_op_has_it(void **state) {
    (void)state;
    static const enum jl_op_kind kinds[] = {JL_OP_CREATE, JL_OP_RESTORE};
    for (int i = 0; i < 2; i++) {
        given("1 2 3 4");
        deleted();
        wanted(kinds[i], "", "1 7");
        merge();
        assert_verdict(JL_VERDICT_MERGED, JL_EFFECT_UPDATE);
        assert_row("1 7");
        assert_false(result.row.deleted);
        assert_int_equal(result.row.owner, OFFICE);
        assert_false(result.as_sent);
    }
}

/* ---- M7 to M9: deletes ---- */

static void test_m7_a_record_as_seen_is_deleted(void **state) {
    (void)state;
    given("1 2 . 4");
    wanted(JL_OP_DELETE, "1 2 . 4", "");
    merge();
    assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_DELETE);
    assert_true(result.row.deleted);
    assert_row("1 2 . 4"); /* the tombstone keeps the last row, for restore and history */
    assert_true(result.as_sent);
}

static void test_m8_a_record_changed_since_stays_and_makes_a_case(void **state) {
    (void)state;
    static const char *const rows[] = {"1 5 3", "1 2", "1 2 3 4", "", ". 2 3"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        given(rows[i]);
        wanted(JL_OP_DELETE, "1 2 3", "");
        merge();
        assert_verdict(JL_VERDICT_CASE, JL_EFFECT_NONE);
        assert_int_equal(result.case_kind, JL_CASE_DELETED);
        assert_false(result.as_sent);
    }
}

static void test_m9_deleting_what_is_gone_is_applied(void **state) {
    (void)state;
    for (int gone = 0; gone < 2; gone++) {
        set_up(state);
        given("1 2");
        if (gone == 0) {
            deleted();
        } else {
            absent();
        }
        wanted(JL_OP_DELETE, "1 5", "");
        merge();
        assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_NONE);
    }
}

/* ---- M10 to M13: records that are elsewhere ---- */

static void test_m10_an_edit_brings_a_deleted_record_back_and_makes_a_case(void **state) {
    (void)state;
    static const enum jl_op_kind kinds[] = {JL_OP_EDIT, JL_OP_RESOLVE};
    for (int i = 0; i < 2; i++) {
        given("1 2 3");
        deleted();
        wanted(kinds[i], "_ 2", "_ 7");
        merge();
        assert_verdict(JL_VERDICT_CASE, JL_EFFECT_UPDATE);
        assert_int_equal(result.case_kind, JL_CASE_DELETED);
        assert_row("1 7 3");
        assert_false(result.row.deleted);
        assert_int_equal(result.row.owner, OFFICE);
        assert_false(result.as_sent);
    }
}

static void test_m11_changes_to_a_record_that_has_left_are_offered_to_its_new_owner(void **state) {
    (void)state;
    given("1 5 3");
    current.owner = 9;
    input.standing = JL_STANDING_LEFT;
    input.moved = true;
    wanted(JL_OP_EDIT, "1 2", "1 7");
    merge();
    assert_verdict(JL_VERDICT_CASE, JL_EFFECT_NONE);
    assert_int_equal(result.case_kind, JL_CASE_LEFT);
    assert_int_equal(result.conflict_count, 2);
    assert_conflict(0, 1, '1', '1', '1', false);
    assert_conflict(1, 2, '2', '5', '7', false);
    wanted(JL_OP_DELETE, "1 2", "");
    merge();
    assert_verdict(JL_VERDICT_CASE, JL_EFFECT_NONE);
    assert_int_equal(result.case_kind, JL_CASE_LEFT);
    assert_int_equal(result.conflict_count, 0);
}

static void test_m12_changes_to_another_office_s_record_are_parked(void **state) {
    (void)state;
    for (int kind = JL_OP_CREATE; kind <= JL_OP_RESOLVE; kind++) {
        given("1 2 3");
        input.standing = JL_STANDING_FOREIGN;
        wanted((enum jl_op_kind)kind, "1 2 3", "1 7 3");
        merge();
        assert_parked(JL_PARK_FOREIGN);
    }
}

static void test_m13_changes_to_what_never_arrived_are_parked(void **state) {
    (void)state;
    static const enum jl_op_kind kinds[] = {JL_OP_EDIT, JL_OP_RESOLVE, JL_OP_TRANSFER};
    for (int i = 0; i < 3; i++) {
        absent();
        input.author = kinds[i] == JL_OP_TRANSFER ? JL_SIDE_DISTRICT : JL_SIDE_OFFICE;
        wanted(kinds[i], "_ 2", "_ 7");
        merge();
        assert_parked(JL_PARK_ABSENT);
    }
}

/* ---- M14, M15: what may not be changed at all ---- */

static void test_m14_append_only_records_are_neither_edited_nor_deleted(void **state) {
    (void)state;
    static const enum jl_op_kind kinds[] = {JL_OP_EDIT, JL_OP_RESOLVE, JL_OP_DELETE};
    type.append_only = true;
    for (int i = 0; i < 3; i++) {
        given("1 2");
        wanted(kinds[i], "1 2", kinds[i] == JL_OP_DELETE ? "" : "1 7");
        merge();
        assert_parked(JL_PARK_APPEND_ONLY);
    }
    absent();
    wanted(JL_OP_CREATE, "", "1 2");
    merge();
    assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_INSERT);
}

static void test_m15_the_natural_key_can_not_be_edited(void **state) {
    (void)state;
    type.natural_key = key;
    type.natural_key_count = 1;
    given("1 2");
    wanted(JL_OP_EDIT, "1 2", "5 7");
    merge();
    assert_parked(JL_PARK_NATURAL_KEY);
    wanted(JL_OP_EDIT, "1", ".");
    merge();
    assert_parked(JL_PARK_NATURAL_KEY);
    wanted(JL_OP_EDIT, "1 2", "1 7"); /* the same key is no edit of it */
    merge();
    assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_UPDATE);
    deleted();
    wanted(JL_OP_EDIT, "1", "5");
    merge();
    assert_parked(JL_PARK_NATURAL_KEY);
}

/* ---- M16, M17 ---- */

static void test_m16_the_district_transfers_a_record(void **state) {
    (void)state;
    given("1 2");
    input.author = JL_SIDE_DISTRICT;
    wanted(JL_OP_TRANSFER, "", "");
    op.owner = 9;
    merge();
    assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_UPDATE);
    assert_int_equal(result.row.owner, 9);
    assert_row("1 2");
    op.owner = OFFICE; /* where it is */
    merge();
    assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_NONE);
    deleted();
    merge();
    assert_parked(JL_PARK_ABSENT);
}

static void test_m16_an_office_can_not_transfer(void **state) {
    (void)state;
    given("1 2");
    wanted(JL_OP_TRANSFER, "", "");
    op.owner = 9;
    merge();
    assert_parked(JL_PARK_FOREIGN);
}

static void test_m17_resolving_follows_the_rules_of_an_edit(void **state) {
    (void)state;
    input.author = JL_SIDE_DISTRICT;
    given("1 5 3");
    wanted(JL_OP_RESOLVE, "_ 5", "_ 7");
    merge();
    assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_UPDATE);
    assert_row("1 7 3");
    wanted(JL_OP_RESOLVE, "_ 5", "_ 5"); /* what stands may stay */
    merge();
    assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_NONE);
    given("1 6 3"); /* changed while the case lay on the desk */
    wanted(JL_OP_RESOLVE, "_ 5", "_ 7");
    merge();
    assert_verdict(JL_VERDICT_CASE, JL_EFFECT_NONE);
    assert_conflict(0, 2, '5', '6', '7', false);
}

/* ---- Beyond the table ---- */

static void test_an_op_kind_that_is_not_known_is_parked(void **state) {
    (void)state;
    given("1 2");
    wanted((enum jl_op_kind)99, "1 2", "1 7");
    merge();
    assert_parked(JL_PARK_KIND);
}

static void test_without_memory_nothing_is_judged(void **state) {
    (void)state;
    given("1 5 3");
    wanted(JL_OP_EDIT, "1 2 3", "4 7 8");
    arena.limit_bytes = arena.used_bytes;
    assert_int_equal(jl_merge(&input, &arena, &result, &err), JL_NOMEM);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, set_up)
        TEST(test_m1_an_edit_of_an_unchanged_field_is_applied),
        TEST(test_m1_an_edit_of_a_moved_record_is_merged_and_echoed),
        TEST(test_m1_a_field_may_be_filled_and_emptied),
        TEST(test_m1_fields_that_the_op_does_not_name_stay),
        TEST(test_m2_an_edit_to_what_is_there_already_changes_nothing),
        TEST(test_a_field_that_its_author_did_not_change_is_no_conflict),
        TEST(test_m3_a_conflict_makes_a_case_and_the_deciding_side_stands),
        TEST(test_m3_the_other_fields_of_the_op_are_still_set),
        TEST(test_m3_a_case_holds_every_conflicting_field),
        TEST(test_m3_nothing_is_judged_when_the_author_can_not_be_looked_up),
        TEST(test_m4_a_create_is_inserted),
        TEST(test_m5_a_create_of_what_is_there_fills_what_is_empty),
        TEST(test_m5_a_create_of_what_is_there_conflicts_where_values_differ),
        TEST(test_m5_a_create_never_empties_a_field),
        TEST(test_m5_the_same_record_made_twice_is_applied),
        TEST(test_m6_a_deleted_record_comes_back_as_the_op_has_it),
        TEST(test_m7_a_record_as_seen_is_deleted),
        TEST(test_m8_a_record_changed_since_stays_and_makes_a_case),
        TEST(test_m9_deleting_what_is_gone_is_applied),
        TEST(test_m10_an_edit_brings_a_deleted_record_back_and_makes_a_case),
        TEST(test_m11_changes_to_a_record_that_has_left_are_offered_to_its_new_owner),
        TEST(test_m12_changes_to_another_office_s_record_are_parked),
        TEST(test_m13_changes_to_what_never_arrived_are_parked),
        TEST(test_m14_append_only_records_are_neither_edited_nor_deleted),
        TEST(test_m15_the_natural_key_can_not_be_edited),
        TEST(test_m16_the_district_transfers_a_record),
        TEST(test_m16_an_office_can_not_transfer),
        TEST(test_m17_resolving_follows_the_rules_of_an_edit),
        TEST(test_an_op_kind_that_is_not_known_is_parked),
        TEST(test_without_memory_nothing_is_judged),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
