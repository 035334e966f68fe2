/* JSON that we write: every value and depth, and rows by their description.
 *
 * Method: jansson is the oracle. What is written must be read by it, and dumped by it to the same
 * bytes in each of the three styles. */
#include "jielian/base/id.h"
#include "jielian/json/column.h"
#include "jielian/json/document.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    enum jl_document_style style;
    size_t flags;
} styles[] = {
    {JL_DOCUMENT_INDENTED, JSON_INDENT(2) | JSON_REAL_PRECISION(15)},
    {JL_DOCUMENT_LINE, JSON_REAL_PRECISION(15)},
    {JL_DOCUMENT_COMPACT, JSON_COMPACT | JSON_REAL_PRECISION(15)},
};

static void write_all(struct jl_document *document) {
    const struct jl_id id = {.bytes = {1}};
    jl_document_object(document, NULL);
    jl_document_string(document, "text", "张三 \"a\\b\"\b\f\n\r\t\x01\x1f\x7f/");
    jl_document_string(document, "none", NULL);
    jl_document_text(document, "empty", jl_bytes(NULL, 0));
    jl_document_string(document, "four bytes", "\xF0\xA0\x80\x80");
    jl_document_number(document, "lowest", INT64_MIN);
    jl_document_count(document, "count", INT64_MAX);
    jl_document_real(document, "real", 0.1);
    jl_document_real(document, "whole", 2);
    jl_document_real(document, "cent", 123456789012.35);
    jl_document_bool(document, "yes", true);
    jl_document_bool(document, "no", false);
    jl_document_null(document, "null");
    jl_document_time(document, "time", 1764500000000);
    jl_document_time(document, "never", 0);
    jl_document_day(document, "day", 20210105);
    jl_document_day(document, "no day", 0);
    jl_document_id(document, "id", &id);
    jl_document_object(document, "nothing in it");
    jl_document_end(document);
    jl_document_array(document, "array");
    jl_document_array(document, NULL);
    jl_document_end(document);
    jl_document_object(document, NULL);
    jl_document_number(document, "a", -1);
    jl_document_end(document);
    jl_document_number(document, NULL, 7);
    jl_document_end(document);
    jl_document_end(document);
}

static void test_jansson_reads_it_and_writes_the_same_bytes(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
        JL_AUTO(jl_document) document = {.style = styles[i].style};
        write_all(&document);
        assert_int_equal(jl_document_check(&document, NULL), JL_OK);
        const struct jl_bytes text = jl_buf_bytes(&document.text);
        json_t *read = json_loadb((const char *)text.data, text.size, 0, NULL);
        assert_non_null(read);
        char *again = json_dumps(read, styles[i].flags);
        assert_int_equal(strlen(again), text.size);
        assert_memory_equal(again, text.data, text.size);
        free(again);
        json_decref(read);
    }
}

static void test_times_days_and_ids_read_as_people_write_them(void **state) {
    JL_AUTO(jl_document) document = {.style = JL_DOCUMENT_COMPACT};
    (void)state;
    jl_document_array(&document, NULL);
    jl_document_time(&document, NULL, 1764500000123);
    jl_document_day(&document, NULL, 20210105);
    jl_document_end(&document);
    assert_true(jl_bytes_is(jl_buf_bytes(&document.text),
                            "[\"2025-11-30T18:53:20+08:00\",\"2021-01-05\"]"));
}

static void test_bytes_that_are_not_utf8_become_replacement_characters(void **state) {
    JL_AUTO(jl_document) document = {0};
    static const uint8_t bytes[] = {'a', 0xFF, 'b', 0xE5, 0xBC, 'c', 0xC0, 0x80};
    (void)state;
    jl_document_text(&document, NULL, jl_bytes(bytes, sizeof bytes));
    const struct jl_bytes text = jl_buf_bytes(&document.text);
    json_t *read = json_loadb((const char *)text.data, text.size, JSON_DECODE_ANY, NULL);
    assert_non_null(read);
    assert_int_equal(json_string_value(read)[0], 'a');
    json_decref(read);
}

static void test_what_could_not_be_made_is_missed_at_the_end(void **state) {
    JL_AUTO(jl_document) document = {0};
    (void)state;
    jl_document_array(&document, NULL);
    jl_document_fail(&document);
    jl_document_end(&document);
    assert_int_equal(jl_document_check(&document, NULL), JL_NOMEM);
}

static void test_the_deepest_level_is_the_last(void **state) {
    JL_AUTO(jl_document) document = {.style = JL_DOCUMENT_COMPACT};
    (void)state;
    for (unsigned i = 0; i < JL_DOCUMENT_DEPTH_MAX; i++) {
        jl_document_array(&document, NULL);
    }
    for (unsigned i = 0; i < JL_DOCUMENT_DEPTH_MAX; i++) {
        jl_document_end(&document);
    }
    assert_int_equal(document.text.size, 2 * JL_DOCUMENT_DEPTH_MAX);
}

