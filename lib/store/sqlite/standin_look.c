/* Stand-ins made anew when another program has changed the file's schema. */
#include "sql.h"
#include "standin.h"
#include "store.h"
#include "typed.h"

#include "jielian/base/rc.h"

#include <stdio.h>
#include <string.h>

static enum jl_rc drop_all(struct jl_store *store, struct jl_err *err) {
    for (;;) {
        char text[JL_STORE_NAME_MAX_BYTES + 64];
        sqlite3_stmt *stmt = NULL;
        int code = sqlite3_prepare_v2(store->db,
                                      "SELECT name FROM sqlite_temp_schema WHERE type = 'view'"
                                      " LIMIT 1",
                                      -1, &stmt, NULL);
        if (code == SQLITE_OK) {
            code = sqlite3_step(stmt);
        }
        if (code == SQLITE_ROW) {
            sqlite3_snprintf(sizeof text, text, "DROP VIEW temp.\"%w\"",
                             (const char *)sqlite3_column_text(stmt, 0));
        }
        sqlite3_finalize(stmt);
        if (code != SQLITE_ROW) {
            return code == SQLITE_DONE ? JL_OK
                                       : jl_sql_fail(store, code, "reading the schema", err);
        }
        enum jl_rc rc = jl_sql_exec(store, text, "reading the schema", err);
        if (rc != JL_OK) {
            return rc;
        }
    }
}

static enum jl_rc renew(struct jl_store *store, struct jl_err *err) {
    enum jl_rc rc = drop_all(store, err);
    if (rc != JL_OK) {
        return rc;
    }
    store->standins = false;
    rc = jl_store_look_at_ids(store, err);
    if (rc == JL_OK) {
        rc = jl_standin_make(store, err);
    }
    return rc == JL_OK && store->tables != NULL ? jl_typed_make(store, store->tables, err) : rc;
}

enum jl_rc jl_standin_look(struct jl_store *store, struct jl_err *err) {
    bool stale = false;
    enum jl_rc rc = jl_standin_stale(store, &stale, err);
    return rc == JL_OK && stale ? renew(store, err) : rc;
}
