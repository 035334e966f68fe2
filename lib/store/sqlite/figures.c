/* Figures: one SELECT built from the structured query.
 *
 *   SELECT <group>, <aggregate> FROM "type" m JOIN record r ON r.rid = m.rid
 *    WHERE r.state = 0 AND <conditions> GROUP BY 1 ORDER BY 1
 *
 * Column names are looked up among the table's columns before they go into the text; numbers are
 * bound. A condition on a referred record becomes "m.ref IN (SELECT id …)", which SQLite computes
 * once. A referred record counts only while it lives: a tombstone's values would change the figure
 * on the day it is purged.
 *
 * A sum is taken in two halves, so that it is exact or known not to fit: amounts come from offices,
 * and one of them must not take the figures of all away.
 *
 * The median is taken here: SQLite has none, and days between dates are ours to count. */
#include "sql.h"
#include "store.h"

#include "jielian/base/clock.h"
#include "jielian/base/date.h"
#include "jielian/base/fault.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/store/figures.h"

#include <stdlib.h>

struct builder {
    const struct jl_store *store;
    const struct jl_typed *typed;
    const struct jl_figures_measure *measure;
    struct jl_buf sql;
    struct jl_buf numbers; /* int64_t, in the order of the question marks */
};

static void builder_fini(struct builder *builder) {
    jl_buf_fini(&builder->sql);
    jl_buf_fini(&builder->numbers);
}

/* ---- Building ---- */

static enum jl_rc check_column(const struct jl_typed *typed, const char *column,
                               struct jl_err *err) {
    if (column == NULL || jl_typed_column(typed, column) < 0) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "figure: table %s has no column %s",
                           typed->name, column == NULL ? "(none named)" : column);
    }
    return JL_OK;
}

/* Text with one column in it. */
static enum jl_rc put_column(struct builder *builder, const char *before, const char *column,
                             const char *after, struct jl_err *err) {
    enum jl_rc rc = check_column(builder->typed, column, err);
    return rc == JL_OK ? jl_buf_printf(&builder->sql, err, "%sm.\"%s\"%s", before, column, after)
                       : rc;
}

static enum jl_rc put_number(struct builder *builder, int64_t number, struct jl_err *err) {
    return jl_buf_put(&builder->numbers, &number, sizeof number, err);
}

/* "(?, ?, …)" for IN. */
static enum jl_rc put_list(struct builder *builder, const struct jl_figures_condition *condition,
                           struct jl_err *err) {
    enum jl_rc rc = jl_buf_put_text(&builder->sql, "(", err);
    for (size_t i = 0; i < condition->number_count && rc == JL_OK; i++) {
        rc = jl_buf_put_text(&builder->sql, i == 0 ? "?" : ", ?", err);
        if (rc == JL_OK) {
            rc = put_number(builder, condition->numbers[i], err);
        }
    }
    return rc == JL_OK ? jl_buf_put_text(&builder->sql, ")", err) : rc;
}

/* The test of a column called name in the table called alias; NOT_IN is put as IN, and turned
 * round by the caller. */
static enum jl_rc put_test(struct builder *builder, const char *alias,
                           const struct jl_figures_condition *condition, struct jl_err *err) {
    enum jl_rc rc = jl_buf_printf(&builder->sql, err, "%s.\"%s\"", alias, condition->column);
    if (rc != JL_OK) {
        return rc;
    }
    switch ((enum jl_filter_test)condition->test) {
    case JL_FILTER_IN:
    case JL_FILTER_NOT_IN:
        rc = jl_buf_put_text(&builder->sql, " IN ", err);
        return rc == JL_OK ? put_list(builder, condition, err) : rc;
    case JL_FILTER_SET:
        return jl_buf_put_text(&builder->sql, " IS NOT NULL", err);
    case JL_FILTER_AT_MOST:
    case JL_FILTER_AT_LEAST:
        if (condition->number_count != 1) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL,
                               "figure: condition on %s: needs one number", condition->column);
        }
        rc = jl_buf_put_text(&builder->sql,
                             condition->test == JL_FILTER_AT_MOST ? " <= ?" : " >= ?", err);
        return rc == JL_OK ? put_number(builder, condition->numbers[0], err) : rc;
    }
    return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "figure: condition on %s: no such test",
                       condition->column);
}

static enum jl_rc put_via(struct builder *builder, const struct jl_figures_condition *condition,
                          struct jl_err *err) {
    const struct jl_typed *via = jl_typed_of(builder->store, condition->via_type);
    if (via == NULL) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "figure: type %u has no table",
                           (unsigned)condition->via_type);
    }
    enum jl_rc rc = check_column(via, condition->column, err);
    if (rc == JL_OK) {
        rc = put_column(builder, "", condition->via_column, " IN (", err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_printf(&builder->sql, err,
                           "SELECT vr.id FROM \"%s\" v JOIN record vr ON vr.rid = v.rid"
                           " WHERE vr.state = 0 AND ",
                           via->name);
    }
    if (rc == JL_OK) {
        rc = put_test(builder, "v", condition, err);
    }
    return rc == JL_OK ? jl_buf_put_text(&builder->sql, ")", err) : rc;
}

