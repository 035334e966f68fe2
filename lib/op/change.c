/* From a change to the op that carries it. */
#include "jielian/op/change.h"
#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/books/books.h"

/* Every field of both sides that differs. NULL says "no value". */
static enum jl_rc take_difference(const struct jl_row *before, const struct jl_row *after,
                                  struct jl_arena *arena, struct jl_op *op, struct jl_err *err) {
    size_t most = before->field_count + after->field_count + 1;
    op->old_fields = jl_arena_zalloc(arena, most, sizeof *op->old_fields);
    op->new_fields = jl_arena_zalloc(arena, most, sizeof *op->new_fields);
    if (op->old_fields == NULL || op->new_fields == NULL) {
        return jl_fault_memory(err);
    }
    op->old_count = op->new_count =
        jl_row_difference(before, after, op->old_fields, op->new_fields);
    return JL_OK;
}

enum jl_rc jl_change_op(const struct jl_change *change, struct jl_arena *arena, struct jl_op *op,
                        struct jl_err *err) {
    switch (op->kind) {
    case JL_OP_CREATE:
    case JL_OP_RESTORE:
        op->new_fields = change->after.fields;
        op->new_count = change->after.field_count;
        return JL_OK;
    case JL_OP_EDIT:
    case JL_OP_RESOLVE:
        return take_difference(&change->before->row, &change->after, arena, op, err);
    case JL_OP_DELETE:
        op->old_fields = change->before->row.fields;
        op->old_count = change->before->row.field_count;
        return JL_OK;
    case JL_OP_MERGE: {
        enum jl_rc rc = take_difference(&change->before->row, &change->after, arena, op, err);
        op->old_fields = change->before->row.fields;
        op->old_count = change->before->row.field_count;
        return rc;
    }
    case JL_OP_TRANSFER:
        op->owner_before = change->before->row.owner;
        return JL_OK;
    }
    return jl_fault_at(err, JL_MISUSE, JL_FAULT_BYTES, "op kind %d is not known", (int)op->kind);
}
