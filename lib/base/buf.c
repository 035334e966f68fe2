/* Invariant of jl_buf: size <= capacity, and data is NULL only while capacity is 0. Capacity at
 * least doubles when it grows, so appending costs an amortised copy. */
#include "jielian/base/buf.h"
#include "jielian/base/bytes.h"
#include "jielian/base/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_CAPACITY_BYTES = 64,
};

void jl_buf_fini(struct jl_buf *buf) {
    free(buf->data);
    *buf = (struct jl_buf){0};
}

void jl_buf_wipe(struct jl_buf *buf) {
    if (buf->data != NULL) {
        explicit_bzero(buf->data, buf->capacity);
    }
    jl_buf_fini(buf);
}

void jl_buf_reset(struct jl_buf *buf) {
    buf->size = 0;
}

struct jl_bytes jl_buf_bytes(const struct jl_buf *buf) {
    return jl_bytes(buf->data, buf->size);
}

enum jl_rc jl_buf_reserve(struct jl_buf *buf, size_t more, struct jl_err *err) {
    if (more <= buf->capacity - buf->size) {
        return JL_OK;
    }
    if (more > SIZE_MAX / 2 - buf->size) {
        return jl_fault_memory(err);
    }
    size_t capacity = buf->capacity * 2;
    if (capacity < FIRST_CAPACITY_BYTES) {
        capacity = FIRST_CAPACITY_BYTES;
    }
    if (capacity < buf->size + more) {
        capacity = buf->size + more;
    }
    uint8_t *data = realloc(buf->data, capacity);
    if (data == NULL) {
        return jl_fault_memory(err);
    }
    buf->data = data;
    buf->capacity = capacity;
    return JL_OK;
}

enum jl_rc jl_buf_put(struct jl_buf *buf, const void *data, size_t size, struct jl_err *err) {
    if (size == 0) {
        return JL_OK;
    }
    enum jl_rc rc = jl_buf_reserve(buf, size, err);
    if (rc != JL_OK) {
        return rc;
    }
    memcpy(buf->data + buf->size, data, size);
    buf->size += size;
    return JL_OK;
}

enum jl_rc jl_buf_put_u8(struct jl_buf *buf, uint8_t value, struct jl_err *err) {
    return jl_buf_put(buf, &value, 1, err);
}

static enum jl_rc put_big_endian(struct jl_buf *buf, uint64_t value, size_t size,
                                 struct jl_err *err) {
    uint8_t bytes[8];
    (void)jl_bytes_put_be(bytes, value, size);
    return jl_buf_put(buf, bytes, size, err);
}

enum jl_rc jl_buf_put_u32be(struct jl_buf *buf, uint32_t value, struct jl_err *err) {
    return put_big_endian(buf, value, 4, err);
}

enum jl_rc jl_buf_put_u64be(struct jl_buf *buf, uint64_t value, struct jl_err *err) {
    return put_big_endian(buf, value, 8, err);
}

enum jl_rc jl_buf_put_varint(struct jl_buf *buf, uint64_t value, struct jl_err *err) {
    uint8_t bytes[JL_VARINT_MAX_BYTES];
    size_t size = 0;
    while (value >= 0x80) {
        bytes[size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    bytes[size++] = (uint8_t)value;
    return jl_buf_put(buf, bytes, size, err);
}

enum jl_rc jl_buf_put_text(struct jl_buf *buf, const char *text, struct jl_err *err) {
    struct jl_bytes bytes = jl_bytes_text(text);
    return jl_buf_put(buf, bytes.data, bytes.size, err);
}

/* The NUL that vsnprintf writes stands in the spare capacity and is not counted in size. */
enum jl_rc jl_buf_printf(struct jl_buf *buf, struct jl_err *err, const char *format, ...) {
    enum jl_rc rc = jl_buf_reserve(buf, FIRST_CAPACITY_BYTES, err);
    if (rc != JL_OK) {
        return rc;
    }
    va_list arguments;
    va_list again;
    va_start(arguments, format);
    va_copy(again, arguments);
    size_t room = buf->capacity - buf->size;
    int length = vsnprintf((char *)buf->data + buf->size, room, format, arguments);
    if (length < 0) {
        rc = jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "%s", "text that cannot be formatted");
    } else if ((size_t)length >= room) {
        rc = jl_buf_reserve(buf, (size_t)length + 1, err);
        if (rc == JL_OK) {
            (void)vsnprintf((char *)buf->data + buf->size, (size_t)length + 1, format, again);
        }
    }
    va_end(again);
    va_end(arguments);
    if (rc == JL_OK) {
        buf->size += (size_t)length;
    }
    return rc;
}
