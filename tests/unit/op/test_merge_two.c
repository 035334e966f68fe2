/* The rows M18 and M19 of the table in merge.h: two records become one, and what comes late for the
 * one that went. */
#include "merge_input.h"

static void wanted_merge(const char *old, const char *new) {
    wanted(JL_OP_MERGE, old, new);
    op.other = (struct jl_id){{0xBB}};
    input.author = JL_SIDE_DISTRICT;
}

static void test_m18_the_district_merges_into_a_record(void **state) {
    (void)state;
    given("1 2 .");
    wanted_merge("1 2 .", "_ 7 3");
    merge();
    assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_UPDATE);
    assert_row("1 7 3");
    assert_int_equal(writer_asked, 0);
    given("1 2 3"); /* it had everything already */
    wanted_merge("1 2 3", "");
    merge();
    assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_NONE);
}

static void test_m18_a_field_that_changed_since_is_a_conflict_as_in_an_edit(void **state) {
    (void)state;
    given("1 5 3");
    wanted_merge("1 2 3", "_ 7 _");
    merge();
    assert_verdict(JL_VERDICT_CASE, JL_EFFECT_NONE);
    assert_conflict(0, 2, '2', '5', '7', false);
}

static void test_m18_an_office_merges_since_rules_3(void **state) {
    (void)state;
    for (uint32_t rules = 0; rules <= 3; rules++) {
        set_up(state);
        given("1 2 .");
        wanted_merge("1 2 .", "_ 7 3");
        input.author = JL_SIDE_OFFICE;
        input.rules = rules;
        merge();
        if (rules < 3) {
            assert_parked(JL_PARK_MERGE);
        } else {
            assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_UPDATE);
            assert_row("1 7 3");
        }
    }
}

static void test_m18_only_two_records_of_which_one_lives_are_merged(void **state) {
    (void)state;
    given("1 2");
    wanted_merge("1 2", "_ 7");
    op.other = op.id;
    merge();
    assert_parked(JL_PARK_MERGE);
    op.other = (struct jl_id){{0}};
    merge();
    assert_parked(JL_PARK_MERGE);
    op.other = (struct jl_id){{0xBB}};
    deleted();
    merge();
    assert_parked(JL_PARK_MERGE);
    absent();
    merge();
    assert_parked(JL_PARK_MERGE);
}

static void test_m18_records_that_only_grow_are_not_merged(void **state) {
    (void)state;
    given("1 2");
    type.append_only = true;
    wanted_merge("1 2", "_ 7");
    merge();
    assert_parked(JL_PARK_APPEND_ONLY);
}

static struct jl_row survivor;
static void merged_into(const char *row) {
    survivor = (struct jl_row){.type = 1000, .id = {{0xBB}}, .owner = OFFICE + 1};
    survivor.fields = fields_of(row, false, &survivor.field_count);
    input.merged_into = &survivor;
    deleted();
}

static void test_m19_an_edit_of_a_record_that_was_merged_is_offered_to_the_other(void **state) {
    (void)state;
    static const enum jl_op_kind kinds[] = {JL_OP_EDIT, JL_OP_RESOLVE};
    for (int i = 0; i < 2; i++) {
        set_up(state);
        given("1 2 3 4");
        merged_into("1 5 . 9");
        wanted(kinds[i], "_ 2 3 4", "_ 7 8 9");
        merge();
        assert_verdict(JL_VERDICT_CASE, JL_EFFECT_NONE);
        assert_int_equal(result.case_kind, JL_CASE_MERGED);
        assert_int_equal(result.conflict_count, 2); /* it has 9 in field 4 already */
        assert_conflict(0, 2, '2', '5', '7', false);
        assert_conflict(1, 3, '3', '.', '8', false);
        assert_int_equal(writer_asked, 0);
    }
}

static void test_m19_what_the_other_has_already_is_nothing_to_do(void **state) {
    (void)state;
    given("1 2 3");
    merged_into("1 7 5");
    wanted(JL_OP_EDIT, "_ 2 3", "_ 7 3");
    merge();
    assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_NONE);
    assert_int_equal(result.conflict_count, 0);
}

static void test_m19_a_late_delete_is_nothing_to_do(void **state) {
    (void)state;
    given("1 2 3");
    merged_into("1 2 3");
    wanted(JL_OP_DELETE, "1 2 9", "");
    merge();
    assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_NONE);
}

static void test_m10_a_record_whose_other_is_gone_as_well_comes_back(void **state) {
    (void)state;
    given("1 2 3");
    deleted();
    wanted(JL_OP_EDIT, "_ 2", "_ 7");
    merge();
    assert_verdict(JL_VERDICT_CASE, JL_EFFECT_UPDATE);
    assert_int_equal(result.case_kind, JL_CASE_DELETED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, set_up)
        TEST(test_m18_the_district_merges_into_a_record),
        TEST(test_m18_a_field_that_changed_since_is_a_conflict_as_in_an_edit),
        TEST(test_m18_an_office_merges_since_rules_3),
        TEST(test_m18_only_two_records_of_which_one_lives_are_merged),
        TEST(test_m18_records_that_only_grow_are_not_merged),
        TEST(test_m19_an_edit_of_a_record_that_was_merged_is_offered_to_the_other),
        TEST(test_m19_what_the_other_has_already_is_nothing_to_do),
        TEST(test_m19_a_late_delete_is_nothing_to_do),
        TEST(test_m10_a_record_whose_other_is_gone_as_well_comes_back),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
