/* Offices: their numbers are given out once, and their codes to one office.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_BOOKS_OFFICES_H
#define JIELIAN_SERVER_BOOKS_OFFICES_H

#include "jielian/base/rc.h"

#include <stdbool.h>

struct jl_district;
struct jl_row;

/* number NULL: a code that the admission log knows and the books have lost gets its old number
 * back, another the next one. Else that number: for an office that its PCs alone remember.
 * JL_CONFLICT: code or number is, or was, another office's; JL_LIMIT: no number is left;
 * JL_MISUSE: a code, name or number that can't be. */
JL_MUST_CHECK enum jl_rc jl_offices_add(struct jl_district *district, const char *code,
                                        const char *name, const uint32_t *number,
                                        struct jl_err *err);

/* Was there an office with this number, that is deleted now? */
JL_MUST_CHECK enum jl_rc jl_offices_was(struct jl_district *district, uint32_t number,
                                        bool *out_deleted, struct jl_err *err);
/* Make it, in an open write transaction. */
JL_MUST_CHECK enum jl_rc jl_offices_make(struct jl_district *district, uint32_t number,
                                         const char *code, const char *name, struct jl_err *err);
/* May this office be deleted? JL_CONFLICT: it has PCs, has or had records, or is referred to, and
 * says which. */
JL_MUST_CHECK enum jl_rc jl_offices_check_unused(struct jl_district *district,
                                                 const struct jl_row *row, struct jl_err *err);

#endif
