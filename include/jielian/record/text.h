/* Texts cut at their ends.  Pure.  Thread: any. */
#ifndef JIELIAN_RECORD_TEXT_H
#define JIELIAN_RECORD_TEXT_H

#include "jielian/base/bytes.h"

/* Without spaces, line ends and invisible marks at both ends; borrowed. Valid UTF-8. */
struct jl_bytes jl_text_trim(struct jl_bytes text);

/* Bytes of the longest prefix of text that has at most max_bytes and ends at a character. */
size_t jl_text_cut(struct jl_bytes text, size_t max_bytes);

#endif
