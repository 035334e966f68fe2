/* Field values: the plain (unsealed) form of one field in memory. Bytes are borrowed, usually from
 * an arena.  Thread: any.
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

#endif
