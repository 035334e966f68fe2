#include "store_older.h"

#include "jielian/base/file.h"
#include "jielian/store/authors.h"
#include "jielian/store/devices.h"
#include "jielian/store/held_ops.h"
#include "jielian/store/history_index.h"
#include "jielian/store/journal.h"
#include "jielian/store/outbox.h"
#include "jielian/store/upkeep.h"
#include "jielian/store/words.h"

#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

static const struct jl_store_options district = {.mode = JL_STORE_WRITE,
                                                 .application_id = JL_STORE_DISTRICT_ID};

/* ---- Files of schema 1 ---- */

void older_beside(const char *ending, char out_path[static 300]) {
    (void)snprintf(out_path, 300, "%s%s", store_path, ending);
}

bool older_has(const char *ending) {
    char path[300];
    older_beside(ending, path);
    return access(path, F_OK) == 0;
}

void older_execute(const char *path, const char *text) {
    sqlite3 *db = NULL;
    char *why = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK) {
        fail_msg("%s: %s", text, why);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int64_t older_number(const char *path, const char *text) {
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, text, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(stmt, 0);
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return number;
}

int64_t older_schema(const char *ending) {
    char path[300];
    older_beside(ending, path);
    return older_number(path, "PRAGMA user_version");
}

static struct jl_journal_entry entry_at(uint64_t seq, const char *head) {
    static const uint8_t seal[96] = {1};
    return (struct jl_journal_entry){.seq = seq,
                                     .origin = 1,
                                     .first_op = seq,
                                     .op_count = 1,
                                     .body = jl_bytes_text("sealed batch"),
                                     .seal = jl_bytes(seal, sizeof seal),
                                     .head = jl_bytes_text(head)};
}

void older_fill(struct fixture *fixture) {
    begin(fixture);
    for (uint32_t i = 1; i <= MEMBERS; i++) {
        struct jl_stored record = new_record(fixture, TYPE_MEMBER, i);
        record.cells[MEMBER_NAME] = text_value("张三");
        put_record(fixture, &record, "zhangsan", NULL);
    }
    const struct jl_outbox_entry refused = {.pos = 1,
                                            .rid = 1,
                                            .state = JL_OUTBOX_PARKED,
                                            .body = jl_bytes_text("sealed op"),
                                            .reason = jl_bytes_text("证件号")};
    ok(fixture, jl_outbox_append(fixture->store, &refused, 1, &fixture->err));
    for (uint64_t seq = 1; seq <= ENTRIES; seq++) {
        const struct jl_journal_entry entry = entry_at(seq, "");
        ok(fixture, jl_journal_entry_append(fixture->store, &entry, &fixture->err));
    }
    const struct jl_history_entry line = {.rid = 1, .journal_seq = ENTRIES};
    ok(fixture, jl_history_index_append(fixture->store, &line, 1, &fixture->err));
    const struct jl_device device = {.number = 1,
                                     .office = 2,
                                     .state = JL_DEVICE_ACTIVE,
                                     .suite = 1,
                                     .sign_public_bytes = 32,
                                     .sign_public = {7}};
    ok(fixture, jl_devices_put(fixture->store, &device, &fixture->err));
    commit(fixture);
}

void older_close(struct fixture *fixture) {
    jl_store_close(fixture->store);
    fixture->store = NULL;
}

void older_make(struct fixture *fixture, bool with_new) {
    older_fill(fixture);
    older_close(fixture);
    older_execute(store_path, "INSERT INTO word SELECT * FROM word_new; DELETE FROM word_new;"
                              "DROP TABLE held; ALTER TABLE journal DROP COLUMN head;"
                              "DROP INDEX ix_history_tag; ALTER TABLE history DROP COLUMN tag;"
                              "DROP TABLE author;"
                              "ALTER TABLE outbox DROP COLUMN said;"
                              "ALTER TABLE device DROP COLUMN suite;"
                              "PRAGMA user_version = 1;");
    if (!with_new) {
        older_execute(store_path, "DROP TABLE word_new");
    }
}

enum jl_rc older_open(enum jl_store_mode mode, struct jl_store **out_store, struct jl_err *err) {
    struct jl_store_options options = district;
    options.mode = mode;
    return jl_store_open(store_path, &options, out_store, err);
}

void older_reopen(struct fixture *fixture, enum jl_store_mode mode) {
    ok(fixture, older_open(mode, &fixture->store, &fixture->err));
    ok(fixture, jl_store_tables(fixture->store, store_tables, 2, &fixture->err));
}

static enum jl_rc count_entry(void *context, const struct jl_journal_entry *entry,
                              struct jl_err *err) {
    (void)err;
    assert_int_equal(entry->head.size, entry->seq <= ENTRIES ? 0 : 4);
    assert_true(jl_bytes_is(entry->body, "sealed batch"));
    ++*(size_t *)context;
    return JL_OK;
}

void older_assert_reads(struct fixture *fixture, struct jl_store *store, size_t entries,
                        uint64_t held) {
    int64_t rids[4];
    size_t count = 0;
    uint64_t waiting = UINT64_MAX;
    ok(fixture,
       jl_words_search(store, 0, jl_bytes_text("zhang"), false, 4, rids, &count, &fixture->err));
    assert_int_equal(count, 4);
    count = 0;
    ok(fixture, jl_journal_entry_read(store, 1, 0, count_entry, &count, &fixture->err));
    assert_int_equal(count, entries);
    ok(fixture, jl_held_ops_count(store, 0, &waiting, &fixture->err));
    assert_int_equal(waiting, held);
    struct jl_history_entry *lines = NULL;
    ok(fixture,
       jl_history_index_untagged(store, 1, &fixture->arena, &lines, &count, &fixture->err));
    assert_int_equal(count, 1);
    struct jl_author_entry *authors = NULL;
    ok(fixture, jl_authors_of(store, 1, &fixture->arena, &authors, &count, &fixture->err));
    assert_int_equal(count, 0);
    struct jl_outbox_entry *refused = NULL;
    ok(fixture,
       jl_outbox_in(store, JL_OUTBOX_PARKED, &fixture->arena, &refused, &count, &fixture->err));
    assert_int_equal(count, 1);
    assert_true(jl_bytes_is(refused[0].reason, "证件号"));
    assert_int_equal(refused[0].said.size, 0);
    struct jl_device *devices = NULL;
    ok(fixture, jl_devices_all(store, &fixture->arena, &devices, &count, &fixture->err));
    assert_int_equal(count, 1);
    assert_int_equal(devices[0].suite, 1); /* it had no name for it */
    assert_int_equal(devices[0].sign_public_bytes, 32);
    const struct jl_record_key key = {TYPE_MEMBER, id_of(MEMBERS)};
    struct jl_stored record;
    ok(fixture, jl_records_load(store, &key, 1, &fixture->arena, &record, &fixture->err));
    assert_true(value_is_text(&record.cells[MEMBER_NAME], "张三"));
}

void older_write_more(struct fixture *fixture) {
    const struct jl_journal_entry entry = entry_at(ENTRIES + 1, "head");
    const struct jl_held held = {ENTRIES + 1, 0, 4, 2, {TYPE_MEMBER, id_of(99999)}};
    struct jl_stored record = new_record(fixture, TYPE_MEMBER, 5000);
    begin(fixture);
    ok(fixture, jl_journal_entry_append(fixture->store, &entry, &fixture->err));
    ok(fixture, jl_held_ops_put(fixture->store, &held, 1, &fixture->err));
    put_record(fixture, &record, "lisi", NULL);
    commit(fixture);
}

void older_assert_migrated(struct fixture *fixture) {
    ok(fixture, jl_upkeep_integrity(fixture->store, &fixture->err));
    older_assert_reads(fixture, fixture->store, ENTRIES, 0);
    older_write_more(fixture);
    older_assert_reads(fixture, fixture->store, ENTRIES + 1, 1);
    older_close(fixture);
    assert_int_equal(older_schema(""), JL_STORE_SCHEMA);
}

void older_read(const char *path, struct jl_buf *out) {
    struct jl_err err;
    jl_buf_reset(out);
    assert_int_equal(jl_file_read(path, 1 << 30, out, &err), JL_OK);
}

void older_put_back(struct jl_bytes older) {
    struct jl_err err;
    clear_store(NULL);
    assert_int_equal(jl_file_write(store_path, older, 0600, true, &err), JL_OK);
}
