/* Journal and history. */
#include "store_contract.h"

#include "jielian/base/fault.h"
#include "jielian/store/authors.h"
#include "jielian/store/history_index.h"
#include "jielian/store/journal.h"

#include <string.h>

static struct jl_journal_entry entry_at(uint64_t seq, uint32_t origin, uint64_t first_op,
                                        uint32_t op_count) {
    static const uint8_t seal[96] = {1};
    return (struct jl_journal_entry){.seq = seq,
                                     .origin = origin,
                                     .first_op = first_op,
                                     .op_count = op_count,
                                     .at_ms = 5000 + (int64_t)seq,
                                     .body = jl_bytes_text("sealed batch"),
                                     .seal = jl_bytes(seal, sizeof seal),
                                     .head = jl_bytes_text("who and how")};
}

static void append(struct fixture *fixture, struct jl_journal_entry entry) {
    begin(fixture);
    ok(fixture, jl_journal_entry_append(fixture->store, &entry, &fixture->err));
    commit(fixture);
}

static void append_fails(struct fixture *fixture, struct jl_journal_entry entry) {
    begin(fixture);
    fails(fixture, JL_CONFLICT, jl_journal_entry_append(fixture->store, &entry, &fixture->err));
    jl_store_rollback(fixture->store);
}

static void test_the_journal_is_dense_and_no_op_is_in_it_twice(void **state) {
    struct fixture *fixture = *state;
    append_fails(fixture, entry_at(2, 1, 1, 3));
    append(fixture, entry_at(1, 1, 1, 3));
    append_fails(fixture, entry_at(1, 1, 4, 3));
    append_fails(fixture, entry_at(3, 1, 4, 3));
    append_fails(fixture, entry_at(2, 1, 3, 1));
    append_fails(fixture, entry_at(2, 1, 1, 3));
    append(fixture, entry_at(2, 1, 4, 1));
    append(fixture, entry_at(3, 2, 1, 1));
    append(fixture, entry_at(4, 0, 0, 1)); /* the district's own */
    append(fixture, entry_at(5, 0, 0, 1));
}

struct seen {
    uint64_t seqs[8];
    size_t count;
    size_t stop_after;
};

static enum jl_rc see(void *context, const struct jl_journal_entry *entry, struct jl_err *err) {
    struct seen *seen = context;
    assert_true(jl_bytes_is(entry->body, "sealed batch"));
    assert_int_equal(entry->verdicts.size, 0);
    assert_int_equal(entry->seal.size, 96);
    assert_true(jl_bytes_is(entry->head, "who and how"));
    assert_int_equal(entry->at_ms, 5000 + (int64_t)entry->seq);
    seen->seqs[seen->count++] = entry->seq;
    return seen->count == seen->stop_after
               ? jl_fault_at(err, JL_DENIED, JL_FAULT_TEXT, "%s", "stop")
               : JL_OK;
}

static void test_reading_from_a_seq_on(void **state) {
    struct fixture *fixture = *state;
    for (uint64_t seq = 1; seq <= 5; seq++) {
        append(fixture, entry_at(seq, 1, seq * 10, 10));
    }
    struct seen all = {0};
    ok(fixture, jl_journal_entry_read(fixture->store, 1, 0, see, &all, &fixture->err));
    assert_int_equal(all.count, 5);
    struct seen some = {0};
    ok(fixture, jl_journal_entry_read(fixture->store, 3, 2, see, &some, &fixture->err));
    assert_int_equal(some.count, 2);
    assert_int_equal(some.seqs[0], 3);
    struct seen stopped = {.stop_after = 1};
    fails(fixture, JL_DENIED,
          jl_journal_entry_read(fixture->store, 1, 0, see, &stopped, &fixture->err));
    assert_int_equal(stopped.count, 1);
    struct seen none = {0};
    ok(fixture, jl_journal_entry_read(fixture->store, 6, 0, see, &none, &fixture->err));
    assert_int_equal(none.count, 0);
}

