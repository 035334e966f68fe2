/* A code and its arguments, put together in place. */
#include "jielian/message/saying.h"
#include "jielian/base/assert.h"
#include "jielian/base/bytes.h"
#include "jielian/message/argument.h"
#include "jielian/message/remark.h"
#include "jielian/message/say.h"

#include <string.h>

enum { PAYLOAD_MAX_BYTES = JL_ARGUMENT_TEXT_MAX_BYTES };
_Static_assert((JL_ARGUMENT_LIST_MAX + 1) * 5 <= PAYLOAD_MAX_BYTES, "a full list of codes fits");
_Static_assert(PAYLOAD_MAX_BYTES < 0x80, "the size of a payload is one byte");

struct payload {
    uint8_t bytes[PAYLOAD_MAX_BYTES];
    size_t size;
};

static void put_varint(struct payload *payload, uint64_t value) {
    JL_ASSERT(payload->size + JL_VARINT_MAX_BYTES <= sizeof payload->bytes);
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
