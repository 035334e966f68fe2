/* What suspended devices sent. Part of the store's contract (store.h), which says when and on which
 * thread these calls may be made, and what their codes mean. */
#ifndef JIELIAN_STORE_QUARANTINED_H
#define JIELIAN_STORE_QUARANTINED_H

#include "jielian/base/bytes.h"

struct jl_store;

/* Ops of suspended devices wait here, as delivered, until the district admits or refuses them. */
JL_MUST_CHECK enum jl_rc jl_quarantined_put(struct jl_store *store, uint32_t origin,
                                            uint64_t first_seq, uint32_t op_count, int64_t at_ms,
                                            struct jl_bytes body, struct jl_err *err);
struct jl_quarantined {
    uint32_t origin;
    uint64_t first_seq;
    uint32_t op_count;
    int64_t at_ms;
    struct jl_bytes body;
};
/* What waits from one origin, by first_seq; the same bytes are kept once. Then drop it all. */
typedef enum jl_rc (*jl_quarantine_fn)(void *context, const struct jl_quarantined *batch,
                                       struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_quarantined_of(struct jl_store *store, uint32_t origin,
                                           jl_quarantine_fn visit, void *context,
                                           struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_quarantined_drop(struct jl_store *store, uint32_t origin,
                                             struct jl_err *err);

#endif
