/* Goal: a device is stopped exactly when a day's quota is used up, not before, and is free again on
 * the next day; others do not notice. Method: a district in a folder, and a clock that shows what
 * the test sets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/base/file.h"
#include "server/books/quota.h"
#include "server/judge/accept_entry.h"
#include "tests/said.h"

#include <stdlib.h>
#include <string.h>

static const int64_t evening_ms = INT64_C(1790000000000); /* 2026-09-21 22:13 at +08:00 */
enum { HOUR_MS = 60 * 60 * 1000 };

struct fixture {
    struct jl_district *district;
    int64_t now_ms;
    char folder[64];
    struct jl_err err;
};

static int64_t wall_ms(void *context) {
    return *(int64_t *)context;
}

static void must(struct fixture *fixture, enum jl_rc rc) {
    if (rc != JL_OK) {
        fail_msg("%s", err_said(&fixture->err));
    }
}

static int open_district(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    const char *root = getenv("TMPDIR");
    assert_non_null(fixture);
    fixture->now_ms = evening_ms;
    snprintf(fixture->folder, sizeof fixture->folder, "%s/jielian-quota-XXXXXX",
             root != NULL ? root : "/tmp");
    assert_non_null(mkdtemp(fixture->folder));
    must(fixture, jl_district_create(fixture->folder, jl_bytes(NULL, 0), &fixture->err));
    const struct jl_district_options options = {
        .mode = JL_STORE_WRITE,
        .judge = jl_accept_entry,
        .clock = {.context = &fixture->now_ms, .wall_ms = wall_ms}};
    must(fixture, jl_district_open(fixture->folder, &options, &fixture->district, &fixture->err));
    must(fixture, jl_district_begin(fixture->district, true, NULL, &fixture->err));
    *state = fixture;
    return 0;
}

static int close_district(void **state) {
    struct fixture *fixture = *state;
    char command[128];
    jl_district_rollback(fixture->district);
    jl_district_close(fixture->district);
    snprintf(command, sizeof command, "rm -rf %s", fixture->folder);
    assert_int_equal(system(command), 0);
    free(fixture);
    return 0;
}

static struct jl_quota used(struct fixture *fixture, uint32_t device) {
    struct jl_quota quota;
    must(fixture, jl_quota_get(fixture->district, device, &quota, &fixture->err));
    return quota;
}

static void use(struct fixture *fixture, uint32_t device, struct jl_quota more) {
    must(fixture, jl_quota_add(fixture->district, device, &more, &fixture->err));
}

static void test_each_quota_stops_at_its_edge_and_for_its_device_alone(void **state) {
    struct fixture *fixture = *state;
    static const struct {
        struct jl_quota below, step;
    } table[] = {
        {{.ops = JL_QUOTA_OPS - 1}, {.ops = 1}},
        {{.refused_bytes = JL_QUOTA_REFUSED_BYTES - 1}, {.refused_bytes = 1}},
        {{.bytes = JL_QUOTA_BYTES - 1}, {.bytes = 1}},
    };
    for (uint32_t i = 0; i < sizeof table / sizeof *table; i++) {
        uint32_t device = i + 1;
        struct jl_quota quota = used(fixture, device);
        assert_null(jl_quota_over(&quota));
        use(fixture, device, table[i].below);
        quota = used(fixture, device);
        assert_null(jl_quota_over(&quota));
        use(fixture, device, table[i].step);
        quota = used(fixture, device);
        assert_non_null(jl_quota_over(&quota));
        quota = used(fixture, device + 1);
        assert_null(jl_quota_over(&quota));
    }
}

static void test_a_day_ends_and_its_quota_with_it(void **state) {
    struct fixture *fixture = *state;
    use(fixture, 1, (struct jl_quota){.ops = JL_QUOTA_OPS});
    assert_int_equal(jl_quota_retry_ms(fixture->district), JL_QUOTA_RETRY_MS);
    fixture->now_ms += HOUR_MS; /* 23:13 */
    struct jl_quota quota = used(fixture, 1);
    assert_non_null(jl_quota_over(&quota));
    uint64_t left_ms = jl_quota_retry_ms(fixture->district);
    assert_in_range(left_ms, 1, JL_QUOTA_RETRY_MS - 1);
    fixture->now_ms += (int64_t)left_ms - 1;
    quota = used(fixture, 1);
    assert_non_null(jl_quota_over(&quota));
    fixture->now_ms += 1; /* midnight */
    quota = used(fixture, 1);
    assert_null(jl_quota_over(&quota));
    assert_int_equal(quota.ops, 0);
}

/* 200,000 rows that are all refused, with the reason of each, fit twice. */
static void test_a_first_import_fits_whatever_becomes_of_it(void **state) {
    struct fixture *fixture = *state;
    enum { ROWS = 200 * 1000, BATCH = 4000, ROW_BYTES = 100, REASON_BYTES = 150 };
    static const char reason[REASON_BYTES] = "";
    struct jl_verdict *list = calloc(BATCH, sizeof *list);
    assert_non_null(list);
    for (size_t i = 0; i < BATCH; i++) {
        list[i] = (struct jl_verdict){.seq = i + 1,
                                      .code = i % 2 == 0 ? JL_VERDICT_PARKED : JL_VERDICT_CASE,
                                      .reason = jl_bytes(reason, REASON_BYTES)};
    }
    const struct jl_verdicts verdicts = {
        .first_seq = 1, .last_seq = BATCH, .exceptions = list, .exception_count = BATCH};
    for (int i = 0; i < 2 * ROWS / BATCH; i++) {
        struct jl_quota quota = used(fixture, 1);
        assert_null(jl_quota_over(&quota));
        use(fixture, 1, jl_quota_of(BATCH * ROW_BYTES, &verdicts));
    }
    free(list);
}

static void test_what_is_taken_costs_its_bytes_alone(void **state) {
    (void)state;
    struct jl_verdict list[] = {{.seq = 2, .code = JL_VERDICT_MERGED},
                                {.seq = 3, .code = JL_VERDICT_PARKED}};
    const struct jl_verdicts none = {.first_seq = 1, .last_seq = 4};
    const struct jl_verdicts some = {
        .first_seq = 1, .last_seq = 4, .exceptions = list, .exception_count = 2};
    struct jl_quota quota = jl_quota_of(1000, &none);
    assert_int_equal(quota.ops, 0);
    assert_int_equal(quota.refused_bytes, 0);
    assert_int_equal(quota.bytes, 1000);
    quota = jl_quota_of(1000, &some);
    assert_int_equal(quota.ops, 1);
    assert_in_range(quota.refused_bytes, 250, 300);
    assert_in_range(quota.bytes, 1000, 1050);
}

int main(void) {
#define QUOTA(test) cmocka_unit_test_setup_teardown(test, open_district, close_district)
    const struct CMUnitTest tests[] = {
        QUOTA(test_each_quota_stops_at_its_edge_and_for_its_device_alone),
        QUOTA(test_a_day_ends_and_its_quota_with_it),
        QUOTA(test_a_first_import_fits_whatever_becomes_of_it),
        cmocka_unit_test(test_what_is_taken_costs_its_bytes_alone),
    };
    return cmocka_run_group_tests_name("quota", tests, NULL, NULL);
}
