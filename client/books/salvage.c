/* Reading a damaged file position by position, and laying what came out over new books.
 *
 * A range over a damaged tree ends at the first bad page; asking for each position by itself
 * reaches all that lie on sound pages. */
#include "salvage.h"

#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/path.h"
#include "jielian/crypto/sealer.h"
#include "jielian/op/merge.h"
#include "jielian/sync/chain.h"

#include <stdlib.h>
#include <string.h>

void jl_salvage_fini(struct jl_salvage *salvage) {
    if (salvage == NULL) {
        return;
    }
    free(salvage->entries);
    free(salvage->parked);
    jl_arena_fini(&salvage->arena);
    *salvage = (struct jl_salvage){0};
}

/* What damage returns; anything else is trouble of the moment and ends the reading. */
static bool is_damage(enum jl_rc rc) {
    return rc == JL_CORRUPT || rc == JL_PROTO || rc == JL_NOT_FOUND || rc == JL_DENIED ||
           rc == JL_LIMIT || rc == JL_MISUSE;
}

/* ---- Reading ---- */

static enum jl_rc read_meta(struct jl_books *raw, const char *folder, const struct jl_keys *keys,
                            struct jl_salvage *salvage, struct jl_err *err) {
    JL_AUTO(jl_buf) buf = {0};
    enum jl_rc rc = jl_store_meta_get(raw->store, "state", &buf, err);
    if (rc == JL_OK) {
        rc = jl_office_state_get(jl_buf_bytes(&buf), &salvage->state, err);
    }
    salvage->state_read = rc == JL_OK;
    if (rc == JL_OK || is_damage(rc)) {
        rc = jl_identity_get(raw->store, &salvage->identity, err);
        salvage->identity_read = rc == JL_OK;
    }
    if (is_damage(rc)) {
        rc = jl_identity_find(folder, keys, &salvage->identity, err);
        salvage->identity_read = rc == JL_OK;
    }
    return is_damage(rc) ? JL_OK : rc;
}

static enum jl_rc grow(void **items, size_t count, size_t *capacity, size_t size,
                       struct jl_err *err) {
    if (count < *capacity) {
        return JL_OK;
    }
    size_t larger = *capacity == 0 ? 64 : *capacity * 2;
    void *grown = realloc(*items, larger * size);
    if (grown == NULL) {
        return jl_fault_memory(err);
    }
    *items = grown;
    *capacity = larger;
    return JL_OK;
}

/* Does the entry follow the one before? Where a new incarnation begins none does, nor behind a gap.
 */
static enum jl_rc check_chain(struct jl_books *raw, struct jl_salvage *salvage,
                              const struct jl_salvaged *entry, struct jl_err *err) {
    const struct jl_salvaged *before =
        salvage->count > 0 ? &salvage->entries[salvage->count - 1] : NULL;
    uint8_t hash[JL_HASH_BYTES];
    if (before == NULL || before->entry.pos + 1 != entry->entry.pos || !salvage->state_read ||
        entry->entry.pos <= salvage->state.seq_base + 1) {
        return JL_OK;
    }
    memcpy(hash, before->hash.data, sizeof hash);
    enum jl_rc rc = jl_chain_step(raw->hasher, hash, entry->op, err);
    if (rc == JL_OK && memcmp(hash, entry->hash.data, sizeof hash) != 0) {
        salvage->breaks++;
    }
    return rc;
}

static enum jl_rc read_body(struct jl_books *raw, struct jl_salvage *salvage,
                            struct jl_salvaged *entry, struct jl_err *err) {
    JL_AUTO(jl_buf) plain = {0};
    struct jl_bytes copy = {0};
    struct jl_op op;
    enum jl_rc rc =
        jl_books_unseal_bytes(raw, "outbox", entry->entry.pos, entry->entry.body, &plain, err);
    if (rc == JL_OK && plain.size < JL_HASH_BYTES) {
        rc = jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s", "a change is cut off");
    }
    if (rc == JL_OK) {
        rc = jl_arena_dup(&salvage->arena, jl_buf_bytes(&plain), &copy, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    entry->hash = jl_bytes(copy.data, JL_HASH_BYTES);
    entry->op = jl_bytes(copy.data + JL_HASH_BYTES, copy.size - JL_HASH_BYTES);
    return jl_wire_op_decode(entry->op, &salvage->arena, &op, err);
}

/* The entry at or behind a position. JL_NOT_FOUND: there is none. */
static enum jl_rc read_one(struct jl_books *raw, struct jl_salvage *salvage, uint64_t pos,
                           struct jl_salvaged *out_entry, struct jl_err *err) {
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    enum jl_rc rc =
        jl_outbox_range(raw->store, pos, 1, SIZE_MAX, &salvage->arena, &entries, &count, err);
    if (rc == JL_OK && count == 0) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_STORE_NO_POSITION, "%llu",
                           (unsigned long long)pos);
    }
    if (rc == JL_OK) {
        *out_entry = (struct jl_salvaged){.entry = entries[0]};
        rc = read_body(raw, salvage, out_entry, err);
    }
    return rc;
}

