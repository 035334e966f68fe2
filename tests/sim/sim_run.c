/* One plan, from setting up to the checks. */
#include "sim.h"
#include "sim_random.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OFFICES = 3, DEVICES_FIRST = 4 };

/* ---- Draws ---- */

void sim_begin_step(struct sim *sim, size_t step) {
    uint64_t of_seed = sim->plan->seed;
    uint64_t of_step = step;
    sim->step = step;
    sim->random = sim_random_next(&of_seed) ^ sim_random_next(&of_step);
}

uint64_t sim_draw(struct sim *sim, uint64_t below) {
    return sim_random_next(&sim->random) % below;
}

struct world_device *sim_any_device(struct sim *sim) {
    return &sim->world.devices[sim_draw(sim, sim->world.device_count)];
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

/* ---- The run ---- */

static void talk(struct sim *sim) {
    struct world_device *device = sim_any_device(sim);
    if (!world_step(device) && device->session.wake_ms > sim->world.now_ms &&
        sim_draw(sim, 4) == 0) {
        sim->world.now_ms = device->session.wake_ms;
    }
}

static void one_step(struct sim *sim) {
    uint64_t what = sim_draw(sim, 100);
    sim->out->tally.steps++;
    if (what < 18) {
        sim_staff_step(sim);
    } else if (what < 26) {
        sim_fault_frame(sim);
    } else if (what < 28) {
        sim_fault_big(sim);
    } else {
        talk(sim);
    }
}

bool sim_kept(const struct sim_plan *plan, size_t step) {
    return plan->kept == NULL || (plan->kept[step / 8] >> step % 8 & 1) != 0;
}

bool sim_run(const struct sim_plan *plan, struct sim_outcome *out_outcome) {
    struct sim *sim = calloc(1, sizeof *sim);
    JL_ASSERT(sim != NULL && plan->steps <= SIM_STEPS_MAX);
    memset(out_outcome, 0, sizeof *out_outcome);
    sim->plan = plan;
    sim->out = out_outcome;
    sim_random_seed(plan->seed);
    world_init(&sim->world, OFFICES);
    for (size_t i = 0; i < DEVICES_FIRST; i++) {
        world_join(&sim->world, 1 + (uint32_t)(i % OFFICES));
    }
    for (size_t i = 0; i < plan->steps && sim->out->failure[0] == '\0'; i++) {
        if (sim_kept(plan, i)) {
            sim_begin_step(sim, i);
            one_step(sim);
        }
    }
    out_outcome->passed = sim->out->failure[0] == '\0' && sim_check(sim);
    world_fini(&sim->world);
    free(sim);
    return out_outcome->passed;
}
