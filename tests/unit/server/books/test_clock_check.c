/* Goal: a district's clock is doubted when its journal or most of its devices contradict it, at
 * each bound's edge, and not otherwise. Method: tables in memory and a clock that shows what the
 * test sets; no books. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/books/clock_check.h"
#include "server/books/district.h"

#include <stdlib.h>
#include <string.h>

static const int64_t now = INT64_C(1790000000000); /* 2026-09-21 */
static const int64_t far_ms = JL_CLOCK_FAR_MS;

static int64_t wall_ms(void *context) {
    return *(int64_t *)context;
}

static struct jl_clock_state check_at(int64_t now_ms, int64_t journal_ms, struct jl_device *devices,
                                      size_t count) {
    struct jl_clock_state out;
    struct jl_district *district = calloc(1, sizeof *district);
    assert_non_null(district);
    district->clock = (struct jl_clock){.context = &now_ms, .wall_ms = wall_ms};
    district->state.journal_ms = journal_ms;
    district->devices = devices;
    district->device_count = count;
    memset(&out, 0x5a, sizeof out);
    jl_clock_check(district, &out);
    free(district);
    return out;
}

enum { OFFSETS = 5 };

/* Devices that were heard just now. */
static struct jl_clock_state check(int64_t journal_ms, const int64_t *offsets, size_t count) {
    struct jl_device devices[OFFSETS] = {0};
    for (size_t i = 0; i < count; i++) {
        devices[i] = (struct jl_device){.number = (uint32_t)i + 1,
                                        .state = JL_DEVICE_ACTIVE,
                                        .last_seen_ms = now,
                                        .clock_offset_ms = offsets[i]};
    }
    return check_at(now, journal_ms, devices, count);
}

#define FAR ((int64_t)JL_CLOCK_FAR_MS)
#define BEHIND ((int64_t)JL_CLOCK_BEHIND_MS)

static const struct verdict_case {
    int64_t ahead_ms; /* the journal's time minus this clock's */
    size_t count;
    int64_t offsets[OFFSETS];
    enum jl_clock_verdict verdict;
    int64_t off_ms, median_ms;
    bool agreed;
} verdict_cases[] = {
    /* Nobody contradicts. */
    {0, 0, {0}, JL_CLOCK_OK, 0, 0, false},
    {-FAR * 9999, 0, {0}, JL_CLOCK_OK, 0, 0, false},
    {BEHIND, 0, {0}, JL_CLOCK_OK, 0, 0, false},
    /* The journal does. */
    {BEHIND + 1, 0, {0}, JL_CLOCK_BEHIND_JOURNAL, -BEHIND - 1, 0, false},
    {FAR * 9999, 0, {0}, JL_CLOCK_BEHIND_JOURNAL, -FAR * 9999, 0, false},
    {BEHIND + 1, 1, {0}, JL_CLOCK_BEHIND_JOURNAL, -BEHIND - 1, 0, true},
    {BEHIND + 1,
     3,
     {FAR * 9, FAR * 9, FAR * 9},
     JL_CLOCK_BEHIND_JOURNAL,
     -BEHIND - 1,
     FAR * 9,
     false},
    /* The devices are where the journal is: this clock is behind. */
    {BEHIND + 1, 3, {BEHIND, BEHIND, BEHIND}, JL_CLOCK_BEHIND_JOURNAL, -BEHIND - 1, BEHIND, true},
    {BEHIND + 1, 2, {1, 1}, JL_CLOCK_BEHIND_JOURNAL, -BEHIND - 1, 1, true},
    {FAR, 2, {0, FAR - BEHIND}, JL_CLOCK_BEHIND_JOURNAL, -FAR, 0, true},
    /* They are where this clock is: the journal is ahead. */
    {BEHIND + 1, 2, {0, 0}, JL_CLOCK_JOURNAL_AHEAD, -BEHIND - 1, 0, true},
    {FAR * 9999, 2, {FAR, -FAR}, JL_CLOCK_JOURNAL_AHEAD, -FAR * 9999, -FAR, true},
    {FAR * 9999, 2, {FAR + 1, 0}, JL_CLOCK_BEHIND_JOURNAL, -FAR * 9999, 0, false},
    {FAR * 9999, 2, {-FAR - 1, 0}, JL_CLOCK_BEHIND_JOURNAL, -FAR * 9999, 0, false},
    /* Few devices are no majority, and three are one. */
    {0, 1, {FAR * 99}, JL_CLOCK_OK, 0, FAR * 99, false},
    {0, 2, {FAR * 99, FAR * 99}, JL_CLOCK_OK, 0, FAR * 99, false},
    {0, 3, {FAR, FAR, FAR}, JL_CLOCK_OK, 0, FAR, true},
    {0, 3, {FAR + 1, FAR + 1, FAR + 1}, JL_CLOCK_FAR_FROM_DEVICES, -FAR - 1, FAR + 1, false},
    {0, 3, {-FAR, -FAR, -FAR}, JL_CLOCK_OK, 0, -FAR, true},
    {0, 3, {-FAR - 1, -FAR - 1, -FAR - 1}, JL_CLOCK_FAR_FROM_DEVICES, FAR + 1, -FAR - 1, false},
    /* One that is wrong moves nothing, and the order does not matter. */
    {0, 3, {FAR * 99, 5, -3}, JL_CLOCK_OK, 0, 5, true},
    {0, 3, {0, -FAR * 99, -FAR * 99}, JL_CLOCK_FAR_FROM_DEVICES, FAR * 99, -FAR * 99, false},
    {0, 5, {FAR * 2, 0, FAR * 2, 0, FAR * 3}, JL_CLOCK_FAR_FROM_DEVICES, -FAR * 2, FAR * 2, false},
    /* Two in the middle: both, or none. */
    {0, 4, {0, 0, FAR * 2, FAR * 2}, JL_CLOCK_OK, 0, 0, false},
    {0, 4, {0, FAR + 1, FAR * 2, FAR * 2}, JL_CLOCK_FAR_FROM_DEVICES, -FAR - 1, FAR + 1, false},
    {0, 4, {-FAR * 2, -FAR * 2, FAR * 3, FAR * 3}, JL_CLOCK_OK, 0, -FAR * 2, false},
    {0, 4, {-FAR * 3, -FAR * 3, FAR * 2, FAR * 2}, JL_CLOCK_OK, 0, FAR * 2, false},
    /* Clocks of others show anything. */
    {0,
     3,
     {INT64_MIN, INT64_MIN, INT64_MIN},
     JL_CLOCK_FAR_FROM_DEVICES,
     INT64_MAX,
     INT64_MIN,
     false},
    {0,
     3,
     {INT64_MAX, INT64_MAX, INT64_MAX},
     JL_CLOCK_FAR_FROM_DEVICES,
     -INT64_MAX,
     INT64_MAX,
     false},
    {FAR, 2, {INT64_MIN, INT64_MAX}, JL_CLOCK_BEHIND_JOURNAL, -FAR, INT64_MAX, false},
};

