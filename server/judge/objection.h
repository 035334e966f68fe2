/* What speaks against a row as an op would make it: its natural key, the validator, the moves of
 * its status, what its author may name, and for a transfer whether it may be asked for.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_JUDGE_OBJECTION_H
#define JIELIAN_SERVER_JUDGE_OBJECTION_H

#include "server/judge/reason.h"

#include "jielian/base/rc.h"
#include "jielian/message/say.h"
#include "jielian/record/check.h"
#include "jielian/store/records.h"

struct jl_apply;
struct jl_op;
struct jl_row;
struct jl_touched;

struct jl_objection {
    const struct jl_reason *reason; /* for the clerk; NULL: nothing speaks against it */
    struct jl_reason found;         /* what the validator says: reason points here */
    bool may_come;                  /* what it needs may come while a restore is open: */
    struct jl_record_key misses;    /* … this */
    struct jl_ahead ahead;          /* dates that lie ahead; no fault */
};
/* A code without places speaks against it. */
void jl_objection_say(struct jl_objection *fault, enum jl_say_code code);
JL_MUST_CHECK enum jl_rc jl_objection_find(struct jl_apply *apply, const struct jl_op *op,
                                           const struct jl_touched *touched,
                                           const struct jl_row *row,
                                           struct jl_objection *out_objection, struct jl_err *err);

#endif
