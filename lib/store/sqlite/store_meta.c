/* Named small blobs. */
#include "sql.h"
#include "store.h"

#include "jielian/base/bytes.h"
#include "jielian/base/fault.h"
#include "jielian/store/store.h"

#include <string.h>

enum jl_rc jl_store_meta_get(struct jl_store *store, const char *name, struct jl_buf *out,
                             struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_META_GET, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_text(&sql, jl_bytes_text(name));
    bool row = false;
    rc = jl_sql_row(&sql, &row, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (!row) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_STORE_NO_VALUE, "%s" JL_AND "%s",
                           store->path, name);
    }
    struct jl_bytes value = jl_sql_get_bytes(&sql, 0);
    jl_buf_reset(out);
    return jl_buf_put(out, value.data, value.size, err);
}

enum jl_rc jl_store_meta_put(struct jl_store *store, const char *name, struct jl_bytes value,
                             struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_META_PUT, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_text(&sql, jl_bytes_text(name));
    jl_sql_blob(&sql, value);
    return jl_sql_run(&sql, err);
}
