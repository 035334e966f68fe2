/* The office's list of what it received. */
#include "sql.h"
#include "store.h"

#include "jielian/base/bytes.h"
#include "jielian/store/received.h"

#include <string.h>

enum jl_rc jl_received_append(struct jl_store *store, int64_t rid, int64_t at_ms,
                              struct jl_bytes body, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_RECEIVED_APPEND, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    jl_sql_int(&sql, at_ms);
    jl_sql_blob(&sql, body);
    return jl_sql_run(&sql, err);
}

enum jl_rc jl_received_of(struct jl_store *store, int64_t rid, jl_received_fn visit, void *context,
                          struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_make(store, "SELECT at_ms, body FROM received WHERE rid = ?1 ORDER BY n",
                                "reading received", &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    bool row = false;
    while ((rc = jl_sql_row(&sql, &row, err)) == JL_OK && row) {
        rc = visit(context, jl_sql_get_int(&sql, 0), jl_sql_get_bytes(&sql, 1), err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return rc;
}
