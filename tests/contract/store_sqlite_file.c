/* Files that are no store, and what happens to a good one when disk or power fail.
 *
 * Damage is done with plain writes between opens; full disks and crashes happen to a child. */
#include "store_sqlite.h"

#include "jielian/base/file.h"
#include "jielian/store/upkeep.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct jl_store_options district = {.mode = JL_STORE_WRITE,
                                                 .application_id = JL_STORE_DISTRICT_ID};

static void put_members(struct fixture *fixture, uint32_t first, uint32_t count) {
    static uint8_t body[300];
    for (uint32_t i = first; i < first + count; i++) {
        struct jl_stored record = new_record(fixture, TYPE_MEMBER, i);
        record.cells[MEMBER_NAME] = text_value("张三");
        record.cells[MEMBER_ID_NO] =
            (struct jl_value){.kind = JL_VALUE_BYTES, .bytes = jl_bytes(body, sizeof body)};
        record.cells[MEMBER_JOINED_ON] = jl_value_int(20200101 + i % 28);
        put_record(fixture, &record, "zhangsan", NULL);
    }
}

static void fill(struct fixture *fixture, uint32_t count) {
    begin(fixture);
    put_members(fixture, 1, count);
    commit(fixture);
}

static void close_store(struct fixture *fixture) {
    jl_store_close(fixture->store);
    fixture->store = NULL;
}

static void read_all(const char *path, struct jl_buf *out) {
    struct jl_err err;
    jl_buf_reset(out);
    assert_int_equal(jl_file_read(path, 1 << 30, out, &err), JL_OK);
}

static void write_all(const char *path, struct jl_bytes content) {
    struct jl_err err;
    assert_int_equal(jl_file_write(path, content, 0600, true, &err), JL_OK);
}

/* Opening in either mode gives this code, a text with the file's name, and the same bytes after. */
static void assert_refused(enum jl_rc wanted) {
    JL_AUTO(jl_buf) before = {0};
    JL_AUTO(jl_buf) after = {0};
    read_all(store_path, &before);
    for (int mode = JL_STORE_READ; mode <= JL_STORE_WRITE; mode++) {
        struct jl_store_options options = district;
        options.mode = (enum jl_store_mode)mode;
        struct jl_store *store = NULL;
        struct jl_err err = {0};
        assert_rc(wanted, jl_store_open(store_path, &options, &store, &err), &err, __FILE__,
                  __LINE__);
        assert_null(store);
        assert_non_null(strstr(err.text, store_path));
    }
    read_all(store_path, &after);
    assert_true(jl_bytes_equal(jl_buf_bytes(&before), jl_buf_bytes(&after)));
}

static void test_files_that_are_no_store_are_refused_untouched(void **state) {
    struct fixture *fixture = *state;
    struct {
        const char *content;
        size_t size;
    } const table[] = {
        {"", 0},
        {"hello", 5},
        {"SQLite format 3", 16},
        {"PK\3\4 a spreadsheet that somebody renamed, and which is longer than the header of a "
         "database file is, so that all of it can be read",
         128},
    };
    close_store(fixture);
    clear_store(NULL);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        write_all(store_path, jl_bytes(table[i].content, table[i].size));
        assert_refused(JL_CORRUPT);
    }
}

