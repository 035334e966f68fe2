/* Which ops of the district's journal are about a record. Part of the store's contract (store.h),
 * which says when and on which thread these calls may be made, and what their codes mean. */
#ifndef JIELIAN_STORE_HISTORY_INDEX_H
#define JIELIAN_STORE_HISTORY_INDEX_H

#include "jielian/base/rc.h"

#include <stddef.h>

struct jl_arena;
struct jl_store;

struct jl_history_entry {
    int64_t rid;
    uint64_t journal_seq;
    uint32_t index; /* of the op in its batch */
    uint32_t tag;   /* of the op's bytes, for jl_history_index_tagged; 0: none was made */
};
JL_MUST_CHECK enum jl_rc jl_history_index_append(struct jl_store *store,
                                                 const struct jl_history_entry *entries,
                                                 size_t count, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_history_index_of(struct jl_store *store, int64_t rid,
                                             struct jl_arena *arena,
                                             struct jl_history_entry **out_entries,
                                             size_t *out_count, struct jl_err *err);
/* Up to `limit` lines older than this one, the newest first; UINT64_MAX: from the newest on. Cost:
 * theirs, however many there are. */
JL_MUST_CHECK enum jl_rc jl_history_index_before(struct jl_store *store, int64_t rid,
                                                 uint64_t journal_seq, uint32_t index, size_t limit,
                                                 struct jl_arena *arena,
                                                 struct jl_history_entry **out_entries,
                                                 size_t *out_count, struct jl_err *err);
/* The lines before the first that has a tag. Cost: theirs, however many follow. */
JL_MUST_CHECK enum jl_rc jl_history_index_untagged(struct jl_store *store, int64_t rid,
                                                   struct jl_arena *arena,
                                                   struct jl_history_entry **out_entries,
                                                   size_t *out_count, struct jl_err *err);
/* The lines with this tag, not 0. Cost: one lookup, however long the history is. */
JL_MUST_CHECK enum jl_rc jl_history_index_tagged(struct jl_store *store, int64_t rid, uint32_t tag,
                                                 struct jl_arena *arena,
                                                 struct jl_history_entry **out_entries,
                                                 size_t *out_count, struct jl_err *err);

#endif
