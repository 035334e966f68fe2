/* Finding fields of a type. */
#include "word_list.h"

#include "jielian/base/bytes.h"
#include "jielian/catalogue/type.h"

#include <string.h>

const struct jl_field *jl_type_field(const struct jl_type *type, uint32_t number) {
    /* Fields are mostly numbered in the order they stand in. */
    if (number > 0 && number <= type->field_count && type->fields[number - 1].number == number) {
        return &type->fields[number - 1];
    }
    for (size_t i = 0; i < type->field_count; i++) {
        if (type->fields[i].number == number) {
            return &type->fields[i];
        }
    }
    return NULL;
}

bool jl_type_kept_by_district(const struct jl_type *type, uint32_t field) {
    return field != 0 && (field == type->flow.due_field || field == type->transfer_effective ||
                          field == type->transfer_dependants || field == type->transfer_name);
}

const struct jl_field *jl_type_field_named(const struct jl_type *type, const char *name) {
    for (size_t i = 0; i < type->field_count; i++) {
        if (strcmp(type->fields[i].name, name) == 0) {
            return &type->fields[i];
        }
    }
    return NULL;
}

const struct jl_field *jl_type_field_by_header(const struct jl_type *type, struct jl_bytes header) {
    uint8_t folded[JL_ENTRY_WORD_BYTES];
    size_t size = jl_word_list_fold(header, folded);
    size_t index = 0;
    if (size == 0 ||
        !jl_word_list_find(type->words, type->word_count, jl_bytes(folded, size), &index)) {
        return NULL;
    }
    return &type->fields[index];
}
