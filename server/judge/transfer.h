/* What transfers need and what follows from them: names and days, the member's move, asking
 * somebody in, and the cases of steps that are overdue.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_JUDGE_TRANSFER_H
#define JIELIAN_SERVER_JUDGE_TRANSFER_H

#include "jielian/base/rc.h"
#include "jielian/op/merge.h"

struct jl_apply;
struct jl_district;
struct jl_objection;
struct jl_touched;

/* What follows from asking somebody in: server/judge/transfer_ask.c. Nothing for ops of other
 * types. */
JL_MUST_CHECK enum jl_rc jl_transfer_asked(struct jl_apply *apply, const struct jl_op *op,
                                           const struct jl_touched *touched,
                                           enum jl_merge_effect effect, struct jl_err *err);

/* May this new transfer be asked for? out_objection->reason NULL: yes. */
JL_MUST_CHECK enum jl_rc jl_transfer_fits(struct jl_apply *apply, const struct jl_type *type,
                                          const struct jl_row *row,
                                          struct jl_objection *out_objection, struct jl_err *err);
/* What follows from an accepted transfer: names and days are filled in, and one that was received
 * moves its member. before: the row that the op found living; NULL: none. effect: of the op. */
JL_MUST_CHECK enum jl_rc jl_transfer_follow_up(struct jl_apply *apply, const struct jl_type *type,
                                               struct jl_touched *touched,
                                               const struct jl_row *before,
                                               enum jl_merge_effect effect, struct jl_err *err);
/* The case of a step that was overdue closes when the step is left. */
JL_MUST_CHECK enum jl_rc jl_transfer_close_step(struct jl_apply *apply,
                                                const struct jl_id *transfer, int64_t status,
                                                struct jl_err *err);

#endif
