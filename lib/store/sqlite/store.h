/* The open store. Inside lib/store/sqlite only.
 *
 * One file (P = primary key):
 *
 *   record(rid P, type, id, owner, state, …, title, words)   one row per record; unique (type, id)
 *   <type's name>(rid P, <columns>, extra)                   the cells, when the type has a table
 *   loose(type, rid P, extra)                   every other record: stubs, unknown types
 *   word, word_new(type, word, rid P)           record.words is what of them is to go
 *   feed  outbox  base  received  journal  history  author  held  device  origin  invitation
 * quarantine meta
 *
 * Invariants:
 *  - each record has exactly one body row: in its type's table or in loose;
 *  - a rid is never used twice, for outbox, history and base speak of it (see jl_records_purge);
 *  - a write call that failed half-way spoils its transaction: commit rolls it back and says so;
 *  - nothing here opens the database file but SQLite: closing any other descriptor of it would drop
 *    the process's POSIX locks on it.
 *
 * Thread: the store's. */
#ifndef JIELIAN_LIB_STORE_SQLITE_STORE_H
#define JIELIAN_LIB_STORE_SQLITE_STORE_H

#include "sql.h"
#include "typed.h"

#include "jielian/base/bytes.h"
#include "jielian/store/store.h"

enum {
    JL_STORE_PAGE_BYTES = 8192,
    /* Frames in the WAL after which a commit moves them into the file (16 MiB), and after which it
     * waits for the readers so that the WAL begins anew (32 MiB). What is left of
     * JL_STORE_WAL_MAX_BYTES is for one transaction. */
    JL_STORE_WAL_PAGES = 2000,
    JL_STORE_WAL_PAGES_FULL = 4000,
    JL_STORE_WAL_KEEP_BYTES = JL_STORE_WAL_MAX_BYTES / 4, /* it shrinks back to that */
    JL_STORE_CACHE_KIB = 16 * 1024,
    JL_STORE_BUSY_MS = 10 * 1000,
    JL_STORE_NAME_MAX_BYTES = 63, /* of a table or column */
    JL_STORE_COLUMNS_MAX = 512,   /* of one table; a field may take two (value and tag) */
    JL_STORE_TABLES_MAX = 256,
    JL_STORE_NUMBERS_MAX = 16 * 1024,     /* in one figure's conditions; SQLite binds 32766 */
    JL_STORE_WORDS_NEW_MAX = 1000 * 1000, /* 25 MiB, of about 240,000 records; see words.c */
};

/* meta: 8 bytes big-endian, the highest rid that was ever purged. */
#define JL_STORE_LAST_RID_NAME "store.last_rid"

enum jl_store_tx { JL_TX_NONE, JL_TX_READ, JL_TX_WRITE };

struct jl_store {
    sqlite3 *db;
    char *path;
    enum jl_store_mode mode;
    uint32_t application_id;
    uint32_t schema;      /* of the file, as last seen; below JL_STORE_SCHEMA in read mode only */
    bool standins;        /* temporary views are in place of what an older file lacks */
    int64_t standins_for; /* the file's schema counter when they were made */
    /* Makes them anew when another program has migrated the file; asked outside transactions,
     * before each statement. */
    enum jl_rc (*look)(struct jl_store *store, struct jl_err *err);
    enum jl_store_tx tx;
    int64_t begun_ms;   /* the transaction; steady */
    int busy_ms;        /* how long it waits for another writer */
    int wal_frames;     /* in the WAL after the last commit of this connection */
    int wal_waited;     /* … when it last waited for readers; 0: not since the WAL began anew */
    enum jl_rc spoiled; /* the first failure inside this write transaction */
    int64_t next_rid;   /* valid inside a write transaction */
    int64_t seen_version;
    int64_t words_new; /* about how many are in word_new; -1: to be counted */
    int64_t words_new_max;
    sqlite3_stmt *statements[JL_SQL_COUNT];
    struct jl_typed_set *tables;
    struct jl_typed_set *tables_before; /* what a rollback brings back, if tables_replaced */
    bool tables_replaced;
    struct jl_buf scratch; /* SQL texts, word lists */
};

/* Every write call starts with this: a sound write transaction is open. */
JL_MUST_CHECK enum jl_rc jl_store_writable(const struct jl_store *store, struct jl_err *err);
/* A write call found a fault after it may have changed rows: remember and return rc. */
enum jl_rc jl_store_spoil(struct jl_store *store, enum jl_rc rc);

/* Whose file it is and of which schema, read from inside; sets store->schema. JL_MISUSE:
 * another program's, or newer. */
JL_MUST_CHECK enum jl_rc jl_store_look_at_ids(struct jl_store *store, struct jl_err *err);
/* The file called path + ending; one that is not there is fine. */
JL_MUST_CHECK enum jl_rc jl_store_remove_beside(const char *path, const char *ending,
                                                struct jl_err *err);

/* A number that differs after another connection's commit. */
JL_MUST_CHECK enum jl_rc jl_store_version(struct jl_store *store, int64_t *out_version,
                                          struct jl_err *err);

/* The same by the file's header, before SQLite reads a page of it. JL_CORRUPT: no database. */
JL_MUST_CHECK enum jl_rc jl_store_check_header(struct jl_store *store, struct jl_err *err);

#endif
