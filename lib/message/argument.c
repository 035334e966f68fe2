/* Arguments back from bytes that may be anybody's. */
#include "jielian/message/argument.h"
#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/reader.h"
#include "jielian/base/utf8.h"

#include <string.h>

bool jl_argument_list(struct jl_argument *argument, uint32_t number) {
    if (argument->count == JL_ARGUMENT_LIST_MAX) {
        return false;
    }
    argument->numbers[argument->count++] = number;
    return true;
}

/* ---- Reading ---- */

static enum jl_rc take_u32(struct jl_reader *reader, uint32_t *out_number, struct jl_err *err) {
    uint64_t number = 0;
    enum jl_rc rc = jl_reader_varint(reader, &number, err);
    if (rc == JL_OK && number > UINT32_MAX) {
        rc = jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s",
                         "a number of an argument is over 32 bits");
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
        rc = jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s", "a date of an argument is none");
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
            rc = jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES,
                             "a list of an argument has more than %d entries",
                             (int)JL_ARGUMENT_LIST_MAX);
        }
    }
    return rc;
}

static enum jl_rc take_text(struct jl_reader *reader, struct jl_argument *argument,
                            struct jl_err *err) {
    if (reader->rest.size > JL_ARGUMENT_TEXT_MAX_BYTES || !jl_utf8_valid(reader->rest)) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s",
                           "a text of an argument is too long, or is none");
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
        rc = jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s", "an argument is cut off");
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
        rc = jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s",
                         "an argument has more than its kind holds");
    }
    if (rc == JL_OK) {
        *rest = reader.rest;
    }
    return rc;
}
