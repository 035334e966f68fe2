/* What must hold when the faults have ended and everything has come to rest:
 *
 *   I1 every op of every device has a verdict, and every device proves identical (sim_settle.c);
 *   I2 an independent comparison, field by field, agrees with the proof;
 *   I3 every op that anyone committed is in the district's journal, unless every disk that had it
 *      was lost;
 *   I4 office by office and in all, what the offices have is what the district has: nobody is in
 *      two offices or in none;
 *   I5 the journal replays into an empty store to the same sums, its chain and signatures hold;
 *   I6 every value is current, in the record's history or in a case (sim_value.c);
 *   I7 no op took effect twice (watched all along, sim_oracle.c);
 *   I8 what was parked lies at its PC with a reason;
 *   I13 what a person refused while it was held never took effect (watched, sim_oracle.c);
 *   I24 an office's merge is taken as a whole, or nothing of it (sim_own.c)
 *   I14 after a merge one of the two is there, and all that referred to the other refers to it
 *      (looked at after each, sim_district.c);
 *   I9 to I12 what devices say of themselves is so (sim_agree.c). */
#include "sim.h"

#include "jielian/catalogue/catalogue.h"
#include "tests/said.h"

#include <inttypes.h>
#include <string.h>

static bool is_out(struct world_device *device) {
    return world_state(device) == JL_DEVICE_REVOKED;
}

/* ---- I1, I8 ---- */

static bool check_outbox(struct sim *sim, size_t number) {
    JL_AUTO(jl_arena) arena = {0};
    struct world_device *device = &sim->world.devices[number];
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    struct jl_err err;
    if (jl_outbox_range(device->office->books->store, 1, SIZE_MAX, SIZE_MAX, &arena, &entries,
                        &count, &err) != JL_OK) {
        return sim_fail(sim, "the outbox of device %zu can't be read: %s", number, err_said(&err));
    }
    for (size_t i = 0; i < count; i++) {
        if (entries[i].state == JL_OUTBOX_PENDING) {
            return sim_fail(sim, "I1: op %" PRIu64 " of device %zu has no verdict", entries[i].pos,
                            number);
        }
        if (entries[i].state == JL_OUTBOX_PARKED && entries[i].reason.size == 0) {
            return sim_fail(sim, "I8: op %" PRIu64 " of device %zu is parked without a reason",
                            entries[i].pos, number);
        }
    }
    return true;
}

bool sim_superseded(const struct sim *sim, const struct sim_op *op) {
    const struct sim_op *end = sim->oracle.ops + sim->oracle.op_count;
    for (const struct sim_op *later = op + 1; later < end; later++) {
        if (later->device == op->device && later->op.type == op->op.type &&
            jl_id_equal(&later->op.id, &op->op.id)) {
            return true;
        }
    }
    return false;
}

/* What the clerk typed is still shown: the record of a parked op is there, or its reason says why
 * it is not (it left, it was deleted). Of what its PC dropped when it had another verdict, by books
 * that were lost since, sim_keep.c asks then. */
static bool check_parked(struct sim *sim, struct sim_hashes *on_disks) {
    for (size_t i = 0; i < sim->oracle.op_count; i++) {
        const struct sim_op *op = &sim->oracle.ops[i];
        const struct sim_entry *entry = op->lost ? NULL : sim_oracle_entry(sim, op->hash);
        if (entry == NULL || entry->verdict != JL_VERDICT_PARKED || op->device == SIM_AT_DISTRICT ||
            entry->waited /* its PC got CASE */ || op->off_disk || op->trimmed ||
            is_out(&sim->world.devices[op->device])) {
            continue;
        }
        if (!sim_hashes_have(on_disks, op->hash) && !sim_superseded(sim, op)) {
            return sim_fail(sim, "I8: the op of step %zu is parked, and its PC does not have it",
                            op->step);
        }
    }
    return true;
}

/* ---- I3 ---- */

