/* Goal: what is written reads back, and no malformed input is read past its end or taken for
 * something. Method: tables of encodings with their edges; every prefix of a good input fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/base/buf.h"
#include "jielian/base/bytes.h"
#include "jielian/base/hex.h"
#include "jielian/base/reader.h"

#include <stdlib.h>
#include <string.h>

static void test_comparing_orders_by_bytes_then_size(void **state) {
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        int sign;
    } cases[] = {
        {"", "", 0},     {NULL, "", 0},  {"", "a", -1},        {"a", "a", 0},
        {"a", "ab", -1}, {"b", "ab", 1}, {"\x7f", "\x80", -1}, {"ab", "ac", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct jl_bytes a = jl_bytes_text(cases[i].a);
        struct jl_bytes b = jl_bytes_text(cases[i].b);
        int order = jl_bytes_compare(a, b);
        int back = jl_bytes_compare(b, a);
        assert_int_equal((order > 0) - (order < 0), cases[i].sign);
        assert_int_equal((back > 0) - (back < 0), -cases[i].sign);
        assert_int_equal(jl_bytes_equal(a, b), cases[i].sign == 0);
        assert_int_equal(jl_bytes_is(a, cases[i].b), cases[i].sign == 0);
    }
}

static void test_buffer_grows_and_keeps_its_content(void **state) {
    (void)state;
    JL_AUTO(jl_buf) buf = {0};
    for (unsigned i = 0; i < 5000; i++) {
        assert_int_equal(jl_buf_put_u8(&buf, (uint8_t)(i % 251), NULL), JL_OK);
    }
    assert_int_equal(buf.size, 5000);
    for (unsigned i = 0; i < 5000; i++) {
        assert_int_equal(buf.data[i], i % 251);
    }
    size_t capacity = buf.capacity;
    jl_buf_reset(&buf);
    assert_int_equal(buf.size, 0);
    assert_int_equal(buf.capacity, capacity);
    jl_buf_wipe(&buf);
    assert_null(buf.data);
    assert_int_equal(jl_buf_put_text(&buf, "街", NULL), JL_OK);
    assert_true(jl_bytes_is(jl_buf_bytes(&buf), "街"));
}

static void test_empty_buffers_are_fine_everywhere(void **state) {
    (void)state;
    struct jl_buf buf = {0};
    assert_int_equal(jl_buf_put(&buf, NULL, 0, NULL), JL_OK);
    assert_int_equal(jl_buf_put_text(&buf, NULL, NULL), JL_OK);
    assert_int_equal(jl_buf_reserve(&buf, 0, NULL), JL_OK);
    assert_int_equal(buf.size, 0);
    jl_buf_wipe(&buf);
    jl_buf_fini(&buf);
}

static void test_an_impossible_size_leaves_the_buffer_as_it_was(void **state) {
    (void)state;
    JL_AUTO(jl_buf) buf = {0};
    struct jl_err err;
    assert_int_equal(jl_buf_put_text(&buf, "kept", &err), JL_OK);
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_int_equal(jl_buf_reserve(&buf, sizes[i], &err), JL_NOMEM);
        assert_true(jl_bytes_is(jl_buf_bytes(&buf), "kept"));
    }
}

static void test_printf_appends_short_and_long_texts(void **state) {
    (void)state;
    JL_AUTO(jl_buf) buf = {0};
    size_t expected = 0;
    for (int width = 0; width < 300; width += 7) {
        assert_int_equal(jl_buf_printf(&buf, NULL, "%*d|", width, 5), JL_OK);
        expected += (width < 1 ? 1 : (size_t)width) + 1;
        assert_int_equal(buf.size, expected);
        assert_int_equal(buf.data[buf.size - 1], '|');
        assert_int_equal(buf.data[buf.size - 2], '5');
    }
    assert_int_equal(jl_buf_printf(&buf, NULL, "%s", ""), JL_OK);
    assert_int_equal(buf.size, expected);
}

static void test_big_endian_numbers_read_back(void **state) {
    (void)state;
    JL_AUTO(jl_buf) buf = {0};
    static const uint8_t expected[] = {0xAB, 0x01, 0x23, 0x45, 0x67, 0x89, 0xAB,
                                       0xCD, 0xEF, 0xFE, 0xDC, 0xBA, 0x98};
    assert_int_equal(jl_buf_put_u8(&buf, 0xAB, NULL), JL_OK);
    assert_int_equal(jl_buf_put_u32be(&buf, 0x01234567, NULL), JL_OK);
    assert_int_equal(jl_buf_put_u64be(&buf, UINT64_C(0x89ABCDEFFEDCBA98), NULL), JL_OK);
    assert_int_equal(buf.size, sizeof expected);
    assert_memory_equal(buf.data, expected, sizeof expected);

    struct jl_reader reader = {.rest = jl_buf_bytes(&buf)};
    uint8_t small;
    uint32_t middle;
    uint64_t large;
    assert_int_equal(jl_reader_u8(&reader, &small, NULL), JL_OK);
    assert_int_equal(jl_reader_u32be(&reader, &middle, NULL), JL_OK);
    assert_int_equal(jl_reader_u64be(&reader, &large, NULL), JL_OK);
    assert_int_equal(small, 0xAB);
    assert_int_equal(middle, 0x01234567);
    assert_true(large == UINT64_C(0x89ABCDEFFEDCBA98));
    assert_int_equal(reader.rest.size, 0);
}

/* The input in memory of exactly its size, so that a sanitizer sees the first byte too many. */
static struct jl_reader exact_reader(const void *data, size_t size) {
    uint8_t *copy = malloc(size == 0 ? 1 : size);
    assert_non_null(copy);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    struct jl_reader reader = {.rest = jl_bytes(copy, size)};
    return reader;
}

