/* Reading tables as staff bring them and writing tables that come back unchanged.
 *
 * Method: the text of a case stands beside the rows that are expected, written as one line:
 * cells joined by |, rows by /, so that a table of cases can be read at a glance. */
#include "jielian/base/file.h"
#include "jielian/base/limits.h"
#include "jielian/sheet/csv.h"
#include "tests/said.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define BYTES(literal) jl_bytes(literal, sizeof(literal) - 1)

/* All rows as "a|b/c|d"; the result code that ended the reading. */
static enum jl_rc read_all(struct jl_csv *csv, struct jl_buf *out, struct jl_err *err) {
    struct jl_csv_row row;
    enum jl_rc rc;
    bool first = true;
    while ((rc = jl_csv_next(csv, &row, err)) == JL_OK) {
        assert_true(row.cell_count > 0);
        for (size_t i = 0; i < row.cell_count; i++) {
            const char *before = i > 0 ? "|" : first ? "" : "/";
            assert_int_equal(jl_buf_put_text(out, before, err), JL_OK);
            assert_int_equal(jl_buf_put(out, row.cells[i].data, row.cells[i].size, err), JL_OK);
        }
        first = false;
    }
    return rc;
}

static void check_rows(struct jl_bytes text, const char *expected) {
    JL_AUTO_PTR(jl_csv) csv = NULL;
    JL_AUTO(jl_buf) got = {0};
    struct jl_err err = {0};
    assert_int_equal(jl_csv_open_bytes(text, &csv, &err), JL_OK);
    assert_int_equal(read_all(csv, &got, &err), JL_NOT_FOUND);
    assert_int_equal(jl_buf_put_u8(&got, 0, &err), JL_OK);
    assert_string_equal((const char *)got.data, expected);
    assert_int_equal(jl_csv_bytes_read(csv), jl_csv_bytes_total(csv));
}

/* Opening or reading fails with rc and a message that holds both parts. */
static void check_refused(struct jl_bytes text, enum jl_rc rc, const char *part,
                          const char *other_part) {
    JL_AUTO_PTR(jl_csv) csv = NULL;
    JL_AUTO(jl_buf) got = {0};
    struct jl_err err = {0};
    enum jl_rc got_rc = jl_csv_open_bytes(text, &csv, &err);
    if (got_rc == JL_OK) {
        got_rc = read_all(csv, &got, &err);
    }
    if (got_rc != rc || strstr(err_said(&err), part) == NULL ||
        strstr(err_said(&err), other_part) == NULL) {
        fail_msg("rc %d, text: %s", (int)got_rc, err_said(&err));
    }
}

static void test_rows_and_cells_follow_rfc_4180(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *rows;
    } cases[] = {
        {"a,b\r\nc,d\r\n", "a|b/c|d"},
        {"a,b\nc,d\n", "a|b/c|d"},
        {"a,b\rc,d\r", "a|b/c|d"},
        {"a,b\nc,d\r\ne,f\r", "a|b/c|d/e|f"},
        {"a,b\r\nc,d", "a|b/c|d"}, /* the last row counts without a line end */
        {"a,b\nc,", "a|b/c|"},
        {",\n,", "|/|"},
        {"a", "a"},
        {"a\n\nb\n", "a//b"}, /* a blank line is a row with one empty cell */
        {"\n", ""},
        {"\"a\",\"b\"\n", "a|b"},
        {"\"a,b\",c\n", "a,b|c"},
        {"\"a \"\"b\"\"\",c", "a \"b\"|c"},
        {"\"\"\"\",\"\"\n", "\"|"},
        {"\"two\r\nlines\",x\ny,z", "two\r\nlines|x/y|z"},
        {"\"cr\rlf\n\",x\n", "cr\rlf\n|x"},
        {"a\"b,c\"\n", "a\"b|c\""}, /* a quote inside a plain cell is ordinary */
        {"\"ab\"c,d\n", "abc|d"},   /* as spreadsheets read it */
        {"\"a\"\"b\"c\"d,e\n", "a\"bc\"d|e"},
        {" \"a\",b\n", " \"a\"|b"},
        {"\"x\"", "x"},
        {"姓名,证件号码\n张三,1\n", "姓名|证件号码/张三|1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        check_rows(jl_bytes_text(cases[i].text), cases[i].rows);
    }
}

