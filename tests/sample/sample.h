/* A sample district on disk: the CSV files that the clerks of twelve offices would bring, and the
 * figures that must come out of them.
 *
 *   OUT/offices.csv             code,name
 *   OUT/CODE/NN_type.csv        one table per record type, in the order in which they can be
 * imported OUT/district/NN_type.csv    what the district federation owns OUT/expected.json each
 * figure of docs/domain.md section 4 (form: expect.h) OUT/records.json            records per type
 * and office
 *
 * A reference is written as the other record's title: a union, employer, activity or batch by its
 * name, a member by the ID number, a family by its head's name (which nobody else has), an office
 * by its name. The same seed and scale give the same bytes on every machine. */
#ifndef JIELIAN_SAMPLE_SAMPLE_H
#define JIELIAN_SAMPLE_SAMPLE_H

#include "jielian/base/rc.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    JL_SCALE_ONE = 1000000,
    JL_SCALE_MIN = 1000,              /* 0.001: every table still has rows */
    JL_SCALE_MAX = 20 * JL_SCALE_ONE, /* ID numbers of the one area code run out beyond */
};

struct jl_sample_options {
    const char *out; /* folder; made if missing, files in it are replaced */
    uint64_t seed;
    uint64_t scale_millionths;
};

struct jl_sample_summary {
    uint64_t records;
};

/* "0.01" → 10000; JL_MISUSE for anything else than a decimal number in the allowed range. */
JL_MUST_CHECK enum jl_rc jl_sample_parse_scale(const char *text, uint64_t *out_millionths,
                                               struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_sample_write(const struct jl_sample_options *options,
                                         struct jl_sample_summary *out_summary, struct jl_err *err);

#endif
