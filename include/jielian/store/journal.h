/* The district's journal. Part of the store's contract (store.h), which says when and on which
 * thread these calls may be made, and what their codes mean. */
#ifndef JIELIAN_STORE_JOURNAL_H
#define JIELIAN_STORE_JOURNAL_H

#include "jielian/base/bytes.h"

struct jl_arena;
struct jl_store;

struct jl_journal_entry {
    uint64_t seq;      /* dense from 1 */
    uint32_t origin;   /* incarnation number; 0: the district's own */
    uint64_t first_op; /* the batch's first op seq */
    uint32_t op_count;
    int64_t at_ms;
    struct jl_bytes body;     /* sealed batch */
    struct jl_bytes verdicts; /* encoded list of those that are not plain APPLIED */
    struct jl_bytes seal;     /* chain hash (32) and the district's signature (64) */
    struct jl_bytes head;     /* who and by which rules: the district's codec; empty in entries of
                                 schema 1 */
};

/* JL_CONFLICT: seq is not the next one, or an op of this origin (other than 0) is there already. */
JL_MUST_CHECK enum jl_rc jl_journal_entry_append(struct jl_store *store,
                                                 const struct jl_journal_entry *entry,
                                                 struct jl_err *err);
/* The entries from seq on, one call each; ends early as a scan does. limit 0: no bound. */
typedef enum jl_rc (*jl_journal_fn)(void *context, const struct jl_journal_entry *entry,
                                    struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_journal_entry_read(struct jl_store *store, uint64_t from, size_t limit,
                                               jl_journal_fn visit, void *context,
                                               struct jl_err *err);
/* The latest time in it, 0 for an empty one (or for times before 1970). Cost: reads every entry's
 * head; whoever needs it often keeps it. */
JL_MUST_CHECK enum jl_rc jl_journal_entry_latest(struct jl_store *store, int64_t *out_ms,
                                                 struct jl_err *err);
/* One entry by its seq; everything lives in the arena. JL_NOT_FOUND. */
JL_MUST_CHECK enum jl_rc jl_journal_entry_get(struct jl_store *store, uint64_t seq,
                                              struct jl_arena *arena,
                                              struct jl_journal_entry *out_entry,
                                              struct jl_err *err);
/* The entry that holds op `seq` of an origin; body and all live in the arena. JL_NOT_FOUND. */
JL_MUST_CHECK enum jl_rc jl_journal_entry_find(struct jl_store *store, uint32_t origin,
                                               uint64_t seq, struct jl_arena *arena,
                                               struct jl_journal_entry *out_entry,
                                               struct jl_err *err);

#endif
