/* What is wrong with a row as it should be: masks, the validator, the status, what is fixed. */
#include "import.h"

#include "jielian/base/fault.h"
#include "jielian/base/language.h"
#include "jielian/desk/transfer.h"
#include "jielian/record/derive.h"
#include "jielian/record/flow.h"
#include "jielian/record/format.h"

/* A masked cell says "as it is", so it must be what the record shows. */
enum jl_rc jl_import_check_masks(struct jl_import_deciding *deciding) {
    JL_AUTO(jl_buf) shown = {0};
    for (size_t i = 0; i < deciding->row->mask_count; i++) {
        const struct jl_row_mask *mask = &deciding->row->masks[i];
        const struct jl_value *value =
            deciding->match == NULL ? NULL : jl_row_get(&deciding->match->row, mask->field->number);
        jl_buf_reset(&shown);
        enum jl_rc rc = value == NULL ? JL_OK
                                      : jl_format_masked(mask->field, value, JL_LANGUAGE_ZH, &shown,
                                                         deciding->err);
        if (rc == JL_OK && !jl_bytes_equal(jl_buf_bytes(&shown), mask->text)) {
            rc = jl_import_fault_add(deciding->import, &deciding->row->faults, mask->field->number,
                                     deciding->err, JL_FAULT_PROBLEM_MASKED, "%s",
                                     jl_desk_label(deciding->import->desk, &mask->field->label));
        }
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

static enum jl_rc keep_found(struct jl_import_deciding *deciding, const struct jl_problems *found) {
    struct jl_import_row *row = deciding->row;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < found->count; i++) {
        const struct jl_problem *item = &found->items[i];
        bool error = item->severity == JL_PROBLEM_ERROR;
        /* A cell that could not be read is not missing as well. */
        if (error && item->field != 0 && jl_import_faults_touch(&row->faults, item->field)) {
            continue;
        }
        rc = jl_import_fault_add(deciding->import, error ? &row->faults : &row->warnings,
                                 item->field, deciding->err, JL_FAULT_TEXT, "%s", item->text);
    }
    return rc;
}

static enum jl_rc check_fixed(struct jl_import_deciding *deciding) {
    const struct jl_import *import = deciding->import;
    const struct jl_type *type = import->type;
    for (size_t i = 0; deciding->match != NULL && i < type->natural_key_count; i++) {
        const struct jl_value *old = jl_row_get(&deciding->match->row, type->natural_key[i]);
        const struct jl_value *now = jl_row_get(&deciding->after, type->natural_key[i]);
        const struct jl_field *field = jl_type_field(type, type->natural_key[i]);
        if (old != NULL && now != NULL && field != NULL && !jl_value_equal(old, now)) {
            return jl_import_fault_add(deciding->import, &deciding->row->faults, field->number,
                                       deciding->err, JL_FAULT_PROBLEM_NATURAL_KEY, "%s",
                                       jl_desk_label(import->desk, &field->label));
        }
    }
    if (deciding->match == NULL || !type->append_only) {
        return JL_OK;
    }
    return jl_import_fault_add(deciding->import, &deciding->row->faults, 0, deciding->err,
                               JL_FAULT_PROBLEM_APPEND_ONLY, "%s",
                               jl_desk_label(import->desk, &type->label));
}

/* What the district fills in is not a spreadsheet's to say. */
static enum jl_rc check_kept(struct jl_import_deciding *deciding) {
    struct jl_import *import = deciding->import;
    const struct jl_row *given = &deciding->row->given;
    for (size_t i = 0; import->desk->owner != 0 && i < given->field_count; i++) {
        const struct jl_field *field = jl_type_field(import->type, given->fields[i].field);
        if (field == NULL || !jl_type_kept_by_district(import->type, field->number)) {
            continue;
        }
        enum jl_rc rc = jl_import_fault_add(import, &deciding->row->faults, field->number,
                                            deciding->err, JL_FAULT_PROBLEM_DISTRICTS_BLANK, "%s",
                                            jl_desk_label(import->desk, &field->label));
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

/* Who may write what, as at the desk. */
static enum jl_rc check_may(struct jl_import_deciding *deciding) {
    struct jl_import *import = deciding->import;
    bool new = deciding->match == NULL;
    const struct jl_change change = {.kind = new ? JL_OP_CREATE : JL_OP_EDIT,
                                     .before = deciding->match,
                                     .after = deciding->after};
    const struct jl_may_not *no = NULL;
    uint32_t field = 0;
    enum jl_rc rc = new ? check_kept(deciding) : JL_OK;
    if (rc == JL_OK && deciding->row->faults.first == NULL) {
        rc = jl_desk_may(import->desk, &change, &import->chunk, &no, &field, deciding->err);
    }
    return rc == JL_OK && no != NULL
               ? jl_import_fault_add(import, &deciding->row->faults, field, deciding->err,
                                     JL_FAULT_TEXT, "%s", jl_desk_why_not(import->desk, no))
               : rc;
}

/* One validator for every path. */
enum jl_rc jl_import_check_after(struct jl_import_deciding *deciding) {
    struct jl_import *import = deciding->import;
    const struct jl_row *before = deciding->match != NULL ? &deciding->match->row : NULL;
    struct jl_problems found;
    unsigned movers = import->desk->movers;
    jl_problems_reset(&found);
    enum jl_rc rc = JL_OK;
    if (before == NULL) {
        rc = jl_transfer_fill(import->desk, import->type, &import->chunk, &deciding->after, &found,
                              deciding->err);
    }
    if (rc == JL_OK) {
        rc = jl_derive_row(&import->context, import->type, before == NULL, &import->chunk,
                           &deciding->after, deciding->err);
    }
    if (rc == JL_OK && import->type->transfer_subject != 0) {
        rc = jl_desk_movers(import->desk, import->type, &deciding->after, &movers, deciding->err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    if (before == NULL) {
        jl_check_row(&import->context, import->type, &deciding->after, &found);
    } else {
        jl_check_edit(&import->context, import->type, before, &deciding->after, &found);
    }
    rc = jl_desk_find_leave(import->desk, import->type, before, &deciding->after, &import->context,
                            deciding->err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_flow_check(&import->context, import->type, before, &deciding->after, movers, &found);
    rc = found.count > 0 ? keep_found(deciding, &found) : JL_OK;
    if (rc == JL_OK) {
        rc = jl_import_warn_phone(import, deciding->row, before, &deciding->after, deciding->err);
    }
    if (rc == JL_OK) {
        rc = check_fixed(deciding);
    }
    return rc == JL_OK ? check_may(deciding) : rc;
}
