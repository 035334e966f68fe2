/* Proof and repair: are both sides equal, and if not, in which records do they differ?
 *
 * Inside an open transaction, of reading but for jl_prove_note. Thread: that of the books. */
#ifndef JIELIAN_SERVER_BOOKS_PROVE_H
#define JIELIAN_SERVER_BOOKS_PROVE_H

#include "jielian/base/rc.h"

#include <stddef.h>

struct jl_arena;
struct jl_ask;
struct jl_deep;
struct jl_district;
struct jl_message;
struct jl_proof;
struct jl_proved;

JL_MUST_CHECK enum jl_rc jl_prove_note(struct jl_district *district, uint32_t device,
                                       uint32_t origin, const struct jl_proof *proof,
                                       struct jl_err *err);

JL_MUST_CHECK enum jl_rc jl_prove_root(struct jl_district *district, uint32_t office,
                                       const struct jl_proof *proof, struct jl_proved *out_proved,
                                       struct jl_err *err);
/* A turn of a deep proof, of up to `records` records: until deep->done, *out_proved is no answer
 * yet unless its result is other than identical. deep is zero at the first turn, and each turn may
 * be a transaction of its own: a feed that moves in between ends it as MOVED. Cost: deep.h. */
JL_MUST_CHECK enum jl_rc jl_prove_deep(struct jl_district *district, uint32_t office,
                                       const struct jl_proof *proof, size_t records,
                                       struct jl_deep *deep, struct jl_proved *out_proved,
                                       struct jl_err *err);

/* The answer to Ask: Buckets, Ids or a repair Page. Cost: one pass over the feed at most, whatever
 * the question names; memory of 300 bytes a part. */
JL_MUST_CHECK enum jl_rc jl_prove_answer(struct jl_district *district, uint32_t office,
                                         const struct jl_ask *ask, struct jl_arena *arena,
                                         struct jl_message *out_message, struct jl_err *err);

#endif
