/* An office's merge of its own records: the ops that are part of one, and what makes one of two.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_JUDGE_OWN_MERGE_H
#define JIELIAN_SERVER_JUDGE_OWN_MERGE_H

#include "jielian/base/rc.h"
#include "jielian/op/merge.h"

struct jl_apply;
struct jl_objection;
struct jl_touched;

/* Does the op say that it is part of one, or of its undo? */
bool jl_own_merge_has(const struct jl_apply *apply, const struct jl_op *op);
/* May it be? out_objection->reason NULL: yes. Cost: see JL_OWN_MERGE_BATCH_MAX. */
JL_MUST_CHECK enum jl_rc jl_own_merge_check(struct jl_apply *apply, const struct jl_op *op,
                                            const struct jl_type *type,
                                            const struct jl_touched *touched, enum jl_waits waits,
                                            struct jl_objection *out_objection, struct jl_err *err);
/* The op was taken: the district's MERGE, and the delete in an office's, make one of two. */
JL_MUST_CHECK enum jl_rc jl_own_merge_follow(struct jl_apply *apply, const struct jl_op *op,
                                             const struct jl_type *type, struct jl_touched *touched,
                                             enum jl_merge_effect effect, struct jl_err *err);
/* Does the op undo the merge of its record, and has its author's office made that? */
JL_MUST_CHECK enum jl_rc jl_own_merge_undoes(struct jl_apply *apply, const struct jl_op *op,
                                             const struct jl_touched *touched, bool *out_unmerges,
                                             struct jl_err *err);

#endif
