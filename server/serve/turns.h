/* Whose turn it is: work of many devices in one line, shared by the time that each has taken.
 *
 * Every device has a mark: when its next piece of work begins, counted in milliseconds of work and
 * not of the clock (start-time fair queueing: Goyal, Vin, Cheng 1996). The lowest mark goes first,
 * and moves on by what the piece cost. A device that comes after a pause begins where the line is,
 * so nobody saves up turns.
 *
 * Bound: a piece of work waits for the one under way, for the pieces of its own device before it,
 * and for at most one piece of each other device that is in the line, however many those have
 * there.
 *
 * Thread: that of its owner. */
#ifndef JIELIAN_SERVER_TURNS_H
#define JIELIAN_SERVER_TURNS_H

#include "jielian/base/limits.h"

#include <stddef.h>
#include <stdint.h>

struct jl_turns {    /* zero to begin with */
    uint64_t line;   /* the mark of the piece that was taken last */
    uint64_t *marks; /* by device number */
    size_t count;
};
void jl_turns_fini(struct jl_turns *turns);
/* The device's mark. */
uint64_t jl_turns_mark(const struct jl_turns *turns, uint32_t device);
/* It had its turn, which took so long. Without memory its mark stays where the line is. */
void jl_turns_take(struct jl_turns *turns, uint32_t device, int64_t cost_ms);

#endif
