/* One use of a statement, from bind to reset, and SQLite's codes as ours.
 *
 * Statements are prepared at first use and kept. They are reset without clearing their parameters:
 * every use binds all of them, and what a parameter pointed to is never read between two uses. */
#include "sql.h"
#include "store.h"

#include "jielian/base/bytes.h"
#include "jielian/base/fault.h"
#include "jielian/base/value.h"

#include <string.h>

/* ---- Faults ---- */

enum jl_rc jl_sql_rc(int code) {
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return JL_OK;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_SCHEMA:
        return JL_BUSY;
    case SQLITE_NOMEM:
        return JL_NOMEM;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return JL_IO;
    case SQLITE_CONSTRAINT:
    case SQLITE_ABORT: /* a rollback ended a read that a visitor was still in */
        return JL_CONFLICT;
    case SQLITE_TOOBIG:
        return JL_LIMIT;
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
        return JL_MISUSE;
    default: /* NOTADB, CORRUPT; ERROR: a table or column that the schema promises is not there */
        return JL_CORRUPT;
    }
}

static enum jl_fault_code fault_of(enum jl_rc rc, int code, int system) {
    switch (rc) {
    case JL_BUSY:
        return JL_FAULT_STORE_BUSY;
    case JL_NOMEM:
        return JL_FAULT_NO_MEMORY;
    case JL_CORRUPT:
        return JL_FAULT_STORE_DAMAGED;
    case JL_CONFLICT:
        return JL_FAULT_STORE_MOVED_ON;
    case JL_LIMIT:
        return JL_FAULT_STORE_LARGE;
    case JL_IO:
        return (code & 0xff) == SQLITE_FULL       ? JL_FAULT_STORE_FULL
               : (code & 0xff) == SQLITE_READONLY ? JL_FAULT_STORE_READ_ONLY
               : system != 0                      ? JL_FAULT_STORE_IO_BECAUSE
                                                  : JL_FAULT_STORE_IO;
    case JL_OK:
    case JL_PROTO:
    case JL_DENIED:
    case JL_NOT_FOUND:
    case JL_MISUSE:
        break;
    }
    return JL_FAULT_STORE_MISUSED;
}

enum jl_rc jl_sql_fault(const char *path, sqlite3 *db, int code, const char *step,
                        struct jl_err *err) {
    enum jl_rc rc = jl_sql_rc(code);
    int system = rc == JL_IO && db != NULL ? sqlite3_system_errno(db) : 0;
    /* The connection's own message speaks of tables and columns, never of bound values; only where
     * the code alone would say nothing is it needed. */
    bool vague = (code & 0xff) == SQLITE_ERROR || (code & 0xff) == SQLITE_CONSTRAINT;
    return jl_fault_system(err, rc, fault_of(rc, code, system), system, "%s" JL_AND "%s: %s", path,
                           step, vague && db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(code));
}

enum jl_rc jl_sql_fail(struct jl_store *store, int code, const char *step, struct jl_err *err) {
    (void)jl_store_spoil(store, jl_sql_rc(code));
    return jl_sql_fault(store->path, store->db, code, step, err);
}

/* ---- One use of a statement ---- */

void jl_sql_fini(struct jl_sql *sql) {
    if (sql == NULL) {
        return;
    }
    if (sql->made) {
        sqlite3_finalize(sql->stmt);
    } else if (sql->stmt != NULL) {
        sqlite3_reset(sql->stmt);
    }
    sql->stmt = NULL;
}

enum jl_rc jl_sql_prepare(struct jl_store *store, const char *text, const char *step,
                          sqlite3_stmt **slot, struct jl_err *err) {
    int code = sqlite3_prepare_v3(store->db, text, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL);
    return code == SQLITE_OK ? JL_OK : jl_sql_fail(store, code, step, err);
}

enum jl_rc jl_sql_row(struct jl_sql *sql, bool *out_row, struct jl_err *err) {
    int code = sql->code != SQLITE_OK ? sql->code : sqlite3_step(sql->stmt);
    *out_row = code == SQLITE_ROW;
    if (code == SQLITE_ROW) {
        return JL_OK;
    }
    enum jl_rc rc = JL_OK;
    if (code != SQLITE_DONE) {
        rc = jl_sql_fail(sql->store, code, sql->step, err);
    }
    jl_sql_rewind(sql);
    return rc;
}

void jl_sql_rewind(struct jl_sql *sql) {
    sqlite3_reset(sql->stmt);
    sql->bound = 0;
    sql->code = SQLITE_OK;
}

enum jl_rc jl_sql_run(struct jl_sql *sql, struct jl_err *err) {
    bool row = false;
    do {
        enum jl_rc rc = jl_sql_row(sql, &row, err);
        if (rc != JL_OK) {
            return rc;
        }
    } while (row);
    return JL_OK;
}

enum jl_rc jl_sql_exec(struct jl_store *store, const char *text, const char *step,
                       struct jl_err *err) {
    int code = sqlite3_exec(store->db, text, NULL, NULL, NULL);
    return code == SQLITE_OK ? JL_OK : jl_sql_fail(store, code, step, err);
}

enum jl_rc jl_sql_get_fixed(const struct jl_sql *sql, int column, void *out_data, size_t size,
                            bool null_allowed, struct jl_err *err) {
    struct jl_bytes bytes = jl_sql_get_bytes(sql, column);
    if (bytes.size == size) {
        memcpy(out_data, bytes.data, size);
        return JL_OK;
    }
    if (null_allowed && sqlite3_column_type(sql->stmt, column) == SQLITE_NULL) {
        memset(out_data, 0, size);
        return JL_OK;
    }
    return jl_fault_at(err, JL_CORRUPT, JL_FAULT_STORE_DAMAGED,
                       "%s" JL_AND "%s: column %s has %zu bytes instead of %zu", sql->store->path,
                       sql->step, sqlite3_column_name(sql->stmt, column), bytes.size, size);
}

void jl_sql_value(struct jl_sql *sql, const struct jl_value *value) {
    switch (value->kind) {
    case JL_VALUE_NULL:
        jl_sql_null(sql);
        break;
    case JL_VALUE_INT:
        jl_sql_int(sql, value->number);
        break;
    case JL_VALUE_TEXT:
        jl_sql_text(sql, value->bytes);
        break;
    case JL_VALUE_BYTES:
        jl_sql_blob(sql, value->bytes);
        break;
    }
}
