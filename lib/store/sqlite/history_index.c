/* Which journal entries are about a record. */
#include "sql.h"
#include "store.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/store/history_index.h"

#include <string.h>

enum jl_rc jl_history_index_append(struct jl_store *store, const struct jl_history_entry *entries,
                                   size_t count, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_HISTORY_APPEND, &sql, err);
    for (size_t i = 0; i < count && rc == JL_OK; i++) {
        jl_sql_int(&sql, entries[i].rid);
        jl_sql_seq(&sql, entries[i].journal_seq);
        jl_sql_int(&sql, entries[i].index);
        jl_sql_int(&sql, entries[i].tag);
        rc = jl_sql_run(&sql, err);
    }
    return rc;
}

/* The lines that a statement gives; without tags: up to the first that has one. */
static enum jl_rc read_lines(struct jl_sql *sql, bool untagged, struct jl_arena *arena,
                             struct jl_history_entry **out_entries, size_t *out_count,
                             struct jl_err *err) {
    struct jl_history_entry *entries = NULL;
    size_t count = 0;
    size_t capacity = 0;
    bool row = false;
    enum jl_rc rc = JL_OK;
    while ((rc = jl_sql_row(sql, &row, err)) == JL_OK && row) {
        const struct jl_history_entry entry = {
            .rid = jl_sql_get_int(sql, 0),
            .journal_seq = jl_sql_get_u64(sql, 1),
            .index = jl_sql_get_u32(sql, 2),
            .tag = jl_sql_get_u32(sql, 3),
        };
        if (untagged && entry.tag != 0) {
            break;
        }
        entries = jl_arena_grow(arena, entries, count, &capacity, sizeof *entries);
        if (entries == NULL) {
            return jl_fault_memory(err);
        }
        entries[count++] = entry;
    }
    if (rc == JL_OK) {
        *out_entries = entries;
        *out_count = count;
    }
    return rc;
}

enum jl_rc jl_history_index_of(struct jl_store *store, int64_t rid, struct jl_arena *arena,
                               struct jl_history_entry **out_entries, size_t *out_count,
                               struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_HISTORY_OF, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    return read_lines(&sql, false, arena, out_entries, out_count, err);
}

enum jl_rc jl_history_index_before(struct jl_store *store, int64_t rid, uint64_t journal_seq,
                                   uint32_t index, size_t limit, struct jl_arena *arena,
                                   struct jl_history_entry **out_entries, size_t *out_count,
                                   struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_HISTORY_BEFORE, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    jl_sql_int(&sql, jl_sql_clamp(journal_seq));
    jl_sql_int(&sql, index);
    jl_sql_int(&sql, jl_sql_clamp(limit));
    return read_lines(&sql, false, arena, out_entries, out_count, err);
}

enum jl_rc jl_history_index_untagged(struct jl_store *store, int64_t rid, struct jl_arena *arena,
                                     struct jl_history_entry **out_entries, size_t *out_count,
                                     struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_HISTORY_OF, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    return read_lines(&sql, true, arena, out_entries, out_count, err);
}

enum jl_rc jl_history_index_tagged(struct jl_store *store, int64_t rid, uint32_t tag,
                                   struct jl_arena *arena, struct jl_history_entry **out_entries,
                                   size_t *out_count, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_HISTORY_TAGGED, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    jl_sql_int(&sql, tag);
    return read_lines(&sql, false, arena, out_entries, out_count, err);
}
