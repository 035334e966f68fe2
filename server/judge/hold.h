/* Ops that wait while a restore is open: for a record that may still come back.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_JUDGE_HOLD_H
#define JIELIAN_SERVER_JUDGE_HOLD_H

#include "jielian/base/rc.h"
#include "jielian/op/merge.h"

struct jl_apply;
struct jl_case_note;
struct jl_head;
struct jl_record_key;

enum jl_waits jl_hold_kind(const struct jl_apply *apply, const struct jl_op *op);
/* For a delete that may have to wait: what its record met since the restore, input->behind and
 * by_other_since. head: of the record as stored. */
JL_MUST_CHECK enum jl_rc jl_hold_look_around(struct jl_apply *apply, size_t index,
                                             const struct jl_head *head,
                                             struct jl_merge_input *input, struct jl_err *err);
/* Note that op `index` waits for this record. Its case is put. */
JL_MUST_CHECK enum jl_rc jl_hold_op(struct jl_apply *apply, size_t index,
                                    const struct jl_record_key *misses,
                                    const struct jl_case_note *note, struct jl_err *err);
/* It was released, and judged. note NULL: its case is done; else the case says this from now on. */
JL_MUST_CHECK enum jl_rc jl_hold_end(struct jl_apply *apply, size_t index,
                                     const struct jl_case_note *note, struct jl_err *err);
/* Has a person closed the case of this held op? Then it is not judged any more. */
JL_MUST_CHECK enum jl_rc jl_hold_given_up(struct jl_apply *apply, size_t index, bool *out_given_up,
                                          struct jl_err *err);

#endif
