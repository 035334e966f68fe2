/* Goal: exactly the well-formed texts pass. Method: every code point there and back, a table of
 * malformed sequences, and all pairs and triples of bytes against a slow decoder written from the
 * definition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/base/utf8.h"

#include <stdlib.h>
#include <string.h>

static void test_every_code_point_reads_back(void **state) {
    (void)state;
    JL_AUTO(jl_buf) buf = {0};
    for (uint32_t c = 0; c <= 0x110010; c++) {
        bool good = c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
        uint32_t back = 0;
        jl_buf_reset(&buf);
        enum jl_rc rc = jl_utf8_put(&buf, c, NULL);
        if (!good) {
            assert_int_equal(rc, JL_MISUSE);
            assert_int_equal(buf.size, 0);
            continue;
        }
        struct jl_bytes text = jl_buf_bytes(&buf);
        if (rc != JL_OK || jl_utf8_valid(text) != (c != 0) || jl_utf8_length(text) != 1 ||
            !jl_utf8_next(&text, &back) || back != c || text.size != 0) {
            fail_msg("U+%04X", (unsigned)c);
        }
    }
}

static void test_known_characters_have_their_bytes(void **state) {
    (void)state;
    JL_AUTO(jl_buf) buf = {0};
    static const uint32_t points[] = {'A', 0xE9, 0x8857, 0x8054, 0x20BB7, 0x1F600};
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        assert_int_equal(jl_utf8_put(&buf, points[i], NULL), JL_OK);
    }
    assert_true(jl_bytes_is(jl_buf_bytes(&buf), "Aé街联𠮷😀"));
    assert_int_equal(jl_utf8_length(jl_buf_bytes(&buf)), 6);
}

static void test_malformed_texts_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } cases[] = {
        {"\x80", 1},             /* continuation alone */
        {"\xBF", 1},             /* the last one */
        {"\xC0\x80", 2},         /* over-long NUL */
        {"\xC1\xBF", 2},         /* over-long U+7F */
        {"\xE0\x80\x80", 3},     /* over-long */
        {"\xE0\x9F\xBF", 3},     /* over-long U+7FF */
        {"\xF0\x80\x80\x80", 4}, /* over-long */
        {"\xF0\x8F\xBF\xBF", 4}, /* over-long U+FFFF */
        {"\xED\xA0\x80", 3},     /* surrogate U+D800 */
        {"\xED\xBF\xBF", 3},     /* surrogate U+DFFF */
        {"\xF4\x90\x80\x80", 4}, /* U+110000 */
        {"\xF5\x80\x80\x80", 4},
        {"\xF8\x88\x80\x80\x80", 5},
        {"\xFC\x84\x80\x80\x80\x80", 6},
        {"\xFE", 1},
        {"\xFF", 1},
        {"\xC2", 1}, /* cut short */
        {"\xE8\xA1", 2},
        {"\xF0\x9F\x98", 3},
        {"\xC2\x41", 2}, /* not continued */
        {"\xE8\x41\x97", 3},
        {"\xE8\xA1\xC2", 3},
        {"\xF0\x9F\x98\x41", 4},
        {"\xBD\xD6", 2}, /* 街 in GB 18030 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct jl_bytes text = jl_bytes(cases[i].bytes, cases[i].size);
        uint32_t c = 7;
        assert_false(jl_utf8_valid(text));
        assert_false(jl_utf8_next(&text, &c));
        assert_int_equal(c, 7);
        assert_ptr_equal(text.data, cases[i].bytes);
        assert_int_equal(text.size, cases[i].size);

        char inside[16] = "街";
        memcpy(inside + 3, cases[i].bytes, cases[i].size);
        inside[3 + cases[i].size] = 'x';
        assert_false(jl_utf8_valid(jl_bytes(inside, 4 + cases[i].size)));
    }
}

/* From the definition: the code point's bits, then the bytes it must have. */
static bool valid_by_definition(const uint8_t *data, size_t size) {
    size_t at = 0;
    while (at < size) {
        uint32_t lead = data[at];
        size_t length = lead < 0x80       ? 1
                        : lead >> 5 == 6  ? 2
                        : lead >> 4 == 14 ? 3
                        : lead >> 3 == 30 ? 4
                                          : 0;
        static const uint32_t lowest[] = {0, 1, 0x80, 0x800, 0x10000};
        if (length == 0 || length > size - at) {
            return false;
        }
        uint32_t c = length == 1 ? lead : lead & ((1U << (7 - length)) - 1);
        for (size_t i = 1; i < length; i++) {
            if (data[at + i] >> 6 != 2) {
                return false;
            }
            c = c << 6 | (data[at + i] & 63U);
        }
        if (c < lowest[length] || c > 0x10FFFF || (c >> 11) == 0x1B) {
            return false;
        }
        at += length;
    }
    return true;
}

