/* The rows of lists and of what was found, made from records. Inside the caller's transaction.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_LIB_DESK_LIST_ROW_H
#define JIELIAN_LIB_DESK_LIST_ROW_H

#include "jielian/desk/list.h"
#include "jielian/desk/offices.h"
#include "jielian/desk/titles.h"

/* Names that rows share. offices: loaded by whoever makes rows. */
struct jl_list_row_names {
    struct jl_offices offices;
    struct jl_titles titles;
};
void jl_list_row_names_fini(struct jl_list_row_names *names);

/* Record, type and owner, all borrowed; the type is in the catalogue. */
void jl_list_row_make(const struct jl_desk *desk, const struct jl_list_row_names *names,
                      const struct jl_book_record *record, struct jl_list_row *out_row);
/* Label and title, the latter in the arena. */
JL_MUST_CHECK enum jl_rc jl_list_row_name(struct jl_desk *desk, struct jl_list_row_names *names,
                                          struct jl_list_row *row, struct jl_arena *arena,
                                          struct jl_err *err);

#endif
