/* first → … → current, each block at least twice the one before, so n bytes take O(log n) blocks
 * and the largest block holds at least half of everything. reset keeps that largest one: a loop
 * over batches of one size needs a few rounds until a single block holds a whole batch.
 *
 *   block  next | capacity | used | data … (aligned for any object)
 *
 * used_bytes counts what was asked for; the bound is on that, not on blocks and padding. */
#include "jielian/base/arena.h"
#include "jielian/base/fault.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_BLOCK_BYTES = 4096,
};

struct jl_arena_block {
    struct jl_arena_block *next;
    size_t capacity;
    size_t used;
    alignas(max_align_t) uint8_t data[];
};

static void free_blocks(struct jl_arena_block *block) {
    while (block != NULL) {
        struct jl_arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void jl_arena_fini(struct jl_arena *arena) {
    free_blocks(arena->first);
    arena->first = NULL;
    arena->current = NULL;
    arena->used_bytes = 0;
}

void jl_arena_reset(struct jl_arena *arena) {
    arena->used_bytes = 0;
    if (arena->first == NULL) {
        return;
    }
    struct jl_arena_block *last = arena->current; /* the largest */
    struct jl_arena_block *block = arena->first;
    while (block != last) {
        struct jl_arena_block *next = block->next;
        free(block);
        block = next;
    }
    last->used = 0;
    arena->first = last;
}

/* Append a block that holds at least size bytes; false when memory is used up. */
static bool grow(struct jl_arena *arena, size_t size) {
    size_t capacity = FIRST_BLOCK_BYTES;
    if (arena->current != NULL && arena->current->capacity <= SIZE_MAX / 4) {
        capacity = arena->current->capacity * 2;
    }
    if (capacity < size) {
        capacity = size;
    }
    if (capacity > SIZE_MAX / 2) {
        return false;
    }
    struct jl_arena_block *block = malloc(sizeof *block + capacity);
    if (block == NULL) {
        return false;
    }
    block->next = NULL;
    block->capacity = capacity;
    block->used = 0;
    if (arena->current != NULL) {
        arena->current->next = block;
    } else {
        arena->first = block;
    }
    arena->current = block;
    return true;
}

/* Texts need no alignment, which saves about a tenth of a batch. */
static void *take(struct jl_arena *arena, size_t size, size_t alignment) {
    struct jl_arena_block *block = arena->current;
    size_t padding = block == NULL ? 0 : (alignment - block->used % alignment) % alignment;
    size_t limit = arena->limit_bytes == 0 ? SIZE_MAX : arena->limit_bytes;
    if (arena->used_bytes > limit || size > limit - arena->used_bytes) {
        return NULL;
    }
    if (block == NULL || padding > block->capacity - block->used ||
        size > block->capacity - block->used - padding) {
        if (!grow(arena, size)) {
            return NULL;
        }
        block = arena->current;
        padding = 0;
    }
    uint8_t *data = block->data + block->used + padding;
    block->used += padding + size;
    arena->used_bytes += size;
    return data;
}

void *jl_arena_alloc(struct jl_arena *arena, size_t size) {
    return take(arena, size == 0 ? 1 : size, alignof(max_align_t));
}

void *jl_arena_zalloc(struct jl_arena *arena, size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size) {
        return NULL;
    }
    void *data = jl_arena_alloc(arena, count * size);
    if (data != NULL) {
        memset(data, 0, count * size);
    }
    return data;
}

static enum jl_rc used_up(const struct jl_arena *arena, size_t size, struct jl_err *err) {
    size_t limit = arena->limit_bytes;
    if (limit != 0 && (arena->used_bytes > limit || size > limit - arena->used_bytes)) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_LARGE, "%zu" JL_AND "%zu", size, limit);
    }
    return jl_fault_memory(err);
}

enum jl_rc jl_arena_dup(struct jl_arena *arena, struct jl_bytes bytes, struct jl_bytes *out_bytes,
                        struct jl_err *err) {
    if (bytes.size == 0) {
        *out_bytes = jl_bytes(NULL, 0);
        return JL_OK;
    }
    void *data = take(arena, bytes.size, 1);
    if (data == NULL) {
        return used_up(arena, bytes.size, err);
    }
    memcpy(data, bytes.data, bytes.size);
    *out_bytes = jl_bytes(data, bytes.size);
    return JL_OK;
}

char *jl_arena_text(struct jl_arena *arena, struct jl_bytes bytes) {
    if (bytes.size == SIZE_MAX) {
        return NULL;
    }
    char *text = take(arena, bytes.size + 1, 1);
    if (text == NULL) {
        return NULL;
    }
    if (bytes.size > 0) {
        memcpy(text, bytes.data, bytes.size);
    }
    text[bytes.size] = '\0';
    return text;
}

char *jl_arena_printf(struct jl_arena *arena, const char *format, ...) {
    va_list arguments;
    va_list again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *text = length < 0 ? NULL : take(arena, (size_t)length + 1, 1);
    if (text != NULL) {
        (void)vsnprintf(text, (size_t)length + 1, format, again);
    }
    va_end(again);
    va_end(arguments);
    return text;
}

void *jl_arena_grow(struct jl_arena *arena, void *items, size_t count, size_t *capacity,
                    size_t item_bytes) {
    if (count < *capacity) {
        return items;
    }
    size_t larger = *capacity == 0 ? 16 : *capacity * 2;
    void *grown = jl_arena_zalloc(arena, larger, item_bytes);
    if (grown == NULL) {
        return NULL;
    }
    if (count > 0) {
        memcpy(grown, items, count * item_bytes);
    }
    *capacity = larger;
    return grown;
}
