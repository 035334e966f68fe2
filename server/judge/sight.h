/* What an author may name in a natural key: what its feeds show it.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_JUDGE_SIGHT_H
#define JIELIAN_SERVER_JUDGE_SIGHT_H

#include "jielian/base/rc.h"

struct jl_apply;
struct jl_objection;
struct jl_row;
struct jl_type;

/* Look up, once for the whole batch, what its natural keys name: server/judge/sight.c. */
JL_MUST_CHECK enum jl_rc jl_sight_find(struct jl_apply *apply, struct jl_err *err);
/* May the author name what stands in the row's natural key? out_objection->reason NULL: yes. */
JL_MUST_CHECK enum jl_rc jl_sight_check(struct jl_apply *apply, const struct jl_type *type,
                                        const struct jl_row *row,
                                        struct jl_objection *out_objection, struct jl_err *err);

#endif
