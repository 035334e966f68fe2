/* A bounds-checked reader of what buf.h writes.
 *
 * Thread: an object belongs to one thread at a time. */
#ifndef JIELIAN_BASE_READER_H
#define JIELIAN_BASE_READER_H

#include "jielian/base/bytes.h"

/* Reads from the front; each call returns JL_PROTO when the range ends too soon and moves nothing.
 */
struct jl_reader {
    struct jl_bytes rest;
};

JL_MUST_CHECK enum jl_rc jl_reader_take(struct jl_reader *reader, size_t size,
                                        struct jl_bytes *out_bytes, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_reader_u8(struct jl_reader *reader, uint8_t *out_value,
                                      struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_reader_u32be(struct jl_reader *reader, uint32_t *out_value,
                                         struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_reader_u64be(struct jl_reader *reader, uint64_t *out_value,
                                         struct jl_err *err);
/* Refuses over-long forms, so that one number has one encoding. */
JL_MUST_CHECK enum jl_rc jl_reader_varint(struct jl_reader *reader, uint64_t *out_value,
                                          struct jl_err *err);

#endif
