/* Who sees what. */

#include "visibility.h"
#include "district.h"

#include <string.h>

void jl_visibility_of(const struct jl_district *district, const struct jl_type *type,
                      const struct jl_row *row, struct jl_visibility *out_visible) {
    out_visible->count = 0;
    if (row->deleted) {
        return;
    }
    if (type != NULL && type->owner == JL_SIDE_DISTRICT) {
        out_visible->feeds[out_visible->count++] = 0;
        return;
    }
    if (row->owner == 0) {
        return; /* a record of the district's own stays at the district */
    }
    out_visible->feeds[out_visible->count++] = row->owner;
    if (type == NULL || type->transfer_subject == 0) {
        return;
    }
    const uint32_t fields[] = {type->transfer_from, type->transfer_to};
    for (int i = 0; i < 2; i++) {
        uint32_t office = jl_roster_office_of_ref(district, jl_row_get(row, fields[i]));
        if (office != 0 && !jl_visibility_in(out_visible, office)) {
            out_visible->feeds[out_visible->count++] = office;
        }
    }
}
