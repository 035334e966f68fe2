/* Small numbers and bytes in the store's table of named blobs (store.h).
 *
 * Thread: that of the store. */
#ifndef JIELIAN_BOOKS_META_H
#define JIELIAN_BOOKS_META_H

#include "jielian/base/rc.h"

#include <stddef.h>

struct jl_store;

/* Small numbers and bytes in the store's meta table. get answers fallback when absent. */
JL_MUST_CHECK enum jl_rc jl_meta_get_number(struct jl_store *store, const char *name,
                                            uint64_t fallback, uint64_t *out_value,
                                            struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_meta_put_number(struct jl_store *store, const char *name,
                                            uint64_t value, struct jl_err *err);
/* Exactly size bytes; JL_NOT_FOUND when absent, JL_CORRUPT with another size. */
JL_MUST_CHECK enum jl_rc jl_meta_get_bytes(struct jl_store *store, const char *name,
                                           uint8_t *out_data, size_t size, struct jl_err *err);

#endif
