/* A failing run, made short: the fewest steps found that still fail in the same way.
 *
 * Delta debugging (ddmin; Zeller and Hildebrandt 2002, "Simplifying and isolating failure-inducing
 * input"): leave out a half, a quarter, an eighth … of the steps, as long as the failure stays.
 * Only the removal of parts is tried, not the parts alone: what remains must first make a record.
 */
#ifndef JIELIAN_TESTS_SIM_SHRINK_H
#define JIELIAN_TESTS_SIM_SHRINK_H

#include "sim.h"

struct shrink_limits {
    size_t trials;    /* runs, at most */
    unsigned seconds; /* of one run: longer is a hang */
    size_t jobs;      /* runs at a time, 1 .. SHRINK_JOBS_MAX */
};
enum { SHRINK_JOBS_MAX = 16, SHRINK_TRIALS = 600 };

struct shrink_result {
    bool fails;      /* the plan did fail; otherwise nothing was tried */
    size_t from, to; /* steps */
    size_t trials;
    char failure[SIM_FAILURE_BYTES];
};

/* kept: SHRINK_KEPT_BYTES; the plan's steps on entry (plan->kept is not looked at), those that are
 * left at the end. */
enum { SHRINK_KEPT_BYTES = SIM_STEPS_MAX / 8 + 1 };
void shrink(const struct sim_plan *plan, const struct shrink_limits *limits, uint8_t *kept,
            struct shrink_result *out_result);
/* "3,17,40-44" as --keep takes it. */
void shrink_format(const uint8_t *kept, size_t steps, char *out_list, size_t capacity);
/* The same, the line that reproduces it and the trace, for people. */
void shrink_tell(const struct sim_plan *plan, const struct shrink_limits *limits, uint8_t *kept);

#endif
