/* What a migration leaves. Part of the store's contract (store.h), which says when and on which
 * thread these calls may be made, and what their codes mean. */
#ifndef JIELIAN_STORE_MIGRATE_H
#define JIELIAN_STORE_MIGRATE_H

#include "jielian/base/rc.h"

struct jl_store;

/* Remove the copy that a migration has left: the books have been proven since. Nothing where there
 * is none, and where the file is of an older schema. Cost: one unlink. */
JL_MUST_CHECK enum jl_rc jl_migrate_forget(struct jl_store *store, struct jl_err *err);

#endif