static void test_separator_is_found_from_the_header_lines(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *rows;
    } cases[] = {
        {"a;b;c\n1,5;2;3\n", "a|b|c/1,5|2|3"},
        {"a\tb\tc\nx, y\tz\t\n", "a|b|c/x, y|z|"},
        {"title, with; marks\n\na,b,c\n1,2,3\n", "title| with; marks//a|b|c/1|2|3"},
        {"2021年会员名册\n\na;b;c;d\n1;2;3;4\n", "2021年会员名册//a|b|c|d/1|2|3|4"},
        {"a,b\n\"x;y;z\",1\n\"x;y;z\",2\n", "a|b/x;y;z|1/x;y;z|2"},
        {"a,b,c\n1\t,2,3\n4\t,5,6\n", "a|b|c/1\t|2|3/4\t|5|6"}, /* tabs that keep digits as text */
        {"only\ncolumn\n", "only/column"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        check_rows(jl_bytes_text(cases[i].text), cases[i].rows);
    }
}

static void test_rows_know_their_lines_and_can_be_read_again(void **state) {
    (void)state;
    static const uint64_t lines[] = {1, 2, 5, 6};
    JL_AUTO_PTR(jl_csv) csv = NULL;
    struct jl_err err = {0};
    struct jl_bytes text = BYTES("\xEF\xBB\xBF"
                                 "a,b\r\n\"1\n2\r\n3\",x\r\nc,\"d\"\"d\"\re,f");
    assert_int_equal(jl_csv_open_bytes(text, &csv, &err), JL_OK);
    for (int round = 0; round < 2; round++) {
        struct jl_csv_row row;
        for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
            assert_int_equal(jl_csv_next(csv, &row, &err), JL_OK);
            assert_int_equal(row.line, lines[i]);
            assert_int_equal(row.cell_count, 2);
        }
        assert_int_equal(jl_csv_next(csv, &row, &err), JL_NOT_FOUND);
        jl_csv_rewind(csv);
        assert_int_equal(jl_csv_bytes_read(csv), 0);
    }
}

static void test_cells_of_one_row_stay_valid_together(void **state) {
    (void)state;
    /* Several copied (undoubled) cells in one row must not move each other. */
    JL_AUTO(jl_buf) text = {0};
    struct jl_err err = {0};
    for (int i = 0; i < 400; i++) {
        assert_int_equal(jl_buf_printf(&text, &err, "%s\"%d\"\"%0*d\"", i > 0 ? "," : "", i, i, i),
                         JL_OK);
    }
    JL_AUTO_PTR(jl_csv) csv = NULL;
    struct jl_csv_row row;
    assert_int_equal(jl_csv_open_bytes(jl_buf_bytes(&text), &csv, &err), JL_OK);
    assert_int_equal(jl_csv_next(csv, &row, &err), JL_OK);
    assert_int_equal(row.cell_count, 400);
    for (int i = 0; i < 400; i++) {
        char expected[512];
        (void)snprintf(expected, sizeof expected, "%d\"%0*d", i, i, i);
        assert_true(jl_bytes_is(row.cells[i], expected));
    }
}

