/* Scans: a type's own table and its records in loose, merged in rid order.
 *
 * Both sides are read in rid order by a statement of their own; whichever stands at the lower rid
 * is visited and stepped. A record has a row on one side only, so no rid comes twice. */
#include "records.h"
#include "snapshot.h"
#include "sql.h"
#include "store.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/base/value.h"
#include "jielian/store/records.h"
#include "jielian/store/store.h"

#include <string.h>

struct side {
    struct jl_sql sql;
    bool row; /* a row is waiting */
};

struct merge {
    struct jl_typed *typed; /* NULL: the type has no table */
    struct side with_cells;
    struct side loose;
    struct jl_value *cells;
    size_t limit; /* 0: no bound */
};

static void merge_fini(struct merge *merge) {
    jl_sql_fini(&merge->with_cells.sql);
    jl_sql_fini(&merge->loose.sql);
}

static enum jl_rc side_next(struct side *side, struct jl_err *err) {
    return jl_sql_row(&side->sql, &side->row, err);
}

static enum jl_rc visit_row(struct merge *merge, struct side *side, jl_scan_fn visit, void *context,
                            struct jl_err *err) {
    struct jl_stored record = {0};
    enum jl_rc rc = jl_records_read_head(&side->sql, NULL, &record.head, err);
    if (rc != JL_OK) {
        return rc;
    }
    record.extra = jl_sql_get_bytes(&side->sql, JL_HEAD_COLUMN_COUNT);
    if (side == &merge->with_cells) {
        rc = jl_records_read_cells(&side->sql, JL_HEAD_COLUMN_COUNT + 1, merge->typed->column_count,
                                   merge->cells, err);
        record.cells = merge->cells;
    }
    return rc == JL_OK ? visit(context, &record, err) : rc;
}

static enum jl_rc run(struct merge *merge, jl_scan_fn visit, void *context, struct jl_err *err) {
    enum jl_rc rc = merge->with_cells.sql.stmt == NULL ? JL_OK : side_next(&merge->with_cells, err);
    if (rc == JL_OK && merge->loose.sql.stmt != NULL) {
        rc = side_next(&merge->loose, err);
    }
    size_t visited = 0;
    while (rc == JL_OK && (merge->limit == 0 || visited < merge->limit)) {
        struct side *a = &merge->with_cells;
        struct side *b = &merge->loose;
        if (!a->row && !b->row) {
            break;
        }
        bool first = a->row && (!b->row || jl_sql_get_int(&a->sql, 0) < jl_sql_get_int(&b->sql, 0));
        struct side *side = first ? a : b;
        rc = visit_row(merge, side, visit, context, err);
        visited++;
        if (rc == JL_OK && (merge->limit == 0 || visited < merge->limit)) {
            rc = side_next(side, err);
        }
    }
    return rc;
}

/* ---- The statements ---- */

/* The plus keeps the rows in rid order for tests that match many: an index range would have to be
 * sorted, and a sort of whole rows in memory has no bound. */
static enum jl_rc put_filters(const struct jl_scan *scan, const struct jl_typed *typed,
                              struct jl_buf *out, struct jl_err *err) {
    static const char *const tests[] = {
        [JL_SCAN_EQUAL] = "= ?",
        [JL_SCAN_AT_LEAST] = ">= ?",
        [JL_SCAN_AT_MOST] = "<= ?",
        [JL_SCAN_IS_NULL] = "IS NULL",
    };
    for (size_t i = 0; i < scan->filter_count; i++) {
        const struct jl_scan_filter *filter = &scan->filters[i];
        if (filter->column >= typed->column_count || filter->test < JL_SCAN_EQUAL ||
            filter->test > JL_SCAN_IS_NULL) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL,
                               "table %s: filter %zu: no such column or test", typed->name, i);
        }
        const struct jl_store_column *column = &typed->columns[filter->column];
        if (filter->test != JL_SCAN_IS_NULL && filter->value.kind != column->kind) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL,
                               "table %s: filter on %s: a value of another kind", typed->name,
                               column->name);
        }
        enum jl_rc rc =
            jl_buf_printf(out, err, " AND m.\"%s\" %s", column->name, tests[filter->test]);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

static void bind_filters(const struct jl_scan *scan, struct jl_sql *sql) {
    for (size_t i = 0; i < scan->filter_count; i++) {
        if (scan->filters[i].test != JL_SCAN_IS_NULL) {
            jl_sql_value(sql, &scan->filters[i].value);
        }
    }
}

static enum jl_rc put_head_tests(const struct jl_scan *scan, struct jl_buf *out,
                                 struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    if (scan->owner_set) {
        rc = jl_buf_printf(out, err, " AND r.owner = %u", (unsigned)scan->owner);
    }
    if (rc == JL_OK && !scan->all_states) {
        rc = jl_buf_printf(out, err, " AND r.state IN (%d, %d)", JL_RECORD_LIVE, JL_RECORD_PARKED);
    }
    return rc;
}

static enum jl_rc make_side(struct jl_store *store, struct jl_buf *text, const char *step,
                            struct side *out_side, struct jl_err *err) {
    enum jl_rc rc = jl_buf_put_u8(text, 0, err);
    return rc == JL_OK ? jl_sql_make(store, (const char *)text->data, step, &out_side->sql, err)
                       : rc;
}

/* CROSS JOIN fixes the order of the loops: the type's rows by rid or by an index, then the heads.
 */
