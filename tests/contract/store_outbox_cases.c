/* The outbox, base rows, what was received. */
#include "store_contract.h"

#include "jielian/base/fault.h"
#include "jielian/store/bases.h"
#include "jielian/store/outbox.h"
#include "jielian/store/received.h"

static struct jl_outbox_entry entry_at(uint64_t pos) {
    return (struct jl_outbox_entry){.pos = pos,
                                    .rid = (int64_t)(pos % 3),
                                    .change_set = pos % 2 == 0 ? id_of(4) : (struct jl_id){{0}},
                                    .made_ms = 1000 + (int64_t)pos,
                                    .state = JL_OUTBOX_PENDING,
                                    .body = jl_bytes("0123456789", 10)};
}

static void fill(struct fixture *fixture, uint64_t count) {
    begin(fixture);
    for (uint64_t pos = 1; pos <= count; pos++) {
        struct jl_outbox_entry entry = entry_at(pos);
        ok(fixture, jl_outbox_append(fixture->store, &entry, 1, &fixture->err));
    }
    commit(fixture);
}

static uint64_t count_of(struct fixture *fixture, enum jl_outbox_state state,
                         int64_t *out_oldest_ms) {
    uint64_t count = 99;
    int64_t oldest_ms = -1;
    ok(fixture, jl_outbox_count(fixture->store, state, &count, &oldest_ms, &fixture->err));
    *out_oldest_ms = oldest_ms;
    return count;
}

static void test_a_range_is_bounded_by_entries_and_bytes(void **state) {
    struct fixture *fixture = *state;
    fill(fixture, 6);
    struct {
        uint64_t from;
        size_t limit;
        size_t max_bytes;
        size_t wanted;
    } const table[] = {
        {1, 100, 1000, 6}, {4, 100, 1000, 3}, {1, 2, 1000, 2},          {1, 100, 25, 2},
        {1, 100, 20, 2},   {1, 100, 5, 1},    {7, 100, 1000, 0},        {1, 0, 1000, 0},
        {1, 100, 0, 1},    {0, 100, 60, 6},   {UINT64_MAX, 9, 1000, 0}, {1, 100, SIZE_MAX, 6},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct jl_outbox_entry *entries = NULL;
        size_t count = 99;
        ok(fixture,
           jl_outbox_range(fixture->store, table[i].from, table[i].limit, table[i].max_bytes,
                           &fixture->arena, &entries, &count, &fixture->err));
        assert_int_equal(count, table[i].wanted);
        for (size_t k = 0; k < count; k++) {
            uint64_t pos = (table[i].from == 0 ? 1 : table[i].from) + k;
            struct jl_outbox_entry wanted = entry_at(pos);
            assert_int_equal(entries[k].pos, pos);
            assert_int_equal(entries[k].rid, wanted.rid);
            assert_int_equal(entries[k].made_ms, wanted.made_ms);
            assert_true(jl_id_equal(&entries[k].change_set, &wanted.change_set));
            assert_true(jl_bytes_equal(entries[k].body, wanted.body));
            assert_int_equal(entries[k].reason.size, 0);
        }
    }
}

static void test_positions_are_never_reused(void **state) {
    struct fixture *fixture = *state;
    fill(fixture, 2);
    struct jl_outbox_entry again = entry_at(2);
    begin(fixture);
    fails(fixture, JL_CONFLICT, jl_outbox_append(fixture->store, &again, 1, &fixture->err));
    jl_store_rollback(fixture->store);
    struct jl_outbox_entry beyond = entry_at(3);
    beyond.pos = UINT64_MAX;
    begin(fixture);
    fails(fixture, JL_MISUSE, jl_outbox_append(fixture->store, &beyond, 1, &fixture->err));
    jl_store_rollback(fixture->store);
}

