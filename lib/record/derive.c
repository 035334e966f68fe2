/* What follows from other fields, and defaults. Only blanks are filled. */
#include "checker.h"
#include "id_no.h"

#include "jielian/base/arena.h"
#include "jielian/base/row.h"
#include "jielian/catalogue/code_list.h"
#include "jielian/catalogue/kind.h"
#include "jielian/catalogue/type.h"
#include "jielian/message/say.h"
#include "jielian/record/check.h"
#include "jielian/record/derive.h"

static bool is_blank(const struct jl_row *row, uint32_t field) {
    const struct jl_value *value = jl_row_get(row, field);
    return value == NULL || value->kind == JL_VALUE_NULL;
}

static enum jl_rc fill(struct jl_row *row, uint32_t field, int64_t number, struct jl_arena *arena,
                       struct jl_err *err) {
    struct jl_value value = jl_value_int(number);
    return is_blank(row, field) ? jl_row_set(row, field, &value, arena, err) : JL_OK;
}

static enum jl_rc fill_from_id_no(const struct jl_check_context *context,
                                  const struct jl_type *type, const struct jl_value *id_no,
                                  struct jl_arena *arena, struct jl_row *row, struct jl_err *err) {
    struct jl_id_facts facts = {.birth = 0};
    if (!jl_id_no_is_resident(type, row) ||
        jl_id_no_check(id_no->bytes, context->today, &facts) != JL_SAY_NOTHING) {
        return JL_OK;
    }
    enum jl_rc rc = JL_OK;
    const struct jl_field *sex = jl_type_field_named(type, "sex");
    const struct jl_code *code = jl_id_no_sex_code(sex, facts.sex);
    if (code != NULL) {
        rc = fill(row, sex->number, code->number, arena, err);
    }
    const struct jl_field *birth = jl_type_field_named(type, "birth");
    /* A birth that the check would refuse is no help. */
    if (rc == JL_OK && birth != NULL && birth->kind == JL_KIND_DATE && facts.birth >= JL_DATE_MIN) {
        rc = fill(row, birth->number, facts.birth, arena, err);
    }
    return rc;
}

enum jl_rc jl_derive_row(const struct jl_check_context *context, const struct jl_type *type,
                         bool creating, struct jl_arena *arena, struct jl_row *row,
                         struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    /* Defaults first: the kind of document decides how the number is read. */
    for (size_t i = 0; rc == JL_OK && creating && i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        if (field->fallback.set) {
            rc = fill(row, field->number, field->fallback.number, arena, err);
        }
    }
    for (size_t i = 0; rc == JL_OK && i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        if (field->kind != JL_KIND_ID_NO) {
            continue;
        }
        const struct jl_value *id_no = jl_row_get(row, field->number);
        if (id_no != NULL && id_no->kind == JL_VALUE_TEXT) {
            /* A copy: filling may move the row's fields. */
            struct jl_value value = *id_no;
            return fill_from_id_no(context, type, &value, arena, row, err);
        }
    }
    return rc;
}
