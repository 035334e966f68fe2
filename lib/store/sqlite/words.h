/* Putting a record's words and taking them away. Inside lib/store/sqlite only.
 *
 * Thread: the store's. */
#ifndef JIELIAN_LIB_STORE_SQLITE_WORDS_H
#define JIELIAN_LIB_STORE_SQLITE_WORDS_H

#include "jielian/base/buf.h"
#include "jielian/base/bytes.h"

struct jl_store;

/* Word lists as one blob { varint(size) bytes }. */
JL_MUST_CHECK enum jl_rc jl_words_pack(const struct jl_bytes *words, size_t count,
                                       struct jl_buf *out, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_words_put(struct jl_store *store, uint32_t type, int64_t rid,
                                      const struct jl_bytes *words, size_t count,
                                      struct jl_err *err);
/* The words of many new records: kept, then put in the order of the table, so that a thousand
 * records meet each of its pages once. The bytes are borrowed until then. */
struct jl_words_row {
    uint64_t prefix; /* the word's first 8 bytes, big-endian: settles most comparisons */
    struct jl_bytes word;
    uint32_t type;
    int64_t rid;
};
struct jl_words_rows {
    struct jl_words_row *items;
    size_t count, capacity;
};
void jl_words_rows_fini(struct jl_words_rows *rows);
/* Room for `capacity` words in all. */
JL_MUST_CHECK enum jl_rc jl_words_rows_reserve(struct jl_words_rows *rows, size_t capacity,
                                               struct jl_err *err);
void jl_words_rows_keep(struct jl_words_rows *rows, uint32_t type, int64_t rid,
                        const struct jl_bytes *words, size_t count);
JL_MUST_CHECK enum jl_rc jl_words_rows_put(struct jl_store *store, struct jl_words_rows *rows,
                                           struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_words_drop(struct jl_store *store, uint32_t type, int64_t rid,
                                       struct jl_bytes packed, struct jl_err *err);

#endif
