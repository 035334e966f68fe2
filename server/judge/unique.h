/* Unique fields: two living records with one value both stay, and a person decides.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_JUDGE_UNIQUE_H
#define JIELIAN_SERVER_JUDGE_UNIQUE_H

#include "jielian/base/rc.h"
#include "jielian/op/op.h"

struct jl_apply;
struct jl_touched;

/* Look up, once for the whole batch, which unique values other records have already. */
JL_MUST_CHECK enum jl_rc jl_unique_find(struct jl_apply *apply, struct jl_err *err);
/* The record was changed by this op: when another living record has the same unique value, both
 * stay, a case is opened and *verdict becomes CASE. */
JL_MUST_CHECK enum jl_rc jl_unique_check(struct jl_apply *apply, size_t index,
                                         const struct jl_type *type, struct jl_touched *touched,
                                         enum jl_verdict_code *verdict, struct jl_err *err);

#endif
