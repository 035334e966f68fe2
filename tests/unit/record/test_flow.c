/* Goal: a status moves only along its flow, and only by those who may move it.
 * Method: the whole matrix of moves against the table, then the sentences. */
#include "record_sample.h"

#include "jielian/record/flow.h"

static struct jl_problems problems;

enum {
    BY_OFFICE = 1 << JL_MOVER_OFFICE,
    BY_DISTRICT = 1 << JL_MOVER_DISTRICT,
    BY_FROM = 1 << JL_MOVER_FROM,
    BY_TO = 1 << JL_MOVER_TO,
};

/* 0: no status. from_new: there is no record before. */
static void move(const struct jl_check_context *context, bool from_new, int64_t from, int64_t to,
                 unsigned movers) {
    struct jl_field_value before_fields[] = {field_int(T_STATUS, from)};
    struct jl_field_value after_fields[] = {field_int(T_STATUS, to)};
    struct jl_row before = row_of(&transfer_type, before_fields, from == 0 ? 0 : 1);
    struct jl_row after = row_of(&transfer_type, after_fields, to == 0 ? 0 : 1);
    jl_problems_reset(&problems);
    jl_flow_check(context, &transfer_type, from_new ? NULL : &before, &after, movers, &problems);
}

static void test_every_move_is_as_the_table_says(void **state) {
    (void)state;
    static const unsigned movers[] = {0,       BY_OFFICE, BY_DISTRICT,
                                      BY_FROM, BY_TO,     BY_FROM | BY_OFFICE};
    for (int64_t from = 0; from <= 5; from++) {
        for (int64_t to = 0; to <= 6; to++) {
            for (size_t i = 0; i < sizeof movers / sizeof *movers; i++) {
                bool allowed = from == to;
                for (size_t j = 0; j < transfer_type.flow.move_count; j++) {
                    const struct jl_move *one = &transfer_moves[j];
                    allowed = allowed ||
                              ((int64_t)one->from == from && (int64_t)one->to == to &&
                               (one->who == JL_MOVER_ANY || (movers[i] >> one->who & 1u) != 0));
                }
                move(&zh, from == 0, from, to, movers[i]);
                if ((problems.errors == 0) != allowed) {
                    fail_msg("%d to %d by %u", (int)from, (int)to, movers[i]);
                }
            }
        }
    }
}

