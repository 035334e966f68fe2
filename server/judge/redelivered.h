/* Ops that the device delivered before, under this incarnation or an earlier one: they get the
 * verdict that they got then, and nothing happens twice.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_JUDGE_REDELIVERED_H
#define JIELIAN_SERVER_JUDGE_REDELIVERED_H

#include "jielian/base/rc.h"

#include <stdbool.h>
#include <stddef.h>

struct jl_apply;
struct jl_record_key;
struct jl_touched;
struct jl_verdict;

/* Ops that the device delivered already. *out_known with out_verdict->seq 0: under an earlier
 * incarnation, with this verdict; else under this one, as that op. */
void jl_redelivered_look(struct jl_apply *apply);
JL_MUST_CHECK enum jl_rc jl_redelivered_find(struct jl_apply *apply, size_t index,
                                             struct jl_touched *touched, bool *out_known,
                                             struct jl_verdict *out_verdict, struct jl_err *err);
/* The tag of op `index` in its record's history; 0: the rules of the entry know none. */
JL_MUST_CHECK enum jl_rc jl_redelivered_tag(struct jl_apply *apply, size_t index, uint32_t *out_tag,
                                            struct jl_err *err);

/* Does this very op, delivered before, wait for that record? */
JL_MUST_CHECK enum jl_rc jl_redelivered_waits(struct jl_apply *apply, size_t index,
                                              const struct jl_record_key *key, bool *out_waits,
                                              struct jl_err *err);

#endif
