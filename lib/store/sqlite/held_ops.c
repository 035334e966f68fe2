/* Ops that wait for a record: where each stands in the journal, whose it is, and for what it waits.
 *
 * The rows follow from the journal; ix_held_record finds those that a record sets free. */
#include "sql.h"
#include "store.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/store/held_ops.h"

enum jl_rc jl_held_ops_put(struct jl_store *store, const struct jl_held *entries, size_t count,
                           struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_HELD_PUT, &sql, err);
    for (size_t i = 0; i < count && rc == JL_OK; i++) {
        const struct jl_held *held = &entries[i];
        jl_sql_seq(&sql, held->journal_seq);
        jl_sql_int(&sql, held->n);
        jl_sql_int(&sql, held->device);
        jl_sql_int(&sql, held->office);
        jl_sql_int(&sql, held->key.type);
        jl_sql_blob(&sql, jl_bytes(held->key.id.bytes, sizeof held->key.id.bytes));
        rc = jl_sql_run(&sql, err);
    }
    return rc;
}

enum jl_rc jl_held_ops_drop(struct jl_store *store, const struct jl_held *entries, size_t count,
                            struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_HELD_DROP, &sql, err);
    for (size_t i = 0; i < count && rc == JL_OK; i++) {
        jl_sql_int(&sql, jl_sql_clamp(entries[i].journal_seq));
        jl_sql_int(&sql, entries[i].n);
        rc = jl_sql_run(&sql, err);
    }
    return rc;
}

/* All rows of a bound statement, in its order. */
static enum jl_rc read_all(struct jl_sql *sql, struct jl_arena *arena, struct jl_held **out_list,
                           size_t *out_count, struct jl_err *err) {
    struct jl_held *list = NULL;
    size_t count = 0;
    size_t capacity = 0;
    bool row = false;
    enum jl_rc rc = JL_OK;
    while ((rc = jl_sql_row(sql, &row, err)) == JL_OK && row) {
        list = jl_arena_grow(arena, list, count, &capacity, sizeof *list);
        if (list == NULL) {
            return jl_fault_memory(err);
        }
        struct jl_held *held = &list[count++];
        *held = (struct jl_held){.journal_seq = jl_sql_get_u64(sql, 0),
                                 .n = jl_sql_get_u32(sql, 1),
                                 .device = jl_sql_get_u32(sql, 2),
                                 .office = jl_sql_get_u32(sql, 3),
                                 .key.type = jl_sql_get_u32(sql, 4)};
        rc = jl_sql_get_fixed(sql, 5, held->key.id.bytes, sizeof held->key.id.bytes, false, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    if (rc == JL_OK) {
        *out_list = list;
        *out_count = count;
    }
    return rc;
}

enum jl_rc jl_held_ops_of(struct jl_store *store, const struct jl_record_key *key,
                          struct jl_arena *arena, struct jl_held **out_list, size_t *out_count,
                          struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_HELD_OF, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, key->type);
    jl_sql_blob(&sql, jl_bytes(key->id.bytes, sizeof key->id.bytes));
    return read_all(&sql, arena, out_list, out_count, err);
}

enum jl_rc jl_held_ops_all(struct jl_store *store, const struct jl_held *after, size_t limit,
                           struct jl_arena *arena, struct jl_held **out_list, size_t *out_count,
                           struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_HELD_ALL, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    /* Nothing lies before journal entry 1. */
    jl_sql_int(&sql, after == NULL ? 0 : jl_sql_clamp(after->journal_seq));
    jl_sql_int(&sql, after == NULL ? 0 : after->n);
    jl_sql_int(&sql, limit == 0 ? INT64_MAX : jl_sql_clamp(limit));
    return read_all(&sql, arena, out_list, out_count, err);
}

enum jl_rc jl_held_ops_count(struct jl_store *store, uint32_t office, uint64_t *out_count,
                             struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    bool row = false;
    enum jl_rc rc = jl_sql_open(store, JL_SQL_HELD_COUNT, &sql, err);
    if (rc == JL_OK) {
        jl_sql_int(&sql, office);
        rc = jl_sql_row(&sql, &row, err);
    }
    if (rc == JL_OK) {
        *out_count = row ? jl_sql_get_u64(&sql, 0) : 0;
        jl_sql_rewind(&sql);
    }
    return rc;
}
