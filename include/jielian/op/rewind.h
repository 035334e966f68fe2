/* Taking one op back, as far as the record still is what the op made of it (the table of undo.h).
 *
 * Thread: any. */
#ifndef JIELIAN_OP_REWIND_H
#define JIELIAN_OP_REWIND_H

#include "jielian/base/id.h"
#include "jielian/base/row.h"

struct jl_op;

struct jl_rewind {
    struct jl_row row; /* going backwards */
    bool live;
    bool moved; /* something was changed since and stays */
    bool touched;
    struct jl_id merged_into; /* what it was merged into, and comes back from; zero: nothing */
};

/* Take one op back, as far as the record still is what the op made of it. */
JL_MUST_CHECK enum jl_rc jl_rewind_op(const struct jl_op *op, struct jl_rewind *rewind,
                                      struct jl_arena *arena, struct jl_err *err);

#endif
