/* Laying ops over rows: what the author's own device shows before any verdict. */
#include "jielian/base/fault.h"
#include "jielian/op/merge.h"

static enum jl_rc set_fields(const struct jl_field_value *fields, size_t count, struct jl_row *row,
                             struct jl_arena *arena, struct jl_err *err) {
    for (size_t i = 0; i < count; i++) {
        enum jl_rc rc = jl_row_set(row, fields[i].field, &fields[i].value, arena, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

/* Over a live row as M5 has it: what the op does not name stays. The verdict of a double entry that
 * adds nothing is APPLIED without an echo, so this must be the district's row. */
static enum jl_rc make(const struct jl_op *op, struct jl_row *row, struct jl_arena *arena,
                       struct jl_err *err) {
    if (row->deleted) {
        row->deleted = false;
        row->fields = NULL;
        row->field_count = 0;
    }
    for (size_t i = 0; i < op->new_count; i++) {
        if (op->new_fields[i].value.kind != JL_VALUE_NULL) {
            enum jl_rc rc = set_fields(&op->new_fields[i], 1, row, arena, err);
            if (rc != JL_OK) {
                return rc;
            }
        }
    }
    return JL_OK;
}

enum jl_rc jl_op_lay(const struct jl_op *op, struct jl_row *row, struct jl_arena *arena,
                     struct jl_err *err) {
    row->type = op->type;
    row->id = op->id;
    switch (op->kind) {
    case JL_OP_CREATE:
    case JL_OP_RESTORE:
        return make(op, row, arena, err);
    case JL_OP_EDIT:
    case JL_OP_MERGE:
    case JL_OP_RESOLVE:
        return set_fields(op->new_fields, op->new_count, row, arena, err);
    case JL_OP_DELETE:
        row->deleted = true;
        return JL_OK;
    case JL_OP_TRANSFER:
        row->owner = op->owner;
        return JL_OK;
    }
    return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "op kind %d is not known", (int)op->kind);
}
