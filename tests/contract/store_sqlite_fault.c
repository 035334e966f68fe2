/* Fail the n-th allocation, write or fsync of SQLite, for every n until a run meets none.
 *
 * A run opens the store, changes it in one transaction, reads it, and closes it. Whatever fails
 * must answer with its code, leave all or nothing of the transaction, and the next run must work.
 */
#include "store_sqlite.h"

#include <sqlite3.h>
#include <string.h>

enum fault { FAULT_NONE, FAULT_MALLOC, FAULT_WRITE, FAULT_SYNC };

/* Set by the running case; SQLite is used by one thread here. */
static enum fault fault;
static int calls_left; /* the call that makes it 0 fails */
static bool failed;

static bool fails_now(enum fault kind) {
    if (fault != kind || --calls_left != 0) {
        return false;
    }
    failed = true;
    return true;
}

/* ---- Memory ---- */

static sqlite3_mem_methods memory; /* SQLite's own */

static void *shim_malloc(int size) {
    return fails_now(FAULT_MALLOC) ? NULL : memory.xMalloc(size);
}
static void *shim_realloc(void *old, int size) {
    return fails_now(FAULT_MALLOC) ? NULL : memory.xRealloc(old, size);
}

/* ---- Files: SQLite's own methods, two of them behind the fault ---- */

struct shim {
    sqlite3_io_methods methods; /* first: a file points at it */
    const sqlite3_io_methods *own;
};

static struct shim shims[4]; /* the unix VFS has one table for databases, one for journals */
static sqlite3_vfs shim_vfs;
static const sqlite3_vfs *own_vfs;

static const sqlite3_io_methods *own_of(const sqlite3_file *file) {
    const struct shim *shim = (const struct shim *)(const void *)file->pMethods;
    return shim->own;
}

static int shim_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 at) {
    return fails_now(FAULT_WRITE) ? SQLITE_FULL : own_of(file)->xWrite(file, data, size, at);
}

static int shim_sync(sqlite3_file *file, int flags) {
    return fails_now(FAULT_SYNC) ? SQLITE_IOERR_FSYNC : own_of(file)->xSync(file, flags);
}

static int shim_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags,
                     int *out_flags) {
    int code = own_vfs->xOpen(vfs, name, file, flags, out_flags);
    if (code != SQLITE_OK) {
        return code;
    }
    size_t i = 0;
    while (shims[i].own != NULL && shims[i].own != file->pMethods) {
        i++;
        assert_true(i < sizeof shims / sizeof shims[0]);
    }
    if (shims[i].own == NULL) {
        shims[i] = (struct shim){.methods = *file->pMethods, .own = file->pMethods};
        shims[i].methods.xWrite = shim_write;
        shims[i].methods.xSync = shim_sync;
    }
    file->pMethods = &shims[i].methods;
    return SQLITE_OK;
}

bool store_faults_install(void) {
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory) != SQLITE_OK) {
        return false;
    }
    sqlite3_mem_methods shim = memory;
    shim.xMalloc = shim_malloc;
    shim.xRealloc = shim_realloc;
    /* Without the small blocks kept per connection every allocation is one that can fail. */
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &shim) != SQLITE_OK ||
        sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK ||
        sqlite3_initialize() != SQLITE_OK) {
        return false;
    }
    own_vfs = sqlite3_vfs_find(NULL);
    shim_vfs = *own_vfs;
    shim_vfs.zName = "faulty";
    shim_vfs.pNext = NULL;
    shim_vfs.xOpen = shim_open;
    return sqlite3_vfs_register(&shim_vfs, 1) == SQLITE_OK;
}

/* ---- One run ---- */

static enum jl_rc change(struct fixture *fixture, struct jl_store *store, uint32_t number) {
    struct jl_err *err = &fixture->err;
    struct jl_stored inserted = new_record(fixture, TYPE_MEMBER, number);
    inserted.cells[MEMBER_JOINED_ON] = jl_value_int(20200101);
    const struct jl_record_key first = {TYPE_MEMBER, id_of(1)};
    struct jl_stored updated;
    enum jl_rc rc = jl_store_load(store, &first, 1, &fixture->arena, &updated, err);
    if (rc != JL_OK) {
        return rc;
    }
    updated.cells[MEMBER_STATUS] = jl_value_int(number);
    updated.cells[MEMBER_JOINED_ON] = jl_value_int(20200101 + number % 28);
    const struct jl_bytes words[] = {jl_bytes_text("zhang"), jl_bytes_text("san")};
    struct jl_record_write writes[] = {{.record = &inserted, .words = words, .word_count = 2},
                                       {.record = &updated, .words = words, .word_count = 1}};
    rc = jl_store_write(store, writes, 2, err);
    const struct jl_feed_entry entry = {7, number, updated.head.rid, JL_FEED_UPDATE, 0};
    if (rc == JL_OK) {
        rc = jl_store_feed_put(store, &entry, 1, err);
    }
    const struct jl_outbox_entry op = {
        .pos = number, .rid = inserted.head.rid, .body = jl_bytes_text("op")};
    if (rc == JL_OK) {
        rc = jl_store_outbox_append(store, &op, 1, err);
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
    enum jl_rc rc = jl_store_scan(store, &scan, count_rows, &count, &fixture->err);
    return rc == JL_OK
               ? jl_store_search(store, 0, jl_bytes_text("z"), false, 4, rids, &hits, &fixture->err)
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
    ok(fixture, jl_store_outbox_range(store, pos, 1, SIZE_MAX, &fixture->arena, &entries, &count,
                                      &fixture->err));
    return count > 0 && entries[0].pos == pos ? 1 : 0;
}

/* All of transaction `number` or nothing of it, and a sound file. */
static void assert_whole(struct fixture *fixture, uint32_t number, bool committed) {
    JL_AUTO_PTR(jl_store) store = open_again(fixture, JL_STORE_WRITE, 0);
    ok(fixture, jl_store_integrity(store, &fixture->err));
    const struct jl_record_key keys[] = {{TYPE_MEMBER, id_of(number)}, {TYPE_MEMBER, id_of(1)}};
    struct jl_stored records[2];
    ok(fixture, jl_store_load(store, keys, 2, &fixture->arena, records, &fixture->err));
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
        fault = kind;
        calls_left = n;
        failed = false;
        enum jl_rc rc = run(fixture, number, &committed);
        fault = FAULT_NONE;
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
