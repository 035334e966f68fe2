/* Transfers: what the catalogue says of them, and what stays behind. */
#include "jielian/desk/transfer.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/catalogue/code_list.h"
#include "jielian/desk/desk.h"
#include "jielian/record/flow.h"

#include <string.h>

const struct jl_type *jl_transfer_type(const struct jl_catalogue *catalogue) {
    for (size_t i = 0; i < jl_catalogue_type_count(catalogue); i++) {
        const struct jl_type *type = jl_catalogue_type_at(catalogue, i);
        if (type->transfer_subject != 0) {
            return type;
        }
    }
    return NULL;
}

uint32_t jl_transfer_code(const struct jl_type *type, const char *key) {
    const struct jl_field *field = jl_type_field(type, type->flow.field);
    for (size_t i = 0; field != NULL && i < field->codes->code_count; i++) {
        if (strcmp(field->codes->codes[i].key, key) == 0) {
            return field->codes->codes[i].number;
        }
    }
    return 0;
}

bool jl_transfer_open(const struct jl_type *type, int64_t status) {
    for (size_t i = 0; i < type->flow.move_count; i++) {
        if (status != 0 && type->flow.moves[i].from == status) {
            return true;
        }
    }
    return false;
}

uint32_t jl_transfer_turn(const struct jl_type *type, int64_t status) {
    unsigned turn = jl_flow_turn(type, status);
    return turn == JL_MOVER_FROM ? type->transfer_from
           : turn == JL_MOVER_TO ? type->transfer_to
                                 : 0;
}

static enum jl_rc count_one(void *context, const struct jl_stored *stored, struct jl_err *err) {
    (void)stored;
    (void)err;
    ++*(uint64_t *)context;
    return JL_OK;
}

static enum jl_rc count_refs(struct jl_books *books, const struct jl_type *type,
                             const struct jl_record_key *subject, uint32_t owner,
                             uint64_t *out_records, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    *out_records = 0;
    for (size_t i = 0; rc == JL_OK && i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        const struct jl_layout_column *column = jl_desk_column(books, type->number, field->number);
        if (field->kind != JL_KIND_REF || field->ref_type != subject->type || column == NULL) {
            continue;
        }
        const struct jl_scan_filter filter = {
            .column = column->cell, .test = JL_SCAN_EQUAL, .value = jl_value_ref(&subject->id)};
        const struct jl_scan scan = {.type = type->number,
                                     .filters = &filter,
                                     .filter_count = 1,
                                     .owner_set = true,
                                     .owner = owner};
        rc = jl_records_scan(books->store, &scan, count_one, out_records, err);
    }
    return rc;
}

enum jl_rc jl_transfer_dependants(struct jl_books *books, const struct jl_record_key *subject,
                                  uint32_t owner, jl_dependants_fn visit, void *context,
                                  struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < jl_catalogue_type_count(books->catalogue); i++) {
        const struct jl_type *type = jl_catalogue_type_at(books->catalogue, i);
        uint64_t records = 0;
        if (type->owner != JL_SIDE_OFFICE || type->transfer_subject != 0) {
            continue;
        }
        rc = count_refs(books, type, subject, owner, &records, err);
        if (rc == JL_OK && records > 0) {
            rc = visit(context, type, records, err);
        }
    }
    return rc;
}
