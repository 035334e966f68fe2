/* A report as a table: one line per figure, one column per office or year. */
#include "jielian/command/report_print.h"
#include "jielian/cli/table.h"
#include "jielian/desk/report.h"

#include <inttypes.h>
#include <string.h>

enum { COLUMNS_FIXED = 5 };

struct columns {
    const char *headers[JL_TABLE_COLUMNS_MAX];
    size_t count;
};

static const struct jl_report_split *split_of(const struct jl_report *report,
                                              const struct jl_report_figure *figure) {
    return report->by_office ? &figure->by_office : &figure->by_year;
}

static const struct jl_report_group *group_named(const struct jl_report_split *split,
                                                 const char *name) {
    for (size_t i = 0; i < split->count; i++) {
        if (strcmp(split->groups[i].name, name) == 0) {
            return &split->groups[i];
        }
    }
    return NULL;
}

/* Every group that any figure has, in the order they come. */
static void collect(const struct jl_report *report, struct columns *columns) {
    for (size_t i = 0; i < report->count; i++) {
        const struct jl_report_split *split = split_of(report, &report->figures[i]);
        for (size_t j = 0; j < split->count; j++) {
            const char *name = split->groups[j].name;
            bool known = false;
            for (size_t k = COLUMNS_FIXED; k < columns->count; k++) {
                known = known || strcmp(columns->headers[k], name) == 0;
            }
            if (!known && columns->count < JL_TABLE_COLUMNS_MAX) {
                columns->headers[columns->count++] = name;
            }
        }
    }
}

static enum jl_rc put_number(struct jl_table *table, const struct jl_report_figure *figure,
                             bool known, int64_t value, struct jl_err *err) {
    char text[48] = "—";
    bool cents = figure->hundredths && value % 100 != 0;
    if (known && cents) {
        (void)snprintf(text, sizeof text, "%.2f", (double)value / 100.0);
    } else if (known) {
        (void)snprintf(text, sizeof text, "%" PRId64, figure->hundredths ? value / 100 : value);
    }
    return jl_table_cell(table, jl_bytes_text(text), err);
}

/* The phrase, and the note behind it when there is one: 覆盖千余家（未去重）; of a figure that has
 * none, why. */
static enum jl_rc put_phrase(struct jl_table *table, const struct jl_report_figure *figure,
                             struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = jl_buf_put_text(&text, figure->phrase == NULL ? "" : figure->phrase, err);
    if (rc == JL_OK && figure->error != NULL) {
        rc = jl_buf_printf(&text, err, "%s%s", text.size > 0 ? " " : "", figure->error);
    }
    if (rc == JL_OK && figure->note != NULL) {
        rc = jl_buf_printf(&text, err, "（%s）", figure->note);
    }
    return rc == JL_OK ? jl_table_cell(table, jl_buf_bytes(&text), err) : rc;
}

static enum jl_rc put_figure(struct jl_table *table, const struct jl_report *report,
                             const struct jl_report_figure *figure, const struct columns *columns,
                             struct jl_err *err) {
    enum jl_rc rc = jl_table_cell(table, jl_bytes_text(figure->key), err);
    if (rc == JL_OK) {
        rc = jl_table_cell(table, jl_bytes_text(figure->label), err);
    }
    if (rc == JL_OK) {
        rc = put_number(table, figure, figure->known, figure->value, err);
    }
    if (rc == JL_OK) {
        rc = jl_table_cell(table, jl_bytes_text(figure->unit), err);
    }
    if (rc == JL_OK) {
        rc = put_phrase(table, figure, err);
    }
    for (size_t i = COLUMNS_FIXED; rc == JL_OK && i < columns->count; i++) {
        const struct jl_report_group *group =
            group_named(split_of(report, figure), columns->headers[i]);
        rc = put_number(table, figure, group != NULL && group->known,
                        group != NULL ? group->value : 0, err);
    }
    return rc;
}

enum jl_rc jl_report_print(const struct jl_report *report, enum jl_language language, FILE *out,
                           struct jl_err *err) {
    struct columns columns = {
        .headers = {JL_ZH_EN(language, "编号", "key"), JL_ZH_EN(language, "指标", "figure"),
                    JL_ZH_EN(language, "数值", "value"), JL_ZH_EN(language, "单位", "unit"),
                    JL_ZH_EN(language, "表述", "phrase")},
        .count = COLUMNS_FIXED};
    if (report->by_office || report->by_year) {
        collect(report, &columns);
    }
    JL_AUTO(jl_table) table = {0};
    enum jl_rc rc = jl_table_init(&table, out, columns.headers, columns.count, err);
    table.right[2] = true;
    for (size_t i = COLUMNS_FIXED; i < columns.count; i++) {
        table.right[i] = true;
    }
    for (size_t i = 0; rc == JL_OK && i < report->count; i++) {
        rc = put_figure(&table, report, &report->figures[i], &columns, err);
    }
    return rc == JL_OK ? jl_table_end(&table, err) : rc;
}
