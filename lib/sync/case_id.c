/* Ids of cases: version 8 and variant 2 are set, as in every id made of a hash. */
#include "jielian/sync/case_id.h"
#include "jielian/base/bytes.h"
#include "jielian/base/id.h"
#include "jielian/base/row.h"
#include "jielian/crypto/hasher.h"

#include <string.h>

static const char case_label[] = "jielian case v1";
static const char pair_label[] = "jielian pair v1";
static const char apart_label[] = "jielian apart v1";
static const char elsewhere_label[] = "jielian elsewhere v1";
static const char step_label[] = "jielian transfer case v1";

enum jl_rc jl_case_id(struct jl_hasher *hasher, const uint8_t incarnation[static 16], uint64_t seq,
                      struct jl_id *out_id, struct jl_err *err) {
    uint8_t number[8];
    uint8_t hash[JL_HASH_BYTES];
    jl_bytes_put_be(number, seq, sizeof number);
    struct jl_bytes parts[] = {jl_bytes(case_label, sizeof case_label - 1),
                               jl_bytes(incarnation, 16), jl_bytes(number, sizeof number)};
    enum jl_rc rc = jl_hasher_digest(hasher, parts, 3, hash, err);
    if (rc == JL_OK) {
        *out_id = jl_id_from_hash(hash);
    }
    return rc;
}

/* One or two ids of records of a type. */
static enum jl_rc id_of_records(struct jl_hasher *hasher, const char *label, uint32_t type,
                                const struct jl_id *const ids[2], size_t count,
                                struct jl_id *out_id, struct jl_err *err) {
    uint8_t number[4];
    uint8_t hash[JL_HASH_BYTES];
    jl_bytes_put_be(number, type, sizeof number);
    struct jl_bytes parts[4] = {jl_bytes_text(label), jl_bytes(number, sizeof number)};
    for (size_t i = 0; i < count; i++) {
        parts[2 + i] = jl_bytes(ids[i]->bytes, JL_ID_BYTES);
    }
    enum jl_rc rc = jl_hasher_digest(hasher, parts, 2 + count, hash, err);
    if (rc == JL_OK) {
        *out_id = jl_id_from_hash(hash);
    }
    return rc;
}

static enum jl_rc id_of_two(struct jl_hasher *hasher, const char *label, uint32_t type,
                            const struct jl_id *a, const struct jl_id *b, struct jl_id *out_id,
                            struct jl_err *err) {
    bool ordered = jl_id_compare(a, b) <= 0;
    const struct jl_id *ids[2] = {ordered ? a : b, ordered ? b : a};
    return id_of_records(hasher, label, type, ids, 2, out_id, err);
}

enum jl_rc jl_case_id_of_pair(struct jl_hasher *hasher, uint32_t type, const struct jl_id *a,
                              const struct jl_id *b, struct jl_id *out_id, struct jl_err *err) {
    return id_of_two(hasher, pair_label, type, a, b, out_id, err);
}

enum jl_rc jl_case_id_of_two_offices(struct jl_hasher *hasher, uint32_t type, const struct jl_id *a,
                                     const struct jl_id *b, struct jl_id *out_id,
                                     struct jl_err *err) {
    return id_of_two(hasher, apart_label, type, a, b, out_id, err);
}

enum jl_rc jl_case_id_elsewhere(struct jl_hasher *hasher, uint32_t type, const struct jl_id *of,
                                struct jl_id *out_id, struct jl_err *err) {
    const struct jl_id *ids[2] = {of, NULL};
    return id_of_records(hasher, elsewhere_label, type, ids, 1, out_id, err);
}

enum jl_rc jl_case_id_of_step(struct jl_hasher *hasher, const struct jl_id *transfer,
                              int64_t status, struct jl_id *out_id, struct jl_err *err) {
    uint8_t number[4];
    uint8_t hash[JL_HASH_BYTES];
    jl_bytes_put_be(number, (uint64_t)status, sizeof number);
    struct jl_bytes parts[] = {jl_bytes(step_label, sizeof step_label - 1),
                               jl_bytes(transfer->bytes, JL_ID_BYTES),
                               jl_bytes(number, sizeof number)};
    enum jl_rc rc = jl_hasher_digest(hasher, parts, 3, hash, err);
    if (rc == JL_OK) {
        *out_id = jl_id_from_hash(hash);
    }
    return rc;
}

bool jl_case_id_named(const struct jl_row *row, uint32_t field, struct jl_id *out_id) {
    const struct jl_value *value = jl_row_get(row, field);
    char text[JL_ID_TEXT_BYTES] = "";
    struct jl_err ignored;
    if (value == NULL || value->kind != JL_VALUE_TEXT || value->bytes.size >= sizeof text) {
        return false;
    }
    memcpy(text, value->bytes.data, value->bytes.size);
    return jl_id_parse(text, out_id, &ignored) == JL_OK;
}
