/* Leave to enter old books: the district lets an office start records with a status that only the
 * district may give, for a time. A record of the built-in type old_books_leave, owned by the
 * office, so that both sides know it; only the district writes it.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_BOOKS_LEAVE_H
#define JIELIAN_BOOKS_LEAVE_H

#include "jielian/books/books.h"

/* Is there one for this office, this type and this day (yyyymmdd; 0: nobody knows which day it is,
 * and every leave counts)? Inside an open transaction.
 * Cost: one scan of all leaves, which are few. */
JL_MUST_CHECK enum jl_rc jl_leave_find(struct jl_books *books, uint32_t office,
                                       const struct jl_type *type, int64_t today, bool *out_leave,
                                       struct jl_err *err);

#endif
