/* The parts of a merge's plan, for merging*.c. Inside the plan's transaction.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_LIB_DESK_MERGING_H
#define JIELIAN_LIB_DESK_MERGING_H

#include "jielian/desk/merging.h"

static inline bool jl_merging_at_office(const struct jl_merging *of) {
    return of->desk->books->side == JL_SIDE_OFFICE;
}

/* ---- merging.c ---- */

JL_MUST_CHECK enum jl_rc jl_merging_add(struct jl_merging *merging, const struct jl_change *change,
                                        struct jl_err *err);

/* ---- merging_fields.c ---- */

/* Choose every field; after is the kept record as it will be. */
JL_MUST_CHECK enum jl_rc jl_merging_choose(struct jl_merging *merging, struct jl_err *err);

/* ---- merging_refs.c ---- */

/* Find what refers to the one that goes; appends the changes. Inside a transaction. */
JL_MUST_CHECK enum jl_rc jl_merging_find_refs(struct jl_merging *merging, struct jl_err *err);

#endif
