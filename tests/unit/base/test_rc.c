/* Goal: every result code has a name, and an assertion that fails ends the program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jielian/base/assert.h"
#include "jielian/base/rc.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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
        cmocka_unit_test(test_every_code_has_a_name_of_its_own),
        cmocka_unit_test(test_a_failed_assertion_ends_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
