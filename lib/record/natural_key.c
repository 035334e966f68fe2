/* Ids made of natural keys. */
#include "jielian/record/natural_key.h"
#include "jielian/base/buf.h"
#include "jielian/base/fault.h"
#include "jielian/base/id.h"
#include "jielian/base/limits.h"
#include "jielian/base/row.h"
#include "jielian/catalogue/type.h"
#include "jielian/crypto/hasher.h"
#include "jielian/record/fields.h"

#include <string.h>

/* The key's fields with their values, ascending, however the catalogue lists them. */
static enum jl_rc key_fields(const struct jl_type *type, const struct jl_row *row,
                             struct jl_field_value fields[static JL_FIELDS_PER_TYPE_MAX],
                             struct jl_err *err) {
    if (type->natural_key_count == 0 || type->natural_key_count > JL_FIELDS_PER_TYPE_MAX) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_BYTES, "type %s has no natural key",
                           type->name);
    }
    for (size_t i = 0; i < type->natural_key_count; i++) {
        uint32_t number = type->natural_key[i];
        const struct jl_value *value = jl_row_get(row, number);
        if (value == NULL || value->kind == JL_VALUE_NULL) {
            const struct jl_field *field = jl_type_field(type, number);
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_BYTES,
                               "%s is part of the key of %s and has no value",
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

enum jl_rc jl_natural_key_id(struct jl_hasher *hasher, const struct jl_type *type,
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
    rc = jl_hasher_digest(hasher, parts, 2, hash, err);
    if (rc == JL_OK) {
        *out_id = jl_id_from_hash(hash);
    }
    return rc;
}
