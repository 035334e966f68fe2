/* Goal: texts that say the same fold to the same bytes, others don't; folding again changes
 * nothing; no text costs more than its length. Method: tables of pairs, every code point, all
 * orders of marks drawn at random, texts that are hostile by size or bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/base/fold.h"
#include "jielian/base/utf8.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static struct jl_err err;

static struct jl_bytes fold(struct jl_buf *out, struct jl_bytes text, enum jl_fold_use use) {
    jl_buf_reset(out);
    assert_int_equal(jl_fold(text, use, out, &err), JL_OK);
    return jl_buf_bytes(out);
}

static bool same(const char *left, const char *right) {
    const struct jl_value a = jl_value_cstr(left);
    const struct jl_value b = jl_value_cstr(right);
    bool is_same = false;
    assert_int_equal(jl_fold_same(&a, &b, &is_same, &err), JL_OK);
    return is_same;
}

static void assert_folds(const char *text, const char *folded) {
    JL_AUTO(jl_buf) out = {0};
    if (!jl_bytes_is(fold(&out, jl_bytes_text(text), JL_FOLD_SAME), folded)) {
        fail_msg("\"%s\" folds to \"%.*s\", not \"%s\"", text, (int)out.size,
                 (const char *)out.data, folded);
    }
}

static void test_texts_fold_to_one_form(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"", ""},
        {"西溪甲厂工会", "西溪甲厂工会"},
        {"ABC xyz 019", "abcxyz019"},
        /* width */
        {"ＡＢｃ１２３－＿", "abc123-_"},
        {"西溪（甲）厂", "西溪(甲)厂"},
        {"﹙甲﹚︵乙︶", "(甲)(乙)"},
        {"ｶﾞｲﾄﾞ", "カ\u3099イト\u3099"},
        {"￥￡｜", "¥£|"},
        /* compatible forms */
        {"①②⑩⑴㈠㊀Ⅳⅳ", "1210(1)(一)一iviv"},
        {"㈱ﬁ㎡℃№½", "(株)fim2°cno1⁄2"},
        {"⼯⼈", "工人"},
        {"\uF900\uFA0E\uFA10", "豈\uFA0E塚"}, /* U+FA0E is itself a unified character */
        {"𝔘𝟙ℌ", "u1h"},
        /* case */
        {"STRASSE Straße ẞ", "strassestrassess"},
        {"ΣΊΣΥΦΟΣ", "σι\u0301συφοσ"},
        {"ДЖ", "дж"},
        {"\u0130", "i\u0307"},
        /* accents, composed and not */
        {"é", "e\u0301"},
        {"e\u0301", "e\u0301"},
        {"ộ", "o\u0323\u0302"},
        {"o\u0302\u0323", "o\u0323\u0302"},
        {"Å\u212B", "a\u030Aa\u030A"},
        {"\u1FB3\u03B1\u0345", "αα"},
        {"한글", "\u1112\u1161\u11AB\u1100\u1173\u11AF"},
        /* blanks */
        {" 西 溪\u3000甲\u00A0厂\t\r\n", "西溪甲厂"},
        {"\u1680a\u2000b\u2009c\u2028d\u202Fe\u205Ff\u2800g\xC2\x85h", "abcdefgh"},
        /* unseen */
        {"\uFEFF西\u200B溪\u200D甲\u2060厂\u00AD", "西溪甲厂"},
        {"\u200Ea\u202Eb\u2066c\u061Cd\001e\177f\u2069\u202C\xC2\x80"
         "g",
         "abcdefg"},
        {"葛\uFE00葛\U000E0101", "葛葛"},
        {"a\u034Fb\u115F\u1160\u3164\uFFA0\u17B4\u180Bc", "abc"},
        {"\U000E0041x\uFFF0", "x"},
        {"\u200B\uFE0F \u3000", ""},
        /* marks alone */
        {"\u0301", "\u0301"},
        {"\u00B4", "\u0301"},
        {"\u0301\u0323甲", "\u0323\u0301甲"},
        /* four bytes, not assigned, private, no character */
        {"𠮷𪚥", "𠮷𪚥"},
        {"\U0002F800", "丽"},
        {"😀", "😀"},
        {"\u0378\U000E1000\uE000\uFFFF\U0010FFFF", "\u0378\U000E1000\uE000\uFFFF\U0010FFFF"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_folds(rows[i][0], rows[i][1]);
        assert_folds(rows[i][1], rows[i][1]);
        assert_true(same(rows[i][0], rows[i][1]));
    }
}

