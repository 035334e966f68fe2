/* What of these books is not simply the district's, counted.
 *
 * Thread: that of the office. */
#ifndef JIELIAN_CLIENT_BOOKS_OFFICE_COUNTS_H
#define JIELIAN_CLIENT_BOOKS_OFFICE_COUNTS_H

#include "jielian/base/rc.h"

#include <stdbool.h>

struct jl_office;

/* Cost of counting: the open cases, the outbox by its index, one pass over the heads. */
struct jl_office_counts {
    uint64_t unsent;    /* ops without a verdict */
    uint64_t parked;    /* ops that the district refused, and nobody has sent again */
    uint64_t set_aside; /* records that only this PC has, put aside by repair */
    uint64_t held;      /* open cases of ops that wait for an earlier one: they close themselves */
    uint64_t cases;     /* open cases of any other kind */
    uint64_t oldest_unsent_s;
};
/* out is written on JL_OK only. Inside any transaction. */
JL_MUST_CHECK enum jl_rc jl_office_counts_get(struct jl_office *office,
                                              struct jl_office_counts *out_counts,
                                              struct jl_err *err);
/* Parked, set aside, held or an open case: exit code 3 of `status` and `sync`. */
bool jl_office_counts_need_person(const struct jl_office_counts *counts);

#endif