static void test_finding_the_entry_that_holds_an_op(void **state) {
    struct fixture *fixture = *state;
    append(fixture, entry_at(1, 1, 1, 3));
    append(fixture, entry_at(2, 2, 1, 9));
    append(fixture, entry_at(3, 1, 4, 2));
    struct {
        uint32_t origin;
        uint64_t op;
        uint64_t wanted; /* 0: not there */
    } const table[] = {
        {1, 1, 1}, {1, 3, 1}, {1, 4, 3}, {1, 5, 3},          {1, 6, 0},
        {1, 0, 0}, {2, 9, 2}, {3, 1, 0}, {1, UINT64_MAX, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct jl_journal_entry entry = {0};
        enum jl_rc rc = jl_journal_entry_find(fixture->store, table[i].origin, table[i].op,
                                              &fixture->arena, &entry, &fixture->err);
        assert_int_equal(rc, table[i].wanted == 0 ? JL_NOT_FOUND : JL_OK);
        assert_int_equal(entry.seq, table[i].wanted);
        if (rc == JL_OK) {
            assert_true(jl_bytes_is(entry.body, "sealed batch"));
            assert_int_equal(entry.seal.size, 96);
            assert_true(jl_bytes_is(entry.head, "who and how"));
        }
    }
}

/* A head that is not given reads back empty, by every way in. */
static void test_an_entry_without_a_head_is_read_back(void **state) {
    struct fixture *fixture = *state;
    struct jl_journal_entry entry = entry_at(1, 1, 1, 3);
    entry.head = jl_bytes(NULL, 0);
    append(fixture, entry);
    append(fixture, entry_at(2, 1, 4, 3));
    for (uint64_t seq = 1; seq <= 2; seq++) {
        struct jl_journal_entry found = {0};
        ok(fixture,
           jl_journal_entry_get(fixture->store, seq, &fixture->arena, &found, &fixture->err));
        assert_int_equal(found.head.size, seq == 1 ? 0 : strlen("who and how"));
    }
}

static void test_history_of_a_record_in_order(void **state) {
    struct fixture *fixture = *state;
    const struct jl_history_entry entries[] = {
        {4, 9, 0, 77}, {4, 2, 7, 0}, {5, 2, 1, 77}, {4, 2, 3, 0}};
    begin(fixture);
    ok(fixture, jl_history_index_append(fixture->store, entries, 4, &fixture->err));
    commit(fixture);
    struct jl_history_entry *found = NULL;
    size_t count = 0;
    ok(fixture,
       jl_history_index_of(fixture->store, 4, &fixture->arena, &found, &count, &fixture->err));
    assert_int_equal(count, 3);
    assert_int_equal(found[0].journal_seq, 2);
    assert_int_equal(found[0].index, 3);
    assert_int_equal(found[1].index, 7);
    assert_int_equal(found[2].journal_seq, 9);
    begin(fixture);
    fails(fixture, JL_CONFLICT, jl_history_index_append(fixture->store, entries, 1, &fixture->err));
    jl_store_rollback(fixture->store);
}

/* Lines of before there were tags come first; the others are found by theirs, in their record. */
static void test_history_by_tag(void **state) {
    struct fixture *fixture = *state;
    const struct jl_history_entry entries[] = {{4, 2, 3, 0},         {4, 2, 7, 0},  {4, 8, 0, 5},
                                               {4, 9, 0, 77},        {4, 9, 1, 77}, {5, 9, 2, 77},
                                               {4, 9, 3, UINT32_MAX}};
    begin(fixture);
    ok(fixture, jl_history_index_append(fixture->store, entries, 7, &fixture->err));
    commit(fixture);
    struct jl_history_entry *found = NULL;
    size_t count = 0;
    ok(fixture, jl_history_index_untagged(fixture->store, 4, &fixture->arena, &found, &count,
                                          &fixture->err));
    assert_int_equal(count, 2);
    assert_int_equal(found[0].index, 3);
    assert_int_equal(found[1].index, 7);
    ok(fixture, jl_history_index_untagged(fixture->store, 5, &fixture->arena, &found, &count,
                                          &fixture->err));
    assert_int_equal(count, 0);
    ok(fixture, jl_history_index_tagged(fixture->store, 4, 77, &fixture->arena, &found, &count,
                                        &fixture->err));
    assert_int_equal(count, 2);
    assert_int_equal(found[0].index, 0);
    assert_int_equal(found[1].index, 1);
    static const uint32_t none[] = {0, 6};
    for (size_t i = 0; i < 2; i++) {
        ok(fixture, jl_history_index_tagged(fixture->store, 4, none[i], &fixture->arena, &found,
                                            &count, &fixture->err));
        assert_int_equal(count, 0);
    }
    ok(fixture, jl_history_index_tagged(fixture->store, 4, UINT32_MAX, &fixture->arena, &found,
                                        &count, &fixture->err));
    assert_int_equal(count, 1);
}

static void test_history_backwards_in_pieces(void **state) {
    struct fixture *fixture = *state;
    const struct jl_history_entry entries[] = {{3, 9, 9, 0}, {4, 2, 3, 0}, {4, 2, 7, 0},
                                               {4, 8, 0, 5}, {4, 9, 1, 0}, {5, 1, 0, 0}};
    begin(fixture);
    ok(fixture, jl_history_index_append(fixture->store, entries, 6, &fixture->err));
    commit(fixture);
    struct jl_history_entry *found = NULL;
    size_t count = 0;
    ok(fixture, jl_history_index_before(fixture->store, 4, UINT64_MAX, 0, 2, &fixture->arena,
                                        &found, &count, &fixture->err));
    assert_int_equal(count, 2);
    assert_int_equal(found[0].journal_seq, 9);
    assert_int_equal(found[1].journal_seq, 8);
    ok(fixture, jl_history_index_before(fixture->store, 4, 8, 0, 9, &fixture->arena, &found, &count,
                                        &fixture->err));
    assert_int_equal(count, 2);
    assert_int_equal(found[0].journal_seq, 2);
    assert_int_equal(found[0].index, 7);
    assert_int_equal(found[1].index, 3);
    ok(fixture, jl_history_index_before(fixture->store, 4, 2, 3, 9, &fixture->arena, &found, &count,
                                        &fixture->err));
    assert_int_equal(count, 0);
    ok(fixture, jl_history_index_before(fixture->store, 4, UINT64_MAX, 0, 0, &fixture->arena,
                                        &found, &count, &fixture->err));
    assert_int_equal(count, 0);
}

static void test_one_author_for_each_field(void **state) {
    struct fixture *fixture = *state;
    struct jl_author_entry author = {.rid = 4,
                                     .field = 7,
                                     .journal_seq = 9,
                                     .device = 3,
                                     .office = 2,
                                     .made_ms = -5,
                                     .staff = jl_bytes_text("wang.wei")};
    begin(fixture);
    ok(fixture, jl_authors_put(fixture->store, &author, &fixture->err));
    author.field = 0;
    ok(fixture, jl_authors_put(fixture->store, &author, &fixture->err));
    author.rid = 5;
    ok(fixture, jl_authors_put(fixture->store, &author, &fixture->err));
    author = (struct jl_author_entry){.rid = 4, .field = 7, .journal_seq = 10};
    ok(fixture, jl_authors_put(fixture->store, &author, &fixture->err)); /* in its place */
    commit(fixture);
    struct jl_author_entry *found = NULL;
    size_t count = 0;
    ok(fixture, jl_authors_of(fixture->store, 4, &fixture->arena, &found, &count, &fixture->err));
    assert_int_equal(count, 2);
    assert_int_equal(found[0].field, 0);
    assert_int_equal(found[0].device, 3);
    assert_int_equal(found[0].office, 2);
    assert_int_equal(found[0].made_ms, -5);
    assert_true(jl_bytes_is(found[0].staff, "wang.wei"));
    assert_int_equal(found[1].journal_seq, 10);
    assert_int_equal(found[1].device, 0);
    assert_int_equal(found[1].staff.size, 0);
    begin(fixture);
    ok(fixture, jl_authors_forget(fixture->store, 4, &fixture->err));
    commit(fixture);
    ok(fixture, jl_authors_of(fixture->store, 4, &fixture->arena, &found, &count, &fixture->err));
    assert_int_equal(count, 0);
    ok(fixture, jl_authors_of(fixture->store, 5, &fixture->arena, &found, &count, &fixture->err));
    assert_int_equal(count, 1);
}

static void test_the_latest_time_is_not_always_the_last(void **state) {
    struct fixture *fixture = *state;
    const int64_t times[] = {-7, 0, 5000, 9000, 3000};
    const int64_t latest[] = {0, 0, 5000, 9000, 9000};
    int64_t ms = 1;
    ok(fixture, jl_journal_entry_latest(fixture->store, &ms, &fixture->err));
    assert_int_equal(ms, 0);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct jl_journal_entry entry = entry_at(i + 1, 1, i + 1, 1);
        entry.at_ms = times[i];
        append(fixture, entry);
        ok(fixture, jl_journal_entry_latest(fixture->store, &ms, &fixture->err));
        assert_int_equal(ms, latest[i]);
    }
}

static const struct CMUnitTest cases[] = {
    CASE(test_the_journal_is_dense_and_no_op_is_in_it_twice, district),
    CASE(test_reading_from_a_seq_on, district),
    CASE(test_finding_the_entry_that_holds_an_op, district),
    CASE(test_an_entry_without_a_head_is_read_back, district),
    CASE(test_the_latest_time_is_not_always_the_last, district),
    CASE(test_history_of_a_record_in_order, district),
    CASE(test_history_by_tag, district),
    CASE(test_history_backwards_in_pieces, district),
    CASE(test_one_author_for_each_field, district),
};

struct case_list store_journal_cases(void) {
    return (struct case_list){cases, sizeof cases / sizeof cases[0]};
}
