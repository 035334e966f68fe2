/* What the session makes of every Refuse, and how a suspended device delivers what it has. */
#include "session_desk.h"

static struct desk desk;

static int set_up(void **state) {
    (void)state;
    desk_init(&desk);
    return 0;
}

/* ---- Refusals ---- */

static void test_refusals_that_end_it(void **state) {
    (void)state;
    static const enum jl_refuse_code codes[] = {JL_REFUSE_REVOKED, JL_REFUSE_VERSION,
                                                JL_REFUSE_INVITATION};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        desk_init(&desk);
        desk.facts.head = 9;
        desk_go_active(&desk);
        desk_hear_refuse(&desk, codes[i], 0);
        assert_phase(&desk, JL_SESSION_STOPPED);
        assert_wants(&desk, JL_ACTION_TELL);
        assert_int_equal(desk.session.refused, codes[i]);
        /* Nothing that comes late brings it back. */
        desk_hear_refuse(&desk, JL_REFUSE_BUSY, 100);
        desk_hear_refuse(&desk, JL_REFUSE_HELLO, 0);
        desk_hear(&desk, desk_welcome_message(&desk));
        desk_not_sent(&desk);
        desk_tick_at(&desk, desk.now_ms + JL_SESSION_GREET_MS);
        assert_quiet(&desk);
        assert_phase(&desk, JL_SESSION_STOPPED);
        assert_int_equal(desk.session.refused, codes[i]);
    }
}

static void test_a_version_refusal_names_the_version(void **state) {
    (void)state;
    desk_greet(&desk);
    struct jl_message message = {.kind = JL_MESSAGE_REFUSE,
                                 .as.refuse = {.code = JL_REFUSE_VERSION, .version = 4}};
    desk_hear(&desk, message);
    assert_phase(&desk, JL_SESSION_STOPPED);
    assert_int_equal(desk.session.version_needed, 4);
}

static void test_a_suite_refusal_names_the_suite(void **state) {
    (void)state;
    desk_greet(&desk);
    struct jl_message message = {
        .kind = JL_MESSAGE_REFUSE,
        .as.refuse = {.code = JL_REFUSE_VERSION, .version = 1, .suite = 2}};
    desk_hear(&desk, message);
    assert_phase(&desk, JL_SESSION_STOPPED);
    assert_wants(&desk, JL_ACTION_TELL);
    assert_int_equal(desk.session.suite_needed, 2);
}

/* Its hashes would all differ, and look like those of a copied device. */
static void test_a_welcome_of_another_suite_stops_before_anything_is_compared(void **state) {
    (void)state;
    desk.facts.suite = 1;
    desk_greet(&desk);
    struct jl_message message = desk_welcome_message(&desk);
    message.as.welcome.suite = 2;
    message.as.welcome.again = true;
    desk_hear(&desk, message);
    assert_phase(&desk, JL_SESSION_STOPPED);
    assert_wants(&desk, JL_ACTION_TELL);
    assert_int_equal(desk.session.refused, JL_REFUSE_VERSION);
    assert_int_equal(desk.session.suite_needed, 2);
    desk_init(&desk);
    desk.facts.suite = 2;
    desk_greet(&desk);
    message.as.welcome.again = false;
    desk_hear(&desk, message);
    assert_wants(&desk, JL_ACTION_TELL);
    assert_phase(&desk, JL_SESSION_ACTIVE);
    assert_int_equal(desk.session.suite_needed, 0);
}

static void test_refusals_that_pass_with_time(void **state) {
    (void)state;
    static const struct {
        enum jl_refuse_code code;
        uint64_t retry_ms;
        int64_t least_ms, most_ms;
    } rows[] = {
        {JL_REFUSE_BUSY, 0, JL_SESSION_BACKOFF_MIN_MS, JL_SESSION_BACKOFF_MIN_MS},
        {JL_REFUSE_BUSY, 5000, 5000, 5000},
        {JL_REFUSE_BUSY, INT64_MAX, JL_SESSION_RETRY_MAX_MS, JL_SESSION_RETRY_MAX_MS},
        {JL_REFUSE_MALFORMED, 0, JL_SESSION_FAULT_MS, JL_SESSION_FAULT_MS},
        {JL_REFUSE_SUSPENDED, 60000, 60000, 60000},
        {JL_REFUSE_SUSPENDED, 0, JL_SESSION_FAULT_MS, JL_SESSION_FAULT_MS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int greeting = 0; greeting < 2; greeting++) {
            desk_init(&desk);
            if (greeting == 1) {
                desk_greet(&desk);
            } else {
                desk_go_active(&desk);
            }
            desk_hear_refuse(&desk, rows[i].code, rows[i].retry_ms);
            assert_phase(&desk, JL_SESSION_OFFLINE);
            assert_wants(&desk, JL_ACTION_TELL);
            assert_in_range(desk.session.wake_ms - desk.now_ms, rows[i].least_ms, rows[i].most_ms);
            desk_tick_at(&desk, desk.session.wake_ms - 1);
            assert_quiet(&desk);
            desk_tick_at(&desk, desk.session.wake_ms);
            assert_wants(&desk, JL_ACTION_HELLO);
        }
    }
}

