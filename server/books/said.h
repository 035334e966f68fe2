/* What a device told of itself beyond the numbers of its Hello: how its program stopped, its last
 * cycles, its Bye; and the one thing that the district sees by itself, of older programs too:
 * sessions that were cut off, which is to say that they brought no proof and ended without a Bye.
 *
 * Kept per device in the store's meta as `said<device>`: "bye 2 1790000000123", "stop 1
 * 1790000000123" (number, the district's time when it was told; 0 0: never), "session 1790000000123
 * 4 1790000000000 1790000060000" (when the present one began; how many were cut off, when the last
 * of them began and was last heard), then the cycles (jielian/sync/cycles.h).
 * Thread: the writer's; reading, anybody's with a transaction. */
#ifndef JIELIAN_SERVER_SAID_H
#define JIELIAN_SERVER_SAID_H

#include "district.h"

#include "jielian/sync/cycles.h"

struct jl_said {
    uint32_t bye; /* enum jl_bye_reason, or another number of a later program; 0: never */
    int64_t bye_ms;
    enum jl_last_stop last_stop;
    int64_t stop_ms;
    int64_t session_ms; /* its first Hello; 0: none yet */
    uint64_t cut_offs;
    int64_t cut_began_ms, cut_heard_ms; /* the last one; heard: the last Hello of it */
    struct jl_cycles cycles;            /* times are the device's */
};
/* All zero of a device that has told nothing. */
JL_MUST_CHECK enum jl_rc jl_said(struct jl_district *district, uint32_t device,
                                 struct jl_said *out_said, struct jl_err *err);
/* Inside a write transaction, before the Hello that begins a session is noted. */
JL_MUST_CHECK enum jl_rc jl_said_session(struct jl_district *district, uint32_t device,
                                         struct jl_err *err);
/* Inside a write transaction. A Hello with nothing new writes nothing. */
JL_MUST_CHECK enum jl_rc jl_said_hello(struct jl_district *district, uint32_t device,
                                       const struct jl_hello *hello, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_said_bye(struct jl_district *district, uint32_t device,
                                     const struct jl_bye *bye, struct jl_err *err);

#endif
