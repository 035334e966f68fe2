/* Goal: memory that is aligned, distinct, bounded, and settles at no allocation in a loop.
 * Method: many sizes at once; the arena's own fields show its blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/base/arena.h"

#include <stdalign.h>
#include <string.h>

static void test_pieces_are_aligned_and_do_not_overlap(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    enum { COUNT = 400 };
    uint8_t *pieces[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        pieces[i] = jl_arena_alloc(&arena, i * 3);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        memset(pieces[i], (int)(i % 251), i * 3);
        assert_non_null(jl_arena_text(&arena, jl_bytes_text("x"))); /* spoils the alignment */
    }
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t at = 0; at < i * 3; at++) {
            assert_int_equal(pieces[i][at], i % 251);
        }
    }
}

static void test_empty_pieces_are_valid_and_distinct(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    void *a = jl_arena_alloc(&arena, 0);
    void *b = jl_arena_zalloc(&arena, 0, 8);
    void *c = jl_arena_zalloc(&arena, 8, 0);
    assert_non_null(a);
    assert_non_null(b);
    assert_non_null(c);
    assert_ptr_not_equal(a, b);
    assert_ptr_not_equal(b, c);
}

static void test_zeroed_pieces_are_zero_in_used_memory_too(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    for (int round = 0; round < 3; round++) {
        uint8_t *data = jl_arena_zalloc(&arena, 10, 13);
        assert_non_null(data);
        for (size_t i = 0; i < 130; i++) {
            assert_int_equal(data[i], 0);
        }
        memset(data, 0xFF, 130);
        jl_arena_reset(&arena);
    }
}

static void test_the_bound_holds_to_the_byte(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {.limit_bytes = 100};
    struct jl_err err;
    struct jl_bytes copy = jl_bytes_text("before");
    char big[128];
    memset(big, 'x', sizeof big);
    assert_non_null(jl_arena_alloc(&arena, 60));
    assert_null(jl_arena_alloc(&arena, 41));
    assert_int_equal(jl_arena_dup(&arena, jl_bytes(big, 41), &copy, &err), JL_LIMIT);
    assert_true(jl_bytes_is(copy, "before"));
    assert_null(jl_arena_text(&arena, jl_bytes(big, 40))); /* and the NUL */
    assert_null(jl_arena_printf(&arena, "%40d", 1));
    assert_non_null(jl_arena_alloc(&arena, 40));
    assert_null(jl_arena_alloc(&arena, 1));
    assert_null(jl_arena_alloc(&arena, 0));
    assert_int_equal(arena.used_bytes, 100);
    jl_arena_reset(&arena);
    assert_non_null(jl_arena_alloc(&arena, 100));
}

static void test_impossible_sizes_are_refused(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_bytes huge = {.data = (const uint8_t *)"", .size = SIZE_MAX};
    assert_null(jl_arena_alloc(&arena, SIZE_MAX));
    assert_null(jl_arena_alloc(&arena, SIZE_MAX - 8));
    assert_null(jl_arena_alloc(&arena, SIZE_MAX / 2 + 1));
    assert_null(jl_arena_zalloc(&arena, SIZE_MAX / 2, 3));
    assert_null(jl_arena_zalloc(&arena, 3, SIZE_MAX / 2));
    assert_null(jl_arena_zalloc(&arena, SIZE_MAX / 16 + 1, 16)); /* the product wraps to 0 */
    assert_null(jl_arena_text(&arena, huge));
    assert_int_equal(jl_arena_dup(&arena, huge, &huge, NULL), JL_NOMEM);
    assert_non_null(jl_arena_alloc(&arena, 8));
    assert_null(jl_arena_alloc(&arena, SIZE_MAX));
    assert_non_null(jl_arena_alloc(&arena, 8));
}

static void test_copies_live_on_their_own(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    char source[] = "街联";
    struct jl_bytes copy;
    struct jl_bytes none = jl_bytes_text("x");
    assert_int_equal(jl_arena_dup(&arena, jl_bytes_text(source), &copy, NULL), JL_OK);
    char *text = jl_arena_text(&arena, jl_bytes_text(source));
    assert_non_null(text);
    memset(source, '?', sizeof source - 1);
    assert_true(jl_bytes_is(copy, "街联"));
    assert_string_equal(text, "街联");
    assert_int_equal(jl_arena_dup(&arena, jl_bytes(NULL, 0), &none, NULL), JL_OK);
    assert_int_equal(none.size, 0);
    text = jl_arena_text(&arena, jl_bytes(NULL, 0));
    assert_non_null(text);
    assert_string_equal(text, "");
    text = jl_arena_printf(&arena, "%s-%d", "GD", 7);
    assert_non_null(text);
    assert_string_equal(text, "GD-7");
}

static void fill(struct jl_arena *arena) {
    for (size_t i = 0; i < 1000; i++) {
        assert_non_null(jl_arena_alloc(arena, 1 + i % 300));
    }
}

static void test_a_loop_settles_at_one_block(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    for (int round = 0; round < 4; round++) {
        fill(&arena);
        jl_arena_reset(&arena);
        assert_int_equal(arena.used_bytes, 0);
        assert_ptr_equal(arena.first, arena.current);
    }
    struct jl_arena_block *settled = arena.first;
    for (int round = 0; round < 10; round++) {
        fill(&arena);
        assert_ptr_equal(arena.first, settled);
        assert_ptr_equal(arena.current, settled);
        jl_arena_reset(&arena);
    }
}

static void test_an_ended_arena_can_be_used_again(void **state) {
    (void)state;
    struct jl_arena arena = {.limit_bytes = 5000};
    jl_arena_reset(&arena);
    jl_arena_fini(&arena);
    assert_non_null(jl_arena_alloc(&arena, 4000));
    jl_arena_fini(&arena);
    assert_non_null(jl_arena_alloc(&arena, 4000));
    assert_null(jl_arena_alloc(&arena, 4000)); /* the bound stays */
    jl_arena_fini(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_are_aligned_and_do_not_overlap),
        cmocka_unit_test(test_empty_pieces_are_valid_and_distinct),
        cmocka_unit_test(test_zeroed_pieces_are_zero_in_used_memory_too),
        cmocka_unit_test(test_the_bound_holds_to_the_byte),
        cmocka_unit_test(test_impossible_sizes_are_refused),
        cmocka_unit_test(test_copies_live_on_their_own),
        cmocka_unit_test(test_a_loop_settles_at_one_block),
        cmocka_unit_test(test_an_ended_arena_can_be_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
