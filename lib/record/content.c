/* Canonical form, hash and natural id of a row; the layouts stand in content.h. */
#include "jielian/record/content.h"
#include "jielian/base/buf.h"
#include "jielian/base/fault.h"
#include "jielian/base/limits.h"
#include "jielian/base/row.h"
#include "jielian/crypto/hasher.h"
#include "jielian/crypto/secret.h"
#include "jielian/record/fields.h"

#include <inttypes.h>
#include <string.h>

enum { CANONICAL_VERSION = 1 };

enum jl_rc jl_content_encode(const struct jl_row *row, struct jl_buf *out, struct jl_err *err) {
    for (size_t i = 0; i < row->field_count; i++) {
        if (row->fields[i].value.kind == JL_VALUE_NULL) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_BYTES,
                               "field %" PRIu32 " of a row has no value", row->fields[i].field);
        }
    }
    size_t before = out->size;
    enum jl_rc rc = jl_buf_put_u8(out, CANONICAL_VERSION, err);
    if (rc == JL_OK) {
        rc = jl_buf_put_varint(out, row->type, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put(out, row->id.bytes, sizeof row->id.bytes, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_varint(out, row->owner, err);
    }
    if (rc == JL_OK) {
        rc = jl_fields_encode(row->fields, row->field_count, out, err);
    }
    if (rc != JL_OK) {
        out->size = before;
    }
    return rc;
}

enum jl_rc jl_content_hash(struct jl_hasher *hasher, const struct jl_secret *proof_key,
                           const struct jl_row *row, struct jl_buf *scratch,
                           uint8_t out_hash[static JL_CONTENT_HASH_BYTES], struct jl_err *err) {
    jl_buf_reset(scratch);
    enum jl_rc rc = jl_content_encode(row, scratch, err);
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_bytes parts[2] = {jl_bytes(proof_key->bytes, sizeof proof_key->bytes),
                                jl_buf_bytes(scratch)};
    uint8_t hash[JL_HASH_BYTES];
    rc = jl_hasher_digest(hasher, parts, 2, hash, err);
    if (rc == JL_OK) {
        memcpy(out_hash, hash, JL_CONTENT_HASH_BYTES);
    }
    return rc;
}

enum jl_rc jl_content_deep_start(struct jl_hasher *hasher, uint8_t out_hash[static JL_HASH_BYTES],
                                 struct jl_err *err) {
    const struct jl_bytes label = jl_bytes_text("jielian deep v1");
    return jl_hasher_digest(hasher, &label, 1, out_hash, err);
}

enum jl_rc jl_content_deep_add(struct jl_hasher *hasher, const struct jl_row *row,
                               struct jl_buf *scratch, uint8_t hash[static JL_HASH_BYTES],
                               struct jl_err *err) {
    uint8_t before[JL_HASH_BYTES];
    memcpy(before, hash, sizeof before);
    jl_buf_reset(scratch);
    enum jl_rc rc = row != NULL ? jl_content_encode(row, scratch, err) : JL_OK;
    const struct jl_bytes parts[] = {jl_bytes(before, sizeof before), jl_buf_bytes(scratch)};
    return rc == JL_OK ? jl_hasher_digest(hasher, parts, 2, hash, err) : rc;
}
