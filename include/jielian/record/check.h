/* The one validator (docs/domain.md section 2), for every path. "Today" and the catalogue come in
 * as values; problems go out as data.
 *
 * Pure.  Thread: any. */
#ifndef JIELIAN_RECORD_CHECK_H
#define JIELIAN_RECORD_CHECK_H

#include "jielian/base/language.h"
#include "jielian/record/problems.h"

struct jl_catalogue;
struct jl_row;
struct jl_type;

/* Fields whose dates lie after today, where these are noted instead of being errors. */
struct jl_ahead {
    uint32_t fields[JL_PROBLEMS_MAX]; /* each once; what is over is not noted */
    size_t count;
};

struct jl_check_context {
    const struct jl_catalogue *catalogue;
    int64_t today; /* yyyymmdd */
    enum jl_language language;
    bool old_books;         /* old books are being entered: a record may start in any status */
    struct jl_ahead *ahead; /* NULL: a date after today is an error */
};

/* Check a whole row: kinds, ranges, required, codes, rules, checks between fields. Fields the
 * catalogue does not know are left alone. Every path goes through here, the district's too.
 * Cost: a few µs. */
void jl_check_row(const struct jl_check_context *context, const struct jl_type *type,
                  const struct jl_row *row, struct jl_problems *problems);
/* The same for an edit only: errors of fields that the edit did not touch become warnings, so that
 * an old record with an old fault can still be corrected step by step. */
void jl_check_edit(const struct jl_check_context *context, const struct jl_type *type,
                   const struct jl_row *before, const struct jl_row *after,
                   struct jl_problems *problems);

#endif
