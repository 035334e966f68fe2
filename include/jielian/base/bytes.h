/* Borrowed byte ranges, a growable buffer, and a bounds-checked reader.
 *
 * jl_bytes never owns. jl_buf owns its memory and is freed by jl_buf_fini (use JL_AUTO(jl_buf)).
 * Integers in byte layouts that are hashed or signed are big-endian; varints are LEB128 as in
 * protobuf (at most 10 bytes for 64 bits).
 *
 * Thread: an object belongs to one thread at a time. */
#ifndef JIELIAN_BYTES_H
#define JIELIAN_BYTES_H

#include "jielian/base/rc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jl_bytes {
    const uint8_t *data; /* may be NULL when size is 0 */
    size_t size;
};

static inline struct jl_bytes jl_bytes(const void *data, size_t size) {
    struct jl_bytes bytes = {.data = data, .size = size};
    return bytes;
}
struct jl_bytes jl_bytes_text(const char *text); /* without the NUL; NULL gives an empty range */
bool jl_bytes_equal(struct jl_bytes a, struct jl_bytes b); /* not for secrets */
bool jl_bytes_is(struct jl_bytes a, const char *text);
int jl_bytes_compare(struct jl_bytes a, struct jl_bytes b); /* memcmp order, shorter first */

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

/* Reads from the front; each call answers JL_PROTO when the range ends too soon and moves nothing.
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

/* Lower-case hexadecimal: out_text gets 2 × size characters and a NUL. */
void jl_hex_encode(struct jl_bytes bytes, char *out_text);
/* Exactly size bytes from 2 × size hex digits of either case; JL_PROTO otherwise. */
JL_MUST_CHECK enum jl_rc jl_hex_decode(const char *text, uint8_t *out_data, size_t size,
                                       struct jl_err *err);

#endif
