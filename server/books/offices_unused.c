/* May an office be deleted? Only one that was added by mistake and never used. */
#include "district.h"
#include "offices.h"

#include "jielian/base/fault.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/built_in_field.h"

#include <string.h>

static enum jl_rc note_one(void *context, const struct jl_stored *stored, struct jl_err *err) {
    (void)stored;
    (void)err;
    *(bool *)context = true;
    return JL_OK;
}

/* Does any living record refer to the office? */
static enum jl_rc find_reference(struct jl_district *district, const struct jl_id *office,
                                 const struct jl_type **out_type, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    *out_type = NULL;
    for (size_t i = 0; rc == JL_OK && *out_type == NULL && i < district->books->layout_count; i++) {
        const struct jl_layout *layout = &district->books->layouts[i];
        for (size_t c = 0; rc == JL_OK && c < layout->column_count; c++) {
            const struct jl_layout_column *column = &layout->columns[c];
            const struct jl_scan_filter filter = {
                .column = column->cell, .test = JL_SCAN_EQUAL, .value = jl_value_ref(office)};
            const struct jl_scan scan = {
                .type = layout->type->number, .filters = &filter, .filter_count = 1, .limit = 1};
            bool found = false;
            if (column->field->kind != JL_KIND_REF || column->field->sensitive ||
                column->field->ref_type != JL_TYPE_OFFICE) {
                continue;
            }
            rc = jl_records_scan(district->books->store, &scan, note_one, &found, err);
            *out_type = found ? layout->type : *out_type;
        }
    }
    return rc;
}

enum jl_rc jl_offices_check_unused(struct jl_district *district, const struct jl_row *row,
                                   struct jl_err *err) {
    const struct jl_type *type = jl_books_layout(district->books, JL_TYPE_OFFICE)->type;
    const struct jl_value *value = jl_row_get(row, JL_OFFICE_NUMBER);
    const struct jl_office_entry *office =
        value != NULL ? jl_roster_office(district, (uint32_t)value->number) : NULL;
    struct jl_feed_state *feed = NULL;
    if (office == NULL) {
        return JL_OK;
    }
    for (size_t i = 0; i < district->device_count; i++) {
        if (district->devices[i].office == office->number) {
            return jl_fault_at(err, JL_CONFLICT, JL_FAULT_OFFICE_HAS_PCS, "%s", office->code);
        }
    }
    enum jl_rc rc = jl_feed_state_get(district, office->number, &feed, err);
    if (rc == JL_OK && feed->head > 0) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_OFFICE_HAS_RECORDS, "%s", office->code);
    }
    type = NULL;
    if (rc == JL_OK) {
        rc = find_reference(district, &office->id, &type, err);
    }
    return rc == JL_OK && type != NULL
               ? jl_fault_at(err, JL_CONFLICT, JL_FAULT_OFFICE_REFERRED, "%s" JL_AND "%s",
                             jl_label_text(&type->label, district->language), office->code)
               : rc;
}
