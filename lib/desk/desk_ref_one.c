/* References one at a time: which fields name a record, and what to say when none does. */
#include "desk_internal.h"

const struct jl_field *jl_desk_title_field(const struct jl_type *type, enum jl_kind kind) {
    const struct jl_field *field =
        type->title_count == 0 ? NULL : jl_type_field(type, type->title[0]);
    if (field == NULL || field->sensitive || field->kind != kind ||
        (kind == JL_KIND_TEXT && !field->search)) {
        return NULL;
    }
    return field;
}

/* The fields a person may name the record by: 姓名、证件号码 */
static enum jl_rc put_ways(const struct jl_desk *desk, const struct jl_type *type,
                           struct jl_buf *out, struct jl_err *err) {
    size_t before = out->size;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        if (!field->unique && field != jl_desk_title_field(type, JL_KIND_TEXT)) {
            continue;
        }
        if (out->size > before) {
            rc = jl_buf_put_text(out, JL_ZH_EN(desk->language, "、", ", "), err);
        }
        if (rc == JL_OK) {
            rc = jl_buf_put_text(out, jl_desk_label(desk, &field->label), err);
        }
    }
    return rc == JL_OK && out->size == before
               ? jl_buf_put_text(out, JL_ZH_EN(desk->language, "系统编号", "id"), err)
               : rc;
}

enum jl_rc jl_desk_explain_ref(const struct jl_desk *desk, const struct jl_field *field,
                               enum jl_rc rc, struct jl_buf *out, struct jl_err *err) {
    const struct jl_type *type = jl_catalogue_type(desk->books->catalogue, field->ref_type);
    const char *label = jl_desk_label(desk, &field->label);
    const char *target = type == NULL ? "?" : jl_desk_label(desk, &type->label);
    JL_AUTO(jl_buf) ways = {0};
    enum jl_rc put = type == NULL ? JL_OK : put_ways(desk, type, &ways, err);
    if (put != JL_OK) {
        return put;
    }
    if (rc == JL_CONFLICT) {
        return jl_buf_printf(out, err,
                             JL_ZH_EN(desk->language,
                                      "%s：有几个%s都叫这个，请改填%.*s或系统编号。",
                                      "%s: several records of %s have this; give %.*s or the id."),
                             label, target, (int)ways.size, (const char *)ways.data);
    }
    return jl_buf_printf(
        out, err,
        JL_ZH_EN(desk->language, "%s：没有找到这个%s，请核对（可填%.*s），或先录入。",
                 "%s: no such record of %s; check it (give %.*s) or add it first."),
        label, target, (int)ways.size, (const char *)ways.data);
}

enum jl_rc jl_desk_resolve_ref(struct jl_desk *desk, const struct jl_field *field,
                               struct jl_bytes text, struct jl_id *out_id, struct jl_err *err) {
    /* No transaction of its own: the field must stay what it is, and each read is a snapshot. */
    struct jl_ref_query query = {.text = text};
    JL_AUTO(jl_buf) why = {0};
    enum jl_rc rc = jl_desk_resolve(desk, field->ref_type, &query, 1, err);
    if (rc != JL_OK || query.rc == JL_OK) {
        *out_id = rc == JL_OK ? query.id : *out_id;
        return rc;
    }
    rc = jl_desk_explain_ref(desk, field, query.rc, &why, err);
    return rc == JL_OK ? jl_fail(err, query.rc, "%.*s", (int)why.size, (const char *)why.data) : rc;
}
