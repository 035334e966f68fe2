/* One type of two catalogues compared; the rule stands in additive.c. */
#ifndef JIELIAN_LIB_CATALOGUE_ADDITIVE_TYPE_H
#define JIELIAN_LIB_CATALOGUE_ADDITIVE_TYPE_H

#include "jielian/base/rc.h"
#include "jielian/catalogue/type.h"

/* Both have the same number and name. err is not NULL. */
JL_MUST_CHECK enum jl_rc jl_additive_type(const struct jl_type *current, const struct jl_type *next,
                                          struct jl_err *err);

#endif
