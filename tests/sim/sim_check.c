/* What must hold when the faults have ended and every device got the same bounded number of steps:
 *
 *   I1 every op of every device has a verdict, and every device proves identical (liveness);
 *   I2 an independent comparison, field by field, agrees with the proof;
 *   I3 every op that a device's disk holds is in the district's journal, byte by byte;
 *   I4 Σ unions of the offices = unions at the district;
 *   I5 the journal replays into an empty store to the same sums, its chain and signatures hold. */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

enum { SETTLE_ROUNDS = 6, OPS_MAX = 100000 };

struct op_hashes {
    struct jl_district *district;
    uint8_t (*items)[JL_HASH_BYTES];
    size_t count, capacity;
    struct jl_arena arena;
};

static enum jl_rc gather_ops(void *context, const struct jl_journal_entry *entry,
                             struct jl_err *err) {
    struct op_hashes *hashes = context;
    struct jl_message message;
    JL_AUTO(jl_buf) frame = {0};
    JL_AUTO(jl_arena) arena = {0};
    enum jl_rc rc = jl_books_unseal_bytes(hashes->district->books, "journal", entry->seq,
                                          entry->body, &frame, err);
    if (rc == JL_OK) {
        rc = jl_wire_decode(hashes->district->wire, jl_buf_bytes(&frame), &arena, &message, err);
    }
    for (size_t i = 0; rc == JL_OK && i < message.as.push.count; i++) {
        JL_ASSERT(hashes->count < hashes->capacity);
        rc = jl_hash(hashes->district->books->hasher, &message.as.push.ops[i], 1,
                     hashes->items[hashes->count++], err);
    }
    return rc;
}

static bool in_journal(const struct op_hashes *hashes, const uint8_t hash[static JL_HASH_BYTES]) {
    for (size_t i = 0; i < hashes->count; i++) {
        if (memcmp(hashes->items[i], hash, JL_HASH_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

/* I1 and I3 for one device. */
static bool check_outbox(struct sim *sim, struct world_device *device, size_t number,
                         const struct op_hashes *hashes) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    struct jl_err err;
    if (jl_store_outbox_range(device->office->books->store, 1, SIZE_MAX, SIZE_MAX, &arena, &entries,
                              &count, &err) != JL_OK) {
        return sim_fail(sim, "the outbox of device %zu can't be read: %s", number, err.text);
    }
    for (size_t i = 0; i < count; i++) {
        JL_AUTO(jl_buf) plain = {0};
        uint8_t hash[JL_HASH_BYTES];
        if (entries[i].state == JL_OUTBOX_PENDING) {
            return sim_fail(sim, "I1: an op of device %zu has no verdict", number);
        }
        if (jl_books_unseal_bytes(device->office->books, "outbox", entries[i].pos, entries[i].body,
                                  &plain, &err) != JL_OK) {
            return sim_fail(sim, "an op of device %zu can't be read: %s", number, err.text);
        }
        struct jl_bytes op = jl_bytes(plain.data + JL_HASH_BYTES, plain.size - JL_HASH_BYTES);
        JL_ASSERT(jl_hash(device->office->books->hasher, &op, 1, hash, &err) == JL_OK);
        if (!in_journal(hashes, hash)) {
            return sim_fail(sim, "I3: an op of device %zu is not in the journal", number);
        }
    }
    return true;
}

static bool check_devices(struct sim *sim) {
    struct world *world = &sim->world;
    struct op_hashes hashes = {.district = world->district, .capacity = OPS_MAX};
    struct jl_err err = {0};
    size_t members = 0;
    size_t at_offices = 0;
    hashes.items = calloc(hashes.capacity, JL_HASH_BYTES);
    bool good = jl_store_journal_read(world->district->books->store, 1, 0, gather_ops, &hashes,
                                      &err) == JL_OK;
    if (!good) {
        sim_fail(sim, "%s", err.text);
    }
    bool counted[JL_OFFICES_MAX] = {false};
    for (size_t i = 0; good && i < world->device_count; i++) {
        struct world_device *device = &world->devices[i];
        good = check_outbox(sim, device, i, &hashes) &&
               (world_same(device) || sim_fail(sim, "I2: the rows of device %zu differ", i));
        if (good && !counted[device->office_number]) {
            counted[device->office_number] = true;
            at_offices += world_count_live(device->office->books, "union_org");
        }
    }
    members = world_count_live(world->district->books, "union_org");
    if (good && members != at_offices) {
        good = sim_fail(sim, "I4: the offices have %zu, the district %zu", at_offices, members);
    }
    free(hashes.items);
    return good;
}

static bool settle(struct sim *sim) {
    struct world *world = &sim->world;
    for (int round = 0; round < SETTLE_ROUNDS; round++) {
        for (size_t i = 0; i < world->device_count; i++) {
            if (!world_sync(&world->devices[i]) && round == SETTLE_ROUNDS - 1) {
                return sim_fail(sim, "I1: device %zu does not get its proof", i);
            }
        }
    }
    return true;
}

bool sim_check(struct sim *sim) {
    struct jl_verify_result result;
    struct jl_err err = {0};
    if (!settle(sim) || !check_devices(sim)) {
        return false;
    }
    if (jl_district_verify(sim->world.district, NULL, &result, &err) != JL_OK) {
        return sim_fail(sim, "%s", err.text);
    }
    return result.same || sim_fail(sim, "I5: %s", result.difference);
}
