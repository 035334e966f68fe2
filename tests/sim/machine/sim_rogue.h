/* Shared by sim_rogue*.c only. */
#ifndef JIELIAN_TESTS_SIM_ROGUE_H
#define JIELIAN_TESTS_SIM_ROGUE_H

#include "sim.h"

/* An op as the rogue has it in mind; SIM_ROGUERIES: nothing in particular. */
void sim_rogue_op(struct sim *sim, const struct sim_sight *sight, enum sim_roguery aim,
                  struct jl_arena *arena, struct jl_op *op);

#endif
