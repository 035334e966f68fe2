/* Numbers and amounts.
 *
 *   [¥|￥|RMB|人民币] [sign] digits with , [. digits] [十 百 千 万 十万 百万 千万 亿]
 * [元|圆|counting word]
 *
 * A number is kept as digits and a power of ten, so that 1.15万元 is exactly 1150000 分. */
#include "parse.h"

#include <string.h>

enum {
    DIGITS_MAX = 17, /* always fits int64_t */
    NOISE_DIGITS = 7 /* 0.30000000000000004: what binary fractions leave behind */
};

struct amount {
    bool negative;
    int64_t digits; /* as if there were no point */
    int decimals;   /* digits behind the point */
    int power;      /* of ten, from 万 and 亿 */
    bool too_large;
};

static bool skip_word(const char **at, const char *word) {
    size_t size = strlen(word);
    if (strncmp(*at, word, size) != 0) {
        return false;
    }
    *at += size;
    return true;
}

static void skip_spaces(const char **at) {
    while (**at == ' ') {
        (*at)++;
    }
}

static void skip_currency(const char **at) {
    static const char *const words[] = {"人民币", "RMB", "CNY", "\xC2\xA5", "\xEF\xBF\xA5"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (skip_word(at, words[i])) {
            skip_spaces(at);
        }
    }
}

static int read_power(const char **at) {
    static const struct {
        const char *word;
        int power;
    } powers[] = {{"十万", 5}, {"百万", 6}, {"千万", 7}, {"万", 4},
                  {"亿", 8},   {"千", 3},   {"百", 2},   {"十", 1}};
    for (size_t i = 0; i < sizeof powers / sizeof *powers; i++) {
        if (skip_word(at, powers[i].word)) {
            return powers[i].power;
        }
    }
    return 0;
}

/* A comma stands between digits and before exactly three of them: 1,5 is no number here. */
static bool separates(const char *at, const char *start, bool point_seen) {
    return *at == ',' && !point_seen && at > start && jl_narrow_is_digit(at[-1]) &&
           jl_narrow_is_digit(at[1]) && jl_narrow_is_digit(at[2]) && jl_narrow_is_digit(at[3]) &&
           !jl_narrow_is_digit(at[4]);
}

static bool read_digits(const char **at, struct amount *amount) {
    const char *start = *at;
    bool point_seen = false;
    int significant = 0;
    int kept_decimals = 0;
    for (;; (*at)++) {
        char c = **at;
        if (c == '.' && !point_seen) {
            point_seen = true;
        } else if (jl_narrow_is_digit(c)) {
            if (significant == DIGITS_MAX || kept_decimals == DIGITS_MAX) {
                /* Digits beyond are noise behind the point and an overflow before it. */
                amount->too_large = amount->too_large || !point_seen;
                continue;
            }
            kept_decimals += point_seen ? 1 : 0;
            amount->digits = amount->digits * 10 + (c - '0');
            significant += amount->digits > 0 ? 1 : 0;
        } else if (!separates(*at, start, point_seen)) {
            break;
        }
    }
    bool any = false;
    for (const char *c = start; c < *at; c++) {
        any = any || jl_narrow_is_digit(*c);
    }
    amount->decimals = kept_decimals;
    return any;
}

/* out_rest: what stands behind the number, e.g. 元 or 人. */
static bool read_amount(const char *text, struct amount *out_amount, const char **out_rest) {
    struct amount amount = {.power = 0};
    skip_currency(&text);
    if (*text == '-' || *text == '+') {
        amount.negative = *text == '-';
        text++;
        skip_spaces(&text);
    }
    skip_currency(&text);
    if (!read_digits(&text, &amount)) {
        return false;
    }
    skip_spaces(&text);
    amount.power = read_power(&text);
    *out_amount = amount;
    *out_rest = text;
    return true;
}

enum scaled { SCALED, SCALED_TOO_FINE, SCALED_TOO_LARGE };

/* The amount in units of 10^-places: places 0 for counts, 2 for 分. */
static enum scaled scale(const struct amount *amount, int places, int64_t *out_number) {
    int64_t number = amount->digits;
    int shift = amount->power + places - amount->decimals;
    if (amount->too_large) {
        return SCALED_TOO_LARGE;
    }
    for (; shift > 0; shift--) {
        if (__builtin_mul_overflow(number, (int64_t)10, &number)) {
            return SCALED_TOO_LARGE;
        }
    }
    if (shift < 0) {
        int64_t divisor = 1;
        int64_t noise = 1;
        for (int i = 0; i < -shift; i++) {
            divisor *= 10;
            noise *= i < -shift - NOISE_DIGITS ? 10 : 1;
        }
        int64_t rest = number % divisor;
        number /= divisor;
        /* Seven equal digits 0 or 9 behind the last one that counts: rounding, not meaning. */
        if (rest != 0 && (-shift < NOISE_DIGITS || (rest >= noise && rest < divisor - noise))) {
            return SCALED_TOO_FINE;
        }
        number += rest >= divisor - noise && rest != 0 && -shift >= NOISE_DIGITS ? 1 : 0;
    }
    *out_number = amount->negative ? -number : number;
    return SCALED;
}

static bool is_one_of(const char *rest, const char *const *words, size_t count) {
    skip_spaces(&rest);
    if (*rest == '\0') {
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rest, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool jl_parse_int(const struct jl_parse *parse, struct jl_narrow *narrow, int64_t *out_number) {
    static const char *const counting[] = {"人", "名", "人次", "家", "个", "场", "次", "户",
                                           "届", "天", "份",   "件", "项", "条", "期", "岁",
                                           "年", "元", "分",   "位", "批", "级", "只", "处"};
    struct amount amount;
    const char *rest = NULL;
    if (jl_narrow_is_scientific(narrow)) {
        return jl_parse_fail(parse, JL_SAY_SCIENTIFIC);
    }
    if (!read_amount(narrow->text, &amount, &rest) ||
        !is_one_of(rest, counting, sizeof counting / sizeof *counting)) {
        return jl_parse_fail(parse, JL_SAY_NOT_INT);
    }
    switch (scale(&amount, 0, out_number)) {
    case SCALED:
        return true;
    case SCALED_TOO_FINE:
        return jl_parse_fail(parse, JL_SAY_NOT_WHOLE);
    case SCALED_TOO_LARGE:
        break;
    }
    return jl_parse_fail(parse, JL_SAY_NUMBER_LARGE);
}

bool jl_parse_money(const struct jl_parse *parse, struct jl_narrow *narrow, int64_t *out_fen) {
    static const char *const currency[] = {"元", "圆", "块", "元整", "圆整", "元人民币"};
    struct amount amount;
    const char *rest = NULL;
    if (jl_narrow_is_scientific(narrow)) {
        return jl_parse_fail(parse, JL_SAY_SCIENTIFIC);
    }
    if (!read_amount(narrow->text, &amount, &rest) ||
        !is_one_of(rest, currency, sizeof currency / sizeof *currency)) {
        return jl_parse_fail(parse, JL_SAY_NOT_MONEY);
    }
    switch (scale(&amount, 2, out_fen)) {
    case SCALED:
        return true;
    case SCALED_TOO_FINE:
        return jl_parse_fail(parse, JL_SAY_MONEY_FINE);
    case SCALED_TOO_LARGE:
        break;
    }
    return jl_parse_fail(parse, JL_SAY_NUMBER_LARGE);
}
