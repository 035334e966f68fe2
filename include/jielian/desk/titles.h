/* Titles of records and of the records that they refer to. Inside the caller's transaction.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_DESK_TITLES_H
#define JIELIAN_DESK_TITLES_H

#include "jielian/base/arena.h"
#include "jielian/base/map.h"

struct jl_book_record;
struct jl_buf;
struct jl_desk;
struct jl_field;
struct jl_type;
struct jl_value;

struct jl_titles {
    struct jl_map map;
    struct jl_arena arena;
};
void jl_titles_fini(struct jl_titles *titles);
/* The title of a record of these books, references by their titles. */
JL_MUST_CHECK enum jl_rc jl_titles_put(struct jl_desk *desk, struct jl_titles *titles,
                                       const struct jl_type *type,
                                       const struct jl_book_record *record, struct jl_buf *out,
                                       struct jl_err *err);
/* A field as a list shows it: masked, references by their titles. Appends. */
JL_MUST_CHECK enum jl_rc jl_titles_put_value(struct jl_desk *desk, struct jl_titles *titles,
                                             const struct jl_field *field,
                                             const struct jl_value *value, struct jl_buf *out,
                                             struct jl_err *err);

#endif
