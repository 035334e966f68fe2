/* Field values and rows: the plain (unsealed) form of a record in memory.
 *
 * A row holds only the fields that have a value, ascending by field number, each once. Field
 * numbers come from the catalogue; a number the catalogue does not know is legal and kept (an older
 * office must not erase a newer column). Everything a row points to is borrowed, usually from an
 * arena.
 *
 * kind      jl_value
 * int money INT (money in 分)
 * bool      INT 0 or 1
 * code      INT, the code's number
 * date      INT yyyymmdd, e.g. 20210105     month: INT yyyymm
 * text …    TEXT, UTF-8, no NUL             (id_no, uscc, phone too)
 * ref       BYTES, 16: the id of a record of the field's type */
#ifndef JIELIAN_VALUE_H
#define JIELIAN_VALUE_H

#include "jielian/base/arena.h"
#include "jielian/base/id.h"

enum jl_value_kind {
    JL_VALUE_NULL = 0,
    JL_VALUE_INT = 1,
    JL_VALUE_TEXT = 2,
    JL_VALUE_BYTES = 3,
};

struct jl_value {
    enum jl_value_kind kind;
    int64_t number;        /* INT */
    struct jl_bytes bytes; /* TEXT, BYTES: borrowed */
};

static inline struct jl_value jl_value_null(void) {
    struct jl_value value = {.kind = JL_VALUE_NULL};
    return value;
}
static inline struct jl_value jl_value_int(int64_t number) {
    struct jl_value value = {.kind = JL_VALUE_INT, .number = number};
    return value;
}
struct jl_value jl_value_text(struct jl_bytes text);
struct jl_value jl_value_cstr(const char *text);      /* borrowed */
struct jl_value jl_value_ref(const struct jl_id *id); /* borrowed */
bool jl_value_equal(const struct jl_value *a, const struct jl_value *b);
JL_MUST_CHECK enum jl_rc jl_value_dup(struct jl_arena *arena, const struct jl_value *value,
                                      struct jl_value *out_value, struct jl_err *err);

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
