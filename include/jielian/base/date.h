/* Civil dates: integers yyyymmdd, months yyyymm, in the offices' time zone (UTC+8, no summer time).
 *
 * Thread: any. */
#ifndef JIELIAN_BASE_DATE_H
#define JIELIAN_BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    JL_DATE_TIME_BYTES = 24, /* "2026-11-22 14:02:07" and the NUL, with room */
};

bool jl_date_valid(int64_t yyyymmdd);      /* a day of the Gregorian calendar, years 1..9999 */
int64_t jl_date_to_days(int64_t yyyymmdd); /* days since 1970-01-01; date must be valid */
int64_t jl_date_from_days(int64_t days);
int64_t jl_date_of_ms(int64_t wall_ms); /* in UTC+8 */
/* The day so many working days later: Saturdays and Sundays do not count. Cost: constant. */
int64_t jl_date_add_working_days(int64_t yyyymmdd, uint32_t working_days);
int jl_date_weekday(int64_t yyyymmdd); /* 1 Monday … 7 Sunday (ISO 8601) */
/* "2026-11-22 14:02:07" in UTC+8. */
void jl_date_format_time(int64_t wall_ms, char out_text[static JL_DATE_TIME_BYTES]);

#endif
