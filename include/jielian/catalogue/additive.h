/* Which catalogue may follow another.  Thread: any. */
#ifndef JIELIAN_CATALOGUE_ADDITIVE_H
#define JIELIAN_CATALOGUE_ADDITIVE_H

#include "jielian/base/rc.h"

struct jl_catalogue;

/* May `next` follow `current`? Adding, relabelling and hiding may; anything else is JL_CONFLICT and
 * the message names the entry. next's version must be greater. */
JL_MUST_CHECK enum jl_rc jl_additive_check(const struct jl_catalogue *current,
                                           const struct jl_catalogue *next, struct jl_err *err);

#endif
