/* What suspended PCs sent. */
#include "sql.h"
#include "store.h"

#include "jielian/base/bytes.h"
#include "jielian/store/quarantined.h"

#include <string.h>

/* A retry after a lost answer brings the same bytes: they are kept once. Other bytes for the same
 * seqs are another story (a copied PC) and are kept too. */
enum jl_rc jl_quarantined_put(struct jl_store *store, uint32_t origin, uint64_t first_seq,
                              uint32_t op_count, int64_t at_ms, struct jl_bytes body,
                              struct jl_err *err) {
    JL_AUTO(jl_sql) has = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_QUARANTINE_HAS, &has, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&has, origin);
    jl_sql_seq(&has, first_seq);
    jl_sql_int(&has, op_count);
    jl_sql_blob(&has, body);
    bool there = false;
    rc = jl_sql_row(&has, &there, err);
    if (rc != JL_OK || there) {
        return rc;
    }
    JL_AUTO(jl_sql) put = {0};
    rc = jl_sql_open(store, JL_SQL_QUARANTINE_PUT, &put, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&put, origin);
    jl_sql_seq(&put, first_seq);
    jl_sql_int(&put, op_count);
    jl_sql_int(&put, at_ms);
    jl_sql_blob(&put, body);
    return jl_sql_run(&put, err);
}

enum jl_rc jl_quarantined_of(struct jl_store *store, uint32_t origin, jl_quarantine_fn visit,
                             void *context, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_make(store,
                                "SELECT origin, first_seq, op_count, at_ms, body FROM quarantine"
                                " WHERE origin = ?1 ORDER BY first_seq, n",
                                "reading quarantine", &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, origin);
    bool row = false;
    while ((rc = jl_sql_row(&sql, &row, err)) == JL_OK && row) {
        const struct jl_quarantined batch = {
            .origin = jl_sql_get_u32(&sql, 0),
            .first_seq = jl_sql_get_u64(&sql, 1),
            .op_count = jl_sql_get_u32(&sql, 2),
            .at_ms = jl_sql_get_int(&sql, 3),
            .body = jl_sql_get_bytes(&sql, 4),
        };
        rc = visit(context, &batch, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return rc;
}

enum jl_rc jl_quarantined_drop(struct jl_store *store, uint32_t origin, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_QUARANTINE_DROP, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, origin);
    return jl_sql_run(&sql, err);
}
