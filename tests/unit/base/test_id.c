/* Goal: ids have the RFC 9562 layout and only ever ascend within a source, whatever the clock
 * does. Method: known bytes, counters set just below their overflow, clocks that jump. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/base/id.h"

#include <ctype.h>
#include <string.h>

static uint64_t time_of(const struct jl_id *id) {
    uint64_t ms = 0;
    for (size_t i = 0; i < 6; i++) {
        ms = ms << 8 | id->bytes[i];
    }
    return ms;
}

static void check_version(const struct jl_id *id, unsigned version) {
    assert_int_equal(id->bytes[6] >> 4, version);
    assert_int_equal(id->bytes[8] >> 6, 2);
}

static void test_an_id_has_the_fields_of_uuid_v7(void **state) {
    (void)state;
    static const uint8_t random[16] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFC, 0xC3,
                                       0xD8, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8E};
    struct jl_id_source source;
    char text[JL_ID_TEXT_BYTES];
    jl_id_source_init(&source, random);
    struct jl_id id = jl_id_next(&source, INT64_C(1645557742000)); /* RFC 9562 appendix A.6 */
    check_version(&id, 7);
    jl_id_format(&id, text);
    assert_string_equal(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    assert_int_equal(jl_id_bucket(&id), 0x8f);
    id = jl_id_next(&source, INT64_C(1645557742000));
    jl_id_format(&id, text);
    assert_string_equal(text, "017f22e2-79b0-7cc3-98c4-dc0c0c073990");
}

static void test_ids_ascend_whatever_the_clock_does(void **state) {
    (void)state;
    static const int64_t clock_ms[] = {1000, 1000, 999, 0, -5, INT64_MIN, 1001, 5000, 4000, 5001};
    static const uint64_t shown_ms[] = {1000, 1000, 1000, 1000, 1000, 1000, 1001, 5000, 5000, 5001};
    static const uint8_t random[16] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    struct jl_id_source source;
    struct jl_id last = {{0}};
    jl_id_source_init(&source, random);
    for (size_t i = 0; i < sizeof clock_ms / sizeof clock_ms[0]; i++) {
        struct jl_id id = jl_id_next(&source, clock_ms[i]);
        assert_true(jl_id_compare(&last, &id) < 0);
        assert_int_equal(time_of(&id), shown_ms[i]);
        check_version(&id, 7);
        last = id;
    }
}

