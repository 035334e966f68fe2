/* Random numbers that a seed decides. Thread: one. */
#ifndef JIELIAN_TESTS_SIM_SIM_RANDOM_H
#define JIELIAN_TESTS_SIM_SIM_RANDOM_H

#include <stdint.h>

/* The next number of a source; the source is its state. */
uint64_t sim_random_next(uint64_t *state);
/* What the product takes from the system's generator follows from this. */
void sim_random_seed(uint64_t seed);

#endif
