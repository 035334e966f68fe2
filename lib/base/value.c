/* Invariant of a row: fields ascend strictly by number and none is of NULL kind. */
#include "jielian/base/value.h"

#include <string.h>

struct jl_value jl_value_text(struct jl_bytes text) {
    struct jl_value value = {.kind = JL_VALUE_TEXT, .bytes = text};
    return value;
}

struct jl_value jl_value_cstr(const char *text) {
    return jl_value_text(jl_bytes_text(text));
}

struct jl_value jl_value_ref(const struct jl_id *id) {
    struct jl_value value = {.kind = JL_VALUE_BYTES, .bytes = jl_bytes(id->bytes, JL_ID_BYTES)};
    return value;
}

bool jl_value_equal(const struct jl_value *a, const struct jl_value *b) {
    if (a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case JL_VALUE_NULL:
        return true;
    case JL_VALUE_INT:
        return a->number == b->number;
    case JL_VALUE_TEXT:
    case JL_VALUE_BYTES:
        return jl_bytes_equal(a->bytes, b->bytes);
    }
    return false;
}

enum jl_rc jl_value_dup(struct jl_arena *arena, const struct jl_value *value,
                        struct jl_value *out_value, struct jl_err *err) {
    struct jl_value copy = *value;
    if (value->kind == JL_VALUE_TEXT || value->kind == JL_VALUE_BYTES) {
        enum jl_rc rc = jl_arena_dup(arena, value->bytes, &copy.bytes, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    *out_value = copy;
    return JL_OK;
}
