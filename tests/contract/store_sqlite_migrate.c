/* Files of schema 1 become files of today's; until then they can be read. */
#include "store_older.h"

#include "jielian/store/held_ops.h"
#include "jielian/store/journal.h"
#include "jielian/store/migrate.h"
#include "jielian/store/upkeep.h"

#include <sqlite3.h>
#include <stdio.h>

/* Every table, column and index of the file but the copies of names in SQL texts. */
static void describe(struct jl_buf *out) {
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    struct jl_err err;
    assert_int_equal(sqlite3_open_v2(store_path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db,
                           "SELECT s.type || ' ' || s.name || ' ' || s.tbl_name || ' ' ||"
                           " coalesce(i.cid || ' ' || i.name || ' ' || i.type || ' ' ||"
                           " i.\"notnull\" || ' ' || i.pk,"
                           " x.seqno || ' ' || coalesce(x.name, ''), '')"
                           " FROM sqlite_schema s LEFT JOIN pragma_table_info(s.name) i"
                           " LEFT JOIN pragma_index_info(s.name) x ORDER BY 1",
                           -1, &stmt, NULL),
        SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        assert_int_equal(
            jl_buf_printf(out, &err, "%s\n", (const char *)sqlite3_column_text(stmt, 0)), JL_OK);
    }
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* ---- Both forms ---- */

static void migrate_one(struct fixture *fixture, bool with_new) {
    JL_AUTO(jl_buf) wanted = {0};
    JL_AUTO(jl_buf) migrated = {0};
    describe(&wanted);
    older_make(fixture, with_new);
    older_reopen(fixture, JL_STORE_WRITE);
    assert_int_equal(older_schema(OLDER_COPY), 1);
    older_assert_migrated(fixture);
    describe(&migrated);
    assert_true(wanted.size > 1000);
    assert_true(jl_bytes_equal(jl_buf_bytes(&wanted), jl_buf_bytes(&migrated)));

    /* The copy stays over further opens, until it is forgotten; forgetting twice is fine. */
    char copy[300];
    older_beside(OLDER_COPY, copy);
    assert_int_equal(older_number(copy, "SELECT count(*) FROM member"), MEMBERS);
    for (int i = 0; i < 2; i++) {
        older_reopen(fixture, JL_STORE_WRITE);
        assert_true(older_has(OLDER_COPY) == (i == 0));
        ok(fixture, jl_migrate_forget(fixture->store, &fixture->err));
        assert_false(older_has(OLDER_COPY));
        older_close(fixture);
    }
}

static void test_a_file_without_word_new_is_migrated(void **state) {
    migrate_one(*state, false);
}

static void test_a_file_with_word_new_is_migrated(void **state) {
    migrate_one(*state, true);
}

static void test_a_new_file_has_no_copy(void **state) {
    struct fixture *fixture = *state;
    older_fill(fixture);
    older_assert_migrated(fixture);
    assert_false(older_has(OLDER_COPY));
}

/* ---- A type with the name of a later table ---- */

static const struct jl_store_column name_column[] = {{"name", JL_VALUE_TEXT, true}};
static const struct jl_store_table colliding[] = {{8, "held", name_column, 1},
                                                  {9, "word_new", name_column, 1}};

static void assert_found(struct fixture *fixture, uint32_t type) {
    const struct jl_value name = text_value("甲");
    int64_t rid = 0;
    size_t found = 0;
    ok(fixture, jl_records_find(fixture->store, type, 0, &name, 1, 1, &rid, &found, &fixture->err));
    assert_int_equal(found, 1);
    assert_true(value_is_text(&get_record(fixture, type, 1).cells[0], "甲"));
}

static void test_types_with_the_name_of_a_later_table_keep_their_rows(void **state) {
    struct fixture *fixture = *state;
    ok(fixture, jl_store_tables(fixture->store, colliding, 2, &fixture->err));
    begin(fixture);
    for (uint32_t type = 8; type <= 9; type++) {
        struct jl_stored record = new_record(fixture, type, 1);
        record.cells[0] = text_value("甲");
        put_record(fixture, &record, NULL, NULL);
    }
    commit(fixture);
    older_close(fixture);
    older_execute(
        store_path,
        "DROP TABLE held; DROP TABLE word_new; ALTER TABLE journal DROP COLUMN head;"
        "DROP INDEX ix_history_tag; ALTER TABLE history DROP COLUMN tag; DROP TABLE author;"
        "ALTER TABLE outbox DROP COLUMN said;"
        "ALTER TABLE device DROP COLUMN suite;"
        "ALTER TABLE \"held$\" RENAME TO held; ALTER TABLE \"word_new$\" RENAME TO word_new;"
        "DROP INDEX \"ix_held$$name\"; DROP INDEX \"ix_held$$extra\";"
        "DROP INDEX \"ix_word_new$$name\"; DROP INDEX \"ix_word_new$$extra\";"
        "CREATE INDEX \"ix_held$name\" ON held(name) WHERE name IS NOT NULL;"
        "CREATE INDEX \"ix_held$extra\" ON held(rid) WHERE extra IS NOT NULL;"
        "CREATE INDEX \"ix_word_new$name\" ON word_new(name) WHERE name IS NOT NULL;"
        "PRAGMA user_version = 1;");
    for (int mode = JL_STORE_READ; mode <= JL_STORE_WRITE; mode++) {
        ok(fixture, older_open((enum jl_store_mode)mode, &fixture->store, &fixture->err));
        for (int again = 0; again < 2; again++) { /* as a program does: first the built-in types */
            ok(fixture, jl_store_tables(fixture->store, colliding, 2, &fixture->err));
            assert_found(fixture, 8);
            assert_found(fixture, 9);
        }
        if (mode == JL_STORE_READ) {
            older_close(fixture);
        }
    }
    begin(fixture);
    const struct jl_held held = {1, 0, 4, 2, {8, id_of(2)}};
    struct jl_stored record = new_record(fixture, 8, 2);
    ok(fixture, jl_held_ops_put(fixture->store, &held, 1, &fixture->err));
    put_record(fixture, &record, "word", NULL);
    commit(fixture);
    ok(fixture, jl_upkeep_integrity(fixture->store, &fixture->err));
}

/* ---- Readers ---- */

static void test_a_reader_of_an_older_file_reads_all_and_changes_nothing(void **state) {
    struct fixture *fixture = *state;
    JL_AUTO(jl_buf) older = {0};
    JL_AUTO(jl_buf) after = {0};
    const struct jl_store_column more[] = {{"name", JL_VALUE_TEXT, true},
                                           {"later", JL_VALUE_INT, true}};
    const struct jl_store_table tables[] = {{TYPE_MEMBER, "member", more, 2},
                                            {8, "notice", more, 2}};
    older_make(fixture, false);
    older_read(store_path, &older);
    older_reopen(fixture, JL_STORE_READ);
    older_assert_reads(fixture, fixture->store, ENTRIES, 0);
    ok(fixture, jl_migrate_forget(fixture->store, &fixture->err));
    /* A type and a field that only newer programs know. */
    for (int again = 0; again < 2; again++) {
        ok(fixture, jl_store_tables(fixture->store, tables, 2, &fixture->err));
        struct jl_stored record = get_record(fixture, TYPE_MEMBER, 1);
        assert_true(value_is_text(&record.cells[0], "张三"));
        assert_int_equal(record.cells[1].kind, JL_VALUE_NULL);
        assert_int_equal(get_record(fixture, 8, 1).head.rid, 0);
    }
    ok(fixture, jl_upkeep_integrity(fixture->store, &fixture->err));
    older_close(fixture);
    older_read(store_path, &after);
    assert_true(jl_bytes_equal(jl_buf_bytes(&older), jl_buf_bytes(&after)));
    assert_int_equal(older_schema(""), 1);
}

/* In a transaction and without one: nobody is shown the stand-ins for what is there by now. */
static void test_a_reader_sees_that_another_program_migrates(void **state) {
    struct fixture *fixture = *state;
    older_make(fixture, false);
    for (int within = 0; within < 2; within++) {
        JL_AUTO_PTR(jl_store) reader = NULL;
        ok(fixture, older_open(JL_STORE_READ, &reader, &fixture->err));
        ok(fixture, jl_store_tables(reader, store_tables, 2, &fixture->err));
        if (within == 1) {
            ok(fixture, jl_store_begin(reader, false, &fixture->err));
        }
        older_assert_reads(fixture, reader, ENTRIES, 0);
        older_reopen(fixture, JL_STORE_WRITE);
        older_write_more(fixture);
        if (within == 1) { /* one state until the end */
            older_assert_reads(fixture, reader, ENTRIES, 0);
            ok(fixture, jl_store_commit(reader, &fixture->err));
            ok(fixture, jl_store_begin(reader, false, &fixture->err));
        }
        older_assert_reads(fixture, reader, ENTRIES + 1, 1);
        jl_store_close(reader);
        reader = NULL;
        older_close(fixture);
        if (within == 0) {
            clear_store(NULL);
            const struct jl_store_options create = {.mode = JL_STORE_CREATE,
                                                    .application_id = JL_STORE_DISTRICT_ID};
            ok(fixture, jl_store_open(store_path, &create, &fixture->store, &fixture->err));
            ok(fixture, jl_store_tables(fixture->store, store_tables, 2, &fixture->err));
            older_make(fixture, false);
        }
    }
}

static void test_a_backup_of_an_older_file_is_of_its_schema(void **state) {
    struct fixture *fixture = *state;
    char backup[300];
    older_beside(".bak", backup);
    older_make(fixture, false);
    older_reopen(fixture, JL_STORE_READ);
    ok(fixture, jl_upkeep_backup(fixture->store, backup, &fixture->err));
    older_close(fixture);
    assert_int_equal(older_number(backup, "PRAGMA user_version"), 1);
    JL_AUTO(jl_buf) content = {0};
    older_read(backup, &content);
    older_put_back(jl_buf_bytes(&content));
    ok(fixture, jl_store_remove(backup, &fixture->err));
    older_reopen(fixture, JL_STORE_WRITE);
    older_assert_migrated(fixture);
}

/* A program of schema 1 has the file open when another one migrates it, and goes on writing. */
static void test_what_an_older_program_still_writes_is_taken(void **state) {
    struct fixture *fixture = *state;
    older_make(fixture, true);
    older_reopen(fixture, JL_STORE_WRITE);
    older_close(fixture);
    older_execute(store_path, "INSERT INTO journal(seq, origin, first_op, op_count, at_ms, body,"
                              " verdicts, seal) SELECT seq + 3, origin, first_op + 3, op_count,"
                              " at_ms, body, verdicts, seal FROM journal WHERE seq = 3");
    older_reopen(fixture, JL_STORE_WRITE);
    struct jl_journal_entry found = {0};
    ok(fixture, jl_journal_entry_get(fixture->store, 6, &fixture->arena, &found, &fixture->err));
    assert_int_equal(found.head.size, 0);
}

static const struct CMUnitTest cases[] = {
    CASE(test_a_file_without_word_new_is_migrated, district),
    CASE(test_a_file_with_word_new_is_migrated, district),
    CASE(test_a_new_file_has_no_copy, district),
    CASE(test_types_with_the_name_of_a_later_table_keep_their_rows, district),
    CASE(test_a_reader_of_an_older_file_reads_all_and_changes_nothing, district),
    CASE(test_a_reader_sees_that_another_program_migrates, district),
    CASE(test_a_backup_of_an_older_file_is_of_its_schema, district),
    CASE(test_what_an_older_program_still_writes_is_taken, district),
};

struct case_list store_sqlite_migrate_cases(void) {
    return (struct case_list){cases, sizeof cases / sizeof cases[0]};
}
