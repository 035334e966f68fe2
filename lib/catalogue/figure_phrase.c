/* A number as the press writes it: cut down, never up, and never to less than it would sound like.
 *
 *   exact     2954家, 1050.5元                       the number as it is
 *   percent   99%以上, 100%                          whole percent, 以上 when there is more
 *   auto      招聘会500余场, 近百场, 18.6万余人        see below
 *   over      超56万人次                             as auto, but 超 in front and never 近
 *
 * The cut. From 10,000 on the number is written in 万, from 100,000,000 on in 亿, and what lies
 * behind `decimals` places goes. Below that, as few leading digits stay as still make nine tenths
 * of the value: 512 → 500, 1,046 → 1000, 1,546 → 1500, but 57 → 57, for 50 would be too little.
 *
 *   nothing was cut            bare            570场  2.35万名  102.3万元
 *   only a single 9 was left   近 + next power  97 → 近百  9,412 → 近万  (nine tenths of it or
 * more) otherwise                  余 after        186,214 → 18.6万余
 *
 * Before 余 and after 超 a lone 1 is not written: 千余家, 万余名, 超万名. */
#include "jielian/base/buf.h"
#include "jielian/base/fault.h"
#include "jielian/catalogue/figure.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct shown {
    const char *before; /* 超, 近 */
    char number[32];
    const char *scale; /* 百 千 万 亿 */
    const char *more;  /* 余 */
    const char *after; /* behind the unit: 以上 */
};

/* amount ÷ one, with at most two decimals and no zeros at the end; exact for the callers' values.
 */
static void write_number(struct shown *shown, uint64_t amount, uint64_t one) {
    uint64_t whole = amount / one;
    unsigned hundredths = one < 100 ? 0 : (unsigned)((amount % one) / (one / 100));
    if (hundredths == 0) {
        (void)snprintf(shown->number, sizeof shown->number, "%" PRIu64, whole);
    } else if (hundredths % 10 == 0) {
        (void)snprintf(shown->number, sizeof shown->number, "%" PRIu64 ".%u", whole,
                       hundredths / 10);
    } else {
        (void)snprintf(shown->number, sizeof shown->number, "%" PRIu64 ".%02u", whole, hundredths);
    }
}

static void mark_more(struct shown *shown, enum jl_phrase_style style) {
    if (style == JL_PHRASE_OVER) {
        shown->before = "超";
    } else {
        shown->more = "余";
    }
}

static void write_near(struct shown *shown, const char *number, const char *scale) {
    shown->before = "近";
    (void)snprintf(shown->number, sizeof shown->number, "%s", number);
    shown->scale = scale;
}

/* 10,000 units and more. */
static void write_large(const struct jl_figure *figure, uint64_t amount, uint64_t unit,
                        struct shown *shown) {
    static const uint64_t powers[] = {1, 10, 100};
    uint64_t hundred_million = 100000000 * unit;
    uint64_t one = amount >= hundred_million ? hundred_million : 10000 * unit;
    uint64_t step = one / powers[figure->decimals > 2 ? 2 : figure->decimals];
    uint64_t cut = amount - amount % step;
    shown->scale = amount >= hundred_million ? "亿" : "万";
    write_number(shown, cut, one);
    if (cut == amount) {
        return;
    }
    if (cut / step == 9 && figure->style != JL_PHRASE_OVER) {
        write_near(shown, "10", shown->scale);
        return;
    }
    mark_more(shown, figure->style);
    if (cut == one) {
        shown->number[0] = '\0';
    }
}

/* 10 to 9,999 units. */
static void write_small(const struct jl_figure *figure, uint64_t amount, uint64_t unit,
                        struct shown *shown) {
    static const char *const next[] = {"百", "千", "万"};
    static const char *const lone[] = {NULL, "百", "千"};
    size_t place = 0; /* of the first digit: tens, hundreds, thousands */
    uint64_t step = 10 * unit;
    while (amount / step >= 10) {
        step *= 10;
        place++;
    }
    uint64_t first = step;
    while (step > 1 && (amount - amount % step) * 10 < amount * 9) {
        step /= 10;
    }
    uint64_t cut = amount - amount % step;
    write_number(shown, cut, unit);
    if (cut == amount) {
        return;
    }
    if (cut / first == 9 && step == first && figure->style != JL_PHRASE_OVER) {
        write_near(shown, "", next[place]);
        return;
    }
    mark_more(shown, figure->style);
    if (cut == first && lone[place] != NULL) {
        shown->number[0] = '\0';
        shown->scale = lone[place];
    }
}

static void write_percent(uint64_t basis_points, struct shown *shown) {
    (void)snprintf(shown->number, sizeof shown->number, "%" PRIu64, basis_points / 100);
    shown->after = basis_points % 100 == 0 ? "" : "以上";
}

enum jl_rc jl_figure_phrase(const struct jl_figure *figure, int64_t value, struct jl_buf *out,
                            struct jl_err *err) {
    struct shown shown = {.before = "", .scale = "", .more = "", .after = ""};
    uint64_t amount = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint64_t unit = strcmp(figure->unit, "元") == 0 ? 100 : 1;
    if (figure->style == JL_PHRASE_PERCENT) {
        write_percent(amount, &shown);
    } else if (figure->style == JL_PHRASE_EXACT || value < 0 || amount < 10 * unit) {
        write_number(&shown, amount, unit);
    } else if (amount >= 10000 * unit) {
        write_large(figure, amount, unit, &shown);
    } else {
        write_small(figure, amount, unit, &shown);
    }
    const char *place = strstr(figure->phrase, "{}");
    if (place == NULL) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_CATALOGUE_PHRASE_OF, "%s", figure->key);
    }
    return jl_buf_printf(out, err, "%.*s%s%s%s%s%s%s%s%s", (int)(place - figure->phrase),
                         figure->phrase, value < 0 ? "-" : "", shown.before, shown.number,
                         shown.scale, shown.more, figure->unit, shown.after, place + 2);
}
