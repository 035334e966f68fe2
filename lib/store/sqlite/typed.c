/* Typed tables: finding one, and its statements. */
#include "typed.h"
#include "sql.h"
#include "store.h"

#include "jielian/base/arena.h"
#include "jielian/base/assert.h"
#include "jielian/base/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void jl_typed_set_free(struct jl_typed_set *set) {
    if (set == NULL) {
        return;
    }
    for (size_t i = 0; i < set->count; i++) {
        for (size_t k = 0; k < JL_TYPED_SQL_COUNT; k++) {
            sqlite3_finalize(set->items[i].statements[k]);
        }
        for (size_t k = 0; k < set->items[i].column_count; k++) {
            sqlite3_finalize(set->items[i].finders[k]);
        }
    }
    jl_arena_fini(&set->arena);
    free(set);
}

struct jl_typed *jl_typed_of(const struct jl_store *store, uint32_t type) {
    const struct jl_typed_set *set = store->tables;
    size_t low = 0;
    size_t high = set == NULL ? 0 : set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->items[middle].type == type) {
            return &set->items[middle];
        }
        if (set->items[middle].type < type) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

int jl_typed_column(const struct jl_typed *typed, const char *name) {
    for (size_t i = 0; i < typed->column_count; i++) {
        if (strcmp(typed->columns[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

enum jl_rc jl_typed_columns(const struct jl_typed *typed, const char *prefix, struct jl_buf *out,
                            struct jl_err *err) {
    for (size_t i = 0; i < typed->column_count; i++) {
        enum jl_rc rc = jl_buf_printf(out, err, ", %s\"%s\"", prefix, typed->columns[i].name);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

/* Parameters of insert and both updates: ?1 rid, ?2 … the columns, then extra. */
static enum jl_rc put_insert(const struct jl_typed *typed, struct jl_buf *out, struct jl_err *err) {
    enum jl_rc rc = jl_buf_printf(out, err, "INSERT INTO \"%s\"(rid", typed->name);
    if (rc == JL_OK) {
        rc = jl_typed_columns(typed, "", out, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_text(out, ", extra) VALUES(?1", err);
    }
    for (size_t i = 0; i <= typed->column_count && rc == JL_OK; i++) {
        rc = jl_buf_printf(out, err, ", ?%zu", i + 2);
    }
    return rc == JL_OK ? jl_buf_put_text(out, ")", err) : rc;
}

static enum jl_rc put_update(const struct jl_typed *typed, bool all, struct jl_buf *out,
                             struct jl_err *err) {
    enum jl_rc rc = jl_buf_printf(out, err, "UPDATE \"%s\" SET extra = ?%zu", typed->name,
                                  typed->column_count + 2);
    for (size_t i = 0; i < typed->column_count && rc == JL_OK; i++) {
        if (all || !typed->columns[i].indexed) {
            rc = jl_buf_printf(out, err, ", \"%s\" = ?%zu", typed->columns[i].name, i + 2);
        }
    }
    return rc == JL_OK ? jl_buf_put_text(out, " WHERE rid = ?1", err) : rc;
}

static enum jl_rc put_text(const struct jl_typed *typed, enum jl_typed_sql which,
                           struct jl_buf *out, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    switch (which) {
    case JL_TYPED_GET:
        rc = jl_buf_put_text(out, "SELECT extra", err);
        if (rc == JL_OK) {
            rc = jl_typed_columns(typed, "", out, err);
        }
        return rc == JL_OK ? jl_buf_printf(out, err, " FROM \"%s\" WHERE rid = ?1", typed->name)
                           : rc;
    case JL_TYPED_INSERT:
        return put_insert(typed, out, err);
    case JL_TYPED_UPDATE_PLAIN:
        return put_update(typed, false, out, err);
    case JL_TYPED_UPDATE_ALL:
        return put_update(typed, true, out, err);
    case JL_TYPED_DELETE:
        return jl_buf_printf(out, err, "DELETE FROM \"%s\" WHERE rid = ?1", typed->name);
    case JL_TYPED_SQL_COUNT:
        break;
    }
    return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "%s", "no such statement");
}

enum jl_rc jl_typed_open(struct jl_store *store, struct jl_typed *typed, enum jl_typed_sql which,
                         struct jl_sql *out_sql, struct jl_err *err) {
    sqlite3_stmt **slot = &typed->statements[which];
    if (*slot == NULL) {
        JL_AUTO(jl_buf) text = {0};
        enum jl_rc rc = put_text(typed, which, &text, err);
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
    JL_ASSERT(!sqlite3_stmt_busy(*slot));
    *out_sql = (struct jl_sql){.store = store, .stmt = *slot, .step = typed->name};
    return JL_OK;
}
