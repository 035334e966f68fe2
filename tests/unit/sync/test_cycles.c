/* The last cycles and how they ended: what ended alike is one entry, few are kept, and what is kept
 * is read back or refused whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/sync/cycles.h"

#include <string.h>

static struct jl_cycle cycle(enum jl_cycle_end end, uint32_t why, int64_t began_ms,
                             uint64_t took_ms) {
    return (struct jl_cycle){.end = end,
                             .why = why,
                             .count = 1,
                             .began_ms = began_ms,
                             .ended_ms = began_ms + (int64_t)took_ms,
                             .longest_ms = took_ms};
}

static bool note(struct jl_cycles *cycles, enum jl_cycle_end end, uint32_t why, int64_t began_ms,
                 uint64_t took_ms) {
    const struct jl_cycle one = cycle(end, why, began_ms, took_ms);
    return jl_cycles_note(cycles, &one);
}

static void test_cycles_that_ended_alike_are_one_entry(void **state) {
    (void)state;
    struct jl_cycles cycles = {0};
    assert_true(note(&cycles, JL_CYCLE_SILENT, 0, 1000, 20));
    assert_false(note(&cycles, JL_CYCLE_SILENT, 0, 2000, 50));
    assert_false(note(&cycles, JL_CYCLE_SILENT, 0, 3000, 30));
    assert_int_equal(cycles.count, 1);
    assert_int_equal(cycles.items[0].count, 3);
    assert_int_equal(cycles.items[0].began_ms, 1000);
    assert_int_equal(cycles.items[0].ended_ms, 3030);
    assert_int_equal(cycles.items[0].longest_ms, 50);
    assert_true(note(&cycles, JL_CYCLE_REFUSED, JL_REFUSE_BUSY, 4000, 1));
    assert_true(note(&cycles, JL_CYCLE_REFUSED, JL_REFUSE_CHAIN, 5000, 1));
    assert_true(note(&cycles, JL_CYCLE_SILENT, 0, 6000, 1));
    assert_int_equal(cycles.count, 4);
}

static void test_the_oldest_gives_way(void **state) {
    (void)state;
    struct jl_cycles office = {0};
    struct jl_cycles district = {0};
    for (int64_t i = 0; i < 100; i++) {
        const struct jl_cycle one =
            cycle(i % 2 == 0 ? JL_CYCLE_PROVEN : JL_CYCLE_SILENT, 0, i * 1000, 5);
        assert_true(jl_cycles_note(&office, &one));
        jl_cycles_merge(&district, office.items, office.count);
        assert_in_range(office.count, 1, JL_CYCLES_MAX);
        assert_in_range(district.count, 1, JL_CYCLES_KEPT);
    }
    assert_int_equal(office.count, JL_CYCLES_MAX);
    assert_int_equal(district.count, JL_CYCLES_KEPT);
    assert_int_equal(office.items[0].began_ms, (100 - JL_CYCLES_MAX) * 1000);
    for (int64_t i = 0; i < JL_CYCLES_KEPT; i++) {
        assert_int_equal(district.items[i].began_ms, (100 - JL_CYCLES_KEPT + i) * 1000);
    }
}

static void test_what_is_told_again_has_grown(void **state) {
    (void)state;
    struct jl_cycles office = {0};
    struct jl_cycles district = {0};
    note(&office, JL_CYCLE_PROVEN, 0, 1000, 5);
    note(&office, JL_CYCLE_SILENT, 0, 2000, 5);
    jl_cycles_merge(&district, office.items, office.count);
    note(&office, JL_CYCLE_SILENT, 0, 3000, 9);
    note(&office, JL_CYCLE_PROVEN, 0, 4000, 5);
    jl_cycles_merge(&district, office.items, office.count);
    jl_cycles_merge(&district, office.items, office.count);
    assert_int_equal(district.count, 3);
    assert_int_equal(district.items[1].count, 2);
    assert_int_equal(district.items[1].ended_ms, 3009);
    assert_int_equal(district.items[2].began_ms, 4000);
}

static void test_what_is_kept_is_read_back(void **state) {
    (void)state;
    struct jl_cycles cycles = {0};
    struct jl_cycles back;
    JL_AUTO(jl_buf) text = {0};
    for (size_t i = 0; i < JL_CYCLES_KEPT; i++) {
        cycles.items[cycles.count++] = (struct jl_cycle){.end = UINT32_MAX,
                                                         .why = UINT32_MAX,
                                                         .count = INT64_MAX,
                                                         .began_ms = INT64_MIN,
                                                         .ended_ms = INT64_MAX,
                                                         .longest_ms = INT64_MAX};
    }
    assert_int_equal(jl_cycles_encode(&cycles, &text, NULL), JL_OK);
    assert_int_equal(jl_cycles_decode(jl_buf_bytes(&text), &back, NULL), JL_OK);
    assert_memory_equal(&back, &cycles, sizeof back);
    assert_int_equal(jl_buf_put_text(&text, "1 0 1 0 0 0\n", NULL), JL_OK);
    assert_int_equal(jl_cycles_decode(jl_buf_bytes(&text), &back, NULL), JL_CORRUPT);
}

static void test_other_text_is_refused_whole(void **state) {
    (void)state;
    static const char *const texts[] = {
        "\n",
        "1\n",
        "1 0 1 0 0\n",
        "1 0 1 0 0 0",
        "1 0 1 0 0 0 \n",
        "1 0 1 0 0 0 7\n",
        "0 0 1 0 0 0\n",
        "1 0 0 0 0 0\n",
        "1 0 9223372036854775808 0 0 0\n",
        "1 0 1 0 0 9223372036854775808\n",
        "x 0 1 0 0 0\n",
        "1 0 1 0 0 0\n\n",
    };
    struct jl_cycles back = {.count = 7};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(jl_cycles_decode(jl_bytes_text(texts[i]), &back, NULL), JL_CORRUPT);
        assert_int_equal(back.count, 7);
    }
    assert_int_equal(jl_cycles_decode(jl_bytes(NULL, 0), &back, NULL), JL_OK);
    assert_int_equal(back.count, 0);
}

static void test_every_end_has_a_word(void **state) {
    (void)state;
    assert_string_equal(jl_cycle_end_word(JL_CYCLE_PROVEN), "proven");
    assert_string_equal(jl_cycle_end_word(JL_CYCLE_TROUBLE), "trouble");
    assert_string_equal(jl_cycle_end_word(0), "other");
    assert_string_equal(jl_cycle_end_word(JL_CYCLE_TROUBLE + 1), "other");
    assert_string_equal(jl_cycle_end_word(UINT32_MAX), "other");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cycles_that_ended_alike_are_one_entry),
        cmocka_unit_test(test_the_oldest_gives_way),
        cmocka_unit_test(test_what_is_told_again_has_grown),
        cmocka_unit_test(test_what_is_kept_is_read_back),
        cmocka_unit_test(test_other_text_is_refused_whole),
        cmocka_unit_test(test_every_end_has_a_word),
    };
    return cmocka_run_group_tests_name("cycles", tests, NULL, NULL);
}
