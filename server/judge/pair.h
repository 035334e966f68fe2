/* Cases about two records that may be one, at the district and at their offices.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_JUDGE_PAIR_H
#define JIELIAN_SERVER_JUDGE_PAIR_H

#include "jielian/base/rc.h"

#include <stdbool.h>

struct jl_apply;
struct jl_case_note;
struct jl_id;
struct jl_op;
struct jl_touched;

/* The note is about two records that may be one (note->subject, note->other). *out_asks: a person
 * must decide; false: one has said already that they are different. */
JL_MUST_CHECK enum jl_rc jl_pair_ask(struct jl_apply *apply, const struct jl_case_note *note,
                                     bool *out_asks, struct jl_err *err);

/* The op changed this case: if it is the district's own of a pair, and decided now, the offices'
 * cases follow. */
JL_MUST_CHECK enum jl_rc jl_pair_decided(struct jl_apply *apply, const struct jl_op *op,
                                         const struct jl_touched *touched, struct jl_err *err);
/* The two records of a MERGE were one: their case is done. */
JL_MUST_CHECK enum jl_rc jl_pair_merged(struct jl_apply *apply, const struct jl_op *op,
                                        struct jl_err *err);
/* They are two again, as before the merge: a case that it closed is open again. */
JL_MUST_CHECK enum jl_rc jl_pair_parted(struct jl_apply *apply, const struct jl_touched *touched,
                                        const struct jl_id *other, struct jl_err *err);

/* Does the office know of an open case that another one has the same (pair.c)? */
JL_MUST_CHECK enum jl_rc jl_pair_open_elsewhere(struct jl_apply *apply, uint32_t type,
                                                const struct jl_id *of, bool *out_open,
                                                struct jl_err *err);

#endif
