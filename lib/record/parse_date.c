/* Dates and months.
 *
 *   2021-1-5  2021/1/5  2021.1.5  20210105  2021年1月5日  44201 (a serial of the 1900 system)
 *
 * and each with a time of day behind it, which is dropped. A plain whole number from 20000 to 80000
 * (1954 to 2119) is a serial. A file in the 1904 system shows the same numbers four years and a day
 * later; a number alone doesn't tell, so whoever reads such a file converts them before. */
#include "parse.h"

#include "jielian/base/clock.h"
#include "jielian/base/date.h"

#include <string.h>

enum {
    SERIAL_MIN = 20000,
    SERIAL_MAX = 80000,
    SERIAL_OF_1970 = 25569, /* 1970-01-01 in the 1900 system, its false 1900-02-29 counted */
    PARTS_MAX = 3
};

struct parts {
    int64_t numbers[PARTS_MAX];
    int digits[PARTS_MAX];
    int count;
    char separator;   /* '-' '/' '.' or 'Y' for 年月日; 0: digits only */
    const char *rest; /* behind the last part */
};

static void skip_spaces(const char **at) {
    while (**at == ' ') {
        (*at)++;
    }
}

/* A separator and the character that stands for it in struct parts; 0: none. */
static char read_separator(const char **at, int part) {
    static const char *const words[] = {"年", "月"};
    const char *start = *at;
    skip_spaces(at);
    if (**at == '-' || **at == '/' || **at == '.') {
        char separator = **at;
        (*at)++;
        skip_spaces(at);
        return separator;
    }
    if (part < 2 && strncmp(*at, words[part], strlen(words[part])) == 0) {
        *at += strlen(words[part]);
        skip_spaces(at);
        return 'Y';
    }
    *at = start;
    return 0;
}

static bool read_parts(const char *text, struct parts *out_parts) {
    struct parts parts = {.count = 0};
    while (parts.count < PARTS_MAX) {
        int64_t number = 0;
        int digits = 0;
        for (; jl_narrow_is_digit(*text) && digits < 9; text++, digits++) {
            number = number * 10 + (*text - '0');
        }
        if (digits == 0) {
            break;
        }
        parts.numbers[parts.count] = number;
        parts.digits[parts.count] = digits;
        parts.count++;
        parts.rest = text;
        if (parts.count == PARTS_MAX) {
            break;
        }
        char separator = read_separator(&text, parts.count - 1);
        if (separator == 0 || (parts.separator != 0 && separator != parts.separator)) {
            break;
        }
        parts.separator = separator;
        parts.rest = text;
    }
    *out_parts = parts;
    return parts.count > 0;
}

/* 日 or 号, then perhaps a time of day: " 0:00", "T08:30:00". With a time zone behind it the day
 * itself may be another one, so that is refused. */
static bool is_day_end(const char *rest) {
    static const char *const days[] = {"日", "号"};
    const char *start = rest;
    skip_spaces(&rest);
    for (size_t i = 0; i < 2; i++) {
        if (strncmp(rest, days[i], strlen(days[i])) == 0) {
            rest += strlen(days[i]);
            start = rest;
            break;
        }
    }
    skip_spaces(&rest);
    if (*rest == '\0') {
        return true;
    }
    if (*rest == 'T' || *rest == 't') {
        rest++;
    } else if (rest == start) {
        return false;
    }
    if (!jl_narrow_is_digit(*rest)) {
        return false;
    }
    size_t of_time = strspn(rest, "0123456789:. ");
    return strchr(rest, ':') != NULL && rest[of_time] == '\0';
}

static bool date_of(const struct jl_parse *parse, int64_t year, int64_t month, int64_t day,
                    int64_t *out_date) {
    int64_t date = year * 10000 + month * 100 + day;
    if (month < 1 || month > 12 || day < 1 || day > 31 || !jl_date_valid(date)) {
        return jl_parse_fail(parse, JL_SAY_DATE_ABSENT);
    }
    *out_date = date;
    return true;
}

