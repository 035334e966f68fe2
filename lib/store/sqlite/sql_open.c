/* Statements ready to be bound. Outside a transaction each looks first whether the stand-ins of an
 * older file still stand. */
#include "sql.h"
#include "store.h"

#include "jielian/base/assert.h"
#include "jielian/base/rc.h"

#include <string.h>

enum jl_rc jl_sql_open(struct jl_store *store, enum jl_sql_id id, struct jl_sql *out_sql,
                       struct jl_err *err) {
    enum jl_rc fresh = store->tx == JL_TX_NONE ? store->look(store, err) : JL_OK;
    if (fresh != JL_OK) {
        return fresh;
    }
    sqlite3_stmt **slot = &store->statements[id];
    if (*slot == NULL) {
        enum jl_rc rc =
            jl_sql_prepare(store, jl_sql_texts[id].sql, jl_sql_texts[id].step, slot, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    JL_ASSERT(!sqlite3_stmt_busy(*slot));
    *out_sql = (struct jl_sql){.store = store, .stmt = *slot, .step = jl_sql_texts[id].step};
    return JL_OK;
}

enum jl_rc jl_sql_open_write(struct jl_store *store, enum jl_sql_id id, struct jl_sql *out_sql,
                             struct jl_err *err) {
    enum jl_rc rc = jl_store_writable(store, err);
    return rc == JL_OK ? jl_sql_open(store, id, out_sql, err) : rc;
}

enum jl_rc jl_sql_make(struct jl_store *store, const char *text, const char *step,
                       struct jl_sql *out_sql, struct jl_err *err) {
    *out_sql = (struct jl_sql){.store = store, .step = step, .made = true};
    enum jl_rc fresh = store->tx == JL_TX_NONE ? store->look(store, err) : JL_OK;
    if (fresh != JL_OK) {
        return fresh;
    }
    int code = sqlite3_prepare_v3(store->db, text, -1, 0, &out_sql->stmt, NULL);
    return code == SQLITE_OK ? JL_OK : jl_sql_fail(store, code, step, err);
}

enum jl_rc jl_sql_do(struct jl_store *store, enum jl_sql_id id, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, id, &sql, err);
    return rc == JL_OK ? jl_sql_run(&sql, err) : rc;
}