static void test_several_requests_refused_for_one_reason_count_once(void **state) {
    (void)state;
    desk_go_active(&desk);
    desk_hear_refuse(&desk, JL_REFUSE_BUSY, 1000);
    uint32_t failures = desk.session.failures;
    for (int i = 0; i < 5; i++) {
        desk_hear_refuse(&desk, JL_REFUSE_BUSY, 1000);
    }
    assert_int_equal(desk.session.failures, failures);
    assert_int_equal(desk.session.wake_ms, desk.now_ms + 1000);
    desk_hear_refuse(&desk, JL_REFUSE_BUSY, 3000); /* the longest wait asked for */
    assert_int_equal(desk.session.wake_ms, desk.now_ms + 3000);
}

static void test_say_hello_first_is_done_at_once_and_once(void **state) {
    (void)state;
    desk.facts.head = 30;
    desk.head[1] = 20;
    desk_go_active(&desk);
    desk_send_batch(&desk);
    desk_hear_refuse(&desk, JL_REFUSE_HELLO, 0);
    assert_wants(&desk, JL_ACTION_HELLO);
    desk_hear_refuse(&desk, JL_REFUSE_HELLO, 0); /* to the other request in flight */
    assert_quiet(&desk);
    desk_hear(&desk, desk_welcome_message(&desk));
    desk_chain(&desk, true);
    assert_int_equal(desk_send_batch(&desk), 4);
    desk_hear_refuse(&desk, JL_REFUSE_HELLO, 0); /* it does not help: slowly now */
    assert_phase(&desk, JL_SESSION_OFFLINE);
}

static void
test_an_unknown_chain_makes_one_new_incarnation_for_all_batches_in_flight(void **state) {
    (void)state;
    desk.facts.head = 30;
    desk_go_active(&desk);
    desk_send_batch(&desk);
    desk_tick(&desk);
    desk_send_batch(&desk);
    desk_hear_refuse(&desk, JL_REFUSE_CHAIN, 0);
    assert_wants(&desk, JL_ACTION_NEW_INCARNATION);
    assert_wants(&desk, JL_ACTION_HELLO);
    desk_hear_refuse(&desk, JL_REFUSE_CHAIN, 0);
    assert_quiet(&desk);
    desk.facts.head = 27; /* as the store numbers them now */
    desk.facts.confirmed = 0;
    desk_hear(&desk, desk_welcome_message(&desk));
    desk_chain(&desk, true);
    assert_int_equal(desk_send_batch(&desk), 1);
}

/* A device whose signing key the district does not know would otherwise make a chain a round trip,
 * for ever. Pages that are answered meanwhile are no sign that it works. */
static void test_a_chain_that_is_refused_again_and_again_is_offered_ever_more_slowly(void **state) {
    (void)state;
    int hellos = 0;
    desk.facts.head = 9;
    desk.head[1] = 1000;
    int64_t end_ms = desk.now_ms + 3600 * 1000;
    while (desk.now_ms < end_ms) {
        desk.facts.confirmed = 0;
        desk_go_active(&desk);
        hellos++;
        desk_hear_page(&desk, 1, desk.facts.cursor[1], desk.facts.cursor[1] + 1);
        desk_hear_refuse(&desk, JL_REFUSE_CHAIN, 0);
        if (desk_wants(&desk, JL_ACTION_HELLO) != NULL) {
            desk_hear(&desk, desk_welcome_message(&desk));
            desk_chain(&desk, true);
            desk_hear_refuse(&desk, JL_REFUSE_CHAIN, 0);
        }
        assert_phase(&desk, JL_SESSION_OFFLINE);
        desk.now_ms = desk.session.wake_ms;
    }
    assert_in_range(hellos, 10, 40);
}

/* ---- Suspended ---- */

static void test_a_suspended_device_only_pushes(void **state) {
    (void)state;
    desk.facts.head = 9;
    desk.head[1] = 20;
    desk_go_suspended(&desk);
    assert_wants(&desk, JL_ACTION_PUSH);
    assert_wants_not(&desk, JL_ACTION_PULL);
    desk_send_batch(&desk);
    desk_hear_resend(&desk, 10); /* in quarantine */
    desk_hear_poke(&desk, 6, 30);
    desk_tick(&desk);
    assert_quiet(&desk);
}

