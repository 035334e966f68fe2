/* What follows from a row's other fields.
 *
 * Pure.  Thread: any. */
#ifndef JIELIAN_RECORD_DERIVE_H
#define JIELIAN_RECORD_DERIVE_H

#include "jielian/base/rc.h"

#include <stdbool.h>

struct jl_arena;
struct jl_check_context;
struct jl_row;
struct jl_type;

/* Fill what follows from other fields: sex and birth from the ID number when blank, defaults
 * (creating only). Never overwrites. */
JL_MUST_CHECK enum jl_rc jl_derive_row(const struct jl_check_context *context,
                                       const struct jl_type *type, bool creating,
                                       struct jl_arena *arena, struct jl_row *row,
                                       struct jl_err *err);

#endif
