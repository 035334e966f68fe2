/* What an author may: write this at all, move a status, close a case.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_JUDGE_RIGHT_H
#define JIELIAN_SERVER_JUDGE_RIGHT_H

#include "jielian/base/rc.h"

#include <stdbool.h>

struct jl_apply;
struct jl_objection;
struct jl_op;
struct jl_row;
struct jl_touched;
struct jl_type;

/* What the author of a row like this is in its flow: bits 1 << enum jl_mover. */
unsigned jl_right_movers(const struct jl_apply *apply, const struct jl_type *type,
                         const struct jl_row *row);
/* May an office's op write this at all (lib/op/may.c)? out_objection->reason NULL: yes. */
JL_MUST_CHECK enum jl_rc jl_right_check(struct jl_apply *apply, const struct jl_op *op,
                                        const struct jl_type *type, struct jl_touched *touched,
                                        struct jl_objection *out_objection, struct jl_err *err);
/* Does an office close a case that somebody has closed already? There is nothing to do then. */
bool jl_right_closes_late(const struct jl_apply *apply, const struct jl_op *op,
                          const struct jl_touched *touched);
/* The case that a RESOLVE names closes with it, if it is its author's to close. */
JL_MUST_CHECK enum jl_rc jl_right_close_resolved(struct jl_apply *apply, const struct jl_op *op,
                                                 struct jl_err *err);
/* Take out of an office's new transfer what the district fills in. true: there was such. */
bool jl_right_drop_kept(const struct jl_apply *apply, const struct jl_type *type, struct jl_op *op);

#endif
