/* Faults: codes and places on the way up, a sentence in one language where a person reads it.
 *
 * Method: every code is walked in both languages; a Chinese sentence holds no English one and the
 * other way round, and both say more than the places. */
#include "jielian/base/fault.h"
#include "jielian/base/utf8.h"
#include "jielian/message/fault_text.h"
#include "jielian/message/say.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool is_han(const char *at) {
    unsigned char lead = (unsigned char)at[0];
    return lead >= 0xE4U && lead <= 0xE9U;
}

/* Outside of what is quoted. */
static bool has_han(const char *text) {
    bool quoted = false;
    for (; *text != '\0'; text++) {
        quoted = quoted != (*text == '"');
        if (!quoted && is_han(text)) {
            return true;
        }
    }
    return false;
}

static bool has_words(const char *text) {
    for (; *text != '\0'; text++) {
        if ((*text >= 'a' && *text <= 'z') || is_han(text)) {
            return true;
        }
    }
    return false;
}

static bool is_small(char c) {
    return c >= 'a' && c <= 'z';
}

/* Three words of small letters in a row: a sentence, not the name of a command or a file. */
static bool has_english(const char *text) {
    unsigned words = 0;
    while (*text != '\0') {
        size_t size = 0;
        while (is_small(text[size])) {
            size++;
        }
        words = size >= 2 ? words + 1 : 0;
        if (words >= 3) {
            return true;
        }
        text += size;
        if (*text != ' ') {
            words = 0;
        }
        text += *text != '\0';
    }
    return false;
}

/* The places of a text as bits; {!} is bit 0. */
static unsigned places_of(const char *text) {
    unsigned found = 0;
    for (; *text != '\0'; text++) {
        if (text[0] == '{' && text[1] != '\0' && text[2] == '}') {
            found |= text[1] == '!' ? 1U : 1U << (text[1] - '0');
        }
    }
    return found;
}

static void check_code(uint32_t code) {
    const char *zh = jl_fault_text_of(code, JL_LANGUAGE_ZH);
    const char *en = jl_fault_text_of(code, JL_LANGUAGE_EN);
    if (zh == NULL || en == NULL) {
        fail_msg("code %u has no sentence", code);
    }
    /* What has come as a text, names of a file, and what only programmers read. */
    bool bare = strcmp(zh, en) == 0 || code == JL_FAULT_PART || (!has_words(zh) && !has_words(en));
    if (!bare && (!has_han(zh) || has_english(zh) || has_han(en))) {
        fail_msg("code %u: [%s] [%s]", code, zh, en);
    }
    if ((places_of(zh) & ~places_of(en)) != 0) { /* what only programmers read is English alone */
        fail_msg("code %u: places of [%s] and [%s]", code, zh, en);
    }
}

static void test_every_code_has_a_whole_sentence_in_both_languages(void **state) {
    (void)state;
    for (uint32_t code = JL_FAULT_FIRST; code < JL_FAULT_LAST; code++) {
        check_code(code);
    }
    for (uint32_t code = JL_FAULT_DESK_FIRST; code < JL_FAULT_DESK_LAST; code++) {
        check_code(code);
    }
    assert_null(jl_fault_text_of(JL_FAULT_LAST, JL_LANGUAGE_ZH));
    assert_null(jl_fault_text_of(JL_FAULT_DESK_LAST, JL_LANGUAGE_ZH));
}

static void test_a_sentence_of_two_languages_is_found_out(void **state) {
    (void)state;
    assert_true(has_english("打不开 the file is gone"));
    assert_false(has_english("请运行 jielian-office sync，或 list --state parked"));
    assert_true(has_han("cannot open 文件"));
}

static void test_places_stand_where_the_language_wants_them(void **state) {
    struct jl_err err = {0};
    char text[JL_FAULT_TEXT_BYTES];
    (void)state;
    assert_int_equal(
        jl_fault_at(&err, JL_LIMIT, JL_FAULT_FILE_LONG, "%s" JL_AND "%d", "/data/a.csv", 7),
        JL_LIMIT);
    assert_int_equal(err.rc, JL_LIMIT);
    assert_int_equal(jl_fault_code(&err), JL_FAULT_FILE_LONG);
    assert_string_equal(jl_fault_text(&err, JL_LANGUAGE_EN, text),
                        "/data/a.csv: longer than the 7 bytes allowed here; is it the right file?");
    assert_string_equal(jl_fault_text(&err, JL_LANGUAGE_ZH, text),
                        "/data/a.csv：太大，这里最多 7 字节；请核对是不是选错了文件。");
}

static void test_the_systems_reason_is_said_in_the_language(void **state) {
    struct jl_err err = {0};
    char text[JL_FAULT_TEXT_BYTES];
    (void)state;
    (void)jl_fault_system(&err, JL_IO, JL_FAULT_FILE_WRITE, ENOSPC, "%s", "/data/x");
    assert_non_null(strstr(jl_fault_text(&err, JL_LANGUAGE_ZH, text), "磁盘已满"));
    assert_non_null(strstr(jl_fault_text(&err, JL_LANGUAGE_EN, text), "No space left"));
    (void)jl_fault_system(&err, JL_IO, JL_FAULT_FILE_WRITE, 9999, "%s", "/data/x");
    assert_non_null(strstr(jl_fault_text(&err, JL_LANGUAGE_ZH, text), "系统错误 9999"));
}

