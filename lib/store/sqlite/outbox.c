/* The office's outbox. */
#include "sql.h"
#include "store.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/base/id.h"
#include "jielian/store/outbox.h"

static void blob_or_null(struct jl_sql *sql, struct jl_bytes blob) {
    if (blob.size > 0) {
        jl_sql_blob(sql, blob);
    } else {
        jl_sql_null(sql);
    }
}

enum jl_rc jl_outbox_append(struct jl_store *store, const struct jl_outbox_entry *entries,
                            size_t count, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_OUTBOX_APPEND, &sql, err);
    for (size_t i = 0; i < count && rc == JL_OK; i++) {
        const struct jl_outbox_entry *entry = &entries[i];
        jl_sql_seq(&sql, entry->pos);
        jl_sql_int(&sql, entry->rid);
        if (jl_id_is_zero(&entry->change_set)) {
            jl_sql_null(&sql);
        } else {
            jl_sql_blob(&sql, jl_bytes(entry->change_set.bytes, sizeof entry->change_set.bytes));
        }
        jl_sql_int(&sql, entry->made_ms);
        jl_sql_int(&sql, (int64_t)entry->state);
        jl_sql_blob(&sql, entry->body);
        jl_sql_text_or_null(&sql, entry->reason);
        blob_or_null(&sql, entry->said);
        rc = jl_sql_run(&sql, err);
    }
    return rc;
}

/* ---- Reading ---- */

static enum jl_rc read_entry(const struct jl_sql *sql, struct jl_arena *arena,
                             struct jl_outbox_entry *out_entry, struct jl_err *err) {
    int64_t state = jl_sql_get_int(sql, 4);
    if (state < JL_OUTBOX_PENDING || state > JL_OUTBOX_SUPERSEDED) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_STORE_DAMAGED, "%s" JL_AND "%s",
                           sql->store->path, "an outbox entry has no known state");
    }
    *out_entry = (struct jl_outbox_entry){
        .pos = jl_sql_get_u64(sql, 0),
        .rid = jl_sql_get_int(sql, 1),
        .made_ms = jl_sql_get_int(sql, 3),
        .state = (enum jl_outbox_state)state,
    };
    enum jl_rc rc = jl_sql_get_fixed(sql, 2, out_entry->change_set.bytes,
                                     sizeof out_entry->change_set.bytes, true, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(arena, jl_sql_get_bytes(sql, 5), &out_entry->body, err);
    }
    if (rc == JL_OK) {
        rc = jl_arena_dup(arena, jl_sql_get_bytes(sql, 6), &out_entry->reason, err);
    }
    if (rc == JL_OK) {
        rc = jl_arena_dup(arena, jl_sql_get_bytes(sql, 7), &out_entry->said, err);
    }
    return rc;
}

/* All rows of a bound statement, until max_bytes of bodies (at least one row). */
static enum jl_rc read_entries(struct jl_sql *sql, size_t max_bytes, struct jl_arena *arena,
                               struct jl_outbox_entry **out_entries, size_t *out_count,
                               struct jl_err *err) {
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    size_t capacity = 0;
    size_t bytes = 0;
    bool row = false;
    enum jl_rc rc = JL_OK;
    while ((rc = jl_sql_row(sql, &row, err)) == JL_OK && row) {
        size_t size = jl_sql_get_bytes(sql, 5).size;
        if (count > 0 && size > max_bytes - bytes) {
            break;
        }
        bytes = size > max_bytes - bytes ? max_bytes : bytes + size;
        entries = jl_arena_grow(arena, entries, count, &capacity, sizeof *entries);
        if (entries == NULL) {
            return jl_fault_memory(err);
        }
        rc = read_entry(sql, arena, &entries[count], err);
        if (rc != JL_OK) {
            return rc;
        }
        count++;
    }
    if (rc == JL_OK) {
        *out_entries = entries;
        *out_count = count;
    }
    return rc;
}

enum jl_rc jl_outbox_range(struct jl_store *store, uint64_t from, size_t limit, size_t max_bytes,
                           struct jl_arena *arena, struct jl_outbox_entry **out_entries,
                           size_t *out_count, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_OUTBOX_RANGE, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, jl_sql_clamp(from));
    jl_sql_int(&sql, jl_sql_clamp(limit));
    return read_entries(&sql, max_bytes, arena, out_entries, out_count, err);
}

enum jl_rc jl_outbox_of(struct jl_store *store, int64_t rid, struct jl_arena *arena,
                        struct jl_outbox_entry **out_entries, size_t *out_count,
                        struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_OUTBOX_OF, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, rid);
    return read_entries(&sql, SIZE_MAX, arena, out_entries, out_count, err);
}

enum jl_rc jl_outbox_of_change_set(struct jl_store *store, const struct jl_id *change_set,
                                   struct jl_arena *arena, struct jl_outbox_entry **out_entries,
                                   size_t *out_count, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_OUTBOX_OF_CHANGE_SET, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_blob(&sql, jl_bytes(change_set->bytes, sizeof change_set->bytes));
    return read_entries(&sql, SIZE_MAX, arena, out_entries, out_count, err);
}