static void test_marks_and_gb18030_become_utf8(void **state) {
    (void)state;
    check_rows(BYTES("\xEF\xBB\xBF\xE5\xA7\x93,b\n"), "姓|b");
    /* 姓名,备注 / 张三 in two-byte characters. */
    check_rows(BYTES("\xD0\xD5\xC3\xFB,\xB1\xB8\xD7\xA2\r\n\xD5\xC5\xC8\xFD,x\r\n"),
               "姓名|备注/张三|x");
    /* 葛曾䮌: the last one is a four-byte character; then one outside the first plane (U+20000). */
    check_rows(BYTES("\xB8\xF0\xD4\xF8\x82\x34\xCF\x39,\x95\x32\x82\x36\n"), "葛曾䮌|𠀀");
    /* GB18030 has a mark as well. */
    check_rows(BYTES("\x84\x31\x95\x33\xD0\xD5,b\n"), "姓|b");
    /* A second byte that looks like a quote-free ASCII letter or backslash: 赵 is DA D4, 俓 is 82
     * 5C. */
    check_rows(BYTES("\x82\x5C,\x82\x7C\n"), "俓|倈");
}

static void test_spreadsheets_and_other_files_are_refused_with_advice(void **state) {
    (void)state;
    check_refused(BYTES("PK\x03\x04\x14\x00\x06"), JL_PROTO, ".xlsx", "save as CSV");
    check_refused(BYTES("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), JL_PROTO, ".xls", "save as CSV");
    check_refused(BYTES("\xFF\xFE\xD3\x59,\x00"), JL_PROTO, "UTF-16", "save as CSV");
    check_refused(BYTES("\xFE\xFF\x59\xD3\x00,"), JL_PROTO, "UTF-16", "save as CSV");
    check_refused(BYTES("a\0,\0b\0\n\0"), JL_PROTO, "UTF-16", "save as CSV");
    check_refused(BYTES("<html><table>"), JL_PROTO, "web page", "save as CSV");
    check_refused(BYTES("a,b\nc,\0d\n"), JL_PROTO, "NUL byte at byte offset 6", "line 2");
    check_refused(BYTES(""), JL_PROTO, "empty", "header");
    check_refused(BYTES("\xEF\xBB\xBF"), JL_PROTO, "empty", "header");
}

static void test_half_characters_are_named_by_offset_and_line(void **state) {
    (void)state;
    /* UTF-8 that was cut off: read as GB18030 it would pass, as nonsense. */
    check_refused(BYTES("姓名,单位\n张三,甲\xE4\xB8"), JL_PROTO, "byte offset 24, line 2",
                  "half a character in UTF-8");
    check_refused(BYTES("姓名,单位\n张\xFF三,甲乙\n"), JL_PROTO, "byte offset 17, line 2",
                  "no character in UTF-8");
    check_refused(BYTES("\xEF\xBB\xBF"
                        "a,b\n\xD5\xC5,c\n"),
                  JL_PROTO, "byte offset 7, line 2", "UTF-8");
    /* GB18030 cut after the first of two and after the third of four bytes. */
    check_refused(BYTES("\xD0\xD5,b\r\n\xD5\xC5,\xC8"), JL_PROTO, "byte offset 9, line 2",
                  "half a character in GB18030");
    check_refused(BYTES("\xD0\xD5,b\r\n\xD5\xC5,\x82\x34\xE9"), JL_PROTO, "byte offset 9, line 2",
                  "half a character in GB18030");
    check_refused(BYTES("\xD0\xD5,b\n\xD5\xC5\xFF\xFF,c\n"), JL_PROTO, "byte offset 7, line 2",
                  "no character in GB18030");
}

static void test_unclosed_quote_names_the_line_where_it_began(void **state) {
    (void)state;
    check_refused(BYTES("a,b\n1,2\nx,\"y\nz,1\n2,3\n"), JL_PROTO, "line 3", "not closed");
    check_refused(BYTES("a,b\n\"1\n2\",\"x\n"), JL_PROTO, "line 3", "not closed");
    check_refused(BYTES("\""), JL_PROTO, "line 1", "not closed");
}

static void test_a_failing_row_fails_again_and_rewind_helps(void **state) {
    (void)state;
    JL_AUTO_PTR(jl_csv) csv = NULL;
    struct jl_csv_row row;
    struct jl_err err = {0};
    assert_int_equal(jl_csv_open_bytes(BYTES("a,b\n\"c,d\n"), &csv, &err), JL_OK);
    assert_int_equal(jl_csv_next(csv, &row, &err), JL_OK);
    assert_int_equal(jl_csv_next(csv, &row, &err), JL_PROTO);
    assert_int_equal(jl_csv_next(csv, &row, &err), JL_PROTO);
    jl_csv_rewind(csv);
    assert_int_equal(jl_csv_next(csv, &row, &err), JL_OK);
}

static void test_too_many_columns_or_bytes_in_a_row_are_refused(void **state) {
    (void)state;
    JL_AUTO(jl_buf) text = {0};
    struct jl_err err = {0};
    assert_int_equal(jl_buf_put_text(&text, "a,b\n", &err), JL_OK);
    for (int i = 1; i < JL_CSV_COLUMNS_MAX; i++) {
        assert_int_equal(jl_buf_put_text(&text, ",", &err), JL_OK);
    }
    JL_AUTO_PTR(jl_csv) csv = NULL;
    struct jl_csv_row row;
    assert_int_equal(jl_csv_open_bytes(jl_buf_bytes(&text), &csv, &err), JL_OK);
    assert_int_equal(jl_csv_next(csv, &row, &err), JL_OK);
    assert_int_equal(jl_csv_next(csv, &row, &err), JL_OK);
    assert_int_equal(row.cell_count, JL_CSV_COLUMNS_MAX);
    assert_int_equal(jl_buf_put_text(&text, ",", &err), JL_OK);
    check_refused(jl_buf_bytes(&text), JL_LIMIT, "line 2", "512 columns");

    /* Short lines, but one quoted cell over all of them. */
    jl_buf_reset(&text);
    assert_int_equal(jl_buf_put_text(&text, "a,b\n1,\"", &err), JL_OK);
    for (int i = 0; i < JL_CSV_LINE_MAX_BYTES / 64 + 1; i++) {
        assert_int_equal(jl_buf_printf(&text, &err, "%063d\n", i), JL_OK);
    }
    check_refused(jl_buf_bytes(&text), JL_LIMIT, "line 2", "longest allowed row");
    assert_int_equal(jl_buf_put_text(&text, "\"\n", &err), JL_OK);
    check_refused(jl_buf_bytes(&text), JL_LIMIT, "line 2", "longest allowed row");
}

/* A file of its own under the temporary folder, gone at the end of the scope. */
struct jl_scratch_file {
    char path[64];
    int fd;
};

static void jl_scratch_file_fini(struct jl_scratch_file *file) {
    (void)close(file->fd);
    (void)unlink(file->path);
}

static void scratch_file_init(struct jl_scratch_file *file) {
    (void)snprintf(file->path, sizeof file->path, "/tmp/jielian-csv-XXXXXX");
    file->fd = mkstemp(file->path);
    assert_true(file->fd >= 0);
}

static void test_a_hundred_megabytes_on_one_line_are_refused_early(void **state) {
    (void)state;
    JL_AUTO(jl_scratch_file) file;
    scratch_file_init(&file);
    JL_AUTO(jl_buf) piece = {0};
    struct jl_err err = {0};
    assert_int_equal(jl_buf_reserve(&piece, 1 << 20, &err), JL_OK);
    memset(piece.data, 'a', 1 << 20);
    memcpy(piece.data, "a,b\n", 4);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(write(file.fd, piece.data, 1 << 20), 1 << 20);
        memset(piece.data, 'a', 4);
    }
    assert_int_equal(ftruncate(file.fd, 100 << 20), 0); /* a hole: takes no disk */
    JL_AUTO_PTR(jl_csv) csv = NULL;
    assert_int_equal(jl_csv_open(file.path, &csv, &err), JL_LIMIT);
    assert_non_null(strstr(err_said(&err), "line 2 is longer than 1048576 bytes"));
    assert_non_null(strstr(err_said(&err), file.path));
    /* Longer than any table: not even begun. */
    assert_int_equal(ftruncate(file.fd, (off_t)JL_CSV_FILE_MAX_BYTES + 1), 0);
    assert_int_equal(jl_csv_open(file.path, &csv, &err), JL_LIMIT);
    assert_non_null(strstr(err_said(&err), "split"));
}

static void test_files_are_read_like_bytes(void **state) {
    (void)state;
    JL_AUTO(jl_scratch_file) file;
    scratch_file_init(&file);
    struct jl_err err = {0};
    JL_AUTO_PTR(jl_csv) csv = NULL;
    assert_int_equal(jl_csv_open(file.path, &csv, &err), JL_PROTO);
    assert_non_null(strstr(err_said(&err), "empty"));
    assert_int_equal(jl_csv_open("/nonexistent/x.csv", &csv, &err), JL_NOT_FOUND);
    assert_non_null(strstr(err_said(&err), "/nonexistent/x.csv"));
    assert_int_equal(jl_csv_open("/tmp", &csv, &err), JL_MISUSE);
    assert_null(csv);
    /* More than one piece, CRLF across the edges, every row counted. */
    JL_AUTO(jl_buf) text = {0};
    enum { ROWS = 100000 };
    for (int i = 0; i < ROWS; i++) {
        assert_int_equal(jl_buf_printf(&text, &err, "%d,\xD5\xC5\xC8\xFD\r\n", i), JL_OK);
    }
    assert_int_equal(write(file.fd, text.data, text.size), (ssize_t)text.size);
    assert_int_equal(jl_csv_open(file.path, &csv, &err), JL_OK);
    struct jl_csv_row row;
    for (int i = 0; i < ROWS; i++) {
        char expected[16];
        (void)snprintf(expected, sizeof expected, "%d", i);
        assert_int_equal(jl_csv_next(csv, &row, &err), JL_OK);
        assert_int_equal(row.line, i + 1);
        assert_true(jl_bytes_is(row.cells[0], expected));
        assert_true(jl_bytes_is(row.cells[1], "张三"));
    }
    assert_int_equal(jl_csv_next(csv, &row, &err), JL_NOT_FOUND);
}

static void test_what_is_written_is_safe_and_reads_back_unchanged(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *written;
    } cases[] = {
        {"", ""},
        {"张三", "张三"},
        {"a,b", "\"a,b\""},
        {"a\"b", "\"a\"\"b\""},
        {"a\r\nb", "\"a\r\nb\""},
        {"a;b", "\"a;b\""},
        {" a", "\" a\""},
        {"=1+1", "'=1+1"},
        {"=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""},
        {"+8613800000000", "'+8613800000000"},
        {"-5", "'-5"},
        {"-", "'-"},
        {"@sum", "'@sum"},
        {"\tx", "\"'\tx\""},
        {"\rx", "\"'\rx\""},
        {"'x", "'x"},
        {"'", "'"},
        {"'=x", "''=x"},
        {"''-5", "'''-5"},
        {"5-3=2", "5-3=2"},
    };
    enum { CASES = sizeof cases / sizeof cases[0] };
    JL_AUTO(jl_buf) file = {0};
    struct jl_err err = {0};
    assert_int_equal(jl_csv_put_mark(&file, &err), JL_OK);
    for (size_t i = 0; i < CASES; i++) {
        JL_AUTO(jl_buf) cell = {0};
        struct jl_bytes text = jl_bytes_text(cases[i].text);
        assert_int_equal(jl_csv_put_cell(&cell, true, text, &err), JL_OK);
        assert_true(jl_bytes_is(jl_buf_bytes(&cell), cases[i].written));
        assert_int_equal(jl_csv_put_cell(&file, true, text, &err), JL_OK);
        assert_int_equal(jl_csv_put_cell(&file, false, text, &err), JL_OK);
        assert_int_equal(jl_csv_end_row(&file, &err), JL_OK);
    }
    assert_memory_equal(file.data, "\xEF\xBB\xBF,\r\n", 6);
    JL_AUTO_PTR(jl_csv) csv = NULL;
    assert_int_equal(jl_csv_open_bytes(jl_buf_bytes(&file), &csv, &err), JL_OK);
    for (size_t i = 0; i < CASES; i++) {
        struct jl_csv_row row;
        assert_int_equal(jl_csv_next(csv, &row, &err), JL_OK);
        assert_int_equal(row.cell_count, 2);
        assert_true(jl_bytes_is(row.cells[0], cases[i].text));
        assert_true(jl_bytes_is(row.cells[1], cases[i].text));
    }
    struct jl_csv_row row;
    assert_int_equal(jl_csv_next(csv, &row, &err), JL_NOT_FOUND);
}

static void test_what_is_written_is_read_with_the_comma(void **state) {
    (void)state;
    /* Separators inside quoted cells, also at the start of their lines, are no columns. */
    static const char *const tables[][4] = {
        {"a;b\tc", NULL, "a;b\tc", NULL},
        {"=a", "\r\n;;\r-'\"\"", "x", "y"},
        {"'", ";", ";\";=", "\t\t\t"},
        {"\";\";\"", "1", "2;3;4", "\n;;;\n"},
    };
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        JL_AUTO(jl_buf) file = {0};
        JL_AUTO_PTR(jl_csv) csv = NULL;
        struct jl_err err = {0};
        struct jl_csv_row row;
        for (size_t k = 0; k < 4; k++) {
            const char *text = tables[i][k];
            if (text != NULL) {
                assert_int_equal(jl_csv_put_cell(&file, k % 2 == 0, jl_bytes_text(text), &err),
                                 JL_OK);
            }
            if (k % 2 == 1) {
                assert_int_equal(jl_csv_end_row(&file, &err), JL_OK);
            }
        }
        assert_int_equal(jl_csv_open_bytes(jl_buf_bytes(&file), &csv, &err), JL_OK);
        for (size_t k = 0; k < 4; k += 2) {
            assert_int_equal(jl_csv_next(csv, &row, &err), JL_OK);
            assert_int_equal(row.cell_count, tables[i][k + 1] != NULL ? 2 : 1);
            assert_true(jl_bytes_is(row.cells[0], tables[i][k]));
            if (tables[i][k + 1] != NULL) {
                assert_true(jl_bytes_is(row.cells[1], tables[i][k + 1]));
            }
        }
        assert_int_equal(jl_csv_next(csv, &row, &err), JL_NOT_FOUND);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_and_cells_follow_rfc_4180),
        cmocka_unit_test(test_separator_is_found_from_the_header_lines),
        cmocka_unit_test(test_rows_know_their_lines_and_can_be_read_again),
        cmocka_unit_test(test_cells_of_one_row_stay_valid_together),
        cmocka_unit_test(test_marks_and_gb18030_become_utf8),
        cmocka_unit_test(test_spreadsheets_and_other_files_are_refused_with_advice),
        cmocka_unit_test(test_half_characters_are_named_by_offset_and_line),
        cmocka_unit_test(test_unclosed_quote_names_the_line_where_it_began),
        cmocka_unit_test(test_a_failing_row_fails_again_and_rewind_helps),
        cmocka_unit_test(test_too_many_columns_or_bytes_in_a_row_are_refused),
        cmocka_unit_test(test_a_hundred_megabytes_on_one_line_are_refused_early),
        cmocka_unit_test(test_files_are_read_like_bytes),
        cmocka_unit_test(test_what_is_written_is_safe_and_reads_back_unchanged),
        cmocka_unit_test(test_what_is_written_is_read_with_the_comma),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
