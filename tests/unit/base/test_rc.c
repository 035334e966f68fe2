/* Goal: an error text is always one whole line of whole characters, and a failure never turns into
 * success on its way out. Method: tables of texts, and texts built to straddle the buffer's end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/base/assert.h"
#include "jielian/base/rc.h"
#include "jielian/base/utf8.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_fail_records_code_and_text(void **state) {
    (void)state;
    struct jl_err err;
    assert_int_equal(jl_fail(&err, JL_PROTO, "frame of %zu bytes", (size_t)7), JL_PROTO);
    assert_int_equal(err.rc, JL_PROTO);
    assert_string_equal(err.text, "frame of 7 bytes");
}

static void test_fail_without_err_returns_the_code(void **state) {
    (void)state;
    assert_int_equal(jl_fail(NULL, JL_LIMIT, "too long"), JL_LIMIT);
    assert_int_equal(jl_wrap(NULL, "batch"), JL_IO);
}

static void test_wrap_reads_from_the_outside_in(void **state) {
    (void)state;
    struct jl_err err;
    jl_fail(&err, JL_CORRUPT, "row %d", 4);
    assert_int_equal(jl_wrap(&err, "table %s", "member"), JL_CORRUPT);
    assert_int_equal(jl_wrap(&err, "office"), JL_CORRUPT);
    assert_string_equal(err.text, "office: table member: row 4");
}

static void test_wrap_of_an_unexplained_failure_is_no_success(void **state) {
    (void)state;
    struct jl_err err = {0};
    assert_int_equal(jl_wrap(&err, "opening"), JL_IO);
    assert_int_equal(err.rc, JL_IO);
    assert_string_equal(err.text, "opening");
}

static void test_own_text_may_be_an_argument(void **state) {
    (void)state;
    struct jl_err err;
    jl_fail(&err, JL_IO, "disk");
    jl_fail(&err, JL_CORRUPT, "%s, twice %s", err.text, err.text);
    assert_string_equal(err.text, "disk, twice disk");
}

static void test_control_characters_become_blanks(void **state) {
    (void)state;
    struct jl_err err;
    jl_fail(&err, JL_IO, "a\nb\tc\x1b[2J\x7f.");
    assert_string_equal(err.text, "a b c [2J .");
}

static void test_long_texts_are_cut_at_a_character(void **state) {
    (void)state;
    static const char *const characters[] = {"a", "é", "街", "😀"};
    for (size_t i = 0; i < sizeof characters / sizeof characters[0]; i++) {
        for (size_t shift = 0; shift < 4; shift++) {
            char text[1024] = "";
            struct jl_err err;
            memset(text, 'x', shift);
            while (strlen(text) + 5 < sizeof text) {
                strcat(text, characters[i]);
            }
            jl_fail(&err, JL_IO, "%s", text);
            size_t length = strlen(err.text);
            assert_true(length < JL_ERR_TEXT_BYTES);
            assert_true(length + strlen(characters[i]) >= JL_ERR_TEXT_BYTES);
            assert_true(jl_utf8_valid(jl_bytes_text(err.text)));

            jl_fail(&err, JL_IO, "end");
            jl_wrap(&err, "%s", text);
            assert_true(jl_utf8_valid(jl_bytes_text(err.text)));
            assert_true(strlen(err.text) < JL_ERR_TEXT_BYTES);
        }
    }
}

static void test_a_wrapped_text_keeps_what_fits(void **state) {
    (void)state;
    struct jl_err err;
    jl_fail(&err, JL_IO, "%0600d", 0);
    assert_int_equal(strlen(err.text), JL_ERR_TEXT_BYTES - 1);
    jl_wrap(&err, "outer");
    assert_int_equal(strlen(err.text), JL_ERR_TEXT_BYTES - 1);
    assert_memory_equal(err.text, "outer: 000", 10);
}

static void test_every_code_has_a_name_of_its_own(void **state) {
    (void)state;
    for (int a = JL_OK; a <= JL_MISUSE; a++) {
        assert_string_not_equal(jl_rc_name((enum jl_rc)a), "unknown");
        for (int b = JL_OK; b < a; b++) {
            assert_string_not_equal(jl_rc_name((enum jl_rc)a), jl_rc_name((enum jl_rc)b));
        }
    }
    assert_string_equal(jl_rc_name((enum jl_rc)99), "unknown");
}

static void test_a_failed_assertion_ends_the_program(void **state) {
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(STDERR_FILENO); /* the message is expected, and no business of the report */
        JL_ASSERT(state == NULL && state != NULL);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fail_records_code_and_text),
        cmocka_unit_test(test_fail_without_err_returns_the_code),
        cmocka_unit_test(test_wrap_reads_from_the_outside_in),
        cmocka_unit_test(test_wrap_of_an_unexplained_failure_is_no_success),
        cmocka_unit_test(test_own_text_may_be_an_argument),
        cmocka_unit_test(test_control_characters_become_blanks),
        cmocka_unit_test(test_long_texts_are_cut_at_a_character),
        cmocka_unit_test(test_a_wrapped_text_keeps_what_fits),
        cmocka_unit_test(test_every_code_has_a_name_of_its_own),
        cmocka_unit_test(test_a_failed_assertion_ends_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
