/* The history that an office may ask for (server/books/lines.c), at the edges of what one answer
 * looks at. */
#include "may_world.h"

#include "server/books/lines.h"

#include "jielian/store/history_index.h"
#include "jielian/store/journal.h"

enum { TRANSFERS_MAX = 64 }; /* of server/books/lines.c */

static void ask(uint32_t most, struct jl_bytes from, struct jl_lines *out_lines) {
    const struct jl_history_ask question = {
        .type = type_named("member")->number, .id = wang, .from = from, .most = most};
    assert_int_equal(jl_district_begin(world.district, false, NULL, &err), JL_OK);
    assert_int_equal(jl_lines_read(world.district, 1, &question, &arena, out_lines, &err), JL_OK);
    jl_district_rollback(world.district);
    assert_true(out_lines->held);
}

/* ---- Transfers ---- */

static void ask_for_and_withdraw(size_t times) {
    for (size_t i = 0; i < times; i++) {
        struct jl_id id =
            add(&a->desk, "transfer", "member=%s|to_office=B街道总工会", text_of(&wang));
        assert_true(world_sync(a));
        world_set(&a->desk, "transfer", &id, "status=撤回");
        assert_true(world_sync(a));
    }
}

/* Is the sealed value that the district wrote told? */
static void assert_here(bool here) {
    struct jl_lines lines;
    ask(1, jl_bytes(NULL, 0), &lines);
    assert_int_equal(lines.count, 1);
    assert_int_equal(lines.lines[0].office, 0);
    assert_int_equal(lines.lines[0].withheld_count, here ? 0 : 1);
}

static void test_a_record_of_very_many_transfers_counts_as_come_just_now(void **state) {
    (void)state;
    world_set(&world.district_desk, "member", &wang, "mobile=13800000000");
    sync_all();
    ask_for_and_withdraw(TRANSFERS_MAX - 1);
    assert_here(true);
    ask_for_and_withdraw(1);
    assert_here(false);
}

/* ---- Size ---- */

static void edit_much(size_t turn) {
    enum { OTHERS = 700, LETTERS = 300 };
    static uint64_t random = 88172645463325252u;
    char mobile[32];
    char text[32 + 3 * LETTERS] = "note=";
    snprintf(mobile, sizeof mobile, "mobile=138%08zu", turn);
    for (size_t i = 0; i < OTHERS; i++) {
        for (size_t at = 5; at < 5 + 3 * LETTERS; at += 3) { /* U+5000 .. U+8FFF */
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            unsigned letter = 0x5000 + (unsigned)(random % 0x4000);
            text[at] = (char)(0xe0 | letter >> 12);
            text[at + 1] = (char)(0x80 | (letter >> 6 & 0x3f));
            text[at + 2] = (char)(0x80 | (letter & 0x3f));
        }
        world_set(&a->desk, "union_org", &org_a, text);
        if (i == OTHERS / 2) { /* batches begin small and grow: in one of the larger */
            world_set(&a->desk, "member", &wang, mobile);
        }
    }
    assert_true(world_sync(a));
}

/* Lines until their entries are JL_LINES_READ_BYTES in all. */
static size_t lines_of_one_answer(size_t *out_all) {
    const struct jl_record_key key = {.type = type_named("member")->number, .id = wang};
    struct jl_history_entry *entries = NULL;
    struct jl_store *store = district()->store;
    struct jl_head head;
    size_t fit = 0;
    size_t bytes = 0;
    assert_int_equal(jl_district_begin(world.district, false, NULL, &err), JL_OK);
    assert_int_equal(jl_records_heads(store, &key, 1, &arena, &head, &err), JL_OK);
    assert_int_equal(jl_history_index_before(store, head.rid, UINT64_MAX, 0, JL_LINES_MAX, &arena,
                                             &entries, out_all, &err),
                     JL_OK);
    while (fit < *out_all && bytes < JL_LINES_READ_BYTES) {
        struct jl_journal_entry entry;
        assert_int_equal(
            jl_journal_entry_get(store, entries[fit++].journal_seq, &arena, &entry, &err), JL_OK);
        bytes += entry.body.size;
    }
    jl_district_rollback(world.district);
    return fit;
}

static void test_an_answer_ends_where_it_has_read_enough_and_the_next_goes_on(void **state) {
    (void)state;
    enum { TURNS = 6 };
    for (size_t i = 0; i < TURNS; i++) {
        edit_much(i);
    }
    size_t all = 0;
    size_t fit = lines_of_one_answer(&all);
    assert_int_equal(all, TURNS + 1);
    assert_in_range(fit, 2, TURNS); /* not one entry, and not all of them */
    struct jl_lines lines;
    struct jl_lines rest;
    ask(JL_LINES_MAX, jl_bytes(NULL, 0), &lines);
    assert_int_equal(lines.count, fit);
    assert_true(lines.next.size > 0);
    ask(JL_LINES_MAX, lines.next, &rest);
    assert_int_equal(rest.count, all - fit);
    assert_int_equal(rest.next.size, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_a_record_of_very_many_transfers_counts_as_come_just_now),
        CASE(test_an_answer_ends_where_it_has_read_enough_and_the_next_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
