/* Reading from the front: nothing is taken by a call that fails. */
#include "jielian/base/reader.h"
#include "jielian/base/bytes.h"
#include "jielian/base/fault.h"

#include <string.h>

enum jl_rc jl_reader_take(struct jl_reader *reader, size_t size, struct jl_bytes *out_bytes,
                          struct jl_err *err) {
    if (size > reader->rest.size) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%zu bytes wanted where %zu are left",
                           size, reader->rest.size);
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
    *out_value = jl_bytes_get_be(bytes.data, size);
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
    for (size_t i = 0; i < reader->rest.size && i < JL_VARINT_MAX_BYTES; i++) {
        uint8_t byte = reader->rest.data[i];
        if (i == JL_VARINT_MAX_BYTES - 1 && byte > 1) {
            return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s", "a varint over 64 bits");
        }
        value |= (uint64_t)(byte & 0x7F) << (7 * i);
        if ((byte & 0x80) != 0) {
            continue;
        }
        if (i > 0 && byte == 0) {
            return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "an over-long varint of %zu bytes",
                               i + 1);
        }
        reader->rest = jl_bytes(reader->rest.data + i + 1, reader->rest.size - i - 1);
        *out_value = value;
        return JL_OK;
    }
    return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s", "a varint that does not end");
}
