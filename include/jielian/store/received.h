/* What the district changed in an office's records. Part of the store's contract (store.h), which
 * says when and on which thread these calls may be made, and what their codes mean. */
#ifndef JIELIAN_STORE_RECEIVED_H
#define JIELIAN_STORE_RECEIVED_H

#include "jielian/base/bytes.h"

struct jl_store;

/* Office: what the district changed in a record that was here already; sealed by the caller. */
JL_MUST_CHECK enum jl_rc jl_received_append(struct jl_store *store, int64_t rid, int64_t at_ms,
                                            struct jl_bytes body, struct jl_err *err);
typedef enum jl_rc (*jl_received_fn)(void *context, int64_t at_ms, struct jl_bytes body,
                                     struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_received_of(struct jl_store *store, int64_t rid, jl_received_fn visit,
                                        void *context, struct jl_err *err);

#endif
