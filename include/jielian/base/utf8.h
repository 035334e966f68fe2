/* UTF-8 (RFC 3629): strict checking and stepping through code points.  Thread: any. */
#ifndef JIELIAN_UTF8_H
#define JIELIAN_UTF8_H

#include "jielian/base/buf.h"
#include "jielian/base/bytes.h"

/* Well-formed, no surrogates, no over-long forms, and no NUL. */
bool jl_utf8_valid(struct jl_bytes text);
/* Take one code point from the front; false at the end or at a malformed byte (nothing taken). */
bool jl_utf8_next(struct jl_bytes *text, uint32_t *out_code_point);
/* Append one code point (not a surrogate, at most U+10FFFF). */
JL_MUST_CHECK enum jl_rc jl_utf8_put(struct jl_buf *out, uint32_t code_point, struct jl_err *err);
size_t jl_utf8_length(struct jl_bytes text); /* code points; text must be valid */

#endif
