/* A place is compared as bytes, so parts in ascending order are ranges in ascending order, and the
 * part of a place is the last one that does not begin behind it. */
#include "jielian/sync/parts.h"
#include "jielian/base/assert.h"

#include <string.h>

_Static_assert(JL_PART_LIST_MAX <= JL_PART_WAYS, "a list is no longer than the sums in its place");
_Static_assert(JL_PART_LIST_MAX <= 64, "docs/design.md section 6");

static unsigned half_byte(const uint8_t *bytes, unsigned at) {
    return at % 2 == 0 ? bytes[at / 2] >> 4 : bytes[at / 2] & 0x0f;
}

static uint64_t load_le(const uint8_t *bytes) {
    uint64_t value = 0;
    for (int i = JL_SHORT_SUM_BYTES - 1; i >= 0; i--) {
        value = value << 8 | bytes[i];
    }
    return value;
}

static void store_le(uint8_t *bytes, uint64_t value) {
    for (int i = 0; i < JL_SHORT_SUM_BYTES; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
}

struct jl_place jl_part_place(uint32_t type, const struct jl_id *id) {
    struct jl_place place;
    for (int i = 0; i < JL_ID_BYTES; i++) {
        place.bytes[i] = id->bytes[JL_ID_BYTES - 1 - i];
    }
    for (int i = 0; i < JL_PLACE_BYTES - JL_ID_BYTES; i++) {
        place.bytes[JL_ID_BYTES + i] = (uint8_t)(type >> (24 - 8 * i));
    }
    return place;
}

static bool has(const struct jl_part *part, const struct jl_place *place) {
    unsigned whole = part->depth / 2;
    return memcmp(part->begin, place->bytes, whole) == 0 &&
           (part->depth % 2 == 0 ||
            half_byte(part->begin, part->depth - 1U) == half_byte(place->bytes, part->depth - 1U));
}

size_t jl_part_find(const struct jl_part *parts, size_t count, const struct jl_place *place) {
    size_t low = 0;
    size_t high = count; /* parts[low − 1] begins at or before the place, parts[high] behind it */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(parts[middle].begin, place->bytes, JL_PLACE_BYTES) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 && has(&parts[low - 1], place) ? low - 1 : SIZE_MAX;
}

unsigned jl_part_way(const struct jl_part *part, const struct jl_place *place) {
    JL_ASSERT(part->depth < JL_PLACE_DEPTH);
    return half_byte(place->bytes, part->depth);
}

struct jl_part jl_part_split(const struct jl_part *part, unsigned way) {
    JL_ASSERT(part->depth < JL_PLACE_DEPTH && way < JL_PART_WAYS);
    struct jl_part split = *part;
    split.begin[part->depth / 2] |= (uint8_t)(part->depth % 2 == 0 ? way << 4 : way);
    split.depth++;
    return split;
}

void jl_part_add(struct jl_part_sum *sum, const struct jl_part *part, const struct jl_place *place,
                 const uint8_t *hash) {
    if (sum->count < JL_PART_LIST_MAX) {
        memcpy(sum->hashes[sum->count], hash, JL_SHORT_SUM_BYTES);
    }
    if (part->depth < JL_PLACE_DEPTH) { /* else it is the only one of its place */
        sum->ways[jl_part_way(part, place)] += load_le(hash);
    }
    sum->count++;
}

static void sort_hashes(uint8_t hashes[][JL_SHORT_SUM_BYTES], size_t count) {
    for (size_t i = 1; i < count; i++) {
        uint8_t moving[JL_SHORT_SUM_BYTES];
        size_t at = i;
        memcpy(moving, hashes[i], sizeof moving);
        for (; at > 0 && memcmp(hashes[at - 1], moving, sizeof moving) > 0; at--) {
            memcpy(hashes[at], hashes[at - 1], sizeof moving);
        }
        memcpy(hashes[at], moving, sizeof moving);
    }
}

struct jl_told_part jl_part_tell(const struct jl_part *part, struct jl_part_sum *sum,
                                 uint8_t *sums) {
    struct jl_told_part told = {.part = *part, .count = sum->count, .sums = sums};
    if (sum->count <= JL_PART_LIST_MAX) {
        sort_hashes(sum->hashes, (size_t)sum->count);
        memcpy(sums, sum->hashes, (size_t)sum->count * JL_SHORT_SUM_BYTES);
        return told;
    }
    for (unsigned way = 0; way < JL_PART_WAYS; way++) {
        store_le(sums + way * (size_t)JL_SHORT_SUM_BYTES, sum->ways[way]);
    }
    return told;
}

bool jl_part_same(const struct jl_told_part *told, const struct jl_part_sum *own, unsigned way) {
    return load_le(told->sums + way * (size_t)JL_SHORT_SUM_BYTES) == own->ways[way];
}
