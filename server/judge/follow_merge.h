/* What follows when two records become one, and what then arrives late (docs/design.md section 4).
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_JUDGE_FOLLOW_MERGE_H
#define JIELIAN_SERVER_JUDGE_FOLLOW_MERGE_H

#include "jielian/base/rc.h"

struct jl_apply;
struct jl_merge_result;
struct jl_op;
struct jl_touched;
struct jl_type;

/* What follows from a MERGE that was accepted. */
JL_MUST_CHECK enum jl_rc jl_follow_merge_accepted(struct jl_apply *apply, const struct jl_op *op,
                                                  struct jl_touched *kept, struct jl_err *err);
/* A deleted record is there again: if it had been merged, it is its own again. */
JL_MUST_CHECK enum jl_rc jl_follow_merge_parted(struct jl_apply *apply, struct jl_touched *touched,
                                                struct jl_err *err);
/* The living record that this one was merged into; NULL: none. */
JL_MUST_CHECK enum jl_rc jl_follow_merge_into(struct jl_apply *apply,
                                              const struct jl_touched *touched,
                                              struct jl_touched **out_kept, struct jl_err *err);

/* References that an office's op brings to records that were merged meanwhile become conflicts of
 * the result. Cost: one hash lookup a reference, nothing while no record was ever merged. */
JL_MUST_CHECK enum jl_rc jl_follow_merge_late_refs(struct jl_apply *apply, const struct jl_op *op,
                                                   const struct jl_type *type,
                                                   struct jl_merge_result *result,
                                                   struct jl_err *err);

#endif
