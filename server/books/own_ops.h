/* The district's own ops: its desk's changes go the way of all others, as origin 0.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_BOOKS_OWN_OPS_H
#define JIELIAN_SERVER_BOOKS_OWN_OPS_H

#include "jielian/base/rc.h"

#include <stddef.h>

struct jl_change;
struct jl_district;
struct jl_id;

/* A jl_save_fn: context is the district. Changes become ops of origin 0, in the journal like all.
 */
JL_MUST_CHECK enum jl_rc jl_own_ops_save(void *context, const struct jl_id *change_set,
                                         const struct jl_change *changes, size_t count,
                                         struct jl_err *err);

/* As jl_own_ops_save, in an open write transaction; after an error it must be rolled back. Whether
 * an office's code is free, or an office unused, is the caller's to know. */
JL_MUST_CHECK enum jl_rc jl_own_ops_save_open(struct jl_district *district,
                                              const struct jl_id *change_set,
                                              const struct jl_change *changes, size_t count,
                                              struct jl_err *err);

#endif