static void test_reading_past_the_end_moves_nothing(void **state) {
    (void)state;
    static const uint8_t data[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    for (size_t size = 0; size <= sizeof data; size++) {
        struct jl_reader reader = exact_reader(data, size);
        const uint8_t *start = reader.rest.data;
        struct jl_bytes bytes = jl_bytes_text("before");
        uint8_t u8 = 99;
        uint32_t u32 = 99;
        uint64_t u64 = 99;
        assert_int_equal(jl_reader_take(&reader, size + 1, &bytes, NULL), JL_PROTO);
        assert_int_equal(jl_reader_take(&reader, SIZE_MAX, &bytes, NULL), JL_PROTO);
        assert_true(jl_bytes_is(bytes, "before"));
        if (size < 8) {
            assert_int_equal(jl_reader_u64be(&reader, &u64, NULL), JL_PROTO);
        }
        if (size < 4) {
            assert_int_equal(jl_reader_u32be(&reader, &u32, NULL), JL_PROTO);
        }
        if (size < 1) {
            assert_int_equal(jl_reader_u8(&reader, &u8, NULL), JL_PROTO);
        }
        assert_true(u64 == 99 && u32 == 99 && u8 == 99);
        assert_ptr_equal(reader.rest.data, start);
        assert_int_equal(reader.rest.size, size);
        assert_int_equal(jl_reader_take(&reader, size, &bytes, NULL), JL_OK);
        assert_int_equal(bytes.size, size);
        free((void *)(uintptr_t)start);
    }
}

static void test_taking_nothing_from_nothing_is_fine(void **state) {
    (void)state;
    struct jl_reader reader = {0};
    struct jl_bytes bytes = jl_bytes_text("x");
    assert_int_equal(jl_reader_take(&reader, 0, &bytes, NULL), JL_OK);
    assert_int_equal(bytes.size, 0);
}

static void test_varints_have_their_known_bytes_and_read_back(void **state) {
    (void)state;
    static const struct {
        uint64_t value;
        const char *hex;
    } cases[] = {
        {0, "00"},
        {1, "01"},
        {127, "7f"},
        {128, "8001"},
        {300, "ac02"},
        {16383, "ff7f"},
        {16384, "808001"},
        {UINT32_MAX, "ffffffff0f"},
        {INT64_MAX, "ffffffffffffffff7f"},
        {UINT64_C(1) << 63, "80808080808080808001"},
        {UINT64_MAX, "ffffffffffffffffff01"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        JL_AUTO(jl_buf) buf = {0};
        char hex[32];
        assert_int_equal(jl_buf_put_varint(&buf, cases[i].value, NULL), JL_OK);
        jl_hex_encode(jl_buf_bytes(&buf), hex);
        assert_string_equal(hex, cases[i].hex);
        for (size_t size = 0; size <= buf.size; size++) {
            struct jl_reader reader = exact_reader(buf.data, size);
            const uint8_t *start = reader.rest.data;
            uint64_t value = 12345;
            if (size < buf.size) {
                assert_int_equal(jl_reader_varint(&reader, &value, NULL), JL_PROTO);
                assert_true(value == 12345);
                assert_int_equal(reader.rest.size, size);
            } else {
                assert_int_equal(jl_reader_varint(&reader, &value, NULL), JL_OK);
                assert_true(value == cases[i].value);
                assert_int_equal(reader.rest.size, 0);
            }
            free((void *)(uintptr_t)start);
        }
    }
}

static void test_varints_that_are_not_the_one_form_are_refused(void **state) {
    (void)state;
    static const char *const cases[] = {
        "8000",                     /* 0 in two bytes */
        "ff00",                     /* 127 in two bytes */
        "808000",                   /* 0 in three */
        "80808080808080808000",     /* 0 in ten */
        "ffffffffffffffffff02",     /* bit 64 */
        "ffffffffffffffffff7f",     /* bits 64 … 69 */
        "80808080808080808080",     /* no end in ten */
        "8080808080808080808001",   /* eleven */
        "ffffffffffffffffffffff01", /* twelve */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t data[16];
        size_t size = strlen(cases[i]) / 2;
        uint64_t value = 7;
        assert_int_equal(jl_hex_decode(cases[i], data, size, NULL), JL_OK);
        struct jl_reader reader = {.rest = jl_bytes(data, size)};
        assert_int_equal(jl_reader_varint(&reader, &value, NULL), JL_PROTO);
        assert_true(value == 7);
        assert_int_equal(reader.rest.size, size);
    }
}

static void test_hex_reads_back_in_either_case(void **state) {
    (void)state;
    uint8_t data[256];
    uint8_t back[256];
    char text[513];
    for (unsigned i = 0; i < 256; i++) {
        data[i] = (uint8_t)i;
    }
    jl_hex_encode(jl_bytes(data, 256), text);
    assert_memory_equal(text + 2 * 0xAB, "abacad", 6);
    assert_int_equal(jl_hex_decode(text, back, 256, NULL), JL_OK);
    assert_memory_equal(back, data, 256);
    assert_int_equal(jl_hex_decode("aBCdEF", back, 3, NULL), JL_OK);
    assert_memory_equal(back, "\xAB\xCD\xEF", 3);
    jl_hex_encode(jl_bytes(NULL, 0), text);
    assert_string_equal(text, "");
    assert_int_equal(jl_hex_decode("", back, 0, NULL), JL_OK);
}

static void test_text_that_is_not_hex_changes_nothing(void **state) {
    (void)state;
    static const char *const cases[] = {NULL,   "",     "0",    "00",   "000",  "00000",
                                        "0g00", "00 0", "000G", "0x00", "+1-1", "00/0",
                                        "00:0", "@000", "000`", "０１"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t data[2] = {0x5A, 0x5A};
        assert_int_equal(jl_hex_decode(cases[i], data, 2, NULL), JL_PROTO);
        assert_memory_equal(data, "\x5A\x5A", 2);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comparing_orders_by_bytes_then_size),
        cmocka_unit_test(test_buffer_grows_and_keeps_its_content),
        cmocka_unit_test(test_empty_buffers_are_fine_everywhere),
        cmocka_unit_test(test_an_impossible_size_leaves_the_buffer_as_it_was),
        cmocka_unit_test(test_printf_appends_short_and_long_texts),
        cmocka_unit_test(test_big_endian_numbers_read_back),
        cmocka_unit_test(test_reading_past_the_end_moves_nothing),
        cmocka_unit_test(test_taking_nothing_from_nothing_is_fine),
        cmocka_unit_test(test_varints_have_their_known_bytes_and_read_back),
        cmocka_unit_test(test_varints_that_are_not_the_one_form_are_refused),
        cmocka_unit_test(test_hex_reads_back_in_either_case),
        cmocka_unit_test(test_text_that_is_not_hex_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
