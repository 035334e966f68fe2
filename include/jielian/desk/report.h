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

#include <jansson.h>
#include <stdio.h>

struct jl_report_options {
    int64_t d0, d1; /* the window, both days in it; 0: without a beginning, until today */
    int64_t today;  /* yyyymmdd, for d1 */
    bool by_office;
    bool by_year;
    enum jl_language language;
};

/* An array of {key, label, value, unit, phrase, note?, error?, by_office?: {code: value}, by_year?:
 * {year: value}}. Values are numbers in the unit: 元 with up to two decimals, percent with up to
 * two. A rate without anything to divide by is null. So is what can't be computed, a value, a group
 * or a whole split: then the figure has an `error`, for people, and the others stand. Beyond 10^15
 * (分, for amounts) nothing is shown: JSON's readers have no more digits. JL_MISUSE: d0 is after
 * d1. Opens its own transaction. Cost: one query per figure, divisor and grouping. */
JL_MUST_CHECK enum jl_rc jl_report_run(struct jl_books *books,
                                       const struct jl_report_options *options,
                                       json_t **out_figures, struct jl_err *err);

/* How many of them have an error. */
size_t jl_report_failed(const json_t *figures);

#endif
