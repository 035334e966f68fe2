/* Heads and cells of the row at which a statement stands. Inside lib/store/sqlite only.
 *
 * Thread: the store's. */
#ifndef JIELIAN_LIB_STORE_SQLITE_RECORDS_H
#define JIELIAN_LIB_STORE_SQLITE_RECORDS_H

#include "jielian/base/rc.h"

#include <stddef.h>

struct jl_arena;
struct jl_head;
struct jl_sql;
struct jl_value;

/* arena NULL: bytes are borrowed from the statement's row. */
JL_MUST_CHECK enum jl_rc jl_records_read_head(const struct jl_sql *sql, struct jl_arena *arena,
                                              struct jl_head *out_head, struct jl_err *err);
/* Values of the columns from `first` on. */
JL_MUST_CHECK enum jl_rc jl_records_read_cells(const struct jl_sql *sql, int first, size_t count,
                                               struct jl_value *out_cells, struct jl_err *err);

#endif