/* ---- Rows ---- */

struct row {
    const char *text;
    char chars[8];
    struct jl_bytes bytes;
    uint32_t u32;
    uint64_t u64;
    int64_t i64;
    bool flag;
    struct jl_id id;
    int64_t time_ms;
    int64_t day;
};

static const struct jl_column_word words[] = {{"in_sync", "一致", "in sync"}, {0}};
static const struct jl_column columns[] = {
    {"text", "文字", "text", JL_COLUMN_TEXT, offsetof(struct row, text), words},
    {"chars", "字符", "chars", JL_COLUMN_CHARS, offsetof(struct row, chars), NULL},
    {"bytes", "字节", "bytes", JL_COLUMN_BYTES, offsetof(struct row, bytes), NULL},
    {"u32", "数", "u32", JL_COLUMN_U32, offsetof(struct row, u32), NULL},
    {"u64", "数", "u64", JL_COLUMN_U64, offsetof(struct row, u64), NULL},
    {"i64", "数", "i64", JL_COLUMN_I64, offsetof(struct row, i64), NULL},
    {"flag", "是否", "flag", JL_COLUMN_BOOL, offsetof(struct row, flag), NULL},
    {"id", "编号", "id", JL_COLUMN_ID, offsetof(struct row, id), NULL},
    {"time", "时间", "time", JL_COLUMN_TIME, offsetof(struct row, time_ms), NULL},
    {"day", "日期", "day", JL_COLUMN_DAY, offsetof(struct row, day), NULL},
    {NULL, "只在表里", "table only", JL_COLUMN_U32, offsetof(struct row, u32), NULL},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static void test_a_row_is_shown_by_its_description(void **state) {
    const struct row rows[2] = {{.text = "in_sync",
                                 .chars = "GD",
                                 .bytes = jl_bytes_text("古荡"),
                                 .u32 = 1,
                                 .u64 = 2,
                                 .i64 = -3,
                                 .flag = true,
                                 .id = {.bytes = {0xAB}},
                                 .time_ms = 1764500000123,
                                 .day = 20210105}};
    static const char *const cells[2][COLUMNS] = {{"一致", "GD", "古荡", "1", "2", "-3", "✓",
                                                   "ab000000-0000-0000-0000-000000000000",
                                                   "2025-11-30T18:53:20+08:00", "2021-01-05", "1"},
                                                  {"", "", "", "0", "0", "0", "", "", "", "", "0"}};
    JL_AUTO(jl_document) document = {.style = JL_DOCUMENT_COMPACT};
    (void)state;
    const struct jl_rows all = {rows, 2, sizeof *rows, columns, COLUMNS};
    jl_column_write_rows(&all, NULL, &document);
    assert_true(jl_bytes_is(
        jl_buf_bytes(&document.text),
        "[{\"text\":\"in_sync\",\"chars\":\"GD\",\"bytes\":\"古荡\",\"u32\":1,\"u64\":2,\"i64\":-3,"
        "\"flag\":true,\"id\":\"ab000000-0000-0000-0000-000000000000\","
        "\"time\":\"2025-11-30T18:53:20+08:00\",\"day\":\"2021-01-05\"},"
        "{\"text\":null,\"chars\":\"\",\"bytes\":\"\",\"u32\":0,\"u64\":0,\"i64\":0,"
        "\"flag\":false,\"id\":null,\"time\":null,\"day\":null}]"));
    for (size_t i = 0; i < 2 * COLUMNS; i++) {
        JL_AUTO(jl_buf) cell = {0};
        assert_int_equal(
            jl_column_text(&columns[i % COLUMNS], &rows[i / COLUMNS], JL_LANGUAGE_ZH, &cell, NULL),
            JL_OK);
        if (!jl_bytes_is(jl_buf_bytes(&cell), cells[i / COLUMNS][i % COLUMNS])) {
            fail_msg("%s: [%.*s]", columns[i % COLUMNS].en, (int)cell.size,
                     (const char *)cell.data);
        }
    }
    assert_true(jl_column_right(&columns[3]));
    assert_false(jl_column_right(&columns[0]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jansson_reads_it_and_writes_the_same_bytes),
        cmocka_unit_test(test_times_days_and_ids_read_as_people_write_them),
        cmocka_unit_test(test_bytes_that_are_not_utf8_become_replacement_characters),
        cmocka_unit_test(test_what_could_not_be_made_is_missed_at_the_end),
        cmocka_unit_test(test_the_deepest_level_is_the_last),
        cmocka_unit_test(test_a_row_is_shown_by_its_description),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
