/* Civil dates by counting days from 0000-03-01 in eras of 400 years (146,097 days): with March as
 * the first month the leap day is a year's last, and no table of month lengths enters the sum.
 *
 * Wall times come from other people's clocks too. What lies outside the years 1..9999 is shown as
 * the nearest moment inside, so that a text always fits its buffer. */
#include "jielian/base/clock.h"
#include "jielian/base/assert.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

static int64_t read_clock_ms(clockid_t clock) {
    struct timespec now;
    JL_ASSERT(clock_gettime(clock, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t system_wall_ms(void *context) {
    (void)context;
    return read_clock_ms(CLOCK_REALTIME);
}

/* BOOTTIME, not MONOTONIC: a timer that was due while the PC slept is due when it wakes. */
static int64_t system_steady_ms(void *context) {
    (void)context;
    return read_clock_ms(CLOCK_BOOTTIME);
}

struct jl_clock jl_clock_system(void) {
    struct jl_clock clock = {.wall_ms = system_wall_ms, .steady_ms = system_steady_ms};
    return clock;
}