/* coalesce makes "absent" a plain no, so that NOT turns it into a yes for NOT_IN. */
static enum jl_rc put_condition(struct builder *builder,
                                const struct jl_figures_condition *condition, struct jl_err *err) {
    bool negative = condition->test == JL_FILTER_NOT_IN;
    enum jl_rc rc = jl_buf_put_text(&builder->sql, negative ? " AND NOT coalesce(" : " AND (", err);
    if (rc == JL_OK && condition->via_column != NULL) {
        rc = put_via(builder, condition, err);
    } else if (rc == JL_OK) {
        rc = check_column(builder->typed, condition->column, err);
        if (rc == JL_OK) {
            rc = put_test(builder, "m", condition, err);
        }
    }
    return rc == JL_OK ? jl_buf_put_text(&builder->sql, negative ? ", 0)" : ")", err) : rc;
}

static enum jl_rc put_dates(struct builder *builder, struct jl_err *err) {
    const struct jl_figures_measure *measure = builder->measure;
    int64_t unit = measure->window_is_year ? 10000 : measure->window_is_month ? 100 : 1;
    enum jl_rc rc = JL_OK;
    if (measure->window_column != NULL) {
        rc = put_column(builder, " AND ", measure->window_column, " BETWEEN ? AND ?", err);
        if (rc == JL_OK) {
            rc = put_number(builder, measure->d0 / unit, err);
        }
        if (rc == JL_OK) {
            rc = put_number(builder, measure->d1 / unit, err);
        }
    }
    if (rc == JL_OK && measure->from_column != NULL) {
        rc = put_column(builder, " AND coalesce(", measure->from_column, " <= ?, 1)", err);
        if (rc == JL_OK) {
            rc = put_number(builder, measure->d1, err);
        }
    }
    if (rc == JL_OK && measure->until_column != NULL) {
        rc = put_column(builder, " AND coalesce(", measure->until_column, " > ?, 1)", err);
        if (rc == JL_OK) {
            rc = put_number(builder, measure->d1, err);
        }
    }
    return rc;
}

static enum jl_rc put_group(struct builder *builder, struct jl_err *err) {
    const struct jl_figures_measure *measure = builder->measure;
    switch (measure->group) {
    case JL_GROUP_NONE:
        return jl_buf_put_text(&builder->sql, "SELECT 0, ", err);
    case JL_GROUP_OFFICE:
        return jl_buf_put_text(&builder->sql, "SELECT r.owner, ", err);
    case JL_GROUP_YEAR:
        return put_column(builder, "SELECT ", measure->window_column,
                          measure->window_is_year    ? ", "
                          : measure->window_is_month ? " / 100, "
                                                     : " / 10000, ",
                          err);
    }
    return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "%s", "figure: no such grouping");
}

static enum jl_rc put_aggregate(struct builder *builder, struct jl_err *err) {
    const struct jl_figures_measure *measure = builder->measure;
    enum jl_rc rc = JL_OK;
    switch ((enum jl_aggregate)measure->aggregate) {
    case JL_AGGREGATE_COUNT:
        return jl_buf_put_text(&builder->sql, "count(*)", err);
    case JL_AGGREGATE_SUM:
        rc = put_column(builder, "coalesce(sum(", measure->column, " >> 32), 0), ", err);
        return rc == JL_OK ? put_column(builder, "coalesce(sum(", measure->column,
                                        " & 4294967295), 0)", err)
                           : rc;
    case JL_AGGREGATE_DISTINCT:
        return put_column(builder, "count(DISTINCT ", measure->column, ")", err);
    case JL_AGGREGATE_OFFICES: /* the district itself is no office */
        return jl_buf_put_text(&builder->sql, "count(DISTINCT nullif(r.owner, 0))", err);
    case JL_AGGREGATE_MEDIAN_DAYS:
        rc = put_column(builder, "", measure->column, ", ", err);
        return rc == JL_OK ? put_column(builder, "", measure->end_column, "", err) : rc;
    }
    return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "%s", "figure: no such aggregate");
}