/* Positions first..last can't be read. Those that have a verdict may be gone for good reason. */
static void count_lost(struct jl_salvage *salvage, uint64_t first, uint64_t last) {
    uint64_t confirmed = salvage->state_read ? salvage->state.confirmed_pos : UINT64_MAX;
    if (first > last) {
        return;
    }
    salvage->unreadable += last - first + 1;
    if (last > confirmed) {
        salvage->unsent_unreadable += last - (first > confirmed ? first : confirmed + 1) + 1;
    }
}

/* A gap between readable entries: what has a verdict may have been trimmed, what has none may not.
 */
static void count_gap(struct jl_salvage *salvage, uint64_t first, uint64_t last) {
    if (salvage->state_read) {
        uint64_t unsent = salvage->state.confirmed_pos + 1;
        count_lost(salvage, first > unsent ? first : unsent, last);
    }
}

static enum jl_rc take_entry(struct jl_books *raw, struct jl_salvage *salvage,
                             const struct jl_salvaged *entry, struct jl_err *err) {
    enum jl_rc rc = check_chain(raw, salvage, entry, err);
    if (rc == JL_OK) {
        rc = grow((void **)&salvage->entries, salvage->count, &salvage->capacity,
                  sizeof *salvage->entries, err);
    }
    if (rc == JL_OK) {
        salvage->entries[salvage->count++] = *entry;
        salvage->unsent += entry->entry.state == JL_OUTBOX_PENDING ? 1 : 0;
    }
    return rc;
}

/* A page that can't be read is asked for position by position, up to a bound: a state that lies
 * about the newest position must not keep a person waiting for ever. Without the state nobody knows
 * where the end is. */
static enum jl_rc read_outbox(struct jl_books *raw, struct jl_salvage *salvage,
                              struct jl_err *err) {
    enum {
        BLIND_MAX = 1 << 20, /* positions in a row: some seconds, more ops than an import makes */
        BLIND_STATELESS_MAX = 1 << 12,
    };
    const uint64_t blind_max = salvage->state_read ? BLIND_MAX : BLIND_STATELESS_MAX;
    const uint64_t head = salvage->state_read ? salvage->state.head_pos : UINT64_MAX;
    uint64_t blind = 0;
    for (uint64_t pos = 1; pos <= head && blind < blind_max; pos++) {
        struct jl_salvaged entry;
        enum jl_rc rc = read_one(raw, salvage, pos, &entry, err);
        if (rc == JL_NOT_FOUND) {
            count_gap(salvage, pos, head);
            return JL_OK;
        }
        if (rc != JL_OK && !is_damage(rc)) {
            return rc;
        }
        blind = rc == JL_OK ? 0 : blind + 1;
        if (rc == JL_OK) {
            count_gap(salvage, pos, entry.entry.pos - 1);
            pos = entry.entry.pos;
            rc = take_entry(raw, salvage, &entry, err);
        } else if (salvage->state_read) {
            count_lost(salvage, pos, pos);
            rc = JL_OK;
        }
        if (rc == JL_OK && blind == blind_max) {
            count_gap(salvage, pos + 1, head);
        }
        if (rc != JL_OK && !is_damage(rc)) {
            return rc;
        }
    }
    return JL_OK;
}

/* The newest entry of this incarnation must be the one that the state speaks of. */
static void check_end(struct jl_salvage *salvage) {
    const struct jl_salvaged *last =
        salvage->count > 0 ? &salvage->entries[salvage->count - 1] : NULL;
    if (salvage->state_read && last != NULL && last->entry.pos == salvage->state.head_pos &&
        salvage->state.head_pos > salvage->state.seq_base &&
        memcmp(last->hash.data, salvage->state.head_hash, JL_HASH_BYTES) != 0) {
        salvage->breaks++;
    }
}

/* ---- Records that only this PC has ---- */

struct parked {
    struct jl_books *books;
    struct jl_salvage *salvage;
};

