/* The district's rows under the office's unconfirmed changes. */
#include "sql.h"
#include "store.h"

#include "jielian/base/bytes.h"
#include "jielian/store/bases.h"

#include <string.h>

enum jl_rc jl_bases_get(struct jl_store *store, int64_t rid, struct jl_buf *out, bool *out_found,
                        struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_BASE_GET, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    bool row = false;
    rc = jl_sql_row(&sql, &row, err);
    if (rc != JL_OK) {
        return rc;
    }
    *out_found = row;
    jl_buf_reset(out);
    struct jl_bytes body = row ? jl_sql_get_bytes(&sql, 0) : jl_bytes(NULL, 0);
    return jl_buf_put(out, body.data, body.size, err);
}

enum jl_rc jl_bases_put(struct jl_store *store, int64_t rid, struct jl_bytes body,
                        struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_BASE_PUT, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    jl_sql_blob(&sql, body);
    return jl_sql_run(&sql, err);
}

enum jl_rc jl_bases_trim(struct jl_store *store, uint64_t confirmed, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_BASE_TRIM, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, jl_sql_clamp(confirmed));
    return jl_sql_run(&sql, err);
}

enum jl_rc jl_bases_drop(struct jl_store *store, int64_t rid, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_BASE_DROP, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    return jl_sql_run(&sql, err);
}
