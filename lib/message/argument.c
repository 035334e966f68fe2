/* Arguments to bytes, and back from bytes that may be anybody's. */
#include "jielian/message/message.h"

#include "jielian/base/utf8.h"

#include <string.h>

enum { VARINT_MAX_BYTES = 10, PAYLOAD_MAX_BYTES = JL_ARGUMENT_TEXT_MAX_BYTES };
_Static_assert((JL_ARGUMENT_LIST_MAX + 1) * 5 <= PAYLOAD_MAX_BYTES, "a full list of codes fits");
_Static_assert(PAYLOAD_MAX_BYTES < 0x80, "the size of a payload is one byte");

bool jl_argument_list(struct jl_argument *argument, uint32_t number) {
    if (argument->count == JL_ARGUMENT_LIST_MAX) {
        return false;
    }
    argument->numbers[argument->count++] = number;
    return true;
}

/* ---- Writing ---- */

struct payload {
    uint8_t bytes[PAYLOAD_MAX_BYTES];
    size_t size;
};

static void put_varint(struct payload *payload, uint64_t value) {
    JL_ASSERT(payload->size + VARINT_MAX_BYTES <= sizeof payload->bytes);
    while (value >= 0x80) {
        payload->bytes[payload->size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    payload->bytes[payload->size++] = (uint8_t)value;
}

static void put_text(struct payload *payload, struct jl_bytes text) {
    size_t size = text.size < PAYLOAD_MAX_BYTES ? text.size : PAYLOAD_MAX_BYTES;
    while (size > 0 && size < text.size && (text.data[size] & 0xC0) == 0x80) {
        size--; /* cut at a character */
    }
    if (size > 0) {
        memcpy(payload->bytes, text.data, size);
    }
    payload->size = size;
}

static void put_list(struct payload *payload, const struct jl_argument *argument) {
    for (size_t i = 0; i < argument->count; i++) {
        put_varint(payload, argument->numbers[i]);
    }
}

static struct payload payload_of(const struct jl_argument *argument) {
    struct payload payload = {.size = 0};
    uint64_t number = (uint64_t)argument->number;
    switch (argument->kind) {
    case JL_ARGUMENT_TEXT:
    case JL_ARGUMENT_WRITTEN:
        put_text(&payload, argument->text);
        break;
    case JL_ARGUMENT_NUMBER:
        put_varint(&payload, argument->number < 0 ? ~(number << 1) : number << 1);
        break;
    case JL_ARGUMENT_DATE:
    case JL_ARGUMENT_MONTH:
        put_varint(&payload, number);
        break;
    case JL_ARGUMENT_FIELD:
        put_varint(&payload, argument->field);
        break;
    case JL_ARGUMENT_CODES:
        put_varint(&payload, argument->field);
        put_list(&payload, argument);
        break;
    case JL_ARGUMENT_MOVERS:
        put_list(&payload, argument);
        break;
    case JL_ARGUMENT_CHECK:
        put_varint(&payload, argument->field);
        put_varint(&payload, argument->other);
        break;
    }
    return payload;
}

static size_t count_arguments(const struct jl_saying *saying) {
    size_t count = 0;
    for (size_t at = 0; at < saying->size; at += 2 + (size_t)saying->arguments[at + 1]) {
        count++;
    }
    return count;
}

void jl_saying_begin(struct jl_saying *saying, enum jl_say_code code) {
    saying->code = (uint32_t)code;
    saying->size = 0;
}

void jl_saying_put(struct jl_saying *saying, const struct jl_argument *argument) {
    struct payload payload = payload_of(argument);
    size_t places = 0;
    size_t place = count_arguments(saying);
    const uint16_t *kinds = jl_say_places(saying->code, &places);
    JL_ASSERT(kinds != NULL && place < places && (kinds[place] & 1u << argument->kind) != 0);
    JL_ASSERT(saying->size + 2 + payload.size <= sizeof saying->arguments);
    uint8_t *at = saying->arguments + saying->size;
    at[0] = (uint8_t)argument->kind;
    at[1] = (uint8_t)payload.size;
    memcpy(at + 2, payload.bytes, payload.size);
    saying->size = (uint16_t)(saying->size + 2 + payload.size);
}

struct jl_remark jl_saying_remark(const struct jl_saying *saying) {
    return (struct jl_remark){.code = saying->code,
                              .arguments = jl_bytes(saying->arguments, saying->size)};
}

enum jl_rc jl_remark_encode(const struct jl_remark *said, struct jl_buf *out, struct jl_err *err) {
    if (said->code == JL_SAY_NOTHING) {
        return JL_OK;
    }
    enum jl_rc rc = jl_buf_put_varint(out, said->code, err);
    return rc == JL_OK && said->arguments.size > 0
               ? jl_buf_put(out, said->arguments.data, said->arguments.size, err)
               : rc;
}

/* ---- Reading ---- */

struct jl_remark jl_remark_decode(struct jl_bytes bytes) {
    struct jl_err ignored;
    struct jl_reader reader = {.rest = bytes};
    uint64_t code = 0;
    bool fits = bytes.size <= JL_REMARK_MAX_BYTES &&
                jl_reader_varint(&reader, &code, &ignored) == JL_OK && code <= UINT32_MAX &&
                reader.rest.size <= JL_ARGUMENTS_MAX_BYTES;
    return fits ? (struct jl_remark){.code = (uint32_t)code, .arguments = reader.rest}
                : (struct jl_remark){.code = JL_SAY_NOTHING};
}

static enum jl_rc take_u32(struct jl_reader *reader, uint32_t *out_number, struct jl_err *err) {
    uint64_t number = 0;
    enum jl_rc rc = jl_reader_varint(reader, &number, err);
    if (rc == JL_OK && number > UINT32_MAX) {
        rc = jl_fail(err, JL_PROTO, "a number of an argument is over 32 bits");
    }
    *out_number = (uint32_t)number;
    return rc;
}

static enum jl_rc take_number(struct jl_reader *reader, struct jl_argument *argument,
                              struct jl_err *err) {
    uint64_t number = 0;
    enum jl_rc rc = jl_reader_varint(reader, &number, err);
    if (argument->kind == JL_ARGUMENT_NUMBER) {
        argument->number = (int64_t)(number >> 1) ^ -(int64_t)(number & 1);
    } else if (number <= 99991231) {
        argument->number = (int64_t)number;
    } else {
        rc = jl_fail(err, JL_PROTO, "a date of an argument is none");
    }
    return rc;
}

static enum jl_rc take_list(struct jl_reader *reader, struct jl_argument *argument,
                            struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    while (rc == JL_OK && reader->rest.size > 0) {
        uint32_t number = 0;
        rc = take_u32(reader, &number, err);
        if (rc == JL_OK && !jl_argument_list(argument, number)) {
            rc = jl_fail(err, JL_PROTO, "a list of an argument has more than %d entries",
                         (int)JL_ARGUMENT_LIST_MAX);
        }
    }
    return rc;
}

static enum jl_rc take_text(struct jl_reader *reader, struct jl_argument *argument,
                            struct jl_err *err) {
    if (reader->rest.size > JL_ARGUMENT_TEXT_MAX_BYTES || !jl_utf8_valid(reader->rest)) {
        return jl_fail(err, JL_PROTO, "a text of an argument is too long, or is none");
    }
    return jl_reader_take(reader, reader->rest.size, &argument->text, err);
}

static enum jl_rc take_payload(struct jl_reader *reader, struct jl_argument *argument,
                               struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    switch (argument->kind) {
    case JL_ARGUMENT_TEXT:
    case JL_ARGUMENT_WRITTEN:
        return take_text(reader, argument, err);
    case JL_ARGUMENT_NUMBER:
    case JL_ARGUMENT_DATE:
    case JL_ARGUMENT_MONTH:
        return take_number(reader, argument, err);
    case JL_ARGUMENT_FIELD:
        return take_u32(reader, &argument->field, err);
    case JL_ARGUMENT_CODES:
        rc = take_u32(reader, &argument->field, err);
        return rc == JL_OK ? take_list(reader, argument, err) : rc;
    case JL_ARGUMENT_MOVERS:
        return take_list(reader, argument, err);
    case JL_ARGUMENT_CHECK:
        rc = take_u32(reader, &argument->field, err);
        return rc == JL_OK ? take_u32(reader, &argument->other, err) : rc;
    }
    reader->rest.size = 0; /* of a later program */
    return JL_OK;
}

enum jl_rc jl_argument_next(struct jl_bytes *rest, struct jl_argument *out_argument,
                            struct jl_err *err) {
    struct jl_reader reader = {.rest = *rest};
    struct jl_reader payload = {.rest = {0}};
    uint8_t kind = 0;
    uint64_t size = 0;
    enum jl_rc rc = jl_reader_u8(&reader, &kind, err);
    if (rc == JL_OK) {
        rc = jl_reader_varint(&reader, &size, err);
    }
    if (rc == JL_OK && size > reader.rest.size) {
        rc = jl_fail(err, JL_PROTO, "an argument is cut off");
    }
    if (rc == JL_OK) {
        rc = jl_reader_take(&reader, (size_t)size, &payload.rest, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    *out_argument = (struct jl_argument){.kind = (enum jl_argument_kind)kind};
    rc = take_payload(&payload, out_argument, err);
    if (rc == JL_OK && payload.rest.size > 0) {
        rc = jl_fail(err, JL_PROTO, "an argument has more than its kind holds");
    }
    if (rc == JL_OK) {
        *rest = reader.rest;
    }
    return rc;
}
