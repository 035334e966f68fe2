/* Who set a field to the value that stands. Part of the store's contract (store.h), which says when
 * and on which thread these calls may be made, and what their codes mean. */
#ifndef JIELIAN_STORE_AUTHORS_H
#define JIELIAN_STORE_AUTHORS_H

#include "jielian/base/bytes.h"

struct jl_arena;
struct jl_store;

/* Who set a field to the value that stands, so that nobody reads the journal for it. Field 0: who
 * made the record, or brought it back, and with that set all fields that have no line. */
struct jl_author_entry {
    int64_t rid;
    uint32_t field;
    uint64_t journal_seq;
    uint32_t device, office; /* 0: the district itself */
    int64_t made_ms;
    struct jl_bytes staff; /* login */
};
/* In place of the line that there is. */
JL_MUST_CHECK enum jl_rc jl_authors_put(struct jl_store *store,
                                        const struct jl_author_entry *author, struct jl_err *err);
/* All lines of a record: somebody makes it anew. */
JL_MUST_CHECK enum jl_rc jl_authors_forget(struct jl_store *store, int64_t rid, struct jl_err *err);
/* All lines of a record, by field; they live in the arena. At most one for each field. */
JL_MUST_CHECK enum jl_rc jl_authors_of(struct jl_store *store, int64_t rid, struct jl_arena *arena,
                                       struct jl_author_entry **out_authors, size_t *out_count,
                                       struct jl_err *err);

#endif
