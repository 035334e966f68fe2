/* The faults end. From where it stands, with the time that its own timers ask for and no help,
 * every device must come to rest: nothing unsent, nothing unread, proven. Devices that are
 * suspended first deliver what they have into quarantine, then they are let in.
 *
 * The bounds are far above what is needed (the summary shows the worst seen), and far below "for
 * ever". */
#include "sim.h"

#include <inttypes.h>
#include <string.h>

enum {
    SETTLE_STEPS_MAX = 1000,            /* frames and timers of one device */
    SETTLE_MS_MAX = 2 * 60 * 60 * 1000, /* of virtual time: back-offs and greetings add up */
    TURN_STEPS = 8,                     /* then it is another device's turn */
};

struct settling {
    struct sim *sim;
    bool (*rests)(struct sim *sim, struct world_device *device);
    uint64_t steps[WORLD_DEVICES_MAX];
    int64_t start_ms;
};

static bool is_out(struct world_device *device) {
    return world_state(device) == JL_DEVICE_REVOKED;
}

static bool rests_in_step(struct sim *sim, struct world_device *device) {
    (void)sim;
    return world_settled(device);
}

/* Suspended, and the session, which is one with the district as it is now, believes that all is
 * delivered. */
static bool rests_suspended(struct sim *sim, struct world_device *device) {
    (void)sim;
    return world_state(device) != JL_DEVICE_SUSPENDED ||
           (device->office != NULL && device->session.phase == JL_SESSION_SUSPENDED &&
            device->origin != 0 && device->inbox_count + device->outbox_count == 0 &&
            device->session.pushed[0] == 0 &&
            device->session.push_next > jl_office_head_seq(device->office));
}

static bool turn(struct settling *settling, size_t i, bool *moved) {
    struct sim *sim = settling->sim;
    struct world_device *device = &sim->world.devices[i];
    for (int k = 0; k < TURN_STEPS; k++) {
        if (is_out(device) || settling->rests(sim, device)) {
            return true;
        }
        bool did = world_step(device);
        settling->steps[i]++;
        *moved = *moved || did;
        if (!did) {
            break;
        }
    }
    return false;
}

/* Nothing is on its way: whoever has a timer is next. */
static void wait_for_timer(struct settling *settling) {
    struct world *world = &settling->sim->world;
    for (size_t i = 0; settling->sim->plan->trace && i < world->device_count; i++) {
        const struct world_device *device = &world->devices[i];
        if (!settling->rests(settling->sim, &world->devices[i]) && device->office != NULL) {
            const struct jl_office_state *state = &device->office->state;
            sim_trace(settling->sim,
                      "device %zu: phase %d, unsent %" PRIu64 ", cursors %" PRIu64 " %" PRIu64
                      ", heads %" PRIu64 " %" PRIu64 ", proven %d, asking %" PRIu32
                      ", repairs %" PRIu32 "%s",
                      i, (int)device->session.phase, state->head_pos - state->confirmed_pos,
                      state->cursor[0], state->cursor[1], device->session.heads[0],
                      device->session.heads[1], device->session.proven, device->session.asking,
                      device->session.repair_rounds,
                      device->session.repair_failed ? ", repair failed" : "");
        }
    }
    int64_t next_ms = INT64_MAX;
    for (size_t i = 0; i < world->device_count; i++) {
        struct world_device *device = &world->devices[i];
        if (!is_out(device) && !settling->rests(settling->sim, device) &&
            device->session.wake_ms < next_ms) {
            next_ms = device->session.wake_ms;
        }
    }
    world->now_ms =
        next_ms > world->now_ms && next_ms != INT64_MAX ? next_ms : world->now_ms + 1000;
}

static void fail_restless(struct sim *sim, size_t i) {
    struct world_device *device = &sim->world.devices[i];
    const struct jl_session *session = &device->session;
    char difference[256] = "";
    if (device->office == NULL) {
        sim_fail(sim, "liveness: device %zu does not start", i);
        return;
    }
    (void)world_compare(device, difference, sizeof difference);
    sim_fail(sim,
             "liveness: device %zu does not come to rest (phase %d, refused %d, head %" PRIu64
             ", confirmed %" PRIu64 "%s) %s",
             i, (int)session->phase, (int)session->refused, jl_office_head_seq(device->office),
             jl_office_confirmed_seq(device->office),
             session->repair_failed ? ", repair failed" : "", difference);
}