static void test_entries_of_a_record_and_of_a_change_set(void **state) {
    struct fixture *fixture = *state;
    fill(fixture, 7);
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    ok(fixture, jl_outbox_of(fixture->store, 1, &fixture->arena, &entries, &count, &fixture->err));
    assert_int_equal(count, 3);
    assert_int_equal(entries[0].pos, 1);
    assert_int_equal(entries[2].pos, 7);
    struct jl_id set = id_of(4);
    ok(fixture, jl_outbox_of_change_set(fixture->store, &set, &fixture->arena, &entries, &count,
                                        &fixture->err));
    assert_int_equal(count, 3);
    assert_int_equal(entries[1].pos, 4);
    set = id_of(5);
    ok(fixture, jl_outbox_of_change_set(fixture->store, &set, &fixture->arena, &entries, &count,
                                        &fixture->err));
    assert_int_equal(count, 0);
}

static void test_confirming_leaves_other_states_alone(void **state) {
    struct fixture *fixture = *state;
    struct jl_err *err = &fixture->err;
    fill(fixture, 6);
    int64_t oldest_ms = 0;
    assert_int_equal(count_of(fixture, JL_OUTBOX_PENDING, &oldest_ms), 6);
    assert_int_equal(oldest_ms, 1001);
    begin(fixture);
    ok(fixture, jl_outbox_set(fixture->store, 2, JL_OUTBOX_PARKED, jl_bytes_text("证件号"),
                              jl_bytes_text("said"), err));
    ok(fixture, jl_outbox_confirm(fixture->store, 1, 4, err));
    ok(fixture, jl_outbox_set(fixture->store, 3, JL_OUTBOX_MERGED, jl_bytes(NULL, 0),
                              jl_bytes(NULL, 0), err));
    fails(fixture, JL_NOT_FOUND,
          jl_outbox_set(fixture->store, 77, JL_OUTBOX_CASE, jl_bytes(NULL, 0), jl_bytes(NULL, 0),
                        err));
    fails(fixture, JL_NOT_FOUND, jl_outbox_body(fixture->store, 77, jl_bytes("x", 1), err));
    ok(fixture, jl_outbox_body(fixture->store, 5, jl_bytes("x", 1), err));
    commit(fixture);

    assert_int_equal(count_of(fixture, JL_OUTBOX_PENDING, &oldest_ms), 2);
    assert_int_equal(oldest_ms, 1005);
    assert_int_equal(count_of(fixture, JL_OUTBOX_APPLIED, &oldest_ms), 2);
    assert_int_equal(oldest_ms, 1001);
    assert_int_equal(count_of(fixture, JL_OUTBOX_MERGED, &oldest_ms), 1);
    assert_int_equal(count_of(fixture, JL_OUTBOX_SUPERSEDED, &oldest_ms), 0);
    assert_int_equal(oldest_ms, 0);
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    ok(fixture,
       jl_outbox_range(fixture->store, 1, 9, SIZE_MAX, &fixture->arena, &entries, &count, err));
    assert_int_equal(entries[1].state, JL_OUTBOX_PARKED);
    assert_true(jl_bytes_is(entries[1].reason, "证件号"));
    assert_true(jl_bytes_is(entries[1].said, "said"));
    assert_int_equal(entries[2].said.size, 0);
    assert_true(jl_bytes_is(entries[4].body, "x"));
}

static size_t left_after_trim(struct fixture *fixture, uint64_t upto, uint64_t *out_first) {
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    begin(fixture);
    ok(fixture, jl_outbox_trim(fixture->store, upto, &fixture->err));
    commit(fixture);
    ok(fixture, jl_outbox_range(fixture->store, 1, 9, SIZE_MAX, &fixture->arena, &entries, &count,
                                &fixture->err));
    *out_first = entries[0].pos;
    return count;
}

