/* Rows: the plain (unsealed) form of a record in memory.
 *
 * A row holds only the fields that have a value, ascending by field number, each once. Field
 * numbers come from the catalogue; a number the catalogue does not know is legal and kept (an older
 * office must not erase a newer column). Everything a row points to is borrowed, usually from an
 * arena.  Thread: any. */
#ifndef JIELIAN_BASE_ROW_H
#define JIELIAN_BASE_ROW_H

#include "jielian/base/id.h"
#include "jielian/base/value.h"

struct jl_field_value {
    uint32_t field;
    struct jl_value value; /* never NULL kind inside a row */
};

struct jl_row {
    uint32_t type;
    struct jl_id id;
    uint32_t owner; /* office number; 0: the district */
    bool deleted;
    struct jl_field_value *fields;
    size_t field_count;
};

/* The value of a field, or NULL when the row has none. Cost: binary search. */
const struct jl_value *jl_row_get(const struct jl_row *row, uint32_t field);
/* A field's whole number, 0 without one; its text, empty without one. row may be NULL. */
int64_t jl_row_number(const struct jl_row *row, uint32_t field);
struct jl_bytes jl_row_text(const struct jl_row *row, uint32_t field);
/* Set or (with a NULL-kind value) clear one field; a grown field array comes from the arena, the
 * value is borrowed. JL_NOMEM leaves the row as it was. */
JL_MUST_CHECK enum jl_rc jl_row_set(struct jl_row *row, uint32_t field,
                                    const struct jl_value *value, struct jl_arena *arena,
                                    struct jl_err *err);
/* The fields in which two rows differ, ascending: what they were and what they are, with NULL for
 * "no value". Both arrays have room for all fields of both rows; values are borrowed. Returns how
 * many. */
size_t jl_row_difference(const struct jl_row *before, const struct jl_row *after,
                         struct jl_field_value *out_old, struct jl_field_value *out_new);
/* The same fields with the same values; type, id, owner and deleted are not looked at. */
bool jl_row_same_fields(const struct jl_row *a, const struct jl_row *b);
/* Deep copy into the arena. */
JL_MUST_CHECK enum jl_rc jl_row_dup(struct jl_arena *arena, const struct jl_row *row,
                                    struct jl_row *out_row, struct jl_err *err);

#endif
