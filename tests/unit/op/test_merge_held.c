/* Row M20 of the table in merge.h: what waits while a restore is open, and how it is judged when
 * the restore is closed; and the natural key that M6 frees. */
#include "merge_input.h"

static const uint32_t key[] = {1};
static bool since; /* was the field written since the restore */

static enum jl_rc written_since(void *context, uint32_t field, bool *out_since,
                                struct jl_err *error) {
    (void)context;
    (void)error;
    assert_in_range(field, 1, FIELDS);
    *out_since = since;
    return JL_OK;
}

static int set_up_held(void **state) {
    set_up(state);
    input.rules = 1;
    input.written_since = written_since;
    since = false;
    return 0;
}

static void find(enum jl_presence presence, const char *row) {
    given(row);
    input.presence = JL_PRESENCE_LIVE;
    input.current = &current;
    if (presence == JL_PRESENCE_ABSENT) {
        absent();
    } else if (presence == JL_PRESENCE_DELETED) {
        deleted();
    }
}

static void test_m20_what_waits_and_for_how_much(void **state) {
    static const struct {
        enum jl_op_kind kind;
        const char *old, *new;
        enum jl_presence presence;
        const char *row;
        enum jl_standing standing;
        bool record, all; /* waits with JL_WAITS_RECORD, with JL_WAITS_ALL */
    } rows[] = {
        {JL_OP_CREATE, "", "1 2", JL_PRESENCE_ABSENT, "", JL_STANDING_OWN, false, false},
        {JL_OP_CREATE, "", "1 2", JL_PRESENCE_LIVE, "1 9", JL_STANDING_OWN, false, false},
        {JL_OP_EDIT, "_ 2", "_ 7", JL_PRESENCE_ABSENT, "", JL_STANDING_OWN, true, true},
        {JL_OP_EDIT, "_ 2", "_ 7", JL_PRESENCE_LIVE, "1 2", JL_STANDING_OWN, false, false},
        {JL_OP_EDIT, "_ 2", "_ 7", JL_PRESENCE_LIVE, "1 9", JL_STANDING_OWN, false, true},
        /* There already, but not from what the op was laid on: somebody may yet change it. */
        {JL_OP_EDIT, "_ 2", "_ 7", JL_PRESENCE_LIVE, "1 7", JL_STANDING_OWN, false, true},
        {JL_OP_EDIT, "_ 2", "_ 2", JL_PRESENCE_LIVE, "1 9", JL_STANDING_OWN, false, false},
        {JL_OP_EDIT, "_ 2", "_ 7", JL_PRESENCE_DELETED, "1 2", JL_STANDING_OWN, false, true},
        {JL_OP_EDIT, "_ 2", "_ 7", JL_PRESENCE_LIVE, "1 2", JL_STANDING_FOREIGN, true, true},
        {JL_OP_EDIT, "_ 2", "_ 7", JL_PRESENCE_LIVE, "1 2", JL_STANDING_LEFT, false, true},
        {JL_OP_DELETE, "1 2", "", JL_PRESENCE_ABSENT, "", JL_STANDING_OWN, true, true},
        {JL_OP_DELETE, "1 2", "", JL_PRESENCE_LIVE, "1 2", JL_STANDING_OWN, false, false},
        {JL_OP_DELETE, "1 2", "", JL_PRESENCE_LIVE, "1 9", JL_STANDING_OWN, false, true},
        {JL_OP_DELETE, "1 2", "", JL_PRESENCE_DELETED, "1 2", JL_STANDING_OWN, false, true},
        {JL_OP_RESTORE, "", "1 2", JL_PRESENCE_ABSENT, "", JL_STANDING_OWN, false, true},
        {JL_OP_RESTORE, "", "1 2", JL_PRESENCE_DELETED, "1 2", JL_STANDING_OWN, false, false},
        {JL_OP_RESTORE, "", "1 2", JL_PRESENCE_LIVE, "1 2", JL_STANDING_OWN, false, true},
        {JL_OP_RESOLVE, "_ 2", "_ 7", JL_PRESENCE_ABSENT, "", JL_STANDING_OWN, true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const enum jl_waits waits[] = {JL_WAITS_NOT, JL_WAITS_RECORD, JL_WAITS_ALL};
        const bool expected[] = {false, rows[i].record, rows[i].all};
        for (size_t w = 0; w < 3; w++) {
            set_up_held(state);
            wanted(rows[i].kind, rows[i].old, rows[i].new);
            find(rows[i].presence, rows[i].row);
            input.standing = rows[i].standing;
            input.waits = waits[w];
            merge();
            if ((result.case_kind == JL_CASE_HELD) != expected[w]) {
                fail_msg("row %zu, waits %d", i, (int)waits[w]);
            }
            if (expected[w]) {
                assert_verdict(JL_VERDICT_CASE, JL_EFFECT_NONE);
            }
        }
    }
}

static void test_m20_a_case_of_what_is_anothers_says_nothing_of_it(void **state) {
    (void)state;
    wanted(JL_OP_EDIT, "_ 2", "_ 7");
    find(JL_PRESENCE_LIVE, "1 9");
    input.standing = JL_STANDING_FOREIGN;
    input.waits = JL_WAITS_ALL;
    merge();
    assert_int_equal(result.conflict_count, 1);
    assert_int_equal(result.conflicts[0].current.kind, JL_VALUE_NULL);
    input.standing = JL_STANDING_OWN;
    merge();
    assert_int_not_equal(result.conflicts[0].current.kind, JL_VALUE_NULL);
}

static void test_m20_closing_lets_stand_what_was_in_effect(void **state) {
    for (int late = 0; late < 2; late++) {
        set_up_held(state);
        since = late == 1;
        wanted(JL_OP_EDIT, "_ 2", "_ 7");
        find(JL_PRESENCE_LIVE, "1 9");
        input.waits = JL_WAITS_NO_MORE;
        merge();
        assert_verdict(JL_VERDICT_CASE, since ? JL_EFFECT_NONE : JL_EFFECT_UPDATE);
        assert_int_equal(result.case_kind, JL_CASE_FIELD);
        assert_conflict(0, 2, '2', '9', '7', !since);
    }
}

static void test_m20_closing_offers_to_the_owner_and_parks_what_has_no_record(void **state) {
    (void)state;
    wanted(JL_OP_EDIT, "_ 2", "_ 7");
    find(JL_PRESENCE_LIVE, "1 9");
    input.standing = JL_STANDING_FOREIGN;
    input.waits = JL_WAITS_NO_MORE;
    merge();
    assert_verdict(JL_VERDICT_CASE, JL_EFFECT_NONE);
    assert_int_equal(result.case_kind, JL_CASE_LEFT);
    find(JL_PRESENCE_ABSENT, "");
    input.standing = JL_STANDING_OWN;
    merge();
    assert_parked(JL_PARK_ABSENT);
}

static void test_m20_a_delete_that_comes_before_what_it_deletes_is_not_done_with(void **state) {
    (void)state;
    wanted(JL_OP_DELETE, "1 2", "");
    find(JL_PRESENCE_ABSENT, "");
    input.waits = JL_WAITS_NO_MORE;
    merge();
    assert_parked(JL_PARK_ABSENT);
    find(JL_PRESENCE_DELETED, "1 2");
    merge();
    assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_NONE); /* M9 */
    find(JL_PRESENCE_ABSENT, "");
    input.waits = JL_WAITS_NOT;
    merge();
    assert_verdict(JL_VERDICT_APPLIED, JL_EFFECT_NONE);
}

