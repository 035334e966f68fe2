/* The office's bases: the district's rows under local, unconfirmed changes. Part of the store's
 * contract (store.h), which says when and on which thread these calls may be made, and what their
 * codes mean. */
#ifndef JIELIAN_STORE_BASES_H
#define JIELIAN_STORE_BASES_H

#include "jielian/base/buf.h"
#include "jielian/base/bytes.h"

struct jl_store;

/* The district's row under local, unconfirmed changes; sealed by the caller. Empty body: absent.
 * out is replaced. */
JL_MUST_CHECK enum jl_rc jl_bases_get(struct jl_store *store, int64_t rid, struct jl_buf *out,
                                      bool *out_found, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_bases_put(struct jl_store *store, int64_t rid, struct jl_bytes body,
                                      struct jl_err *err);
/* Drop the bases of all records whose last local op (head.last) is at or before this position. */
JL_MUST_CHECK enum jl_rc jl_bases_trim(struct jl_store *store, uint64_t confirmed,
                                       struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_bases_drop(struct jl_store *store, int64_t rid, struct jl_err *err);

#endif
