/* What a device says of itself is what the district knows of it:
 *
 *   I9  nothing was damaged, so nothing needed a repair: rows, sums and cursors always moved
 *       together (a district that was restored lacks what its PCs still have: that is repaired);
 *   I10 the mark of every op in an outbox is a verdict that the journal gave it;
 *   I11 no device works by an older catalogue than the district. */
#include "sim.h"

#include <inttypes.h>
#include <string.h>

/* May an op with this mark have got this verdict? */
static bool fits(enum jl_outbox_state mark, enum jl_verdict_code verdict) {
    switch (mark) {
    case JL_OUTBOX_APPLIED:
        return verdict == JL_VERDICT_APPLIED;
    case JL_OUTBOX_MERGED:
        return verdict == JL_VERDICT_MERGED;
    case JL_OUTBOX_CASE:
        return verdict == JL_VERDICT_CASE;
    case JL_OUTBOX_PARKED:
    case JL_OUTBOX_SUPERSEDED:
        return verdict == JL_VERDICT_PARKED;
    case JL_OUTBOX_PENDING:
        break;
    }
    return false;
}

static bool check_mark(struct sim *sim, size_t number, const struct jl_outbox_entry *mark,
                       struct jl_bytes op) {
    const struct sim_oracle *oracle = &sim->oracle;
    uint8_t hash[JL_HASH_BYTES];
    struct jl_err err;
    bool judged = false;
    JL_ASSERT(jl_hash(sim->world.district->books->hasher, &op, 1, hash, &err) == JL_OK);
    for (size_t i = 0; i < oracle->entry_count; i++) {
        const struct sim_entry *entry = &oracle->entries[i];
        if (memcmp(entry->hash, hash, JL_HASH_BYTES) == 0) {
            judged = true;
            if (fits(mark->state, entry->verdict)) {
                return true;
            }
        }
    }
    return !judged /* I3 answers for it */ ||
           sim_fail(sim, "I10: device %zu marks op %" PRIu64 " as %d, which no verdict says",
                    number, mark->pos, (int)mark->state);
}

static bool check_marks(struct sim *sim, size_t number) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_books *books = sim->world.devices[number].office->books;
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    struct jl_err err = {0};
    enum jl_rc rc =
        jl_store_outbox_range(books->store, 1, SIZE_MAX, SIZE_MAX, &arena, &entries, &count, &err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        JL_AUTO(jl_buf) plain = {0};
        rc = jl_books_unseal_bytes(books, "outbox", entries[i].pos, entries[i].body, &plain, &err);
        if (rc == JL_OK &&
            !check_mark(sim, number, &entries[i],
                        jl_bytes(plain.data + JL_HASH_BYTES, plain.size - JL_HASH_BYTES))) {
            return false;
        }
    }
    return rc == JL_OK || sim_fail(sim, "the outbox of device %zu: %s", number, err.text);
}

bool sim_check_agreement(struct sim *sim) {
    uint64_t catalogue = jl_catalogue_version(sim->world.district->books->catalogue);
    for (size_t i = 0; i < sim->world.device_count; i++) {
        struct world_device *device = &sim->world.devices[i];
        if (world_state(device) == JL_DEVICE_REVOKED) {
            continue;
        }
        if (sim->restores == 0 && device->office->state.repairs > 0) {
            return sim_fail(sim, "I9: device %zu had %" PRIu64 " repairs", i,
                            device->office->state.repairs);
        }
        if (jl_catalogue_version(device->office->books->catalogue) < catalogue) {
            return sim_fail(sim, "I11: device %zu works by an older catalogue", i);
        }
        if (!check_marks(sim, i)) {
            return false;
        }
    }
    return true;
}
