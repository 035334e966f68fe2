/* Cases for steps of transfers that are overdue.
 *
 * Thread: the writer's. */
#ifndef JIELIAN_SERVER_BOOKS_OVERDUE_H
#define JIELIAN_SERVER_BOOKS_OVERDUE_H

#include "jielian/base/rc.h"

#include <stddef.h>

struct jl_district;

/* A case (转会需处理) for the office whose turn it is, for each step of a transfer that is overdue
 * and has none yet. `serve` does it when it starts and once a day, while its clock is trusted and a
 * device agrees with it: this call takes the clock as it is. Opens its own transactions. */
JL_MUST_CHECK enum jl_rc jl_overdue_note(struct jl_district *district, size_t *out_cases,
                                         struct jl_err *err);

#endif
