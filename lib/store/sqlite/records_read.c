/* Records by key, by rid and by column. */
#include "records.h"
#include "snapshot.h"
#include "sql.h"
#include "store.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/base/value.h"
#include "jielian/store/records.h"

#include <string.h>

/* ---- One row into memory ---- */

static enum jl_rc keep_bytes(struct jl_arena *arena, struct jl_bytes *bytes, struct jl_err *err) {
    if (arena == NULL || bytes->size == 0) {
        return JL_OK;
    }
    return jl_arena_dup(arena, *bytes, bytes, err);
}

enum jl_rc jl_records_read_head(const struct jl_sql *sql, struct jl_arena *arena,
                                struct jl_head *out_head, struct jl_err *err) {
    int64_t state = jl_sql_get_int(sql, 4);
    if (state < JL_RECORD_LIVE || state > JL_RECORD_PARKED) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_STORE_DAMAGED,
                           "%s" JL_AND "%s: a record has no state this program knows",
                           sql->store->path, sql->step);
    }
    *out_head = (struct jl_head){
        .rid = jl_sql_get_int(sql, 0),
        .type = jl_sql_get_u32(sql, 1),
        .owner = jl_sql_get_u32(sql, 3),
        .state = (enum jl_record_state)state,
        .changed_ms = jl_sql_get_int(sql, 6),
        .by_device = jl_sql_get_u32(sql, 7),
        .by_staff = jl_sql_get_bytes(sql, 8),
        .last = jl_sql_get_u64(sql, 9),
        .feed_seq = jl_sql_get_u64(sql, 10),
        .title = jl_sql_get_bytes(sql, 11),
    };
    enum jl_rc rc =
        jl_sql_get_fixed(sql, 2, out_head->id.bytes, sizeof out_head->id.bytes, false, err);
    if (rc == JL_OK) {
        rc = jl_sql_get_fixed(sql, 5, out_head->hash, sizeof out_head->hash, true, err);
    }
    if (rc == JL_OK) {
        rc = keep_bytes(arena, &out_head->by_staff, err);
    }
    return rc == JL_OK ? keep_bytes(arena, &out_head->title, err) : rc;
}

enum jl_rc jl_records_read_cells(const struct jl_sql *sql, int first, size_t count,
                                 struct jl_value *out_cells, struct jl_err *err) {
    for (size_t i = 0; i < count; i++) {
        int column = first + (int)i;
        struct jl_value value = {.kind = JL_VALUE_NULL};
        switch (sqlite3_column_type(sql->stmt, column)) {
        case SQLITE_NULL:
            break;
        case SQLITE_INTEGER:
            value = jl_value_int(jl_sql_get_int(sql, column));
            break;
        case SQLITE_TEXT:
            value.kind = JL_VALUE_TEXT;
            value.bytes = jl_sql_get_bytes(sql, column);
            break;
        case SQLITE_BLOB:
            value.kind = JL_VALUE_BYTES;
            value.bytes = jl_sql_get_bytes(sql, column);
            break;
        default: /* a float: no STRICT table of ours has one */
            return jl_fault_at(err, JL_CORRUPT, JL_FAULT_STORE_DAMAGED,
                               "%s" JL_AND "%s: column %s is of no kind we store", sql->store->path,
                               sql->step, sqlite3_column_name(sql->stmt, column));
        }
        out_cells[i] = value;
    }
    return JL_OK;
}

