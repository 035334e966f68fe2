/* The clocks: one seam for both.
 *
 * Wall time (`_ms` since 1970-01-01 UTC) is a label for people and never orders anything. Monotonic
 * time drives timers. The simulator brings its own function table.  Thread: any. */
#ifndef JIELIAN_CLOCK_H
#define JIELIAN_CLOCK_H

#include "jielian/base/rc.h"

#include <stdbool.h>
#include <stdint.h>

struct jl_clock {
    void *context;
    int64_t (*wall_ms)(void *context);
    int64_t (*steady_ms)(void *context);
};

/* The system's clocks. */
struct jl_clock jl_clock_system(void);

#endif
