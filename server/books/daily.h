/* What an office did today that operators watch: pairs with records elsewhere, and people of other
 * offices that it asked for. Somebody may be trying numbers.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_BOOKS_DAILY_H
#define JIELIAN_SERVER_BOOKS_DAILY_H

#include "jielian/base/rc.h"

struct jl_district;

/* How many pairs with records elsewhere ops of this office made today, by the district's clock. */
enum { JL_DAILY_PAIRS = 20 }; /* more is shown to operators: somebody may be trying numbers */
JL_MUST_CHECK enum jl_rc jl_daily_pairs(struct jl_district *district, uint32_t office,
                                        uint64_t *out_count, struct jl_err *err);

/* How many people of other offices this office asked for today (transfer_ask), by the district's
 * clock. What is over the limit is kept, and not looked up. */
enum { JL_DAILY_ASKS = 20 };
JL_MUST_CHECK enum jl_rc jl_daily_asks(struct jl_district *district, uint32_t office,
                                       uint64_t *out_count, struct jl_err *err);

/* Count, for the author's office (0: nothing) and the day of an op, a pair with a record
 * elsewhere. */
JL_MUST_CHECK enum jl_rc jl_daily_add_pair(struct jl_district *district, uint32_t office,
                                           int64_t now_ms, struct jl_err *err);
/* The same for an ask; *out_count: with this one. */
JL_MUST_CHECK enum jl_rc jl_daily_add_ask(struct jl_district *district, uint32_t office,
                                          int64_t now_ms, uint64_t *out_count, struct jl_err *err);

#endif