static void test_trim_leaves_no_gaps_and_nothing_that_wants_something(void **state) {
    struct fixture *fixture = *state;
    const struct jl_bytes none = jl_bytes(NULL, 0);
    uint64_t first = 0;
    fill(fixture, 8);
    begin(fixture);
    ok(fixture, jl_outbox_confirm(fixture->store, 1, 6, &fixture->err));
    ok(fixture, jl_outbox_set(fixture->store, 2, JL_OUTBOX_CASE, none, none, &fixture->err));
    ok(fixture, jl_outbox_set(fixture->store, 3, JL_OUTBOX_MERGED, none, none, &fixture->err));
    ok(fixture, jl_outbox_set(fixture->store, 5, JL_OUTBOX_PARKED, jl_bytes_text("why"), none,
                              &fixture->err));
    commit(fixture);
    assert_int_equal(left_after_trim(fixture, 3, &first), 5);
    assert_int_equal(first, 4);
    assert_int_equal(left_after_trim(fixture, 6, &first), 4); /* 5 is parked */
    assert_int_equal(first, 5);
    begin(fixture);
    ok(fixture, jl_outbox_set(fixture->store, 5, JL_OUTBOX_SUPERSEDED, none, none, &fixture->err));
    commit(fixture);
    assert_int_equal(left_after_trim(fixture, 8, &first), 2); /* 7 has no verdict */
    assert_int_equal(first, 7);
}

static void test_base_rows_tell_empty_from_missing(void **state) {
    struct fixture *fixture = *state;
    JL_AUTO(jl_buf) body = {0};
    bool found = true;
    ok(fixture, jl_bases_get(fixture->store, 4, &body, &found, &fixture->err));
    assert_false(found);
    begin(fixture);
    ok(fixture, jl_bases_put(fixture->store, 4, jl_bytes("row", 3), &fixture->err));
    ok(fixture, jl_bases_put(fixture->store, 5, jl_bytes(NULL, 0), &fixture->err));
    ok(fixture, jl_bases_put(fixture->store, 4, jl_bytes("later", 5), &fixture->err));
    commit(fixture);
    ok(fixture, jl_bases_get(fixture->store, 4, &body, &found, &fixture->err));
    assert_true(found);
    assert_true(jl_bytes_is(jl_buf_bytes(&body), "later"));
    ok(fixture, jl_bases_get(fixture->store, 5, &body, &found, &fixture->err));
    assert_true(found);
    assert_int_equal(body.size, 0);
    begin(fixture);
    ok(fixture, jl_bases_drop(fixture->store, 4, &fixture->err));
    ok(fixture, jl_bases_drop(fixture->store, 4, &fixture->err));
    commit(fixture);
    ok(fixture, jl_bases_get(fixture->store, 4, &body, &found, &fixture->err));
    assert_false(found);
}

struct received {
    int64_t at_ms[4];
    size_t count;
};

static enum jl_rc see_received(void *context, int64_t at_ms, struct jl_bytes body,
                               struct jl_err *err) {
    struct received *received = context;
    assert_true(jl_bytes_is(body, "what"));
    received->at_ms[received->count++] = at_ms;
    return received->count < 3 ? JL_OK : jl_fault_at(err, JL_LIMIT, JL_FAULT_TEXT, "%s", "enough");
}

static void test_received_changes_come_back_in_order(void **state) {
    struct fixture *fixture = *state;
    begin(fixture);
    for (int64_t i = 1; i <= 4; i++) {
        ok(fixture, jl_received_append(fixture->store, i == 4 ? 5 : 4, 100 - i, jl_bytes("what", 4),
                                       &fixture->err));
    }
    commit(fixture);
    struct received received = {0};
    fails(fixture, JL_LIMIT,
          jl_received_of(fixture->store, 4, see_received, &received, &fixture->err));
    assert_int_equal(received.count, 3);
    assert_int_equal(received.at_ms[0], 99);
    assert_int_equal(received.at_ms[2], 97);
    struct received other = {0};
    ok(fixture, jl_received_of(fixture->store, 5, see_received, &other, &fixture->err));
    assert_int_equal(other.count, 1);
}

static void set_state(struct fixture *fixture, uint64_t pos, enum jl_outbox_state state,
                      const char *reason) {
    ok(fixture, jl_outbox_set(fixture->store, pos, state, jl_bytes_text(reason),
                              jl_bytes_text(reason), &fixture->err));
}

