/* How large frames are on a path where large ones die: fast down, up with care, and small ones one
 * at a time. That they grow and shrink at all: test_session.c. */
#include "session_desk.h"

static struct desk desk;

static int set_up(void **state) {
    (void)state;
    desk_init(&desk);
    desk.facts.head = 100000;
    desk.head[0] = 100000;
    return 0;
}

static void fall_silent(void) {
    desk_tick_at(&desk, desk.session.deadline_ms);
    assert_phase(&desk, JL_SESSION_OFFLINE);
    desk.now_ms = desk.session.wake_ms;
    desk_go_active(&desk);
}

/* Answers to a batch and a page come within 50 ms. */
static void answer_quickly(void) {
    desk.now_ms += 50;
    desk_hear_verdicts(&desk, desk.session.pushed[0], desk.facts.confirmed + DESK_BATCH_OPS);
    uint64_t cursor = desk.facts.cursor[0];
    desk_hear_page(&desk, 0, cursor, cursor + 10);
    desk_tick(&desk);
    if (desk_wants(&desk, JL_ACTION_PUSH) != NULL) {
        desk_send_batch(&desk);
    }
}

static void test_a_minute_of_silence_reaches_the_smallest_frames(void **state) {
    (void)state;
    int64_t start_ms = desk.now_ms;
    desk_go_active(&desk);
    for (int i = 0; i < 3; i++) {
        desk_send_batch(&desk);
        fall_silent();
    }
    assert_int_equal(desk_wants(&desk, JL_ACTION_PUSH)->max_bytes, JL_PAGE_MIN_BYTES);
    assert_int_equal(desk_wants(&desk, JL_ACTION_PULL)->max_bytes, JL_PAGE_MIN_BYTES);
    assert_true(desk.now_ms - start_ms <= 3 * (JL_SESSION_ANSWER_MS + 8 * 250));
}

static void test_a_size_that_met_silence_is_tried_again_with_care(void **state) {
    (void)state;
    desk_go_active(&desk);
    desk_send_batch(&desk);
    fall_silent();
    const uint32_t small = JL_BATCH_START_BYTES / JL_SESSION_SHRINK;
    desk_send_batch(&desk);
    for (int i = 1; i < JL_SESSION_QUICK; i++) {
        answer_quickly();
        assert_int_equal(desk.session.batch_bytes, small);
        assert_int_equal(desk.session.page_bytes, small);
    }
    answer_quickly();
    assert_int_equal(desk.session.batch_bytes, 2 * small);
    assert_int_equal(desk.session.page_bytes, 2 * small);
    for (int i = 0; i < 100 * JL_SESSION_QUICK; i++) {
        answer_quickly();
    }
    assert_int_equal(desk.session.batch_bytes, JL_BATCH_MAX_BYTES);
    assert_int_equal(desk.session.page_bytes, JL_PAGE_MAX_BYTES);
}

/* What was not in flight can't have been too large; a Hello never is. */
static void test_silence_shrinks_only_what_was_in_flight(void **state) {
    (void)state;
    desk_greet(&desk);
    desk_tick_at(&desk, desk.session.deadline_ms);
    assert_int_equal(desk.session.batch_bytes, JL_BATCH_START_BYTES);
    assert_int_equal(desk.session.page_bytes, JL_PAGE_START_BYTES);
    desk.facts.head = desk.facts.confirmed;
    desk.now_ms = desk.session.wake_ms;
    desk_go_active(&desk);
    fall_silent();
    assert_int_equal(desk.session.batch_bytes, JL_BATCH_START_BYTES);
    assert_int_equal(desk.session.page_bytes, JL_PAGE_START_BYTES / JL_SESSION_SHRINK);
}

static void test_small_frames_go_one_at_a_time(void **state) {
    (void)state;
    static const struct {
        uint32_t bytes, pages;
        bool second;
    } rows[] = {
        {JL_PAGE_MIN_BYTES, 1, false},
        {JL_SESSION_ALONE_BYTES, 1, false},
        {JL_SESSION_ALONE_BYTES + 1, JL_CREDIT_MAX_PAGES, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        set_up(NULL);
        desk.session.batch_bytes = desk.session.page_bytes = rows[i].bytes;
        desk_go_active(&desk);
        assert_int_equal(desk_wants(&desk, JL_ACTION_PULL)->pages, rows[i].pages);
        desk_send_batch(&desk);
        desk_tick(&desk);
        assert_int_equal(desk_wants(&desk, JL_ACTION_PUSH) != NULL, rows[i].second);
        desk_hear_page(&desk, 0, 5, 20);
        assert_int_equal(desk.session.pulling[0], rows[i].pages > 1);
    }
}

/* The district had no time for more: the rest goes again, behind what it took, in smaller batches,
 * and what was in flight behind is waited for. */
static void test_a_batch_that_is_taken_in_part_makes_smaller_ones(void **state) {
    (void)state;
    desk_go_active(&desk);
    uint64_t first = desk_send_batch(&desk);
    desk_tick(&desk);
    uint64_t second = desk_send_batch(&desk);
    desk_hear_verdicts(&desk, first, first + DESK_BATCH_OPS / 2 - 1);
    assert_int_equal(desk.session.batch_bytes, JL_BATCH_START_BYTES / 2);
    assert_int_equal(desk.session.batch_most, JL_BATCH_START_BYTES / 2);
    desk_tick(&desk);
    assert_wants_not(&desk, JL_ACTION_PUSH);
    assert_int_equal(desk.session.pushed[0], second);
    desk_hear_resend(&desk, first + DESK_BATCH_OPS / 2);
    desk_tick(&desk);
    assert_int_equal(desk_send_batch(&desk), first + DESK_BATCH_OPS / 2);
    for (int i = 0; i < 30; i++) { /* one op of each, at last */
        desk_hear_verdicts(&desk, desk.facts.confirmed + 1, desk.facts.confirmed + 1);
        desk_tick(&desk);
        if (desk.session.pushed[0] > desk.facts.confirmed + 1) {
            desk_hear_resend(&desk, desk.facts.confirmed + 1);
            desk_tick(&desk);
        }
        assert_int_equal(desk_send_batch(&desk), desk.facts.confirmed + 1);
    }
    assert_int_equal(desk.session.batch_bytes, JL_PAGE_MIN_BYTES);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, set_up)
        TEST(test_a_minute_of_silence_reaches_the_smallest_frames),
        TEST(test_a_size_that_met_silence_is_tried_again_with_care),
        TEST(test_a_batch_that_is_taken_in_part_makes_smaller_ones),
        TEST(test_silence_shrinks_only_what_was_in_flight),
        TEST(test_small_frames_go_one_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