/* Cells and extra of the current row into the arena: one piece for all the bytes of the row. */
static enum jl_rc keep_row(const struct jl_sql *sql, size_t count, struct jl_arena *arena,
                           struct jl_stored *record, struct jl_err *err) {
    struct jl_value *cells = jl_arena_alloc(arena, count * sizeof *cells);
    if (cells == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_records_read_cells(sql, 1, count, cells, err);
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_bytes extra = jl_sql_get_bytes(sql, 0);
    size_t total = extra.size;
    for (size_t i = 0; i < count; i++) {
        total += cells[i].bytes.size;
    }
    uint8_t *place = jl_arena_alloc(arena, total);
    if (place == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        if (cells[i].bytes.size > 0) {
            memcpy(place, cells[i].bytes.data, cells[i].bytes.size);
            cells[i].bytes.data = place;
            place += cells[i].bytes.size;
        }
    }
    if (extra.size > 0) {
        memcpy(place, extra.data, extra.size);
        record->extra = jl_bytes(place, extra.size);
    }
    record->cells = cells;
    return JL_OK;
}

/* ---- Heads and bodies ---- */

static enum jl_rc head_by_key(struct jl_sql *sql, const struct jl_record_key *key,
                              struct jl_arena *arena, struct jl_head *out_head,
                              struct jl_err *err) {
    jl_sql_int(sql, key->type);
    jl_sql_blob(sql, jl_bytes(key->id.bytes, sizeof key->id.bytes));
    bool row = false;
    enum jl_rc rc = jl_sql_row(sql, &row, err);
    if (rc != JL_OK || !row) {
        *out_head = (struct jl_head){.type = key->type, .id = key->id};
        return rc;
    }
    rc = jl_records_read_head(sql, arena, out_head, err);
    jl_sql_rewind(sql);
    return rc;
}

static enum jl_rc head_by_rid(struct jl_sql *sql, int64_t rid, struct jl_arena *arena,
                              struct jl_head *out_head, struct jl_err *err) {
    *out_head = (struct jl_head){0};
    jl_sql_int(sql, rid);
    bool row = false;
    enum jl_rc rc = jl_sql_row(sql, &row, err);
    if (rc != JL_OK || !row) {
        return rc;
    }
    rc = jl_records_read_head(sql, arena, out_head, err);
    jl_sql_rewind(sql);
    return rc;
}

static enum jl_rc load_loose(struct jl_store *store, struct jl_arena *arena,
                             struct jl_stored *record, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_LOOSE_GET, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, record->head.type);
    jl_sql_int(&sql, record->head.rid);
    bool row = false;
    rc = jl_sql_row(&sql, &row, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (!row && jl_typed_of(store, record->head.type) == NULL) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "type %u: define its table first",
                           (unsigned)record->head.type);
    }
    if (!row) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_STORE_DAMAGED,
                           "%s" JL_AND "a record of type %u has no row", store->path,
                           (unsigned)record->head.type);
    }
    record->extra = jl_sql_get_bytes(&sql, 0);
    return keep_bytes(arena, &record->extra, err);
}

/* The rest of a record whose head is there. */
static enum jl_rc load_body(struct jl_store *store, struct jl_arena *arena,
                            struct jl_stored *record, struct jl_err *err) {
    struct jl_typed *typed = jl_typed_of(store, record->head.type);
    if (typed != NULL) {
        JL_AUTO(jl_sql) sql = {0};
        enum jl_rc rc = jl_typed_open(store, typed, JL_TYPED_GET, &sql, err);
        if (rc != JL_OK) {
            return rc;
        }
        jl_sql_int(&sql, record->head.rid);
        bool row = false;
        rc = jl_sql_row(&sql, &row, err);
        if (rc != JL_OK || row) {
            return rc == JL_OK ? keep_row(&sql, typed->column_count, arena, record, err) : rc;
        }
    }
    return load_loose(store, arena, record, err);
}

enum jl_rc jl_records_load(struct jl_store *store, const struct jl_record_key *keys, size_t count,
                           struct jl_arena *arena, struct jl_stored *out_records,
                           struct jl_err *err) {
    JL_AUTO(jl_snapshot) snapshot = {0};
    enum jl_rc rc = jl_snapshot_take(store, &snapshot, err);
    JL_AUTO(jl_sql) sql = {0};
    if (rc == JL_OK) {
        rc = jl_sql_open(store, JL_SQL_HEAD_BY_KEY, &sql, err);
    }
    for (size_t i = 0; i < count && rc == JL_OK; i++) {
        out_records[i] = (struct jl_stored){0};
        rc = head_by_key(&sql, &keys[i], arena, &out_records[i].head, err);
        if (rc == JL_OK && out_records[i].head.rid != 0) {
            rc = load_body(store, arena, &out_records[i], err);
        }
    }
    return rc;
}

