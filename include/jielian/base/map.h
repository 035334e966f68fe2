/* A table from bytes to a pointer, for one command's or one import's working memory: titles already
 * read, references already resolved, keys already seen. Keys are copied into the caller's arena.
 *
 * Thread: one at a time. */
#ifndef JIELIAN_COMMON_DESK_MAP_H
#define JIELIAN_COMMON_DESK_MAP_H

#include "jielian/base/arena.h"

struct jl_map_slot;

struct jl_map {
    struct jl_map_slot *slots;
    size_t capacity; /* a power of two, at most three quarters full */
    size_t count;
};

void jl_map_fini(struct jl_map *map);
/* What stands under the key; NULL when nothing does. */
void *jl_map_get(const struct jl_map *map, struct jl_bytes key);
/* The place under the key, made (holding NULL) when absent; valid until the next call. NULL and
 * JL_NOMEM in err when memory is used up. */
JL_MUST_CHECK void **jl_map_place(struct jl_map *map, struct jl_bytes key, struct jl_arena *arena,
                                  struct jl_err *err);

#endif