static void test_every_line_of_the_table_at_its_edge(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof verdict_cases / sizeof *verdict_cases; i++) {
        const struct verdict_case *wanted = &verdict_cases[i];
        struct jl_clock_state out = check(now + wanted->ahead_ms, wanted->offsets, wanted->count);
        if (out.verdict != wanted->verdict || out.off_ms != wanted->off_ms ||
            out.median_ms != wanted->median_ms || out.agreed != wanted->agreed) {
            print_error("line %zu: %s off %lld median %lld agreed %d\n", i,
                        jl_clock_check_word(out.verdict), (long long)out.off_ms,
                        (long long)out.median_ms, out.agreed);
            fail();
        }
        assert_int_equal(out.devices, wanted->count);
    }
}

static void test_an_empty_journal_has_no_time(void **state) {
    (void)state;
    struct jl_clock_state out = check_at(-far_ms, 0, NULL, 0); /* a clock before 1970 */
    assert_int_equal(out.verdict, JL_CLOCK_OK);
}

/* Three devices that contradict, as one of them differs from the others in what counts. */
static struct jl_clock_state with_third(struct jl_device third) {
    struct jl_device devices[3] = {0};
    for (size_t i = 0; i < 3; i++) {
        devices[i] = (struct jl_device){
            .state = JL_DEVICE_ACTIVE, .last_seen_ms = now, .clock_offset_ms = 2 * far_ms};
    }
    third.clock_offset_ms = 2 * far_ms;
    devices[2] = third;
    return check_at(now, now, devices, 3);
}

