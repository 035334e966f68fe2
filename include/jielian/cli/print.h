/* The answer of a command: a JSON document, or its rows as a table.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_CLI_PRINT_H
#define JIELIAN_CLI_PRINT_H

#include "jielian/base/rc.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct jl_cli;
struct jl_document;
struct jl_rows;

/* A document that was written, and a line end, to stdout. JL_NOMEM: it is not whole, and nothing is
 * printed; JL_IO. */
JL_MUST_CHECK enum jl_rc jl_print_document(const struct jl_document *document, struct jl_err *err);
/* What is written of it so far, to stdout; its text begins anew. For long documents, between two
 * values; jl_print_document prints the rest. */
JL_MUST_CHECK enum jl_rc jl_print_part(struct jl_document *document, struct jl_err *err);
/* Rows as --json or as a table, by the same description. */
JL_MUST_CHECK enum jl_rc jl_print_rows(const struct jl_cli *cli, const struct jl_rows *rows,
                                       struct jl_err *err);

/* One JSON document and a line end: UTF-8 kept, indented by two. JL_IO. */
JL_MUST_CHECK enum jl_rc jl_print_json(const json_t *document, FILE *out, struct jl_err *err);

/* The same to stdout, and drop it; NULL is JL_NOMEM. */
JL_MUST_CHECK enum jl_rc jl_print_answer(json_t *document, struct jl_err *err);

/* An array of flat objects as a table: keys and headers in step; numbers stand right. */
struct jl_print_column {
    const char *key;
    const char *zh, *en;
    bool right;
};
JL_MUST_CHECK enum jl_rc jl_print_table(const struct jl_cli *cli, const json_t *rows,
                                        const struct jl_print_column *columns, size_t count,
                                        struct jl_err *err);

#endif