/* Digits only: a serial (its fraction is the time of day) or 20210105. */
static bool read_plain(const struct jl_parse *parse, const struct jl_narrow *narrow,
                       const struct parts *parts, int64_t *out_date) {
    int64_t number = parts->numbers[0];
    bool fraction = parts->count == 2 && parts->separator == '.' &&
                    parts->rest[strspn(parts->rest, "0123456789")] == '\0';
    bool whole = parts->count == 1 && parts->separator == 0;
    if ((whole || fraction) && parts->digits[0] == 5 && number >= SERIAL_MIN &&
        number <= SERIAL_MAX && (fraction || *parts->rest == '\0')) {
        *out_date = jl_date_from_days(number - SERIAL_OF_1970);
        return true;
    }
    if (whole && parts->digits[0] == 8 && is_day_end(parts->rest)) {
        return date_of(parse, number / 10000, number / 100 % 100, number % 100, out_date);
    }
    bool year_month = whole && parts->digits[0] == 6 && *parts->rest == '\0' &&
                      narrow->text[0] <= '2' && number % 100 >= 1 && number % 100 <= 12;
    return jl_parse_fail(parse, year_month ? JL_SAY_DATE_NO_DAY : JL_SAY_NOT_DATE);
}

bool jl_parse_date(const struct jl_parse *parse, struct jl_narrow *narrow, int64_t *out_date) {
    struct parts parts;
    if (!read_parts(narrow->text, &parts)) {
        return jl_parse_fail(parse, JL_SAY_NOT_DATE);
    }
    if (parts.digits[0] == 4 && parts.count == 3 && is_day_end(parts.rest)) {
        return date_of(parse, parts.numbers[0], parts.numbers[1], parts.numbers[2], out_date);
    }
    if (parts.digits[0] == 4 && parts.count == 2 && *parts.rest == '\0') {
        return jl_parse_fail(parse, JL_SAY_DATE_NO_DAY);
    }
    if (parts.separator == 'Y' || strstr(narrow->text, "月") != NULL) {
        return jl_parse_fail(parse, JL_SAY_DATE_NO_YEAR);
    }
    if (parts.count == 3 && parts.digits[0] <= 2 && is_day_end(parts.rest)) {
        return jl_parse_fail(parse, JL_SAY_DATE_ORDER);
    }
    return read_plain(parse, narrow, &parts, out_date);
}

static bool month_of(const struct jl_parse *parse, int64_t year, int64_t month,
                     int64_t *out_month) {
    if (month < 1 || month > 12 || year < 1) {
        return jl_parse_fail(parse, JL_SAY_NOT_MONTH);
    }
    *out_month = year * 100 + month;
    return true;
}

bool jl_parse_month(const struct jl_parse *parse, struct jl_narrow *narrow, int64_t *out_month) {
    struct parts parts;
    if (!read_parts(narrow->text, &parts)) {
        return jl_parse_fail(parse, JL_SAY_NOT_MONTH);
    }
    bool ends = *parts.rest == '\0';
    if (parts.count == 1 && parts.digits[0] == 6 && parts.separator == 0 && ends) {
        return month_of(parse, parts.numbers[0] / 100, parts.numbers[0] % 100, out_month);
    }
    if (parts.count == 2 && parts.digits[0] == 4) {
        if (parts.separator == '.' && parts.digits[1] == 1 && parts.numbers[1] == 1 && ends) {
            /* A number cell turns 2021.10 into 2021.1. */
            return jl_parse_fail(parse, JL_SAY_MONTH_TENTH);
        }
        if (ends || (parts.separator == 'Y' && strcmp(parts.rest, "份") == 0)) {
            return month_of(parse, parts.numbers[0], parts.numbers[1], out_month);
        }
        return jl_parse_fail(parse, JL_SAY_NOT_MONTH);
    }
    bool whole_date = (parts.count == 3 && parts.digits[0] == 4) ||
                      (parts.count == 1 && (parts.digits[0] == 8 || parts.digits[0] == 5));
    if (!whole_date) {
        return jl_parse_fail(parse, JL_SAY_NOT_MONTH);
    }
    int64_t date = 0;
    if (!jl_parse_date(parse, narrow, &date)) {
        return false;
    }
    if (date % 100 != 1) {
        /* A month cell of a spreadsheet holds the month's first day; another day was meant as one.
         */
        return jl_parse_fail(parse, JL_SAY_MONTH_DAY);
    }
    *out_month = date / 100;
    return true;
}
