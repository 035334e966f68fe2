/* The history of a record, from the journal.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_BOOKS_DISTRICT_HISTORY_H
#define JIELIAN_SERVER_BOOKS_DISTRICT_HISTORY_H

#include "jielian/base/rc.h"

struct jl_district;
struct jl_history;
struct jl_id;

/* Every op that reached the record, in a transaction of its own. history: with desk and type.
 * JL_NOT_FOUND. Cost: reads each journal entry that is concerned. */
JL_MUST_CHECK enum jl_rc jl_district_history(struct jl_district *district, const struct jl_id *id,
                                             struct jl_history *history, struct jl_err *err);

#endif