static void test_what_means_something_else_stays_apart(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"甲厂", "乙厂"},
        {"a", "а"},
        {"〇", "零"},
        {"-", "—"},
        {"e", "é"},
        {"丽", "麗"},
        {"o\u0301\u0302", "o\u0302\u0301"},
        {"西溪(甲)", "西溪甲"},
        {"0", "O"},
        {"カ", "ガ"},
        {"·", "."},
        {"12", "21"},
        {"甲", ""},
        {"。", "."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (same(rows[i][0], rows[i][1])) {
            fail_msg("\"%s\" is \"%s\"", rows[i][0], rows[i][1]);
        }
    }
}

static void test_bytes_that_are_no_text_equal_themselves_only(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {
        {"\xC0\xAF", 2},         /* over-long */
        {"\xE0\x80\xA0", 3},     /* an over-long blank */
        {"\xED\xA0\x80", 3},     /* a surrogate */
        {"\xF4\x90\x80\x80", 4}, /* above U+10FFFF */
        {"A\xCC", 2},            /* cut off */
        {"A\xE5\x8F", 3},        /* … within a Han character */
        {"\xE5\x8FZ", 3},        /* … with a letter behind it */
        {"A\xE5ZZ", 4},
        {"\x80", 1},
        {"A\0B", 3}, /* a NUL ends a text elsewhere */
        {" A \xFF", 4},
    };
    JL_AUTO(jl_buf) out = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct jl_bytes text = jl_bytes(rows[i].bytes, rows[i].size);
        assert_true(jl_bytes_equal(fold(&out, text, JL_FOLD_SAME), text));
    }
}

/* Folding again changes nothing, and the bound of the header holds, also with a letter around. */
static void test_every_code_point_folds_once_and_for_all(void **state) {
    (void)state;
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO(jl_buf) once = {0};
    JL_AUTO(jl_buf) twice = {0};
    size_t most = 0;
    for (uint32_t c = 1; c <= 0x10FFFF; c++) {
        jl_buf_reset(&text);
        if (jl_utf8_put(&text, c, &err) != JL_OK) {
            continue;
        }
        for (int use = JL_FOLD_SAME; use <= JL_FOLD_WORDS; use++) {
            struct jl_bytes first = fold(&once, jl_buf_bytes(&text), (enum jl_fold_use)use);
            struct jl_bytes second = fold(&twice, first, (enum jl_fold_use)use);
            if (!jl_utf8_valid(first) || !jl_bytes_equal(first, second)) {
                fail_msg("U+%04X", (unsigned)c);
            }
            if (first.size > JL_FOLD_GROWTH_MAX * text.size) {
                fail_msg("U+%04X grows to %zu bytes", (unsigned)c, first.size);
            }
            most = first.size * 1000 / text.size > most ? first.size * 1000 / text.size : most;
        }
    }
    assert_int_equal(most, JL_FOLD_GROWTH_MAX * 1000);
}

