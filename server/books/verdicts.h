/* Lists of verdicts: those of a journal entry as bytes, one of them by its op, and its word.
 *
 * Thread: values; any. */
#ifndef JIELIAN_SERVER_BOOKS_VERDICTS_H
#define JIELIAN_SERVER_BOOKS_VERDICTS_H

#include "jielian/base/bytes.h"
#include "jielian/op/op.h"

struct jl_buf;

JL_MUST_CHECK enum jl_rc jl_verdicts_encode(const struct jl_verdict *verdicts, size_t count,
                                            struct jl_buf *out, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_verdicts_decode(struct jl_bytes bytes, struct jl_arena *arena,
                                            struct jl_verdict **out_verdicts, size_t *out_count,
                                            struct jl_err *err);
/* NULL: plainly APPLIED. */
const struct jl_verdict *jl_verdict_of(const struct jl_verdict *verdicts, size_t count,
                                       uint64_t seq);

/* "applied", "busy", …: the label values. */
const char *jl_verdict_word(enum jl_verdict_code code);

#endif
