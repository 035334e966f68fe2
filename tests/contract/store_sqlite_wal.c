/* The write-ahead log stays under its bound whatever is written, while readers are as long as they
 * may be; and one that is longer costs the writer no more than its wait.
 *
 * Method: a few large bodies are written over and over, and the file beside the store is looked at
 * after every commit. */
#include "store_sqlite.h"

#include "jielian/store/bases.h"
#include "jielian/store/upkeep.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    BODY_BYTES = 1 << 20,
    BODIES = 8,   /* of one transaction: 8 MiB in the WAL */
    COMMITS = 30, /* 240 MiB in all */
    HALF_MS = JL_STORE_SNAPSHOT_MS / 2,
};

static uint8_t body[BODY_BYTES];

static uint64_t wal_bytes(void) {
    char path[300];
    struct stat info;
    (void)snprintf(path, sizeof path, "%s-wal", store_path);
    return stat(path, &info) == 0 ? (uint64_t)info.st_size : 0;
}

static int64_t now_ms(void) {
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void write_once(struct fixture *fixture, uint8_t mark) {
    memset(body, mark, sizeof body);
    begin(fixture);
    for (int64_t rid = 1; rid <= BODIES; rid++) {
        ok(fixture, jl_bases_put(fixture->store, rid, jl_bytes(body, sizeof body), &fixture->err));
    }
    commit(fixture);
}

static struct jl_store *reader_of(struct fixture *fixture, enum jl_store_mode mode) {
    const struct jl_store_options options = {.mode = mode, .application_id = JL_STORE_DISTRICT_ID};
    struct jl_store *store = NULL;
    ok(fixture, jl_store_open(store_path, &options, &store, &fixture->err));
    return store;
}

static uint8_t mark_in(struct fixture *fixture, struct jl_store *store) {
    JL_AUTO(jl_buf) out = {0};
    bool found = false;
    ok(fixture, jl_bases_get(store, BODIES, &out, &found, &fixture->err));
    assert_true(found);
    assert_int_equal(out.size, BODY_BYTES);
    return out.data[0];
}

static void begin_reading(struct fixture *fixture, struct jl_store *store) {
    ok(fixture, jl_store_begin(store, false, &fixture->err));
}

struct short_reader {
    struct jl_store *store;
    atomic_bool stop;
    bool fine;
    pthread_t thread;
};

/* One read transaction after another, each for some milliseconds. */
static void *read_on(void *context) {
    struct short_reader *reader = context;
    const struct timespec pause = {.tv_nsec = 3000000};
    JL_AUTO(jl_buf) out = {0};
    bool found = false;
    struct jl_err err;
    reader->fine = true;
    while (reader->fine && !atomic_load(&reader->stop)) {
        reader->fine = jl_store_begin(reader->store, false, &err) == JL_OK &&
                       jl_bases_get(reader->store, BODIES, &out, &found, &err) == JL_OK;
        (void)nanosleep(&pause, NULL);
        jl_store_rollback(reader->store);
    }
    return NULL;
}

/* As `serve` does: somebody is always reading, each for a moment. */
static void test_short_readers_keep_it_short(void **state) {
    struct fixture *fixture = *state;
    struct short_reader readers[3] = {0};
    uint64_t most = 0;
    write_once(fixture, 1);
    for (size_t i = 0; i < 3; i++) {
        readers[i].store = reader_of(fixture, JL_STORE_READ);
        assert_int_equal(pthread_create(&readers[i].thread, NULL, read_on, &readers[i]), 0);
    }
    for (uint8_t i = 0; i < COMMITS; i++) {
        write_once(fixture, i);
        most = wal_bytes() > most ? wal_bytes() : most;
    }
    for (size_t i = 0; i < 3; i++) {
        atomic_store(&readers[i].stop, true);
        assert_int_equal(pthread_join(readers[i].thread, NULL), 0);
        assert_true(readers[i].fine);
        jl_store_close(readers[i].store);
    }
    assert_in_range(most, BODIES * BODY_BYTES, JL_STORE_WAL_MAX_BYTES - 1);
}

static void test_a_reader_of_a_copy_is_in_nobodys_way(void **state) {
    struct fixture *fixture = *state;
    write_once(fixture, 77);
    struct jl_store *reader = reader_of(fixture, JL_STORE_READ_COPY);
    char path[300];
    (void)snprintf(path, sizeof path, "%s.reading-%ld", store_path, (long)getpid());
    assert_int_not_equal(access(path, F_OK), 0); /* gone already */
    begin_reading(fixture, reader);
    for (uint8_t i = 0; i < COMMITS; i++) {
        write_once(fixture, i);
        assert_in_range(wal_bytes(), 1, JL_STORE_WAL_MAX_BYTES - 1);
    }
    assert_int_equal(mark_in(fixture, reader), 77);
    ok(fixture, jl_upkeep_integrity(reader, &fixture->err));
    jl_store_rollback(reader);
    fails(fixture, JL_MISUSE, jl_store_begin(reader, true, &fixture->err));
    jl_store_close(reader);
}

static void test_what_a_killed_reader_left_goes_with_the_next_copy(void **state) {
    struct fixture *fixture = *state;
    char stale[300];
    char own[300];
    write_once(fixture, 1);
    (void)snprintf(stale, sizeof stale, "%s.reading-99999999", store_path); /* above any pid */
    (void)snprintf(own, sizeof own, "%s.reading-%ld", store_path, (long)getppid());
    FILE *files[] = {fopen(stale, "w"), fopen(own, "w")};
    assert_int_equal(fclose(files[0]) + fclose(files[1]), 0);
    jl_store_close(reader_of(fixture, JL_STORE_READ_COPY));
    assert_int_not_equal(access(stale, F_OK), 0);
    assert_int_equal(access(own, F_OK), 0); /* its program runs */
    assert_int_equal(unlink(own), 0);
}

/* A snapshot is given up after half of the time that one may last, and only then. */
static void test_a_long_reader_renews_its_snapshot(void **state) {
    struct fixture *fixture = *state;
    const struct timespec pause = {.tv_sec = HALF_MS / 1000 + 1};
    write_once(fixture, 1);
    struct jl_store *reader = reader_of(fixture, JL_STORE_READ);
    ok(fixture, jl_store_renew(reader, &fixture->err)); /* reads nothing: nothing to renew */
    begin_reading(fixture, reader);
    assert_int_equal(mark_in(fixture, reader), 1);
    write_once(fixture, 2);
    ok(fixture, jl_store_renew(reader, &fixture->err));
    assert_int_equal(mark_in(fixture, reader), 1);
    assert_int_equal(nanosleep(&pause, NULL), 0);
    ok(fixture, jl_store_renew(reader, &fixture->err));
    assert_int_equal(mark_in(fixture, reader), 2);
    for (uint8_t i = 0; i < COMMITS; i++) {
        ok(fixture, jl_store_renew(reader, &fixture->err));
    }
    jl_store_close(reader);
}

/* Somebody's sqlite3 shell: the log grows, for nothing in it may go; the writer waits for it now
 * and then, and goes on; afterwards all is as before. */
static void test_a_reader_without_end_stops_nobody(void **state) {
    struct fixture *fixture = *state;
    enum { WAITS_MAX = 2 };
    write_once(fixture, 1);
    struct jl_store *reader = reader_of(fixture, JL_STORE_READ);
    begin_reading(fixture, reader);
    int64_t before_ms = now_ms();
    for (uint8_t i = 0; i < 9; i++) { /* 72 MiB more: twice what makes it wait */
        write_once(fixture, i);
    }
    assert_in_range(now_ms() - before_ms, 0, WAITS_MAX * JL_STORE_SNAPSHOT_MS + 4000);
    assert_int_equal(mark_in(fixture, reader), 1);
    assert_true(wal_bytes() > JL_STORE_WAL_MAX_BYTES);
    jl_store_close(reader);
    for (uint8_t i = 0; i < 3; i++) {
        write_once(fixture, i);
    }
    assert_in_range(wal_bytes(), 0, JL_STORE_WAL_MAX_BYTES - 1);
}

static const struct CMUnitTest cases[] = {
    CASE(test_short_readers_keep_it_short, district),
    CASE(test_a_reader_of_a_copy_is_in_nobodys_way, district),
    CASE(test_what_a_killed_reader_left_goes_with_the_next_copy, district),
    CASE(test_a_long_reader_renews_its_snapshot, district),
    CASE(test_a_reader_without_end_stops_nobody, district),
};

struct case_list store_sqlite_wal_cases(void) {
    return (struct case_list){cases, sizeof cases / sizeof cases[0]};
}