static void test_who_is_asked(void **state) {
    const struct {
        enum jl_device_state state;
        int64_t last_seen_ms;
        bool asked;
    } table[] = {
        {JL_DEVICE_ACTIVE, now, true},
        {JL_DEVICE_ACTIVE, now - JL_CLOCK_RECENT_MS, true},
        {JL_DEVICE_ACTIVE, now - JL_CLOCK_RECENT_MS - 1, false},
        {JL_DEVICE_ACTIVE, now + JL_CLOCK_RECENT_MS, true},
        {JL_DEVICE_ACTIVE, now + JL_CLOCK_RECENT_MS + 1, false},
        {JL_DEVICE_ACTIVE, 0, false},
        {JL_DEVICE_ACTIVE, INT64_MIN, false},
        {JL_DEVICE_ACTIVE, INT64_MAX, false},
        {JL_DEVICE_SUSPENDED, now, false},
        {JL_DEVICE_REVOKED, now, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct jl_clock_state out = with_third(
            (struct jl_device){.state = table[i].state, .last_seen_ms = table[i].last_seen_ms});
        assert_int_equal(out.devices, table[i].asked ? 3 : 2);
        assert_int_equal(out.verdict, table[i].asked ? JL_CLOCK_FAR_FROM_DEVICES : JL_CLOCK_OK);
    }
}

/* A clock that was far off and is corrected is not accused by what was measured before. */
static void test_a_corrected_clock_is_not_measured_by_the_old_one(void **state) {
    (void)state;
    const int64_t wrong = now + far_ms + 1;
    struct jl_device devices[3] = {0};
    for (size_t i = 0; i < 3; i++) {
        devices[i] = (struct jl_device){
            .state = JL_DEVICE_ACTIVE, .last_seen_ms = wrong, .clock_offset_ms = now - wrong};
    }
    assert_int_equal(check_at(wrong, now, devices, 3).verdict, JL_CLOCK_FAR_FROM_DEVICES);
    assert_int_equal(check_at(now, now, devices, 3).verdict, JL_CLOCK_OK);
    assert_int_equal(check_at(now, now, devices, 3).devices, 0);
}

static void test_so_many_are_asked_and_the_last_enrolled_first(void **state) {
    enum { MANY = JL_CLOCK_SAMPLE_MAX + 1000 };
    (void)state;
    struct jl_device *devices = calloc(MANY, sizeof *devices);
    assert_non_null(devices);
    for (size_t i = 0; i < MANY; i++) {
        bool asked = i >= MANY - JL_CLOCK_SAMPLE_MAX;
        devices[i] = (struct jl_device){.state = JL_DEVICE_ACTIVE,
                                        .last_seen_ms = now,
                                        .clock_offset_ms = asked ? 2 * far_ms : 0};
    }
    struct jl_clock_state out = check_at(now, now, devices, MANY);
    assert_int_equal(out.devices, JL_CLOCK_SAMPLE_MAX);
    assert_int_equal(out.verdict, JL_CLOCK_FAR_FROM_DEVICES);
    for (size_t i = MANY - JL_CLOCK_SAMPLE_MAX; i < MANY; i++) {
        devices[i].last_seen_ms = 1; /* silent ones make room for those before them */
    }
    out = check_at(now, now, devices, MANY);
    assert_int_equal(out.devices, JL_CLOCK_SAMPLE_MAX);
    assert_int_equal(out.verdict, JL_CLOCK_OK);
    free(devices);
}

static void test_what_each_verdict_is_called_and_whether_it_may_judge(void **state) {
    const struct {
        enum jl_clock_verdict verdict;
        const char *word;
        bool trusted;
    } table[] = {
        {JL_CLOCK_OK, "ok", true},
        {JL_CLOCK_BEHIND_JOURNAL, "behind_journal", false},
        {JL_CLOCK_FAR_FROM_DEVICES, "far_from_devices", false},
        {JL_CLOCK_JOURNAL_AHEAD, "journal_ahead", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct jl_clock_state clock = {.verdict = table[i].verdict};
        assert_string_equal(jl_clock_check_word(table[i].verdict), table[i].word);
        assert_int_equal(jl_clock_check_trusted(&clock), table[i].trusted);
    }
}

static void test_one_clock_minus_another_always_fits(void **state) {
    const struct {
        int64_t a, b, difference;
    } table[] = {
        {5, 3, 2},
        {3, 5, -2},
        {INT64_MAX, -1, INT64_MAX},
        {INT64_MIN, 1, INT64_MIN},
        {INT64_MIN, INT64_MAX, INT64_MIN},
        {INT64_MAX, INT64_MIN, INT64_MAX},
        {INT64_MIN, INT64_MIN, 0},
        {0, INT64_MIN, INT64_MAX},
        {-1, INT64_MIN, INT64_MAX},
        {0, INT64_MAX, -INT64_MAX},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(jl_clock_check_minus(table[i].a, table[i].b), table[i].difference);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_line_of_the_table_at_its_edge),
        cmocka_unit_test(test_an_empty_journal_has_no_time),
        cmocka_unit_test(test_who_is_asked),
        cmocka_unit_test(test_a_corrected_clock_is_not_measured_by_the_old_one),
        cmocka_unit_test(test_so_many_are_asked_and_the_last_enrolled_first),
        cmocka_unit_test(test_what_each_verdict_is_called_and_whether_it_may_judge),
        cmocka_unit_test(test_one_clock_minus_another_always_fits),
    };
    return cmocka_run_group_tests_name("clock_check", tests, NULL, NULL);
}
