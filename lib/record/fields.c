/* The bytes of a row; the layout stands in fields.h. Written once into reserved memory, read in one
 * pass; both sides refuse what the other would not produce. */
#include "jielian/record/fields.h"
#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/base/limits.h"
#include "jielian/base/reader.h"
#include "jielian/base/row.h"
#include "jielian/base/utf8.h"

#include <inttypes.h>
#include <string.h>

static uint8_t *write_varint(uint8_t *at, uint64_t value) {
    while (value >= 0x80) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *at++ = (uint8_t)value;
    return at;
}

static uint64_t zigzag(int64_t number) {
    return ((uint64_t)number << 1) ^ (number < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t coded) {
    uint64_t number = (coded >> 1) ^ ((coded & 1) != 0 ? UINT64_MAX : 0);
    int64_t result = 0;
    memcpy(&result, &number, sizeof result);
    return result;
}

static bool has_payload_bytes(const struct jl_value *value) {
    return value->kind == JL_VALUE_TEXT || value->kind == JL_VALUE_BYTES;
}

static enum jl_rc check_fields(const struct jl_field_value *fields, size_t count, size_t *out_room,
                               struct jl_err *err) {
    if (count > JL_FIELDS_PER_TYPE_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES, "%zu fields in one row, at most %d",
                           count, (int)JL_FIELDS_PER_TYPE_MAX);
    }
    size_t room = 0;
    uint32_t previous = 0;
    for (size_t i = 0; i < count; i++) {
        if (fields[i].field <= previous) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_BYTES,
                               "field %" PRIu32 " after field %" PRIu32, fields[i].field, previous);
        }
        previous = fields[i].field;
        room += 2 * JL_VARINT_MAX_BYTES;
        if (has_payload_bytes(&fields[i].value)) {
            room += fields[i].value.bytes.size;
        }
    }
    *out_room = room;
    return JL_OK;
}

enum jl_rc jl_fields_encode(const struct jl_field_value *fields, size_t count, struct jl_buf *out,
                            struct jl_err *err) {
    size_t room = 0;
    enum jl_rc rc = check_fields(fields, count, &room, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_buf_reserve(out, room, err);
    if (rc != JL_OK || count == 0) {
        return rc;
    }
    uint8_t *at = out->data + out->size;
    for (size_t i = 0; i < count; i++) {
        const struct jl_value *value = &fields[i].value;
        at = write_varint(at, (uint64_t)fields[i].field << 2 | (uint64_t)value->kind);
        if (value->kind == JL_VALUE_INT) {
            at = write_varint(at, zigzag(value->number));
        } else if (has_payload_bytes(value)) {
            at = write_varint(at, value->bytes.size);
            if (value->bytes.size > 0) {
                memcpy(at, value->bytes.data, value->bytes.size);
                at += value->bytes.size;
            }
        }
    }
    out->size = (size_t)(at - out->data);
    return JL_OK;
}

static enum jl_rc read_varint(struct jl_reader *reader, uint64_t *out_value, struct jl_err *err) {
    if (reader->rest.size > 0 && reader->rest.data[0] < 0x80) {
        *out_value = reader->rest.data[0];
        reader->rest.data++;
        reader->rest.size--;
        return JL_OK;
    }
    return jl_reader_varint(reader, out_value, err);
}

static enum jl_rc read_payload(struct jl_reader *reader, bool nulls_allowed,
                               struct jl_value *out_value, struct jl_err *err) {
    uint64_t number = 0;
    enum jl_rc rc = JL_OK;
    switch (out_value->kind) {
    case JL_VALUE_NULL:
        return nulls_allowed
                   ? JL_OK
                   : jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s", "a row with an empty value");
    case JL_VALUE_INT:
        rc = read_varint(reader, &number, err);
        if (rc == JL_OK) {
            out_value->number = unzigzag(number);
        }
        return rc;
    case JL_VALUE_TEXT:
    case JL_VALUE_BYTES:
        break;
    }
    rc = read_varint(reader, &number, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (number > reader->rest.size) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES,
                           "value of %" PRIu64 " bytes, %zu are left", number, reader->rest.size);
    }
    rc = jl_reader_take(reader, (size_t)number, &out_value->bytes, err);
    if (rc == JL_OK && out_value->kind == JL_VALUE_TEXT && !jl_utf8_valid(out_value->bytes)) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s", "text that is not UTF-8");
    }
    return rc;
}

static enum jl_rc read_field(struct jl_reader *reader, uint32_t previous, bool nulls_allowed,
                             struct jl_field_value *out_field, struct jl_err *err) {
    uint64_t key = 0;
    enum jl_rc rc = read_varint(reader, &key, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (key >> 2 > UINT32_MAX) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "field number %" PRIu64, key >> 2);
    }
    memset(out_field, 0, sizeof *out_field);
    out_field->field = (uint32_t)(key >> 2);
    out_field->value.kind = (enum jl_value_kind)(key & 3);
    if (out_field->field <= previous) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "field %" PRIu32 " after field %" PRIu32,
                           out_field->field, previous);
    }
    rc = read_payload(reader, nulls_allowed, &out_field->value, err);
    return rc == JL_OK ? JL_OK
                       : jl_fault_wrap(err, JL_FAULT_PART, "field %" PRIu32, out_field->field);
}

enum jl_rc jl_fields_decode(struct jl_bytes bytes, bool nulls_allowed, struct jl_arena *arena,
                            struct jl_field_value **out_fields, size_t *out_count,
                            struct jl_err *err) {
    struct jl_field_value found[JL_FIELDS_PER_TYPE_MAX];
    struct jl_reader reader = {.rest = bytes};
    size_t count = 0;
    uint32_t previous = 0;
    while (reader.rest.size > 0) {
        if (count == JL_FIELDS_PER_TYPE_MAX) {
            return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "more than %d fields",
                               (int)JL_FIELDS_PER_TYPE_MAX);
        }
        enum jl_rc rc = read_field(&reader, previous, nulls_allowed, &found[count], err);
        if (rc != JL_OK) {
            return rc;
        }
        previous = found[count].field;
        count++;
    }
    struct jl_field_value *fields = jl_arena_alloc(arena, count * sizeof *fields);
    if (fields == NULL) {
        return jl_fault_memory(err);
    }
    if (count > 0) {
        memcpy(fields, found, count * sizeof *fields);
    }
    *out_fields = fields;
    *out_count = count;
    return JL_OK;
}
