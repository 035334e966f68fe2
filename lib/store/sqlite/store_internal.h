/* Inside lib/store/sqlite: the open store, its statements, and how SQLite's answers become result
 * codes.
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
 *  - a rid is never used twice, for outbox, history and base speak of it (see jl_store_purge);
 *  - a write call that failed half-way spoils its transaction: commit rolls it back and says so;
 *  - nothing here opens the database file but SQLite: closing any other descriptor of it would drop
 *    the process's POSIX locks on it. */
#ifndef JIELIAN_STORE_INTERNAL_H
#define JIELIAN_STORE_INTERNAL_H

#include "jielian/store/store.h"

#include <sqlite3.h>

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

/* ---- Fixed statements; texts in sql_text.c ---- */

enum jl_sql_id {
    JL_SQL_BEGIN_READ,
    JL_SQL_BEGIN_WRITE,
    JL_SQL_COMMIT,
    JL_SQL_ROLLBACK,
    JL_SQL_DATA_VERSION,
    JL_SQL_LAST_RID,
    JL_SQL_HEAD_BY_KEY,
    JL_SQL_HEAD_BY_RID,
    JL_SQL_HEAD_INSERT,
    JL_SQL_HEAD_UPDATE,
    JL_SQL_HEAD_UPDATE_WORDS,
    JL_SQL_HEAD_WORDS,
    JL_SQL_HEAD_HASH,
    JL_SQL_HEAD_DELETE,
    JL_SQL_ASIDE,
    JL_SQL_ASIDE_COUNT,
    JL_SQL_LOOSE_GET,
    JL_SQL_LOOSE_PUT,
    JL_SQL_LOOSE_DELETE,
    JL_SQL_LOOSE_TYPE,
    JL_SQL_WORD_PUT,
    JL_SQL_WORD_DELETE,
    JL_SQL_WORD_DELETE_NEW,
    JL_SQL_WORD_COUNT_NEW,
    JL_SQL_WORD_ALL_NEW,
    JL_SQL_WORD_JOIN,
    JL_SQL_WORD_CLEAR_NEW,
    JL_SQL_WORD_PREFIX,
    JL_SQL_WORD_EXACT,
    JL_SQL_WORD_NEXT_TYPE,
    JL_SQL_FEED_PUT,
    JL_SQL_FEED_PAGE,
    JL_SQL_FEEDS_OF,
    JL_SQL_FEED_FORGET,
    JL_SQL_COUNTED_OF_FEED,
    JL_SQL_COUNTED_DISTRICT,
    JL_SQL_COUNTED_OFFICE,
    JL_SQL_ORDERED_OF_FEEDS,
    JL_SQL_ORDERED,
    JL_SQL_TYPES_OF_FEED,
    JL_SQL_META_GET,
    JL_SQL_META_PUT,
    JL_SQL_OUTBOX_APPEND,
    JL_SQL_OUTBOX_RANGE,
    JL_SQL_OUTBOX_OF,
    JL_SQL_OUTBOX_OF_CHANGE_SET,
    JL_SQL_OUTBOX_IN,
    JL_SQL_OUTBOX_CONFIRM,
    JL_SQL_OUTBOX_REOPEN,
    JL_SQL_OUTBOX_SET,
    JL_SQL_OUTBOX_BODY,
    JL_SQL_OUTBOX_COUNT,
    JL_SQL_OUTBOX_COUNT_APPLIED,
    JL_SQL_OUTBOX_TRIM,
    JL_SQL_BASE_GET,
    JL_SQL_BASE_PUT,
    JL_SQL_BASE_TRIM,
    JL_SQL_BASE_DROP,
    JL_SQL_JOURNAL_LAST,
    JL_SQL_JOURNAL_LAST_OF,
    JL_SQL_JOURNAL_LATEST,
    JL_SQL_JOURNAL_APPEND,
    JL_SQL_JOURNAL_GET,
    JL_SQL_JOURNAL_FIND,
    JL_SQL_HISTORY_APPEND,
    JL_SQL_HISTORY_OF,
    JL_SQL_HISTORY_BEFORE,
    JL_SQL_HISTORY_TAGGED,
    JL_SQL_HISTORY_FORGET,
    JL_SQL_AUTHOR_PUT,
    JL_SQL_AUTHOR_OF,
    JL_SQL_AUTHOR_FORGET,
    JL_SQL_HELD_PUT,
    JL_SQL_HELD_DROP,
    JL_SQL_HELD_OF,
    JL_SQL_HELD_ALL,
    JL_SQL_HELD_COUNT,
    JL_SQL_RECEIVED_APPEND,
    JL_SQL_RECEIVED_FORGET,
    JL_SQL_DEVICES,
    JL_SQL_DEVICE_PUT,
    JL_SQL_ORIGINS,
    JL_SQL_ORIGIN_PUT,
    JL_SQL_INVITATIONS,
    JL_SQL_INVITATION_PUT,
    JL_SQL_QUARANTINE_HAS,
    JL_SQL_QUARANTINE_PUT,
    JL_SQL_QUARANTINE_DROP,
    JL_SQL_TABLE_COLUMNS,
    JL_SQL_TABLE_INDEXES,
    JL_SQL_COUNT
};

