/* What every duty of the desk needs: rights, context, small lookups. */
#include "jielian/desk/desk.h"
#include "jielian/base/date.h"
#include "jielian/base/fault.h"
#include "jielian/base/language.h"
#include "jielian/base/utf8.h"
#include "jielian/books/leave.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/desk/offices.h"
#include "jielian/record/flow.h"

#include <string.h>

int64_t jl_desk_today(const struct jl_desk *desk) {
    int64_t own_ms = desk->clock.wall_ms(desk->clock.context);
    return jl_date_of_ms(own_ms > desk->known_ms ? own_ms : desk->known_ms);
}

struct jl_check_context jl_desk_context(const struct jl_desk *desk) {
    return (struct jl_check_context){.catalogue = desk->books->catalogue,
                                     .today = jl_desk_today(desk),
                                     .language = desk->language};
}

enum jl_rc jl_desk_find_leave(const struct jl_desk *desk, const struct jl_type *type,
                              const struct jl_row *before, const struct jl_row *after,
                              struct jl_check_context *context, struct jl_err *err) {
    const struct jl_value *status =
        type->flow.field != 0 ? jl_row_get(after, type->flow.field) : NULL;
    bool starts = before == NULL || before->deleted;
    bool asks = starts && desk->owner != 0 && status != NULL && status->kind == JL_VALUE_INT &&
                status->number > 0 && jl_flow_is_districts(type, (uint32_t)status->number);
    context->old_books = false;
    return asks ? jl_leave_find(desk->books, desk->owner, type, context->today, &context->old_books,
                                err)
                : JL_OK;
}

const char *jl_desk_label(const struct jl_desk *desk, const struct jl_label *label) {
    return desk->language == JL_LANGUAGE_EN && label->en != NULL ? label->en : label->zh;
}

enum jl_rc jl_desk_begin(struct jl_desk *desk, const struct jl_type **type, struct jl_err *err) {
    uint32_t number = type == NULL ? 0 : (*type)->number;
    enum jl_rc rc = jl_books_begin(desk->books, false, NULL, err);
    if (rc != JL_OK || type == NULL) {
        return rc;
    }
    *type = jl_catalogue_type(desk->books->catalogue, number);
    if (*type == NULL) {
        jl_desk_end(desk);
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_DESK_TYPE_GONE, "%u", number);
    }
    return JL_OK;
}

void jl_desk_end(struct jl_desk *desk) {
    if (desk != NULL && desk->books != NULL) {
        jl_store_rollback(desk->books->store);
    }
}

/* ---- Rights ---- */

static bool holds_personal_data(const struct jl_type *type) {
    for (size_t i = 0; i < type->field_count; i++) {
        if (type->fields[i].sensitive) {
            return true;
        }
    }
    return false;
}

enum jl_rc jl_desk_owner(const struct jl_desk *desk, const struct jl_type *type,
                         uint32_t *out_owner, struct jl_err *err) {
    if (type->owner == JL_SIDE_DISTRICT) {
        if (desk->books->side == JL_SIDE_OFFICE) {
            return jl_fault_at(err, JL_DENIED, JL_FAULT_DESK_TYPE_DISTRICTS, "%s",
                               jl_desk_label(desk, &type->label));
        }
        *out_owner = 0;
        return JL_OK;
    }
    if (desk->owner == 0 && holds_personal_data(type)) {
        /* What the district owns goes to every office. */
        return jl_fault_at(err, JL_DENIED, JL_FAULT_DESK_OFFICE_WANTED, "%s",
                           jl_desk_label(desk, &type->label));
    }
    *out_owner = desk->owner;
    return JL_OK;
}

/* A transfer is open to both offices that it names, whichever of them asked for it. */
static enum jl_rc is_party(struct jl_desk *desk, const struct jl_type *type,
                           const struct jl_row *row, bool *out_party, struct jl_err *err) {
    unsigned movers = 0;
    enum jl_rc rc = jl_desk_movers(desk, type, row, &movers, err);
    *out_party = rc == JL_OK && (movers & (1u << JL_MOVER_FROM | 1u << JL_MOVER_TO)) != 0;
    return rc;
}

