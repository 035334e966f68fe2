/* How many records a first download brings, by type, and how many are here.
 *
 * Thread: that of the office. */
#ifndef JIELIAN_CLIENT_BOOKS_OFFICE_EXPECTED_H
#define JIELIAN_CLIENT_BOOKS_OFFICE_EXPECTED_H

#include "proto/wire.h"

#include "jielian/base/rc.h"

struct jl_office;

struct jl_office_expected {
    bool told[2]; /* by feed: the district has said so; an older one does not */
    struct jl_type_count types[2 * JL_PAGE_TYPES_MAX]; /* feed 0, then the office's */
    size_t type_count;
    uint64_t records; /* of all types, as of the first page */
    uint64_t here;    /* records that the sums count now */
};
/* Inside the transaction that takes the page; only a first page says anything. */
JL_MUST_CHECK enum jl_rc jl_office_expected_take(struct jl_office *office,
                                                 const struct jl_page *page, struct jl_err *err);
/* Inside any transaction. */
JL_MUST_CHECK enum jl_rc jl_office_expected(struct jl_office *office,
                                            struct jl_office_expected *out_expected,
                                            struct jl_err *err);

#endif
