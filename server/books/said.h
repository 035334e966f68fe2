/* What a device told of itself beyond the numbers of its Hello: how its program stopped, its last
 * cycles, its Bye. Nothing of it is the district's own finding.
 *
 * Kept per device in the store's meta as `said<device>`: "bye 2 1790000000123", "stop 1
 * 1790000000123" (number, the district's time when it was told; 0 0: never), then the cycles
 * (jielian/sync/cycles.h).
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
    struct jl_cycles cycles; /* times are the device's */
};
/* All zero of a device that has told nothing. */
JL_MUST_CHECK enum jl_rc jl_said(struct jl_district *district, uint32_t device,
                                 struct jl_said *out_said, struct jl_err *err);
/* Inside a write transaction. A Hello with nothing new writes nothing. */
JL_MUST_CHECK enum jl_rc jl_said_hello(struct jl_district *district, uint32_t device,
                                       const struct jl_hello *hello, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_said_bye(struct jl_district *district, uint32_t device,
                                     const struct jl_bye *bye, struct jl_err *err);

#endif
