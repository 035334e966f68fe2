/* Base rows: the district's row under a record that has ops without a verdict. Inside the open
 * write transaction.
 *
 * Thread: that of the office. */
#ifndef JIELIAN_CLIENT_BOOKS_BASE_ROWS_H
#define JIELIAN_CLIENT_BOOKS_BASE_ROWS_H

#include "jielian/base/rc.h"

#include <stdbool.h>
#include <stddef.h>

struct jl_arena;
struct jl_head;
struct jl_office;
struct jl_row;

/* The district's row underneath; *out_found false: it has none. */
JL_MUST_CHECK enum jl_rc jl_base_row_get(struct jl_office *office, const struct jl_head *head,
                                         struct jl_arena *arena, struct jl_row *out_row,
                                         bool *out_found, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_base_row_put(struct jl_office *office, int64_t rid,
                                         const struct jl_row *row, struct jl_err *err);
/* The ops from first to last (positions) have just been confirmed: records with others behind them
 * have them in their bases from now on. */
JL_MUST_CHECK enum jl_rc jl_base_rows_follow(struct jl_office *office, uint64_t first,
                                             uint64_t last, struct jl_arena *arena,
                                             struct jl_err *err);

/* Show base plus the ops without a verdict again. */
JL_MUST_CHECK enum jl_rc jl_base_rows_show(struct jl_office *office, int64_t rid,
                                           struct jl_arena *arena, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_base_rows_lay_pending(struct jl_office *office, int64_t rid,
                                                  struct jl_arena *arena, struct jl_row *row,
                                                  size_t *out_laid, struct jl_err *err);

#endif
