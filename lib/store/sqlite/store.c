/* Close and transactions.
 *
 *   JL_TX_NONE ── begin(read) ──> JL_TX_READ ── commit, rollback ──> JL_TX_NONE
 *        └────── begin(write) ──> JL_TX_WRITE ─ commit, rollback ──> JL_TX_NONE */
#include "store.h"
#include "sql.h"
#include "standin.h"

#include "jielian/base/assert.h"
#include "jielian/base/bytes.h"
#include "jielian/base/fault.h"
#include "jielian/store/store.h"

#include <stdlib.h>
#include <time.h>

enum { BEGIN_ATTEMPTS_MAX = 3 }; /* a schema changes once in a program's life, if at all */

void jl_store_close(struct jl_store *store) {
    if (store == NULL) {
        return;
    }
    jl_store_rollback(store);
    jl_typed_set_free(store->tables);
    for (size_t i = 0; i < JL_SQL_COUNT; i++) {
        sqlite3_finalize(store->statements[i]);
    }
    JL_ASSERT(sqlite3_close(store->db) == SQLITE_OK); /* a statement of ours was left open */
    jl_buf_fini(&store->scratch);
    free(store->path);
    free(store);
}

enum jl_rc jl_store_version(struct jl_store *store, int64_t *out_version, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_DATA_VERSION, &sql, err);
    bool row = false;
    if (rc == JL_OK) {
        rc = jl_sql_row(&sql, &row, err);
    }
    if (rc == JL_OK) {
        *out_version = row ? jl_sql_get_int(&sql, 0) : 0;
    }
    return rc;
}

static enum jl_rc read_last_rid(struct jl_store *store, int64_t *out_rid, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_LAST_RID, &sql, err);
    bool row = false;
    if (rc == JL_OK) {
        rc = jl_sql_row(&sql, &row, err);
    }
    if (rc == JL_OK) {
        *out_rid = row ? jl_sql_get_int(&sql, 0) : 0; /* NULL, of an empty table, reads as 0 */
    }
    return rc;
}

/* The highest rid of all that were purged; 0: none was. */
static enum jl_rc read_purged_rid(struct jl_store *store, int64_t *out_rid, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_META_GET, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_text(&sql, jl_bytes_text(JL_STORE_LAST_RID_NAME));
    bool row = false;
    rc = jl_sql_row(&sql, &row, err);
    *out_rid = 0;
    if (rc != JL_OK || !row) {
        return rc;
    }
    uint8_t mark[8];
    rc = jl_sql_get_fixed(&sql, 0, mark, sizeof mark, false, err);
    for (size_t i = 0; i < sizeof mark && rc == JL_OK; i++) {
        *out_rid = *out_rid << 8 | mark[i];
    }
    return rc;
}

/* Read at every begin, for another connection may have added or purged records. */
static enum jl_rc read_next_rid(struct jl_store *store, struct jl_err *err) {
    int64_t last = 0;
    int64_t purged = 0;
    enum jl_rc rc = read_last_rid(store, &last, err);
    if (rc == JL_OK) {
        rc = read_purged_rid(store, &purged, err);
    }
    store->next_rid = (last > purged ? last : purged) + 1;
    return rc;
}

static int64_t now_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* *out_again: another program has migrated the file, and stand-ins are in the way. */
static enum jl_rc begin(struct jl_store *store, bool write, bool *out_again, struct jl_err *err) {
    enum jl_rc rc = jl_sql_do(store, write ? JL_SQL_BEGIN_WRITE : JL_SQL_BEGIN_READ, err);
    *out_again = false;
    if (rc != JL_OK) {
        return rc;
    }
    store->tx = write ? JL_TX_WRITE : JL_TX_READ;
    store->spoiled = JL_OK;
    store->begun_ms = now_ms();
    /* The first read fixes what a read transaction sees. */
    int64_t version = 0;
    rc = write ? read_next_rid(store, err) : jl_store_version(store, &version, err);
    if (rc == JL_OK) {
        rc = jl_standin_stale(store, out_again, err);
    }
    if (rc != JL_OK || *out_again) {
        jl_store_rollback(store);
    }
    return rc;
}

