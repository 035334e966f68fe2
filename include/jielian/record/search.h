/* The words by which a record is found.
 *
 * Pure.  Thread: any; a jl_pinyin belongs to one. */
#ifndef JIELIAN_RECORD_SEARCH_H
#define JIELIAN_RECORD_SEARCH_H

#include "jielian/base/bytes.h"

struct jl_arena;
struct jl_pinyin;
struct jl_row;
struct jl_type;

enum { JL_SEARCH_WORDS_MAX = 24 };

struct jl_search_words {
    struct jl_bytes items[JL_SEARCH_WORDS_MAX]; /* lower case, in the arena, no duplicates */
    size_t count;
};

JL_MUST_CHECK enum jl_rc jl_search_words(struct jl_pinyin *pinyin, const struct jl_type *type,
                                         const struct jl_row *row, struct jl_arena *arena,
                                         struct jl_search_words *out_words, struct jl_err *err);
/* What a person typed into a search box, in the form of the words: lower case, half width, no
 * spaces or signs ("Zhang San" → zhangsan). Empty when nothing is left. Lives in the arena. */
JL_MUST_CHECK enum jl_rc jl_search_word(struct jl_bytes text, struct jl_arena *arena,
                                        struct jl_bytes *out_word, struct jl_err *err);

#endif
