/* One type of two catalogues compared; the rule stands in additive.c. */
#ifndef JIELIAN_CATALOGUE_ADDITIVE_H
#define JIELIAN_CATALOGUE_ADDITIVE_H

#include "internal.h"

/* Both have the same number and name. err is not NULL. */
JL_MUST_CHECK enum jl_rc jl_additive_type(const struct jl_type *current, const struct jl_type *next,
                                          struct jl_err *err);

#endif
