/* Figures (docs/design.md section 9): a number over records, and the phrase in which the press
 * writes it. Part of a catalogue (catalogue.h), which owns them; immutable.  Thread: any. */
#ifndef JIELIAN_CATALOGUE_FIGURE_H
#define JIELIAN_CATALOGUE_FIGURE_H

#include "jielian/base/rc.h"
#include "jielian/catalogue/label.h"

struct jl_buf;

enum jl_aggregate {
    JL_AGGREGATE_COUNT = 1,   /* records */
    JL_AGGREGATE_SUM,         /* of `field` */
    JL_AGGREGATE_DISTINCT,    /* different values of `field`; absent ones don't count */
    JL_AGGREGATE_OFFICES,     /* different owner offices */
    JL_AGGREGATE_MEDIAN_DAYS, /* between `field` and `end_field` (dates) */
};

enum jl_filter_test {
    JL_FILTER_IN = 1,  /* value is one of `numbers` */
    JL_FILTER_NOT_IN,  /* value is absent or none of `numbers` */
    JL_FILTER_SET,     /* has a value */
    JL_FILTER_AT_MOST, /* value <= numbers[0] */
    JL_FILTER_AT_LEAST,
};

struct jl_filter {
    uint32_t via; /* a REF field of the measured type: test the referred record; 0: the record */
    uint32_t field;
    enum jl_filter_test test;
    const int64_t *numbers; /* codes, bools 0/1, dates yyyymmdd */
    size_t number_count;
};

struct jl_measure {
    uint32_t type;
    const struct jl_filter *filters; /* all must hold */
    size_t filter_count;
    uint32_t window_field; /* a DATE with d0 <= value <= d1, a MONTH within the months of the
                              window, or an INT year within its years; 0: none */
    uint32_t from_field;   /* a DATE: absent or <= d1 (began by the end of the window); 0: none */
    uint32_t until_field;  /* a DATE: absent or > d1 (still in force); 0: none */
    enum jl_aggregate aggregate;
    uint32_t field;     /* SUM, DISTINCT, MEDIAN_DAYS */
    uint32_t end_field; /* MEDIAN_DAYS: the later date */
};

enum jl_phrase_style {
    JL_PHRASE_AUTO = 0, /* by the rule of docs/domain.md section 4: exact bare, 余, 近 */
    JL_PHRASE_OVER,     /* 超 before the number instead of 余 after it */
    JL_PHRASE_EXACT,    /* the number as it is, however large: 2954家 */
    JL_PHRASE_PERCENT,  /* 99%以上; 100 is 全覆盖 in label context, shown as 100% */
};

struct jl_figure {
    const char *key; /* "F01"; parts of one sentence are "F38a", "F38b" */
    struct jl_label label;
    const char *unit;   /* 场 名 人次 家 户 届 元 % … */
    const char *phrase; /* e.g. "招聘会{}": {} is replaced by number and unit */
    const char *note;   /* e.g. 未去重; NULL: none */
    enum jl_phrase_style style;
    uint32_t decimals; /* of the 万 / 亿 form, at most 2; default 2 */
    struct jl_measure measure;
    const struct jl_measure *divisor; /* a rate: 100 × measure ÷ divisor; NULL: none */
};

/* The figure's phrase with number and unit in it, as the press writes them: 招聘会500余场. value is
 * in the figure's unit × 100 for 元 (分) and for percent (basis points: 9912 is 99.12 %), else
 * whole. Appends to out. The rule of rounding stands on top of lib/catalogue/figure_phrase.c.
 * JL_NOMEM out is as it was. */
JL_MUST_CHECK enum jl_rc jl_figure_phrase(const struct jl_figure *figure, int64_t value,
                                          struct jl_buf *out, struct jl_err *err);

#endif
