/* Civil dates in the offices' time zone. */
#include "jielian/base/date.h"
#include "jielian/base/assert.h"

#include <stddef.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)
#define ZONE_MS (INT64_C(8) * 3600 * 1000)
#define FIRST_DAY INT64_C(-719162) /* 0001-01-01 */
#define LAST_DAY INT64_C(2932896)  /* 9999-12-31 */
#define ERA_DAYS INT64_C(146097)
#define EPOCH_DAYS INT64_C(719468) /* 0000-03-01 to 1970-01-01 */

static bool is_leap(int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool jl_date_valid(int64_t yyyymmdd) {
    static const int8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (yyyymmdd < 10101 || yyyymmdd > 99991231) {
        return false;
    }
    int64_t year = yyyymmdd / 10000;
    int64_t month = yyyymmdd / 100 % 100;
    int64_t day = yyyymmdd % 100;
    if (month < 1 || month > 12 || day < 1) {
        return false;
    }
    return day <= lengths[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

int64_t jl_date_to_days(int64_t yyyymmdd) {
    JL_ASSERT(jl_date_valid(yyyymmdd));
    int64_t month = yyyymmdd / 100 % 100;
    int64_t year = yyyymmdd / 10000 - (month <= 2 ? 1 : 0);
    int64_t era = year / 400;
    int64_t year_of_era = year % 400;
    int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + yyyymmdd % 100 - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - EPOCH_DAYS;
}

static int64_t clamp(int64_t value, int64_t lowest, int64_t highest) {
    return value < lowest ? lowest : value > highest ? highest : value;
}

int64_t jl_date_from_days(int64_t days) {
    int64_t shifted = clamp(days, FIRST_DAY, LAST_DAY) + EPOCH_DAYS; /* never negative */
    int64_t era = shifted / ERA_DAYS;
    int64_t day_of_era = shifted % ERA_DAYS;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    int64_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);
    return year * 10000 + month * 100 + day;
}

/* Milliseconds since 1970-01-01 in the offices' zone, inside the years 1..9999. */
static int64_t local_ms(int64_t wall_ms) {
    int64_t first = FIRST_DAY * DAY_MS;
    int64_t last = LAST_DAY * DAY_MS + DAY_MS - 1;
    return clamp(wall_ms, first - ZONE_MS, last - ZONE_MS) + ZONE_MS;
}

static int64_t floor_days(int64_t ms) {
    return ms >= 0 ? ms / DAY_MS : -((-ms + DAY_MS - 1) / DAY_MS);
}

int64_t jl_date_of_ms(int64_t wall_ms) {
    return jl_date_from_days(floor_days(local_ms(wall_ms)));
}

int jl_date_weekday(int64_t yyyymmdd) {
    int64_t days = jl_date_to_days(yyyymmdd) + 3; /* 1970-01-01 was a Thursday */
    return (int)((days % 7 + 7) % 7) + 1;
}

int64_t jl_date_add_working_days(int64_t yyyymmdd, uint32_t working_days) {
    int64_t days = jl_date_to_days(yyyymmdd);
    int weekday = jl_date_weekday(yyyymmdd);
    if (weekday > 5 && working_days > 0) { /* what comes in at the weekend counts from Friday */
        days -= weekday - 5;
        weekday = 5;
    }
    int64_t weeks = working_days / 5;
    int64_t rest = working_days % 5;
    return jl_date_from_days(days + weeks * 7 + rest +
                             (weekday <= 5 && weekday + rest > 5 ? 2 : 0));
}

static void put_digits(char *text, int64_t value, size_t count) {
    for (size_t i = count; i > 0; i--) {
        text[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
}

void jl_date_format_time(int64_t wall_ms, char out_text[static JL_DATE_TIME_BYTES]) {
    int64_t local = local_ms(wall_ms);
    int64_t days = floor_days(local);
    int64_t seconds = (local - days * DAY_MS) / 1000;
    int64_t date = jl_date_from_days(days);
    memcpy(out_text, "0000-00-00 00:00:00", 20);
    put_digits(out_text, date / 10000, 4);
    put_digits(out_text + 5, date / 100 % 100, 2);
    put_digits(out_text + 8, date % 100, 2);
    put_digits(out_text + 11, seconds / 3600, 2);
    put_digits(out_text + 14, seconds / 60 % 60, 2);
    put_digits(out_text + 17, seconds % 60, 2);
}
