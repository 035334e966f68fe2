/* How long the outbox keeps what the district confirmed. Inside a write transaction.
 *
 * Thread: that of the office. */
#ifndef JIELIAN_CLIENT_BOOKS_RETENTION_H
#define JIELIAN_CLIENT_BOOKS_RETENTION_H

#include "jielian/base/rc.h"

struct jl_office;

/* retention.c. After a proof, with the time that the district's clock showed: count the day, and
 * drop what was confirmed more than JL_CONFIRMED_KEEP_DAYS counted days ago. Inside a write
 * transaction. Cost: reads one setting; writes it at most once a day, and when more was confirmed
 * on the day that a mark was set. */
JL_MUST_CHECK enum jl_rc jl_retention_trim(struct jl_office *office, int64_t district_ms,
                                           struct jl_err *err);
/* The district was restored: the count begins anew with the next proof, and nothing goes before. */
JL_MUST_CHECK enum jl_rc jl_retention_restart(struct jl_office *office, struct jl_err *err);

#endif