static void test_another_programs_database_is_refused_untouched(void **state) {
    struct fixture *fixture = *state;
    close_store(fixture);
    static const char *const makes[] = {
        "CREATE TABLE t(a)",
        "PRAGMA journal_mode = WAL; CREATE TABLE t(a); PRAGMA application_id = 12345",
        "PRAGMA user_version = 1; CREATE TABLE record(a)",
    };
    for (size_t i = 0; i < sizeof makes / sizeof makes[0]; i++) {
        clear_store(NULL);
        sqlite3 *db = NULL;
        assert_int_equal(sqlite3_open(store_path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, makes[i], NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        assert_refused(JL_MISUSE);
    }
}

static void test_a_newer_store_names_its_version(void **state) {
    struct fixture *fixture = *state;
    close_store(fixture);
    JL_AUTO(jl_buf) file = {0};
    read_all(store_path, &file);
    file.data[63] = 77; /* user_version */
    write_all(store_path, jl_buf_bytes(&file));
    assert_refused(JL_MISUSE);
    struct jl_store *store = NULL;
    assert_int_equal(jl_store_open(store_path, &district, &store, &fixture->err), JL_MISUSE);
    assert_non_null(strstr(fixture->err.text, "77"));
}

static void test_half_a_file_is_noticed(void **state) {
    struct fixture *fixture = *state;
    fill(fixture, 500);
    close_store(fixture);
    JL_AUTO(jl_buf) file = {0};
    read_all(store_path, &file);
    write_all(store_path, jl_bytes(file.data, file.size / 2));
    assert_refused(JL_CORRUPT);
}

static void test_names_that_are_no_file(void **state) {
    struct fixture *fixture = *state;
    struct jl_store *store = NULL;
    fails(fixture, JL_NOT_FOUND,
          jl_store_open("/tmp/jl-no-such-file", &district, &store, &fixture->err));
    fails(fixture, JL_MISUSE, jl_store_open("/tmp", &district, &store, &fixture->err));
    struct jl_store_options create = district;
    create.mode = JL_STORE_CREATE;
    fails(fixture, JL_IO,
          jl_store_open("/tmp/jl-no-folder/books.db", &create, &store, &fixture->err));
    assert_null(store);
}

static void test_the_file_is_for_its_owner_only(void **state) {
    (void)state;
    struct stat info;
    assert_int_equal(stat(store_path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

/* Any page but the first is overwritten in turn; none may crash the program, all must be found. */
static void test_integrity_finds_a_damaged_page(void **state) {
    struct fixture *fixture = *state;
    fill(fixture, 200);
    ok(fixture, jl_upkeep_integrity(fixture->store, &fixture->err));
    close_store(fixture);
    JL_AUTO(jl_buf) file = {0};
    read_all(store_path, &file);
    for (size_t page = 1; page < file.size / 8192; page += 3) {
        JL_AUTO(jl_buf) damaged = {0};
        ok(fixture, jl_buf_put(&damaged, file.data, file.size, &fixture->err));
        memset(damaged.data + page * 8192, 0xee, 4096);
        write_all(store_path, jl_buf_bytes(&damaged));
        JL_AUTO_PTR(jl_store) store = NULL;
        enum jl_rc rc = jl_store_open(store_path, &district, &store, &fixture->err);
        if (rc == JL_OK) {
            rc = jl_upkeep_integrity(store, &fixture->err);
        }
        assert_int_equal(rc, JL_CORRUPT);
    }
}

/* ---- Backup ---- */

static void test_a_backup_is_one_file_that_opens(void **state) {
    struct fixture *fixture = *state;
    fill(fixture, 100);
    char path[300];
    (void)snprintf(path, sizeof path, "%s.bak", store_path);
    ok(fixture, jl_upkeep_backup(fixture->store, path, &fixture->err));
    fails(fixture, JL_CONFLICT, jl_upkeep_backup(fixture->store, path, &fixture->err));
    begin(fixture);
    fails(fixture, JL_MISUSE, jl_upkeep_backup(fixture->store, path, &fixture->err));
    commit(fixture);
    fill(fixture, 0);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);

    JL_AUTO_PTR(jl_store) copy = NULL;
    ok(fixture, jl_store_open(path, &district, &copy, &fixture->err));
    ok(fixture, jl_store_tables(copy, store_tables, 2, &fixture->err));
    const struct jl_record_key key = {TYPE_MEMBER, id_of(100)};
    struct jl_stored record;
    ok(fixture, jl_records_load(copy, &key, 1, &fixture->arena, &record, &fixture->err));
    assert_true(value_is_text(&record.cells[MEMBER_NAME], "张三"));
    jl_store_close(copy);
    copy = NULL;
    assert_int_equal(unlink(path), 0);
    static const char *const endings[] = {"-wal", "-shm", ".part"};
    for (size_t i = 0; i < 3; i++) {
        char beside[320];
        (void)snprintf(beside, sizeof beside, "%s%s", path, endings[i]);
        assert_int_not_equal(access(beside, F_OK), 0);
    }
}

static void test_a_backup_of_a_damaged_store_does_not_count(void **state) {
    struct fixture *fixture = *state;
    fill(fixture, 500);
    close_store(fixture);
    JL_AUTO(jl_buf) file = {0};
    read_all(store_path, &file);
    memset(file.data + file.size - 8192, 0xee, 4096);
    write_all(store_path, jl_buf_bytes(&file));
    ok(fixture, jl_store_open(store_path, &district, &fixture->store, &fixture->err));
    char path[300];
    (void)snprintf(path, sizeof path, "%s.bak", store_path);
    fails(fixture, JL_CORRUPT, jl_upkeep_backup(fixture->store, path, &fixture->err));
    assert_int_not_equal(access(path, F_OK), 0);
    (void)snprintf(path, sizeof path, "%s.bak.part", store_path);
    assert_int_not_equal(access(path, F_OK), 0);
    fails(fixture, JL_IO, jl_upkeep_backup(fixture->store, "/tmp/jl-no-folder/x", &fixture->err));
}

static void test_disk_free_is_asked_of_the_stores_folder(void **state) {
    struct fixture *fixture = *state;
    uint64_t bytes = 0;
    ok(fixture, jl_upkeep_disk_free(fixture->store, &bytes, &fixture->err));
    assert_true(bytes > 0);
}

/* ---- Crash and full disk, in a child ---- */

/* Runs in the child; its answer is the child's exit code. */
typedef int (*child_fn)(struct fixture *fixture);

static int run_child(child_fn child) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct fixture fixture = {0};
        if (jl_store_open(store_path, &district, &fixture.store, &fixture.err) != JL_OK ||
            jl_store_tables(fixture.store, store_tables, 2, &fixture.err) != JL_OK) {
            _exit(90);
        }
        int answer = child(&fixture);
        jl_store_close(fixture.store);
        jl_arena_fini(&fixture.arena);
        _exit(answer);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int die_before_commit(struct fixture *fixture) {
    begin(fixture);
    put_members(fixture, 1000, 3000); /* more than a small cache holds: pages are in the WAL */
    (void)raise(SIGKILL);
    return 91;
}

static int die_after_commit(struct fixture *fixture) {
    begin(fixture);
    put_members(fixture, 1000, 10);
    commit(fixture);
    (void)raise(SIGKILL);
    return 91;
}

static void test_a_killed_writer_leaves_all_or_nothing(void **state) {
    struct fixture *fixture = *state;
    fill(fixture, 10);
    close_store(fixture);
    assert_int_equal(run_child(die_before_commit), -SIGKILL);
    fixture->store = open_again(fixture, JL_STORE_WRITE, 0);
    ok(fixture, jl_upkeep_integrity(fixture->store, &fixture->err));
    assert_true(get_record(fixture, TYPE_MEMBER, 10).head.rid != 0);
    assert_int_equal(get_record(fixture, TYPE_MEMBER, 1000).head.rid, 0);
    close_store(fixture);

    assert_int_equal(run_child(die_after_commit), -SIGKILL);
    fixture->store = open_again(fixture, JL_STORE_WRITE, 0);
    ok(fixture, jl_upkeep_integrity(fixture->store, &fixture->err));
    assert_true(get_record(fixture, TYPE_MEMBER, 1009).head.rid != 0);
}

/* Files may not grow beyond 2 MiB: writes fail as on a full disk, with another reason. */
static int fill_the_disk(struct fixture *fixture) {
    const struct rlimit limit = {2 << 20, 2 << 20};
    (void)signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) {
        return 92;
    }
    uint32_t next = 1000;
    enum jl_rc rc = JL_OK;
    for (int round = 0; round < 200 && rc == JL_OK; round++) {
        rc = jl_store_begin(fixture->store, true, &fixture->err);
        for (int i = 0; i < 100 && rc == JL_OK; i++) {
            struct jl_stored record = new_record(fixture, TYPE_MEMBER, next++);
            static uint8_t body[300];
            record.cells[MEMBER_ID_NO] =
                (struct jl_value){.kind = JL_VALUE_BYTES, .bytes = jl_bytes(body, sizeof body)};
            struct jl_record_write write = {.record = &record};
            rc = jl_records_write(fixture->store, &write, 1, &fixture->err);
        }
        if (rc == JL_OK) {
            rc = jl_store_commit(fixture->store, &fixture->err);
        }
    }
    if (rc != JL_IO || strstr(fixture->err.text, store_path) == NULL) {
        return 93;
    }
    /* What was committed reads on. */
    jl_store_rollback(fixture->store);
    const struct jl_record_key key = {TYPE_MEMBER, id_of(10)};
    struct jl_stored record;
    rc = jl_records_load(fixture->store, &key, 1, &fixture->arena, &record, &fixture->err);
    return rc == JL_OK && record.head.rid != 0 ? 0 : 94;
}

static void test_a_full_disk_is_an_error_and_costs_one_transaction(void **state) {
    struct fixture *fixture = *state;
    fill(fixture, 10);
    close_store(fixture);
    assert_int_equal(run_child(fill_the_disk), 0);
    fixture->store = open_again(fixture, JL_STORE_WRITE, 0);
    ok(fixture, jl_upkeep_integrity(fixture->store, &fixture->err));
    begin(fixture);
    put_members(fixture, 100000, 10);
    commit(fixture);
}

static const struct CMUnitTest cases[] = {
    CASE(test_files_that_are_no_store_are_refused_untouched, district),
    CASE(test_another_programs_database_is_refused_untouched, district),
    CASE(test_a_newer_store_names_its_version, district),
    CASE(test_half_a_file_is_noticed, district),
    CASE(test_names_that_are_no_file, district),
    CASE(test_the_file_is_for_its_owner_only, district),
    CASE(test_integrity_finds_a_damaged_page, district),
    CASE(test_a_backup_is_one_file_that_opens, district),
    CASE(test_a_backup_of_a_damaged_store_does_not_count, district),
    CASE(test_disk_free_is_asked_of_the_stores_folder, district),
    CASE(test_a_killed_writer_leaves_all_or_nothing, district),
    CASE(test_a_full_disk_is_an_error_and_costs_one_transaction, district),
};

struct case_list store_sqlite_file_cases(void) {
    return (struct case_list){cases, sizeof cases / sizeof cases[0]};
}
