/* Which record was merged into which: a map that the district keeps beside its books, so that what
 * arrives late for a record that is gone finds the one that was kept.
 *
 * Encoded as entries of 36 bytes, oldest first: type (u32be) gone(16) kept(16). Beyond its bound
 * the oldest entry is forgotten; a late change of that record then brings it back as a case.
 *
 * The map itself is pure; the last calls keep it in the books. Thread: an object belongs to one
 * thread. */
#ifndef JIELIAN_SERVER_BOOKS_MERGED_H
#define JIELIAN_SERVER_BOOKS_MERGED_H

#include "jielian/base/buf.h"
#include "jielian/base/bytes.h"
#include "jielian/base/id.h"
#include "jielian/base/limits.h"

struct jl_district;

struct jl_merged_entry {
    uint32_t type;
    struct jl_id gone, kept;
};

struct jl_merged {
    struct jl_merged_entry *entries;
    size_t count, capacity;
    uint32_t *slots; /* hash table by type and gone: 1 + index, 0 is free */
    size_t slot_count;
};

/* All zero is an empty map. */
void jl_merged_fini(struct jl_merged *merged);

/* What the record was merged into; NULL: it was not. Cost: one hash lookup. */
const struct jl_id *jl_merged_kept(const struct jl_merged *merged, uint32_t type,
                                   const struct jl_id *gone);
/* The same, through merges of what was kept, JL_MERGED_CHAIN_MAX steps at most; a longer chain is
 * NULL. */
const struct jl_id *jl_merged_last(const struct jl_merged *merged, uint32_t type,
                                   const struct jl_id *gone);
/* Replaces an earlier entry of the record. JL_NOMEM: as it was. Cost: O(1); at the bound O(n). */
JL_MUST_CHECK enum jl_rc jl_merged_put(struct jl_merged *merged,
                                       const struct jl_merged_entry *entry, struct jl_err *err);
/* The record is there again. Cost: O(n). */
void jl_merged_drop(struct jl_merged *merged, uint32_t type, const struct jl_id *gone);

JL_MUST_CHECK enum jl_rc jl_merged_encode(const struct jl_merged *merged, struct jl_buf *out,
                                          struct jl_err *err);
/* Replaces what merged holds. JL_CORRUPT: not of this form. */
JL_MUST_CHECK enum jl_rc jl_merged_decode(struct jl_bytes bytes, struct jl_merged *merged,
                                          struct jl_err *err);

/* A jl_merged_fn: context is the district. */
JL_MUST_CHECK enum jl_rc jl_merged_into(void *context, uint32_t type, const struct jl_id *gone,
                                        struct jl_id *out_kept, struct jl_err *err);
/* Which records were merged into which, inside an open transaction. */
JL_MUST_CHECK enum jl_rc jl_merged_get(struct jl_district *district,
                                       const struct jl_merged **out_merged, struct jl_err *err);

/* Read it again when it is next asked for. */
void jl_merged_forget(struct jl_district *district);
/* Store it if it was changed: before the commit. */
JL_MUST_CHECK enum jl_rc jl_merged_save(struct jl_district *district, struct jl_err *err);

/* The map of these books, for whoever changes it: set district->merged_moved, then. Inside a
 * transaction. */
JL_MUST_CHECK enum jl_rc jl_merged_load(struct jl_district *district, struct jl_merged **out_merged,
                                        struct jl_err *err);

#endif
