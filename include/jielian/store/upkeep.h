/* Upkeep of a store's file: backup, integrity, room. Part of the store's contract (store.h), which
 * says when and on which thread these calls may be made, and what their codes mean. */
#ifndef JIELIAN_STORE_UPKEEP_H
#define JIELIAN_STORE_UPKEEP_H

#include "jielian/base/rc.h"

struct jl_store;

/* A copy through SQLite's backup API, opened again and checked before it counts: one file without a
 * WAL. JL_CONFLICT: path is there already. Not inside a write transaction. */
JL_MUST_CHECK enum jl_rc jl_upkeep_backup(struct jl_store *store, const char *path,
                                          struct jl_err *err);

/* SQLite's own integrity check; JL_CORRUPT with its first finding. Cost: reads the whole file. */
JL_MUST_CHECK enum jl_rc jl_upkeep_integrity(struct jl_store *store, struct jl_err *err);

/* Bytes of free disk where the file lies. */
JL_MUST_CHECK enum jl_rc jl_upkeep_disk_free(struct jl_store *store, uint64_t *out_bytes,
                                             struct jl_err *err);

#endif
