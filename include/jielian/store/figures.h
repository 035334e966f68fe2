/* Figures: one number, or one for each office or year, over the records of a type.
 *
 * Inside an open transaction. Thread: that of the store. */
#ifndef JIELIAN_STORE_FIGURES_H
#define JIELIAN_STORE_FIGURES_H

#include "jielian/base/rc.h"

#include <stdbool.h>
#include <stddef.h>

struct jl_figures_condition {
    const char *via_column; /* a ref column of the measured table; NULL: the table itself */
    uint32_t via_type;
    const char *column;
    int test; /* enum jl_filter_test of catalogue.h, same numbers */
    const int64_t *numbers;
    size_t number_count;
};

enum jl_group { JL_GROUP_NONE = 0, JL_GROUP_OFFICE, JL_GROUP_YEAR };

struct jl_figures_measure {
    uint32_t type;
    const struct jl_figures_condition *conditions;
    size_t condition_count;
    const char *window_column;              /* NULL: none */
    bool window_is_year;                    /* the column is an INT year, not a date */
    bool window_is_month;                   /* the column is a month yyyymm, not a date */
    const char *from_column, *until_column; /* NULL: none; absent values hold (see jl_measure) */
    int64_t d0, d1;                         /* yyyymmdd, inclusive */
    int aggregate;                          /* enum jl_aggregate of catalogue.h, same numbers */
    const char *column;                     /* SUM, DISTINCT, MEDIAN_DAYS; NULL otherwise */
    const char *end_column;                 /* MEDIAN_DAYS */
    enum jl_group group;                    /* YEAR needs window_column */
};

/* One call per group, ascending; group 0 for JL_GROUP_NONE. value NULL: a sum that does not fit in
 * 64 bits. Only live records count. */
typedef enum jl_rc (*jl_measure_fn)(void *context, int64_t group, const int64_t *value,
                                    struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_figures_measure(struct jl_store *store,
                                            const struct jl_figures_measure *measure,
                                            jl_measure_fn visit, void *context, struct jl_err *err);

#endif