static enum jl_rc keep_parked(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct parked *parked = context;
    struct jl_salvage *salvage = parked->salvage;
    struct jl_book_record record;
    if (stored->head.state != JL_RECORD_PARKED) {
        return JL_OK;
    }
    enum jl_rc rc = jl_books_unseal(parked->books, stored, &salvage->arena, &record, err);
    if (is_damage(rc)) {
        salvage->parked_unread = true;
        return JL_OK;
    }
    if (rc == JL_OK) {
        rc = grow((void **)&salvage->parked, salvage->parked_count, &salvage->parked_capacity,
                  sizeof *salvage->parked, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_book_record *out = &salvage->parked[salvage->parked_count];
    *out = record;
    rc = jl_row_dup(&salvage->arena, &record.row, &out->row, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(&salvage->arena, record.head.by_staff, &out->head.by_staff, err);
    }
    salvage->parked_count += rc == JL_OK ? 1 : 0;
    return rc;
}

static enum jl_rc read_parked(const char *folder, const struct jl_keys *keys,
                              struct jl_salvage *salvage, struct jl_err *err) {
    const struct jl_books_options options = {.side = JL_SIDE_OFFICE, .mode = JL_STORE_READ};
    JL_AUTO_PTR(jl_books) books = NULL;
    enum jl_rc rc = jl_books_open(folder, &options, keys, &books, err);
    if (rc == JL_DENIED) {
        return rc; /* rows say of older books whose keys these are where nothing else does */
    }
    struct parked parked = {.books = books, .salvage = salvage};
    JL_AUTO(jl_arena) arena = {0};
    uint32_t *types = NULL;
    size_t count = 0;
    if (rc == JL_OK && books->newer.state == JL_NEWER_BEYOND) {
        /* Trouble of the moment, not damage: the newer program reads them whole. */
        (void)jl_books_too_old(&books->newer, err);
        err->rc = JL_CONFLICT;
        return err->rc;
    }
    if (rc == JL_OK) {
        rc = jl_books_types(books, &arena, &types, &count, err);
    }
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        struct jl_scan scan = {.type = types[i]};
        rc = jl_records_scan(books->store, &scan, keep_parked, &parked, err);
        if (is_damage(rc)) {
            salvage->parked_unread = true;
            rc = JL_OK;
        }
    }
    if (is_damage(rc)) {
        salvage->parked_unread = true;
        rc = JL_OK;
    }
    return rc;
}

/* With other books' keys every change would count as unreadable, and a rebuild would leave them all
 * behind. Where damage hides whose keys these are, reading goes on. */
static enum jl_rc check_keys(struct jl_books *raw, const struct jl_keys *keys, struct jl_err *err) {
    bool held = false;
    enum jl_rc rc = jl_books_check_keys(raw, keys, &held, err);
    return rc != JL_DENIED && is_damage(rc) ? JL_OK : rc;
}

static enum jl_rc read_raw(const char *path, const char *folder, struct jl_books *raw,
                           const struct jl_keys *keys, struct jl_salvage *salvage,
                           struct jl_err *err) {
    const struct jl_store_options options = {.mode = JL_STORE_READ,
                                             .application_id = JL_STORE_OFFICE_ID};
    enum jl_rc rc = jl_store_open(path, &options, &raw->store, err);
    salvage->opened = rc == JL_OK;
    if (is_damage(rc)) {
        salvage->parked_unread = true;
        rc = jl_identity_find(folder, keys, &salvage->identity, err);
        salvage->identity_read = rc == JL_OK;
        return is_damage(rc) ? JL_OK : rc;
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_sealer_new(keys->suite, &keys->data, &raw->sealer, err);
    if (rc == JL_OK) {
        rc = jl_hasher_new(keys->suite, &raw->hasher, err);
    }
    if (rc == JL_OK) {
        rc = check_keys(raw, keys, err);
    }
    if (rc == JL_OK) {
        rc = jl_store_begin(raw->store, false, err); /* `run` may be writing: one snapshot */
        rc = is_damage(rc) ? JL_OK : rc;
    }
    if (rc == JL_OK) {
        rc = read_meta(raw, folder, keys, salvage, err);
    }
    if (rc == JL_OK) {
        rc = read_outbox(raw, salvage, err);
    }
    jl_store_rollback(raw->store);
    if (rc == JL_OK) {
        check_end(salvage);
    }
    return rc == JL_OK ? read_parked(folder, keys, salvage, err) : rc;
}

enum jl_rc jl_salvage_read(const char *folder, const struct jl_keys *keys,
                           struct jl_salvage *salvage, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    struct jl_books raw = {.side = JL_SIDE_OFFICE, .suite = keys->suite, .read_only = true};
    *salvage = (struct jl_salvage){0};
    enum jl_rc rc = jl_path_join(folder, "jielian.db", path, sizeof path, err);
    if (rc == JL_OK) {
        rc = read_raw(path, folder, &raw, keys, salvage, err);
        rc = rc == JL_DENIED ? jl_keys_wrap(folder, err) : rc;
    }
    jl_store_close(raw.store);
    jl_sealer_free(raw.sealer);
    jl_hasher_free(raw.hasher);
    return rc;
}
