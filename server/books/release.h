/* Judging held ops: when what they wait for comes, and all of them when the restore is closed.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_BOOKS_RELEASE_H
#define JIELIAN_SERVER_BOOKS_RELEASE_H

#include "jielian/base/rc.h"

#include <stdbool.h>
#include <stddef.h>

struct jl_accept;
struct jl_arena;
struct jl_district;
struct jl_record_key;
struct jl_verdict;

/* Nothing more is expected to come back: judge what is still held as it is. *out_judged: so many
 * were held. JL_CONFLICT: no restore is open. It is done in steps of 256 held ops, each a
 * transaction of its own, the first of which closes; cut off in between, a step that is called
 * later goes on. */
JL_MUST_CHECK enum jl_rc jl_release_close(struct jl_district *district, uint64_t *out_judged,
                                          struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_release_close_step(struct jl_district *district, uint64_t *out_judged,
                                               struct jl_err *err);
/* Closed, but not all that was held is judged: there are steps left. `serve` does them, too. */
bool jl_release_left(const struct jl_district *district);

/* Accept an entry, then judge what was held for the records that it touched. */
JL_MUST_CHECK enum jl_rc jl_release_accept(struct jl_district *district, struct jl_accept *accept,
                                           struct jl_arena *arena, struct jl_verdict **out_verdicts,
                                           size_t *out_count, struct jl_err *err);

/* The books were restored: an entry that says so, with their epoch. Inside a transaction. */
JL_MUST_CHECK enum jl_rc jl_release_open(struct jl_district *district, struct jl_err *err);
/* Judge what was held for these records, and for those that this touches. */
JL_MUST_CHECK enum jl_rc jl_release_touched(struct jl_district *district,
                                            const struct jl_record_key *touched, size_t count,
                                            struct jl_err *err);

#endif