enum jl_rc jl_records_load_rids(struct jl_store *store, const int64_t *rids, size_t count,
                                struct jl_arena *arena, struct jl_stored *out_records,
                                struct jl_err *err) {
    JL_AUTO(jl_snapshot) snapshot = {0};
    enum jl_rc rc = jl_snapshot_take(store, &snapshot, err);
    JL_AUTO(jl_sql) sql = {0};
    if (rc == JL_OK) {
        rc = jl_sql_open(store, JL_SQL_HEAD_BY_RID, &sql, err);
    }
    for (size_t i = 0; i < count && rc == JL_OK; i++) {
        out_records[i] = (struct jl_stored){0};
        rc = head_by_rid(&sql, rids[i], arena, &out_records[i].head, err);
        if (rc == JL_OK && out_records[i].head.rid != 0) {
            rc = load_body(store, arena, &out_records[i], err);
        }
    }
    return rc;
}

enum jl_rc jl_records_heads(struct jl_store *store, const struct jl_record_key *keys, size_t count,
                            struct jl_arena *arena, struct jl_head *out_heads, struct jl_err *err) {
    JL_AUTO(jl_snapshot) snapshot = {0};
    enum jl_rc rc = jl_snapshot_take(store, &snapshot, err);
    JL_AUTO(jl_sql) sql = {0};
    if (rc == JL_OK) {
        rc = jl_sql_open(store, JL_SQL_HEAD_BY_KEY, &sql, err);
    }
    for (size_t i = 0; i < count && rc == JL_OK; i++) {
        rc = head_by_key(&sql, &keys[i], arena, &out_heads[i], err);
    }
    return rc;
}

/* ---- Find ---- */

static enum jl_rc open_finder(struct jl_store *store, const struct jl_typed *typed, size_t column,
                              struct jl_sql *out_sql, struct jl_err *err) {
    sqlite3_stmt **slot = &typed->finders[column];
    if (*slot == NULL) {
        const char *name = typed->columns[column].name;
        JL_AUTO(jl_buf) text = {0};
        enum jl_rc rc = jl_buf_printf(&text, err,
                                      "SELECT rid FROM \"%s\" WHERE \"%s\" = ?1"
                                      " ORDER BY rid LIMIT ?2",
                                      typed->name, name);
        if (rc == JL_OK) {
            rc = jl_buf_put_u8(&text, 0, err);
        }
        if (rc == JL_OK) {
            rc = jl_sql_prepare(store, (const char *)text.data, typed->name, slot, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
    }
    *out_sql = (struct jl_sql){.store = store, .stmt = *slot, .step = typed->name};
    return JL_OK;
}

enum jl_rc jl_records_find(struct jl_store *store, uint32_t type, size_t column,
                           const struct jl_value *values, size_t count, size_t each,
                           int64_t *out_rids, size_t *out_counts, struct jl_err *err) {
    const struct jl_typed *typed = jl_typed_of(store, type);
    if (typed == NULL || column >= typed->column_count || !typed->columns[column].indexed) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL,
                           "type %u: column %zu has no index to find by", (unsigned)type, column);
    }
    JL_AUTO(jl_snapshot) snapshot = {0};
    enum jl_rc rc = jl_snapshot_take(store, &snapshot, err);
    JL_AUTO(jl_sql) sql = {0};
    if (rc == JL_OK) {
        rc = open_finder(store, typed, column, &sql, err);
    }
    for (size_t i = 0; i < count && rc == JL_OK; i++) {
        out_counts[i] = 0;
        if (values[i].kind == JL_VALUE_NULL) {
            continue;
        }
        if (values[i].kind != typed->columns[column].kind) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL,
                               "table %s: column %s: looked for with another kind", typed->name,
                               typed->columns[column].name);
        }
        jl_sql_value(&sql, &values[i]);
        jl_sql_int(&sql, jl_sql_clamp(each));
        bool row = false;
        while ((rc = jl_sql_row(&sql, &row, err)) == JL_OK && row) {
            out_rids[i * each + out_counts[i]++] = jl_sql_get_int(&sql, 0);
        }
    }
    return rc;
}
