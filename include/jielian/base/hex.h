/* Bytes as hexadecimal text and back.  Thread: any. */
#ifndef JIELIAN_BASE_HEX_H
#define JIELIAN_BASE_HEX_H

#include "jielian/base/bytes.h"

/* Lower-case hexadecimal: out_text gets 2 × size characters and a NUL. */
void jl_hex_encode(struct jl_bytes bytes, char *out_text);
/* Exactly size bytes from 2 × size hex digits of either case; JL_PROTO otherwise. */
JL_MUST_CHECK enum jl_rc jl_hex_decode(const char *text, uint8_t *out_data, size_t size,
                                       struct jl_err *err);

#endif
