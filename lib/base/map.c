/* Open addressing with linear steps; nothing is ever taken out. */
#include "jielian/base/map.h"
#include "jielian/base/assert.h"
#include "jielian/base/fault.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

struct jl_map_slot {
    uint64_t hash;
    struct jl_bytes key; /* data NULL: free */
    void *value;
};

void jl_map_fini(struct jl_map *map) {
    free(map->slots);
    *map = (struct jl_map){0};
}

/* FNV-1a, then a mix so that the low bits depend on all of them. */
static uint64_t hash_of(struct jl_bytes key) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < key.size; i++) {
        hash = (hash ^ key.data[i]) * UINT64_C(0x100000001b3);
    }
    hash ^= hash >> 32;
    hash *= UINT64_C(0xd6e8feb86659fd93);
    return hash ^ hash >> 32;
}

/* The slot of the key, or the free one where it belongs. */
static struct jl_map_slot *find(struct jl_map_slot *slots, size_t capacity, uint64_t hash,
                                struct jl_bytes key) {
    size_t at = (size_t)hash & (capacity - 1);
    while (slots[at].key.data != NULL &&
           (slots[at].hash != hash || !jl_bytes_equal(slots[at].key, key))) {
        at = (at + 1) & (capacity - 1);
    }
    return &slots[at];
}

static bool grow(struct jl_map *map) {
    size_t capacity = map->capacity == 0 ? FIRST_CAPACITY : map->capacity * 2;
    struct jl_map_slot *slots = calloc(capacity, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->slots[i].key.data != NULL) {
            *find(slots, capacity, map->slots[i].hash, map->slots[i].key) = map->slots[i];
        }
    }
    free(map->slots);
    map->slots = slots;
    map->capacity = capacity;
    return true;
}

void *jl_map_get(const struct jl_map *map, struct jl_bytes key) {
    return map->capacity == 0 ? NULL : find(map->slots, map->capacity, hash_of(key), key)->value;
}

void **jl_map_place(struct jl_map *map, struct jl_bytes key, struct jl_arena *arena,
                    struct jl_err *err) {
    JL_ASSERT(key.size > 0);
    if (map->count >= map->capacity / 4 * 3 && !grow(map)) {
        (void)jl_fault_memory(err);
        return NULL;
    }
    uint64_t hash = hash_of(key);
    struct jl_map_slot *slot = find(map->slots, map->capacity, hash, key);
    if (slot->key.data == NULL) {
        if (jl_arena_dup(arena, key, &slot->key, err) != JL_OK) {
            return NULL;
        }
        slot->hash = hash;
        map->count++;
    }
    return &slot->value;
}
