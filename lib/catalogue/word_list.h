/* What people write for an entry, folded and sorted. Inside lib/catalogue only.  Thread: one while
 * parsing, then any. */
#ifndef JIELIAN_LIB_CATALOGUE_WORD_LIST_H
#define JIELIAN_LIB_CATALOGUE_WORD_LIST_H

#include "jielian/base/bytes.h"
#include "jielian/catalogue/label.h"

struct jl_catalogue;

enum {
    JL_ENTRY_WORD_BYTES = 128, /* a folded label or header; longer text matches nothing */
};

struct jl_word_list {
    struct jl_word *words;
    size_t count;
    size_t capacity;
};

/* Room for `capacity` words. */
JL_MUST_CHECK enum jl_rc jl_word_list_init(struct jl_catalogue *catalogue, size_t capacity,
                                           struct jl_word_list *out_list, struct jl_err *err);
/* Fold and add; the room must be there. */
JL_MUST_CHECK enum jl_rc jl_word_list_add(struct jl_catalogue *catalogue, struct jl_word_list *list,
                                          const char *text, size_t index, struct jl_err *err);
/* The name or key of an entry, its label and its synonyms. */
struct jl_word_source {
    const char *name;
    const struct jl_label *label;
    const char *const *synonyms;
    size_t synonym_count;
};
JL_MUST_CHECK enum jl_rc jl_word_list_add_all(struct jl_catalogue *catalogue,
                                              struct jl_word_list *list,
                                              const struct jl_word_source *source, size_t index,
                                              struct jl_err *err);
/* Sort, drop duplicates of one entry; a word of two entries is JL_PROTO, and *out_index is the
 * later of them. */
JL_MUST_CHECK enum jl_rc jl_word_list_finish(struct jl_word_list *list, size_t *out_index,
                                             struct jl_err *err);
/* Fold into out; 0 when nothing is left, the text is too long or not UTF-8. */
size_t jl_word_list_fold(struct jl_bytes text, uint8_t out[static JL_ENTRY_WORD_BYTES]);
/* The place of the folded text among sorted words; false when it is not there. */
bool jl_word_list_find(const struct jl_word *words, size_t count, struct jl_bytes folded,
                       size_t *out_index);

#endif
