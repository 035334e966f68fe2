/* Readings of Han characters, looked up once per character. An object of it is working memory of
 * search.h.  Thread: an object belongs to one thread. */
#ifndef JIELIAN_RECORD_PINYIN_H
#define JIELIAN_RECORD_PINYIN_H

#include "jielian/base/rc.h"

/* The words a record is found by: each search field's text; for Han text also full pinyin and
 * initials, a surname's own reading first (曾 zeng, 单 shan, 区 ou …) and other readings of its
 * characters after it. Sensitive fields are not here: they are found by keyed tag.
 * Cost: under 2 µs a record. A character beyond the official table of 8105 asks ICU once, and
 * loading ICU takes 0.1 s, once per object; JL_IO when its data is missing. */
struct jl_pinyin;
JL_MUST_CHECK enum jl_rc jl_pinyin_new(struct jl_pinyin **out_pinyin, struct jl_err *err);
void jl_pinyin_free(struct jl_pinyin *pinyin);
JL_DEFINE_AUTO_PTR(jl_pinyin, jl_pinyin_free)

#endif
