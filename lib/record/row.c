/* Canonical form, hash and natural id of a row; the layouts stand in record.h. */
#include "jielian/record/record.h"

#include "jielian/base/limits.h"

#include <inttypes.h>
#include <string.h>

enum { CANONICAL_VERSION = 1 };

enum jl_rc jl_row_encode(const struct jl_row *row, struct jl_buf *out, struct jl_err *err) {
    for (size_t i = 0; i < row->field_count; i++) {
        if (row->fields[i].value.kind == JL_VALUE_NULL) {
            return jl_fail(err, JL_MISUSE, "field %" PRIu32 " of a row has no value",
                           row->fields[i].field);
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

enum jl_rc jl_row_hash(struct jl_hasher *hasher, const struct jl_secret *proof_key,
                       const struct jl_row *row, struct jl_buf *scratch,
                       uint8_t out_hash[static JL_ROW_HASH_BYTES], struct jl_err *err) {
    jl_buf_reset(scratch);
    enum jl_rc rc = jl_row_encode(row, scratch, err);
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_bytes parts[2] = {jl_bytes(proof_key->bytes, sizeof proof_key->bytes),
                                jl_buf_bytes(scratch)};
    uint8_t hash[JL_HASH_BYTES];
    rc = jl_hash(hasher, parts, 2, hash, err);
    if (rc == JL_OK) {
        memcpy(out_hash, hash, JL_ROW_HASH_BYTES);
    }
    return rc;
}

enum jl_rc jl_row_deep_start(struct jl_hasher *hasher, uint8_t out_hash[static JL_HASH_BYTES],
                             struct jl_err *err) {
    const struct jl_bytes label = jl_bytes_text("jielian deep v1");
    return jl_hash(hasher, &label, 1, out_hash, err);
}

enum jl_rc jl_row_deep_add(struct jl_hasher *hasher, const struct jl_row *row,
                           struct jl_buf *scratch, uint8_t hash[static JL_HASH_BYTES],
                           struct jl_err *err) {
    uint8_t before[JL_HASH_BYTES];
    memcpy(before, hash, sizeof before);
    jl_buf_reset(scratch);
    enum jl_rc rc = row != NULL ? jl_row_encode(row, scratch, err) : JL_OK;
    const struct jl_bytes parts[] = {jl_bytes(before, sizeof before), jl_buf_bytes(scratch)};
    return rc == JL_OK ? jl_hash(hasher, parts, 2, hash, err) : rc;
}

/* The key's fields with their values, ascending, however the catalogue lists them. */
static enum jl_rc key_fields(const struct jl_type *type, const struct jl_row *row,
                             struct jl_field_value fields[static JL_FIELDS_PER_TYPE_MAX],
                             struct jl_err *err) {
    if (type->natural_key_count == 0 || type->natural_key_count > JL_FIELDS_PER_TYPE_MAX) {
        return jl_fail(err, JL_MISUSE, "type %s has no natural key", type->name);
    }
    for (size_t i = 0; i < type->natural_key_count; i++) {
        uint32_t number = type->natural_key[i];
        const struct jl_value *value = jl_row_get(row, number);
        if (value == NULL || value->kind == JL_VALUE_NULL) {
            const struct jl_field *field = jl_type_field(type, number);
            return jl_fail(err, JL_MISUSE, "%s is part of the key of %s and has no value",
                           field == NULL ? "a field" : field->name, type->name);
        }
        size_t place = i;
        while (place > 0 && fields[place - 1].field > number) {
            fields[place] = fields[place - 1];
            place--;
        }
        fields[place].field = number;
        fields[place].value = *value;
    }
    return JL_OK;
}

enum jl_rc jl_row_natural_id(struct jl_hasher *hasher, const struct jl_type *type,
                             const struct jl_row *row, struct jl_id *out_id, struct jl_err *err) {
    struct jl_field_value fields[JL_FIELDS_PER_TYPE_MAX];
    enum jl_rc rc = key_fields(type, row, fields, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_AUTO(jl_buf) buf = {0};
    rc = jl_buf_put_varint(&buf, type->number, err);
    if (rc == JL_OK && type->natural_key_has_owner) {
        rc = jl_buf_put_varint(&buf, row->owner, err);
    }
    if (rc == JL_OK) {
        rc = jl_fields_encode(fields, type->natural_key_count, &buf, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_bytes parts[2] = {jl_bytes_text("jielian key v1"), jl_buf_bytes(&buf)};
    uint8_t hash[JL_HASH_BYTES];
    rc = jl_hash(hasher, parts, 2, hash, err);
    if (rc == JL_OK) {
        *out_id = jl_id_from_hash(hash);
    }
    return rc;
}
