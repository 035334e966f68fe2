/* Values that only one record should have. Inside the caller's transaction.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_DESK_UNIQUE_H
#define JIELIAN_DESK_UNIQUE_H

#include "jielian/base/rc.h"

struct jl_desk;
struct jl_id;
struct jl_problems;
struct jl_row;
struct jl_type;

/* A natural key that is one text: does another living record have it in another form? *out_id: that
 * one; zero: none. */
JL_MUST_CHECK enum jl_rc jl_unique_find_twin(struct jl_desk *desk, const struct jl_type *type,
                                             const struct jl_row *row, struct jl_id *out_id,
                                             struct jl_err *err);

enum {
    JL_PHONE_SHARED = 3
}; /* docs/domain.md section 2: more people than this on one phone is a warning */

/* Warnings about values that another living record holds, for fields that differ from `before`
 * (NULL: all). Phones warn when more than three people share one. */
JL_MUST_CHECK enum jl_rc jl_unique_warn(struct jl_desk *desk, const struct jl_type *type,
                                        const struct jl_row *before, const struct jl_row *row,
                                        struct jl_problems *problems, struct jl_err *err);

#endif