static void test_all_pairs_and_triples_agree_with_the_definition(void **state) {
    (void)state;
    for (uint32_t n = 0; n < 0x10000; n++) {
        uint8_t pair[2] = {(uint8_t)(n >> 8), (uint8_t)n};
        if (jl_utf8_valid(jl_bytes(pair, 2)) != valid_by_definition(pair, 2)) {
            fail_msg("pair %04x", (unsigned)n);
        }
    }
    for (uint32_t n = 0xC00000; n < 0x1000000; n++) {
        uint8_t triple[3] = {(uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
        if (jl_utf8_valid(jl_bytes(triple, 3)) != valid_by_definition(triple, 3)) {
            fail_msg("triple %06x", (unsigned)n);
        }
    }
    static const uint8_t edges[] = {0x01, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
    enum { EDGES = sizeof edges };
    for (uint32_t lead = 0xE0; lead <= 0xFF; lead++) {
        for (size_t n = 0; n < (size_t)EDGES * EDGES * EDGES; n++) {
            uint8_t data[4] = {(uint8_t)lead, edges[n % EDGES], edges[n / EDGES % EDGES],
                               edges[n / EDGES / EDGES]};
            assert_int_equal(jl_utf8_valid(jl_bytes(data, 4)), valid_by_definition(data, 4));
        }
    }
}

static void test_a_text_cut_anywhere_is_not_read_past_its_end(void **state) {
    (void)state;
    static const char text[] = "aé街😀";
    for (size_t size = 0; size < sizeof text; size++) {
        uint8_t *exact = malloc(size == 0 ? 1 : size);
        assert_non_null(exact);
        memcpy(exact, text, size);
        bool whole = size == 0 || size == 1 || size == 3 || size == 6 || size == 10;
        assert_int_equal(jl_utf8_valid(jl_bytes(exact, size)), whole);
        free(exact);
    }
}

static void test_nul_is_stepped_over_but_not_valid(void **state) {
    (void)state;
    struct jl_bytes text = jl_bytes("a\0b", 3);
    uint32_t c;
    assert_false(jl_utf8_valid(text));
    assert_true(jl_utf8_next(&text, &c) && c == 'a');
    assert_true(jl_utf8_next(&text, &c) && c == 0);
    assert_true(jl_utf8_next(&text, &c) && c == 'b');
    assert_false(jl_utf8_next(&text, &c));
    assert_true(jl_utf8_valid(jl_bytes(NULL, 0)));
    assert_int_equal(jl_utf8_length(jl_bytes(NULL, 0)), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_point_reads_back),
        cmocka_unit_test(test_known_characters_have_their_bytes),
        cmocka_unit_test(test_malformed_texts_are_refused),
        cmocka_unit_test(test_all_pairs_and_triples_agree_with_the_definition),
        cmocka_unit_test(test_a_text_cut_anywhere_is_not_read_past_its_end),
        cmocka_unit_test(test_nul_is_stepped_over_but_not_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
