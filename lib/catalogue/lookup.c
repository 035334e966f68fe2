/* Finding things in a finished catalogue. */
#include "internal.h"

#include <string.h>

uint64_t jl_catalogue_version(const struct jl_catalogue *catalogue) {
    return catalogue->version;
}

size_t jl_catalogue_type_count(const struct jl_catalogue *catalogue) {
    return catalogue->type_count;
}

const struct jl_type *jl_catalogue_type_at(const struct jl_catalogue *catalogue, size_t index) {
    return index < catalogue->type_count ? &catalogue->types[index] : NULL;
}

const struct jl_type *jl_catalogue_type(const struct jl_catalogue *catalogue, uint32_t number) {
    size_t low = 0;
    size_t high = catalogue->type_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct jl_type *type = catalogue->by_number[middle];
        if (type->number == number) {
            return type;
        }
        if (type->number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

const struct jl_type *jl_catalogue_type_named(const struct jl_catalogue *catalogue,
                                              const char *name) {
    size_t low = 0;
    size_t high = catalogue->type_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(catalogue->by_name[middle]->name, name);
        if (order == 0) {
            return catalogue->by_name[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

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
    size_t size = jl_word_fold(header, folded);
    size_t index = 0;
    if (size == 0 || !jl_word_find(type->words, type->word_count, jl_bytes(folded, size), &index)) {
        return NULL;
    }
    return &type->fields[index];
}

const struct jl_code *jl_code_list_code(const struct jl_code_list *list, uint32_t number) {
    if (number > 0 && number <= list->code_count && list->codes[number - 1].number == number) {
        return &list->codes[number - 1];
    }
    for (size_t i = 0; i < list->code_count; i++) {
        if (list->codes[i].number == number) {
            return &list->codes[i];
        }
    }
    return NULL;
}

/* The number that the digits write; 0 for anything but one to nine digits. */
static uint32_t read_digits(const uint8_t *text, size_t size) {
    uint32_t number = 0;
    if (size > 9) {
        return 0;
    }
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return 0;
        }
        number = number * 10 + (uint32_t)(text[i] - '0');
    }
    return number;
}

const struct jl_code *jl_code_list_find(const struct jl_code_list *list, struct jl_bytes text) {
    uint8_t folded[JL_ENTRY_WORD_BYTES];
    size_t size = jl_word_fold(text, folded);
    size_t index = 0;
    if (size == 0) {
        return NULL;
    }
    uint32_t number = read_digits(folded, size);
    const struct jl_code *code = number == 0 ? NULL : jl_code_list_code(list, number);
    if (code != NULL) {
        return code;
    }
    if (!jl_word_find(list->words, list->word_count, jl_bytes(folded, size), &index)) {
        return NULL;
    }
    return &list->codes[index];
}

const char *jl_kind_name(enum jl_kind kind) {
    static const char *const names[] = {
        [JL_KIND_TEXT] = "text", [JL_KIND_INT] = "int",     [JL_KIND_MONEY] = "money",
        [JL_KIND_DATE] = "date", [JL_KIND_MONTH] = "month", [JL_KIND_BOOL] = "bool",
        [JL_KIND_CODE] = "code", [JL_KIND_REF] = "ref",     [JL_KIND_ID_NO] = "id_no",
        [JL_KIND_USCC] = "uscc", [JL_KIND_PHONE] = "phone",
    };
    size_t index = (size_t)kind;
    return index < sizeof names / sizeof names[0] ? names[index] : NULL;
}

size_t jl_catalogue_figure_count(const struct jl_catalogue *catalogue) {
    return catalogue->figure_count;
}

const struct jl_figure *jl_catalogue_figure_at(const struct jl_catalogue *catalogue, size_t index) {
    return index < catalogue->figure_count ? &catalogue->figures[index] : NULL;
}
