/* From an older schema to this program's. Inside lib/store/sqlite only.
 *
 * Thread: the store's. */
#ifndef JIELIAN_LIB_STORE_SQLITE_MIGRATE_H
#define JIELIAN_LIB_STORE_SQLITE_MIGRATE_H

#include "jielian/base/rc.h"

struct jl_store;

/* From the file's schema to this program's; in write mode, before anything else is
 * written. JL_IO: no room for the copy, or the disk; JL_CORRUPT: the copy is not whole. Either way
 * the file is as it was. Cost: nothing for a file of this schema, else reads it three times. */
JL_MUST_CHECK enum jl_rc jl_migrate_run(struct jl_store *store, struct jl_err *err);
/* The copies beside the file at path go. */
JL_MUST_CHECK enum jl_rc jl_migrate_remove_copies(const char *path, struct jl_err *err);

#endif
