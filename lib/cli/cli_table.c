/* Plain text for terminals: widths, tables, progress.
 *
 * A table holds its first rows, takes the columns' widths from them, and from then on prints each
 * row as it comes, so that a list of any length needs little memory. */
#include "jielian/base/assert.h"
#include "jielian/base/utf8.h"
#include "jielian/cli/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unistd.h>

enum {
    ELLIPSIS = 0x2026,
    GAP = 2, /* places between columns */
    METER_EVERY_MS = 200,
};

/* ---- Widths ---- */

/* Characters that could drive a terminal or turn the direction of what follows. */
static bool is_unsafe(uint32_t code_point) {
    int8_t kind = u_charType((UChar32)code_point);
    return kind == U_CONTROL_CHAR || kind == U_LINE_SEPARATOR || kind == U_PARAGRAPH_SEPARATOR ||
           (code_point >= 0x202A && code_point <= 0x202E) ||
           (code_point >= 0x2066 && code_point <= 0x2069);
}

static size_t places(uint32_t code_point) {
    if (code_point < 0x7F) {
        return 1;
    }
    int8_t kind = u_charType((UChar32)code_point);
    if (kind == U_NON_SPACING_MARK || kind == U_ENCLOSING_MARK || kind == U_FORMAT_CHAR) {
        return is_unsafe(code_point) ? 1 : 0;
    }
    int width = u_getIntPropertyValue((UChar32)code_point, UCHAR_EAST_ASIAN_WIDTH);
    return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

size_t jl_text_width(struct jl_bytes text) {
    size_t width = 0;
    uint32_t code_point = 0;
    while (jl_utf8_next(&text, &code_point)) {
        width += places(code_point);
    }
    return width + text.size; /* malformed bytes, one place each */
}

enum jl_rc jl_text_fit(struct jl_bytes text, size_t width, struct jl_buf *out, struct jl_err *err) {
    size_t room = width == 0 || jl_text_width(text) <= width ? SIZE_MAX : width - 1;
    bool cut = room != SIZE_MAX;
    enum jl_rc rc = JL_OK;
    while (rc == JL_OK && text.size > 0) {
        uint32_t code_point = 0;
        if (!jl_utf8_next(&text, &code_point)) {
            code_point = '?';
            text = jl_bytes(text.data + 1, text.size - 1);
        }
        code_point = is_unsafe(code_point) ? ' ' : code_point;
        size_t needed = places(code_point);
        if (needed > room) {
            break;
        }
        room -= cut ? needed : 0;
        rc = jl_utf8_put(out, code_point, err);
    }
    return rc == JL_OK && cut ? jl_utf8_put(out, ELLIPSIS, err) : rc;
}

/* ---- Tables ---- */

enum jl_rc jl_table_init(struct jl_table *table, FILE *out, const char *const *headers,
                         size_t count, struct jl_err *err) {
    JL_ASSERT(count > 0 && count <= JL_TABLE_COLUMNS_MAX);
    *table = (struct jl_table){.out = out, .column_count = count};
    table->cells =
        jl_arena_zalloc(&table->arena, (JL_TABLE_SAMPLE_ROWS + 1) * count, sizeof *table->cells);
    if (table->cells == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for a table");
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
    size_t own = jl_text_width(text);
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
        rc =
            jl_fail(err, JL_IO, "writing a table: %s: check the disk or the pipe", strerror(errno));
    }
    jl_buf_reset(&table->line);
    return rc;
}

static enum jl_rc print_sample(struct jl_table *table, struct jl_err *err) {
    table->flowing = true;
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t width = jl_text_width(table->cells[i]);
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
    enum jl_rc rc = jl_text_fit(text, JL_TABLE_WIDTH_MAX, &fitted, err);
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
        rc = jl_fail(err, JL_IO, "writing a table: check the disk or the pipe");
    }
    return rc;
}

void jl_table_fini(struct jl_table *table) {
    jl_arena_fini(&table->arena);
    jl_buf_fini(&table->line);
}

/* ---- Progress ---- */

void jl_meter_init(struct jl_meter *meter, const struct jl_cli *cli) {
    *meter = (struct jl_meter){.shown = !cli->json && isatty(STDERR_FILENO) == 1,
                               .language = cli->language,
                               .clock = jl_clock_system()};
    meter->start_ms = meter->clock.steady_ms(meter->clock.context);
}

void jl_meter_step(void *context, uint64_t done, uint64_t total) {
    struct jl_meter *meter = context;
    if (!meter->shown) {
        return;
    }
    int64_t now_ms = meter->clock.steady_ms(meter->clock.context);
    int64_t spent_ms = now_ms - meter->start_ms;
    if (spent_ms <= 0 || now_ms - meter->last_ms < METER_EVERY_MS) {
        return;
    }
    meter->last_ms = now_ms;
    double rate = (double)done * 1000.0 / (double)spent_ms;
    uint64_t left_s = rate > 0 && total > done ? (uint64_t)((double)(total - done) / rate) + 1 : 0;
    (void)fprintf(stderr,
                  JL_ZH_EN(meter->language,
                           "\r%" PRIu64 " 行，每秒 %.0f 行，还要约 %" PRIu64 " 秒\x1b[K",
                           "\r%" PRIu64 " rows, %.0f rows/s, about %" PRIu64 " s left\x1b[K"),
                  done, rate, left_s);
}

void jl_meter_end(struct jl_meter *meter) {
    if (meter->shown && meter->last_ms != 0) {
        (void)fputs("\r\x1b[K", stderr);
    }
    meter->shown = false;
}

/* ---- Objects ---- */

static enum jl_rc put_value(struct jl_table *table, const json_t *value, struct jl_err *err) {
    char number[32];
    if (json_is_integer(value)) {
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return jl_table_cell(table, jl_bytes_text(number), err);
    }
    const char *text = json_string_value(value);
    return jl_table_cell(table, jl_bytes_text(text != NULL ? text : ""), err);
}

enum jl_rc jl_answer_table(const struct jl_cli *cli, const json_t *rows,
                           const struct jl_answer_column *columns, size_t count,
                           struct jl_err *err) {
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
