/* What only the district's staff do with what a suspended PC delivered: admit or refuse it, op by
 * op or all of it, while the PC is suspended or when it is in again. */
#include "sim.h"

#include "jielian/base/assert.h"
#include "tests/said.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { HELD_MAX = 2048 }; /* ops of one device that one decision looks at */

/* ---- What is held ---- */

struct held {
    uint32_t origin;
    uint64_t seq;
    uint8_t hash[JL_HASH_BYTES];
    enum jl_decision decision; /* the one that is made now */
    enum jl_decision standing; /* that was made before */
};

struct holding {
    struct sim *sim;
    struct held items[HELD_MAX];
    size_t count;
    struct jl_run runs[HELD_MAX];
    size_t run_count;
};

static enum jl_rc note_held(void *context, const struct jl_held_op *op, struct jl_err *err) {
    struct holding *holding = context;
    struct held *held = &holding->items[holding->count];
    if (holding->count == HELD_MAX) {
        return JL_OK;
    }
    holding->count++;
    *held = (struct held){.origin = op->origin->number, .seq = op->seq, .standing = op->decision};
    return jl_hasher_digest(holding->sim->world.district->books->hasher, &op->bytes, 1, held->hash,
                            err);
}

/* One op may be held in several places: it has one decision. */
static bool check_places(struct sim *sim, const struct holding *holding) {
    for (size_t i = 0; i < holding->count; i++) {
        const struct held *held = &holding->items[i];
        for (size_t j = 0; j < i; j++) {
            const struct held *other = &holding->items[j];
            if (held->standing != other->standing &&
                memcmp(held->hash, other->hash, JL_HASH_BYTES) == 0) {
                return sim_fail(sim,
                                "I13: what is held as %" PRIu32 ".%" PRIu64 " and %" PRIu32
                                ".%" PRIu64 " has two decisions",
                                other->origin, other->seq, held->origin, held->seq);
            }
        }
    }
    return true;
}

static bool look_at(struct sim *sim, uint32_t device, struct holding *holding) {
    struct jl_district *district = sim->world.district;
    struct jl_err err = {0};
    holding->sim = sim;
    holding->count = 0;
    enum jl_rc rc = jl_district_begin(district, false, NULL, &err);
    if (rc == JL_OK) {
        rc = jl_quarantine_each(district, device, note_held, holding, &err);
        jl_store_rollback(district->books->store);
    }
    return rc == JL_OK ? check_places(sim, holding)
                       : sim_fail(sim, "step %zu: what is held can't be read: %s", sim->step,
                                  err_said(&err));
}

static void list_runs(struct holding *holding, enum jl_decision decision) {
    holding->run_count = 0;
    for (size_t i = 0; i < holding->count; i++) {
        const struct held *held = &holding->items[i];
        struct jl_run *last =
            holding->run_count > 0 ? &holding->runs[holding->run_count - 1] : NULL;
        if (held->decision != decision) {
            continue;
        }
        if (last != NULL && last->origin == held->origin && last->last_seq + 1 == held->seq &&
            held->seq - last->first_seq < JL_BATCH_OPS_MAX) {
            last->last_seq++;
        } else {
            holding->runs[holding->run_count++] = (struct jl_run){
                .origin = held->origin, .first_seq = held->seq, .last_seq = held->seq};
        }
    }
}

/* What was judged in another place is left; everything else is asked for again. */
static bool leave_judged(struct sim *sim, struct holding *holding, const struct jl_run *judged) {
    for (size_t i = 0; i < holding->count; i++) {
        struct held *held = &holding->items[i];
        if (held->origin != judged->origin || held->seq != judged->first_seq ||
            held->decision == JL_DECISION_NONE) {
            continue;
        }
        held->decision = JL_DECISION_NONE;
        sim_trace(sim, "  %" PRIu32 ".%" PRIu64 " was judged in another place", held->origin,
                  held->seq);
        return sim_oracle_entry(sim, held->hash) != NULL ||
               sim_fail(sim, "I13: %" PRIu32 ".%" PRIu64 " is said to be judged, and is not",
                        held->origin, held->seq);
    }
    return sim_fail(sim, "I13: what is said to be judged was not decided about");
}

static enum jl_rc decide_as(struct sim *sim, uint32_t device, struct holding *holding,
                            enum jl_decision decision, struct jl_err *err) {
    struct jl_run judged;
    const struct jl_ruling wanted = {.decision = decision,
                                     .reason =
                                         decision == JL_DECISION_REFUSE ? "停用期间录入有误" : "",
                                     .judged = &judged};
    enum jl_rc rc = JL_CONFLICT;
    while (rc == JL_CONFLICT) {
        list_runs(holding, decision);
        if (holding->run_count == 0) {
            return JL_OK;
        }
        judged = (struct jl_run){0};
        rc = jl_quarantine_decide(sim->world.district, device, &wanted, holding->runs,
                                  holding->run_count, err);
        if (rc == JL_CONFLICT && !leave_judged(sim, holding, &judged)) {
            return rc;
        }
    }
    for (size_t i = 0; rc == JL_OK && i < holding->count; i++) {
        if (holding->items[i].decision == decision) {
            sim_oracle_decided(sim, holding->items[i].hash, decision == JL_DECISION_REFUSE);
        }
    }
    return rc;
}

