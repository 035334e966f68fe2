/* One state for reads of more than one statement. Inside lib/store/sqlite only.
 *
 * Thread: the store's. */
#ifndef JIELIAN_LIB_STORE_SQLITE_SNAPSHOT_H
#define JIELIAN_LIB_STORE_SQLITE_SNAPSHOT_H

#include "jielian/base/rc.h"

struct jl_store;

/* Reads of more than one statement see one state, also outside a transaction. */
struct jl_snapshot {
    struct jl_store *store; /* NULL: the caller's transaction is used */
};
void jl_snapshot_fini(struct jl_snapshot *snapshot);
JL_MUST_CHECK enum jl_rc jl_snapshot_take(struct jl_store *store, struct jl_snapshot *out_snapshot,
                                          struct jl_err *err);

#endif
