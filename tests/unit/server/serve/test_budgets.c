/* Goal: what one device does, however often, costs the district a bounded share of table, memory
 * and writing. Method: the router's tables (router.h) and the district's books, called as
 * the router and the writer call them, each bound met at its edge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/wire.h"
#include "server/books/district.h"
#include "server/books/hello.h"
#include "server/books/offices.h"
#include "server/judge/accept_entry.h"
#include "server/serve/budgets.h"

#include "jielian/base/clock.h"
#include "jielian/base/language.h"
#include "jielian/crypto/invitation.h"
#include "jielian/crypto/random.h"
#include "jielian/net/curve.h"
#include "jielian/net/server.h"
#include "jielian/store/devices.h"
#include "jielian/store/quarantined.h"
#include "jielian/store/store.h"
#include "tests/said.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void must(enum jl_rc rc, const struct jl_err *err) {
    if (rc != JL_OK) {
        print_error("%s: %s\n", jl_rc_name(rc), err_said(err));
    }
    assert_int_equal(rc, JL_OK);
}

/* ---- Patience ---- */

static void test_patience_ends_and_comes_back(void **state) {
    (void)state;
    struct jl_budgets budgets = {0};
    struct jl_budget *budget = jl_budgets_of(&budgets, 7);
    int64_t now_ms = 1000000;
    for (int i = 0; i < JL_PATIENCE - 1; i++) {
        jl_budget_charge(budget, 1, now_ms);
    }
    assert_int_equal(jl_budget_slow_ms(budget, now_ms), 0);
    jl_budget_charge(budget, 1, now_ms);
    assert_int_equal(jl_budget_slow_ms(budget, now_ms), JL_SLOW_MS);
    assert_int_equal(jl_budget_slow_ms(budget, now_ms + JL_SLOW_MS - 1), 1);
    assert_int_equal(jl_budget_slow_ms(jl_budgets_of(&budgets, 8), now_ms), 0); /* nobody else */

    now_ms += JL_SLOW_MS;
    budget = jl_budgets_of(&budgets, 7);
    assert_int_equal(jl_budget_slow_ms(budget, now_ms), 0);
    for (int i = 0; i < JL_SLOW_MS / JL_PATIENCE_MS - 1; i++) {
        jl_budget_charge(budget, 1, now_ms);
    }
    assert_int_equal(jl_budget_slow_ms(budget, now_ms), 0);
    jl_budget_charge(budget, 1, now_ms);
    assert_int_equal(jl_budget_slow_ms(budget, now_ms), JL_SLOW_MS);
    jl_budgets_fini(&budgets);
}

static void test_an_hour_of_patience_is_no_more_than_full(void **state) {
    (void)state;
    struct jl_budgets budgets = {0};
    struct jl_budget *budget = jl_budgets_of(&budgets, 1);
    jl_budget_charge(budget, 1, 1000);
    jl_budget_charge(budget, 0, 3600 * 1000);
    assert_int_equal(budget->tokens, JL_PATIENCE);
    jl_budget_charge(budget, JL_PATIENCE_INCARNATION, 3600 * 1000);
    assert_int_equal(budget->tokens, JL_PATIENCE - JL_PATIENCE_INCARNATION);
    jl_budgets_fini(&budgets);
}

/* ---- The table of sessions ---- */

static struct jl_caller *add(struct jl_callers *callers, uint32_t number, uint8_t key) {
    struct jl_peer_id peer = {.size = 5};
    uint8_t keys[JL_CURVE_KEY_BYTES] = {key};
    memcpy(peer.bytes + 1, &number, sizeof number);
    struct jl_caller *caller = jl_callers_add(callers, &peer, keys);
    assert_non_null(caller);
    caller->heard_ms = number;
    return caller;
}

static bool is_here(const struct jl_callers *callers, uint32_t number) {
    struct jl_peer_id peer = {.size = 5};
    memcpy(peer.bytes + 1, &number, sizeof number);
    return jl_callers_find(callers, &peer) != NULL;
}

static void test_a_device_that_comes_again_takes_its_own_places_only(void **state) {
    (void)state;
    struct jl_callers *callers = calloc(1, sizeof *callers);
    assert_non_null(callers);
    (void)add(callers, 1, 1); /* heard first of all, and of another key */
    for (uint32_t i = 0; i < JL_CONNECTIONS_PER_KEY; i++) {
        (void)add(callers, 10 + i, 2);
    }
    assert_int_equal(callers->count, 1 + JL_CONNECTIONS_PER_KEY);
    (void)add(callers, 99, 2);
    assert_int_equal(callers->count, 1 + JL_CONNECTIONS_PER_KEY);
    assert_false(is_here(callers, 10));
    assert_true(is_here(callers, 1) && is_here(callers, 11) && is_here(callers, 99));
    jl_callers_fini(callers);
    free(callers);
}

