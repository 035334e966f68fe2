/* An arena: many small allocations with one end. Used per batch, page and file row.
 *
 * Memory is taken in blocks and given back all at once; reset keeps the largest block, so that a
 * loop over batches settles at no allocation at all. An optional bound turns hostile sizes into
 * JL_LIMIT.
 *
 * Thread: one at a time. */
#ifndef JIELIAN_ARENA_H
#define JIELIAN_ARENA_H

#include "jielian/base/bytes.h"

struct jl_arena_block;

struct jl_arena {
    struct jl_arena_block *first;
    struct jl_arena_block *current;
    size_t used_bytes;
    size_t limit_bytes; /* 0: no bound */
};

void jl_arena_fini(struct jl_arena *arena);  /* frees everything; leaves an empty, usable arena */
void jl_arena_reset(struct jl_arena *arena); /* forgets everything, keeps the largest block */

/* Aligned for any object; NULL when memory or the bound is used up. size 0 gives a valid pointer.
 */
JL_MUST_CHECK void *jl_arena_alloc(struct jl_arena *arena, size_t size);
JL_MUST_CHECK void *jl_arena_zalloc(struct jl_arena *arena, size_t count, size_t size);
/* A copy that lives as long as the arena. */
JL_MUST_CHECK enum jl_rc jl_arena_dup(struct jl_arena *arena, struct jl_bytes bytes,
                                      struct jl_bytes *out_bytes, struct jl_err *err);
/* NUL-terminated copy, NULL when memory is used up. */
JL_MUST_CHECK char *jl_arena_text(struct jl_arena *arena, struct jl_bytes bytes);
JL_MUST_CHECK char *jl_arena_printf(struct jl_arena *arena, const char *format, ...)
    JL_PRINTF(2, 3);

/* Append one element place to an array in the arena, doubling it when full. NULL: no memory. */
void *jl_arena_grow(struct jl_arena *arena, void *items, size_t count, size_t *capacity,
                    size_t item_bytes);

#endif