enum jl_rc jl_outbox_in(struct jl_store *store, enum jl_outbox_state state, struct jl_arena *arena,
                        struct jl_outbox_entry **out_entries, size_t *out_count,
                        struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    if (state == JL_OUTBOX_APPLIED) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "%s",
                           "applied changes are not listed by their state");
    }
    enum jl_rc rc = jl_sql_open(store, JL_SQL_OUTBOX_IN, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, (int64_t)state);
    return read_entries(&sql, SIZE_MAX, arena, out_entries, out_count, err);
}

/* ---- Verdicts ---- */

static enum jl_rc run_range(struct jl_store *store, enum jl_sql_id id, uint64_t first,
                            uint64_t last, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, id, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, jl_sql_clamp(first));
    jl_sql_int(&sql, jl_sql_clamp(last));
    return jl_sql_run(&sql, err);
}

enum jl_rc jl_outbox_confirm(struct jl_store *store, uint64_t first, uint64_t last,
                             struct jl_err *err) {
    return run_range(store, JL_SQL_OUTBOX_CONFIRM, first, last, err);
}

enum jl_rc jl_outbox_reopen(struct jl_store *store, uint64_t first, uint64_t last,
                            struct jl_err *err) {
    return run_range(store, JL_SQL_OUTBOX_REOPEN, first, last, err);
}

/* Run an update of one entry; nothing is spoiled when it is not there. */
static enum jl_rc update_one(struct jl_sql *sql, uint64_t pos, struct jl_err *err) {
    enum jl_rc rc = jl_sql_run(sql, err);
    if (rc == JL_OK && sqlite3_changes(sql->store->db) != 1) {
        rc = jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_STORE_NO_POSITION, "%llu",
                         (unsigned long long)pos);
    }
    return rc;
}

enum jl_rc jl_outbox_set(struct jl_store *store, uint64_t pos, enum jl_outbox_state state,
                         struct jl_bytes reason, struct jl_bytes said, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_OUTBOX_SET, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, jl_sql_clamp(pos));
    jl_sql_int(&sql, (int64_t)state);
    jl_sql_text_or_null(&sql, reason);
    blob_or_null(&sql, said);
    return update_one(&sql, pos, err);
}

enum jl_rc jl_outbox_body(struct jl_store *store, uint64_t pos, struct jl_bytes body,
                          struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_OUTBOX_BODY, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, jl_sql_clamp(pos));
    jl_sql_blob(&sql, body);
    return update_one(&sql, pos, err);
}

enum jl_rc jl_outbox_aside(struct jl_store *store, struct jl_arena *arena, int64_t **out_rids,
                           size_t *out_count, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    int64_t *rids = NULL;
    size_t count = 0;
    size_t capacity = 0;
    bool row = false;
    enum jl_rc rc = jl_sql_open(store, JL_SQL_ASIDE, &sql, err);
    while (rc == JL_OK && (rc = jl_sql_row(&sql, &row, err)) == JL_OK && row) {
        rids = jl_arena_grow(arena, rids, count, &capacity, sizeof *rids);
        if (rids == NULL) {
            return jl_fault_memory(err);
        }
        rids[count++] = jl_sql_get_int(&sql, 0);
    }
    if (rc == JL_OK) {
        *out_rids = rids;
        *out_count = count;
    }
    return rc;
}

enum jl_rc jl_outbox_aside_count(struct jl_store *store, uint64_t *out_count, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    bool row = false;
    enum jl_rc rc = jl_sql_open(store, JL_SQL_ASIDE_COUNT, &sql, err);
    if (rc == JL_OK) {
        rc = jl_sql_row(&sql, &row, err);
    }
    if (rc == JL_OK) {
        *out_count = row ? jl_sql_get_u64(&sql, 0) : 0;
    }
    return rc;
}

enum jl_rc jl_outbox_count(struct jl_store *store, enum jl_outbox_state state, uint64_t *out_count,
                           int64_t *out_oldest_ms, struct jl_err *err) {
    bool applied = state == JL_OUTBOX_APPLIED;
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc =
        jl_sql_open(store, applied ? JL_SQL_OUTBOX_COUNT_APPLIED : JL_SQL_OUTBOX_COUNT, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (!applied) {
        jl_sql_int(&sql, (int64_t)state);
    }
    bool row = false;
    rc = jl_sql_row(&sql, &row, err);
    if (rc == JL_OK) {
        *out_count = row ? jl_sql_get_u64(&sql, 0) : 0;
        *out_oldest_ms = row ? jl_sql_get_int(&sql, 1) : 0;
    }
    return rc;
}

enum jl_rc jl_outbox_trim(struct jl_store *store, uint64_t upto, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open_write(store, JL_SQL_OUTBOX_TRIM, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, jl_sql_clamp(upto));
    return jl_sql_run(&sql, err);
}
