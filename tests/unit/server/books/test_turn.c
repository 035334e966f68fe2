/* Goal: who wants to write is seen until it is done, and nobody else is; two may want to at once.
 * Method: a folder, and turns as of several commands. */
#include "server/books/turn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/jielian-turn-XXXXXX";

static int set_up(void **state) {
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int tear_down(void **state) {
    char path[sizeof folder + 16];
    (void)state;
    (void)snprintf(path, sizeof path, "%s/run.turn", folder);
    (void)unlink(path);
    return rmdir(folder);
}

static void test_a_turn_is_seen_until_it_is_done(void **state) {
    (void)state;
    struct jl_turn one = {.asks = true};
    struct jl_turn two = {.asks = true};
    assert_false(jl_turn_is_asked(folder));
    jl_turn_ask(&one, folder);
    jl_turn_ask(&two, folder);
    assert_true(jl_turn_is_asked(folder));
    jl_turn_done(&one);
    assert_true(jl_turn_is_asked(folder));
    jl_turn_done(&two);
    assert_false(jl_turn_is_asked(folder));
    jl_turn_done(&two);
    jl_turn_ask(&one, folder);
    jl_turn_ask(&one, folder); /* once is enough */
    jl_turn_done(&one);
    assert_false(jl_turn_is_asked(folder));
}

static void test_serve_itself_asks_for_nothing(void **state) {
    (void)state;
    struct jl_turn serve = {0};
    jl_turn_ask(&serve, folder);
    assert_false(jl_turn_is_asked(folder));
    jl_turn_done(&serve); /* and closes nothing that is not its own */
    assert_true(write(STDOUT_FILENO, "", 0) == 0);
}

/* A folder that is gone, or can't be written: all is as without turns. */
static void test_where_no_lock_can_be_had_nobody_waits(void **state) {
    (void)state;
    struct jl_turn turn = {.asks = true};
    jl_turn_ask(&turn, "/nowhere/at/all");
    assert_false(jl_turn_is_asked("/nowhere/at/all"));
    jl_turn_done(&turn);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_turn_is_seen_until_it_is_done),
        cmocka_unit_test(test_serve_itself_asks_for_nothing),
        cmocka_unit_test(test_where_no_lock_can_be_had_nobody_waits),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
