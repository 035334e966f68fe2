/* Which of two versions is newer. Method: a table. */
#include "jielian/base/program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_versions_are_compared_number_by_number(void **state) {
    static const struct {
        const char *program, *version;
        bool at_least;
    } rows[] = {
        {"0.1.0", "0.1.0", true},     {"0.1.0", "0.1", true},        {"0.1", "0.1.0", true},
        {"0.1.0", "0.1.1", false},    {"0.2.0", "0.1.9", true},      {"0.10.0", "0.9.9", true},
        {"1", "0.99999.99999", true}, {"0.99999.99999", "1", false}, {"0.2.0-rc1", "0.2.0", true},
        {"0.2.0+x", "0.2.1", false},  {"", "0.1.0", false},          {"nightly", "0.0.1", false},
        {"0.1.0x", "0.1.0", false},   {"0..1", "0.0.0", false},      {"123456", "0", false},
        {"99999", "99999", true},     {"1.2.3.4", "1.2.3", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (jl_program_at_least(rows[i].program, rows[i].version) != rows[i].at_least) {
            fail_msg("%s against %s", rows[i].program, rows[i].version);
        }
    }
}

static void test_a_version_is_one_to_three_numbers(void **state) {
    static const char *const good[] = {"0", "1.2", "0.1.0", "99999.99999.99999"};
    static const char *const bad[] = {"", ".", "1.", ".1", "1.2.3.4", "100000", "1.2-rc1", "v1"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(jl_program_is_version(good[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(jl_program_is_version(bad[i]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions_are_compared_number_by_number),
        cmocka_unit_test(test_a_version_is_one_to_three_numbers),
    };
    return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
