/* Time: one seam for both clocks, and civil dates.
 *
 * Wall time (`_ms` since 1970-01-01 UTC) is a label for people and never orders anything. Monotonic
 * time drives timers. The simulator brings its own function table.
 *
 * Dates are integers yyyymmdd, months yyyymm, in the offices' time zone (UTC+8, no summer time). */
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

enum {
    JL_TIME_TEXT_BYTES = 24, /* "2026-11-22 14:02:07" and the NUL, with room */
};

bool jl_date_valid(int64_t yyyymmdd);      /* a day of the Gregorian calendar, years 1..9999 */
int64_t jl_date_to_days(int64_t yyyymmdd); /* days since 1970-01-01; date must be valid */
int64_t jl_date_from_days(int64_t days);
int64_t jl_date_of_ms(int64_t wall_ms); /* in UTC+8 */
/* The day so many working days later: Saturdays and Sundays do not count. Cost: constant. */
int64_t jl_date_add_working_days(int64_t yyyymmdd, uint32_t working_days);
int jl_date_weekday(int64_t yyyymmdd); /* 1 Monday … 7 Sunday (ISO 8601) */
/* "2026-11-22 14:02:07" in UTC+8. */
void jl_time_format(int64_t wall_ms, char out_text[static JL_TIME_TEXT_BYTES]);

#endif
