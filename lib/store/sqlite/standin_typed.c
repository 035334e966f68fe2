/* The stand-in of one typed table. */
#include "sql.h"
#include "standin.h"
#include "store.h"
#include "typed.h"

#include "jielian/base/bytes.h"

#include <stdio.h>
#include <string.h>

enum jl_rc jl_standin_typed(struct jl_store *store, const struct jl_typed *typed, const char *there,
                            const bool *columns, struct jl_err *err) {
    JL_AUTO(jl_buf) sql = {0};
    enum jl_rc rc =
        jl_buf_printf(&sql, err,
                      "DROP VIEW IF EXISTS temp.\"%s\"; CREATE TEMP VIEW \"%s\" AS "
                      "SELECT %s",
                      typed->name, typed->name, there != NULL ? "*" : "NULL AS rid, NULL AS extra");
    for (size_t i = 0; i < typed->column_count && rc == JL_OK; i++) {
        if (!columns[i]) {
            rc = jl_buf_printf(&sql, err, ", NULL AS \"%s\"", typed->columns[i].name);
        }
    }
    if (rc == JL_OK) {
        rc = there != NULL ? jl_buf_printf(&sql, err, " FROM main.\"%s\"", there)
                           : jl_buf_put_text(&sql, " WHERE 0", err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_u8(&sql, 0, err);
    }
    return rc == JL_OK ? jl_sql_exec(store, (const char *)sql.data, "reading an older store", err)
                       : rc;
}