static enum jl_rc build(struct builder *builder, struct jl_err *err) {
    const struct jl_figures_measure *measure = builder->measure;
    bool median = measure->aggregate == JL_AGGREGATE_MEDIAN_DAYS;
    enum jl_rc rc = put_group(builder, err);
    if (rc == JL_OK) {
        rc = put_aggregate(builder, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_printf(&builder->sql, err,
                           " FROM \"%s\" m JOIN record r ON r.rid = m.rid WHERE r.state = 0",
                           builder->typed->name);
    }
    if (rc == JL_OK) {
        rc = put_dates(builder, err);
    }
    for (size_t i = 0; i < measure->condition_count && rc == JL_OK; i++) {
        rc = put_condition(builder, &measure->conditions[i], err);
    }
    if (rc == JL_OK && median) {
        rc = put_column(builder, " AND ", measure->column, " IS NOT NULL", err);
    }
    if (rc == JL_OK && median) {
        rc = put_column(builder, " AND ", measure->end_column, " IS NOT NULL", err);
    }
    if (rc == JL_OK && !median && measure->group != JL_GROUP_NONE) {
        rc = jl_buf_put_text(&builder->sql, " GROUP BY 1", err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_text(&builder->sql, " ORDER BY 1", err);
    }
    if (rc == JL_OK && builder->numbers.size > JL_STORE_NUMBERS_MAX * sizeof(int64_t)) {
        rc = jl_fault_at(err, JL_LIMIT, JL_FAULT_STORE_FIGURE_NUMBERS, "%d",
                         (int)JL_STORE_NUMBERS_MAX);
    }
    return rc == JL_OK ? jl_buf_put_u8(&builder->sql, 0, err) : rc;
}

/* ---- Running ---- */

/* A sum comes as that of the upper and that of the lower 32 bits, which no number of rows that a
 * table can hold makes too large for SQLite: one group that does not fit is no fault of the others.
 * false: it does not. */
static bool add_halves(int64_t upper, int64_t lower, int64_t *out_sum) {
    upper += lower >> 32;
    lower &= UINT32_MAX;
    *out_sum = upper >= INT32_MIN && upper <= INT32_MAX ? upper * ((int64_t)1 << 32) + lower : 0;
    return upper >= INT32_MIN && upper <= INT32_MAX;
}

static enum jl_rc run_aggregate(struct jl_sql *sql, bool sum, jl_measure_fn visit, void *context,
                                struct jl_err *err) {
    bool row = false;
    enum jl_rc rc = JL_OK;
    while ((rc = jl_sql_row(sql, &row, err)) == JL_OK && row) {
        int64_t value = jl_sql_get_int(sql, 1);
        bool fits = !sum || add_halves(value, jl_sql_get_int(sql, 2), &value);
        rc = visit(context, jl_sql_get_int(sql, 0), fits ? &value : NULL, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return rc;
}

static int compare_days(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return left < right ? -1 : left > right;
}

/* Of an even number, the mean of the two in the middle without its fraction; of none, 0. */
static int64_t median(struct jl_buf *days) {
    int64_t *values = (int64_t *)(void *)days->data; /* from realloc: aligned for anything */
    size_t count = days->size / sizeof *values;
    if (count == 0) {
        return 0;
    }
    qsort(values, count, sizeof *values, compare_days);
    size_t middle = count / 2;
    return count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

static enum jl_rc visit_median(struct jl_buf *days, int64_t group, jl_measure_fn visit,
                               void *context, struct jl_err *err) {
    const int64_t value = median(days);
    return visit(context, group, &value, err);
}

static enum jl_rc run_median(struct jl_sql *sql, bool always, jl_measure_fn visit, void *context,
                             struct jl_err *err) {
    JL_AUTO(jl_buf) days = {0};
    int64_t group = 0;
    bool row = false;
    enum jl_rc rc = JL_OK;
    while ((rc = jl_sql_row(sql, &row, err)) == JL_OK && row) {
        int64_t begin = jl_sql_get_int(sql, 1);
        int64_t end = jl_sql_get_int(sql, 2);
        if (jl_sql_get_int(sql, 0) != group && days.size > 0) {
            rc = visit_median(&days, group, visit, context, err);
            jl_buf_reset(&days);
        }
        group = jl_sql_get_int(sql, 0);
        if (rc == JL_OK && jl_date_valid(begin) && jl_date_valid(end)) {
            int64_t between = jl_date_to_days(end) - jl_date_to_days(begin);
            rc = jl_buf_put(&days, &between, sizeof between, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
    }
    if (rc == JL_OK && (days.size > 0 || always)) {
        rc = visit_median(&days, group, visit, context, err);
    }
    return rc;
}

enum jl_rc jl_figures_measure(struct jl_store *store, const struct jl_figures_measure *measure,
                              jl_measure_fn visit, void *context, struct jl_err *err) {
    JL_AUTO(builder)
    builder = {.store = store, .typed = jl_typed_of(store, measure->type), .measure = measure};
    if (builder.typed == NULL) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "figure: type %u has no table",
                           (unsigned)measure->type);
    }
    enum jl_rc rc = build(&builder, err);
    JL_AUTO(jl_sql) sql = {0};
    if (rc == JL_OK) {
        rc = jl_sql_make(store, (const char *)builder.sql.data, "computing a figure", &sql, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    const int64_t *numbers = (const int64_t *)(const void *)builder.numbers.data;
    for (size_t i = 0; i < builder.numbers.size / sizeof *numbers; i++) {
        jl_sql_int(&sql, numbers[i]);
    }
    if (measure->aggregate == JL_AGGREGATE_MEDIAN_DAYS) {
        return run_median(&sql, measure->group == JL_GROUP_NONE, visit, context, err);
    }
    return run_aggregate(&sql, measure->aggregate == JL_AGGREGATE_SUM, visit, context, err);
}