/* Wang deleted the week's report and Li entered it anew: whose change came back first says nothing
 * of which was the later one. */
static void test_m20_a_delete_that_comes_back_spares_what_another_pc_has_made_since(void **state) {
    (void)state;
    for (enum jl_waits waits = JL_WAITS_ALL; waits <= JL_WAITS_NO_MORE; waits++) {
        for (int keyed = 0; keyed < 2; keyed++) {
            wanted(JL_OP_DELETE, "1 2", "");
            find(JL_PRESENCE_LIVE, "1 2");
            type.natural_key_count = (size_t)keyed;
            input.waits = waits;
            input.by_other_since = true;
            merge();
            assert_verdict(keyed ? JL_VERDICT_CASE : JL_VERDICT_APPLIED,
                           keyed ? JL_EFFECT_NONE : JL_EFFECT_DELETE);
            assert_int_equal(result.case_kind, keyed ? JL_CASE_DELETED : JL_CASE_NONE);
        }
    }
}

static void test_m20_a_delete_does_not_overtake_what_waits_for_its_record(void **state) {
    (void)state;
    for (enum jl_waits waits = JL_WAITS_NOT; waits <= JL_WAITS_NO_MORE; waits++) {
        bool held = waits == JL_WAITS_RECORD || waits == JL_WAITS_ALL;
        wanted(JL_OP_DELETE, "1 2", "");
        find(JL_PRESENCE_LIVE, "1 2");
        input.waits = waits;
        input.behind = true;
        merge();
        assert_verdict(held ? JL_VERDICT_CASE : JL_VERDICT_APPLIED,
                       held ? JL_EFFECT_NONE : JL_EFFECT_DELETE);
        assert_int_equal(result.case_kind, held ? JL_CASE_HELD : JL_CASE_NONE);
    }
}

static void test_m6_a_natural_key_is_its_next_authors(void **state) {
    for (int keyed = 0; keyed < 2; keyed++) {
        for (uint32_t rules = 0; rules < 2; rules++) {
            set_up_held(state);
            type.natural_key = key;
            type.natural_key_count = keyed == 1 ? 1 : 0;
            input.rules = rules;
            wanted(JL_OP_CREATE, "", "1 2");
            find(JL_PRESENCE_DELETED, "1 9");
            merge();
            assert_verdict(JL_VERDICT_MERGED, JL_EFFECT_UPDATE);
            assert_row("1 2");
            assert_int_equal(result.new_owner, keyed == 1 && rules == 1);
            assert_int_equal(result.row.owner, result.new_owner ? 0 : OFFICE);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define HELD(test) cmocka_unit_test_setup(test, set_up_held)
        HELD(test_m20_what_waits_and_for_how_much),
        HELD(test_m20_a_case_of_what_is_anothers_says_nothing_of_it),
        HELD(test_m20_closing_lets_stand_what_was_in_effect),
        HELD(test_m20_closing_offers_to_the_owner_and_parks_what_has_no_record),
        HELD(test_m20_a_delete_that_comes_back_spares_what_another_pc_has_made_since),
        HELD(test_m20_a_delete_does_not_overtake_what_waits_for_its_record),
        HELD(test_m20_a_delete_that_comes_before_what_it_deletes_is_not_done_with),
        HELD(test_m6_a_natural_key_is_its_next_authors),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
