/* The session's greeting and sending, event by event: each test walks into one state and looks at
 * what the next events make of it. Reading: test_session_read.c; proof and repair:
 * test_session_proof.c; refusals and suspension: test_session_refuse.c; all of it at random:
 * test_session_model.c. */
#include "session_desk.h"

static struct desk desk;

static int set_up(void **state) {
    (void)state;
    desk_init(&desk);
    return 0;
}

/* ---- Greeting ---- */

static void test_a_new_session_says_hello_at_once(void **state) {
    (void)state;
    desk_tick(&desk);
    assert_wants(&desk, JL_ACTION_HELLO);
    assert_phase(&desk, JL_SESSION_GREETING);
    assert_int_equal(desk.session.wake_ms, desk.now_ms + JL_SESSION_ANSWER_MS);
}

static void test_nothing_is_sent_while_the_welcome_is_awaited(void **state) {
    (void)state;
    desk.facts.head = 9;
    desk_greet(&desk);
    desk_tick_at(&desk, desk.now_ms + 100);
    assert_quiet(&desk);
}

static void test_an_unanswered_hello_is_said_again_after_a_back_off(void **state) {
    (void)state;
    desk_greet(&desk);
    desk_tick_at(&desk, desk.session.wake_ms);
    assert_phase(&desk, JL_SESSION_OFFLINE);
    assert_wants(&desk, JL_ACTION_TELL);
    assert_in_range(desk.session.wake_ms - desk.now_ms, 0, JL_SESSION_BACKOFF_MIN_MS);
    desk_tick_at(&desk, desk.session.wake_ms);
    assert_wants(&desk, JL_ACTION_HELLO);
}

static void test_the_back_off_grows_to_a_minute(void **state) {
    (void)state;
    int64_t longest_ms = 0;
    for (int i = 0; i < 60; i++) {
        desk_tick_at(&desk,
                     desk.session.wake_ms > desk.now_ms ? desk.session.wake_ms : desk.now_ms);
        assert_wants(&desk, JL_ACTION_HELLO);
        desk_not_sent(&desk);
        int64_t wait_ms = desk.session.wake_ms - desk.now_ms;
        assert_in_range(wait_ms, 0, JL_SESSION_BACKOFF_MAX_MS);
        longest_ms = wait_ms > longest_ms ? wait_ms : longest_ms;
    }
    assert_true(longest_ms > JL_SESSION_BACKOFF_MAX_MS / 2);
}

static void test_the_back_off_starts_over_when_all_is_well(void **state) {
    (void)state;
    for (int i = 0; i < 10; i++) {
        desk_tick_at(&desk,
                     desk.session.wake_ms > desk.now_ms ? desk.session.wake_ms : desk.now_ms);
        desk_not_sent(&desk);
    }
    desk.now_ms = desk.session.wake_ms;
    desk_go_proven(&desk);
    desk_not_sent(&desk);
    assert_in_range(desk.session.wake_ms - desk.now_ms, 0, JL_SESSION_BACKOFF_MIN_MS);
}

static void test_a_greeting_that_leaves_nothing_to_do_starts_the_back_off_over(void **state) {
    (void)state;
    desk_go_proven(&desk);
    for (int i = 0; i < 10; i++) {
        desk_not_sent(&desk);
        desk_tick_at(&desk, desk.session.wake_ms);
    }
    desk_hear(&desk, desk_welcome_message(&desk));
    desk_chain(&desk, true);
    assert_quiet(&desk);
    desk_not_sent(&desk);
    assert_in_range(desk.session.wake_ms - desk.now_ms, 0, JL_SESSION_BACKOFF_MIN_MS);
}

static void test_nothing_is_sent_before_the_chain_is_checked(void **state) {
    (void)state;
    desk.facts.head = 9;
    desk.head[0] = 20;
    desk_greet(&desk);
    desk_hear(&desk, desk_welcome_message(&desk));
    assert_wants(&desk, JL_ACTION_CHECK_CHAIN);
    desk_tick(&desk);
    assert_quiet(&desk);
    desk_chain(&desk, true);
    assert_wants(&desk, JL_ACTION_PUSH);
    assert_wants(&desk, JL_ACTION_PULL);
}