struct jl_sql_text {
    const char *sql;
    const char *step; /* what it does, in the words of an error */
};
extern const struct jl_sql_text jl_sql_texts[JL_SQL_COUNT];

/* The columns of struct jl_head, in the order jl_head_read takes them; record is called r. */
#define JL_HEAD_COLUMNS                                                                            \
    "r.rid, r.type, r.id, r.owner, r.state, r.hash, r.changed_ms, r.by_device, r.by_staff, "       \
    "r.last, r.feed_seq, r.title"
#define JL_OUTBOX_COLUMNS "pos, rid, change_set, made_ms, state, body, reason, said"
#define JL_JOURNAL_COLUMNS "seq, origin, first_op, op_count, at_ms, body, verdicts, seal, head"
#define JL_AUTHOR_COLUMNS "rid, field, journal_seq, device, office, made_ms, staff"
#define JL_HELD_COLUMNS "journal_seq, n, device, office, type, id"
enum { JL_HEAD_COLUMN_COUNT = 12 };

/* ---- The open store ---- */

enum jl_typed_sql {
    JL_TYPED_GET,
    JL_TYPED_INSERT,
    JL_TYPED_UPDATE_PLAIN, /* columns without an index, so that no index is touched */
    JL_TYPED_UPDATE_ALL,
    JL_TYPED_DELETE,
    JL_TYPED_SQL_COUNT
};

/* One type's table and its statements, prepared at first use. */
struct jl_typed {
    uint32_t type;
    const char *name;
    const struct jl_store_column *columns;
    size_t column_count;
    sqlite3_stmt *statements[JL_TYPED_SQL_COUNT];
    sqlite3_stmt **finders; /* one per column */
};

/* A whole set of definitions: everything but the statements lives in its arena. */
struct jl_typed_set {
    struct jl_arena arena;
    struct jl_typed *items; /* ascending by type */
    size_t count;
};

enum jl_store_tx { JL_TX_NONE, JL_TX_READ, JL_TX_WRITE };

