/* How the session reads its feeds: order, credit, pages that come late, and Pokes. */
#include "session_desk.h"

static struct desk desk;

static int set_up(void **state) {
    (void)state;
    desk_init(&desk);
    return 0;
}

static void test_the_shared_feed_is_read_before_the_office_feed(void **state) {
    (void)state;
    desk.head[0] = 7;
    desk.head[1] = 9;
    desk_go_active(&desk);
    assert_int_equal(desk_wants(&desk, JL_ACTION_PULL)->feed, 0);
    assert_int_equal(desk_wants(&desk, JL_ACTION_PULL)->pages, JL_CREDIT_MAX_PAGES);
    desk_tick(&desk);
    assert_quiet(&desk);
    desk_hear_page(&desk, 0, 5, 7);
    assert_wants(&desk, JL_ACTION_TAKE_PAGE);
    desk_tick(&desk);
    assert_int_equal(desk_wants(&desk, JL_ACTION_PULL)->feed, 1);
}

static void test_new_credit_is_given_when_the_old_one_is_used_up(void **state) {
    (void)state;
    desk.head[1] = 100;
    desk_go_active(&desk);
    for (uint64_t at = 8; at < 48; at += 10) {
        assert_true(desk.session.pulling[1]);
        desk_hear_page(&desk, 1, at, at + 10);
        assert_wants(&desk, JL_ACTION_TAKE_PAGE);
        desk_tick(&desk);
    }
    assert_wants(&desk, JL_ACTION_PULL);
}

static void test_the_last_page_ends_a_pull_before_its_credit_does(void **state) {
    (void)state;
    desk.head[1] = 30;
    desk_go_active(&desk);
    desk_hear_page(&desk, 1, 8, 30);
    desk_tick(&desk);
    assert_wants(&desk, JL_ACTION_PROOF);
}

static void test_pages_that_nobody_asked_for_are_ignored(void **state) {
    (void)state;
    desk_go_proven(&desk);
    desk_hear_page(&desk, 1, 8, 9);
    assert_quiet(&desk);
}

static void test_a_doubled_page_is_not_taken_twice(void **state) {
    (void)state;
    desk.head[1] = 100;
    desk_go_active(&desk);
    desk_hear_page(&desk, 1, 8, 20);
    assert_wants(&desk, JL_ACTION_TAKE_PAGE);
    desk_hear_page(&desk, 1, 8, 20);
    assert_wants_not(&desk, JL_ACTION_TAKE_PAGE);
    assert_int_equal(desk.facts.cursor[1], 20);
    desk_hear_page(&desk, 1, 20, 100);
    assert_wants(&desk, JL_ACTION_TAKE_PAGE);
}

/* Verdicts say "up to here it is your own change": the cursor jumps over what a page brings. */
static void test_a_page_that_verdicts_have_overtaken_is_asked_for_again(void **state) {
    (void)state;
    desk.head[1] = 11;
    desk_go_active(&desk);
    assert_wants(&desk, JL_ACTION_PULL);
    desk.facts.cursor[1] = 10;
    desk_hear_page(&desk, 1, 8, 11);
    assert_wants_not(&desk, JL_ACTION_TAKE_PAGE);
    desk_tick(&desk);
    assert_wants(&desk, JL_ACTION_PULL);
}

static void test_a_poke_while_pulling_is_followed_up(void **state) {
    (void)state;
    desk.head[1] = 20;
    desk_go_active(&desk);
    desk_hear_poke(&desk, 5, 30);
    desk.head[1] = 30;
    desk_hear_page(&desk, 1, 8, 20);
    desk_tick(&desk);
    assert_true(desk.session.pulling[1]);
    desk_hear_page(&desk, 1, 20, 30);
    desk_tick(&desk);
    assert_wants(&desk, JL_ACTION_PROOF);
}

static void test_a_poke_is_not_lost_while_greeting(void **state) {
    (void)state;
    desk_go_proven(&desk);
    desk_tick_at(&desk, desk.session.wake_ms);
    assert_phase(&desk, JL_SESSION_GREETING);
    desk_hear_poke(&desk, 5, 9); /* newer than the Welcome that is on its way */
    assert_phase(&desk, JL_SESSION_GREETING);
    desk_hear(&desk, desk_welcome_message(&desk));
    desk_chain(&desk, true);
    assert_wants(&desk, JL_ACTION_PULL);
}

static void test_a_head_that_was_too_high_is_corrected_by_an_empty_page(void **state) {
    (void)state;
    desk_go_proven(&desk);
    desk_hear_poke(&desk, 5, 1000);
    desk_tick(&desk);
    assert_wants(&desk, JL_ACTION_PULL);
    desk_hear_page(&desk, 1, 8, 8);
    desk_tick(&desk);
    assert_quiet(&desk);
    assert_false(jl_session_busy(&desk.session, &desk.facts));
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, set_up)
        TEST(test_the_shared_feed_is_read_before_the_office_feed),
        TEST(test_new_credit_is_given_when_the_old_one_is_used_up),
        TEST(test_the_last_page_ends_a_pull_before_its_credit_does),
        TEST(test_pages_that_nobody_asked_for_are_ignored),
        TEST(test_a_doubled_page_is_not_taken_twice),
        TEST(test_a_page_that_verdicts_have_overtaken_is_asked_for_again),
        TEST(test_a_poke_while_pulling_is_followed_up),
        TEST(test_a_poke_is_not_lost_while_greeting),
        TEST(test_a_head_that_was_too_high_is_corrected_by_an_empty_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
