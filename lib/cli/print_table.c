/* An array of flat objects as a table for people. */
#include "jielian/base/assert.h"
#include "jielian/cli/cli.h"
#include "jielian/cli/print.h"
#include "jielian/cli/table.h"

#include <stdio.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unistd.h>

static enum jl_rc put_value(struct jl_table *table, const json_t *value, struct jl_err *err) {
    char number[32];
    if (json_is_integer(value)) {
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return jl_table_cell(table, jl_bytes_text(number), err);
    }
    const char *text = json_string_value(value);
    return jl_table_cell(table, jl_bytes_text(text != NULL ? text : ""), err);
}

enum jl_rc jl_print_table(const struct jl_cli *cli, const json_t *rows,
                          const struct jl_print_column *columns, size_t count, struct jl_err *err) {
    const char *headers[JL_TABLE_COLUMNS_MAX] = {0};
    JL_AUTO(jl_table) table = {0};
    size_t index = 0;
    const json_t *row = NULL;
    JL_ASSERT(count <= JL_TABLE_COLUMNS_MAX);
    for (size_t i = 0; i < count; i++) {
        headers[i] = cli->language == JL_LANGUAGE_EN ? columns[i].en : columns[i].zh;
    }
    enum jl_rc rc = jl_table_init(&table, stdout, headers, count, err);
    for (size_t i = 0; i < count; i++) {
        table.right[i] = columns[i].right;
    }
    json_array_foreach(rows, index, row) {
        for (size_t i = 0; rc == JL_OK && i < count; i++) {
            rc = put_value(&table, json_object_get(row, columns[i].key), err);
        }
    }
    return rc == JL_OK ? jl_table_end(&table, err) : rc;
}