static bool check_ops(struct sim *sim) {
    struct sim_hashes held = {0};
    struct sim_hashes on_disks = {0};
    bool good = sim_copies_in_quarantine(sim, &held) && sim_copies_on_disks(sim, &on_disks);
    for (size_t i = 0; good && i < sim->oracle.op_count; i++) {
        const struct sim_op *op = &sim->oracle.ops[i];
        const struct sim_entry *entry = sim_oracle_entry(sim, op->hash);
        if (entry != NULL) {
            sim->out->tally.verdicts[entry->verdict]++;
            continue;
        }
        good = sim_oracle_excused(sim, op) || sim_hashes_have(&held, op->hash) ||
               sim_fail(sim, "I3: the op of step %zu (kind %d, type %" PRIu32 ") is nowhere",
                        op->step, (int)op->op.kind, op->op.type);
    }
    good = good && check_parked(sim, &on_disks);
    sim_hashes_fini(&held);
    sim_hashes_fini(&on_disks);
    return good;
}

/* ---- I4 ---- */

struct count {
    uint32_t owner; /* 0: any office's */
    size_t live;
};

static enum jl_rc count_owned(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct count *count = context;
    (void)err;
    bool counts = stored->head.state == JL_RECORD_LIVE && stored->head.owner != 0 &&
                  (count->owner == 0 || stored->head.owner == count->owner);
    count->live += counts ? 1 : 0;
    return JL_OK;
}

static bool count_of(struct sim *sim, struct jl_books *books, const char *type, uint32_t owner,
                     size_t *out) {
    struct count count = {.owner = owner};
    struct jl_err err;
    struct jl_scan scan = {.type = jl_catalogue_type_named(books->catalogue, type)->number};
    enum jl_rc rc = jl_records_scan(books->store, &scan, count_owned, &count, &err);
    *out = count.live;
    return rc == JL_OK || sim_fail(sim, "%s can't be counted: %s", type, err_said(&err));
}

static struct world_device *device_of(struct sim *sim, uint32_t office) {
    for (size_t i = 0; i < sim->world.device_count; i++) {
        if (sim->world.devices[i].office_number == office && !is_out(&sim->world.devices[i])) {
            return &sim->world.devices[i];
        }
    }
    return NULL;
}

/* The sum over offices is made of what the offices themselves hold; for one whose PCs are all
 * revoked the district's word stands. */
static bool check_sums(struct sim *sim, const char *type) {
    struct jl_books *district = sim->world.district->books;
    size_t all = 0;
    size_t sum = 0;
    if (!count_of(sim, district, type, 0, &all)) {
        return false;
    }
    for (size_t i = 0; i < SIM_OFFICES_MAX + sim->offices_added; i++) {
        uint32_t office = sim_office_at(sim, i);
        struct world_device *device = device_of(sim, office);
        size_t here = 0;
        size_t there = 0;
        if (!count_of(sim, district, type, office, &there) ||
            (device != NULL && !count_of(sim, device->office->books, type, office, &here))) {
            return false;
        }
        if (device != NULL && here != there) {
            return sim_fail(sim, "I4: office %" PRIu32 " has %zu %s, the district says %zu", office,
                            here, type, there);
        }
        sum += device != NULL ? here : there;
    }
    return sum == all ||
           sim_fail(sim, "I4: the offices have %zu %s, the district %zu", sum, type, all);
}

/* ---- All ---- */

static bool check_devices(struct sim *sim) {
    for (size_t i = 0; i < sim->world.device_count; i++) {
        struct world_device *device = &sim->world.devices[i];
        if (is_out(device)) {
            continue;
        }
        sim->out->tally.repaired += device->repaired;
        if (!check_outbox(sim, i)) {
            return false;
        }
        char difference[256];
        if (!world_compare(device, difference, sizeof difference)) {
            return sim_fail(sim, "I2: device %zu: %s", i, difference);
        }
    }
    return true;
}

static bool check_replay(struct sim *sim) {
    const char *fault = world_replay_fault(&sim->world);
    return *fault == '\0' || sim_fail(sim, "I5: %s", fault);
}

bool sim_check(struct sim *sim) {
    static const char *const types[] = {"member", "union_org", "activity", "attendance"};
    bool good = sim_settle(sim) && check_devices(sim) && check_ops(sim);
    for (size_t i = 0; good && i < sizeof types / sizeof *types; i++) {
        good = check_sums(sim, types[i]);
    }
    return good && check_replay(sim) && sim_own_check(sim) && sim_check_values(sim) &&
           sim_check_agreement(sim);
}