/* What is not the device's own goes, when all of it is refused: it sends its own again. */
static enum jl_rc discard(struct sim *sim, const struct holding *holding, uint32_t origin,
                          struct jl_err *err) {
    if (!sim_oracle_before_loss(sim)) {
        return JL_OK;
    }
    enum jl_rc rc = jl_quarantine_discard(sim->world.district, origin, err);
    for (size_t i = 0; rc == JL_OK && i < holding->count; i++) {
        if (holding->items[i].origin == origin) {
            sim_oracle_discarded(sim, holding->items[i].hash);
        }
    }
    sim_trace(sim, "  what is held of origin %" PRIu32 " is dropped", origin);
    sim_oracle_after_loss(sim, false);
    world_at_district(&sim->world);
    return rc;
}

static enum jl_rc judge(struct sim *sim, uint32_t device, const struct holding *holding,
                        bool all_refused, struct jl_err *err) {
    const struct jl_district *district = sim->world.district;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < district->origin_count; i++) {
        struct jl_judged judged = {0};
        uint32_t origin = district->origins[i].number;
        if (district->origins[i].device != device) {
            continue;
        }
        rc = jl_quarantine_judge(sim->world.district, origin, &judged, err);
        if (rc == JL_OK && judged.broken_seq != 0 && all_refused) {
            rc = discard(sim, holding, origin, err);
        }
        if (rc == JL_OK && judged.ops > 0) {
            sim_trace(sim, "  origin %" PRIu32 ": %" PRIu64 " judged, %" PRIu64 " parked", origin,
                      judged.ops, judged.parked);
        }
    }
    return rc;
}

/* All of it one way, or op by op; some may be left. */
static bool draw_decisions(struct sim *sim, struct holding *holding) {
    uint64_t how = sim_draw(sim, 8);
    bool leaves = sim_draw(sim, 4) == 0;
    for (size_t i = 0; i < holding->count; i++) {
        struct held *held = &holding->items[i];
        bool left = sim_draw(sim, 4) == 0;
        enum jl_decision drawn = sim_draw(sim, 3) == 0 ? JL_DECISION_REFUSE : JL_DECISION_ADMIT;
        if (how < 2) {
            held->decision = how == 0 ? JL_DECISION_ADMIT : JL_DECISION_REFUSE;
            held->decision = held->standing == JL_DECISION_NONE ? held->decision : JL_DECISION_NONE;
        } else {
            held->decision = leaves && left ? JL_DECISION_NONE : drawn;
        }
    }
    return how == 1;
}

static void decide(struct sim *sim, const struct sim_desk *at, uint32_t device,
                   struct holding *holding) {
    struct jl_err err = {0};
    if (!sim_oracle_note(sim)) { /* what is judged by now, stays */
        return;
    }
    bool all_refused = draw_decisions(sim, holding);
    bool ends = sim_draw(sim, 8) == 0; /* the program ends before it judges */
    enum jl_rc rc = decide_as(sim, device, holding, JL_DECISION_ADMIT, &err);
    if (rc == JL_OK) {
        rc = decide_as(sim, device, holding, JL_DECISION_REFUSE, &err);
    }
    if (rc == JL_OK && !ends) {
        rc = judge(sim, device, holding, all_refused, &err);
    }
    sim_done(sim, at, SIM_DECIDE, rc, &err);
    sim_trace(sim, "  of %zu held ops of device %" PRIu32, holding->count, device);
}

static struct holding *new_holding(void) {
    struct holding *holding = calloc(1, sizeof *holding);
    JL_ASSERT(holding != NULL);
    return holding;
}

static bool decide_some(struct sim *sim, const struct sim_desk *at, struct holding *holding) {
    size_t first = (size_t)sim_draw(sim, WORLD_DEVICES_MAX);
    size_t count = sim->world.device_count;
    for (size_t i = 0; i < count; i++) {
        uint32_t number = sim->world.devices[(first + i) % count].number;
        if (!look_at(sim, number, holding)) {
            return true;
        }
        if (holding->count > 0) {
            decide(sim, at, number, holding);
            return true;
        }
    }
    return false;
}

bool sim_decide(struct sim *sim, const struct sim_desk *at) {
    struct holding *holding = new_holding();
    bool done = decide_some(sim, at, holding);
    free(holding);
    return done;
}

void sim_decide_at_rest(struct sim *sim) {
    const struct sim_desk at = {.desk = &sim->world.district_desk};
    struct holding *holding = new_holding();
    sim_begin_step(sim, sim->plan->steps);
    world_at_district(&sim->world);
    for (size_t i = 0; i < sim->world.device_count; i++) {
        struct world_device *device = &sim->world.devices[i];
        bool decides = sim_draw(sim, 2) == 0;
        if (decides && look_at(sim, device->number, holding) && holding->count > 0) {
            decide(sim, &at, device->number, holding);
        }
    }
    world_at_none(&sim->world);
    free(holding);
}
