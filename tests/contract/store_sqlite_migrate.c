/* Files of schema 1 become files of today's, whatever fails on the way.
 *
 * A file of schema 1 is made of a new one by taking away what came since; files that older programs
 * themselves have made are in tests/folders. */
#include "store_sqlite.h"

#include "jielian/base/file.h"
#include "tests/fault/faults.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MEMBERS = 300, ENTRIES = 3 };

static const struct jl_store_options district = {.mode = JL_STORE_WRITE,
                                                 .application_id = JL_STORE_DISTRICT_ID};

/* ---- A disk of a given size ---- */

static uint64_t free_bytes = UINT64_MAX; /* UINT64_MAX: the real disk */

/* Stands before the C library's. */
int statvfs(const char *restrict path, struct statvfs *restrict out_info) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    int failed = fstatvfs(fd, out_info);
    close(fd);
    if (failed == 0 && free_bytes != UINT64_MAX) {
        out_info->f_frsize = 1;
        out_info->f_bavail = free_bytes;
    }
    return failed;
}

/* ---- Files of schema 1 ---- */

static void beside(const char *ending, char out_path[static 300]) {
    (void)snprintf(out_path, 300, "%s%s", store_path, ending);
}

static bool is_there(const char *ending) {
    char path[300];
    beside(ending, path);
    return access(path, F_OK) == 0;
}

