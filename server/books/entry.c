#include "entry.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/reader.h"

#include <inttypes.h>
#include <string.h>

enum { INCARNATION_BYTES = 16 };

enum jl_rc jl_entry_encode(const struct jl_suite *suite, const struct jl_entry_head *head,
                           struct jl_buf *out, struct jl_err *err) {
    JL_ASSERT(head->date_limit >= 0);
    enum jl_rc rc = jl_buf_put_varint(out, head->rules, err);
    if (rc == JL_OK) {
        rc = jl_buf_put_u8(out, (uint8_t)head->kind, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_varint(out, head->device, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_varint(out, head->office, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put(out, head->incarnation, INCARNATION_BYTES, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_varint(out, suite->sign->public_bytes, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put(out, head->sign_public, suite->sign->public_bytes, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_varint(out, (uint64_t)head->date_limit, err);
    }
    return rc == JL_OK ? jl_buf_put_varint(out, head->came_back_upto, err) : rc;
}

static enum jl_rc take_number(struct jl_reader *reader, uint64_t most, uint64_t *out_number,
                              struct jl_err *err) {
    enum jl_rc rc = jl_reader_varint(reader, out_number, err);
    return rc == JL_OK && *out_number > most ? JL_PROTO : rc;
}

static enum jl_rc take_bytes(struct jl_reader *reader, size_t size, uint8_t *out_bytes,
                             struct jl_err *err) {
    struct jl_bytes bytes = {0};
    enum jl_rc rc = jl_reader_take(reader, size, &bytes, err);
    if (rc == JL_OK) {
        memcpy(out_bytes, bytes.data, size);
    }
    return rc;
}

static enum jl_rc decode(const struct jl_suite *suite, struct jl_reader *reader,
                         struct jl_entry_head *head, struct jl_err *err) {
    uint64_t numbers[5] = {0}; /* device, office, size of the key, date, came back */
    enum jl_rc rc = take_number(reader, UINT32_MAX, &numbers[0], err);
    if (rc == JL_OK) {
        rc = take_number(reader, UINT32_MAX, &numbers[1], err);
    }
    if (rc == JL_OK) {
        rc = take_bytes(reader, INCARNATION_BYTES, head->incarnation, err);
    }
    if (rc == JL_OK) {
        rc = take_number(reader, suite->sign->public_bytes, &numbers[2], err);
    }
    if (rc == JL_OK) {
        rc = numbers[2] == suite->sign->public_bytes
                 ? take_bytes(reader, suite->sign->public_bytes, head->sign_public, err)
                 : JL_PROTO;
    }
    if (rc == JL_OK) {
        rc = take_number(reader, INT32_MAX, &numbers[3], err);
    }
    if (rc == JL_OK) {
        rc = take_number(reader, UINT64_MAX, &numbers[4], err);
    }
    head->device = (uint32_t)numbers[0];
    head->office = (uint32_t)numbers[1];
    head->date_limit = (int64_t)numbers[3];
    head->came_back_upto = numbers[4];
    return rc == JL_OK && reader->rest.size > 0 ? JL_PROTO : rc;
}

enum jl_rc jl_entry_decode(const struct jl_suite *suite, struct jl_bytes bytes,
                           struct jl_entry_head *out_head, struct jl_err *err) {
    struct jl_reader reader = {.rest = bytes};
    uint64_t rules = 0;
    uint8_t kind = 0;
    *out_head = (struct jl_entry_head){.kind = JL_ENTRY_BATCH};
    if (bytes.size == 0) {
        return JL_OK;
    }
    enum jl_rc rc = jl_reader_varint(&reader, &rules, err);
    if (rc == JL_OK) {
        rc = jl_reader_u8(&reader, &kind, err);
    }
    if (rc == JL_OK && (rules > JL_RULES || kind > JL_ENTRY_PART)) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_RULES_NEWER, "%" PRIu64 JL_AND "%u" JL_AND "%d",
                           rules, (unsigned)kind, (int)JL_RULES);
    }
    if (rc == JL_OK) {
        out_head->rules = (uint32_t)rules;
        out_head->kind = (enum jl_entry_kind)kind;
        rc = rules > 0 && kind > 0 ? decode(suite, &reader, out_head, err) : JL_PROTO;
    }
    return rc == JL_PROTO ? jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s",
                                        "the head of a journal entry can't be read")
                          : rc;
}
