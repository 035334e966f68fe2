/* Whole, checked copies of a store. Inside lib/store/sqlite only.
 *
 * Thread: the store's. */
#ifndef JIELIAN_LIB_STORE_SQLITE_UPKEEP_H
#define JIELIAN_LIB_STORE_SQLITE_UPKEEP_H

#include "jielian/base/rc.h"

#include <sqlite3.h>

struct jl_store;

/* All pages of a database, into a file that is there. */
JL_MUST_CHECK enum jl_rc jl_upkeep_copy_pages(sqlite3 *from, const char *path, struct jl_err *err);
/* A whole, checked copy of the store as `from`, a connection to the same file, reads it. path is
 * replaced. */
JL_MUST_CHECK enum jl_rc jl_upkeep_copy(struct jl_store *store, sqlite3 *from, const char *path,
                                        struct jl_err *err);

#endif
