#include "jielian/op/told.h"
#include "jielian/base/fault.h"

bool jl_told_taken(enum jl_op_kind kind, enum jl_verdict_code verdict) {
    return verdict == JL_VERDICT_APPLIED || verdict == JL_VERDICT_MERGED ||
           (kind == JL_OP_CREATE && verdict == JL_VERDICT_CASE);
}

static bool value_told(const struct jl_told_ask *ask, const struct jl_field *field) {
    bool sealed =
        field == NULL || field->sensitive || (ask->type->confined && ask->whose == JL_TOLD_OTHER);
    if (field != NULL && field->hidden) {
        return false;
    }
    switch (ask->whose) {
    case JL_TOLD_OWN:
        return true;
    case JL_TOLD_DISTRICT:
        return !sealed || ask->here;
    case JL_TOLD_OTHER:
        break;
    }
    return !sealed;
}

/* Fields ascend in both lists. */
static const struct jl_field_value *old_of(const struct jl_op *op, uint32_t field, size_t *at) {
    while (*at < op->old_count && op->old_fields[*at].field < field) {
        (*at)++;
    }
    return *at < op->old_count && op->old_fields[*at].field == field ? &op->old_fields[*at] : NULL;
}

static enum jl_rc tell_fields(const struct jl_told_ask *ask, struct jl_arena *arena,
                              struct jl_told *told, struct jl_err *err) {
    const struct jl_op *op = ask->op;
    struct jl_op *out = &told->op;
    size_t at = 0;
    out->old_fields = jl_arena_zalloc(arena, op->new_count + 1, sizeof *out->old_fields);
    out->new_fields = jl_arena_zalloc(arena, op->new_count + 1, sizeof *out->new_fields);
    told->withheld = jl_arena_zalloc(arena, op->new_count + 1, sizeof *told->withheld);
    if (out->old_fields == NULL || out->new_fields == NULL || told->withheld == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < op->new_count; i++) {
        const struct jl_field_value *new = &op->new_fields[i];
        const struct jl_field_value *old = old_of(op, new->field, &at);
        if (!value_told(ask, jl_type_field(ask->type, new->field))) {
            told->withheld[told->withheld_count++] = new->field;
            continue;
        }
        out->new_fields[out->new_count++] = *new;
        if (old != NULL) {
            out->old_fields[out->old_count++] = *old;
        }
    }
    return JL_OK;
}

enum jl_rc jl_told_op(const struct jl_told_ask *ask, struct jl_arena *arena, bool *out_any,
                      struct jl_told *out_told, struct jl_err *err) {
    const struct jl_op *op = ask->op;
    bool own = ask->whose == JL_TOLD_OWN;
    *out_any = ask->whose != JL_TOLD_OTHER || jl_told_taken(op->kind, ask->verdict);
    if (!*out_any) {
        return JL_OK;
    }
    *out_told = (struct jl_told){.op = {.kind = op->kind,
                                        .type = op->type,
                                        .id = op->id,
                                        .made_ms = op->made_ms,
                                        .owner = op->owner,
                                        .owner_before = op->owner_before}};
    struct jl_op *out = &out_told->op;
    if (ask->whose != JL_TOLD_OTHER) {
        out->staff = op->staff;
    }
    if (own || (ask->whose == JL_TOLD_DISTRICT && ask->other_own)) {
        out->other = op->other;
    }
    if (own) {
        out->reason = op->reason;
        out->change_set = op->change_set;
    }
    return tell_fields(ask, arena, out_told, err);
}
