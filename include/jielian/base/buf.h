/* A growable buffer. It owns its memory and is freed by jl_buf_fini (use JL_AUTO(jl_buf)).
 *
 * Integers in byte layouts that are hashed or signed are big-endian; varints are LEB128 as in
 * protobuf. reader.h reads them again.
 *
 * Thread: an object belongs to one thread at a time. */
#ifndef JIELIAN_BASE_BUF_H
#define JIELIAN_BASE_BUF_H

#include "jielian/base/bytes.h"

struct jl_buf {
    uint8_t *data;
    size_t size;
    size_t capacity;
};

void jl_buf_fini(struct jl_buf *buf);  /* frees; leaves an empty, usable buffer */
void jl_buf_wipe(struct jl_buf *buf);  /* overwrites, then as fini: for plain personal data; reserve
                                          first, a buffer that grows moves without wiping */
void jl_buf_reset(struct jl_buf *buf); /* size 0, memory kept */
struct jl_bytes jl_buf_bytes(const struct jl_buf *buf);

/* Append; JL_NOMEM leaves the buffer as it was. Cost: amortised copy. */
JL_MUST_CHECK enum jl_rc jl_buf_reserve(struct jl_buf *buf, size_t more, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_buf_put(struct jl_buf *buf, const void *data, size_t size,
                                    struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_buf_put_u8(struct jl_buf *buf, uint8_t value, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_buf_put_u32be(struct jl_buf *buf, uint32_t value, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_buf_put_u64be(struct jl_buf *buf, uint64_t value, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_buf_put_varint(struct jl_buf *buf, uint64_t value, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_buf_put_text(struct jl_buf *buf, const char *text, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_buf_printf(struct jl_buf *buf, struct jl_err *err, const char *format,
                                       ...) JL_PRINTF(3, 4);

#endif
