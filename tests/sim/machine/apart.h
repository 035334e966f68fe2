/* A plan in a process of its own: an assertion, an abort or a hang ends that one only and is
 * reported as a failure like any other. */
#ifndef JIELIAN_TESTS_SIM_APART_H
#define JIELIAN_TESTS_SIM_APART_H

#include "sim.h"

#include <stdio.h>
#include <sys/types.h>

enum { APART_SECONDS = 60 }; /* of CPU: a run of a thousand steps takes one or two */

struct apart {
    pid_t process; /* 0: none */
    int from;      /* its end of the pipe brings one struct sim_outcome */
    FILE *said;    /* its stderr */
    char folder[240];
    struct sim_plan plan;
};

/* The process ends by itself after so many seconds of CPU. Its trace goes to stdout. */
void apart_start(const struct sim_plan *plan, unsigned seconds, struct apart *out_apart);
/* Waits; removes whatever the run left in its folder. */
void apart_end(struct apart *apart, struct sim_outcome *out_outcome);
void apart_run(const struct sim_plan *plan, unsigned seconds, struct sim_outcome *out_outcome);

/* Is it the same failure, whatever numbers it names? */
bool apart_same(const char *failure, const char *other);

#endif
