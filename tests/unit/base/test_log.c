/* Goal: one event is one line, whatever bytes it holds. Method: the sink is a pipe that is read
 * back; a table of hostile texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/base/fault.h"
#include "jielian/base/log.h"
#include "jielian/base/utf8.h"

#include <pthread.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OUTPUT_BYTES = 60000 }; /* under a pipe's 64 KiB, so that writers never wait */

static int ends[2];
static char output[OUTPUT_BYTES];

static int open_sink(void **state) {
    (void)state;
    if (pipe(ends) != 0) {
        return -1;
    }
    jl_log_set(JL_LOG_INFO, ends[1]);
    return 0;
}

static int close_sink(void **state) {
    (void)state;
    jl_log_set(JL_LOG_INFO, STDERR_FILENO);
    return close(ends[0]);
}

/* Everything logged so far; ends the sink. */
static const char *read_output(void) {
    size_t size = 0;
    ssize_t got;
    assert_int_equal(close(ends[1]), 0);
    while ((got = read(ends[0], output + size, sizeof output - 1 - size)) > 0) {
        size += (size_t)got;
    }
    output[size] = '\0';
    return output;
}

static void check_matches(const char *text, const char *pattern) {
    regex_t regex;
    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    if (regexec(&regex, text, 0, NULL, 0) != 0) {
        fail_msg("'%s' is not like '%s'", text, pattern);
    }
    regfree(&regex);
}

#define TIME "^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\\.[0-9]{3}\\+08:00"

static void test_a_line_has_time_level_event_and_pairs(void **state) {
    (void)state;
    jl_log(JL_LOG_INFO, "feed_moved", "office=%d seq=%d", 3, 1041);
    check_matches(read_output(), TIME " info event=feed_moved office=3 seq=1041\n$");
}

static void test_an_event_may_stand_alone(void **state) {
    (void)state;
    jl_log(JL_LOG_WARN, "started", "%s", "");
    check_matches(read_output(), TIME " warn event=started\n$");
}

static void test_an_error_is_quoted(void **state) {
    (void)state;
    struct jl_err err;
    jl_fault_at(&err, JL_CORRUPT, JL_FAULT_TEXT, "row \"街\\%d\"", 7);
    jl_log_err(JL_LOG_ERROR, "read_failed", &err);
    check_matches(read_output(), TIME
                  " error event=read_failed rc=corrupt text=\"row \\\\\"街\\\\\\\\7\\\\\"\"\n$");
}

static void test_lower_levels_are_silent(void **state) {
    (void)state;
    struct jl_err err = {.rc = JL_IO};
    jl_log(JL_LOG_DEBUG, "hidden", "%s", "");
    jl_log_set(JL_LOG_ERROR, ends[1]);
    jl_log(JL_LOG_WARN, "hidden", "%s", "");
    jl_log_err(JL_LOG_WARN, "hidden", &err);
    jl_log(JL_LOG_ERROR, "shown", "%s", "");
    jl_log_set(JL_LOG_DEBUG, ends[1]);
    jl_log(JL_LOG_DEBUG, "also_shown", "%s", "");
    const char *text = read_output();
    assert_null(strstr(text, "hidden"));
    assert_non_null(strstr(text, " error event=shown\n"));
    assert_non_null(strstr(text, " debug event=also_shown\n"));
}

