/* UUIDv7 (RFC 9562 section 5.7), most significant bit first:
 *
 *   bytes 0–5   unix_ts_ms          48 bits
 *   byte  6     version 7 ‖ rand_a   4 + 4 bits
 *   byte  7     rand_a               8 bits
 *   byte  8     variant 10 ‖ rand_b  2 + 6 bits
 *   bytes 9–15  rand_b              56 bits
 *
 * rand_a ‖ rand_b is one counter of 74 bits that only ever counts up within a source. When it runs
 * over, the time part moves on by one millisecond, so ids ascend in every case. */
#include "jielian/base/id.h"
#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/hex.h"

#include <string.h>

#define TIME_MAX_MS ((INT64_C(1) << 48) - 1) /* the year 10889 */
#define HIGH_MAX ((UINT64_C(1) << 12) - 1)
#define LOW_MAX ((UINT64_C(1) << 62) - 1)

enum {
    VARIANT_BYTE = 8,
    VERSION_BYTE = 6,
};

void jl_id_source_init(struct jl_id_source *source, const uint8_t random[static 16]) {
    source->last_ms = 0;
    source->high = jl_bytes_get_be(random, 8) & HIGH_MAX;
    source->low = jl_bytes_get_be(random + 8, 8) & LOW_MAX;
}

struct jl_id jl_id_next(struct jl_id_source *source, int64_t now_ms) {
    if (now_ms > source->last_ms) {
        source->last_ms = now_ms < TIME_MAX_MS ? now_ms : TIME_MAX_MS;
    }
    source->low = (source->low + 1) & LOW_MAX;
    if (source->low == 0) {
        source->high = (source->high + 1) & HIGH_MAX;
        if (source->high == 0) {
            JL_ASSERT(source->last_ms < TIME_MAX_MS);
            source->last_ms++;
        }
    }
    struct jl_id id;
    (void)jl_bytes_put_be(id.bytes, (uint64_t)source->last_ms, 6);
    (void)jl_bytes_put_be(id.bytes + VERSION_BYTE, UINT64_C(0x7000) | source->high, 2);
    (void)jl_bytes_put_be(id.bytes + VARIANT_BYTE, UINT64_C(0x8000000000000000) | source->low, 8);
    return id;
}

struct jl_id jl_id_from_hash(const uint8_t hash[static 16]) {
    struct jl_id id;
    memcpy(id.bytes, hash, JL_ID_BYTES);
    id.bytes[VERSION_BYTE] = (uint8_t)((id.bytes[VERSION_BYTE] & 0x0F) | 0x80);
    id.bytes[VARIANT_BYTE] = (uint8_t)((id.bytes[VARIANT_BYTE] & 0x3F) | 0x80);
    return id;
}

bool jl_id_equal(const struct jl_id *a, const struct jl_id *b) {
    return memcmp(a->bytes, b->bytes, JL_ID_BYTES) == 0;
}

bool jl_id_is_zero(const struct jl_id *id) {
    static const struct jl_id zero;
    return jl_id_equal(id, &zero);
}

int jl_id_compare(const struct jl_id *a, const struct jl_id *b) {
    return memcmp(a->bytes, b->bytes, JL_ID_BYTES);
}

/* Whether a hyphen stands before byte i in 8-4-4-4-12. */
static bool hyphen_before(size_t i) {
    return i == 4 || i == 6 || i == 8 || i == 10;
}

void jl_id_format(const struct jl_id *id, char out_text[static JL_ID_TEXT_BYTES]) {
    char *at = out_text;
    for (size_t i = 0; i < JL_ID_BYTES; i++) {
        if (hyphen_before(i)) {
            *at++ = '-';
        }
        jl_hex_encode(jl_bytes(id->bytes + i, 1), at);
        at += 2;
    }
}

enum jl_rc jl_id_parse(const char *text, struct jl_id *out_id, struct jl_err *err) {
    if (text == NULL || strnlen(text, JL_ID_TEXT_BYTES) != JL_ID_TEXT_BYTES - 1) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_ID_FORM);
    }
    struct jl_id id;
    const char *at = text;
    for (size_t i = 0; i < JL_ID_BYTES; i++) {
        if (hyphen_before(i) && *at++ != '-') {
            return jl_fault(err, JL_MISUSE, JL_FAULT_ID_FORM);
        }
        char pair[3] = {at[0], at[1], '\0'};
        if (jl_hex_decode(pair, &id.bytes[i], 1, NULL) != JL_OK) {
            return jl_fault(err, JL_MISUSE, JL_FAULT_ID_FORM);
        }
        at += 2;
    }
    *out_id = id;
    return JL_OK;
}

enum jl_rc jl_id_from_bytes(struct jl_bytes bytes, struct jl_id *out_id, struct jl_err *err) {
    if (bytes.size != JL_ID_BYTES) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "a record id of %zu bytes instead of %d",
                           bytes.size, JL_ID_BYTES);
    }
    memcpy(out_id->bytes, bytes.data, JL_ID_BYTES);
    return JL_OK;
}