static void test_a_chain_check_that_never_ends_is_given_up(void **state) {
    (void)state;
    desk_greet(&desk);
    desk_hear(&desk, desk_welcome_message(&desk));
    desk_tick_at(&desk, desk.session.wake_ms);
    assert_phase(&desk, JL_SESSION_OFFLINE);
    desk_chain(&desk, true); /* too late */
    assert_quiet(&desk);
}

static void test_a_welcome_that_comes_late_or_twice_is_ignored(void **state) {
    (void)state;
    struct jl_message welcome = desk_welcome_message(&desk);
    desk_hear(&desk, welcome); /* offline */
    assert_quiet(&desk);
    desk_go_proven(&desk);
    welcome.as.welcome.again = true;
    desk_hear(&desk, welcome);
    assert_quiet(&desk);
    assert_true(desk.session.proven);
}

static void test_at_rest_the_session_greets_every_five_minutes(void **state) {
    (void)state;
    desk_go_proven(&desk);
    assert_int_equal(desk.session.wake_ms, DESK_NOW_MS + JL_SESSION_GREET_MS);
    desk_tick_at(&desk, desk.session.wake_ms);
    assert_wants(&desk, JL_ACTION_HELLO);
    desk_hear(&desk, desk_welcome_message(&desk));
    desk_chain(&desk, true);
    assert_wants_not(&desk, JL_ACTION_PROOF); /* nothing moved: the proof still holds */
    assert_false(jl_session_busy(&desk.session, &desk.facts));
}

static void test_a_greeting_waits_for_what_is_in_flight(void **state) {
    (void)state;
    desk_go_active(&desk);
    assert_wants(&desk, JL_ACTION_PROOF);
    desk.session.greet_ms = desk.now_ms;
    desk_tick(&desk);
    assert_quiet(&desk);
    assert_true(desk.session.wake_ms > desk.now_ms);
    desk_hear_proved(&desk, JL_PROOF_IDENTICAL);
    desk_tick(&desk);
    assert_wants(&desk, JL_ACTION_HELLO);
}

/* ---- Epoch and incarnation ---- */

static void test_a_fresh_device_takes_the_epoch_and_greets_with_it(void **state) {
    (void)state;
    desk.facts = (struct jl_session_facts){0};
    desk_greet(&desk);
    desk_hear(&desk, desk_welcome_message(&desk));
    desk_chain(&desk, true);
    const struct jl_action *action = desk_wants(&desk, JL_ACTION_TAKE_EPOCH);
    assert_non_null(action);
    assert_int_equal(action->first_seq, 0);
    assert_wants(&desk, JL_ACTION_HELLO);
    desk.facts.has_epoch = true;
    memcpy(desk.facts.epoch, desk_epoch, sizeof desk_epoch);
    desk_hear(&desk, desk_welcome_message(&desk));
    desk_chain(&desk, true);
    assert_wants(&desk, JL_ACTION_PULL);
}

