/* How long confirmed ops stay: days on which the district was really met are counted, and no clock
 * alone counts one. Time passes as the tests say; the clocks of the district and of the PC show
 * what the tests set. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct world world;

static const int64_t day_ms = INT64_C(86400) * 1000;
static const int64_t years_ms = INT64_C(73) * 365 * 86400 * 1000; /* 2026 → 2099 */

static int set_up(void **state) {
    (void)state;
    world_init(&world, 2);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    world_fini(&world);
    return 0;
}

static void meet(struct world_device *device) { /* a connection of its own, up to a proof */
    world_hang_up(device);
    assert_true(world_sync(device));
}

static void add_union(struct world_device *device, const char *name) {
    char text[256];
    (void)snprintf(text, sizeof text,
                   "name=%s|org_kind=独立基层工会|founded_on=2018-05-01|status=已建", name);
    (void)world_add(&device->desk, "union_org", text);
    assert_true(world_sync(device));
}

static struct world_device *join_with_one_op(void) {
    struct world_device *device = world_join(&world, 1);
    add_union(device, "甲厂工会");
    return device;
}

static size_t kept(struct world_device *device) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    struct jl_err err;
    assert_int_equal(jl_outbox_range(device->office->books->store, 1, SIZE_MAX, SIZE_MAX, &arena,
                                     &entries, &count, &err),
                     JL_OK);
    return count;
}

/* The days pass, with one meeting on each. */
static void meet_daily(struct world_device *device, int days) {
    for (int day = 0; day < days; day++) {
        world_pass(&world, day_ms);
        meet(device);
    }
}

static void test_kept_for_45_days_that_were_met_and_gone_with_the_46th(void **state) {
    (void)state;
    struct world_device *a = join_with_one_op();
    meet_daily(a, JL_CONFIRMED_KEEP_DAYS);
    assert_int_equal(kept(a), 1);
    meet_daily(a, 1);
    assert_int_equal(kept(a), 0);
}

static void test_what_is_confirmed_after_a_mark_waits_for_the_next(void **state) {
    (void)state;
    struct world_device *a = join_with_one_op();
    meet_daily(a, 1);
    add_union(a, "乙厂工会");
    meet_daily(a, JL_CONFIRMED_KEEP_DAYS);
    assert_int_equal(kept(a), 1); /* that one was made after the mark */
    meet_daily(a, JL_CONFIRMED_KEEP_DAYS);
    assert_int_equal(kept(a), 1);
    meet_daily(a, 1);
    assert_int_equal(kept(a), 0); /* and at most twice as long */
}

static void test_many_meetings_on_one_day_are_one_day(void **state) {
    (void)state;
    struct world_device *a = join_with_one_op();
    for (int i = 0; i < 2 * JL_CONFIRMED_KEEP_DAYS; i++) {
        meet(a);
    }
    assert_int_equal(kept(a), 1);
}

static void test_a_meeting_a_week_needs_46_weeks(void **state) {
    (void)state;
    struct world_device *a = join_with_one_op();
    for (int week = 0; week < JL_CONFIRMED_KEEP_DAYS; week++) {
        world_pass(&world, 7 * day_ms);
        meet(a);
        assert_int_equal(kept(a), 1);
    }
    world_pass(&world, 7 * day_ms);
    meet(a);
    assert_int_equal(kept(a), 0);
}

static void test_a_year_without_meeting_drops_nothing(void **state) {
    (void)state;
    struct world_device *a = join_with_one_op();
    world_pass(&world, 365 * day_ms);
    meet(a);
    assert_int_equal(kept(a), 1);
}

static void test_a_server_that_starts_twice_in_2099_empties_no_outbox(void **state) {
    (void)state;
    struct world_device *a = join_with_one_op();
    world_backup(&world);
    for (int i = 0; i < 2; i++) {
        world.time.off_ms = years_ms + i * 100 * day_ms;
        world_crash_district(&world);
        meet(a);
        assert_int_equal(kept(a), 1);
        world.time.off_ms = 0;
        world_crash_district(&world);
        meet(a);
        assert_int_equal(kept(a), 1);
        world_pass(&world, day_ms);
    }
    world_restore(&world);
    assert_true(world_sync(a));
    assert_int_equal(world_count(world.district->books, "union_org"), 1);
}

static void test_a_server_that_stays_in_2099_counts_days_as_they_are_met(void **state) {
    (void)state;
    struct world_device *a = join_with_one_op();
    world.time.off_ms = years_ms;
    meet_daily(a, JL_CONFIRMED_KEEP_DAYS);
    assert_int_equal(kept(a), 1);
    meet_daily(a, 1);
    assert_int_equal(kept(a), 0);
}

