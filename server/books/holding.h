/* While a restore is open, ops that miss something wait; this is whether one is, and how many do.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_BOOKS_HOLDING_H
#define JIELIAN_SERVER_BOOKS_HOLDING_H

#include "jielian/base/rc.h"

#include <stdbool.h>

struct jl_district;

struct jl_holding {        /* meta `holding`; a fold over the journal */
    uint64_t restored_seq; /* the newest entry that says the books were restored; 0: none */
    bool open;             /* it is not closed: ops that miss something are held */
    uint64_t held;         /* ops that wait */
};

JL_MUST_CHECK enum jl_rc jl_holding_load(struct jl_district *district, struct jl_err *err);
/* Fold: a RESTORED entry opens, a CLOSED one closes. */
JL_MUST_CHECK enum jl_rc jl_holding_set(struct jl_district *district, uint64_t journal_seq,
                                        bool open, struct jl_err *err);

#endif