static void test_a_full_table_lets_the_longest_silent_go(void **state) {
    (void)state;
    struct jl_callers *callers = calloc(1, sizeof *callers);
    assert_non_null(callers);
    for (uint32_t i = 0; i < JL_CALLERS_MAX; i++) {
        struct jl_caller *caller = add(callers, 1 + i, (uint8_t)(i % 251));
        memcpy(caller->key + 1, &i, sizeof i); /* a key of its own each */
    }
    assert_int_equal(callers->count, JL_CALLERS_MAX);
    (void)add(callers, JL_CALLERS_MAX + 1, 252);
    assert_int_equal(callers->count, JL_CALLERS_MAX);
    assert_false(is_here(callers, 1));
    assert_true(is_here(callers, 2) && is_here(callers, JL_CALLERS_MAX + 1));
    jl_callers_fini(callers);
    free(callers);
}

/* ---- What was refused, as text ---- */

static void test_counts_of_refusals_survive_as_text(void **state) {
    (void)state;
    struct jl_err err;
    struct jl_refusals some = {0};
    struct jl_refusals back;
    JL_AUTO(jl_buf) text = {0};
    assert_int_equal(jl_refusals_last(&some), 0);
    jl_refusals_note(&some, JL_REFUSAL_MALFORMED, 3, 1790000000123, NULL);
    jl_refusals_note(&some, JL_REFUSAL_KEY, UINT64_MAX, 1790000000122, "2001:db8::1");
    jl_refusals_note(&some, JL_REFUSAL_KEY, 1, 1790000000122, ""); /* full is full */
    must(jl_refusals_encode(&some, &text, &err), &err);
    assert_true(jl_bytes_is(jl_buf_bytes(&text),
                            "malformed 3 1790000000123 -\n"
                            "key 18446744073709551615 1790000000122 2001:db8::1\n"));
    must(jl_refusals_decode(jl_buf_bytes(&text), &back, &err), &err);
    assert_memory_equal(&back, &some, sizeof some);
    assert_int_equal(jl_refusals_last(&back), JL_REFUSAL_MALFORMED);

    must(jl_refusals_decode(jl_bytes_text("tomorrow 1 2 -\nflood 4 5 -\n"), &back, &err), &err);
    assert_int_equal(back.of[JL_REFUSAL_FLOOD].count, 4);
    assert_int_equal(jl_refusals_decode(jl_bytes_text("flood 4 5 -"), &back, &err), JL_CORRUPT);
    assert_int_equal(jl_refusals_decode(jl_bytes_text("flood four\n"), &back, &err), JL_CORRUPT);
}

static void test_every_kind_has_words(void **state) {
    (void)state;
    for (int kind = 1; kind < JL_REFUSAL_KINDS; kind++) {
        enum jl_refusal one = (enum jl_refusal)kind;
        assert_true(strlen(jl_refusal_word(one)) > 0 && strchr(jl_refusal_word(one), ' ') == NULL);
        assert_string_not_equal(jl_refusal_text(JL_LANGUAGE_ZH, one),
                                jl_refusal_text(JL_LANGUAGE_EN, one));
    }
}

/* ---- The district's books ---- */

struct books {
    char folder[64];
    struct jl_district *district;
};

static void put_device(struct books *books, uint32_t number) {
    struct jl_err err;
    struct jl_device device = {.number = number,
                               .office = 1,
                               .state = JL_DEVICE_ACTIVE,
                               .suite = JL_SUITE_FIRST,
                               .sign_public_bytes = 32};
    must(jl_random(device.curve_public, sizeof device.curve_public, &err), &err);
    must(jl_district_begin(books->district, true, NULL, &err), &err);
    must(jl_devices_put(books->district->books->store, &device, &err), &err);
    must(jl_district_commit(books->district, &err), &err);
}

static int open_books(void **state) {
    struct books *books = calloc(1, sizeof *books);
    struct jl_err err;
    assert_non_null(books);
    snprintf(books->folder, sizeof books->folder, "/tmp/jielian-budget-XXXXXX");
    assert_non_null(mkdtemp(books->folder));
    must(jl_district_create(books->folder, jl_bytes(NULL, 0), &err), &err);
    const struct jl_district_options options = {
        .mode = JL_STORE_WRITE, .judge = jl_accept_entry, .clock = jl_clock_system()};
    must(jl_district_open(books->folder, &options, &books->district, &err), &err);
    must(jl_offices_add(books->district, "GD", "古荡街道总工会", NULL, &err), &err);
    put_device(books, 1);
    put_device(books, 2);
    jl_district_close(books->district); /* the table of devices is read when opening */
    must(jl_district_open(books->folder, &options, &books->district, &err), &err);
    *state = books;
    return 0;
}

static int close_books(void **state) {
    static const char *const names[] = {"jielian.db", "jielian.db-wal", "jielian.db-shm", "keys",
                                        "admissions"};
    struct books *books = *state;
    char path[128];
    jl_district_close(books->district);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", books->folder, names[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(books->folder), 0);
    free(books);
    return 0;
}

/* Says Hello in a transaction of its own. */
static enum jl_rc hello(struct books *books, uint32_t device, uint8_t incarnation,
                        uint32_t *out_origin, bool *out_again) {
    struct jl_err err;
    struct jl_hello hello = {.version = JL_PROTOCOL_VERSION, .incarnation = {incarnation}};
    struct jl_welcome welcome = {0};
    must(jl_district_begin(books->district, true, NULL, &err), &err);
    enum jl_rc rc = jl_hello_note(books->district, device, &hello, &welcome, out_origin, &err);
    must(jl_district_commit(books->district, &err), &err);
    *out_again = welcome.again;
    return rc;
}

