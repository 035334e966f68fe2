/* Random numbers that a seed decides, and the system's clock where a run needs it. Thread: one. */
#ifndef JIELIAN_TESTS_SIM_SIM_RANDOM_H
#define JIELIAN_TESTS_SIM_SIM_RANDOM_H

#include <stdint.h>

/* The next number of a source; the source is its state. */
uint64_t sim_random_next(uint64_t *state);
/* What the product takes from the system's generator follows from this. */
void sim_random_seed(uint64_t seed);
/* From now on this is what the system's wall clock says, in ms since 1970; 0: what it is. */
void sim_random_set_clock(int64_t wall_ms);

#endif
