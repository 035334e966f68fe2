/* Rows as a JSON document or as a table for people. */
#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/cli/cli.h"
#include "jielian/cli/print.h"
#include "jielian/cli/table.h"
#include "jielian/json/column.h"
#include "jielian/json/document.h"

#include <errno.h>
#include <string.h>

static enum jl_rc print_text(const struct jl_document *document, bool last, struct jl_err *err) {
    enum jl_rc rc = jl_document_check(document, err);
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_bytes text = jl_buf_bytes(&document->text);
    if (fwrite(text.data, 1, text.size, stdout) != text.size ||
        (last && fputc('\n', stdout) == EOF)) {
        return jl_fault_system(err, JL_IO, JL_FAULT_OUTPUT, errno, "%s", "");
    }
    return JL_OK;
}

enum jl_rc jl_print_document(const struct jl_document *document, struct jl_err *err) {
    return print_text(document, true, err);
}

enum jl_rc jl_print_part(struct jl_document *document, struct jl_err *err) {
    enum jl_rc rc = print_text(document, false, err);
    jl_buf_reset(&document->text);
    return rc;
}

static enum jl_rc print_as_json(const struct jl_rows *rows, struct jl_err *err) {
    JL_AUTO(jl_document) document = {0};
    jl_column_write_rows(rows, NULL, &document);
    return jl_print_document(&document, err);
}

static enum jl_rc put_row(struct jl_table *table, const struct jl_cli *cli,
                          const struct jl_rows *rows, const void *row, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < rows->column_count; i++) {
        JL_AUTO(jl_buf) text = {0};
        if (rows->columns[i].zh != NULL) {
            rc = jl_column_text(&rows->columns[i], row, cli->language, &text, err);
            rc = rc == JL_OK ? jl_table_cell(table, jl_buf_bytes(&text), err) : rc;
        }
    }
    return rc;
}

static enum jl_rc print_as_table(const struct jl_cli *cli, const struct jl_rows *rows,
                                 struct jl_err *err) {
    const char *headers[JL_TABLE_COLUMNS_MAX];
    bool right[JL_TABLE_COLUMNS_MAX];
    size_t count = 0;
    JL_AUTO(jl_table) table = {0};
    for (size_t i = 0; i < rows->column_count; i++) {
        const struct jl_column *column = &rows->columns[i];
        if (column->zh != NULL) {
            JL_ASSERT(count < JL_TABLE_COLUMNS_MAX);
            right[count] = jl_column_right(column);
            headers[count++] = JL_ZH_EN(cli->language, column->zh, column->en);
        }
    }
    enum jl_rc rc = jl_table_init(&table, stdout, headers, count, err);
    memcpy(table.right, right, count * sizeof *right);
    for (size_t i = 0; rc == JL_OK && i < rows->count; i++) {
        rc = put_row(&table, cli, rows, (const unsigned char *)rows->rows + i * rows->row_bytes,
                     err);
    }
    return rc == JL_OK ? jl_table_end(&table, err) : rc;
}

enum jl_rc jl_print_rows(const struct jl_cli *cli, const struct jl_rows *rows, struct jl_err *err) {
    return cli->json ? print_as_json(rows, err) : print_as_table(cli, rows, err);
}