static void
test_a_suspended_device_without_unsent_ops_sleeps_until_the_next_greeting(void **state) {
    (void)state;
    desk_go_suspended(&desk);
    assert_int_equal(desk.actions.count, 0);
    assert_int_equal(desk.session.wake_ms, desk.session.greet_ms);
    desk_tick_at(&desk, desk.session.wake_ms);
    assert_wants(&desk, JL_ACTION_HELLO);
    desk_hear(&desk, desk_welcome_message(&desk)); /* let in again */
    desk_chain(&desk, true);
    assert_phase(&desk, JL_SESSION_ACTIVE);
    assert_wants(&desk, JL_ACTION_PROOF);
}

/* The district answers every batch "from the op behind it"; each op goes out once. */
static void test_a_suspended_device_delivers_each_batch_once(void **state) {
    (void)state;
    uint64_t fifo[4];
    size_t waiting = 0;
    uint64_t sent = 0;
    uint64_t held = 3;
    desk.facts.head = 203;
    desk_go_suspended(&desk);
    for (int i = 0; i < 100; i++) {
        while (desk_wants(&desk, JL_ACTION_PUSH) != NULL) {
            fifo[waiting++] = desk_send_batch(&desk);
            sent++;
            assert_true(waiting <= JL_SESSION_PUSHES);
            desk_tick(&desk);
        }
        if (waiting == 0) {
            break;
        }
        held = fifo[0] == held + 1 ? held + DESK_BATCH_OPS : held;
        memmove(fifo, fifo + 1, --waiting * sizeof *fifo);
        desk_hear_resend(&desk, held + 1);
        assert_wants_not(&desk, JL_ACTION_TAKE_VERDICTS);
        desk_tick(&desk);
    }
    assert_int_equal(held, 203);
    assert_int_equal(sent, 20);
    assert_int_equal(desk.facts.confirmed, 3);
}

static void test_a_suspended_device_skips_what_the_quarantine_holds_already(void **state) {
    (void)state;
    desk.facts.head = 53;
    desk_go_suspended(&desk);
    assert_int_equal(desk_send_batch(&desk), 4);
    desk_tick(&desk);
    assert_int_equal(desk_send_batch(&desk), 14);
    desk_hear_resend(&desk, 44); /* held since an earlier visit */
    desk_tick(&desk);
    assert_int_equal(desk_send_batch(&desk), 44);
    desk_hear_resend(&desk, 44); /* the answer to 14 … 23 */
    desk_tick(&desk);
    assert_quiet(&desk);
    desk_hear_resend(&desk, 54);
    desk_tick(&desk);
    assert_quiet(&desk);
    assert_int_equal(desk.session.wake_ms, desk.session.greet_ms);
}

static void test_a_device_that_is_suspended_in_mid_session_hears_it_by_a_hello(void **state) {
    (void)state;
    desk.facts.head = 23;
    desk_go_active(&desk);
    desk_send_batch(&desk);
    desk_hear_resend(&desk, 14); /* quarantined, though we did not know */
    assert_wants(&desk, JL_ACTION_HELLO);
}

static void test_real_verdicts_end_the_quarantine(void **state) {
    (void)state;
    desk.facts.head = 13;
    desk_go_suspended(&desk);
    desk_send_batch(&desk);
    desk_hear_verdicts(&desk, 4, 13); /* let in again before this batch came */
    assert_wants(&desk, JL_ACTION_TAKE_VERDICTS);
    assert_int_equal(desk.facts.confirmed, 13);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, set_up)
        TEST(test_refusals_that_end_it),
        TEST(test_a_version_refusal_names_the_version),
        TEST(test_a_suite_refusal_names_the_suite),
        TEST(test_a_welcome_of_another_suite_stops_before_anything_is_compared),
        TEST(test_refusals_that_pass_with_time),
        TEST(test_several_requests_refused_for_one_reason_count_once),
        TEST(test_say_hello_first_is_done_at_once_and_once),
        TEST(test_an_unknown_chain_makes_one_new_incarnation_for_all_batches_in_flight),
        TEST(test_a_chain_that_is_refused_again_and_again_is_offered_ever_more_slowly),
        TEST(test_a_suspended_device_only_pushes),
        TEST(test_a_suspended_device_without_unsent_ops_sleeps_until_the_next_greeting),
        TEST(test_a_suspended_device_delivers_each_batch_once),
        TEST(test_a_suspended_device_skips_what_the_quarantine_holds_already),
        TEST(test_a_device_that_is_suspended_in_mid_session_hears_it_by_a_hello),
        TEST(test_real_verdicts_end_the_quarantine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
