/* One record, shown: for people, or as JSON. Sensitive values are masked on every way out of here.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_DESK_SHOW_H
#define JIELIAN_DESK_SHOW_H

#include "jielian/books/books.h"

#include <jansson.h>

struct jl_desk;
struct jl_document;

struct jl_shown_field {
    const struct jl_field *field;
    struct jl_bytes text; /* references by their titles */
};
struct jl_shown {
    const struct jl_type *type;
    struct jl_book_record record; /* deleted and left ones, too: head.state tells */
    struct jl_bytes title;
    const char *owner;                   /* the office's name */
    const struct jl_shown_field *fields; /* those that have a value */
    size_t field_count;
};

/* In a transaction of its own; everything is in the arena. JL_NOT_FOUND. */
JL_MUST_CHECK enum jl_rc jl_show_record(struct jl_desk *desk, const struct jl_type *type,
                                        const struct jl_id *id, struct jl_arena *arena,
                                        struct jl_shown *out_shown, struct jl_err *err);

/* The record's members, into the open object: "id", then every field that is not hidden by its name
 * (null when it has no value): text, numbers and bools as such, codes by label, dates "2021-01-05",
 * money as text in 元 ("12.50"), refs as id text. */
void jl_show_write(const struct jl_desk *desk, const struct jl_type *type,
                   const struct jl_book_record *record, struct jl_document *document);

/* The same as a value of jansson. To go with its last user. */
JL_MUST_CHECK enum jl_rc jl_show_json(struct jl_desk *desk, const struct jl_book_record *record,
                                      json_t **out_object, struct jl_err *err);

#endif
