/* From the bytes of a file that staff brought to UTF-8 text.
 *
 * A file is refused early: the first bytes tell a spreadsheet from text, and each piece is checked
 * for NUL bytes and endless lines before the next one is read, so that a wrong file costs little
 * memory. Then: byte-order mark, strict UTF-8, strict GB18030. Byte offsets in messages count from
 * 0, lines from 1, both in the file as it is.
 *
 * Thread: any. */
#ifndef JIELIAN_LIB_SHEET_ENCODING_H
#define JIELIAN_LIB_SHEET_ENCODING_H

#include "jielian/base/buf.h"
#include "jielian/base/bytes.h"

/* The file's bytes into out_raw (empty before), checked piece by piece; never empty on JL_OK.
 * JL_NOT_FOUND, JL_IO, JL_NOMEM; JL_PROTO not text; JL_LIMIT file or line too long. */
JL_MUST_CHECK enum jl_rc jl_encoding_read(const char *path, struct jl_buf *out_raw,
                                          struct jl_err *err);
/* The same checks over bytes that are in memory already. */
JL_MUST_CHECK enum jl_rc jl_encoding_check(struct jl_bytes raw, struct jl_err *err);
/* Replace raw by its text in UTF-8; out_start is where the text begins (behind a mark).
 * JL_PROTO half a character or bytes that are neither UTF-8 nor GB18030: names offset and line. */
JL_MUST_CHECK enum jl_rc jl_encoding_decode(struct jl_buf *raw, size_t *out_start,
                                            struct jl_err *err);

#endif
