/* What one device may leave at the district in a day: ops that were not simply taken, and bytes.
 * Whoever is over it is asked to come back; what it has stays on it, and nobody else notices.
 *
 * Honest use does not meet it: a first import of 200,000 rows, all of them refused or all of them
 * cases, and what is entered that day beside it, fits twice. Quarantine counts like the journal: a
 * device that is suspended fills the same disk. Ops that the district has already, and answers as
 * then, cost nothing.
 *
 * Kept in the store's meta as `quota<device>`, one line; a new day, by the district's clock, begins
 * at 0. No verdict depends on it: it says what is received, not how it is judged.
 * Thread: that of the district; inside an open transaction. */
#ifndef JIELIAN_SERVER_QUOTA_H
#define JIELIAN_SERVER_QUOTA_H

#include "district.h"

enum {
    JL_QUOTA_OPS = 400 * 1000,                  /* ops PARKED, or shown to people as a case */
    JL_QUOTA_REFUSED_BYTES = 128 * 1024 * 1024, /* their share of what the journal keeps */
    JL_QUOTA_BYTES = 1024 * 1024 * 1024,        /* all that the journal and quarantine keep */
    /* Told to come back after so long at most: a person may have helped meanwhile. */
    JL_QUOTA_RETRY_MS = 60 * 60 * 1000,
};

struct jl_quota { /* used up */
    int64_t day;  /* yyyymmdd */
    uint64_t ops, refused_bytes, bytes;
};

/* What the device has used up today. */
JL_MUST_CHECK enum jl_rc jl_quota_get(struct jl_district *district, uint32_t device,
                                      struct jl_quota *out_quota, struct jl_err *err);
/* Which of them is used up, in words for the log and the wire; NULL: none. */
const char *jl_quota_over(const struct jl_quota *quota);
/* How long until the day ends, and JL_QUOTA_RETRY_MS at most. */
uint64_t jl_quota_retry_ms(const struct jl_district *district);
/* Add to what it has used up. more->day is not read. In a write transaction. */
JL_MUST_CHECK enum jl_rc jl_quota_add(struct jl_district *district, uint32_t device,
                                      const struct jl_quota *more, struct jl_err *err);
/* What a batch of this size used up, by its verdicts. */
struct jl_quota jl_quota_of(size_t frame_bytes, const struct jl_verdicts *verdicts);

#endif
