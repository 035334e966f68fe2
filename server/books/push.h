/* Batches from the wire: chain, signature, ALREADY, verdicts.
 *
 * Thread: the writer's; inside an open write transaction. */
#ifndef JIELIAN_SERVER_BOOKS_PUSH_H
#define JIELIAN_SERVER_BOOKS_PUSH_H

#include "jielian/base/bytes.h"

struct jl_arena;
struct jl_district;
struct jl_push;
struct jl_verdicts;

/* Judge a batch. frame: the message as received (it goes into the journal).
 * JL_OK        *out_verdicts lives in the arena; send it after the commit. Ops that were known are
 *              answered with the verdict they got; a gap is answered "resend from".
 * JL_CONFLICT  this chain is not the one we know: refuse with JL_REFUSE_CHAIN. Nothing changed.
 * JL_PROTO     signature or an op is wrong: refuse with JL_REFUSE_MALFORMED. Nothing changed.
 * others       roll the whole transaction back. */
JL_MUST_CHECK enum jl_rc jl_push_judge(struct jl_district *district, uint32_t origin,
                                       const struct jl_push *push, struct jl_bytes frame,
                                       struct jl_arena *arena, struct jl_verdicts *out_verdicts,
                                       struct jl_err *err);

#endif
