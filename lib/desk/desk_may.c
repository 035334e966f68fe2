/* Who may write what, asked at the desk: the table is lib/op/may.c. */
#include "desk_internal.h"

#include <string.h>

static enum jl_hand hand_of(const struct jl_desk *desk) {
    if (desk->books->side == JL_SIDE_DISTRICT) {
        return desk->program ? JL_HAND_COMMAND : JL_HAND_DISTRICT;
    }
    return desk->program ? JL_HAND_OFFICE : JL_HAND_CLERK;
}

enum jl_rc jl_desk_may(struct jl_desk *desk, const struct jl_change *change, struct jl_arena *arena,
                       const struct jl_may_not **out_not, uint32_t *out_field, struct jl_err *err) {
    struct jl_op op = {.kind = change->kind, .type = change->after.type, .staff = desk->staff};
    struct jl_may_ask ask = {.type = jl_catalogue_type(desk->books->catalogue, op.type),
                             .by = hand_of(desk),
                             .op = &op,
                             .before = change->before != NULL ? &change->before->row : NULL};
    *out_not = NULL;
    *out_field = 0;
    if (ask.type == NULL) {
        return JL_OK; /* the catalogue has moved on; the save will tell */
    }
    enum jl_rc rc = jl_change_op(change, arena, &op, err);
    if (rc == JL_OK) {
        rc = jl_desk_movers(desk, ask.type, ask.before != NULL ? ask.before : &change->after,
                            &ask.movers, err);
    }
    if (rc == JL_OK) {
        *out_not = jl_may(&ask, out_field);
    }
    return rc;
}

enum jl_rc jl_desk_check_may(struct jl_desk *desk, const struct jl_change *change,
                             struct jl_arena *arena, struct jl_err *err) {
    const struct jl_may_not *no = NULL;
    uint32_t number = 0;
    enum jl_rc rc = jl_desk_may(desk, change, arena, &no, &number, err);
    if (rc != JL_OK || no == NULL) {
        return rc;
    }
    const struct jl_type *type = jl_catalogue_type(desk->books->catalogue, change->after.type);
    const struct jl_field *field = number != 0 ? jl_type_field(type, number) : NULL;
    const char *why = jl_desk_why_not(desk, no);
    return field == NULL ? jl_fail(err, JL_DENIED, "%s: %s", jl_desk_label(desk, &type->label), why)
                         : jl_fail(err, JL_DENIED, "%s, %s: %s", jl_desk_label(desk, &type->label),
                                   jl_desk_label(desk, &field->label), why);
}
