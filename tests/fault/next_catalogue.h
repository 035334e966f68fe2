/* The shipped catalogue, one version on, with one more field of union_org (motto). */
#ifndef JIELIAN_TESTS_NEXT_CATALOGUE_H
#define JIELIAN_TESTS_NEXT_CATALOGUE_H

#include "tests/sim/world/world.h"

/* Make it the district's. */
void next_catalogue_apply(struct world *world);

#endif
