/* Fail the n-th allocation, write or fsync of SQLite, for every n until a run meets none.
 *
 * A run opens the store, changes it in one transaction, reads it, and closes it. Whatever fails
 * must answer with its code, leave all or nothing of the transaction, and the next run must work.
 */
#include "store_sqlite.h"

#include "tests/fault/faults.h"

#include "jielian/store/feeds.h"
#include "jielian/store/outbox.h"
#include "jielian/store/upkeep.h"
#include "jielian/store/words.h"

#include <string.h>

/* ---- One run ---- */

static enum jl_rc change(struct fixture *fixture, struct jl_store *store, uint32_t number) {
    struct jl_err *err = &fixture->err;
    struct jl_stored inserted = new_record(fixture, TYPE_MEMBER, number);
    inserted.cells[MEMBER_JOINED_ON] = jl_value_int(20200101);
    const struct jl_record_key first = {TYPE_MEMBER, id_of(1)};
    struct jl_stored updated;
    enum jl_rc rc = jl_records_load(store, &first, 1, &fixture->arena, &updated, err);
    if (rc != JL_OK) {
        return rc;
    }
    updated.cells[MEMBER_STATUS] = jl_value_int(number);
    updated.cells[MEMBER_JOINED_ON] = jl_value_int(20200101 + number % 28);
    const struct jl_bytes words[] = {jl_bytes_text("zhang"), jl_bytes_text("san")};
    struct jl_record_write writes[] = {{.record = &inserted, .words = words, .word_count = 2},
                                       {.record = &updated, .words = words, .word_count = 1}};
    rc = jl_records_write(store, writes, 2, err);
    const struct jl_feed_entry entry = {7, number, updated.head.rid, JL_FEED_UPDATE, 0};
    if (rc == JL_OK) {
        rc = jl_feeds_put(store, &entry, 1, err);
    }
    const struct jl_outbox_entry op = {
        .pos = number, .rid = inserted.head.rid, .body = jl_bytes_text("op")};
    if (rc == JL_OK) {
        rc = jl_outbox_append(store, &op, 1, err);
    }
    return rc;
}

static enum jl_rc count_rows(void *context, const struct jl_stored *record, struct jl_err *err) {
    (void)record;
    (void)err;
    ++*(size_t *)context;
    return JL_OK;
}

static enum jl_rc look(struct fixture *fixture, struct jl_store *store) {
    size_t count = 0;
    size_t hits = 0;
    int64_t rids[4];
    const struct jl_scan scan = {.type = TYPE_MEMBER};
    enum jl_rc rc = jl_records_scan(store, &scan, count_rows, &count, &fixture->err);
    return rc == JL_OK
               ? jl_words_search(store, 0, jl_bytes_text("z"), false, 4, rids, &hits, &fixture->err)
               : rc;
}

/* open … close with the fault on; *out_committed: commit said so. */
static enum jl_rc run(struct fixture *fixture, uint32_t number, bool *out_committed) {
    const struct jl_store_options options = {.mode = JL_STORE_WRITE,
                                             .application_id = JL_STORE_DISTRICT_ID};
    *out_committed = false;
    JL_AUTO_PTR(jl_store) store = NULL;
    enum jl_rc rc = jl_store_open(store_path, &options, &store, &fixture->err);
    if (rc == JL_OK) {
        rc = jl_store_tables(store, store_tables, 2, &fixture->err);
    }
    if (rc == JL_OK) {
        rc = jl_store_begin(store, true, &fixture->err);
    }
    if (rc == JL_OK) {
        rc = change(fixture, store, number);
    }
    if (rc == JL_OK) {
        rc = jl_store_commit(store, &fixture->err);
        *out_committed = rc == JL_OK;
    }
    return rc == JL_OK ? look(fixture, store) : rc;
}

static size_t outbox_size(struct fixture *fixture, struct jl_store *store, uint64_t pos) {
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    ok(fixture,
       jl_outbox_range(store, pos, 1, SIZE_MAX, &fixture->arena, &entries, &count, &fixture->err));
    return count > 0 && entries[0].pos == pos ? 1 : 0;
}

/* All of transaction `number` or nothing of it, and a sound file. */
static void assert_whole(struct fixture *fixture, uint32_t number, bool committed) {
    JL_AUTO_PTR(jl_store) store = open_again(fixture, JL_STORE_WRITE, 0);
    ok(fixture, jl_upkeep_integrity(store, &fixture->err));
    const struct jl_record_key keys[] = {{TYPE_MEMBER, id_of(number)}, {TYPE_MEMBER, id_of(1)}};
    struct jl_stored records[2];
    ok(fixture, jl_records_load(store, keys, 2, &fixture->arena, records, &fixture->err));
    bool there = records[0].head.rid != 0;
    assert_true(there || !committed);
    assert_int_equal(outbox_size(fixture, store, number), there ? 1 : 0);
    assert_true((records[1].cells[MEMBER_STATUS].number == number) == there);
}

/* The number of runs that met the fault. */
static int run_all(struct fixture *fixture, enum fault kind, enum jl_rc wanted) {
    begin(fixture);
    struct jl_stored first = new_record(fixture, TYPE_MEMBER, 1);
    put_record(fixture, &first, NULL, NULL);
    commit(fixture);
    jl_store_close(fixture->store);
    fixture->store = NULL;
    int met = 0;
    for (int n = 1;; n++) {
        uint32_t number = 1000 + (uint32_t)n;
        bool committed = false;
        faults_arm(kind, (uint64_t)n, false);
        enum jl_rc rc = run(fixture, number, &committed);
        bool failed = faults_disarm() > 0;
        if (rc != JL_OK) { /* SQLite gets over some faults: then the run is simply good */
            assert_rc(wanted, rc, &fixture->err, __FILE__, __LINE__);
            assert_non_null(strstr(fixture->err.text, store_path));
        }
        assert_whole(fixture, number, committed);
        jl_arena_reset(&fixture->arena);
        if (!failed) {
            assert_int_equal(rc, JL_OK);
            return met;
        }
        met++;
    }
}

static void test_every_allocation_may_fail(void **state) {
    assert_true(run_all(*state, FAULT_MALLOC, JL_NOMEM) > 50);
}

static void test_every_write_may_fail(void **state) {
    assert_true(run_all(*state, FAULT_WRITE, JL_IO) > 5);
}

static void test_every_fsync_may_fail(void **state) {
    assert_true(run_all(*state, FAULT_SYNC, JL_IO) > 1);
}

static const struct CMUnitTest cases[] = {
    CASE(test_every_allocation_may_fail, district),
    CASE(test_every_write_may_fail, district),
    CASE(test_every_fsync_may_fail, district),
};

struct case_list store_sqlite_fault_cases(void) {
    return (struct case_list){cases, sizeof cases / sizeof cases[0]};
}
