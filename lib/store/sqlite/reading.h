/* Reading a copy of the file instead of the file. Inside lib/store/sqlite only.
 *
 * Thread: the store's. */
#ifndef JIELIAN_LIB_STORE_SQLITE_READING_H
#define JIELIAN_LIB_STORE_SQLITE_READING_H

#include "jielian/base/rc.h"

struct jl_store;

/* The connection, open and looked at, becomes one to a copy of its file. */
JL_MUST_CHECK enum jl_rc jl_reading_copy(struct jl_store *store, struct jl_err *err);

#endif
