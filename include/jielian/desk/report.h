/* Reports: every figure of the catalogue, measured over the books (docs/design.md section 9).
 *
 * A figure's value for an office or a year is measured of its own, so distinct counts and medians
 * are right there too; they need not add up to the whole. Rates are numerator by denominator of the
 * same group. Records of an office's type that the district itself keeps stand under the code "-";
 * figures over types that only the district owns are not split by office.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_REPORT_H
#define JIELIAN_REPORT_H

#include "jielian/books/books.h"

struct jl_document;

struct jl_report_options {
    int64_t d0, d1; /* the window, both days in it; 0: without a beginning, until today */
    int64_t today;  /* yyyymmdd, for d1 */
    bool by_office;
    bool by_year;
    enum jl_language language;
};

struct jl_report_group { /* an office by its code, or a year */
    const char *name;
    bool known;
    int64_t value;
};
struct jl_report_split {
    bool known; /* false: the whole split can't be computed */
    struct jl_report_group *groups;
    size_t count, capacity;
};
struct jl_report_figure {
    const char *key, *label, *unit; /* of the catalogue, as is note */
    const char *phrase;             /* NULL: no value */
    const char *note;               /* NULL: none */
    const char *error;              /* why something of it is not known, for people; NULL: it is */
    bool hundredths;                /* values are 分, or percent with two decimals, × 100 */
    bool known;
    int64_t value;
    struct jl_report_split by_office, by_year; /* where they were asked for */
};
struct jl_report {
    bool by_office, by_year;
    const struct jl_report_figure *figures;
    size_t count;
    size_t failed; /* figures with an error */
};

/* A rate without anything to divide by is not known. Nor is what can't be computed, a value, a
 * group or a whole split: then the figure has an error, and the others stand. Beyond 10^15 (分, for
 * amounts) nothing is shown: JSON's readers have no more digits. JL_MISUSE: d0 is after d1. Opens
 * its own transaction; everything is in the arena, but for the catalogue's texts. Cost: one query
 * per figure, divisor and grouping. */
JL_MUST_CHECK enum jl_rc jl_report_run(struct jl_books *books,
                                       const struct jl_report_options *options,
                                       struct jl_arena *arena, struct jl_report *out_report,
                                       struct jl_err *err);

/* An array of {key, label, value, unit, phrase, note?, by_office?: {code: value}, by_year?: {year:
 * value}, error?}. Values are numbers in the unit, 元 and percent with up to two decimals; null:
 * not known. */
void jl_report_write(const struct jl_report *report, const char *key, struct jl_document *document);

#endif