static void test_a_full_counter_carries_into_the_time(void **state) {
    (void)state;
    static const struct {
        uint64_t high;
        uint64_t low;
        uint64_t time_moves;
    } cases[] = {
        {0, (UINT64_C(1) << 62) - 2, 0},
        {0x7FF, (UINT64_C(1) << 62) - 2, 0},
        {0xFFF, (UINT64_C(1) << 62) - 2, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct jl_id_source source = {.last_ms = 70, .high = cases[i].high, .low = cases[i].low};
        struct jl_id last = jl_id_next(&source, 70);
        for (int step = 0; step < 3; step++) {
            struct jl_id id = jl_id_next(&source, 70);
            assert_true(jl_id_compare(&last, &id) < 0);
            check_version(&id, 7);
            last = id;
        }
        assert_int_equal(time_of(&last), 70 + cases[i].time_moves);
    }
}

static void test_a_clock_beyond_48_bits_stays_inside(void **state) {
    (void)state;
    static const uint8_t random[16] = {0};
    struct jl_id_source source;
    jl_id_source_init(&source, random);
    struct jl_id a = jl_id_next(&source, INT64_MAX);
    struct jl_id b = jl_id_next(&source, INT64_MAX);
    assert_true(time_of(&a) == (UINT64_C(1) << 48) - 1);
    check_version(&a, 7);
    assert_true(jl_id_compare(&a, &b) < 0);
}

static void test_a_burst_of_ids_fills_the_buckets_evenly(void **state) {
    (void)state;
    static const uint8_t random[16] = {0};
    struct jl_id_source source;
    unsigned counts[256] = {0};
    jl_id_source_init(&source, random);
    for (int i = 0; i < 256 * 4; i++) {
        struct jl_id id = jl_id_next(&source, 1);
        counts[jl_id_bucket(&id)]++;
    }
    for (size_t i = 0; i < 256; i++) {
        assert_int_equal(counts[i], 4);
    }
}

static void test_an_id_from_a_hash_has_version_8(void **state) {
    (void)state;
    uint8_t hash[16];
    for (unsigned fill = 0; fill < 256; fill += 51) {
        memset(hash, (int)fill, sizeof hash);
        struct jl_id id = jl_id_from_hash(hash);
        check_version(&id, 8);
        for (size_t i = 0; i < 16; i++) {
            uint8_t kept = i == 6 ? 0x0F : i == 8 ? 0x3F : 0xFF;
            assert_int_equal(id.bytes[i] & kept, hash[i] & kept);
        }
    }
}

static void test_texts_read_back_in_either_case(void **state) {
    (void)state;
    static const char text[] = "0193a5b2-7c41-7d10-8f00-5a1b2c3d4e5f";
    char upper[JL_ID_TEXT_BYTES];
    char back[JL_ID_TEXT_BYTES];
    struct jl_id id;
    struct jl_id same;
    for (size_t i = 0; i < sizeof upper; i++) {
        upper[i] = (char)toupper((unsigned char)text[i]);
    }
    assert_int_equal(jl_id_parse(text, &id, NULL), JL_OK);
    assert_int_equal(jl_id_parse(upper, &same, NULL), JL_OK);
    assert_true(jl_id_equal(&id, &same));
    assert_int_equal(jl_id_compare(&id, &same), 0);
    jl_id_format(&id, back);
    assert_string_equal(back, text);
}

static void test_texts_that_are_no_id_are_refused(void **state) {
    (void)state;
    static const char *const cases[] = {
        NULL,
        "",
        "0193a5b2",
        "0193a5b27c417d108f005a1b2c3d4e5f",
        "0193a5b2-7c41-7d10-8f00-5a1b2c3d4e5",
        "0193a5b2-7c41-7d10-8f00-5a1b2c3d4e5f0",
        "0193a5b2-7c41-7d10-8f00-5a1b2c3d4e5g",
        "0193a5b27-c41-7d10-8f00-5a1b2c3d4e5f",
        "0193a5b2-7c41-7d10-8f005-a1b2c3d4e5f",
        "0193a5b2_7c41_7d10_8f00_5a1b2c3d4e5f",
        " 193a5b2-7c41-7d10-8f00-5a1b2c3d4e5f",
        "{193a5b2-7c41-7d10-8f00-5a1b2c3d4e5}",
        "0193a5b2-7c41-7d10-8f00-5a1b2c3d4街",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct jl_id id = {{42}};
        struct jl_err err;
        assert_int_equal(jl_id_parse(cases[i], &id, &err), JL_MISUSE);
        assert_int_equal(id.bytes[0], 42);
    }
}

static void test_only_16_bytes_are_an_id(void **state) {
    (void)state;
    static const uint8_t bytes[32] = {1, 2, 3};
    for (size_t size = 0; size <= sizeof bytes; size++) {
        struct jl_id id = {{0}};
        enum jl_rc rc = jl_id_from_bytes(jl_bytes(bytes, size), &id, NULL);
        assert_int_equal(rc, size == 16 ? JL_OK : JL_PROTO);
        assert_int_equal(jl_id_is_zero(&id), size != 16);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_id_has_the_fields_of_uuid_v7),
        cmocka_unit_test(test_ids_ascend_whatever_the_clock_does),
        cmocka_unit_test(test_a_full_counter_carries_into_the_time),
        cmocka_unit_test(test_a_clock_beyond_48_bits_stays_inside),
        cmocka_unit_test(test_a_burst_of_ids_fills_the_buckets_evenly),
        cmocka_unit_test(test_an_id_from_a_hash_has_version_8),
        cmocka_unit_test(test_texts_read_back_in_either_case),
        cmocka_unit_test(test_texts_that_are_no_id_are_refused),
        cmocka_unit_test(test_only_16_bytes_are_an_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
