/* When the session asks for a proof, what counts as one, and how it repairs what a proof finds. */
#include "session_desk.h"

static struct desk desk;

static int set_up(void **state) {
    (void)state;
    desk_init(&desk);
    return 0;
}

static void hear_list(enum jl_message_kind kind, uint32_t feed) {
    struct jl_message message = {.kind = kind};
    if (kind == JL_MESSAGE_BUCKETS) {
        message.as.buckets.feed = feed;
    } else {
        message.as.ids.feed = feed;
    }
    desk_hear(&desk, message);
}

static void hear_repair(uint32_t feed) {
    struct jl_message message = {.kind = JL_MESSAGE_PAGE};
    message.as.page.feed = feed;
    message.as.page.repair = true;
    desk_hear(&desk, message);
}

/* ---- Proof ---- */

static void test_a_proof_is_asked_for_when_nothing_is_unsent_and_nothing_unread(void **state) {
    (void)state;
    static const struct {
        const char *what;
        uint64_t head, office_head;
        bool proof;
    } rows[] = {
        {"nothing to do", 3, 8, true},
        {"an op is unsent", 4, 8, false},
        {"the feed has more", 3, 9, false},
        {"both", 4, 9, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        desk_init(&desk);
        desk.facts.head = rows[i].head;
        desk.head[1] = rows[i].office_head;
        desk_go_active(&desk);
        if ((desk_wants(&desk, JL_ACTION_PROOF) != NULL) != rows[i].proof) {
            fail_msg("%s", rows[i].what);
        }
    }
}

static void test_what_changed_without_an_op_makes_a_proof_on_its_way_late(void **state) {
    (void)state;
    desk_go_active(&desk);
    assert_wants(&desk, JL_ACTION_PROOF);
    jl_session_prove_again(&desk.session);
    desk_hear_proved(&desk, JL_PROOF_IDENTICAL);
    assert_wants_not(&desk, JL_ACTION_PROVEN);
    desk_tick(&desk);
    assert_wants(&desk, JL_ACTION_PROOF);
    desk_hear_proved(&desk, JL_PROOF_IDENTICAL);
    assert_wants(&desk, JL_ACTION_PROVEN);
}

static void test_identical_proves_the_store_with_the_district_s_time(void **state) {
    (void)state;
    desk_go_active(&desk);
    assert_true(jl_session_busy(&desk.session, &desk.facts));
    desk_hear_proved(&desk, JL_PROOF_IDENTICAL);
    assert_int_equal(desk_wants(&desk, JL_ACTION_PROVEN)->wall_ms, 77);
    assert_false(jl_session_busy(&desk.session, &desk.facts));
}

static void test_a_proof_covers_the_store_only_as_it_was_when_asked(void **state) {
    (void)state;
    static const struct {
        const char *what;
        uint64_t head, confirmed, cursor[2];
    } rows[] = {
        {"a local op", 4, 3, {5, 8}},          {"a local op with its verdict", 4, 4, {5, 8}},
        {"a shared page", 3, 3, {6, 8}},       {"an office page", 3, 3, {5, 9}},
        {"a restored district", 3, 2, {5, 8}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int result = JL_PROOF_IDENTICAL; result <= JL_PROOF_DIFFERENT; result++) {
            desk_init(&desk);
            desk_go_active(&desk);
            assert_wants(&desk, JL_ACTION_PROOF);
            desk.facts.head = rows[i].head;
            desk.facts.confirmed = rows[i].confirmed;
            memcpy(desk.facts.cursor, rows[i].cursor, sizeof rows[i].cursor);
            desk_hear_proved(&desk, (enum jl_proof_result)result);
            if (desk.session.proven || desk.actions.count != 0) {
                fail_msg("%s came in between, result %d", rows[i].what, result);
            }
            desk_tick(&desk);
            assert_int_equal(desk_wants(&desk, JL_ACTION_PROOF) != NULL,
                             rows[i].head == rows[i].confirmed);
        }
    }
}

static void test_a_change_after_a_proof_needs_a_new_one(void **state) {
    (void)state;
    desk_go_proven(&desk);
    desk_hear_poke(&desk, 5, 9);
    desk_tick(&desk);
    assert_wants(&desk, JL_ACTION_PULL);
    desk.head[1] = 9;
    desk_hear_page(&desk, 1, 8, 9);
    desk_tick(&desk);
    assert_wants(&desk, JL_ACTION_PROOF);
    assert_false(desk.session.proven);
}

static void test_moved_leads_to_a_pull_and_another_proof(void **state) {
    (void)state;
    desk_go_active(&desk);
    desk.head[1] = 10;
    desk_hear_proved(&desk, JL_PROOF_MOVED);
    desk_tick(&desk);
    assert_wants(&desk, JL_ACTION_PULL);
    desk_hear_page(&desk, 1, 8, 10);
    desk_tick(&desk);
    assert_wants(&desk, JL_ACTION_PROOF);
}

static void test_moved_to_nowhere_is_sorted_out_by_a_hello_not_by_asking_for_ever(void **state) {
    (void)state;
    desk_go_active(&desk);
    desk_hear_proved(&desk, JL_PROOF_MOVED); /* to where we are */
    assert_wants(&desk, JL_ACTION_HELLO);
    desk_hear(&desk, desk_welcome_message(&desk));
    desk_chain(&desk, true);
    assert_wants(&desk, JL_ACTION_PROOF);
    desk_hear_proved(&desk, JL_PROOF_MOVED);
    assert_phase(&desk, JL_SESSION_OFFLINE);
}

/* The reader of the district may lag behind its writer: heads lower than our cursor are no reason
 * to prove again and again. */
static void test_identical_settles_heads_that_were_heard_too_low(void **state) {
    (void)state;
    desk_go_active(&desk);
    desk.session.heads[1] = 7;
    desk_hear_proved(&desk, JL_PROOF_IDENTICAL);
    desk_tick(&desk);
    assert_quiet(&desk);
    assert_false(jl_session_busy(&desk.session, &desk.facts));
}

static void test_a_poke_that_came_before_the_answer_is_not_forgotten(void **state) {
    (void)state;
    desk_go_active(&desk);
    desk_hear_poke(&desk, 5, 9);
    desk_hear_proved(&desk, JL_PROOF_IDENTICAL);
    assert_wants(&desk, JL_ACTION_PROVEN);
    assert_true(jl_session_busy(&desk.session, &desk.facts));
    desk_tick(&desk);
    assert_wants(&desk, JL_ACTION_PULL);
}

static void test_an_answer_to_no_proof_is_ignored(void **state) {
    (void)state;
    desk_go_proven(&desk);
    desk_hear_proved(&desk, JL_PROOF_DIFFERENT);
    assert_quiet(&desk);
    assert_true(desk.session.proven);
}

static void test_a_lost_link_keeps_what_was_proven(void **state) {
    (void)state;
    desk_go_proven(&desk);
    desk_not_sent(&desk);
    assert_true(desk.session.proven);
    assert_false(jl_session_busy(&desk.session, &desk.facts));
    desk.facts.confirmed = 2; /* an op counts as unsent again */
    assert_true(jl_session_busy(&desk.session, &desk.facts));
    desk.facts.confirmed = 3;
    desk.facts.head = 4;
    assert_true(jl_session_busy(&desk.session, &desk.facts));
}

/* ---- Repair ---- */

/* From an unequal proof to the rows of a feed; the answers are `buckets` and `ids`. */
static void walk_to_rows(uint32_t feed) {
    desk_hear_proved(&desk, JL_PROOF_DIFFERENT);
    assert_int_equal(desk_wants(&desk, JL_ACTION_ASK_BUCKETS)->feed, 0);
    if (feed == 1) {
        hear_list(JL_MESSAGE_BUCKETS, 0);
        assert_int_equal(desk_wants(&desk, JL_ACTION_COMPARE_BUCKETS)->feed, 0);
        desk_differs(&desk, 0);
        assert_int_equal(desk_wants(&desk, JL_ACTION_ASK_BUCKETS)->feed, 1);
    }
    hear_list(JL_MESSAGE_BUCKETS, feed);
    assert_int_equal(desk_wants(&desk, JL_ACTION_COMPARE_BUCKETS)->feed, feed);
    desk_differs(&desk, 2);
    assert_int_equal(desk_wants(&desk, JL_ACTION_ASK_IDS)->feed, feed);
    hear_list(JL_MESSAGE_IDS, feed);
    assert_int_equal(desk_wants(&desk, JL_ACTION_COMPARE_IDS)->feed, feed);
    desk_differs(&desk, 5);
    assert_int_equal(desk_wants(&desk, JL_ACTION_ASK_ROWS)->feed, feed);
}

static void test_a_repair_goes_from_buckets_to_ids_to_rows_to_a_new_proof(void **state) {
    (void)state;
    for (uint32_t feed = 0; feed < 2; feed++) {
        desk_init(&desk);
        desk_go_active(&desk);
        walk_to_rows(feed);
        hear_repair(feed);
        assert_wants(&desk, JL_ACTION_TAKE_PAGE);
        desk_tick(&desk);
        assert_wants(&desk, JL_ACTION_PROOF);
        desk_hear_proved(&desk, JL_PROOF_IDENTICAL);
        assert_wants(&desk, JL_ACTION_PROVEN);
        assert_int_equal(desk.session.repair_rounds, 0);
    }
}

static void hear_parts(uint32_t feed) {
    struct jl_message message = {.kind = JL_MESSAGE_BUCKETS};
    message.as.buckets.feed = feed;
    message.as.buckets.part_count = 1;
    desk_hear(&desk, message);
    assert_int_equal(desk_wants(&desk, JL_ACTION_COMPARE_BUCKETS)->feed, feed);
}

static void compared(struct jl_compared compared) {
    desk_step(&desk, (struct jl_event){.kind = JL_EVENT_DIFFERENT, .compared = compared});
}

static void test_a_repair_by_parts_goes_deeper_and_then_to_the_rows(void **state) {
    (void)state;
    for (uint32_t feed = 0; feed < 2; feed++) {
        desk_init(&desk);
        desk_go_active(&desk);
        desk_hear_proved(&desk, JL_PROOF_DIFFERENT);
        assert_int_equal(desk_wants(&desk, JL_ACTION_ASK_BUCKETS)->feed, 0);
        if (feed == 1) {
            hear_parts(0);
            compared((struct jl_compared){0});
            assert_int_equal(desk_wants(&desk, JL_ACTION_ASK_BUCKETS)->feed, 1);
        }
        for (int depth = 0; depth < 5; depth++) {
            hear_parts(feed);
            compared((struct jl_compared){.parts = 3, .different = (size_t)depth});
            assert_int_equal(desk_wants(&desk, JL_ACTION_ASK_PARTS)->feed, feed);
        }
        hear_parts(feed);
        compared((struct jl_compared){.different = 5});
        assert_int_equal(desk_wants(&desk, JL_ACTION_ASK_ROWS)->feed, feed);
        hear_repair(feed);
        assert_wants(&desk, JL_ACTION_TAKE_PAGE);
        desk_tick(&desk);
        assert_wants(&desk, JL_ACTION_PROOF);
    }
}

/* One round: the whole feed 0, and rows of it. */
static void repair_round(bool more) {
    desk_hear_proved(&desk, JL_PROOF_DIFFERENT);
    assert_wants(&desk, JL_ACTION_ASK_BUCKETS);
    hear_parts(0);
    compared((struct jl_compared){.different = 5, .more = more});
    assert_wants(&desk, JL_ACTION_ASK_ROWS);
    hear_repair(0);
    desk_tick(&desk);
    assert_wants(&desk, JL_ACTION_PROOF);
}

static void test_rounds_that_have_more_to_do_are_not_those_that_did_not_help(void **state) {
    (void)state;
    desk_go_active(&desk);
    for (int round = 0; round < JL_SESSION_FULL_REPAIRS_MAX; round++) {
        repair_round(true);
    }
    for (int round = 0; round < JL_SESSION_REPAIRS_MAX; round++) {
        repair_round(false);
    }
    desk_hear_proved(&desk, JL_PROOF_DIFFERENT);
    assert_true(desk.session.repair_failed);
}

static void test_too_much_is_read_anew_and_the_second_time_told(void **state) {
    (void)state;
    desk_go_active(&desk);
    desk_hear_proved(&desk, JL_PROOF_DIFFERENT);
    hear_parts(0);
    compared((struct jl_compared){.different = 5, .reread = JL_REREAD_DUE});
    assert_int_equal(desk_wants(&desk, JL_ACTION_REREAD)->wall_ms, 77);
    desk.facts.cursor[0] = desk.facts.cursor[1] = 0;
    desk_tick(&desk);
    assert_int_equal(desk_wants(&desk, JL_ACTION_PULL)->feed, 0);
    assert_false(desk.session.repair_failed);
    desk_init(&desk);
    desk_go_active(&desk);
    desk_hear_proved(&desk, JL_PROOF_DIFFERENT);
    hear_parts(0);
    compared((struct jl_compared){.different = 5, .reread = JL_REREAD_SPENT});
    assert_wants(&desk, JL_ACTION_TELL);
    assert_true(desk.session.repair_failed);
    desk_tick(&desk);
    assert_quiet(&desk);
}

static void test_a_repair_that_only_sets_records_aside_goes_on_to_the_next_feed(void **state) {
    (void)state;
    desk_go_active(&desk);
    desk_hear_proved(&desk, JL_PROOF_DIFFERENT);
    hear_list(JL_MESSAGE_BUCKETS, 0);
    desk_differs(&desk, 1);
    hear_list(JL_MESSAGE_IDS, 0);
    desk_differs(&desk, 0);
    assert_int_equal(desk_wants(&desk, JL_ACTION_ASK_BUCKETS)->feed, 1);
}

static void test_a_comparison_without_difference_ends_in_a_new_proof(void **state) {
    (void)state;
    desk_go_active(&desk);
    desk_hear_proved(&desk, JL_PROOF_DIFFERENT);
    hear_list(JL_MESSAGE_BUCKETS, 0);
    desk_differs(&desk, 0);
    hear_list(JL_MESSAGE_BUCKETS, 1);
    desk_differs(&desk, 0);
    desk_tick(&desk);
    assert_wants(&desk, JL_ACTION_PROOF);
}

static void test_repair_rounds_are_bounded_and_then_people_are_told(void **state) {
    (void)state;
    desk_go_active(&desk);
    for (int round = 0; round < JL_SESSION_REPAIRS_MAX; round++) {
        walk_to_rows(0);
        hear_repair(0);
        desk_tick(&desk);
        assert_wants(&desk, JL_ACTION_PROOF);
    }
    desk_hear_proved(&desk, JL_PROOF_DIFFERENT);
    assert_wants(&desk, JL_ACTION_TELL);
    assert_true(desk.session.repair_failed);
    desk_tick(&desk);
    assert_quiet(&desk);
    assert_int_equal(desk.session.wake_ms, desk.session.greet_ms);
    /* The next greeting gives it another try: more rows than three rounds carry do get here. */
    desk_tick_at(&desk, desk.session.wake_ms);
    desk_hear(&desk, desk_welcome_message(&desk));
    desk_chain(&desk, true);
    assert_wants(&desk, JL_ACTION_PROOF);
    walk_to_rows(0);
}

static void test_new_data_gives_a_failed_repair_one_more_proof(void **state) {
    (void)state;
    desk_go_proven(&desk);
    desk.session.proven = false;
    desk.session.repair_failed = true;
    desk_tick(&desk);
    assert_quiet(&desk);
    desk_hear_poke(&desk, 5, 8); /* nothing new */
    assert_true(desk.session.repair_failed);
    desk_hear_poke(&desk, 5, 9);
    desk_tick(&desk);
    desk.head[1] = 9;
    desk_hear_page(&desk, 1, 8, 9);
    desk_tick(&desk);
    assert_wants(&desk, JL_ACTION_PROOF);
}

/* A row that was read before a verdict would undo it; a record that only we have is perhaps not at
 * the district yet. */
static void test_a_repair_is_given_up_at_every_step_when_the_store_moves(void **state) {
    (void)state;
    for (int step = 0; step < 3; step++) {
        desk_init(&desk);
        desk_go_active(&desk);
        desk_hear_proved(&desk, JL_PROOF_DIFFERENT);
        if (step > 0) {
            hear_list(JL_MESSAGE_BUCKETS, 0);
            desk_differs(&desk, 1);
        }
        if (step > 1) {
            hear_list(JL_MESSAGE_IDS, 0);
            desk_differs(&desk, 1);
        }
        desk.facts.head = 4;
        desk_tick(&desk);
        desk_send_batch(&desk);
        desk_hear_verdicts(&desk, 4, 4);
        if (step == 0) {
            hear_list(JL_MESSAGE_BUCKETS, 0);
        } else if (step == 1) {
            hear_list(JL_MESSAGE_IDS, 0);
        } else {
            hear_repair(0);
        }
        assert_quiet(&desk);
        desk_tick(&desk);
        assert_wants(&desk, JL_ACTION_PROOF);
    }
}

static void test_answers_that_a_repair_did_not_ask_for_are_ignored(void **state) {
    (void)state;
    desk_go_active(&desk);
    hear_list(JL_MESSAGE_BUCKETS, 0);
    assert_quiet(&desk);
    desk_hear_proved(&desk, JL_PROOF_DIFFERENT);
    hear_list(JL_MESSAGE_BUCKETS, 1);
    assert_quiet(&desk);
    hear_list(JL_MESSAGE_IDS, 0);
    assert_quiet(&desk);
    hear_repair(0);
    assert_quiet(&desk);
    desk_init(&desk);
    desk_go_proven(&desk);
    desk_differs(&desk, 3);
    assert_quiet(&desk);
}

static void test_a_repair_step_without_an_answer_is_given_up(void **state) {
    (void)state;
    desk_go_active(&desk);
    walk_to_rows(1);
    desk_tick(&desk);
    assert_true(desk.session.wake_ms <= desk.now_ms + JL_SESSION_ANSWER_MS);
    desk_tick_at(&desk, desk.session.wake_ms);
    assert_phase(&desk, JL_SESSION_OFFLINE);
    desk.now_ms = desk.session.wake_ms;
    desk_go_active(&desk);
    assert_wants(&desk, JL_ACTION_PROOF);
}

/* The end of a repair must not take the deadline away from a batch that is still in flight. */
static void test_a_batch_sent_during_a_repair_keeps_its_deadline(void **state) {
    (void)state;
    desk_go_active(&desk);
    desk_hear_proved(&desk, JL_PROOF_DIFFERENT);
    hear_list(JL_MESSAGE_BUCKETS, 0);
    desk_differs(&desk, 0);
    hear_list(JL_MESSAGE_BUCKETS, 1);
    desk.facts.head = 4;
    desk_tick(&desk);
    desk_send_batch(&desk);
    desk_differs(&desk, 0);
    desk_tick(&desk);
    assert_true(desk.session.deadline_ms > desk.now_ms);
    desk_tick_at(&desk, desk.session.wake_ms);
    assert_phase(&desk, JL_SESSION_OFFLINE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, set_up)
        TEST(test_a_proof_is_asked_for_when_nothing_is_unsent_and_nothing_unread),
        TEST(test_what_changed_without_an_op_makes_a_proof_on_its_way_late),
        TEST(test_identical_proves_the_store_with_the_district_s_time),
        TEST(test_a_proof_covers_the_store_only_as_it_was_when_asked),
        TEST(test_a_change_after_a_proof_needs_a_new_one),
        TEST(test_moved_leads_to_a_pull_and_another_proof),
        TEST(test_moved_to_nowhere_is_sorted_out_by_a_hello_not_by_asking_for_ever),
        TEST(test_identical_settles_heads_that_were_heard_too_low),
        TEST(test_a_poke_that_came_before_the_answer_is_not_forgotten),
        TEST(test_an_answer_to_no_proof_is_ignored),
        TEST(test_a_lost_link_keeps_what_was_proven),
        TEST(test_a_repair_goes_from_buckets_to_ids_to_rows_to_a_new_proof),
        TEST(test_a_repair_by_parts_goes_deeper_and_then_to_the_rows),
        TEST(test_rounds_that_have_more_to_do_are_not_those_that_did_not_help),
        TEST(test_too_much_is_read_anew_and_the_second_time_told),
        TEST(test_a_repair_that_only_sets_records_aside_goes_on_to_the_next_feed),
        TEST(test_a_comparison_without_difference_ends_in_a_new_proof),
        TEST(test_repair_rounds_are_bounded_and_then_people_are_told),
        TEST(test_new_data_gives_a_failed_repair_one_more_proof),
        TEST(test_a_repair_is_given_up_at_every_step_when_the_store_moves),
        TEST(test_answers_that_a_repair_did_not_ask_for_are_ignored),
        TEST(test_a_repair_step_without_an_answer_is_given_up),
        TEST(test_a_batch_sent_during_a_repair_keeps_its_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
