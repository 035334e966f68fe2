/* Tables for people.
 *
 * A table holds its first rows, takes the columns' widths from them, and from then on prints each
 * row as it comes, so that a list of any length needs little memory. */
#include "jielian/cli/table.h"
#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/utf8.h"
#include "jielian/cli/cli.h"
#include "jielian/cli/terminal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unistd.h>

enum {
    GAP = 2, /* places between columns */
};

enum jl_rc jl_table_init(struct jl_table *table, FILE *out, const char *const *headers,
                         size_t count, struct jl_err *err) {
    JL_ASSERT(count > 0 && count <= JL_TABLE_COLUMNS_MAX);
    *table = (struct jl_table){.out = out, .column_count = count};
    table->cells =
        jl_arena_zalloc(&table->arena, (JL_TABLE_SAMPLE_ROWS + 1) * count, sizeof *table->cells);
    if (table->cells == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        enum jl_rc rc = jl_table_cell(table, jl_bytes_text(headers[i]), err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

static enum jl_rc put_spaces(struct jl_buf *out, size_t count, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = jl_buf_put_u8(out, ' ', err);
    }
    return rc;
}

/* One cell into the line; nothing is padded behind the last column. */
static enum jl_rc put_cell(struct jl_table *table, size_t column, struct jl_bytes text,
                           struct jl_err *err) {
    size_t own = jl_terminal_width(text);
    size_t pad = table->widths[column] > own ? table->widths[column] - own : 0;
    bool last = column + 1 == table->column_count;
    enum jl_rc rc = table->right[column] ? put_spaces(&table->line, pad, err) : JL_OK;
    if (rc == JL_OK) {
        rc = jl_buf_put(&table->line, text.data, text.size, err);
    }
    if (rc == JL_OK && !last) {
        rc = put_spaces(&table->line, GAP + (table->right[column] ? 0 : pad), err);
    }
    return rc;
}

static enum jl_rc print_line(struct jl_table *table, struct jl_err *err) {
    while (table->line.size > 0 && table->line.data[table->line.size - 1] == ' ') {
        table->line.size--;
    }
    enum jl_rc rc = jl_buf_put_u8(&table->line, '\n', err);
    if (rc == JL_OK &&
        fwrite(table->line.data, 1, table->line.size, table->out) != table->line.size) {
        rc = jl_fault_system(err, JL_IO, JL_FAULT_OUTPUT, errno, "%s", "");
    }
    jl_buf_reset(&table->line);
    return rc;
}

static enum jl_rc print_sample(struct jl_table *table, struct jl_err *err) {
    table->flowing = true;
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t width = jl_terminal_width(table->cells[i]);
        size_t *widest = &table->widths[i % table->column_count];
        *widest = width > *widest ? width : *widest;
    }
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < table->cell_count; i++) {
        size_t column = i % table->column_count;
        rc = put_cell(table, column, table->cells[i], err);
        if (rc == JL_OK && column + 1 == table->column_count) {
            rc = print_line(table, err);
        }
    }
    table->cell_count %= table->column_count;
    return rc;
}

enum jl_rc jl_table_cell(struct jl_table *table, struct jl_bytes text, struct jl_err *err) {
    JL_AUTO(jl_buf) fitted = {0};
    enum jl_rc rc = jl_terminal_fit(text, JL_TABLE_WIDTH_MAX, &fitted, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (table->flowing) {
        size_t column = table->cell_count++ % table->column_count;
        rc = put_cell(table, column, jl_buf_bytes(&fitted), err);
        return rc == JL_OK && column + 1 == table->column_count ? print_line(table, err) : rc;
    }
    rc = jl_arena_dup(&table->arena, jl_buf_bytes(&fitted), &table->cells[table->cell_count], err);
    if (rc == JL_OK) {
        table->cell_count++;
    }
    if (rc == JL_OK && table->cell_count == (JL_TABLE_SAMPLE_ROWS + 1) * table->column_count) {
        rc = print_sample(table, err);
    }
    return rc;
}

enum jl_rc jl_table_end(struct jl_table *table, struct jl_err *err) {
    enum jl_rc rc = table->flowing ? JL_OK : print_sample(table, err);
    JL_ASSERT(rc != JL_OK || table->cell_count % table->column_count == 0);
    if (rc == JL_OK && ferror(table->out)) {
        rc = jl_fault(err, JL_IO, JL_FAULT_OUTPUT_END);
    }
    return rc;
}

void jl_table_fini(struct jl_table *table) {
    jl_arena_fini(&table->arena);
    jl_buf_fini(&table->line);
}