static void test_entries_of_a_state_come_with_their_reasons(void **state) {
    struct fixture *fixture = *state;
    struct jl_outbox_entry *entries = NULL;
    size_t count = 99;
    fill(fixture, 7);
    begin(fixture);
    set_state(fixture, 6, JL_OUTBOX_PARKED, "late");
    set_state(fixture, 2, JL_OUTBOX_PARKED, "early");
    set_state(fixture, 3, JL_OUTBOX_APPLIED, "");
    commit(fixture);
    ok(fixture, jl_outbox_in(fixture->store, JL_OUTBOX_PARKED, &fixture->arena, &entries, &count,
                             &fixture->err));
    assert_int_equal(count, 2);
    assert_int_equal(entries[0].pos, 2);
    assert_int_equal(entries[0].rid, 2);
    assert_true(jl_bytes_is(entries[0].reason, "early"));
    assert_true(jl_bytes_is(entries[0].said, "early"));
    assert_int_equal(entries[0].body.size, 0);
    assert_int_equal(entries[1].pos, 6);
    ok(fixture, jl_outbox_in(fixture->store, JL_OUTBOX_PENDING, &fixture->arena, &entries, &count,
                             &fixture->err));
    assert_int_equal(count, 4);
    ok(fixture, jl_outbox_in(fixture->store, JL_OUTBOX_CASE, &fixture->arena, &entries, &count,
                             &fixture->err));
    assert_int_equal(count, 0);
    fails(fixture, JL_MISUSE,
          jl_outbox_in(fixture->store, JL_OUTBOX_APPLIED, &fixture->arena, &entries, &count,
                       &fixture->err));
}

static void test_set_aside_is_parked_with_no_refused_op(void **state) {
    struct fixture *fixture = *state;
    int64_t rids[4];
    int64_t *found = NULL;
    size_t count = 99;
    uint64_t counted = 99;
    begin(fixture);
    for (uint32_t i = 0; i < 4; i++) {
        struct jl_stored record = new_record(fixture, TYPE_ORG, i + 1);
        record.head.state = i == 0 ? JL_RECORD_LIVE : JL_RECORD_PARKED;
        put_record(fixture, &record, NULL, NULL);
        rids[i] = record.head.rid;
    }
    /* The second has a refused op, the third one that was sent again, the fourth none. */
    for (uint64_t i = 1; i <= 2; i++) {
        struct jl_outbox_entry entry = entry_at(i);
        entry.rid = rids[i];
        entry.state = i == 1 ? JL_OUTBOX_PARKED : JL_OUTBOX_SUPERSEDED;
        ok(fixture, jl_outbox_append(fixture->store, &entry, 1, &fixture->err));
    }
    commit(fixture);
    ok(fixture, jl_outbox_aside(fixture->store, &fixture->arena, &found, &count, &fixture->err));
    assert_int_equal(count, 2);
    assert_int_equal(found[0], rids[2]);
    assert_int_equal(found[1], rids[3]);
    ok(fixture, jl_outbox_aside_count(fixture->store, &counted, &fixture->err));
    assert_int_equal(counted, 2);
}

static const struct CMUnitTest cases[] = {
    CASE(test_a_range_is_bounded_by_entries_and_bytes, office),
    CASE(test_positions_are_never_reused, office),
    CASE(test_entries_of_a_record_and_of_a_change_set, office),
    CASE(test_confirming_leaves_other_states_alone, office),
    CASE(test_trim_leaves_no_gaps_and_nothing_that_wants_something, office),
    CASE(test_base_rows_tell_empty_from_missing, office),
    CASE(test_received_changes_come_back_in_order, office),
    CASE(test_entries_of_a_state_come_with_their_reasons, office),
    CASE(test_set_aside_is_parked_with_no_refused_op, office),
};

struct case_list store_outbox_cases(void) {
    return (struct case_list){cases, sizeof cases / sizeof cases[0]};
}
