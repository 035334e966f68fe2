/* What the district sends, taken into the books: verdicts and pages.
 *
 * Thread: that of the office. */
#ifndef JIELIAN_CLIENT_BOOKS_TAKE_H
#define JIELIAN_CLIENT_BOOKS_TAKE_H

#include "jielian/base/rc.h"

#include <stdbool.h>

struct jl_office;
struct jl_page;
struct jl_verdicts;

JL_MUST_CHECK enum jl_rc jl_take_verdicts(struct jl_office *office,
                                          const struct jl_verdicts *verdicts, struct jl_err *err);
/* *out_taken false: the page is not the next one and was left alone. */
JL_MUST_CHECK enum jl_rc jl_take_page(struct jl_office *office, const struct jl_page *page,
                                      bool *out_taken, struct jl_err *err);

#endif