static enum jl_rc open_with_cells(struct jl_store *store, const struct jl_scan *scan,
                                  const struct jl_typed *typed, const char *only,
                                  struct side *out_side, struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = jl_buf_put_text(&text, "SELECT " JL_HEAD_COLUMNS ", m.extra", err);
    if (rc == JL_OK) {
        rc = jl_typed_columns(typed, "m.", &text, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_printf(&text, err,
                           " FROM \"%s\" m CROSS JOIN record r ON r.rid = m.rid"
                           " WHERE m.rid > ?%s",
                           typed->name, only);
    }
    if (rc == JL_OK) {
        rc = put_filters(scan, typed, &text, err);
    }
    if (rc == JL_OK) {
        rc = put_head_tests(scan, &text, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_text(&text, " ORDER BY m.rid", err);
    }
    if (rc == JL_OK) {
        rc = make_side(store, &text, typed->name, out_side, err);
    }
    if (rc == JL_OK) {
        jl_sql_int(&out_side->sql, scan->after_rid);
        bind_filters(scan, &out_side->sql);
    }
    return rc;
}

static enum jl_rc open_loose(struct jl_store *store, const struct jl_scan *scan, const char *only,
                             struct side *out_side, struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = jl_buf_printf(&text, err,
                                  "SELECT " JL_HEAD_COLUMNS ", m.extra"
                                  " FROM loose m CROSS JOIN record r ON r.rid = m.rid"
                                  " WHERE m.type = ? AND m.rid > ?%s",
                                  only);
    if (rc == JL_OK) {
        rc = put_head_tests(scan, &text, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_text(&text, " ORDER BY m.rid", err);
    }
    if (rc == JL_OK) {
        rc = make_side(store, &text, "reading loose", out_side, err);
    }
    if (rc == JL_OK) {
        jl_sql_int(&out_side->sql, scan->type);
        jl_sql_int(&out_side->sql, scan->after_rid);
    }
    return rc;
}

/* only_…: one more condition of each side, a constant of this file. */
static enum jl_rc scan_both(struct jl_store *store, const struct jl_scan *scan,
                            const char *only_with_cells, const char *only_loose,
                            struct merge *merge, struct jl_err *err) {
    merge->typed = jl_typed_of(store, scan->type);
    merge->limit = scan->limit;
    if (merge->typed == NULL && scan->filter_count > 0) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "type %u has no table to filter",
                           (unsigned)scan->type);
    }
    enum jl_rc rc = JL_OK;
    if (merge->typed != NULL) {
        rc = open_with_cells(store, scan, merge->typed, only_with_cells, &merge->with_cells, err);
    }
    if (rc == JL_OK && scan->filter_count == 0) { /* what has no cells passes no filter */
        rc = open_loose(store, scan, only_loose, &merge->loose, err);
    }
    return rc;
}

static enum jl_rc scan_and_visit(struct jl_store *store, const struct jl_scan *scan, bool extra,
                                 jl_scan_fn visit, void *context, struct jl_err *err) {
    JL_AUTO(jl_snapshot) snapshot = {0};
    enum jl_rc rc = jl_snapshot_take(store, &snapshot, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(merge) merge = {0};
    rc = scan_both(store, scan, extra ? " AND m.extra IS NOT NULL" : "",
                   extra ? " AND r.state <> 2" : "", &merge, err);
    if (rc == JL_OK && merge.typed != NULL) {
        merge.cells = jl_arena_zalloc(&arena, merge.typed->column_count, sizeof *merge.cells);
        if (merge.cells == NULL) {
            rc = jl_fault_memory(err);
        }
    }
    return rc == JL_OK ? run(&merge, visit, context, err) : rc;
}

enum jl_rc jl_records_scan(struct jl_store *store, const struct jl_scan *scan, jl_scan_fn visit,
                           void *context, struct jl_err *err) {
    return scan_and_visit(store, scan, false, visit, context, err);
}

enum jl_rc jl_records_scan_extra(struct jl_store *store, uint32_t type, jl_scan_fn visit,
                                 void *context, struct jl_err *err) {
    const struct jl_scan scan = {.type = type, .all_states = true};
    return scan_and_visit(store, &scan, true, visit, context, err);
}

/* ---- Types ---- */

/* The first type after that one; *out_found false: there is none. */
static enum jl_rc next_loose_type(struct jl_store *store, uint32_t after, uint32_t *out_type,
                                  bool *out_found, struct jl_err *err) {
    JL_AUTO(jl_sql) sql = {0};
    enum jl_rc rc = jl_sql_open(store, JL_SQL_LOOSE_TYPE, &sql, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_sql_int(&sql, after);
    rc = jl_sql_row(&sql, out_found, err);
    if (rc == JL_OK && *out_found) {
        *out_type = (uint32_t)jl_sql_get_int(&sql, 0);
    }
    return rc;
}

enum jl_rc jl_records_loose_types(struct jl_store *store, struct jl_arena *arena,
                                  uint32_t **out_types, size_t *out_count, struct jl_err *err) {
    JL_AUTO(jl_snapshot) snapshot = {0};
    JL_AUTO(jl_buf) types = {0};
    uint32_t type = 0;
    bool found = true;
    enum jl_rc rc = jl_snapshot_take(store, &snapshot, err);
    while (rc == JL_OK && found) {
        rc = next_loose_type(store, type, &type, &found, err);
        if (rc == JL_OK && found) {
            rc = jl_buf_put(&types, &type, sizeof type, err);
        }
    }
    if (rc != JL_OK) {
        return rc;
    }
    *out_types = jl_arena_alloc(arena, types.size + 1);
    if (*out_types == NULL) {
        return jl_fault_memory(err);
    }
    if (types.size > 0) {
        memcpy(*out_types, types.data, types.size);
    }
    *out_count = types.size / sizeof type;
    return JL_OK;
}