static uint32_t draw(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void put_drawn(struct jl_buf *text, uint32_t *seed) {
    static const struct {
        uint32_t from, count;
    } blocks[] = {{0x20, 0x60},    {0xA0, 0x200},  {0x300, 0x80},    {0x370, 0x100},
                  {0x1E00, 0x200}, {0x2000, 0x80}, {0x4E00, 0x1000}, {0xAC00, 0x400},
                  {0xF900, 0x700}, {0xFF00, 0xF0}, {0x1D400, 0x400}, {0x2F800, 0x220}};
    size_t at = draw(seed) % (sizeof blocks / sizeof blocks[0]);
    assert_int_equal(jl_utf8_put(text, blocks[at].from + draw(seed) % blocks[at].count, &err),
                     JL_OK);
}

static void test_any_text_folds_once_and_for_all(void **state) {
    (void)state;
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO(jl_buf) once = {0};
    JL_AUTO(jl_buf) twice = {0};
    uint32_t seed = 20261130;
    for (int round = 0; round < 200000; round++) {
        jl_buf_reset(&text);
        for (uint32_t n = draw(&seed) % 12; n > 0; n--) {
            put_drawn(&text, &seed);
        }
        enum jl_fold_use use = round % 2 == 0 ? JL_FOLD_SAME : JL_FOLD_WORDS;
        struct jl_bytes first = fold(&once, jl_buf_bytes(&text), use);
        if (!jl_bytes_equal(first, fold(&twice, first, use))) {
            fail_msg("round %d: \"%.*s\"", round, (int)text.size, (const char *)text.data);
        }
    }
}

/* Marks of different classes may come in any order, those of one class may not. */
static void test_the_order_of_marks_says_nothing_where_unicode_says_so(void **state) {
    (void)state;
    static const char *const marks[] = {"\u0301", "\u0323", "\u0327", "\u0338", "\u031B"};
    enum { MARKS = sizeof marks / sizeof marks[0] };
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO(jl_buf) out = {0};
    uint32_t seed = 7;
    for (int round = 0; round < 1000; round++) {
        size_t order[MARKS] = {0, 1, 2, 3, 4};
        jl_buf_reset(&text);
        assert_int_equal(jl_buf_put_text(&text, "e", &err), JL_OK);
        for (size_t i = MARKS; i > 0; i--) {
            size_t at = draw(&seed) % i;
            assert_int_equal(jl_buf_put_text(&text, marks[order[at]], &err), JL_OK);
            order[at] = order[i - 1];
        }
        assert_true(jl_bytes_is(fold(&out, jl_buf_bytes(&text), JL_FOLD_SAME),
                                "e\u0338\u0327\u031B\u0323\u0301"));
    }
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Marks in falling classes are the worst case: a sort by exchange would take minutes. */
static void test_very_many_marks_cost_no_more_than_their_number(void **state) {
    (void)state;
    enum { PAIRS = 300000 };
    JL_AUTO(jl_buf) text = {0};
    JL_AUTO(jl_buf) out = {0};
    assert_int_equal(jl_buf_put_text(&text, "e", &err), JL_OK);
    for (int i = 0; i < PAIRS; i++) {
        assert_int_equal(jl_buf_put_text(&text, "\u0301\u0323", &err), JL_OK);
    }
    double start = seconds();
    struct jl_bytes folded = fold(&out, jl_buf_bytes(&text), JL_FOLD_SAME);
    assert_true(seconds() - start < 5);
    assert_int_equal(folded.size, text.size);
    for (size_t i = 0; i < PAIRS; i++) {
        assert_memory_equal(folded.data + 1 + 2 * i, "\u0323", 2);
        assert_memory_equal(folded.data + 1 + 2 * (PAIRS + i), "\u0301", 2);
    }
}

static void test_ten_thousand_marks_fold_alike_in_either_order(void **state) {
    (void)state;
    JL_AUTO(jl_buf) one = {0};
    JL_AUTO(jl_buf) other = {0};
    for (int i = 0; i < 5000; i++) {
        assert_int_equal(jl_buf_put_text(&one, "\u0301\u0323", &err), JL_OK);
        assert_int_equal(jl_buf_put_text(&other, "\u0323", &err), JL_OK);
    }
    for (int i = 0; i < 5000; i++) {
        assert_int_equal(jl_buf_put_text(&other, "\u0301", &err), JL_OK);
    }
    struct jl_value a = jl_value_text(jl_buf_bytes(&one));
    struct jl_value b = jl_value_text(jl_buf_bytes(&other));
    bool is_same = false;
    assert_int_equal(jl_fold_same(&a, &b, &is_same, &err), JL_OK);
    assert_true(is_same);
}

static void test_words_keep_one_blank_and_no_accents(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"  Zhāng　 Sān ", "zhang san"},
        {"古丽·\u200B 艾比布力", "古丽· 艾比布力"},
        {"é", "e"},
        {"\u0301 a", "a"},
        {"西溪（甲）", "西溪(甲)"},
        {" \u3000", ""},
    };
    JL_AUTO(jl_buf) out = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!jl_bytes_is(fold(&out, jl_bytes_text(rows[i][0]), JL_FOLD_WORDS), rows[i][1])) {
            fail_msg("\"%s\": \"%.*s\"", rows[i][0], (int)out.size, (const char *)out.data);
        }
    }
}

