/* What people call an entry of the catalogue: its label, and the words by which it is found.
 *
 * Thread: any. */
#ifndef JIELIAN_CATALOGUE_LABEL_H
#define JIELIAN_CATALOGUE_LABEL_H

#include "jielian/base/bytes.h"
#include "jielian/base/language.h"

struct jl_label {
    const char *zh;
    const char *en;
};

/* What people write for an entry, folded for comparing (see jl_type_field_by_header), and the
 * entry's place in its array. Sorted by text; made by the parser, unambiguous within its list. */
struct jl_word {
    struct jl_bytes text;
    size_t index;
};

/* The label in this language; Chinese where there is no English. */
const char *jl_label_text(const struct jl_label *label, enum jl_language language);

#endif
