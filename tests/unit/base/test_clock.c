/* Goal: dates are right on every day of the calendar, and no time from a broken clock overruns a
 * text. Method: tables of edges, and one walk over all days from year 1 to 9999. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/base/clock.h"
#include "jielian/base/date.h"

#include <string.h>

static void test_only_days_of_the_calendar_are_valid(void **state) {
    (void)state;
    static const struct {
        int64_t date;
        bool valid;
    } cases[] = {
        {20210105, true},   {20240229, true},  {20230229, false}, {20000229, true},
        {19000229, false},  {21000229, false}, {24000229, true},  {20240230, false},
        {20210431, false},  {20210430, true},  {20211231, true},  {20211232, false},
        {20211301, false},  {20210001, false}, {20210100, false}, {0, false},
        {10101, true},      {1231, false},     {99991231, true},  {100000101, false},
        {-20210105, false}, {20219999, false}, {202101, false},   {INT64_MIN, false},
        {INT64_MAX, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(jl_date_valid(cases[i].date), cases[i].valid);
    }
}

static void test_known_days_have_their_numbers_and_weekdays(void **state) {
    (void)state;
    static const struct {
        int64_t date;
        int64_t days;
        int weekday;
    } cases[] = {
        {19700101, 0, 4},     {19691231, -1, 3},    {20000229, 11016, 2}, {20000301, 11017, 3},
        {20210105, 18632, 2}, {20261122, 20779, 7}, {10101, -719162, 1},  {99991231, 2932896, 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(jl_date_to_days(cases[i].date), cases[i].days);
        assert_int_equal(jl_date_from_days(cases[i].days), cases[i].date);
        assert_int_equal(jl_date_weekday(cases[i].date), cases[i].weekday);
    }
}

static void test_every_day_of_9999_years_follows_the_one_before(void **state) {
    (void)state;
    int64_t last = 0;
    int64_t leap_days = 0;
    int weekday = 7;
    for (int64_t days = -719162; days <= 2932896; days++) {
        int64_t date = jl_date_from_days(days);
        weekday = weekday % 7 + 1;
        if (date <= last || !jl_date_valid(date) || jl_date_to_days(date) != days ||
            jl_date_weekday(date) != weekday) {
            fail_msg("day %lld is %lld", (long long)days, (long long)date);
        }
        leap_days += date % 10000 == 229;
        last = date;
    }
    assert_int_equal(last, 99991231);
    assert_int_equal(leap_days, 2499 - 99 + 24);
}

static void test_days_outside_the_calendar_are_its_nearest(void **state) {
    (void)state;
    assert_int_equal(jl_date_from_days(-719163), 10101);
    assert_int_equal(jl_date_from_days(INT64_MIN), 10101);
    assert_int_equal(jl_date_from_days(2932897), 99991231);
    assert_int_equal(jl_date_from_days(INT64_MAX), 99991231);
}

static void test_times_are_shown_in_the_offices_zone(void **state) {
    (void)state;
    static const struct {
        int64_t ms;
        int64_t date;
        const char *text;
    } cases[] = {
        {0, 19700101, "1970-01-01 08:00:00"},
        {-1, 19700101, "1970-01-01 07:59:59"},
        {-28800000, 19700101, "1970-01-01 00:00:00"},
        {-28800001, 19691231, "1969-12-31 23:59:59"},
        {INT64_C(57599999), 19700101, "1970-01-01 23:59:59"},
        {INT64_C(57600000), 19700102, "1970-01-02 00:00:00"},
        {INT64_C(1795327327123), 20261122, "2026-11-22 14:02:07"},
        {INT64_C(1709136000000), 20240229, "2024-02-29 00:00:00"},
        {INT64_C(253402271999999), 99991231, "9999-12-31 23:59:59"},
        {INT64_C(253402272000000), 99991231, "9999-12-31 23:59:59"},
        {INT64_MAX, 99991231, "9999-12-31 23:59:59"},
        {INT64_MIN, 10101, "0001-01-01 00:00:00"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[JL_DATE_TIME_BYTES];
        memset(text, '#', sizeof text);
        jl_date_format_time(cases[i].ms, text);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(jl_date_of_ms(cases[i].ms), cases[i].date);
    }
}

/* Against counting day by day, from every weekday. */
static void test_working_days_leave_out_weekends(void **state) {
    (void)state;
    for (int64_t first = 20261123; first <= 20261129; first++) {
        int64_t days = jl_date_to_days(first);
        assert_int_equal(jl_date_add_working_days(first, 0), first);
        for (uint32_t count = 1; count <= 366; count++) {
            do {
                days++;
            } while (jl_date_weekday(jl_date_from_days(days)) > 5);
            assert_int_equal(jl_date_add_working_days(first, count), jl_date_from_days(days));
        }
    }
    assert_int_equal(jl_date_add_working_days(20261120, 10), 20261204); /* Friday to Friday */
}

static void test_the_system_clocks_run(void **state) {
    (void)state;
    struct jl_clock clock = jl_clock_system();
    assert_true(jl_date_of_ms(clock.wall_ms(clock.context)) >= 20240101);
    int64_t before = clock.steady_ms(clock.context);
    assert_true(before >= 0);
    assert_true(clock.steady_ms(clock.context) >= before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_days_of_the_calendar_are_valid),
        cmocka_unit_test(test_known_days_have_their_numbers_and_weekdays),
        cmocka_unit_test(test_every_day_of_9999_years_follows_the_one_before),
        cmocka_unit_test(test_days_outside_the_calendar_are_its_nearest),
        cmocka_unit_test(test_times_are_shown_in_the_offices_zone),
        cmocka_unit_test(test_working_days_leave_out_weekends),
        cmocka_unit_test(test_the_system_clocks_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
