/* One plan, from setting up to the checks. */
#include "sim.h"
#include "sim_random.h"

#include "jielian/base/assert.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TALK_MAX = 10 }; /* frames that one step may deliver; faults strike between steps */

/* ---- Draws ---- */

void sim_begin_step(struct sim *sim, size_t step) {
    uint64_t of_seed = sim->plan->seed;
    uint64_t of_step = step;
    sim->step = step;
    sim->random = sim_random_next(&of_seed) ^ sim_random_next(&of_step);
    sim_random_seed(sim->random); /* what is made in this step has the same id without the others */
}

uint64_t sim_draw(struct sim *sim, uint64_t below) {
    return sim_random_next(&sim->random) % below;
}

struct world_device *sim_any_device(struct sim *sim) {
    return &sim->world.devices[sim_draw(sim, sim->world.device_count)];
}

size_t sim_number_of(const struct sim *sim, const struct world_device *device) {
    return (size_t)(device - sim->world.devices);
}

/* ---- Telling ---- */

void sim_trace(const struct sim *sim, const char *format, ...) {
    va_list arguments;
    if (!sim->plan->trace) {
        return;
    }
    va_start(arguments, format);
    printf("%5zu  ", sim->step);
    vprintf(format, arguments);
    printf("\n");
    fflush(stdout); /* an assertion may end the process */
    va_end(arguments);
}

bool sim_fail(struct sim *sim, const char *format, ...) {
    va_list arguments;
    if (sim->out->failure[0] == '\0') {
        va_start(arguments, format);
        vsnprintf(sim->out->failure, sizeof sim->out->failure, format, arguments);
        va_end(arguments);
    }
    return false;
}

bool sim_failed(const struct sim *sim) {
    return sim->out->failure[0] != '\0';
}

/* ---- Setting up ---- */

void sim_prepare(struct world *out_frozen) {
    sim_random_seed(1);
    world_init(out_frozen, SIM_OFFICES_MAX);
    for (uint32_t i = 0; i < SIM_OFFICES_MAX * SIM_DEVICES_EACH_MAX; i++) {
        world_join(out_frozen, 1 + i % SIM_OFFICES_MAX);
    }
    for (size_t i = 0; i < out_frozen->device_count; i++) {
        JL_ASSERT(world_sync(&out_frozen->devices[i]));
    }
    world_add(&out_frozen->district_desk, "staff", "login=lisi|name=李四|role=district");
    world_freeze(out_frozen);
}

void sim_unprepare(struct world *frozen) {
    world_fini(frozen);
}

/* A small number more often than a large one: each PC costs time. */
static uint64_t few(struct sim *sim, uint64_t least, uint64_t most) {
    uint64_t smallest = most - least;
    for (int i = 0; i < 3; i++) {
        uint64_t drawn = sim_draw(sim, most - least + 1);
        smallest = drawn < smallest ? drawn : smallest;
    }
    return least + smallest;
}

/* Two to five offices with one to three PCs each; the others' PCs stay switched off for ever. */
static void set_up(struct sim *sim) {
    bool wanted[WORLD_DEVICES_MAX] = {false};
    sim_begin_step(sim, SIZE_MAX);
    sim_random_seed(sim_draw(sim, UINT64_MAX));
    sim->offices = (uint32_t)few(sim, SIM_OFFICES_MIN, SIM_OFFICES_MAX);
    for (uint32_t office = 0; office < sim->offices; office++) {
        uint64_t devices = few(sim, 1, SIM_DEVICES_EACH_MAX);
        for (uint64_t i = 0; i < devices; i++) {
            wanted[office + i * SIM_OFFICES_MAX] = true;
        }
    }
    world_copy(&sim->world, sim->plan->frozen, wanted);
    sim->world.soft = true;
    /* In one run of four the writer's turns are short: of one op, of two, of three. */
    if (sim->plan->seed % 4 == 3) {
        sim->world.slice_ops = 1 + sim->plan->seed / 4 % 3;
        sim->world.district->slice.ops = sim->world.slice_ops;
    }
    sim_oracle_init(sim);
}

/* ---- The run ---- */

static void talk(struct sim *sim) {
    struct world *world = &sim->world;
    struct world_device *device = sim_any_device(sim);
    uint64_t frames = 1 + sim_draw(sim, TALK_MAX);
    bool waits = sim_draw(sim, 3) == 0;
    bool pokes = sim_draw(sim, 3) == 0;
    if (sim_is_away(sim, device)) {
        return;
    }
    if (pokes) {
        world_poke(device);
    }
    for (uint64_t i = 0; i < frames; i++) {
        if (world_step(device)) {
            continue;
        }
        if (waits && device->office != NULL && device->session.wake_ms > world->now_ms) {
            world->now_ms = device->session.wake_ms;
            waits = false;
        }
    }
    (void)sim_check_shown(sim, device);
}

static void one_step(struct sim *sim) {
    uint64_t what = sim_draw(sim, 100);
    sim->out->tally.steps++;
    sim_end_faults(sim, false);
    world_pass(&sim->world, 1 + (int64_t)sim_draw(sim, 2000));
    if (what < 24) {
        sim_staff_step(sim);
    } else if (what < 27) {
        sim_natural_step(sim);
    } else if (what < 34) {
        sim_fault_frame(sim);
    } else if (what < 38) {
        sim_fault_link(sim);
    } else if (what < 44) {
        sim_fault_machine(sim);
    } else if (what < 48) {
        sim_pass_time(sim);
    } else if (what < 95) {
        talk(sim);
    } else if (what < 97) {
        sim_office_step(sim, sim_any_device(sim));
    } else {
        sim_district_step(sim);
    }
    sim_rogue_step(sim);
}

bool sim_kept(const struct sim_plan *plan, size_t step) {
    return plan->kept == NULL || (plan->kept[step / 8] >> step % 8 & 1) != 0;
}

static bool run_steps(struct sim *sim) {
    for (size_t i = 0; i < sim->plan->steps; i++) {
        if (!sim_kept(sim->plan, i)) {
            continue;
        }
        sim_begin_step(sim, i);
        one_step(sim);
        if (sim->world.broken[0] != '\0') {
            sim_fail(sim, "step %zu: %s", i, sim->world.broken);
        }
        if (sim_failed(sim) || !sim_oracle_note(sim)) {
            return false;
        }
    }
    sim->step = sim->plan->steps;
    return true;
}

bool sim_run(const struct sim_plan *plan, struct sim_outcome *out_outcome) {
    struct sim *sim = calloc(1, sizeof *sim);
    JL_ASSERT(sim != NULL && plan->steps <= SIM_STEPS_MAX && plan->frozen != NULL);
    memset(out_outcome, 0, sizeof *out_outcome);
    sim->plan = plan;
    sim->out = out_outcome;
    set_up(sim);
    out_outcome->passed = run_steps(sim) && sim_check(sim) && !sim_failed(sim);
    sim_oracle_fini(sim);
    sim_rogue_fini(sim);
    json_decref(sim->catalogue);
    world_fini(&sim->world);
    free(sim);
    return out_outcome->passed;
}