static void test_incarnations_without_an_op_take_one_place(void **state) {
    struct books *books = *state;
    uint32_t first = 0;
    uint32_t next = 0;
    bool again = true;
    assert_int_equal(hello(books, 1, 1, &first, &again), JL_OK);
    for (uint8_t i = 2; i < 50; i++) {
        assert_int_equal(hello(books, 1, i, &next, &again), JL_OK);
        assert_int_equal(next, first);
        assert_false(again);
    }
    assert_int_equal(books->district->origin_count, 1);
    assert_int_equal(hello(books, 2, 100, &next, &again), JL_OK);
    assert_int_not_equal(next, first);

    struct jl_err err; /* one that has an op keeps its place, and is retired */
    must(jl_district_begin(books->district, true, NULL, &err), &err);
    books->district->origins[0].last_seq = 1;
    must(jl_devices_put_origin(books->district->books->store, &books->district->origins[0], &err),
         &err);
    must(jl_district_commit(books->district, &err), &err);
    assert_int_equal(hello(books, 1, 60, &next, &again), JL_OK);
    assert_int_not_equal(next, first);
    assert_int_equal(hello(books, 1, 49, &next, &again), JL_OK);
    assert_int_equal(next, first);
    assert_true(again);
}

static void test_what_is_in_quarantine_keeps_its_place(void **state) {
    struct books *books = *state;
    uint32_t first = 0;
    uint32_t next = 0;
    bool again = false;
    struct jl_err err;
    assert_int_equal(hello(books, 1, 1, &first, &again), JL_OK);
    must(jl_district_begin(books->district, true, NULL, &err), &err);
    must(jl_quarantined_put(books->district->books->store, first, 1, 1, 1, jl_bytes_text("sealed"),
                            &err),
         &err);
    must(jl_district_commit(books->district, &err), &err);
    assert_int_equal(hello(books, 1, 2, &next, &again), JL_OK);
    assert_int_not_equal(next, first);
}

static void test_another_devices_incarnation_is_refused(void **state) {
    struct books *books = *state;
    uint32_t origin = 0;
    bool again = false;
    assert_int_equal(hello(books, 1, 1, &origin, &again), JL_OK);
    assert_int_equal(hello(books, 2, 1, &origin, &again), JL_CONFLICT);
    assert_int_equal(books->district->origin_count, 1);
    assert_int_equal(jl_roster_device(books->district, 2)->last_seen_ms, 0);
}

static void test_refusals_add_up_in_the_books(void **state) {
    struct books *books = *state;
    struct jl_err err;
    struct jl_refusals more = {0};
    struct jl_refusals all;
    jl_refusals_note(&more, JL_REFUSAL_CHAIN, 1000000, 5, NULL);
    jl_refusals_note(&more, JL_REFUSAL_BUSY, 7, 6, NULL); /* everyday: counted, no trouble */
    for (int i = 0; i < 2; i++) {
        must(jl_district_begin(books->district, true, NULL, &err), &err);
        must(jl_refusals_keep(books->district, 1, &more, &err), &err);
        must(jl_refusals_keep(books->district, 0, &more, &err), &err);
        must(jl_district_commit(books->district, &err), &err);
    }
    must(jl_district_begin(books->district, false, NULL, &err), &err);
    for (uint32_t device = 0; device < 2; device++) {
        must(jl_refusals_of(books->district, device, &all, &err), &err);
        assert_int_equal(all.of[JL_REFUSAL_CHAIN].count, 2000000);
        assert_int_equal(all.of[JL_REFUSAL_BUSY].count, 14);
        assert_int_equal(jl_refusals_last(&all), JL_REFUSAL_BUSY);
    }
    must(jl_refusals_of(books->district, 2, &all, &err), &err);
    assert_int_equal(jl_refusals_last(&all), 0);
    assert_int_equal(jl_roster_device(books->district, 1)->refused, 2000000);
    jl_district_rollback(books->district);
}

#define WITH_BOOKS(test) cmocka_unit_test_setup_teardown(test, open_books, close_books)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patience_ends_and_comes_back),
        cmocka_unit_test(test_an_hour_of_patience_is_no_more_than_full),
        cmocka_unit_test(test_a_device_that_comes_again_takes_its_own_places_only),
        cmocka_unit_test(test_a_full_table_lets_the_longest_silent_go),
        cmocka_unit_test(test_counts_of_refusals_survive_as_text),
        cmocka_unit_test(test_every_kind_has_words),
        WITH_BOOKS(test_incarnations_without_an_op_take_one_place),
        WITH_BOOKS(test_what_is_in_quarantine_keeps_its_place),
        WITH_BOOKS(test_another_devices_incarnation_is_refused),
        WITH_BOOKS(test_refusals_add_up_in_the_books),
    };
    return cmocka_run_group_tests_name("budgets", tests, NULL, NULL);
}