enum jl_rc jl_store_begin(struct jl_store *store, bool write, struct jl_err *err) {
    if (store->tx != JL_TX_NONE) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "%s",
                           "a transaction is open already");
    }
    if (write && store->mode == JL_STORE_READ) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_STORE_FOR_READING, "%s", store->path);
    }
    enum jl_rc rc = JL_OK;
    if (!sqlite3_get_autocommit(store->db)) { /* an earlier rollback had no memory to run */
        rc = jl_sql_do(store, JL_SQL_ROLLBACK, err);
    }
    bool again = rc == JL_OK;
    for (int attempt = 0; again; attempt++) {
        rc = begin(store, write, &again, err);
        if (again && attempt == BEGIN_ATTEMPTS_MAX) {
            return jl_fault_at(err, JL_BUSY, JL_FAULT_STORE_BUSY, "%s" JL_AND "%s", store->path,
                               "its tables are being changed");
        }
    }
    return rc;
}

enum jl_rc jl_store_renew(struct jl_store *store, struct jl_err *err) {
    if (store->tx != JL_TX_READ || now_ms() - store->begun_ms < JL_STORE_SNAPSHOT_MS / 2) {
        return JL_OK;
    }
    jl_store_rollback(store);
    return jl_store_begin(store, false, err);
}

/* Move the WAL into the file, after a commit that made it long. Readers that still need it are in
 * the way: they are let be at first, and waited for when it is long; then not again before it has
 * grown by as much, so that one who never ends costs the writer seconds and not its work. What
 * can't be done now the next commit tries again, and what was committed is safe either way. */
static void fold_in(struct jl_store *store) {
    int frames = store->wal_frames;
    if (frames < store->wal_waited) {
        store->wal_waited = 0; /* it began anew */
    }
    if (frames < JL_STORE_WAL_PAGES) {
        return;
    }
    bool waits = frames - store->wal_waited >= JL_STORE_WAL_PAGES_FULL;
    (void)sqlite3_busy_timeout(store->db, JL_STORE_SNAPSHOT_MS);
    (void)sqlite3_wal_checkpoint_v2(store->db, "main",
                                    waits ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE,
                                    NULL, NULL);
    (void)sqlite3_busy_timeout(store->db, store->busy_ms);
    store->wal_waited = waits ? frames : store->wal_waited;
}

enum jl_rc jl_store_commit(struct jl_store *store, struct jl_err *err) {
    if (store->tx == JL_TX_NONE) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "%s", "no transaction to commit");
    }
    enum jl_rc rc = store->tx == JL_TX_WRITE ? jl_store_writable(store, err) : JL_OK;
    if (rc == JL_OK) {
        rc = jl_sql_do(store, JL_SQL_COMMIT, err);
    }
    if (rc != JL_OK) {
        jl_store_rollback(store);
        return rc;
    }
    store->tx = JL_TX_NONE;
    jl_typed_set_free(store->tables_before);
    store->tables_before = NULL;
    store->tables_replaced = false;
    fold_in(store);
    return JL_OK;
}

void jl_store_rollback(struct jl_store *store) {
    if (store == NULL || store->tx == JL_TX_NONE) {
        return;
    }
    /* After a full disk SQLite may have rolled back by itself. What cannot be rolled back now is
     * when the file is opened next, for its commit mark was never written. */
    if (!sqlite3_get_autocommit(store->db)) {
        struct jl_err ignored;
        (void)!jl_sql_do(store, JL_SQL_ROLLBACK, &ignored);
    }
    store->tx = JL_TX_NONE;
    store->spoiled = JL_OK;
    store->words_new = -1;
    if (store->tables_replaced) {
        jl_typed_set_free(store->tables);
        store->tables = store->tables_before;
        store->tables_before = NULL;
        store->tables_replaced = false;
    }
}

enum jl_rc jl_store_changed(struct jl_store *store, bool *out_changed, struct jl_err *err) {
    int64_t version = 0;
    enum jl_rc rc = jl_store_version(store, &version, err);
    if (rc != JL_OK) {
        return rc;
    }
    *out_changed = version != store->seen_version;
    store->seen_version = version;
    return JL_OK;
}
