/* The store: one SQLite file per data folder, the same calls at the office and at the district.
 *
 * The store knows tables and bytes, not catalogues or keys: the programs hand it table definitions
 * made from the checked catalogue, and rows whose sensitive cells are sealed already. All calls
 * work on many rows at a time, so that a store behind a network can serve the same contract
 * (tests/contract). Statements are prepared once; every value is bound.
 *
 * Order of life: open → tables → (begin → load/find/write/… → commit)* → close.
 * One open store belongs to one thread; threads and processes open their own (WAL mode: readers
 * never wait for the writer, a second writer gets JL_BUSY after busy_ms).
 *
 * Every call that changes something needs an open write transaction (JL_MISUSE otherwise), except
 * jl_store_tables. When one fails for another reason than JL_NOT_FOUND or JL_MISUSE at its door,
 * the transaction is spoiled: further writes and the commit answer with the same code, and the
 * commit rolls back. A visitor may read the store, and must not write to it.
 *
 * Codes of every call: JL_BUSY (try after the next tick), JL_IO (disk full or failing: nothing of
 * the transaction counts), JL_CORRUPT (the file breaks SQLite's rules: run verify), JL_NOMEM. */
#ifndef JIELIAN_STORE_H
#define JIELIAN_STORE_H

#include "jielian/base/buf.h"
#include "jielian/base/value.h"

struct jl_store;

enum jl_store_mode {
    JL_STORE_READ,   /* must exist; refuses every write */
    JL_STORE_WRITE,  /* must exist */
    JL_STORE_CREATE, /* must not exist: JL_CONFLICT if it does */
    /* As READ, of a copy that ends with it: no snapshot of the file is held. JL_IO: no room. */
    JL_STORE_READ_COPY,
};

struct jl_store_options {
    enum jl_store_mode mode;
    uint32_t application_id; /* a file of another program or side is JL_MISUSE, untouched */
    uint32_t cache_kib;      /* page cache of this connection; 0: 16 MiB */
    uint32_t busy_ms;        /* how long begin waits for another writer; 0: 10 s */
    bool relaxed; /* a power cut may take the last commits, never part of one; closing makes all
                     durable */
    uint32_t words_new_max; /* new search words kept apart from the others; 0: a million */
};

enum {
    JL_STORE_SCHEMA = 3, /* user_version; a newer file is JL_MISUSE and names the version */
    /* Of the write-ahead log, while no snapshot is held for longer than JL_STORE_SNAPSHOT_MS. */
    JL_STORE_WAL_MAX_BYTES = 64 * 1024 * 1024,
    JL_STORE_SNAPSHOT_MS = 5000,
    JL_STORE_OFFICE_ID = 0x4a4c4f31,   /* "JLO1" */
    JL_STORE_DISTRICT_ID = 0x4a4c4431, /* "JLD1" */
};

/* A file of an older schema: in read mode it is left as it is, and what it lacks reads as empty; in
 * write mode it is migrated first, in one transaction, after a checked copy to PATH.before-N (N is
 * JL_STORE_SCHEMA). JL_IO: there is no room for the copy; the text has what is needed and what is
 * free. JL_CORRUPT: the copy is not whole. Either way nothing has changed. Other writers wait
 * meanwhile. */
JL_MUST_CHECK enum jl_rc jl_store_open(const char *path, const struct jl_store_options *options,
                                       struct jl_store **out_store, struct jl_err *err);
void jl_store_close(struct jl_store *store); /* rolls back what is open */
/* Remove a store that nobody has open: the file and all that this library keeps beside it. What is
 * not there is fine. */
JL_MUST_CHECK enum jl_rc jl_store_remove(const char *path, struct jl_err *err);
JL_DEFINE_AUTO_PTR(jl_store, jl_store_close)

/* ---- Tables ---- */

struct jl_store_column {
    const char *name;
    enum jl_value_kind kind; /* INT, TEXT, BYTES */
    bool indexed;
};

struct jl_store_table {
    uint32_t type;
    const char *name;
    const struct jl_store_column *columns;
    size_t column_count;
};

/* Make missing tables, columns and indexes; never drops. Copies the definitions and replaces the
 * earlier set. Inside a transaction it is undone with it. In read mode it only checks that the
 * tables are there (JL_NOT_FOUND otherwise). */
JL_MUST_CHECK enum jl_rc jl_store_tables(struct jl_store *store,
                                         const struct jl_store_table *tables, size_t count,
                                         struct jl_err *err);

/* ---- Transactions ---- */

/* Write transactions take the write lock at once (BEGIN IMMEDIATE). Commit is durable when it
 * returns JL_OK (synchronous=FULL). Rollback of nothing is fine, of a store that never opened
 * (NULL) too. */
JL_MUST_CHECK enum jl_rc jl_store_begin(struct jl_store *store, bool write, struct jl_err *err);
/* A read transaction that has lasted for half of JL_STORE_SNAPSHOT_MS ends, and another begins. For
 * long readers, between two pages: none of their statements is open. */
JL_MUST_CHECK enum jl_rc jl_store_renew(struct jl_store *store, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_store_commit(struct jl_store *store, struct jl_err *err);
void jl_store_rollback(struct jl_store *store);
/* Has another connection committed since the last call (or since open)? Inside a write transaction
 * the answer holds until its end. */
JL_MUST_CHECK enum jl_rc jl_store_changed(struct jl_store *store, bool *out_changed,
                                          struct jl_err *err);

/* ---- Feeds (docs/design.md section 5) ---- */

enum {
    JL_IN_OFFICE_FEED = 2,
};

/* Named small blobs: set hashes, cursors, counters, keys' metadata. JL_NOT_FOUND when absent; out
 * is replaced, not appended to. Names that start with "store." are the store's own. */
JL_MUST_CHECK enum jl_rc jl_store_meta_get(struct jl_store *store, const char *name,
                                           struct jl_buf *out, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_store_meta_put(struct jl_store *store, const char *name,
                                           struct jl_bytes value, struct jl_err *err);

#endif
