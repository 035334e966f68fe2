/* Looking a sentence up by its code. */
#include "table.h"

#include <stdlib.h>

static int compare_codes(const void *key, const void *sentence) {
    uint32_t code = *(const uint32_t *)key;
    uint32_t other = (uint32_t)((const struct jl_table_entry *)sentence)->code;
    return code < other ? -1 : code > other;
}

static const struct jl_table_entry *find(uint32_t code) {
    return bsearch(&code, jl_table_entries, jl_table_entry_count, sizeof *jl_table_entries,
                   compare_codes);
}

const uint16_t *jl_say_places(uint32_t code, size_t *out_count) {
    const struct jl_table_entry *sentence = find(code);
    *out_count = 0;
    while (sentence != NULL && *out_count < JL_ARGUMENTS_MAX && sentence->places[*out_count] != 0) {
        *out_count += 1;
    }
    return sentence != NULL ? sentence->places : NULL;
}

uint32_t jl_say_code_at(size_t index) {
    return index < jl_table_entry_count ? (uint32_t)jl_table_entries[index].code : 0;
}

const char *jl_say_sentence(uint32_t code, enum jl_language language) {
    const struct jl_table_entry *sentence = find(code);
    if (sentence == NULL) {
        return NULL;
    }
    return language == JL_LANGUAGE_EN ? sentence->en : sentence->zh;
}
