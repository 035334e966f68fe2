/* A report as a table: one line per figure, one column per office or year. */
#include "jielian/cli/print_report.h"
#include "jielian/base/language.h"
#include "jielian/cli/table.h"
#include "jielian/desk/report.h"

#include <inttypes.h>
#include <string.h>

enum { COLUMNS_FIXED = 5 };

struct columns {
    const char *headers[JL_TABLE_COLUMNS_MAX];
    size_t count;
};

/* Every group that any figure has, in the order they come. */
static void collect(const json_t *figures, const char *split, struct columns *columns) {
    size_t index = 0;
    json_t *figure = NULL;
    json_array_foreach(figures, index, figure) {
        const char *name = NULL;
        json_t *value = NULL;
        json_t *groups = json_object_get(figure, split);
        json_object_foreach(groups, name, value) {
            bool known = false;
            for (size_t i = COLUMNS_FIXED; i < columns->count; i++) {
                known = known || strcmp(columns->headers[i], name) == 0;
            }
            if (!known && columns->count < JL_TABLE_COLUMNS_MAX) {
                columns->headers[columns->count++] = name;
            }
        }
    }
}

static enum jl_rc put_number(struct jl_table *table, const json_t *number, struct jl_err *err) {
    char text[48];
    if (json_is_integer(number)) {
        (void)snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(number));
    } else if (json_is_real(number)) {
        (void)snprintf(text, sizeof text, "%.2f", json_real_value(number));
    } else {
        (void)snprintf(text, sizeof text, "%s", "—");
    }
    return jl_table_cell(table, jl_bytes_text(text), err);
}

static enum jl_rc put_text(struct jl_table *table, const json_t *figure, const char *key,
                           struct jl_err *err) {
    return jl_table_cell(table, jl_bytes_text(json_string_value(json_object_get(figure, key))),
                         err);
}

/* The phrase, and the note behind it when there is one: 覆盖千余家（未去重）; of a figure that has
 * none, why. */
static enum jl_rc put_phrase(struct jl_table *table, const json_t *figure, struct jl_err *err) {
    const char *phrase = json_string_value(json_object_get(figure, "phrase"));
    const char *note = json_string_value(json_object_get(figure, "note"));
    const char *error = json_string_value(json_object_get(figure, "error"));
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = jl_buf_put_text(&text, phrase == NULL ? "" : phrase, err);
    if (rc == JL_OK && error != NULL) {
        rc = jl_buf_printf(&text, err, "%s%s", text.size > 0 ? " " : "", error);
    }
    if (rc == JL_OK && note != NULL) {
        rc = jl_buf_printf(&text, err, "（%s）", note);
    }
    return rc == JL_OK ? jl_table_cell(table, jl_buf_bytes(&text), err) : rc;
}

static enum jl_rc put_figure(struct jl_table *table, const json_t *figure, const char *split,
                             const struct columns *columns, struct jl_err *err) {
    enum jl_rc rc = put_text(table, figure, "key", err);
    if (rc == JL_OK) {
        rc = put_text(table, figure, "label", err);
    }
    if (rc == JL_OK) {
        rc = put_number(table, json_object_get(figure, "value"), err);
    }
    if (rc == JL_OK) {
        rc = put_text(table, figure, "unit", err);
    }
    if (rc == JL_OK) {
        rc = put_phrase(table, figure, err);
    }
    for (size_t i = COLUMNS_FIXED; rc == JL_OK && i < columns->count; i++) {
        const json_t *groups = json_object_get(figure, split);
        rc = put_number(table, json_object_get(groups, columns->headers[i]), err);
    }
    return rc;
}

enum jl_rc jl_print_report(const json_t *figures, const struct jl_report_options *options,
                           FILE *out, struct jl_err *err) {
    const char *split = options->by_office ? "by_office" : "by_year";
    enum jl_language language = options->language;
    struct columns columns = {
        .headers = {JL_ZH_EN(language, "编号", "key"), JL_ZH_EN(language, "指标", "figure"),
                    JL_ZH_EN(language, "数值", "value"), JL_ZH_EN(language, "单位", "unit"),
                    JL_ZH_EN(language, "表述", "phrase")},
        .count = COLUMNS_FIXED};
    if (options->by_office || options->by_year) {
        collect(figures, split, &columns);
    }
    JL_AUTO(jl_table) table = {0};
    enum jl_rc rc = jl_table_init(&table, out, columns.headers, columns.count, err);
    table.right[2] = true;
    for (size_t i = COLUMNS_FIXED; i < columns.count; i++) {
        table.right[i] = true;
    }
    size_t index = 0;
    json_t *figure = NULL;
    json_array_foreach(figures, index, figure) {
        if (rc == JL_OK) {
            rc = put_figure(&table, figure, split, &columns, err);
        }
    }
    return rc == JL_OK ? jl_table_end(&table, err) : rc;
}
