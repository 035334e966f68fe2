/* Goal: what the district knows of time survives what happens to its process and its books.
 * Method: a district whose clock the test sets; its books opened anew, restored, and made to look
 * as an older program left them. */
#include "world.h"

#include "server/books/clock_check.h"
#include "server/books/hello.h"
#include "server/books/prove.h"

#include "jielian/books/meta.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct world world;

static const int64_t day_ms = INT64_C(86400) * 1000;

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

static void meet(struct world_device *device) {
    world_hang_up(device);
    assert_true(world_sync(device));
}

static void add_union(struct world_device *device, const char *name) {
    char text[256];
    (void)snprintf(text, sizeof text,
                   "name=%s|org_kind=独立基层工会|founded_on=2018-05-01|status=已建", name);
    (void)world_add(&device->desk, "union_org", text);
    meet(device);
}

static struct jl_clock_state check(void) {
    struct jl_clock_state clock;
    jl_clock_check(world.district, &clock);
    return clock;
}

static int64_t journal_ms(void) {
    return world.district->state.journal_ms;
}

static void test_the_journals_time_is_its_latest_and_never_goes_back(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    world.time.off_ms = 100 * day_ms;
    add_union(a, "甲厂工会");
    const int64_t latest = world.now_ms + world.time.off_ms;
    assert_int_equal(journal_ms(), latest);
    world.time.off_ms = -5 * 365 * day_ms;
    add_union(a, "乙厂工会");
    assert_int_equal(journal_ms(), latest);
    world_crash_district(&world);
    assert_int_equal(journal_ms(), latest);
    world_backup(&world);
    world_restore(&world);
    assert_int_equal(journal_ms(), latest);
    assert_string_equal(world_replay_fault(&world), "");
}

static void test_books_without_the_setting_read_their_journal_once(void **state) {
    struct jl_err err;
    uint64_t stored = 0;
    (void)state;
    struct world_device *a = world_join(&world, 1);
    world.time.off_ms = 100 * day_ms;
    add_union(a, "甲厂工会");
    const int64_t latest = journal_ms();
    world.time.off_ms = 0;
    add_union(a, "乙厂工会");
    struct jl_store *store = world.district->books->store;
    assert_int_equal(jl_district_begin(world.district, true, NULL, &err), JL_OK);
    assert_int_equal(jl_meta_put_number(store, "journal_ms", UINT64_MAX, &err), JL_OK); /* none */
    assert_int_equal(jl_store_commit(store, &err), JL_OK);
    world_crash_district(&world);
    assert_int_equal(journal_ms(), latest);
    meet(a); /* the next commit stores it */
    store = world.district->books->store;
    assert_int_equal(jl_district_begin(world.district, false, NULL, &err), JL_OK);
    assert_int_equal(jl_meta_get_number(store, "journal_ms", 0, &stored, &err), JL_OK);
    jl_store_rollback(store);
    assert_int_equal(stored, latest);
}

static void test_a_batch_that_is_rolled_back_leaves_no_time(void **state) {
    struct jl_err err;
    (void)state;
    struct world_device *a = world_join(&world, 1);
    add_union(a, "甲厂工会");
    const int64_t latest = journal_ms();
    assert_int_equal(jl_district_begin(world.district, true, NULL, &err), JL_OK);
    world.district->state.journal_ms = latest + day_ms;
    world.district->state.journal_ms_moved = true;
    jl_district_rollback(world.district);
    assert_int_equal(journal_ms(), latest);
    assert_false(world.district->state.journal_ms_moved);
}

static void test_a_server_of_the_year_2000_is_behind_until_it_is_set_right(void **state) {
    (void)state;
    struct world_device *a = world_join(&world, 1);
    add_union(a, "甲厂工会");
    world.time.off_ms = -9000 * day_ms;
    world_crash_district(&world);
    assert_int_equal(check().verdict, JL_CLOCK_BEHIND_JOURNAL);
    meet(a); /* a PC that contradicts, and what it sends, change nothing */
    add_union(a, "乙厂工会");
    assert_int_equal(check().verdict, JL_CLOCK_BEHIND_JOURNAL);
    assert_false(check().agreed);
    world.time.off_ms = 0;
    meet(a);
    assert_int_equal(check().verdict, JL_CLOCK_OK);
    assert_true(check().agreed);
}

