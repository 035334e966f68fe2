/* Fold one entry into the books: a push, the own desk's ops, a release and a replay all come here.
 * A jl_judge_fn (server/books/accept.h).
 *
 * Thread: that of the books; inside an open write transaction. */
#ifndef JIELIAN_SERVER_JUDGE_ACCEPT_ENTRY_H
#define JIELIAN_SERVER_JUDGE_ACCEPT_ENTRY_H

#include "server/books/accept.h"

JL_MUST_CHECK enum jl_rc jl_accept_entry(struct jl_district *district, struct jl_accept *accept,
                                         struct jl_arena *arena, struct jl_verdict **out_verdicts,
                                         size_t *out_count, struct jl_err *err);

#endif