static void test_it_appends_and_starts_anew_behind_what_is_there(void **state) {
    (void)state;
    JL_AUTO(jl_buf) out = {0};
    assert_int_equal(jl_fold(jl_bytes_text("A\u0301"), JL_FOLD_SAME, &out, &err), JL_OK);
    assert_int_equal(jl_fold(jl_bytes_text("\u0323 B"), JL_FOLD_SAME, &out, &err), JL_OK);
    assert_true(jl_bytes_is(jl_buf_bytes(&out), "a\u0301\u0323b"));
    assert_int_equal(jl_fold(jl_bytes_text(" C"), JL_FOLD_WORDS, &out, &err), JL_OK);
    assert_true(jl_bytes_is(jl_buf_bytes(&out), "a\u0301\u0323bc"));
}

static void test_values_of_other_kinds_are_compared_as_they_are(void **state) {
    (void)state;
    JL_AUTO(jl_arena) arena = {0};
    const struct jl_value rows[] = {
        jl_value_null(),
        jl_value_int(65),
        jl_value_int(97),
        {.kind = JL_VALUE_BYTES, .bytes = jl_bytes_text("A")},
        {.kind = JL_VALUE_BYTES, .bytes = jl_bytes_text("a")},
        jl_value_cstr("b"),
    };
    enum { ROWS = sizeof rows / sizeof rows[0] };
    for (size_t i = 0; i < ROWS; i++) {
        struct jl_value folded;
        assert_int_equal(jl_fold_value(&rows[i], &arena, &folded, &err), JL_OK);
        assert_true(jl_value_equal(&folded, &rows[i]));
        for (size_t j = 0; j < ROWS; j++) {
            bool is_same = false;
            assert_int_equal(jl_fold_same(&rows[i], &rows[j], &is_same, &err), JL_OK);
            assert_int_equal(is_same, i == j);
        }
    }
    struct jl_value text = jl_value_cstr("Ａ");
    assert_int_equal(jl_fold_value(&text, &arena, &text, &err), JL_OK);
    assert_true(jl_bytes_is(text.bytes, "a"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_fold_to_one_form),
        cmocka_unit_test(test_what_means_something_else_stays_apart),
        cmocka_unit_test(test_bytes_that_are_no_text_equal_themselves_only),
        cmocka_unit_test(test_every_code_point_folds_once_and_for_all),
        cmocka_unit_test(test_any_text_folds_once_and_for_all),
        cmocka_unit_test(test_the_order_of_marks_says_nothing_where_unicode_says_so),
        cmocka_unit_test(test_very_many_marks_cost_no_more_than_their_number),
        cmocka_unit_test(test_ten_thousand_marks_fold_alike_in_either_order),
        cmocka_unit_test(test_words_keep_one_blank_and_no_accents),
        cmocka_unit_test(test_it_appends_and_starts_anew_behind_what_is_there),
        cmocka_unit_test(test_values_of_other_kinds_are_compared_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
