/* The simulator: a district and offices over the real books, everything drawn from one seed.
 *
 * A run is a list of steps. Step i is a function of (seed, i) alone: what kind it is, and every
 * draw it makes, come from a source of its own, so that leaving a step out leaves the others as
 * they were. What a step works on (a record, a device) is found among what is there then.
 *
 *   sim_run.c     one plan from setting up to the checks
 *   sim_staff.c   what people do at the desks
 *   sim_fault.c   what happens to frames, machines and clocks
 *   sim_check.c   what must hold when the faults have ended
 *   sim.c         many seeds, arguments, the summary
 *
 * Failures are returned. An assertion of the product ends the process: run a plan that may meet one
 * in a process of its own. */
#ifndef JIELIAN_TESTS_SIM_SIM_H
#define JIELIAN_TESTS_SIM_SIM_H

#include "world.h"

enum {
    SIM_STEPS_MAX = 20000, /* of one run: bounds the tables by step */
    SIM_FAILURE_BYTES = 512,
};

enum sim_fault {
    SIM_LOST,
    SIM_DOUBLED,
    SIM_REORDERED,
    SIM_CUT,
    SIM_HANG_UP,
    SIM_DEVICE_CRASH,
    SIM_DISTRICT_CRASH,
    SIM_RESTORE,
    SIM_PUT_BACK,
    SIM_CLONE,
    SIM_CLOCK,
    SIM_FAULTS
};
extern const char *const sim_fault_names[SIM_FAULTS];

/* What was done, summed up over runs. */
struct sim_tally {
    uint64_t steps, actions, faults[SIM_FAULTS];
};

struct sim_plan {
    uint64_t seed;
    size_t steps;        /* at most SIM_STEPS_MAX */
    const uint8_t *kept; /* a bit for each step, from the lowest of byte 0; NULL: all of them */
    bool trace;          /* each step on stdout */
};

struct sim_outcome {
    bool passed;
    char failure[SIM_FAILURE_BYTES]; /* which invariant, and where; empty when passed */
    struct sim_tally tally;
};

/* Run a plan: false when an invariant does not hold (then out_outcome says which). */
bool sim_run(const struct sim_plan *plan, struct sim_outcome *out_outcome);
bool sim_kept(const struct sim_plan *plan, size_t step);

/* ---- Shared by sim_*.c ---- */

struct sim_record {
    bool made;
    uint32_t type; /* number */
    struct jl_id id;
};

struct sim {
    const struct sim_plan *plan;
    struct sim_outcome *out;
    struct world world;
    size_t step;                               /* under way */
    uint64_t random;                           /* of the step under way */
    struct sim_record made[SIM_STEPS_MAX + 1]; /* by the step that made it */
    bool backed_up, restored;
    bool kept[WORLD_DEVICES_MAX]; /* a copy of the device's folder is there to be put back */
};

/* A number below `below`, the next of the step's own source. */
uint64_t sim_draw(struct sim *sim, uint64_t below);
/* Forget what was drawn: the draws of `step` from their beginning. */
void sim_begin_step(struct sim *sim, size_t step);
struct world_device *sim_any_device(struct sim *sim);
/* A line of the trace, printed when the plan asks for it. */
void sim_trace(const struct sim *sim, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Note why the run failed (the first reason stays); returns false. */
bool sim_fail(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));

void sim_staff_step(struct sim *sim);
void sim_fault_frame(struct sim *sim);
void sim_fault_big(struct sim *sim);
bool sim_check(struct sim *sim);

#endif
