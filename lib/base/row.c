/* Rows: fields ascending by number, each once. */
#include "jielian/base/row.h"
#include "jielian/base/fault.h"
#include "jielian/base/value.h"

#include <string.h>

/* The place of the first field that is not below the number. */
static size_t lower_bound(const struct jl_row *row, uint32_t field) {
    size_t low = 0;
    size_t high = row->field_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (row->fields[middle].field < field) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const struct jl_value *jl_row_get(const struct jl_row *row, uint32_t field) {
    size_t at = lower_bound(row, field);
    if (at == row->field_count || row->fields[at].field != field) {
        return NULL;
    }
    return &row->fields[at].value;
}

static void copy_fields(struct jl_field_value *to, const struct jl_field_value *from,
                        size_t count) {
    if (count > 0) {
        memcpy(to, from, count * sizeof *to);
    }
}

int64_t jl_row_number(const struct jl_row *row, uint32_t field) {
    const struct jl_value *value = row != NULL ? jl_row_get(row, field) : NULL;
    return value != NULL && value->kind == JL_VALUE_INT ? value->number : 0;
}

struct jl_bytes jl_row_text(const struct jl_row *row, uint32_t field) {
    const struct jl_value *value = row != NULL ? jl_row_get(row, field) : NULL;
    bool text = value != NULL && value->kind == JL_VALUE_TEXT;
    return text ? value->bytes : jl_bytes(NULL, 0);
}

enum jl_rc jl_row_set(struct jl_row *row, uint32_t field, const struct jl_value *value,
                      struct jl_arena *arena, struct jl_err *err) {
    size_t at = lower_bound(row, field);
    bool found = at < row->field_count && row->fields[at].field == field;
    if (value->kind == JL_VALUE_NULL) {
        if (found) {
            memmove(&row->fields[at], &row->fields[at + 1],
                    (row->field_count - at - 1) * sizeof row->fields[0]);
            row->field_count--;
        }
        return JL_OK;
    }
    if (found) {
        row->fields[at].value = *value;
        return JL_OK;
    }
    struct jl_field_value *fields =
        jl_arena_alloc(arena, (row->field_count + 1) * sizeof fields[0]);
    if (fields == NULL) {
        return jl_fault_memory(err);
    }
    copy_fields(fields, row->fields, at);
    fields[at].field = field;
    fields[at].value = *value;
    if (at < row->field_count) {
        copy_fields(fields + at + 1, row->fields + at, row->field_count - at);
    }
    row->fields = fields;
    row->field_count++;
    return JL_OK;
}

enum jl_rc jl_row_dup(struct jl_arena *arena, const struct jl_row *row, struct jl_row *out_row,
                      struct jl_err *err) {
    struct jl_row copy = *row;
    copy.fields = jl_arena_zalloc(arena, row->field_count, sizeof copy.fields[0]);
    if (copy.fields == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < row->field_count; i++) {
        copy.fields[i].field = row->fields[i].field;
        enum jl_rc rc = jl_value_dup(arena, &row->fields[i].value, &copy.fields[i].value, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    *out_row = copy;
    return JL_OK;
}

bool jl_row_same_fields(const struct jl_row *a, const struct jl_row *b) {
    bool same = a->field_count == b->field_count;
    for (size_t i = 0; same && i < a->field_count; i++) {
        same = a->fields[i].field == b->fields[i].field &&
               jl_value_equal(&a->fields[i].value, &b->fields[i].value);
    }
    return same;
}

size_t jl_row_difference(const struct jl_row *before, const struct jl_row *after,
                         struct jl_field_value *out_old, struct jl_field_value *out_new) {
    size_t b = 0;
    size_t a = 0;
    size_t count = 0;
    while (b < before->field_count || a < after->field_count) {
        bool has_before =
            b < before->field_count &&
            (a == after->field_count || before->fields[b].field <= after->fields[a].field);
        bool has_after =
            a < after->field_count &&
            (b == before->field_count || after->fields[a].field <= before->fields[b].field);
        uint32_t field = has_before ? before->fields[b].field : after->fields[a].field;
        struct jl_value old = has_before ? before->fields[b++].value : jl_value_null();
        struct jl_value new = has_after ? after->fields[a++].value : jl_value_null();
        if (!jl_value_equal(&old, &new)) {
            out_old[count] = (struct jl_field_value){.field = field, .value = old};
            out_new[count++] = (struct jl_field_value){.field = field, .value = new};
        }
    }
    return count;
}
