/* Views in place of what an older file lacks, while it is only read. Inside lib/store/sqlite only.
 *
 * Thread: the store's. */
#ifndef JIELIAN_LIB_STORE_SQLITE_STANDIN_H
#define JIELIAN_LIB_STORE_SQLITE_STANDIN_H

#include "jielian/base/rc.h"

#include <stdbool.h>

struct jl_store;
struct jl_typed;

/* In read mode, the views in place of what the file lacks. */
JL_MUST_CHECK enum jl_rc jl_standin_make(struct jl_store *store, struct jl_err *err);
/* Has the file's schema changed since? Inside a transaction the answer holds until its end. */
JL_MUST_CHECK enum jl_rc jl_standin_stale(struct jl_store *store, bool *out_stale,
                                          struct jl_err *err);
/* Drop them, or make them anew, if it has. Not inside a transaction. */
JL_MUST_CHECK enum jl_rc jl_standin_look(struct jl_store *store, struct jl_err *err);
/* One for a typed table. there: what the file calls it, NULL if it has none; columns: which of them
 * it has. */
JL_MUST_CHECK enum jl_rc jl_standin_typed(struct jl_store *store, const struct jl_typed *typed,
                                          const char *there, const bool *columns,
                                          struct jl_err *err);

#endif