static void test_a_refusal_names_what_may_follow(void **state) {
    (void)state;
    static const struct {
        bool from_new;
        int64_t from, to;
        unsigned movers;
        const char *text;
    } cases[] = {
        {true, 0, 2, BY_OFFICE, "新建时状态不能是“转出同意”；可以是：申请。"},
        {false, 1, 4, BY_FROM, "状态不能从“申请”改为“生效”；现在可以改为：转出同意、退回。"},
        {false, 1, 2, BY_TO, "状态从“申请”改为“转出同意”要由转出的镇街来做。"},
        {false, 3, 4, BY_FROM, "状态从“转入接收”改为“生效”要由转入的镇街或区总工会来做。"},
        {false, 4, 1, BY_TO, "状态不能从“生效”改为“申请”；“生效”在这里已不能再改。"},
        {false, 2, 0, BY_TO, "状态不能清空；现在是“转出同意”，可以改为：转入接收、退回。"},
        {false, 1, 6, BY_FROM, "状态不能从“申请”改为“6”；现在可以改为：转出同意、退回。"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        move(&zh, cases[i].from_new, cases[i].from, cases[i].to, cases[i].movers);
        assert_int_equal(problems.count, 1);
        assert_int_equal(problems.items[0].field, T_STATUS);
        assert_string_equal(problems.items[0].text, cases[i].text);
    }
    move(&en, false, 3, 4, BY_FROM);
    assert_string_equal(problems.items[0].text,
                        "Status goes from “Received” to “Effective” only by the office that the "
                        "member joins or the district.");
    move(&en, false, 1, 4, BY_FROM);
    assert_string_equal(
        problems.items[0].text,
        "Status can't go from “Requested” to “Effective”; it may go to: Released, Returned.");
}

static void test_a_type_without_flow_has_nothing_to_say(void **state) {
    (void)state;
    struct jl_field_value fields[] = {field_int(M_SEX, 1)};
    struct jl_row row = row_of(&member_type, fields, 1);
    jl_problems_reset(&problems);
    jl_flow_check(&zh, &member_type, NULL, &row, 0, &problems);
    assert_int_equal(problems.count, 0);
}

/* Status 1 is where records start; 2 is given by the district alone; 3 ends what is anybody's. */
static const struct jl_move shop_moves[] = {
    {0, 1, JL_MOVER_ANY},      {0, 2, JL_MOVER_ANY}, {0, 3, JL_MOVER_ANY},
    {1, 2, JL_MOVER_DISTRICT}, {1, 3, JL_MOVER_ANY}, {2, 1, JL_MOVER_OFFICE},
};

static bool may_come(const struct jl_check_context *context, int64_t had, int64_t gets,
                     unsigned movers) {
    struct jl_type type = transfer_type;
    type.flow.moves = shop_moves;
    type.flow.move_count = sizeof shop_moves / sizeof *shop_moves;
    struct jl_field_value had_fields[] = {field_int(T_STATUS, had)};
    struct jl_field_value gets_fields[] = {field_int(T_STATUS, gets)};
    struct jl_row before = row_of(&type, had_fields, 1);
    struct jl_row after = row_of(&type, gets_fields, 1);
    before.deleted = true;
    jl_problems_reset(&problems);
    jl_flow_check(context, &type, had != 0 ? &before : NULL, &after, movers, &problems);
    return problems.errors == 0;
}

static void test_a_status_of_the_districts_is_no_start_for_others(void **state) {
    (void)state;
    struct jl_check_context old_books = zh;
    old_books.old_books = true;
    assert_true(may_come(&zh, 0, 1, BY_OFFICE));
    assert_true(may_come(&zh, 0, 3, BY_OFFICE));
    assert_false(may_come(&zh, 0, 2, BY_OFFICE));
    assert_non_null(strstr(problems.items[0].text, "区总工会"));
    assert_true(may_come(&zh, 0, 2, BY_OFFICE | BY_DISTRICT));
    assert_true(may_come(&old_books, 0, 2, BY_OFFICE));
}

static void test_deleting_and_adding_is_no_way_round_a_flow(void **state) {
    (void)state;
    static const struct {
        int64_t had, gets;
        unsigned movers;
        bool may;
    } cases[] = {
        {1, 1, BY_OFFICE, true},   /* as it was */
        {1, 3, BY_OFFICE, true},   /* a move of the flow */
        {1, 2, BY_OFFICE, false},  /* a move that is the district's */
        {3, 1, BY_OFFICE, true},   /* anew: nothing that the district gave is lost */
        {3, 2, BY_OFFICE, false},  /* anew, with what the district gives */
        {2, 2, BY_OFFICE, true},   /* as it was */
        {2, 1, BY_OFFICE, true},   /* a move of the flow */
        {2, 3, BY_OFFICE, false},  /* anew: the district's word would be gone */
        {2, 3, BY_DISTRICT, true}, /* which is the district's own to take back */
        {3, 2, BY_DISTRICT, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (may_come(&zh, cases[i].had, cases[i].gets, cases[i].movers) != cases[i].may) {
            fail_msg("case %zu", i);
        }
    }
}

/* What is compared is that the reference changes, whatever it refers to. */
static void test_the_parties_of_a_transfer_stay_what_was_asked_for(void **state) {
    (void)state;
    enum { SUBJECT = 1, FROM = 2, TO = 3 };
    static const struct {
        int64_t status_before, status;
        uint32_t changed;
        unsigned movers;
        bool allowed;
    } cases[] = {
        {1, 1, 0, BY_FROM, true},           /* nothing of them changes */
        {1, 2, 0, BY_FROM, true},           /* released as it was asked for */
        {1, 1, TO, BY_TO, false},           /* still a request: withdrawn and asked anew */
        {1, 2, SUBJECT, BY_FROM, false},    /* released, and somebody else in one change */
        {2, 2, FROM, BY_TO, false},         /* changed after it was released */
        {2, 3, SUBJECT, BY_TO, false},      /* and received */
        {2, 2, SUBJECT, BY_DISTRICT, true}, /* the member was merged */
        {2, 2, TO, BY_DISTRICT, false},
    };
    struct jl_type type = transfer_type;
    type.transfer_subject = SUBJECT;
    type.transfer_from = FROM;
    type.transfer_to = TO;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct jl_field_value had[] = {field_int(SUBJECT, 7), field_int(FROM, 8), field_int(TO, 9),
                                       field_int(T_STATUS, cases[i].status_before)};
        struct jl_field_value gets[] = {field_int(SUBJECT, 7), field_int(FROM, 8), field_int(TO, 9),
                                        field_int(T_STATUS, cases[i].status)};
        if (cases[i].changed != 0) {
            gets[cases[i].changed - 1] = field_int(cases[i].changed, 10);
        }
        struct jl_row before = row_of(&type, had, 4);
        struct jl_row after = row_of(&type, gets, 4);
        jl_problems_reset(&problems);
        jl_flow_check(&zh, &type, &before, &after, cases[i].movers, &problems);
        if ((problems.errors == 0) != cases[i].allowed) {
            fail_msg("case %zu", i);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_move_is_as_the_table_says),
        cmocka_unit_test(test_a_refusal_names_what_may_follow),
        cmocka_unit_test(test_a_type_without_flow_has_nothing_to_say),
        cmocka_unit_test(test_a_status_of_the_districts_is_no_start_for_others),
        cmocka_unit_test(test_deleting_and_adding_is_no_way_round_a_flow),
        cmocka_unit_test(test_the_parties_of_a_transfer_stay_what_was_asked_for),
    };
    return cmocka_run_group_tests(tests, sample_setup, NULL);
}