static void execute(const char *path, const char *text) {
    sqlite3 *db = NULL;
    char *why = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK) {
        fail_msg("%s: %s", text, why);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int64_t number_of(const char *path, const char *text) {
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

static int64_t schema_of(const char *ending) {
    char path[300];
    beside(ending, path);
    return number_of(path, "PRAGMA user_version");
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

static void fill(struct fixture *fixture) {
    begin(fixture);
    for (uint32_t i = 1; i <= MEMBERS; i++) {
        struct jl_stored record = new_record(fixture, TYPE_MEMBER, i);
        record.cells[MEMBER_NAME] = text_value("张三");
        put_record(fixture, &record, "zhangsan", NULL);
    }
    for (uint64_t seq = 1; seq <= ENTRIES; seq++) {
        const struct jl_journal_entry entry = entry_at(seq, "");
        ok(fixture, jl_store_journal_append(fixture->store, &entry, &fixture->err));
    }
    commit(fixture);
}

static void close_store(struct fixture *fixture) {
    jl_store_close(fixture->store);
    fixture->store = NULL;
}

/* with_new: as files of schema 1 came to have word_new. */
static void make_older(struct fixture *fixture, bool with_new) {
    fill(fixture);
    close_store(fixture);
    execute(store_path, "INSERT INTO word SELECT * FROM word_new; DELETE FROM word_new;"
                        "DROP TABLE held; ALTER TABLE journal DROP COLUMN head;"
                        "PRAGMA user_version = 1;");
    if (!with_new) {
        execute(store_path, "DROP TABLE word_new");
    }
}

static enum jl_rc open_store(enum jl_store_mode mode, struct jl_store **out_store,
                             struct jl_err *err) {
    struct jl_store_options options = district;
    options.mode = mode;
    return jl_store_open(store_path, &options, out_store, err);
}

static void reopen(struct fixture *fixture, enum jl_store_mode mode) {
    ok(fixture, open_store(mode, &fixture->store, &fixture->err));
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

/* Everything that was there is there, by every way that older files lack something of. */
static void assert_reads(struct fixture *fixture, struct jl_store *store, size_t entries,
                         uint64_t held) {
    int64_t rids[4];
    size_t count = 0;
    uint64_t waiting = UINT64_MAX;
    ok(fixture,
       jl_store_search(store, 0, jl_bytes_text("zhang"), false, 4, rids, &count, &fixture->err));
    assert_int_equal(count, 4);
    count = 0;
    ok(fixture, jl_store_journal_read(store, 1, 0, count_entry, &count, &fixture->err));
    assert_int_equal(count, entries);
    ok(fixture, jl_store_held_count(store, 0, &waiting, &fixture->err));
    assert_int_equal(waiting, held);
    const struct jl_record_key key = {TYPE_MEMBER, id_of(MEMBERS)};
    struct jl_stored record;
    ok(fixture, jl_store_load(store, &key, 1, &fixture->arena, &record, &fixture->err));
    assert_true(value_is_text(&record.cells[MEMBER_NAME], "张三"));
}

static void write_more(struct fixture *fixture) {
    const struct jl_journal_entry entry = entry_at(ENTRIES + 1, "head");
    const struct jl_held held = {ENTRIES + 1, 0, 4, 2, {TYPE_MEMBER, id_of(99999)}};
    struct jl_stored record = new_record(fixture, TYPE_MEMBER, 5000);
    begin(fixture);
    ok(fixture, jl_store_journal_append(fixture->store, &entry, &fixture->err));
    ok(fixture, jl_store_held_put(fixture->store, &held, 1, &fixture->err));
    put_record(fixture, &record, "lisi", NULL);
    commit(fixture);
}

/* The file is sound, of today's schema, and takes what today's programs write. */
static void assert_migrated(struct fixture *fixture) {
    ok(fixture, jl_store_integrity(fixture->store, &fixture->err));
    assert_reads(fixture, fixture->store, ENTRIES, 0);
    write_more(fixture);
    assert_reads(fixture, fixture->store, ENTRIES + 1, 1);
    close_store(fixture);
    assert_int_equal(schema_of(""), JL_STORE_SCHEMA);
}

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
    make_older(fixture, with_new);
    reopen(fixture, JL_STORE_WRITE);
    assert_int_equal(schema_of(".before-2"), 1);
    assert_migrated(fixture);
    describe(&migrated);
    assert_true(wanted.size > 1000);
    assert_true(jl_bytes_equal(jl_buf_bytes(&wanted), jl_buf_bytes(&migrated)));

    /* The copy stays over further opens, until it is forgotten; forgetting twice is fine. */
    char copy[300];
    beside(".before-2", copy);
    assert_int_equal(number_of(copy, "SELECT count(*) FROM member"), MEMBERS);
    for (int i = 0; i < 2; i++) {
        reopen(fixture, JL_STORE_WRITE);
        assert_true(is_there(".before-2") == (i == 0));
        ok(fixture, jl_store_migrated_forget(fixture->store, &fixture->err));
        assert_false(is_there(".before-2"));
        close_store(fixture);
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
    fill(fixture);
    assert_migrated(fixture);
    assert_false(is_there(".before-2"));
}

/* ---- A type with the name of a later table ---- */

static const struct jl_store_column name_column[] = {{"name", JL_VALUE_TEXT, true}};
static const struct jl_store_table colliding[] = {{8, "held", name_column, 1},
                                                  {9, "word_new", name_column, 1}};

static void assert_found(struct fixture *fixture, uint32_t type) {
    const struct jl_value name = text_value("甲");
    int64_t rid = 0;
    size_t found = 0;
    ok(fixture, jl_store_find(fixture->store, type, 0, &name, 1, 1, &rid, &found, &fixture->err));
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
    close_store(fixture);
    execute(store_path,
            "DROP TABLE held; DROP TABLE word_new; ALTER TABLE journal DROP COLUMN head;"
            "ALTER TABLE \"held$\" RENAME TO held; ALTER TABLE \"word_new$\" RENAME TO word_new;"
            "DROP INDEX \"ix_held$$name\"; DROP INDEX \"ix_held$$extra\";"
            "DROP INDEX \"ix_word_new$$name\"; DROP INDEX \"ix_word_new$$extra\";"
            "CREATE INDEX \"ix_held$name\" ON held(name) WHERE name IS NOT NULL;"
            "CREATE INDEX \"ix_held$extra\" ON held(rid) WHERE extra IS NOT NULL;"
            "CREATE INDEX \"ix_word_new$name\" ON word_new(name) WHERE name IS NOT NULL;"
            "PRAGMA user_version = 1;");
    for (int mode = JL_STORE_READ; mode <= JL_STORE_WRITE; mode++) {
        ok(fixture, open_store((enum jl_store_mode)mode, &fixture->store, &fixture->err));
        for (int again = 0; again < 2; again++) { /* as a program does: first the built-in types */
            ok(fixture, jl_store_tables(fixture->store, colliding, 2, &fixture->err));
            assert_found(fixture, 8);
            assert_found(fixture, 9);
        }
        if (mode == JL_STORE_READ) {
            close_store(fixture);
        }
    }
    begin(fixture);
    const struct jl_held held = {1, 0, 4, 2, {8, id_of(2)}};
    struct jl_stored record = new_record(fixture, 8, 2);
    ok(fixture, jl_store_held_put(fixture->store, &held, 1, &fixture->err));
    put_record(fixture, &record, "word", NULL);
    commit(fixture);
    ok(fixture, jl_store_integrity(fixture->store, &fixture->err));
}

/* ---- Faults ---- */

static void read_all(const char *path, struct jl_buf *out) {
    struct jl_err err;
    jl_buf_reset(out);
    assert_int_equal(jl_file_read(path, 1 << 30, out, &err), JL_OK);
}

static void put_back(struct jl_bytes older) {
    struct jl_err err;
    clear_store(NULL);
    assert_int_equal(jl_file_write(store_path, older, 0600, true, &err), JL_OK);
}

/* Whatever happened: all or nothing, and no half copy under its name. */
static void assert_whole(void) {
    int64_t schema = schema_of("");
    assert_true(schema == 1 || schema == JL_STORE_SCHEMA);
    assert_true(schema == 1 || is_there(".before-2"));
    if (is_there(".before-2")) {
        char copy[300];
        beside(".before-2", copy);
        assert_int_equal(schema_of(".before-2"), 1);
        assert_int_equal(number_of(copy, "SELECT count(*) FROM member"), MEMBERS);
    }
}

/* And the next open goes on. */
static void assert_goes_on(struct fixture *fixture) {
    assert_whole();
    reopen(fixture, JL_STORE_WRITE);
    assert_true(is_there(".before-2"));
    assert_false(is_there(".before-2.part"));
    assert_migrated(fixture);
    jl_arena_reset(&fixture->arena);
}

/* stride: of how many n one is gone on with, all others are only looked at. */
static int fail_each(struct fixture *fixture, enum fault kind, enum jl_rc wanted, uint64_t stride) {
    JL_AUTO(jl_buf) older = {0};
    make_older(fixture, false);
    read_all(store_path, &older);
    int met = 0;
    for (uint64_t n = 1;; n++) {
        put_back(jl_buf_bytes(&older));
        struct jl_store *store = NULL;
        struct jl_err err = {0};
        faults_arm(kind, n, false);
        enum jl_rc rc = open_store(JL_STORE_WRITE, &store, &err);
        bool failed = faults_disarm() > 0;
        jl_store_close(store);
        if (rc != JL_OK) {
            assert_rc(wanted, rc, &err, __FILE__, __LINE__);
            assert_non_null(strstr(err.text, store_path));
            assert_false(is_there(".before-2.part"));
        }
        assert_whole();
        if (n % stride == 0 || !failed) {
            assert_goes_on(fixture);
        }
        if (!failed) {
            assert_int_equal(rc, JL_OK);
            return met;
        }
        met++;
    }
}

static void test_every_write_of_a_migration_may_fail(void **state) {
    assert_true(fail_each(*state, FAULT_WRITE, JL_IO, 1) > 10);
}

static void test_every_fsync_of_a_migration_may_fail(void **state) {
    assert_true(fail_each(*state, FAULT_SYNC, JL_IO, 1) > 3);
}

static void test_every_allocation_of_a_migration_may_fail(void **state) {
    assert_true(fail_each(*state, FAULT_MALLOC, JL_NOMEM, 16) > 50);
}

/* The disk has room when it is asked, and then somebody else fills it. */
static void test_the_disk_may_run_full_at_any_page(void **state) {
    struct fixture *fixture = *state;
    JL_AUTO(jl_buf) older = {0};
    make_older(fixture, true);
    read_all(store_path, &older);
    enum jl_rc rc = JL_IO;
    int refused = 0;
    for (uint64_t room = 0; rc != JL_OK; room += 4 * 8192) {
        put_back(jl_buf_bytes(&older));
        struct jl_store *store = NULL;
        struct jl_err err = {0};
        uint64_t left = room;
        faults_room(&left);
        rc = open_store(JL_STORE_WRITE, &store, &err);
        faults_room(NULL);
        jl_store_close(store);
        if (rc != JL_OK) {
            assert_rc(JL_IO, rc, &err, __FILE__, __LINE__);
            refused++;
        }
        assert_goes_on(fixture);
    }
    assert_true(refused > 2);
}

/* ---- Room ---- */

static void test_without_room_for_the_copy_nothing_changes(void **state) {
    struct fixture *fixture = *state;
    JL_AUTO(jl_buf) older = {0};
    JL_AUTO(jl_buf) after = {0};
    make_older(fixture, true);
    read_all(store_path, &older);
    const uint64_t slack = 1 << 20;
    const struct {
        uint64_t bytes;
        enum jl_rc wanted;
    } table[] = {
        {0, JL_IO},
        {older.size, JL_IO},
        {older.size + slack - 1, JL_IO},
        {older.size + slack, JL_OK},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char needed[64];
        char spare[64];
        struct jl_store *store = NULL;
        struct jl_err err = {0};
        free_bytes = table[i].bytes;
        enum jl_rc rc = open_store(JL_STORE_WRITE, &store, &err);
        free_bytes = UINT64_MAX;
        assert_rc(table[i].wanted, rc, &err, __FILE__, __LINE__);
        jl_store_close(store);
        if (rc == JL_OK) {
            continue;
        }
        (void)snprintf(needed, sizeof needed, "needs %llu MiB",
                       (unsigned long long)((older.size + slack + (1 << 20) - 1) >> 20));
        (void)snprintf(spare, sizeof spare, "%llu MiB are free",
                       (unsigned long long)(table[i].bytes >> 20));
        assert_non_null(strstr(err.text, needed));
        assert_non_null(strstr(err.text, spare));
        read_all(store_path, &after);
        assert_true(jl_bytes_equal(jl_buf_bytes(&older), jl_buf_bytes(&after)));
        assert_false(is_there(".before-2"));
        assert_false(is_there(".before-2.part"));
        reopen(fixture, JL_STORE_READ); /* and reading goes on */
        assert_reads(fixture, fixture->store, ENTRIES, 0);
        close_store(fixture);
    }
    reopen(fixture, JL_STORE_WRITE);
    assert_migrated(fixture);
}

static void test_a_damaged_file_is_not_migrated(void **state) {
    struct fixture *fixture = *state;
    JL_AUTO(jl_buf) file = {0};
    JL_AUTO(jl_buf) after = {0};
    make_older(fixture, true);
    read_all(store_path, &file);
    memset(file.data + file.size / 8192 / 2 * 8192, 0xee, 4096);
    put_back(jl_buf_bytes(&file));
    struct jl_store *store = NULL;
    fails(fixture, JL_CORRUPT, open_store(JL_STORE_WRITE, &store, &fixture->err));
    assert_null(store);
    read_all(store_path, &after);
    assert_true(jl_bytes_equal(jl_buf_bytes(&file), jl_buf_bytes(&after)));
    assert_false(is_there(".before-2"));
    assert_false(is_there(".before-2.part"));
}

/* ---- Kills and races ---- */

static uint64_t die_at;

static void die(uint64_t number) {
    if (number == die_at) {
        (void)raise(SIGKILL);
    }
}

/* The child's exit code, or minus the signal. */
static int open_in_child(void) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct jl_store *store = NULL;
        struct jl_err err;
        faults_watch(die);
        faults_arm(FAULT_WRITE, UINT64_MAX, false);
        _exit(open_store(JL_STORE_WRITE, &store, &err) == JL_OK ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void test_a_migration_may_be_killed_at_any_write(void **state) {
    struct fixture *fixture = *state;
    JL_AUTO(jl_buf) older = {0};
    make_older(fixture, false);
    read_all(store_path, &older);
    int code = -SIGKILL;
    for (die_at = 1; code == -SIGKILL; die_at++) {
        put_back(jl_buf_bytes(&older));
        code = open_in_child();
        assert_true(code == -SIGKILL || code == 0);
        assert_goes_on(fixture);
    }
    assert_true(die_at > 8);
    die_at = 0;
}

static void test_what_a_killed_migration_left_is_replaced(void **state) {
    struct fixture *fixture = *state;
    static const char *const endings[] = {".before-2", ".before-2.part"};
    make_older(fixture, true);
    for (size_t i = 0; i < 2; i++) {
        char path[300];
        beside(endings[i], path);
        ok(fixture, jl_file_write(path, jl_bytes_text("half a copy"), 0600, true, &fixture->err));
    }
    reopen(fixture, JL_STORE_WRITE);
    assert_int_equal(schema_of(".before-2"), 1);
    assert_false(is_there(".before-2.part"));
    assert_migrated(fixture);
}

static void test_of_many_programs_one_migrates(void **state) {
    enum { PROGRAMS = 6 };
    struct fixture *fixture = *state;
    pid_t pids[PROGRAMS];
    make_older(fixture, false);
    for (int i = 0; i < PROGRAMS; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0) {
            struct jl_store *store = NULL;
            struct jl_err err;
            enum jl_rc rc = open_store(JL_STORE_WRITE, &store, &err);
            jl_store_close(store);
            _exit((int)rc);
        }
    }
    for (int i = 0; i < PROGRAMS; i++) {
        int status = 0;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), JL_OK);
    }
    assert_int_equal(schema_of(".before-2"), 1);
    assert_goes_on(fixture);
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
    make_older(fixture, false);
    read_all(store_path, &older);
    reopen(fixture, JL_STORE_READ);
    assert_reads(fixture, fixture->store, ENTRIES, 0);
    ok(fixture, jl_store_migrated_forget(fixture->store, &fixture->err));
    /* A type and a field that only newer programs know. */
    for (int again = 0; again < 2; again++) {
        ok(fixture, jl_store_tables(fixture->store, tables, 2, &fixture->err));
        struct jl_stored record = get_record(fixture, TYPE_MEMBER, 1);
        assert_true(value_is_text(&record.cells[0], "张三"));
        assert_int_equal(record.cells[1].kind, JL_VALUE_NULL);
        assert_int_equal(get_record(fixture, 8, 1).head.rid, 0);
    }
    ok(fixture, jl_store_integrity(fixture->store, &fixture->err));
    close_store(fixture);
    read_all(store_path, &after);
    assert_true(jl_bytes_equal(jl_buf_bytes(&older), jl_buf_bytes(&after)));
    assert_int_equal(schema_of(""), 1);
}

/* In a transaction and without one: nobody is shown the stand-ins for what is there by now. */
static void test_a_reader_sees_that_another_program_migrates(void **state) {
    struct fixture *fixture = *state;
    make_older(fixture, false);
    for (int within = 0; within < 2; within++) {
        JL_AUTO_PTR(jl_store) reader = NULL;
        ok(fixture, open_store(JL_STORE_READ, &reader, &fixture->err));
        ok(fixture, jl_store_tables(reader, store_tables, 2, &fixture->err));
        if (within == 1) {
            ok(fixture, jl_store_begin(reader, false, &fixture->err));
        }
        assert_reads(fixture, reader, ENTRIES, 0);
        reopen(fixture, JL_STORE_WRITE);
        write_more(fixture);
        if (within == 1) { /* one state until the end */
            assert_reads(fixture, reader, ENTRIES, 0);
            ok(fixture, jl_store_commit(reader, &fixture->err));
            ok(fixture, jl_store_begin(reader, false, &fixture->err));
        }
        assert_reads(fixture, reader, ENTRIES + 1, 1);
        jl_store_close(reader);
        reader = NULL;
        close_store(fixture);
        if (within == 0) {
            clear_store(NULL);
            struct jl_store_options create = district;
            create.mode = JL_STORE_CREATE;
            ok(fixture, jl_store_open(store_path, &create, &fixture->store, &fixture->err));
            ok(fixture, jl_store_tables(fixture->store, store_tables, 2, &fixture->err));
            make_older(fixture, false);
        }
    }
}

static void test_a_backup_of_an_older_file_is_of_its_schema(void **state) {
    struct fixture *fixture = *state;
    char backup[300];
    beside(".bak", backup);
    make_older(fixture, false);
    reopen(fixture, JL_STORE_READ);
    ok(fixture, jl_store_backup(fixture->store, backup, &fixture->err));
    close_store(fixture);
    assert_int_equal(number_of(backup, "PRAGMA user_version"), 1);
    JL_AUTO(jl_buf) content = {0};
    read_all(backup, &content);
    put_back(jl_buf_bytes(&content));
    ok(fixture, jl_store_remove(backup, &fixture->err));
    reopen(fixture, JL_STORE_WRITE);
    assert_migrated(fixture);
}

static const struct CMUnitTest cases[] = {
    CASE(test_a_file_without_word_new_is_migrated, district),
    CASE(test_a_file_with_word_new_is_migrated, district),
    CASE(test_a_new_file_has_no_copy, district),
    CASE(test_types_with_the_name_of_a_later_table_keep_their_rows, district),
    CASE(test_every_write_of_a_migration_may_fail, district),
    CASE(test_every_fsync_of_a_migration_may_fail, district),
    CASE(test_every_allocation_of_a_migration_may_fail, district),
    CASE(test_the_disk_may_run_full_at_any_page, district),
    CASE(test_without_room_for_the_copy_nothing_changes, district),
    CASE(test_a_damaged_file_is_not_migrated, district),
    CASE(test_a_migration_may_be_killed_at_any_write, district),
    CASE(test_what_a_killed_migration_left_is_replaced, district),
    CASE(test_of_many_programs_one_migrates, district),
    CASE(test_a_reader_of_an_older_file_reads_all_and_changes_nothing, district),
    CASE(test_a_reader_sees_that_another_program_migrates, district),
    CASE(test_a_backup_of_an_older_file_is_of_its_schema, district),
};

struct case_list store_sqlite_migrate_cases(void) {
    return (struct case_list){cases, sizeof cases / sizeof cases[0]};
}
