/* Statements, and how SQLite's answers become result codes. The fixed ones are prepared once; their
 * texts stand in sql_text.c. Inside lib/store/sqlite only.
 *
 * Thread: the store's. */
#ifndef JIELIAN_LIB_STORE_SQLITE_SQL_H
#define JIELIAN_LIB_STORE_SQLITE_SQL_H

#include "jielian/base/bytes.h"

#include <sqlite3.h>

struct jl_store;
struct jl_value;

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

/* The columns of struct jl_head, in the order jl_records_read_head takes them; record is called r.
 */
#define JL_HEAD_COLUMNS                                                                            \
    "r.rid, r.type, r.id, r.owner, r.state, r.hash, r.changed_ms, r.by_device, r.by_staff, "       \
    "r.last, r.feed_seq, r.title"
#define JL_OUTBOX_COLUMNS "pos, rid, change_set, made_ms, state, body, reason, said"
#define JL_JOURNAL_COLUMNS "seq, origin, first_op, op_count, at_ms, body, verdicts, seal, head"
#define JL_AUTHOR_COLUMNS "rid, field, journal_seq, device, office, made_ms, staff"
#define JL_HELD_COLUMNS "journal_seq, n, device, office, type, id"
enum { JL_HEAD_COLUMN_COUNT = 12 };

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

/* SQLite's code as a fault. db: its connection, for what that knows more; may be NULL. */
enum jl_rc jl_sql_fault(const char *path, sqlite3 *db, int code, const char *step,
                        struct jl_err *err);
/* The same of the store's own connection; inside a write transaction it spoils it. */
enum jl_rc jl_sql_fail(struct jl_store *store, int code, const char *step, struct jl_err *err);
enum jl_rc jl_sql_rc(int code);

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
void jl_sql_value(struct jl_sql *sql, const struct jl_value *value);
/* Exactly size bytes; a NULL gives zeros when allowed. JL_CORRUPT otherwise. */
JL_MUST_CHECK enum jl_rc jl_sql_get_fixed(const struct jl_sql *sql, int column, void *out_data,
                                          size_t size, bool null_allowed, struct jl_err *err);

#endif
