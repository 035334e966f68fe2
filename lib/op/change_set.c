#include "jielian/op/change_set.h"

void jl_change_set_fill(const struct jl_change_set *set, struct jl_row *row,
                        struct jl_field_value fields[static JL_CHANGE_SET_FIELDS]) {
    const struct jl_field_value all[JL_CHANGE_SET_FIELDS] = {
        {JL_CHANGE_SET_KIND, jl_value_int(set->kind)},
        {JL_CHANGE_SET_LABEL, jl_value_text(set->label)},
        {JL_CHANGE_SET_STAFF, jl_value_text(set->staff)},
        {JL_CHANGE_SET_RECORDS, jl_value_int((int64_t)set->records)},
        {JL_CHANGE_SET_STATUS, jl_value_int(JL_CHANGE_SET_DONE)},
    };
    row->fields = fields;
    row->field_count = 0;
    for (size_t i = 0; i < JL_CHANGE_SET_FIELDS; i++) {
        if (all[i].value.kind != JL_VALUE_TEXT || all[i].value.bytes.size > 0) {
            fields[row->field_count++] = all[i];
        }
    }
}