static void test_a_frozen_clock_on_either_side_drops_nothing(void **state) {
    (void)state;
    struct world_device *a = join_with_one_op();
    for (int day = 0; day < 3 * JL_CONFIRMED_KEEP_DAYS; day++) {
        world_pass(&world, day_ms);
        a->time.off_ms -= day_ms;
        meet(a);
    }
    assert_int_equal(kept(a), 1);
    for (int day = 0; day < 3 * JL_CONFIRMED_KEEP_DAYS; day++) {
        world_pass(&world, day_ms);
        world.time.off_ms -= day_ms;
        meet(a);
    }
    assert_int_equal(kept(a), 1);
}

static void test_a_leaping_clock_on_one_side_counts_no_days(void **state) {
    (void)state;
    struct world_device *a = join_with_one_op();
    for (int i = 0; i < 4 * JL_CONFIRMED_KEEP_DAYS; i++) {
        a->time.off_ms = i * 400 * day_ms;
        meet(a);
    }
    a->time.off_ms = 0;
    assert_int_equal(kept(a), 1);
    for (int i = 0; i < 4 * JL_CONFIRMED_KEEP_DAYS; i++) {
        world.time.off_ms = i % 2 == 0 ? years_ms : -(int64_t)i * day_ms;
        meet(a);
    }
    assert_int_equal(kept(a), 1);
}

static void test_a_leap_and_back_counts_one_day_at_most(void **state) {
    (void)state;
    struct world_device *a = join_with_one_op();
    for (int day = 0; day < JL_CONFIRMED_KEEP_DAYS; day++) {
        world_pass(&world, day_ms);
        world.time.off_ms = years_ms;
        meet(a);
        world.time.off_ms = 0;
        meet(a);
    }
    assert_int_equal(kept(a), 1);
}

static void test_times_at_the_ends_of_the_scale_are_days_like_others(void **state) {
    static const int64_t ends[] = {INT64_MIN, INT64_MAX, -1, 0, 1};
    struct jl_err err;
    (void)state;
    struct world_device *a = join_with_one_op();
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        assert_int_equal(jl_office_proven(a->office, ends[i], &err), JL_OK);
        assert_int_equal(kept(a), 1);
    }
}

/* The forms that were stored before: 16 bytes of a time and a position; and what nobody knows. */
static void test_a_mark_of_another_form_begins_anew(void **state) {
    static const uint8_t forms[][40] = {{0, 0, 0, 0, 0, 0, 0, 1, [15] = 1}, {9}, {0}};
    static const size_t sizes[] = {16, 40, 0};
    struct jl_err err;
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct world_device *a = world_join(&world, 1);
        struct jl_office *office = a->office;
        char name[64];
        (void)snprintf(name, sizeof name, "第%zu工会", i);
        add_union(a, name);
        assert_int_equal(jl_office_begin(office, true, &err), JL_OK);
        assert_int_equal(
            jl_store_meta_put(office->books->store, "keep", jl_bytes(forms[i], sizes[i]), &err),
            JL_OK);
        assert_int_equal(jl_office_commit(office, &err), JL_OK);
        world_pass(&world, day_ms);
        meet(a); /* a new mark */
        meet_daily(a, JL_CONFIRMED_KEEP_DAYS);
        assert_int_equal(kept(a), 1);
        meet_daily(a, 1);
        assert_int_equal(kept(a), 0);
    }
}

static void test_a_restored_district_begins_the_count_anew(void **state) {
    (void)state;
    struct world_device *a = join_with_one_op();
    meet_daily(a, JL_CONFIRMED_KEEP_DAYS);
    world_backup(&world);
    world_restore(&world);
    meet(a);
    meet_daily(a, JL_CONFIRMED_KEEP_DAYS);
    assert_int_equal(kept(a), 1);
    meet_daily(a, 1);
    assert_int_equal(kept(a), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(test_kept_for_45_days_that_were_met_and_gone_with_the_46th),
        CASE(test_what_is_confirmed_after_a_mark_waits_for_the_next),
        CASE(test_many_meetings_on_one_day_are_one_day),
        CASE(test_a_meeting_a_week_needs_46_weeks),
        CASE(test_a_year_without_meeting_drops_nothing),
        CASE(test_a_server_that_starts_twice_in_2099_empties_no_outbox),
        CASE(test_a_server_that_stays_in_2099_counts_days_as_they_are_met),
        CASE(test_a_frozen_clock_on_either_side_drops_nothing),
        CASE(test_a_leaping_clock_on_one_side_counts_no_days),
        CASE(test_a_leap_and_back_counts_one_day_at_most),
        CASE(test_times_at_the_ends_of_the_scale_are_days_like_others),
        CASE(test_a_mark_of_another_form_begins_anew),
        CASE(test_a_restored_district_begins_the_count_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
