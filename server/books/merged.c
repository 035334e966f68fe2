/* Entries in the order of the merges, found through a table of open addressing that is made anew
 * whenever places move: merges are rare beside look-ups. */
#include "merged.h"

#include "jielian/base/fault.h"

#include <stdlib.h>
#include <string.h>

enum { ENTRY_BYTES = 4 + 2 * JL_ID_BYTES, FIRST_CAPACITY = 64 };

void jl_merged_fini(struct jl_merged *merged) {
    if (merged == NULL) {
        return;
    }
    free(merged->entries);
    free(merged->slots);
    *merged = (struct jl_merged){0};
}

/* ---- Finding ---- */

/* The place of the record's entry, or a free one. */
static uint32_t *slot_of(const struct jl_merged *merged, uint32_t type, const struct jl_id *gone) {
    /* FNV-1a (Fowler, Noll, Vo); at most half of the table is used. */
    uint64_t hash = 0xcbf29ce484222325u ^ type;
    for (size_t i = 0; i < JL_ID_BYTES; i++) {
        hash = (hash ^ gone->bytes[i]) * 0x100000001b3u;
    }
    size_t slot = (size_t)hash & (merged->slot_count - 1);
    while (merged->slots[slot] != 0) {
        const struct jl_merged_entry *entry = &merged->entries[merged->slots[slot] - 1];
        if (entry->type == type && jl_id_equal(&entry->gone, gone)) {
            break;
        }
        slot = (slot + 1) & (merged->slot_count - 1);
    }
    return &merged->slots[slot];
}

static void make_slots(struct jl_merged *merged) {
    memset(merged->slots, 0, merged->slot_count * sizeof *merged->slots);
    for (size_t i = 0; i < merged->count; i++) {
        *slot_of(merged, merged->entries[i].type, &merged->entries[i].gone) = (uint32_t)i + 1;
    }
}

const struct jl_id *jl_merged_kept(const struct jl_merged *merged, uint32_t type,
                                   const struct jl_id *gone) {
    if (merged->count == 0) {
        return NULL;
    }
    uint32_t place = *slot_of(merged, type, gone);
    return place != 0 ? &merged->entries[place - 1].kept : NULL;
}

const struct jl_id *jl_merged_last(const struct jl_merged *merged, uint32_t type,
                                   const struct jl_id *gone) {
    const struct jl_id *kept = jl_merged_kept(merged, type, gone);
    for (int step = 1; kept != NULL; step++) {
        const struct jl_id *next = jl_merged_kept(merged, type, kept);
        if (next == NULL) {
            return kept;
        }
        kept = step < JL_MERGED_CHAIN_MAX ? next : NULL;
    }
    return NULL;
}

/* ---- Changing ---- */

static enum jl_rc make_room(struct jl_merged *merged, size_t count, struct jl_err *err) {
    size_t capacity = merged->capacity > 0 ? merged->capacity : FIRST_CAPACITY;
    while (capacity < count) {
        capacity *= 2;
    }
    if (capacity == merged->capacity) {
        return JL_OK;
    }
    struct jl_merged_entry *entries = calloc(capacity, sizeof *entries);
    uint32_t *slots = calloc(2 * capacity, sizeof *slots);
    if (entries == NULL || slots == NULL) {
        free(entries);
        free(slots);
        return jl_fault_memory(err);
    }
    if (merged->count > 0) {
        memcpy(entries, merged->entries, merged->count * sizeof *entries);
    }
    free(merged->entries);
    free(merged->slots);
    merged->entries = entries;
    merged->slots = slots;
    merged->capacity = capacity;
    merged->slot_count = 2 * capacity;
    make_slots(merged);
    return JL_OK;
}

static void remove_at(struct jl_merged *merged, size_t index) {
    merged->count--;
    memmove(&merged->entries[index], &merged->entries[index + 1],
            (merged->count - index) * sizeof *merged->entries);
    make_slots(merged);
}

void jl_merged_drop(struct jl_merged *merged, uint32_t type, const struct jl_id *gone) {
    uint32_t place = merged->count > 0 ? *slot_of(merged, type, gone) : 0;
    if (place != 0) {
        remove_at(merged, place - 1);
    }
}

enum jl_rc jl_merged_put(struct jl_merged *merged, const struct jl_merged_entry *entry,
                         struct jl_err *err) {
    size_t most = merged->count < JL_MERGED_MAX ? merged->count + 1 : JL_MERGED_MAX;
    enum jl_rc rc = make_room(merged, most, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_merged_drop(merged, entry->type, &entry->gone);
    if (merged->count == JL_MERGED_MAX) {
        remove_at(merged, 0);
    }
    merged->entries[merged->count] = *entry;
    *slot_of(merged, entry->type, &entry->gone) = (uint32_t)++merged->count;
    return JL_OK;
}

/* ---- Bytes ---- */

enum jl_rc jl_merged_encode(const struct jl_merged *merged, struct jl_buf *out,
                            struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < merged->count; i++) {
        const struct jl_merged_entry *entry = &merged->entries[i];
        rc = jl_buf_put_u32be(out, entry->type, err);
        if (rc == JL_OK) {
            rc = jl_buf_put(out, entry->gone.bytes, JL_ID_BYTES, err);
        }
        if (rc == JL_OK) {
            rc = jl_buf_put(out, entry->kept.bytes, JL_ID_BYTES, err);
        }
    }
    return rc;
}

enum jl_rc jl_merged_decode(struct jl_bytes bytes, struct jl_merged *merged, struct jl_err *err) {
    size_t count = bytes.size / ENTRY_BYTES;
    merged->count = 0;
    if (bytes.size % ENTRY_BYTES != 0 || count > JL_MERGED_MAX) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED,
                           "the list of merged records has %zu bytes", bytes.size);
    }
    enum jl_rc rc = make_room(merged, count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        const uint8_t *at = bytes.data + i * ENTRY_BYTES;
        struct jl_merged_entry *entry = &merged->entries[i];
        entry->type = (uint32_t)jl_bytes_get_be(at, 4);
        memcpy(entry->gone.bytes, at + 4, JL_ID_BYTES);
        memcpy(entry->kept.bytes, at + 4 + JL_ID_BYTES, JL_ID_BYTES);
    }
    if (rc == JL_OK) {
        merged->count = count;
        make_slots(merged);
    }
    return rc;
}
