/* The words by which records are found. Part of the store's contract (store.h), which says when and
 * on which thread these calls may be made, and what their codes mean. */
#ifndef JIELIAN_STORE_WORDS_H
#define JIELIAN_STORE_WORDS_H

#include "jielian/base/bytes.h"

struct jl_store;

/* rids of records with a word that starts with (or is, exact) `word`; type 0: any. */
JL_MUST_CHECK enum jl_rc jl_words_search(struct jl_store *store, uint32_t type,
                                         struct jl_bytes word, bool exact, size_t limit,
                                         int64_t *out_rids, size_t *out_count, struct jl_err *err);

#endif
