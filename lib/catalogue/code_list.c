/* Finding codes of a list. */
#include "word_list.h"

#include "jielian/base/bytes.h"
#include "jielian/catalogue/code_list.h"

#include <string.h>

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
    size_t size = jl_word_list_fold(text, folded);
    size_t index = 0;
    if (size == 0) {
        return NULL;
    }
    uint32_t number = read_digits(folded, size);
    const struct jl_code *code = number == 0 ? NULL : jl_code_list_code(list, number);
    if (code != NULL) {
        return code;
    }
    if (!jl_word_list_find(list->words, list->word_count, jl_bytes(folded, size), &index)) {
        return NULL;
    }
    return &list->codes[index];
}
