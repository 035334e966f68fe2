/* Parts of a feed: places, splitting, what is told, and how many bytes it takes to find what
 * differs among many. The two sides are sets of made-up records; nothing is stored. */
#include "jielian/sync/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct jl_err err;

static uint64_t mix(uint64_t z) { /* splitmix64 */
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* ---- Places and parts ---- */

static void test_a_place_is_the_id_from_its_end_and_then_the_type(void **state) {
    (void)state;
    struct jl_id id;
    for (int i = 0; i < JL_ID_BYTES; i++) {
        id.bytes[i] = (uint8_t)(i + 1);
    }
    const struct jl_place place = jl_part_place(0x01020304, &id);
    for (int i = 0; i < JL_ID_BYTES; i++) {
        assert_int_equal(place.bytes[i], JL_ID_BYTES - i);
    }
    assert_memory_equal(place.bytes + JL_ID_BYTES, "\1\2\3\4", 4);
}

static void test_every_place_is_in_one_of_the_parts_that_a_part_is_split_into(void **state) {
    (void)state;
    for (unsigned depth = 0; depth < JL_PLACE_DEPTH; depth++) {
        struct jl_id id = {{0}};
        for (int i = 0; i < JL_ID_BYTES; i++) {
            id.bytes[i] = (uint8_t)mix(depth * 31u + (uint64_t)i);
        }
        const struct jl_place place = jl_part_place(0xfedc1234, &id);
        struct jl_part part = {0};
        for (unsigned d = 0; d < depth; d++) {
            part = jl_part_split(&part, jl_part_way(&part, &place));
        }
        struct jl_part split[JL_PART_WAYS];
        for (unsigned way = 0; way < JL_PART_WAYS; way++) {
            split[way] = jl_part_split(&part, way);
            assert_int_equal(split[way].depth, depth + 1);
        }
        assert_int_equal(jl_part_find(&part, 1, &place), 0);
        assert_int_equal(jl_part_find(split, JL_PART_WAYS, &place), jl_part_way(&part, &place));
    }
}

static void test_a_place_outside_of_all_parts_is_in_none(void **state) {
    (void)state;
    const struct jl_part parts[] = {{.depth = 1, .begin = {0x10}},
                                    {.depth = 2, .begin = {0x25}},
                                    {.depth = 4, .begin = {0x30, 0x01}}};
    static const struct {
        uint8_t begin[2];
        size_t part;
    } rows[] = {{{0x0f, 0xff}, SIZE_MAX}, {{0x10, 0x00}, 0},        {{0x1f, 0xff}, 0},
                {{0x20, 0x00}, SIZE_MAX}, {{0x25, 0x00}, 1},        {{0x25, 0xff}, 1},
                {{0x26, 0x00}, SIZE_MAX}, {{0x30, 0x00}, SIZE_MAX}, {{0x30, 0x01}, 2},
                {{0x30, 0x02}, SIZE_MAX}, {{0xff, 0xff}, SIZE_MAX}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct jl_place place = {{rows[i].begin[0], rows[i].begin[1]}};
        assert_int_equal(jl_part_find(parts, 3, &place), rows[i].part);
    }
    const struct jl_place place = {{0}};
    assert_int_equal(jl_part_find(parts, 0, &place), SIZE_MAX);
}

static void test_a_part_is_told_as_a_list_up_to_its_bound_and_then_by_sums(void **state) {
    (void)state;
    const struct jl_part whole = {0};
    struct jl_part_sum sum = {0};
    uint8_t bytes[JL_PART_WAYS * JL_SHORT_SUM_BYTES];
    for (unsigned n = 0; n <= JL_PART_LIST_MAX; n++) {
        struct jl_part_sum copy = sum;
        struct jl_told_part told = jl_part_tell(&whole, &copy, bytes);
        assert_int_equal(told.count, n);
        for (unsigned i = 0; i < n; i++) { /* ascending, though they came descending */
            assert_int_equal(bytes[i * JL_SHORT_SUM_BYTES], 100 - n + 1 + i);
        }
        const struct jl_place place = {{(uint8_t)(n << 4)}};
        const uint8_t hash[JL_SHORT_SUM_BYTES] = {(uint8_t)(100 - n)};
        jl_part_add(&sum, &whole, &place, hash);
    }
    struct jl_told_part told = jl_part_tell(&whole, &sum, bytes);
    assert_int_equal(told.count, JL_PART_LIST_MAX + 1);
    for (unsigned way = 0; way < JL_PART_WAYS; way++) {
        assert_int_equal(bytes[way * JL_SHORT_SUM_BYTES],
                         way == 0 ? (uint8_t)(100 + 100 - JL_PART_LIST_MAX) : 100 - way);
        assert_true(jl_part_same(&told, &sum, way));
    }
    sum.ways[3]++;
    assert_false(jl_part_same(&told, &sum, 3));
}

/* ---- What a repair costs ---- */

enum made { RANDOM_IDS, COUNTED_IDS, SHARED_ENDS };

struct two_sides {
    enum made ids;
    uint64_t count, every; /* every so many records differ */
    size_t steps, bytes, widest, found;
};

static struct jl_id id_at(const struct two_sides *sides, uint64_t n) {
    struct jl_id id = {{1, 0x8f}};
    uint64_t high = sides->ids == RANDOM_IDS ? mix(2 * n) : 7;
    uint64_t low = sides->ids == RANDOM_IDS    ? mix(2 * n + 1)
                   : sides->ids == COUNTED_IDS ? 0x8000000012345678u + n
                                               : 0x8000000012345678u;
    high = sides->ids == SHARED_ENDS ? n : high;
    for (int i = 0; i < 8; i++) {
        id.bytes[i] = (uint8_t)(high >> (56 - 8 * i));
        id.bytes[8 + i] = (uint8_t)(low >> (56 - 8 * i));
    }
    return id;
}

static size_t frame_bytes(struct jl_wire *wire, const struct jl_message *message) {
    JL_AUTO(jl_buf) frame = {0};
    assert_int_equal(jl_wire_encode(wire, message, &frame, &err), JL_OK);
    return frame.size;
}

static size_t missing(const struct jl_told_part *told, const struct jl_told_part *own) {
    size_t count = 0;
    for (size_t i = 0; i < told->count; i++) {
        size_t k = 0;
        while (k < own->count &&
               memcmp(own->sums + k * JL_SHORT_SUM_BYTES, told->sums + i * JL_SHORT_SUM_BYTES,
                      JL_SHORT_SUM_BYTES) != 0) {
            k++;
        }
        count += k == own->count ? 1 : 0;
    }
    return count;
}

/* One question over both sides; the next parts replace those asked for. */
static void ask(struct two_sides *sides, struct jl_wire *wire, struct jl_part *parts,
                size_t *part_count) {
    JL_AUTO(jl_arena) arena = {0};
    size_t count = *part_count;
    struct jl_message question = {.kind = JL_MESSAGE_ASK};
    struct jl_message answer = {.kind = JL_MESSAGE_BUCKETS};
    struct jl_part_sum *theirs = jl_arena_zalloc(&arena, count, sizeof *theirs);
    struct jl_part_sum *ours = jl_arena_zalloc(&arena, count, sizeof *ours);
    struct jl_told_part *told = jl_arena_zalloc(&arena, count, sizeof *told);
    struct jl_part *next = jl_arena_zalloc(&arena, count * JL_PART_WAYS, sizeof *next);
    uint8_t *bytes = jl_arena_zalloc(&arena, count, JL_PART_WAYS * JL_SHORT_SUM_BYTES);
    size_t next_count = 0;
    assert_true(theirs != NULL && ours != NULL && told != NULL && next != NULL && bytes != NULL);
    for (uint64_t n = 0; n < sides->count; n++) {
        const struct jl_id id = id_at(sides, n);
        const struct jl_place place = jl_part_place(1002, &id);
        size_t p = jl_part_find(parts, count, &place);
        if (p == SIZE_MAX) {
            continue;
        }
        uint64_t hash = mix(n ^ 0x5555);
        jl_part_add(&theirs[p], &parts[p], &place, (const uint8_t *)&hash);
        hash = n % sides->every == sides->every / 2 ? mix(hash) : hash;
        jl_part_add(&ours[p], &parts[p], &place, (const uint8_t *)&hash);
    }
    for (size_t p = 0; p < count; p++) {
        told[p] = jl_part_tell(&parts[p], &theirs[p],
                               bytes + p * JL_PART_WAYS * (size_t)JL_SHORT_SUM_BYTES);
        if (told[p].count <= JL_PART_LIST_MAX) {
            uint8_t own[JL_PART_WAYS * JL_SHORT_SUM_BYTES];
            struct jl_told_part list = jl_part_tell(&parts[p], &ours[p], own);
            assert_int_equal(list.count, told[p].count);
            sides->found += missing(&told[p], &list);
            continue;
        }
        for (unsigned way = 0; way < JL_PART_WAYS; way++) {
            if (!jl_part_same(&told[p], &ours[p], way)) {
                next[next_count++] = jl_part_split(&parts[p], way);
            }
        }
    }
    question.as.ask =
        (struct jl_ask){.feed = 1, .step = JL_ASK_BUCKETS, .parts = parts, .part_count = count};
    answer.as.buckets = (struct jl_buckets){.feed = 1, .parts = told, .part_count = count};
    sides->bytes += frame_bytes(wire, &question) + frame_bytes(wire, &answer);
    sides->steps++;
    sides->widest = next_count > sides->widest ? next_count : sides->widest;
    assert_true(next_count <= JL_ASK_PARTS_MAX);
    memcpy(parts, next, next_count * sizeof *next);
    *part_count = next_count;
}

/* From the whole feed to lists that differ. */
static void find(struct two_sides *sides) {
    static struct jl_part parts[JL_ASK_PARTS_MAX];
    JL_AUTO_PTR(jl_wire) wire = NULL;
    size_t count = 1;
    assert_int_equal(jl_wire_new(jl_suite_find(JL_SUITE_FIRST), &wire, &err), JL_OK);
    parts[0] = (struct jl_part){0};
    while (count > 0) {
        ask(sides, wire, parts, &count);
    }
}

/* What docs/performance.md says of a repair is these, and Hello, Welcome, two proofs, the question
 * for feed 0 (150 bytes) and the rows. */
static void test_one_row_among_many_is_found_in_few_bytes(void **state) {
    (void)state;
    static const struct {
        enum made ids;
        uint64_t count;
        size_t steps, bytes;
    } rows[] = {
        {RANDOM_IDS, 30000, 4, 700},    {COUNTED_IDS, 30000, 4, 700}, {RANDOM_IDS, 1000000, 6, 900},
        {SHARED_ENDS, 30000, 20, 3500}, {RANDOM_IDS, 3, 1, 100},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct two_sides sides = {
            .ids = rows[i].ids, .count = rows[i].count, .every = rows[i].count};
        find(&sides);
        if (sides.found != 1 || sides.steps > rows[i].steps || sides.bytes > rows[i].bytes) {
            fail_msg("row %zu: %zu found, %zu steps, %zu bytes", i, sides.found, sides.steps,
                     sides.bytes);
        }
    }
}

static void test_a_hundred_rows_among_many_are_found_in_a_fifth_of_a_kilobyte_each(void **state) {
    (void)state;
    for (enum made ids = RANDOM_IDS; ids <= COUNTED_IDS; ids++) {
        struct two_sides sides = {.ids = ids, .count = 30000, .every = 300};
        find(&sides);
        assert_int_equal(sides.found, 100);
        assert_in_range(sides.bytes, 0, 24000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_place_is_the_id_from_its_end_and_then_the_type),
        cmocka_unit_test(test_every_place_is_in_one_of_the_parts_that_a_part_is_split_into),
        cmocka_unit_test(test_a_place_outside_of_all_parts_is_in_none),
        cmocka_unit_test(test_a_part_is_told_as_a_list_up_to_its_bound_and_then_by_sums),
        cmocka_unit_test(test_one_row_among_many_is_found_in_few_bytes),
        cmocka_unit_test(test_a_hundred_rows_among_many_are_found_in_a_fifth_of_a_kilobyte_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
