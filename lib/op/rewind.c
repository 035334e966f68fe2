/* One op, backwards: the table of undo.h. */
#include "jielian/op/rewind.h"
#include "jielian/base/arena.h"
#include "jielian/base/row.h"
#include "jielian/op/op.h"

static enum jl_rc rewind_edit(const struct jl_op *op, struct jl_rewind *rewind,
                              struct jl_arena *arena, struct jl_err *err) {
    const struct jl_row old = {.fields = op->old_fields, .field_count = op->old_count};
    const struct jl_value none = jl_value_null();
    for (size_t i = 0; i < op->new_count; i++) {
        uint32_t field = op->new_fields[i].field;
        const struct jl_value *now = jl_row_get(&rewind->row, field);
        const struct jl_value *back = jl_row_get(&old, field);
        now = now != NULL ? now : &none;
        back = back != NULL ? back : &none;
        if (jl_value_equal(now, back)) {
            continue; /* nothing to take back, or an undo that was cut off has done it */
        }
        if (!jl_value_equal(now, &op->new_fields[i].value)) {
            rewind->moved = true;
            continue;
        }
        enum jl_rc rc = jl_row_set(&rewind->row, field, back, arena, err);
        if (rc != JL_OK) {
            return rc;
        }
        rewind->touched = true;
    }
    return JL_OK;
}

static enum jl_rc rewind_delete(const struct jl_op *op, struct jl_rewind *rewind,
                                struct jl_arena *arena, struct jl_err *err) {
    const struct jl_row old = {.type = op->type,
                               .id = op->id,
                               .owner = rewind->row.owner,
                               .fields = op->old_fields,
                               .field_count = op->old_count};
    if (rewind->live) {
        rewind->moved = !jl_row_same_fields(&rewind->row, &old);
        return JL_OK;
    }
    rewind->live = rewind->touched = true;
    rewind->merged_into = op->other;
    return jl_row_dup(arena, &old, &rewind->row, err);
}

enum jl_rc jl_rewind_op(const struct jl_op *op, struct jl_rewind *rewind, struct jl_arena *arena,
                        struct jl_err *err) {
    const struct jl_row new = {.fields = op->new_fields, .field_count = op->new_count};
    switch (op->kind) {
    case JL_OP_CREATE:
    case JL_OP_RESTORE:
        if (!rewind->live || !jl_row_same_fields(&rewind->row, &new)) {
            rewind->moved = rewind->live;
            return JL_OK;
        }
        rewind->live = false;
        rewind->touched = true;
        return JL_OK;
    case JL_OP_EDIT:
    case JL_OP_MERGE:
    case JL_OP_RESOLVE:
        if (!rewind->live) {
            rewind->moved = true;
            return JL_OK;
        }
        return rewind_edit(op, rewind, arena, err);
    case JL_OP_DELETE:
        return rewind_delete(op, rewind, arena, err);
    case JL_OP_TRANSFER:
        if (rewind->row.owner == op->owner_before) {
            return JL_OK;
        }
        if (!rewind->live || rewind->row.owner != op->owner) {
            rewind->moved = true;
            return JL_OK;
        }
        rewind->row.owner = op->owner_before;
        rewind->touched = true;
        break;
    }
    return JL_OK;
}
