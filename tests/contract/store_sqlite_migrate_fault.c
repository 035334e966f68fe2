/* A migration fails at any write, fsync, allocation or page, without room, killed, or in a race: it
 * is all or nothing, and the next open goes on. */
#include "store_older.h"

#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "tests/fault/faults.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* ---- Faults ---- */

/* Whatever happened: all or nothing, and no half copy under its name. */
static void assert_whole(void) {
    int64_t schema = older_schema("");
    assert_true(schema == 1 || schema == JL_STORE_SCHEMA);
    assert_true(schema == 1 || older_has(OLDER_COPY));
    if (older_has(OLDER_COPY)) {
        char copy[300];
        older_beside(OLDER_COPY, copy);
        assert_int_equal(older_schema(OLDER_COPY), 1);
        assert_int_equal(older_number(copy, "SELECT count(*) FROM member"), MEMBERS);
    }
}

/* And the next open goes on. */
static void assert_goes_on(struct fixture *fixture) {
    assert_whole();
    older_reopen(fixture, JL_STORE_WRITE);
    assert_true(older_has(OLDER_COPY));
    assert_false(older_has(OLDER_COPY ".part"));
    older_assert_migrated(fixture);
    jl_arena_reset(&fixture->arena);
}

/* stride: of how many n one is gone on with, all others are only looked at. */
static int fail_each(struct fixture *fixture, enum fault kind, enum jl_rc wanted, uint64_t stride) {
    JL_AUTO(jl_buf) older = {0};
    older_make(fixture, false);
    older_read(store_path, &older);
    int met = 0;
    for (uint64_t n = 1;; n++) {
        older_put_back(jl_buf_bytes(&older));
        struct jl_store *store = NULL;
        struct jl_err err = {0};
        faults_arm(kind, n, false);
        enum jl_rc rc = older_open(JL_STORE_WRITE, &store, &err);
        bool failed = faults_disarm() > 0;
        jl_store_close(store);
        if (rc != JL_OK) {
            assert_rc(wanted, rc, &err, __FILE__, __LINE__);
            assert_true(rc == JL_NOMEM || strstr(err.text, store_path) != NULL);
            assert_false(older_has(OLDER_COPY ".part"));
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
    older_make(fixture, true);
    older_read(store_path, &older);
    enum jl_rc rc = JL_IO;
    int refused = 0;
    for (uint64_t room = 0; rc != JL_OK; room += 4 * 8192) {
        older_put_back(jl_buf_bytes(&older));
        struct jl_store *store = NULL;
        struct jl_err err = {0};
        uint64_t left = room;
        faults_room(&left);
        rc = older_open(JL_STORE_WRITE, &store, &err);
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
    older_make(fixture, true);
    older_read(store_path, &older);
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
        char places[JL_ERR_TEXT_BYTES];
        struct jl_store *store = NULL;
        struct jl_err err = {0};
        free_bytes = table[i].bytes;
        enum jl_rc rc = older_open(JL_STORE_WRITE, &store, &err);
        free_bytes = UINT64_MAX;
        assert_rc(table[i].wanted, rc, &err, __FILE__, __LINE__);
        jl_store_close(store);
        if (rc == JL_OK) {
            continue;
        }
        (void)snprintf(places, sizeof places, "%s" JL_AND "%llu" JL_AND "%llu", store_path,
                       (unsigned long long)((older.size + slack + (1 << 20) - 1) >> 20),
                       (unsigned long long)(table[i].bytes >> 20));
        assert_int_equal(jl_fault_code(&err), JL_FAULT_STORE_MIGRATE_ROOM);
        assert_string_equal(err.text, places);
        older_read(store_path, &after);
        assert_true(jl_bytes_equal(jl_buf_bytes(&older), jl_buf_bytes(&after)));
        assert_false(older_has(OLDER_COPY));
        assert_false(older_has(OLDER_COPY ".part"));
        older_reopen(fixture, JL_STORE_READ); /* and reading goes on */
        older_assert_reads(fixture, fixture->store, ENTRIES, 0);
        older_close(fixture);
    }
    older_reopen(fixture, JL_STORE_WRITE);
    older_assert_migrated(fixture);
}

static void test_a_damaged_file_is_not_migrated(void **state) {
    struct fixture *fixture = *state;
    JL_AUTO(jl_buf) file = {0};
    JL_AUTO(jl_buf) after = {0};
    older_make(fixture, true);
    older_read(store_path, &file);
    memset(file.data + file.size / 8192 / 3 * 8192, 0xee, 4096);
    older_put_back(jl_buf_bytes(&file));
    struct jl_store *store = NULL;
    fails(fixture, JL_CORRUPT, older_open(JL_STORE_WRITE, &store, &fixture->err));
    assert_null(store);
    older_read(store_path, &after);
    assert_true(jl_bytes_equal(jl_buf_bytes(&file), jl_buf_bytes(&after)));
    assert_false(older_has(OLDER_COPY));
    assert_false(older_has(OLDER_COPY ".part"));
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
        _exit(older_open(JL_STORE_WRITE, &store, &err) == JL_OK ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void test_a_migration_may_be_killed_at_any_write(void **state) {
    struct fixture *fixture = *state;
    JL_AUTO(jl_buf) older = {0};
    older_make(fixture, false);
    older_read(store_path, &older);
    int code = -SIGKILL;
    for (die_at = 1; code == -SIGKILL; die_at++) {
        older_put_back(jl_buf_bytes(&older));
        code = open_in_child();
        assert_true(code == -SIGKILL || code == 0);
        assert_goes_on(fixture);
    }
    assert_true(die_at > 8);
    die_at = 0;
}

static void test_what_a_killed_migration_left_is_replaced(void **state) {
    struct fixture *fixture = *state;
    static const char *const endings[] = {OLDER_COPY, OLDER_COPY ".part"};
    older_make(fixture, true);
    for (size_t i = 0; i < 2; i++) {
        char path[300];
        older_beside(endings[i], path);
        ok(fixture, jl_file_write(path, jl_bytes_text("half a copy"), 0600, true, &fixture->err));
    }
    older_reopen(fixture, JL_STORE_WRITE);
    assert_int_equal(older_schema(OLDER_COPY), 1);
    assert_false(older_has(OLDER_COPY ".part"));
    older_assert_migrated(fixture);
}

static void test_of_many_programs_one_migrates(void **state) {
    enum { PROGRAMS = 6 };
    struct fixture *fixture = *state;
    pid_t pids[PROGRAMS];
    older_make(fixture, false);
    for (int i = 0; i < PROGRAMS; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0) {
            struct jl_store *store = NULL;
            struct jl_err err;
            enum jl_rc rc = older_open(JL_STORE_WRITE, &store, &err);
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
    assert_int_equal(older_schema(OLDER_COPY), 1);
    assert_goes_on(fixture);
}

static const struct CMUnitTest cases[] = {
    CASE(test_every_write_of_a_migration_may_fail, district),
    CASE(test_every_fsync_of_a_migration_may_fail, district),
    CASE(test_every_allocation_of_a_migration_may_fail, district),
    CASE(test_the_disk_may_run_full_at_any_page, district),
    CASE(test_without_room_for_the_copy_nothing_changes, district),
    CASE(test_a_damaged_file_is_not_migrated, district),
    CASE(test_a_migration_may_be_killed_at_any_write, district),
    CASE(test_what_a_killed_migration_left_is_replaced, district),
    CASE(test_of_many_programs_one_migrates, district),
};

struct case_list store_sqlite_migrate_fault_cases(void) {
    return (struct case_list){cases, sizeof cases / sizeof cases[0]};
}
