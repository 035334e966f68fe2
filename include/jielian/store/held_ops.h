/* Held ops: in the journal, waiting for a record that has not come back. Part of the store's
 * contract (store.h), which says when and on which thread these calls may be made, and what their
 * codes mean. */
#ifndef JIELIAN_STORE_HELD_OPS_H
#define JIELIAN_STORE_HELD_OPS_H

#include "jielian/base/rc.h"
#include "jielian/store/records.h"

struct jl_arena;
struct jl_store;

/* Ops that are in the journal and wait for a record that has not come back. Lists are in the order
 * of the journal and live in the arena. */
struct jl_held {
    uint64_t journal_seq;
    uint32_t n; /* of the op in its batch */
    uint32_t device;
    uint32_t office;
    struct jl_record_key key; /* what it waits for */
};
/* JL_CONFLICT: that op is held already. */
JL_MUST_CHECK enum jl_rc jl_held_ops_put(struct jl_store *store, const struct jl_held *entries,
                                         size_t count, struct jl_err *err);
/* By journal_seq and n; those that are not there are passed over. */
JL_MUST_CHECK enum jl_rc jl_held_ops_drop(struct jl_store *store, const struct jl_held *entries,
                                          size_t count, struct jl_err *err);
/* Those that wait for a record. */
JL_MUST_CHECK enum jl_rc jl_held_ops_of(struct jl_store *store, const struct jl_record_key *key,
                                        struct jl_arena *arena, struct jl_held **out_list,
                                        size_t *out_count, struct jl_err *err);
/* Those behind the op that `after` names (journal_seq and n; NULL: from the first on). limit 0: no
 * bound. */
JL_MUST_CHECK enum jl_rc jl_held_ops_all(struct jl_store *store, const struct jl_held *after,
                                         size_t limit, struct jl_arena *arena,
                                         struct jl_held **out_list, size_t *out_count,
                                         struct jl_err *err);
/* How many an office has; office 0: all. Cost: reads all of them. */
JL_MUST_CHECK enum jl_rc jl_held_ops_count(struct jl_store *store, uint32_t office,
                                           uint64_t *out_count, struct jl_err *err);

#endif