static bool too_long(struct settling *settling) {
    struct sim *sim = settling->sim;
    for (size_t i = 0; i < sim->world.device_count; i++) {
        struct world_device *device = &sim->world.devices[i];
        bool late = sim->world.now_ms - settling->start_ms > SETTLE_MS_MAX;
        if (!is_out(device) && !settling->rests(sim, device) &&
            (late || settling->steps[i] > SETTLE_STEPS_MAX)) {
            fail_restless(sim, i);
            return true;
        }
    }
    return false;
}

static bool run(struct settling *settling) {
    struct sim *sim = settling->sim;
    settling->start_ms = sim->world.now_ms;
    for (;;) {
        bool all = true;
        bool moved = false;
        for (size_t i = 0; i < sim->world.device_count && sim->world.broken[0] == '\0'; i++) {
            all = turn(settling, i, &moved) && all;
        }
        if (sim_failed(sim) || sim->world.broken[0] != '\0') {
            return sim_fail(sim, "%s", sim->world.broken);
        }
        if (all && !moved) { /* what one did may have moved another's feed */
            return true;
        }
        if (too_long(settling)) {
            return false;
        }
        if (!moved) {
            wait_for_timer(settling);
        }
    }
}

static void note_worst(const struct settling *settling) {
    struct sim_outcome *out = settling->sim->out;
    uint64_t took_ms = (uint64_t)(settling->sim->world.now_ms - settling->start_ms);
    out->settle_ms = took_ms > out->settle_ms ? took_ms : out->settle_ms;
    for (size_t i = 0; i < WORLD_DEVICES_MAX; i++) {
        out->settle_steps =
            settling->steps[i] > out->settle_steps ? settling->steps[i] : out->settle_steps;
    }
}

/* What a suspended device has, judged or not, is at the district. */
static bool check_delivered(struct sim *sim) {
    struct sim_hashes held = {0};
    bool good = sim_copies_in_quarantine(sim, &held);
    for (size_t i = 0; good && i < sim->oracle.op_count; i++) {
        const struct sim_op *op = &sim->oracle.ops[i];
        if (op->lost || op->off_disk || op->device == SIM_AT_DISTRICT ||
            world_state(&sim->world.devices[op->device]) != JL_DEVICE_SUSPENDED) {
            continue;
        }
        bool is_held = sim_hashes_have(&held, op->hash);
        sim->out->tally.quarantined += is_held ? 1 : 0;
        good = is_held || op->discarded || sim_oracle_entry(sim, op->hash) != NULL ||
               sim_fail(sim, "the op of step %zu is neither judged nor in quarantine", op->step);
    }
    sim_hashes_fini(&held);
    return good;
}

static void let_all_in(struct sim *sim) {
    for (size_t i = 0; i < sim->world.device_count; i++) {
        if (world_state(&sim->world.devices[i]) == JL_DEVICE_SUSPENDED) {
            world_set_state(&sim->world.devices[i], JL_DEVICE_ACTIVE);
        }
    }
}

static bool settle(struct settling *settling) {
    memset(settling->steps, 0, sizeof settling->steps);
    settling->rests = rests_in_step;
    if (!run(settling)) {
        return false;
    }
    note_worst(settling);
    return sim_oracle_note(settling->sim);
}

bool sim_settle(struct sim *sim) {
    struct settling settling = {.sim = sim, .rests = rests_suspended};
    sim_end_faults(sim, true);
    sim_all_join_again(sim);
    sim_come_back(sim);
    if (!run(&settling) || !sim_oracle_note(sim) || !check_delivered(sim)) {
        return false;
    }
    note_worst(&settling);
    sim_decide_at_rest(sim);
    if (sim_failed(sim) || !sim_oracle_note(sim)) {
        return false;
    }
    let_all_in(sim);
    if (!settle(&settling) || !sim_check_held(sim)) {
        return false;
    }
    if (sim_close_at_rest(sim) && !(settle(&settling) && sim_check_held(sim))) {
        return false;
    }
    return !sim_has_rogue(sim) || (sim_beside(sim) && settle(&settling) && sim_check_held(sim));
}
