/* Mistakes planted on purpose, so that the simulator can be seen to find them.
 *
 * One at a time is on, chosen by name; with none on, every call goes to the real function. They
 * exist in test programs that are linked with --wrap only: the shipped code holds no trace. */
#ifndef JIELIAN_TESTS_SIM_PLANTED_H
#define JIELIAN_TESTS_SIM_PLANTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct planted_bug {
    const char *name;
    const char *sentence; /* what its maintainer did wrong */
    size_t seeds_max;     /* within so many seeds from there the simulator must find it */
    uint64_t first;       /* the seed that found it when it was last looked for */
    bool rogue;           /* in runs with the rogue (--rogue) */
};

size_t planted_count(void);
const struct planted_bug *planted_at(size_t number);
/* NULL: none. false: there is no such bug. */
bool planted_choose(const char *name);

#endif