static void test_what_callers_know_stands_before_it(void **state) {
    struct jl_err err = {0};
    char text[JL_FAULT_TEXT_BYTES];
    (void)state;
    (void)jl_fault(&err, JL_NOMEM, JL_FAULT_NO_MEMORY);
    assert_int_equal(jl_fault_wrap(&err, JL_FAULT_AT, "%s", "inner"), JL_NOMEM);
    for (int i = 0; i < 2 * JL_ERR_LEVELS_MAX; i++) {
        assert_int_equal(jl_fault_wrap(&err, JL_FAULT_AT, "%d", i), JL_NOMEM);
    }
    assert_int_equal(jl_fault_code(&err), JL_FAULT_NO_MEMORY);
    assert_int_equal(err.level_count, JL_ERR_LEVELS_MAX);
    assert_ptr_equal(
        strstr(jl_fault_text(&err, JL_LANGUAGE_ZH, text), "3：2：1：0：inner：内存不足"), text);
}

static void test_a_failure_without_a_fault_is_still_told(void **state) {
    struct jl_err err = {0};
    char text[JL_FAULT_TEXT_BYTES];
    (void)state;
    assert_int_equal(jl_fault_wrap(&err, JL_FAULT_AT, "%s", "x"), JL_IO);
    assert_int_equal(jl_fault_wrap(NULL, JL_FAULT_AT, "%s", "x"), JL_IO);
    assert_int_equal(jl_fault(NULL, JL_BUSY, JL_FAULT_NO_MEMORY), JL_BUSY);
    err = (struct jl_err){.rc = JL_BUSY};
    assert_string_not_equal(jl_fault_text(&err, JL_LANGUAGE_ZH, text), "");
}

static void test_long_places_are_cut_at_a_character_and_stay_one_line(void **state) {
    struct jl_err err = {0};
    char text[JL_FAULT_TEXT_BYTES];
    char name[3 * JL_ERR_TEXT_BYTES + 1] = "\n\x1b";
    (void)state;
    for (size_t i = 2; i + 3 < sizeof name; i += 3) {
        memcpy(name + i, "街", 3);
    }
    (void)jl_fault_at(&err, JL_IO, JL_FAULT_AT, "%s", name);
    assert_int_equal(strlen(err.text), 2 + (JL_ERR_TEXT_BYTES - 1 - 2) / 3 * 3);
    assert_null(strpbrk(err.text, "\n\x1b"));
    (void)jl_fault_wrap(&err, JL_FAULT_AT, "%s", name); /* no room is left */
    (void)jl_fault_text(&err, JL_LANGUAGE_ZH, text);
    assert_true(strlen(text) < sizeof text);
    /* an argument may be the text itself */
    (void)jl_fault_at(&err, JL_IO, JL_FAULT_AT, "%.3s", "abc");
    (void)jl_fault_at(&err, JL_IO, JL_FAULT_AT, "again %s", err.text);
    assert_string_equal(jl_fault_text(&err, JL_LANGUAGE_EN, text), "again abc");
}

static void test_a_cut_never_parts_a_character(void **state) {
    static const char *const characters[] = {"a", "é", "街", "😀"};
    (void)state;
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++) {
        for (size_t shift = 0; shift < 4; shift++) {
            char text[2 * JL_ERR_TEXT_BYTES] = "";
            char out[JL_FAULT_TEXT_BYTES];
            struct jl_err err;
            memset(text, 'x', shift);
            while (strlen(text) + 5 < sizeof text) {
                strcat(text, characters[i]);
            }
            (void)jl_fault_at(&err, JL_IO, JL_FAULT_AT, "%s", text);
            assert_true(strlen(err.text) + strlen(characters[i]) >= JL_ERR_TEXT_BYTES);
            assert_true(jl_utf8_valid(jl_bytes_text(err.text)));
            (void)jl_fault(&err, JL_IO, JL_FAULT_NO_MEMORY);
            (void)jl_fault_wrap(&err, JL_FAULT_AT, "%s", text);
            assert_true(jl_utf8_valid(jl_bytes_text(jl_fault_text(&err, JL_LANGUAGE_ZH, out))));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_has_a_whole_sentence_in_both_languages),
        cmocka_unit_test(test_a_sentence_of_two_languages_is_found_out),
        cmocka_unit_test(test_places_stand_where_the_language_wants_them),
        cmocka_unit_test(test_the_systems_reason_is_said_in_the_language),
        cmocka_unit_test(test_what_callers_know_stands_before_it),
        cmocka_unit_test(test_a_failure_without_a_fault_is_still_told),
        cmocka_unit_test(test_a_cut_never_parts_a_character),
        cmocka_unit_test(test_long_places_are_cut_at_a_character_and_stay_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