static const struct jl_device *device_of(const struct world_device *device) {
    return jl_roster_device(world.district, device->number);
}

/* The clock leaps while devices are in session: a proof moves what their Hello measured. */
static void test_a_proof_after_a_leap_does_not_pass_for_agreement(void **state) {
    struct jl_err err;
    struct jl_proof proof = {0};
    (void)state;
    struct world_device *a = world_join(&world, 1);
    add_union(a, "甲厂工会");
    assert_int_equal(device_of(a)->clock_offset_ms, 0);
    const int64_t leaps[] = {400 * day_ms, -400 * day_ms, INT64_C(0)};
    for (size_t i = 0; i < sizeof leaps / sizeof *leaps; i++) {
        world.time.off_ms = leaps[i];
        assert_int_equal(jl_district_begin(world.district, true, NULL, &err), JL_OK);
        assert_int_equal(jl_prove_note(world.district, a->number, a->origin, &proof, &err), JL_OK);
        assert_int_equal(jl_district_commit(world.district, &err), JL_OK);
        assert_int_equal(device_of(a)->clock_offset_ms, -leaps[i]);
        assert_int_equal(check().agreed, leaps[i] == 0);
    }
}

static void test_the_time_between_two_words_of_a_session_is_no_leap(void **state) {
    const struct {
        int64_t silent_ms;
        bool leap;
    } table[] = {
        {0, false},
        {2 * JL_SESSION_GREET_MS, false},
        {2 * JL_SESSION_GREET_MS + 1, true},
        {-JL_SESSION_GREET_MS, false},
        {-JL_SESSION_GREET_MS - 1, true},
    };
    struct jl_err err;
    struct jl_proof proof = {0};
    (void)state;
    struct world_device *a = world_join(&world, 1);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        world.time.off_ms = 0;
        meet(a);
        world.time.off_ms = table[i].silent_ms;
        assert_int_equal(jl_district_begin(world.district, true, NULL, &err), JL_OK);
        assert_int_equal(jl_prove_note(world.district, a->number, a->origin, &proof, &err), JL_OK);
        assert_int_equal(jl_district_commit(world.district, &err), JL_OK);
        assert_int_equal(device_of(a)->clock_offset_ms, table[i].leap ? -table[i].silent_ms : 0);
    }
}

static void test_a_hello_from_any_clock_is_an_offset_that_fits(void **state) {
    const int64_t clocks[] = {INT64_MIN, INT64_MAX, 0, -1};
    struct jl_err err;
    (void)state;
    struct world_device *a = world_join(&world, 1);
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        struct jl_hello hello = {.version = JL_PROTOCOL_VERSION, .wall_ms = clocks[i]};
        struct jl_welcome welcome;
        uint32_t origin = 0;
        memcpy(hello.incarnation, a->office->state.incarnation, sizeof hello.incarnation);
        assert_int_equal(jl_district_begin(world.district, true, NULL, &err), JL_OK);
        assert_int_equal(jl_hello_note(world.district, a->number, &hello, &welcome, &origin, &err),
                         JL_OK);
        assert_int_equal(jl_district_commit(world.district, &err), JL_OK);
        assert_int_equal(device_of(a)->clock_offset_ms,
                         jl_clock_check_minus(clocks[i], world.now_ms));
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(test_the_journals_time_is_its_latest_and_never_goes_back),
        CASE(test_books_without_the_setting_read_their_journal_once),
        CASE(test_a_batch_that_is_rolled_back_leaves_no_time),
        CASE(test_a_server_of_the_year_2000_is_behind_until_it_is_set_right),
        CASE(test_a_proof_after_a_leap_does_not_pass_for_agreement),
        CASE(test_the_time_between_two_words_of_a_session_is_no_leap),
        CASE(test_a_hello_from_any_clock_is_an_offset_that_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
