/* Tables for people, on a terminal or in a pipe. The first rows set the columns' widths; from then
 * on each row is printed as it comes.
 *
 * Thread: one. */
#ifndef JIELIAN_CLI_TABLE_H
#define JIELIAN_CLI_TABLE_H

#include "jielian/base/arena.h"
#include "jielian/base/buf.h"

#include <stdio.h>

enum {
    JL_TABLE_COLUMNS_MAX = 64,
};

struct jl_table {
    FILE *out;
    size_t column_count;
    bool right[JL_TABLE_COLUMNS_MAX]; /* numbers; set between init and the first cell */
    size_t widths[JL_TABLE_COLUMNS_MAX];
    struct jl_bytes *cells; /* of the sample, row by row */
    size_t cell_count;
    bool flowing; /* the sample is printed: rows go out as they come */
    struct jl_arena arena;
    struct jl_buf line;
};

JL_MUST_CHECK enum jl_rc jl_table_init(struct jl_table *table, FILE *out,
                                       const char *const *headers, size_t count,
                                       struct jl_err *err);
/* The next cell, left to right; a row ends with its last column. */
JL_MUST_CHECK enum jl_rc jl_table_cell(struct jl_table *table, struct jl_bytes text,
                                       struct jl_err *err);
/* Print what is still held. JL_IO when out fails. */
JL_MUST_CHECK enum jl_rc jl_table_end(struct jl_table *table, struct jl_err *err);
void jl_table_fini(struct jl_table *table);

#endif