static void test_the_epoch_is_taken_when_the_district_went_back(void **state) {
    (void)state;
    static const struct {
        const char *what;
        uint8_t epoch;
        uint64_t last_seq, head[2];
    } rows[] = {
        {"another epoch", 8, 3, {5, 8}},
        {"fewer ops than are confirmed", 7, 2, {5, 8}},
        {"a shared feed shorter than what was read", 7, 3, {4, 8}},
        {"an office feed shorter than what was read", 7, 3, {5, 7}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        desk_init(&desk);
        desk_go_proven(&desk);
        desk_tick_at(&desk, desk.session.wake_ms);
        struct jl_message message = desk_welcome_message(&desk);
        message.as.welcome.epoch[0] = rows[i].epoch;
        message.as.welcome.last_seq = rows[i].last_seq;
        memcpy(message.as.welcome.head, rows[i].head, sizeof rows[i].head);
        desk_hear(&desk, message);
        desk_chain(&desk, true);
        const struct jl_action *action = desk_wants(&desk, JL_ACTION_TAKE_EPOCH);
        if (action == NULL || action->first_seq != rows[i].last_seq || desk.session.proven) {
            fail_msg("%s", rows[i].what);
        }
    }
}

static void test_a_new_incarnation_is_taken_by_copies_and_restored_devices(void **state) {
    (void)state;
    static const struct {
        const char *what;
        uint64_t last_seq;
        bool again, chain_same;
    } rows[] = {
        {"this incarnation is retired", 3, true, true},
        {"the district holds ops that we never made", 4, false, true},
        {"the same number of ops, but others", 3, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        desk_init(&desk);
        desk_go_proven(&desk);
        desk_tick_at(&desk, desk.session.wake_ms);
        struct jl_message message = desk_welcome_message(&desk);
        message.as.welcome.last_seq = rows[i].last_seq;
        message.as.welcome.again = rows[i].again;
        desk_hear(&desk, message);
        if (desk_wants(&desk, JL_ACTION_CHECK_CHAIN) != NULL) {
            desk_chain(&desk, rows[i].chain_same);
        }
        if (desk_wants(&desk, JL_ACTION_NEW_INCARNATION) == NULL ||
            desk_wants(&desk, JL_ACTION_HELLO) == NULL || desk.session.proven) {
            fail_msg("%s", rows[i].what);
        }
    }
}

/* Answers to an older Hello may still be on their way; each would make one more incarnation. */
static void
test_a_second_new_incarnation_in_a_row_waits_until_late_answers_are_through(void **state) {
    (void)state;
    struct jl_message message = desk_welcome_message(&desk);
    message.as.welcome.again = true;
    desk_greet(&desk);
    desk_hear(&desk, message);
    assert_wants(&desk, JL_ACTION_HELLO);
    int64_t least_ms = JL_SESSION_ANSWER_MS;
    for (int i = 0; i < 6; i++) {
        desk_hear(&desk, message);
        assert_wants(&desk, JL_ACTION_NEW_INCARNATION);
        assert_wants_not(&desk, JL_ACTION_HELLO);
        assert_phase(&desk, JL_SESSION_OFFLINE);
        assert_true(desk.session.wake_ms - desk.now_ms >= least_ms);
        assert_true(desk.session.wake_ms - desk.now_ms <= JL_SESSION_GREET_MS);
        least_ms = least_ms < 8 * JL_SESSION_ANSWER_MS ? least_ms * 2 : least_ms;
        desk_tick_at(&desk, desk.session.wake_ms);
        assert_wants(&desk, JL_ACTION_HELLO);
    }
}

static void
test_a_verdict_between_two_new_incarnations_makes_the_second_one_immediate(void **state) {
    (void)state;
    desk.facts.head = 9;
    desk_go_active(&desk);
    for (int i = 0; i < 2; i++) {
        desk_send_batch(&desk);
        desk_hear_refuse(&desk, JL_REFUSE_CHAIN, 0);
        assert_wants(&desk, JL_ACTION_HELLO);
        desk_hear(&desk, desk_welcome_message(&desk));
        desk_chain(&desk, true);
        uint64_t first = desk_send_batch(&desk);
        desk_hear_verdicts(&desk, first, first);
        desk_tick(&desk);
    }
}

/* ---- Sending ---- */

static void test_two_batches_are_in_flight_and_the_third_waits(void **state) {
    (void)state;
    desk.facts.head = 33;
    desk_go_active(&desk);
    assert_int_equal(desk_send_batch(&desk), 4);
    desk_tick(&desk);
    assert_int_equal(desk_send_batch(&desk), 14);
    desk_tick(&desk);
    assert_quiet(&desk);
    desk_hear_verdicts(&desk, 4, 13);
    assert_wants(&desk, JL_ACTION_TAKE_VERDICTS);
    desk_tick(&desk);
    assert_int_equal(desk_send_batch(&desk), 24);
}

static void test_a_local_op_is_sent_at_once(void **state) {
    (void)state;
    desk_go_proven(&desk);
    desk.facts.head = 4;
    assert_true(jl_session_busy(&desk.session, &desk.facts));
    desk_tick(&desk);
    assert_int_equal(desk_send_batch(&desk), 4);
    assert_wants_not(&desk, JL_ACTION_PROOF);
    desk_hear_verdicts(&desk, 4, 4);
    desk_tick(&desk);
    assert_wants(&desk, JL_ACTION_PROOF);
}

static void test_what_a_shorter_verdict_leaves_over_is_sent_again(void **state) {
    (void)state;
    desk.facts.head = 13; /* the district has 4..6 from before; their verdicts were lost */
    desk_go_active(&desk);
    assert_int_equal(desk_send_batch(&desk), 4);
    desk_hear_verdicts(&desk, 4, 6);
    desk_tick(&desk);
    assert_int_equal(desk_send_batch(&desk), 7);
}

static void test_resend_from_starts_over_where_the_district_stands(void **state) {
    (void)state;
    desk.facts.head = 33;
    desk_go_active(&desk);
    desk_send_batch(&desk); /* 4..13 is lost on the way */
    desk_tick(&desk);
    desk_send_batch(&desk);
    desk_hear_resend(&desk, 4);
    assert_wants_not(&desk, JL_ACTION_TAKE_VERDICTS);
    desk_tick(&desk);
    assert_int_equal(desk_send_batch(&desk), 4);
}

static void test_resend_from_an_unknown_place_is_sorted_out_by_a_hello(void **state) {
    (void)state;
    static const uint64_t places[] = {1, 3, 5, 40};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        desk_init(&desk);
        desk.facts.head = 9;
        desk_go_active(&desk);
        desk_send_batch(&desk);
        desk_hear_resend(&desk, places[i]);
        assert_wants(&desk, JL_ACTION_HELLO);
    }
}

static void test_verdicts_out_of_order_lose_nothing(void **state) {
    (void)state;
    desk.facts.head = 23;
    desk_go_active(&desk);
    desk_send_batch(&desk);
    desk_tick(&desk);
    desk_send_batch(&desk);
    desk_hear_verdicts(&desk, 14, 23); /* the store can't take these yet */
    assert_int_equal(desk.facts.confirmed, 3);
    desk_tick(&desk);
    assert_int_equal(desk_send_batch(&desk), 4);
    desk_hear_verdicts(&desk, 4, 13);
    desk_tick(&desk);
    assert_int_equal(desk_send_batch(&desk), 14);
}

static void test_verdicts_tell_how_far_the_feed_goes(void **state) {
    (void)state;
    desk.facts.head = 4;
    desk_go_active(&desk);
    desk_send_batch(&desk);
    struct jl_message message = {.kind = JL_MESSAGE_VERDICTS};
    message.as.verdicts = (struct jl_verdicts){.first_seq = 4, .last_seq = 4, .office_head = 12};
    desk_hear(&desk, message);
    desk.facts.confirmed = 4;
    desk_tick(&desk);
    assert_int_equal(desk_wants(&desk, JL_ACTION_PULL)->feed, 1);
}

static void test_late_and_doubled_verdicts_are_ignored(void **state) {
    (void)state;
    desk.facts.head = 13;
    desk_go_active(&desk);
    desk_send_batch(&desk);
    desk_hear_verdicts(&desk, 4, 13);
    desk_hear_verdicts(&desk, 4, 13);
    assert_quiet(&desk);
    desk_hear_verdicts(&desk, 1, 3);
    assert_quiet(&desk);
}

static void test_batches_grow_while_answers_are_quick_and_shrink_on_silence(void **state) {
    (void)state;
    desk.facts.head = 100000;
    desk_go_active(&desk);
    uint32_t bytes = desk_wants(&desk, JL_ACTION_PUSH)->max_bytes;
    assert_int_equal(bytes, JL_BATCH_START_BYTES);
    for (int i = 0; i < 8; i++) {
        uint64_t first = desk_send_batch(&desk);
        desk.now_ms += 50;
        desk_hear_verdicts(&desk, first, first + DESK_BATCH_OPS - 1);
        desk_tick(&desk);
        uint32_t wanted = bytes > JL_BATCH_MAX_BYTES / 2 ? JL_BATCH_MAX_BYTES : bytes * 2;
        bytes = desk_wants(&desk, JL_ACTION_PUSH)->max_bytes;
        assert_int_equal(bytes, wanted);
    }
    for (int i = 0; i < 7; i++) {
        desk_send_batch(&desk);
        desk_tick_at(&desk, desk.session.wake_ms);
        assert_phase(&desk, JL_SESSION_OFFLINE);
        desk.now_ms = desk.session.wake_ms;
        desk_go_active(&desk);
        uint32_t wanted = bytes / JL_SESSION_SHRINK;
        wanted = wanted < JL_PAGE_MIN_BYTES ? JL_PAGE_MIN_BYTES : wanted;
        bytes = desk_wants(&desk, JL_ACTION_PUSH)->max_bytes;
        assert_int_equal(bytes, wanted);
    }
    assert_int_equal(bytes, JL_PAGE_MIN_BYTES);
}

static void test_sizes_stay_when_answers_are_slow(void **state) {
    (void)state;
    desk.facts.head = 13;
    desk.head[1] = 100;
    desk_go_active(&desk);
    desk_send_batch(&desk);
    desk.facts.head = 23;
    desk_tick_at(&desk, desk.now_ms + JL_SESSION_ANSWER_MS / 2);
    desk_send_batch(&desk); /* the answer is not to this one */
    desk_hear_verdicts(&desk, 4, 13);
    desk_hear_page(&desk, 1, 8, 20);
    assert_int_equal(desk.session.batch_bytes, JL_BATCH_START_BYTES);
    assert_int_equal(desk.session.page_bytes, JL_PAGE_START_BYTES);
}

/* ---- Lost on the way ---- */

static void test_silence_ends_in_a_hello(void **state) {
    (void)state;
    desk.facts.head = 9;
    desk.head[0] = 20;
    desk_go_active(&desk);
    desk_send_batch(&desk);
    assert_int_equal(desk.session.wake_ms, desk.now_ms + JL_SESSION_ANSWER_MS);
    desk_tick_at(&desk, desk.session.wake_ms);
    assert_phase(&desk, JL_SESSION_OFFLINE);
    assert_int_equal(desk.session.page_bytes, JL_PAGE_START_BYTES / JL_SESSION_SHRINK);
    desk.now_ms = desk.session.wake_ms;
    desk_go_active(&desk);
    assert_wants(&desk, JL_ACTION_PUSH);
    assert_wants(&desk, JL_ACTION_PULL);
}

/* The peer may have forgotten the connection (a restart, a firewall's table): then only a new one
 * helps. While it answers anything, the connection is good. */
static void test_a_silent_connection_is_made_anew_and_a_talking_one_is_kept(void **state) {
    (void)state;
    desk_greet(&desk);
    desk_tick_at(&desk, desk.session.wake_ms);
    assert_wants(&desk, JL_ACTION_RECONNECT);
    desk_init(&desk);
    desk.facts.head = 4;
    desk.head[1] = 20;
    desk_go_active(&desk);
    desk_tick_at(&desk, desk.now_ms + JL_SESSION_ANSWER_MS - 1);
    assert_wants_not(&desk, JL_ACTION_RECONNECT);
    desk_tick_at(&desk, desk.now_ms + 1);
    assert_wants(&desk, JL_ACTION_RECONNECT);
    assert_int_equal(desk.actions.items[0].kind, JL_ACTION_RECONNECT); /* before anything is sent */
}

static void test_new_requests_do_not_put_off_the_deadline_of_old_ones(void **state) {
    (void)state;
    desk.head[0] = 20;
    desk_go_active(&desk);
    int64_t deadline_ms = desk.session.deadline_ms;
    desk.facts.head = 4;
    desk_tick_at(&desk, desk.now_ms + JL_SESSION_ANSWER_MS - 1);
    assert_wants(&desk, JL_ACTION_PUSH);
    assert_int_equal(desk.session.deadline_ms, deadline_ms);
}

/* Staff work all day, every op is answered; the page that was lost must still be missed. */
static void test_a_lost_page_is_missed_although_others_are_answered(void **state) {
    (void)state;
    desk.head[0] = 20;
    desk_go_active(&desk);
    assert_wants(&desk, JL_ACTION_PULL);
    bool missed = false;
    for (int i = 0; i < 100 && !missed; i++) {
        desk.facts.head++;
        desk_tick_at(&desk, desk.now_ms + 5000);
        missed = desk.session.phase == JL_SESSION_OFFLINE;
        assert_wants_not(&desk, JL_ACTION_RECONNECT);
        if (!missed) {
            uint64_t first = desk_send_batch(&desk);
            desk_hear_verdicts(&desk, first, first);
        }
    }
    assert_true(missed);
    assert_true(desk.now_ms <= DESK_NOW_MS + JL_SESSION_LOST_MS + 5000);
}

/* A row read with the op still laid over it would hide what the verdict says. */
static void test_the_office_feed_and_batches_take_turns(void **state) {
    (void)state;
    desk.facts.head = 4;
    desk.head[1] = 20;
    desk_go_active(&desk);
    assert_wants_not(&desk, JL_ACTION_PULL);
    uint64_t first = desk_send_batch(&desk);
    desk_hear_verdicts(&desk, first, first);
    desk_tick(&desk);
    assert_wants(&desk, JL_ACTION_PULL);
    desk.facts.head = 5;
    desk_tick(&desk);
    assert_wants_not(&desk, JL_ACTION_PUSH);
    desk_hear_page(&desk, 1, 8, 20);
    desk_tick(&desk);
    assert_wants(&desk, JL_ACTION_PUSH);
}

static void test_a_batch_that_the_transport_did_not_take_is_sent_after_a_hello(void **state) {
    (void)state;
    desk.facts.head = 9;
    desk_go_active(&desk);
    assert_wants(&desk, JL_ACTION_PUSH);
    desk_not_sent(&desk);
    assert_phase(&desk, JL_SESSION_OFFLINE);
    desk.now_ms = desk.session.wake_ms;
    desk_go_active(&desk);
    assert_int_equal(desk_send_batch(&desk), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, set_up)
        TEST(test_a_new_session_says_hello_at_once),
        TEST(test_nothing_is_sent_while_the_welcome_is_awaited),
        TEST(test_an_unanswered_hello_is_said_again_after_a_back_off),
        TEST(test_the_back_off_grows_to_a_minute),
        TEST(test_the_back_off_starts_over_when_all_is_well),
        TEST(test_a_greeting_that_leaves_nothing_to_do_starts_the_back_off_over),
        TEST(test_nothing_is_sent_before_the_chain_is_checked),
        TEST(test_a_chain_check_that_never_ends_is_given_up),
        TEST(test_a_welcome_that_comes_late_or_twice_is_ignored),
        TEST(test_at_rest_the_session_greets_every_five_minutes),
        TEST(test_a_greeting_waits_for_what_is_in_flight),
        TEST(test_a_fresh_device_takes_the_epoch_and_greets_with_it),
        TEST(test_the_epoch_is_taken_when_the_district_went_back),
        TEST(test_a_new_incarnation_is_taken_by_copies_and_restored_devices),
        TEST(test_a_second_new_incarnation_in_a_row_waits_until_late_answers_are_through),
        TEST(test_a_verdict_between_two_new_incarnations_makes_the_second_one_immediate),
        TEST(test_two_batches_are_in_flight_and_the_third_waits),
        TEST(test_a_local_op_is_sent_at_once),
        TEST(test_what_a_shorter_verdict_leaves_over_is_sent_again),
        TEST(test_resend_from_starts_over_where_the_district_stands),
        TEST(test_resend_from_an_unknown_place_is_sorted_out_by_a_hello),
        TEST(test_verdicts_out_of_order_lose_nothing),
        TEST(test_verdicts_tell_how_far_the_feed_goes),
        TEST(test_late_and_doubled_verdicts_are_ignored),
        TEST(test_batches_grow_while_answers_are_quick_and_shrink_on_silence),
        TEST(test_sizes_stay_when_answers_are_slow),
        TEST(test_silence_ends_in_a_hello),
        TEST(test_a_silent_connection_is_made_anew_and_a_talking_one_is_kept),
        TEST(test_new_requests_do_not_put_off_the_deadline_of_old_ones),
        TEST(test_a_lost_page_is_missed_although_others_are_answered),
        TEST(test_the_office_feed_and_batches_take_turns),
        TEST(test_a_batch_that_the_transport_did_not_take_is_sent_after_a_hello),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
