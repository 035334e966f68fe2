/* The office's outbox: the device's own ops in order. Part of the store's contract (store.h), which
 * says when and on which thread these calls may be made, and what their codes mean. */
#ifndef JIELIAN_STORE_OUTBOX_H
#define JIELIAN_STORE_OUTBOX_H

#include "jielian/base/bytes.h"
#include "jielian/base/id.h"

struct jl_arena;
struct jl_store;

enum jl_outbox_state {
    JL_OUTBOX_PENDING = 0, /* no verdict yet */
    JL_OUTBOX_APPLIED = 1,
    JL_OUTBOX_MERGED = 2,
    JL_OUTBOX_CASE = 3,
    JL_OUTBOX_PARKED = 4,
    JL_OUTBOX_SUPERSEDED = 5, /* parked, then sent again as a later op */
};

struct jl_outbox_entry {
    uint64_t pos; /* 1.., never reused */
    int64_t rid;
    struct jl_id change_set; /* zero: a single change */
    int64_t made_ms;
    enum jl_outbox_state state;
    struct jl_bytes body;         /* sealed chain hash and op bytes */
    struct jl_bytes reason, said; /* PARKED: why, as text and as a remark (message.h); or empty */
};

JL_MUST_CHECK enum jl_rc jl_outbox_append(struct jl_store *store,
                                          const struct jl_outbox_entry *entries, size_t count,
                                          struct jl_err *err);
/* Entries with pos >= from, ascending, until limit entries or max_bytes of bodies (at least one).
 */
JL_MUST_CHECK enum jl_rc jl_outbox_range(struct jl_store *store, uint64_t from, size_t limit,
                                         size_t max_bytes, struct jl_arena *arena,
                                         struct jl_outbox_entry **out_entries, size_t *out_count,
                                         struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_outbox_of(struct jl_store *store, int64_t rid, struct jl_arena *arena,
                                      struct jl_outbox_entry **out_entries, size_t *out_count,
                                      struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_outbox_of_change_set(struct jl_store *store,
                                                 const struct jl_id *change_set,
                                                 struct jl_arena *arena,
                                                 struct jl_outbox_entry **out_entries,
                                                 size_t *out_count, struct jl_err *err);
/* All entries in this state, ascending, without their bodies. JL_MISUSE: APPLIED, which is nearly
 * everything. Cost: by an index, only those. */
JL_MUST_CHECK enum jl_rc jl_outbox_in(struct jl_store *store, enum jl_outbox_state state,
                                      struct jl_arena *arena, struct jl_outbox_entry **out_entries,
                                      size_t *out_count, struct jl_err *err);
/* Records that are set aside: PARKED, and no op of the outbox stands for them as refused.
 * Ascending; the rids live in the arena. Cost: a pass over the heads, nothing is unsealed. */
JL_MUST_CHECK enum jl_rc jl_outbox_aside(struct jl_store *store, struct jl_arena *arena,
                                         int64_t **out_rids, size_t *out_count, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_outbox_aside_count(struct jl_store *store, uint64_t *out_count,
                                               struct jl_err *err);
/* first..last PENDING → APPLIED in one statement; then the exceptions one by one. */
JL_MUST_CHECK enum jl_rc jl_outbox_confirm(struct jl_store *store, uint64_t first, uint64_t last,
                                           struct jl_err *err);
/* first..last, whatever their verdict was → PENDING: the district was restored and lacks them. */
JL_MUST_CHECK enum jl_rc jl_outbox_reopen(struct jl_store *store, uint64_t first, uint64_t last,
                                          struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_outbox_set(struct jl_store *store, uint64_t pos,
                                       enum jl_outbox_state state, struct jl_bytes reason,
                                       struct jl_bytes said, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_outbox_body(struct jl_store *store, uint64_t pos, struct jl_bytes body,
                                        struct jl_err *err);
/* How many are in this state; *out_oldest_ms is the made_ms of the oldest of them (0: none). */
JL_MUST_CHECK enum jl_rc jl_outbox_count(struct jl_store *store, enum jl_outbox_state state,
                                         uint64_t *out_count, int64_t *out_oldest_ms,
                                         struct jl_err *err);
/* Drop the entries up to position `upto`, and none from the first on that still wants something:
 * PENDING or PARKED. What is kept has no gaps, so that all of it can be numbered and sent again. */
JL_MUST_CHECK enum jl_rc jl_outbox_trim(struct jl_store *store, uint64_t upto, struct jl_err *err);

#endif