static void test_hostile_texts_stay_inside_their_line(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *plain;
        const char *quoted;
    } cases[] = {
        {"a\nerror event=forged", "=a\\x0aerror event=forged\n", "\"a\\x0aerror event=forged\"\n"},
        {"\r\x1b[2J", "=\\x0d\\x1b[2J\n", "\"\\x0d\\x1b[2J\"\n"},
        {"\x7f", "=\\x7f\n", "\"\\x7f\"\n"},
        {"\xc2\x85", "=\\xc2\\x85\n", "\"\\xc2\\x85\"\n"},
        {"\xe2\x80\xa8", "=\\xe2\\x80\\xa8\n", "\"\\xe2\\x80\\xa8\"\n"},
        {"\xff\xe8\xa1", "=\\xff\\xe8\\xa1\n", "\"\\xff\\xe8\\xa1\"\n"},
        {"\" rc=ok \\", "=\" rc=ok \\\n", "\"\\\" rc=ok \\\\\"\n"},
        {"街联 €", "=街联 €\n", "\"街联 €\"\n"},
    };
    size_t count = sizeof cases / sizeof cases[0];
    for (size_t i = 0; i < count; i++) {
        struct jl_err err = {.rc = JL_PROTO};
        strcpy(err.text, cases[i].text); /* not through jl_fault_at, which would clean it */
        jl_log(JL_LOG_INFO, "e", "v=%s", cases[i].text);
        jl_log_err(JL_LOG_INFO, "e", &err);
    }
    const char *line = read_output();
    for (size_t i = 0; i < 2 * count; i++) {
        const char *end = strchr(line, '\n');
        const char *expected = i % 2 == 0 ? cases[i / 2].plain : cases[i / 2].quoted;
        assert_non_null(end);
        size_t length = (size_t)(end - line) + 1;
        assert_true(length > strlen(expected));
        assert_memory_equal(end + 1 - strlen(expected), expected, strlen(expected));
        line = end + 1;
    }
    assert_string_equal(line, "");
}

static void test_long_lines_are_cut_and_marked(void **state) {
    (void)state;
    char text[5000];
    for (size_t i = 0; i + 3 < sizeof text; i += 3) {
        memcpy(text + i, "街", 4);
    }
    jl_log(JL_LOG_INFO, "long", "%s", text);
    for (size_t size = 2035; size < 2055; size++) {
        jl_log(JL_LOG_INFO, "long", "%0*d", (int)size, 0);
    }
    const char *line = read_output();
    assert_true(jl_utf8_valid(jl_bytes_text(line)));
    size_t lines = 0;
    for (const char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        assert_true(end - line < 2048);
        assert_memory_equal(end - strlen("…"), "…", strlen("…"));
        lines++;
    }
    assert_int_equal(lines, 21);
    assert_string_equal(line, "");
}

static void test_long_errors_keep_their_quotes(void **state) {
    (void)state;
    struct jl_err err = {.rc = JL_IO};
    memset(err.text, 1, sizeof err.text - 1); /* four bytes each once escaped */
    jl_log_err(JL_LOG_INFO, "long", &err);
    const char *text = read_output();
    assert_true(strlen(text) > 1900 && strlen(text) <= 2048);
    assert_string_equal(text + strlen(text) - 2, "\"\n");
}

static void *write_lines(void *context) {
    (void)context;
    for (int i = 0; i < 100; i++) {
        jl_log(JL_LOG_INFO, "tick", "text=%s", "abcdefghijklmnopqrstuvwxyz");
    }
    return NULL;
}

static void test_lines_of_threads_do_not_mix(void **state) {
    (void)state;
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, write_lines, NULL), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    const char *line = read_output();
    size_t lines = 0;
    for (const char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        static const char tail[] = " info event=tick text=abcdefghijklmnopqrstuvwxyz";
        assert_int_equal((size_t)(end - line),
                         strlen("2026-11-22T14:02:07.123+08:00") + strlen(tail));
        assert_memory_equal(end - strlen(tail), tail, strlen(tail));
        lines++;
    }
    assert_int_equal(lines, 400);
}

#define INTO_A_PIPE(test) cmocka_unit_test_setup_teardown(test, open_sink, close_sink)

int main(void) {
    const struct CMUnitTest tests[] = {
        INTO_A_PIPE(test_a_line_has_time_level_event_and_pairs),
        INTO_A_PIPE(test_an_event_may_stand_alone),
        INTO_A_PIPE(test_an_error_is_quoted),
        INTO_A_PIPE(test_lower_levels_are_silent),
        INTO_A_PIPE(test_hostile_texts_stay_inside_their_line),
        INTO_A_PIPE(test_long_lines_are_cut_and_marked),
        INTO_A_PIPE(test_long_errors_keep_their_quotes),
        INTO_A_PIPE(test_lines_of_threads_do_not_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
