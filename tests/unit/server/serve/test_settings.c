/* Goal: jielian.conf says what it seems to say, or is refused with the line that is wrong; a
 * refused text changes nothing. Method: small texts, and lines at their bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/serve/settings.h"
#include "tests/said.h"

#include <string.h>

static void assert_taken(const char *text, struct jl_settings *out_settings) {
    struct jl_err err = {0};
    *out_settings = jl_settings_default();
    if (jl_settings_parse(jl_bytes_text(text), "conf", out_settings, &err) != JL_OK) {
        fail_msg("%s", err_said(&err));
    }
}

static void assert_refused(struct jl_bytes text, const char *said) {
    struct jl_err err = {0};
    struct jl_settings settings = jl_settings_default();
    const struct jl_settings before = settings;
    assert_int_equal(jl_settings_parse(text, "conf", &settings, &err), JL_MISUSE);
    if (strstr(err_said(&err), said) == NULL) {
        fail_msg("\"%s\" instead of \"%s\"", err_said(&err), said);
    }
    assert_memory_equal(&settings, &before, sizeof settings);
}

static void test_what_is_not_said_keeps_its_default(void **state) {
    (void)state;
    struct jl_settings settings;
    assert_taken("# nothing\n\n", &settings);
    assert_string_equal(settings.sync, "tcp://*:7800");
    assert_string_equal(settings.http, "127.0.0.1:7880");
    assert_int_equal(settings.cache_mib, 64);
}

static void test_every_key_is_taken_also_with_a_mark_and_windows_line_ends(void **state) {
    (void)state;
    struct jl_settings settings;
    assert_taken("\xEF\xBB\xBFsync = tcp://10.0.0.1:1\r\nhttp =\r\ncache=65536 ; the most",
                 &settings);
    assert_string_equal(settings.sync, "tcp://10.0.0.1:1");
    assert_string_equal(settings.http, "");
    assert_int_equal(settings.cache_mib, 65536);
}

static void test_endpoints_are_few_and_look_like_such(void **state) {
    (void)state;
    struct jl_settings settings;
    assert_taken("cache = 1\n", &settings);
    assert_string_equal(settings.endpoints, "");
    assert_taken("endpoints = tcp://a:1  tcp://b:2 tcp://c:3 tcp://d:4\n", &settings);
    assert_string_equal(settings.endpoints, "tcp://a:1  tcp://b:2 tcp://c:3 tcp://d:4");
    assert_refused(jl_bytes_text("endpoints = tcp://a:1 tcp://b:2 tcp://c:3 tcp://d:4 tcp://e:5\n"),
                   "line 1: bad value for \"endpoints\"");
    assert_refused(jl_bytes_text("endpoints =\n"), "bad value for \"endpoints\"");
    assert_refused(jl_bytes_text("endpoints = a:1\n"), "bad value for \"endpoints\"");
    assert_refused(jl_bytes_text("endpoints = tcp://a\n"), "bad value for \"endpoints\"");
    assert_refused(jl_bytes_text("endpoints = tcp://\n"), "bad value for \"endpoints\"");
    assert_refused(jl_bytes_text("endpoints = tcp://古荡:1\n"), "bad value for \"endpoints\"");
}

static void test_a_slip_is_named_with_its_line(void **state) {
    (void)state;
    assert_refused(jl_bytes_text("\nsnyc = tcp://*:1\n"), "conf, line 2: unknown key \"snyc\"");
    assert_refused(jl_bytes_text("[a]\nsync = tcp://*:1\n"), "conf, line 2: unknown key");
    assert_refused(jl_bytes_text("sync =\n"), "conf, line 1: bad value for \"sync\"");
    assert_refused(jl_bytes_text("cache = 0\n"), "line 1: bad value for \"cache\"");
    assert_refused(jl_bytes_text("cache = 65537\n"), "line 1: bad value for \"cache\"");
    assert_refused(jl_bytes_text("cache = 64 MiB\n"), "line 1: bad value for \"cache\"");
    assert_refused(jl_bytes_text("cache = 1\nsync\n"), "line 2: not of the form key = value");
    assert_refused(jl_bytes_text("cache = 1\ncache = 2\n"), "line 2: \"cache\" is set a second");
}

/* inih would take the second line as the value of sync. */
static void test_an_indented_line_is_refused(void **state) {
    (void)state;
    assert_refused(jl_bytes_text("sync = tcp://*:1\n  cache = 5\n"), "line 2: \"sync\" is set");
}

/* inih would stop there without a word. */
static void test_a_nul_byte_is_refused(void **state) {
    (void)state;
    assert_refused(jl_bytes("cache = 1\n\0sync = x\n", 20), "conf, line 2: a NUL byte");
}

static void test_what_is_not_utf8_is_refused(void **state) {
    (void)state;
    assert_refused(jl_bytes_text("http = \xB9\xC5\n"), "conf: not UTF-8");
}

static void make_line(char *out_text, size_t size) {
    memset(out_text, 'x', size);
    memcpy(out_text, "http = ", strlen("http = "));
    out_text[size] = '\0';
}

/* inih would cut it in two. */
static void test_a_line_has_a_bound(void **state) {
    (void)state;
    char text[JL_SETTINGS_LINE_MAX_BYTES + 2];
    struct jl_settings settings;
    make_line(text, JL_SETTINGS_LINE_MAX_BYTES);
    assert_taken(text, &settings);
    assert_int_equal(strlen(settings.http), JL_SETTINGS_LINE_MAX_BYTES - strlen("http = "));
    make_line(text, JL_SETTINGS_LINE_MAX_BYTES + 1);
    assert_refused(jl_bytes_text(text), "conf, line 1: longer than 198 bytes");
}

static void test_a_missing_file_changes_nothing(void **state) {
    (void)state;
    struct jl_settings settings = jl_settings_default();
    assert_int_equal(jl_settings_read("/nowhere/jielian.conf", &settings, NULL), JL_OK);
    assert_string_equal(settings.sync, "tcp://*:7800");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_not_said_keeps_its_default),
        cmocka_unit_test(test_every_key_is_taken_also_with_a_mark_and_windows_line_ends),
        cmocka_unit_test(test_endpoints_are_few_and_look_like_such),
        cmocka_unit_test(test_a_slip_is_named_with_its_line),
        cmocka_unit_test(test_an_indented_line_is_refused),
        cmocka_unit_test(test_a_nul_byte_is_refused),
        cmocka_unit_test(test_what_is_not_utf8_is_refused),
        cmocka_unit_test(test_a_line_has_a_bound),
        cmocka_unit_test(test_a_missing_file_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