enum jl_rc jl_desk_may_change(struct jl_desk *desk, const struct jl_type *type,
                              const struct jl_book_record *record, struct jl_err *err) {
    const char *label = jl_desk_label(desk, &type->label);
    if (record->head.rid == 0) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_DESK_RECORD_MISSING, "%s", label);
    }
    switch (record->head.state) {
    case JL_RECORD_LEFT:
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_DESK_RECORD_LEFT, "%s", label);
    case JL_RECORD_DELETED:
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_DESK_RECORD_DELETED, "%s", label);
    case JL_RECORD_LIVE:
    case JL_RECORD_PARKED:
        break;
    }
    if (desk->books->side == JL_SIDE_DISTRICT || record->row.owner == desk->owner) {
        return JL_OK;
    }
    bool party = false;
    enum jl_rc rc = is_party(desk, type, &record->row, &party, err);
    if (rc != JL_OK || party) {
        return rc;
    }
    return jl_fault_at(err, JL_DENIED, JL_FAULT_DESK_RECORD_FOREIGN, "%s", label);
}

static bool names(const struct jl_row *row, uint32_t field, const struct jl_id *id) {
    const struct jl_value *value = field == 0 ? NULL : jl_row_get(row, field);
    return value != NULL && value->kind == JL_VALUE_BYTES && value->bytes.size == JL_ID_BYTES &&
           memcmp(value->bytes.data, id->bytes, JL_ID_BYTES) == 0;
}

enum jl_rc jl_desk_movers(struct jl_desk *desk, const struct jl_type *type,
                          const struct jl_row *row, unsigned *out_movers, struct jl_err *err) {
    *out_movers = desk->movers;
    if (type->transfer_subject == 0 || desk->owner == 0) {
        return JL_OK;
    }
    JL_AUTO(jl_offices) offices = {0};
    enum jl_rc rc = jl_offices_load(desk->books, &offices, err);
    const struct jl_desk_office *own =
        rc == JL_OK ? jl_offices_numbered(&offices, desk->owner) : NULL;
    if (own == NULL) {
        return rc;
    }
    if (names(row, type->transfer_from, &own->id)) {
        *out_movers |= 1u << JL_MOVER_FROM;
    }
    if (names(row, type->transfer_to, &own->id)) {
        *out_movers |= 1u << JL_MOVER_TO;
    }
    return JL_OK;
}

/* ---- Small lookups ---- */

enum jl_rc jl_desk_fork_row(struct jl_arena *arena, const struct jl_row *row,
                            struct jl_row *out_row, struct jl_err *err) {
    struct jl_field_value *fields = jl_arena_alloc(arena, (row->field_count + 1) * sizeof *fields);
    if (fields == NULL) {
        return jl_fault_memory(err);
    }
    if (row->field_count > 0) {
        memcpy(fields, row->fields, row->field_count * sizeof *fields);
    }
    *out_row = *row;
    out_row->fields = fields;
    return JL_OK;
}

const struct jl_layout_column *jl_desk_column(const struct jl_books *books, uint32_t type,
                                              uint32_t field) {
    const struct jl_layout *layout = jl_books_layout(books, type);
    for (size_t i = 0; layout != NULL && i < layout->column_count; i++) {
        if (layout->columns[i].field->number == field) {
            return &layout->columns[i];
        }
    }
    return NULL;
}

bool jl_desk_living(const struct jl_books *books, const struct jl_type *type,
                    const struct jl_stored *stored) {
    if (!jl_books_head_shown(&stored->head) || stored->cells == NULL) {
        return false;
    }
    const struct jl_layout_column *column =
        type->living_field == 0 ? NULL : jl_desk_column(books, type->number, type->living_field);
    if (column == NULL || column->field->sensitive ||
        stored->cells[column->cell].kind != JL_VALUE_INT) {
        return true;
    }
    for (size_t i = 0; i < type->living_code_count; i++) {
        if (stored->cells[column->cell].number == (int64_t)type->living_codes[i]) {
            return true;
        }
    }
    return false;
}
