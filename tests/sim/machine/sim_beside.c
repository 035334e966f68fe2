/* I23: an honest office is in step within its time, also while another office's PC never stops.
 *
 * All is at rest and no fault is left. Somebody enters something at an honest PC of another office
 * than the rogue's; then, between any two frames of that PC, the rogue does something. The PC must
 * have its verdict, and be proven, within so many of its own frames and so much virtual time. What
 * the district takes for each of the rogue's frames is bounded by itself (I22), and each device has
 * its turns (net.turns); so nobody waits for more than that. */
#include "sim.h"

#include "tests/sim/world/world_internal.h"

#include <inttypes.h>

enum {
    EDITS = 3,              /* of a run */
    BESIDE_STEPS_MAX = 120, /* frames and timers of the honest PC: 9 are the least there can be */
    BESIDE_MS_MAX = 60 * 1000,
    FRAME_MS = 20, /* of virtual time, each */
};

/* In another office than the rogue's. NULL: there is none. */
static struct world_device *any_honest(struct sim *sim) {
    size_t count = sim->world.device_count;
    size_t first = (size_t)sim_draw(sim, count);
    for (size_t i = 0; i < count; i++) {
        struct world_device *device = &sim->world.devices[(first + i) % count];
        if (device->office_number != sim->rogue.line.office_number && world_settled(device)) {
            return device;
        }
    }
    return NULL;
}

static bool in_step_beside(struct sim *sim, size_t i) {
    struct world_device *device = &sim->world.devices[i];
    int64_t start_ms = sim->world.now_ms;
    uint64_t steps = 0;
    bool poked = false;
    while (!world_settled(device)) {
        uint64_t ms = (uint64_t)(sim->world.now_ms - start_ms);
        if (steps >= BESIDE_STEPS_MAX || ms >= BESIDE_MS_MAX) {
            return sim_fail(sim,
                            "I23: device %zu is not in step beside the rogue after %" PRIu64
                            " frames and %" PRIu64 " ms",
                            i, steps, ms);
        }
        sim_rogue_act(sim);
        if (sim_failed(sim) || sim->world.broken[0] != '\0') {
            return sim_fail(sim, "beside the rogue: %s", sim->world.broken);
        }
        bool moved = world_step(device);
        steps++;
        if (!moved && !poked) {
            world_poke(device); /* the rogue's batch may have moved a feed of this office */
            poked = true;
        } else if (!moved && device->session.wake_ms > sim->world.now_ms) {
            sim->world.now_ms = device->session.wake_ms;
            poked = false;
        }
        world_pass(&sim->world, FRAME_MS);
    }
    uint64_t ms = (uint64_t)(sim->world.now_ms - start_ms);
    sim->out->beside_steps = steps > sim->out->beside_steps ? steps : sim->out->beside_steps;
    sim->out->beside_ms = ms > sim->out->beside_ms ? ms : sim->out->beside_ms;
    sim->out->tally.beside++;
    return sim_oracle_note(sim);
}

bool sim_beside(struct sim *sim) {
    for (size_t edit = 0; edit < EDITS; edit++) {
        sim_begin_step(sim, SIM_STEPS_MAX + edit);
        struct world_device *device = any_honest(sim);
        if (device == NULL) {
            return true;
        }
        const struct sim_desk at = {.desk = &device->desk, .device = device};
        if (sim_sit_down(sim, &at)) {
            sim_add_union(sim, &at);
        }
        world_at_none(&sim->world);
        if (!in_step_beside(sim, sim_number_of(sim, device))) {
            return false;
        }
    }
    return true;
}
