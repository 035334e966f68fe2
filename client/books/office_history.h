/* The history of a record, from what this device did and what the district sent it.
 *
 * Thread: that of the office. */
#ifndef JIELIAN_CLIENT_BOOKS_OFFICE_HISTORY_H
#define JIELIAN_CLIENT_BOOKS_OFFICE_HISTORY_H

#include "jielian/base/rc.h"

struct jl_history;
struct jl_id;
struct jl_office;

/* Own ops and received rows in one list by time, in a transaction of its own. history: with desk
 * and type. JL_NOT_FOUND. */
JL_MUST_CHECK enum jl_rc jl_office_history(struct jl_office *office, const struct jl_id *id,
                                           struct jl_history *history, struct jl_err *err);

#endif
