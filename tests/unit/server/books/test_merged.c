/* The map of merged records (server/books/merged.h): finding, chains, the bound, its bytes. */
#include "server/books/merged.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MEMBER = 1002, UNIT = 1001 };

static struct jl_merged map;
static struct jl_err err;

static int tear_down(void **state) {
    (void)state;
    jl_merged_fini(&map);
    return 0;
}

static struct jl_id id_of(uint32_t number) {
    struct jl_id id = {{0}};
    for (int i = 0; i < 4; i++) {
        id.bytes[12 + i] = (uint8_t)(number >> (24 - 8 * i));
    }
    return id;
}

static void put(uint32_t type, uint32_t gone, uint32_t kept) {
    const struct jl_merged_entry entry = {.type = type, .gone = id_of(gone), .kept = id_of(kept)};
    assert_int_equal(jl_merged_put(&map, &entry, &err), JL_OK);
}

/* kept 0: not merged. */
static void assert_kept(uint32_t type, uint32_t gone, uint32_t kept) {
    const struct jl_id id = id_of(gone);
    const struct jl_id want = id_of(kept);
    const struct jl_id *found = jl_merged_kept(&map, type, &id);
    assert_int_equal(found != NULL, kept != 0);
    assert_true(found == NULL || jl_id_equal(found, &want));
}
static void assert_last(uint32_t gone, uint32_t kept) {
    const struct jl_id id = id_of(gone);
    const struct jl_id want = id_of(kept);
    const struct jl_id *found = jl_merged_last(&map, MEMBER, &id);
    assert_int_equal(found != NULL, kept != 0);
    assert_true(found == NULL || jl_id_equal(found, &want));
}

static void test_a_record_is_found_by_type_and_id(void **state) {
    (void)state;
    assert_kept(MEMBER, 1, 0); /* an empty map */
    put(MEMBER, 1, 2);
    assert_kept(MEMBER, 1, 2);
    assert_kept(UNIT, 1, 0);
    assert_kept(MEMBER, 2, 0);
    put(UNIT, 1, 3);
    assert_kept(MEMBER, 1, 2);
    assert_kept(UNIT, 1, 3);
}

static void test_a_record_merged_again_has_one_entry(void **state) {
    (void)state;
    put(MEMBER, 1, 2);
    put(MEMBER, 5, 6);
    put(MEMBER, 1, 3);
    assert_int_equal(map.count, 2);
    assert_kept(MEMBER, 1, 3);
    assert_kept(MEMBER, 5, 6);
}

static void test_a_record_that_is_back_is_forgotten_and_no_other(void **state) {
    (void)state;
    enum { MANY = 200 }; /* more than the first table holds */
    for (uint32_t i = 1; i <= MANY; i++) {
        put(MEMBER, i, 1000 + i);
    }
    for (uint32_t i = 1; i <= MANY; i += 2) {
        const struct jl_id id = id_of(i);
        jl_merged_drop(&map, MEMBER, &id);
        jl_merged_drop(&map, MEMBER, &id);
    }
    assert_int_equal(map.count, MANY / 2);
    for (uint32_t i = 1; i <= MANY; i++) {
        assert_kept(MEMBER, i, i % 2 == 1 ? 0 : 1000 + i);
    }
}

static void test_a_chain_of_merges_is_followed_up_to_its_bound(void **state) {
    (void)state;
    for (uint32_t i = 1; i <= JL_MERGED_CHAIN_MAX; i++) {
        put(MEMBER, i, i + 1);
    }
    assert_last(JL_MERGED_CHAIN_MAX, JL_MERGED_CHAIN_MAX + 1);
    assert_last(1, JL_MERGED_CHAIN_MAX + 1);
    put(MEMBER, JL_MERGED_CHAIN_MAX + 1, JL_MERGED_CHAIN_MAX + 2);
    assert_last(2, JL_MERGED_CHAIN_MAX + 2);
    assert_last(1, 0); /* one step too many */
    put(MEMBER, 500, 500);
    assert_last(500, 0); /* and a circle ends */
}

static void test_the_oldest_is_forgotten_beyond_the_bound(void **state) {
    (void)state;
    for (uint32_t i = 1; i <= JL_MERGED_MAX; i++) {
        put(MEMBER, i, i + 100000);
    }
    assert_int_equal(map.count, JL_MERGED_MAX);
    assert_kept(MEMBER, 1, 100001);
    put(MEMBER, JL_MERGED_MAX + 1, 7);
    assert_int_equal(map.count, JL_MERGED_MAX);
    assert_kept(MEMBER, 1, 0);
    assert_kept(MEMBER, 2, 100002);
    assert_kept(MEMBER, JL_MERGED_MAX + 1, 7);
    put(MEMBER, 2, 9); /* one that is known needs no room */
    assert_kept(MEMBER, 3, 100003);
}

static void test_it_is_read_back_as_it_was_written(void **state) {
    (void)state;
    JL_AUTO(jl_buf) bytes = {0};
    JL_AUTO(jl_buf) again = {0};
    put(MEMBER, 1, 2);
    put(UNIT, 3, 4);
    put(MEMBER, 0x01020304, 5);
    assert_int_equal(jl_merged_encode(&map, &bytes, &err), JL_OK);
    assert_int_equal(bytes.size, 3 * 36);
    assert_memory_equal(bytes.data, "\x00\x00\x03\xea", 4); /* 1002 */
    assert_memory_equal(bytes.data + 72 + 16, "\x01\x02\x03\x04", 4);
    put(MEMBER, 9, 9);
    assert_int_equal(jl_merged_decode(jl_buf_bytes(&bytes), &map, &err), JL_OK);
    assert_kept(MEMBER, 9, 0);
    assert_kept(UNIT, 3, 4);
    assert_int_equal(jl_merged_encode(&map, &again, &err), JL_OK);
    assert_true(jl_bytes_equal(jl_buf_bytes(&bytes), jl_buf_bytes(&again)));
    assert_int_equal(jl_merged_decode(jl_bytes(NULL, 0), &map, &err), JL_OK);
    assert_kept(UNIT, 3, 0);
}

static void test_bytes_that_are_cut_off_or_too_many_are_refused(void **state) {
    (void)state;
    static uint8_t bytes[(JL_MERGED_MAX + 1) * 36];
    assert_int_equal(jl_merged_decode(jl_bytes(bytes, 35), &map, &err), JL_CORRUPT);
    assert_int_equal(jl_merged_decode(jl_bytes(bytes, 37), &map, &err), JL_CORRUPT);
    assert_int_equal(jl_merged_decode(jl_bytes(bytes, sizeof bytes), &map, &err), JL_CORRUPT);
    assert_int_equal(map.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
        TEST(test_a_record_is_found_by_type_and_id),
        TEST(test_a_record_merged_again_has_one_entry),
        TEST(test_a_record_that_is_back_is_forgotten_and_no_other),
        TEST(test_a_chain_of_merges_is_followed_up_to_its_bound),
        TEST(test_the_oldest_is_forgotten_beyond_the_bound),
        TEST(test_it_is_read_back_as_it_was_written),
        TEST(test_bytes_that_are_cut_off_or_too_many_are_refused),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