struct jl_store {
    sqlite3 *db;
    char *path;
    enum jl_store_mode mode;
    uint32_t application_id;
    uint32_t schema;      /* of the file, as last seen; below JL_STORE_SCHEMA in read mode only */
    bool standins;        /* temporary views are in place of what an older file lacks */
    int64_t standins_for; /* the file's schema counter when they were made */
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

/* ---- reading.c ---- */

/* The connection, open and looked at, becomes one to a copy of its file. */
JL_MUST_CHECK enum jl_rc jl_reading_copy(struct jl_store *store, struct jl_err *err);

/* ---- sql.c: one use of a statement ---- */

/* Bind in order, step, and at the end of the scope the statement is reset (cached) or freed (made).
 * A failed bind is kept and reported by the next step. */
struct jl_sql {
    struct jl_store *store;
    sqlite3_stmt *stmt;
    const char *step; /* what it does, for the error text: "reading feed" */
    int bound;
    int code;
    bool made;
};

void jl_sql_fini(struct jl_sql *sql);
JL_MUST_CHECK enum jl_rc jl_sql_open(struct jl_store *store, enum jl_sql_id id,
                                     struct jl_sql *out_sql, struct jl_err *err);
/* open for a write call: refused outside a sound write transaction. */
JL_MUST_CHECK enum jl_rc jl_sql_open_write(struct jl_store *store, enum jl_sql_id id,
                                           struct jl_sql *out_sql, struct jl_err *err);
/* For what may be nested by a visitor, or differs from call to call. */
JL_MUST_CHECK enum jl_rc jl_sql_make(struct jl_store *store, const char *text, const char *step,
                                     struct jl_sql *out_sql, struct jl_err *err);
/* A statement kept in *slot, prepared from text at first use. */
JL_MUST_CHECK enum jl_rc jl_sql_prepare(struct jl_store *store, const char *text, const char *step,
                                        sqlite3_stmt **slot, struct jl_err *err);
/* The next row; at the end the statement is reset and can be bound again. */
JL_MUST_CHECK enum jl_rc jl_sql_row(struct jl_sql *sql, bool *out_row, struct jl_err *err);
/* Leave the rest of the rows; it can be bound again. */
void jl_sql_rewind(struct jl_sql *sql);
/* Run a statement that gives no rows, and make it ready to be bound again. */
JL_MUST_CHECK enum jl_rc jl_sql_run(struct jl_sql *sql, struct jl_err *err);
/* open and run of a statement without parameters */
JL_MUST_CHECK enum jl_rc jl_sql_do(struct jl_store *store, enum jl_sql_id id, struct jl_err *err);
/* Any SQL text without parameters and rows: schema and settings. */
JL_MUST_CHECK enum jl_rc jl_sql_exec(struct jl_store *store, const char *text, const char *step,
                                     struct jl_err *err);

/* SQLite's code as ours, with a text; inside a write transaction it spoils it. */
enum jl_rc jl_sql_fail(struct jl_store *store, int code, const char *step, struct jl_err *err);
enum jl_rc jl_sql_rc(int code);
/* Every write call starts with this: a sound write transaction is open. */
JL_MUST_CHECK enum jl_rc jl_store_writable(const struct jl_store *store, struct jl_err *err);
/* A write call found a fault after it may have changed rows: remember and return rc. */
enum jl_rc jl_store_spoil(struct jl_store *store, enum jl_rc rc);

/* Reads of more than one statement see one state, also outside a transaction. */
struct jl_snapshot {
    struct jl_store *store; /* NULL: the caller's transaction is used */
};
void jl_snapshot_fini(struct jl_snapshot *snapshot);
JL_MUST_CHECK enum jl_rc jl_snapshot_take(struct jl_store *store, struct jl_snapshot *out_snapshot,
                                          struct jl_err *err);

static inline void jl_sql_keep(struct jl_sql *sql, int code) {
    if (code != SQLITE_OK && sql->code == SQLITE_OK) {
        sql->code = code;
    }
}
static inline void jl_sql_int(struct jl_sql *sql, int64_t number) {
    jl_sql_keep(sql, sqlite3_bind_int64(sql->stmt, ++sql->bound, number));
}
static inline void jl_sql_null(struct jl_sql *sql) {
    jl_sql_keep(sql, sqlite3_bind_null(sql->stmt, ++sql->bound));
}
/* An empty range is an empty value, not NULL. */
static inline void jl_sql_blob(struct jl_sql *sql, struct jl_bytes bytes) {
    const void *data = bytes.size > 0 ? (const void *)bytes.data : "";
    jl_sql_keep(sql, sqlite3_bind_blob64(sql->stmt, ++sql->bound, data, bytes.size, SQLITE_STATIC));
}
static inline void jl_sql_text(struct jl_sql *sql, struct jl_bytes bytes) {
    const char *data = bytes.size > 0 ? (const char *)bytes.data : "";
    jl_sql_keep(sql, sqlite3_bind_text64(sql->stmt, ++sql->bound, data, bytes.size, SQLITE_STATIC,
                                         SQLITE_UTF8));
}
static inline void jl_sql_blob_or_null(struct jl_sql *sql, struct jl_bytes bytes) {
    if (bytes.size == 0) {
        jl_sql_null(sql);
    } else {
        jl_sql_blob(sql, bytes);
    }
}
static inline void jl_sql_text_or_null(struct jl_sql *sql, struct jl_bytes bytes) {
    if (bytes.size == 0) {
        jl_sql_null(sql);
    } else {
        jl_sql_text(sql, bytes);
    }
}

/* Sequence numbers are 64 bits without sign here and with sign in SQLite. A bound that no stored
 * number can reach is as good as the largest one. */
static inline int64_t jl_sql_clamp(uint64_t number) {
    return number > INT64_MAX ? INT64_MAX : (int64_t)number;
}

/* A number that is stored must fit. */
static inline void jl_sql_seq(struct jl_sql *sql, uint64_t number) {
    jl_sql_keep(sql, number > INT64_MAX ? SQLITE_RANGE : SQLITE_OK);
    jl_sql_int(sql, jl_sql_clamp(number));
}

/* Columns of the current row. Bytes are borrowed until the next step. */
static inline int64_t jl_sql_get_int(const struct jl_sql *sql, int column) {
    return sqlite3_column_int64(sql->stmt, column);
}
static inline uint64_t jl_sql_get_u64(const struct jl_sql *sql, int column) {
    return (uint64_t)sqlite3_column_int64(sql->stmt, column);
}
static inline uint32_t jl_sql_get_u32(const struct jl_sql *sql, int column) {
    return (uint32_t)sqlite3_column_int64(sql->stmt, column);
}
/* Text and blob alike: column_blob of a text gives its bytes without copying them for a NUL. */
static inline struct jl_bytes jl_sql_get_bytes(const struct jl_sql *sql, int column) {
    const void *data = sqlite3_column_blob(sql->stmt, column);
    return jl_bytes(data, (size_t)sqlite3_column_bytes(sql->stmt, column));
}
void jl_sql_value(struct jl_sql *sql, const struct jl_value *value); /* in record_read.c */
/* Exactly size bytes; a NULL gives zeros when allowed. JL_CORRUPT otherwise. */
JL_MUST_CHECK enum jl_rc jl_sql_get_fixed(const struct jl_sql *sql, int column, void *out_data,
                                          size_t size, bool null_allowed, struct jl_err *err);

/* ---- Shared by the nouns ---- */

/* schema.c */
extern const char *const jl_schema_text; /* makes the fixed tables */
bool jl_schema_name_taken(const char *name);
/* A table that schema 1 had not. A type of that name keeps its rows in NAME JL_SCHEMA_ASIDE, which
 * no other type can be called, in files of schema JL_SCHEMA_ASIDE_SINCE on. */
bool jl_schema_name_later(const char *name);
#define JL_SCHEMA_ASIDE "$"
enum { JL_SCHEMA_ASIDE_SINCE = 2 };

/* open.c: whose file it is and of which schema, read from inside; sets store->schema. JL_MISUSE:
 * another program's, or newer. */
JL_MUST_CHECK enum jl_rc jl_store_look_at_ids(struct jl_store *store, struct jl_err *err);
/* The file called path + ending; one that is not there is fine. */
JL_MUST_CHECK enum jl_rc jl_store_remove_beside(const char *path, const char *ending,
                                                struct jl_err *err);

/* migrate.c: from the file's schema to this program's; in write mode, before anything else is
 * written. JL_IO: no room for the copy, or the disk; JL_CORRUPT: the copy is not whole. Either way
 * the file is as it was. Cost: nothing for a file of this schema, else reads it three times. */
JL_MUST_CHECK enum jl_rc jl_migrate_run(struct jl_store *store, struct jl_err *err);
/* The copies beside the file at path go. */
JL_MUST_CHECK enum jl_rc jl_migrate_forget(const char *path, struct jl_err *err);

/* standin.c: in read mode, the views in place of what the file lacks. */
JL_MUST_CHECK enum jl_rc jl_standin_make(struct jl_store *store, struct jl_err *err);
/* Has the file's schema changed since? Inside a transaction the answer holds until its end. */
JL_MUST_CHECK enum jl_rc jl_standin_stale(struct jl_store *store, bool *out_stale,
                                          struct jl_err *err);
/* Drop them, or make them anew, if it has. Not inside a transaction. */
JL_MUST_CHECK enum jl_rc jl_standin_look(struct jl_store *store, struct jl_err *err);
/* One for a typed table. there: what the file calls it, NULL if it has none; columns: which of them
 * it has. */
JL_MUST_CHECK enum jl_rc jl_standin_typed(struct jl_store *store, const struct jl_typed *typed,
                                          const char *there, const bool *columns,
                                          struct jl_err *err);

/* care.c: a whole, checked copy of the store as `from`, a connection to the same file, reads it.
 * path is replaced. */
/* All pages of a database, into a file that is there. */
JL_MUST_CHECK enum jl_rc jl_copy_pages(sqlite3 *from, const char *path, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_copy_make(struct jl_store *store, sqlite3 *from, const char *path,
                                      struct jl_err *err);

/* store.c: a number that differs after another connection's commit. */
JL_MUST_CHECK enum jl_rc jl_store_version(struct jl_store *store, int64_t *out_version,
                                          struct jl_err *err);

/* tables_make.c: make what the file lacks; in read mode JL_NOT_FOUND. */
JL_MUST_CHECK enum jl_rc jl_typed_make(struct jl_store *store, struct jl_typed_set *set,
                                       struct jl_err *err);

/* tables.c */
void jl_typed_set_free(struct jl_typed_set *set);
/* NULL when the type has no table. Cost: binary search. */
struct jl_typed *jl_typed_of(const struct jl_store *store, uint32_t type);
JL_MUST_CHECK enum jl_rc jl_typed_open(struct jl_store *store, struct jl_typed *typed,
                                       enum jl_typed_sql which, struct jl_sql *out_sql,
                                       struct jl_err *err);
/* Append `, "a", "b"` with prefix before each name. */
JL_MUST_CHECK enum jl_rc jl_typed_columns(const struct jl_typed *typed, const char *prefix,
                                          struct jl_buf *out, struct jl_err *err);
/* The column's place, or -1. */
int jl_typed_column(const struct jl_typed *typed, const char *name);

/* record_read.c; arena NULL: bytes are borrowed from the statement's row. */
JL_MUST_CHECK enum jl_rc jl_head_read(const struct jl_sql *sql, struct jl_arena *arena,
                                      struct jl_head *out_head, struct jl_err *err);
/* Values of the columns from `first` on. */
JL_MUST_CHECK enum jl_rc jl_cells_read(const struct jl_sql *sql, int first, size_t count,
                                       struct jl_value *out_cells, struct jl_err *err);

/* words.c: word lists as one blob { varint(size) bytes }. */
JL_MUST_CHECK enum jl_rc jl_words_pack(const struct jl_bytes *words, size_t count,
                                       struct jl_buf *out, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_words_put(struct jl_store *store, uint32_t type, int64_t rid,
                                      const struct jl_bytes *words, size_t count,
                                      struct jl_err *err);
/* The words of many new records: kept, then put in the order of the table, so that a thousand
 * records meet each of its pages once. The bytes are borrowed until then. */
struct jl_word_row {
    uint64_t prefix; /* the word's first 8 bytes, big-endian: settles most comparisons */
    struct jl_bytes word;
    uint32_t type;
    int64_t rid;
};
struct jl_word_rows {
    struct jl_word_row *items;
    size_t count, capacity;
};
void jl_word_rows_fini(struct jl_word_rows *rows);
/* Room for `capacity` words in all. */
JL_MUST_CHECK enum jl_rc jl_word_rows_reserve(struct jl_word_rows *rows, size_t capacity,
                                              struct jl_err *err);
void jl_word_rows_keep(struct jl_word_rows *rows, uint32_t type, int64_t rid,
                       const struct jl_bytes *words, size_t count);
JL_MUST_CHECK enum jl_rc jl_word_rows_put(struct jl_store *store, struct jl_word_rows *rows,
                                          struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_words_drop(struct jl_store *store, uint32_t type, int64_t rid,
                                       struct jl_bytes packed, struct jl_err *err);

/* Append one element place to an array in the arena, doubling it when full. NULL: no memory. */
void *jl_arena_grow(struct jl_arena *arena, void *items, size_t count, size_t *capacity,
                    size_t item_bytes);

#endif
