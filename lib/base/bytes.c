/* Invariant of jl_buf: size <= capacity, and data is NULL only while capacity is 0. Capacity at
 * least doubles when it grows, so appending costs an amortised copy. */
#include "jielian/base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_CAPACITY_BYTES = 64,
    VARINT_MAX_BYTES = 10,
};

struct jl_bytes jl_bytes_text(const char *text) {
    return jl_bytes(text, text == NULL ? 0 : strlen(text));
}

bool jl_bytes_equal(struct jl_bytes a, struct jl_bytes b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool jl_bytes_is(struct jl_bytes a, const char *text) {
    return jl_bytes_equal(a, jl_bytes_text(text));
}

int jl_bytes_compare(struct jl_bytes a, struct jl_bytes b) {
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common == 0 ? 0 : memcmp(a.data, b.data, common);
    if (order != 0) {
        return order;
    }
    return (a.size > b.size) - (a.size < b.size);
}

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
        return jl_fail(err, JL_NOMEM, "a buffer of %zu and %zu bytes more", buf->size, more);
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
        return jl_fail(err, JL_NOMEM, "no memory for a buffer of %zu bytes", capacity);
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
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
    }
    return jl_buf_put(buf, bytes, size, err);
}

enum jl_rc jl_buf_put_u32be(struct jl_buf *buf, uint32_t value, struct jl_err *err) {
    return put_big_endian(buf, value, 4, err);
}

enum jl_rc jl_buf_put_u64be(struct jl_buf *buf, uint64_t value, struct jl_err *err) {
    return put_big_endian(buf, value, 8, err);
}

enum jl_rc jl_buf_put_varint(struct jl_buf *buf, uint64_t value, struct jl_err *err) {
    uint8_t bytes[VARINT_MAX_BYTES];
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
        rc = jl_fail(err, JL_MISUSE, "text that cannot be formatted");
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

enum jl_rc jl_reader_take(struct jl_reader *reader, size_t size, struct jl_bytes *out_bytes,
                          struct jl_err *err) {
    if (size > reader->rest.size) {
        return jl_fail(err, JL_PROTO, "%zu bytes wanted where %zu are left", size,
                       reader->rest.size);
    }
    *out_bytes = jl_bytes(reader->rest.data, size);
    if (size > 0) {
        reader->rest = jl_bytes(reader->rest.data + size, reader->rest.size - size);
    }
    return JL_OK;
}

static enum jl_rc read_big_endian(struct jl_reader *reader, size_t size, uint64_t *out_value,
                                  struct jl_err *err) {
    struct jl_bytes bytes = {0};
    enum jl_rc rc = jl_reader_take(reader, size, &bytes, err);
    if (rc != JL_OK) {
        return rc;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) {
        value = value << 8 | bytes.data[i];
    }
    *out_value = value;
    return JL_OK;
}

enum jl_rc jl_reader_u8(struct jl_reader *reader, uint8_t *out_value, struct jl_err *err) {
    uint64_t value = 0;
    enum jl_rc rc = read_big_endian(reader, 1, &value, err);
    if (rc == JL_OK) {
        *out_value = (uint8_t)value;
    }
    return rc;
}

enum jl_rc jl_reader_u32be(struct jl_reader *reader, uint32_t *out_value, struct jl_err *err) {
    uint64_t value = 0;
    enum jl_rc rc = read_big_endian(reader, 4, &value, err);
    if (rc == JL_OK) {
        *out_value = (uint32_t)value;
    }
    return rc;
}

enum jl_rc jl_reader_u64be(struct jl_reader *reader, uint64_t *out_value, struct jl_err *err) {
    return read_big_endian(reader, 8, out_value, err);
}

/* Byte i carries bits 7i … 7i+6; the tenth has room for one bit only. */
enum jl_rc jl_reader_varint(struct jl_reader *reader, uint64_t *out_value, struct jl_err *err) {
    uint64_t value = 0;
    for (size_t i = 0; i < reader->rest.size && i < VARINT_MAX_BYTES; i++) {
        uint8_t byte = reader->rest.data[i];
        if (i == VARINT_MAX_BYTES - 1 && byte > 1) {
            return jl_fail(err, JL_PROTO, "a varint over 64 bits");
        }
        value |= (uint64_t)(byte & 0x7F) << (7 * i);
        if ((byte & 0x80) != 0) {
            continue;
        }
        if (i > 0 && byte == 0) {
            return jl_fail(err, JL_PROTO, "an over-long varint of %zu bytes", i + 1);
        }
        reader->rest = jl_bytes(reader->rest.data + i + 1, reader->rest.size - i - 1);
        *out_value = value;
        return JL_OK;
    }
    return jl_fail(err, JL_PROTO, "a varint that does not end");
}

void jl_hex_encode(struct jl_bytes bytes, char *out_text) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.size; i++) {
        out_text[2 * i] = digits[bytes.data[i] >> 4];
        out_text[2 * i + 1] = digits[bytes.data[i] & 15];
    }
    out_text[2 * bytes.size] = '\0';
}

/* The digit's value, or -1. Not isxdigit: that asks the locale. */
static int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

enum jl_rc jl_hex_decode(const char *text, uint8_t *out_data, size_t size, struct jl_err *err) {
    size_t length = text == NULL ? 0 : strlen(text);
    if (length % 2 != 0 || length / 2 != size) {
        return jl_fail(err, JL_PROTO, "%zu hexadecimal digits wanted, %zu characters given",
                       2 * size, length);
    }
    for (size_t i = 0; i < length; i++) { /* all checked before anything is written */
        if (hex_digit(text[i]) < 0) {
            return jl_fail(err, JL_PROTO, "character %zu is not a hexadecimal digit", i + 1);
        }
    }
    for (size_t i = 0; i < size; i++) {
        out_data[i] = (uint8_t)(16 * hex_digit(text[2 * i]) + hex_digit(text[2 * i + 1]));
    }
    return JL_OK;
}
