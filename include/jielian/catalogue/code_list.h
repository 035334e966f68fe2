/* Code lists: what a field of kind CODE may hold. Part of a catalogue (catalogue.h), which owns
 * them.  Thread: any. */
#ifndef JIELIAN_CATALOGUE_CODE_LIST_H
#define JIELIAN_CATALOGUE_CODE_LIST_H

#include "jielian/base/bytes.h"
#include "jielian/catalogue/label.h"

struct jl_code {
    uint32_t number; /* never reused */
    const char *key; /* stable ASCII word */
    struct jl_label label;
    const char *const *synonyms;
    size_t synonym_count;
    bool hidden;
};

struct jl_code_list {
    const char *name;
    struct jl_label label;
    const struct jl_code *codes; /* in the order shown to people */
    size_t code_count;
    const struct jl_word *words; /* keys, labels and synonyms */
    size_t word_count;
};

const struct jl_code *jl_code_list_code(const struct jl_code_list *list, uint32_t number);
/* By number ("1", "01"), key, label or synonym, as jl_type_field_by_header compares; NULL when
 * unknown. Hidden codes are found too. */
const struct jl_code *jl_code_list_find(const struct jl_code_list *list, struct jl_bytes text);

#endif
