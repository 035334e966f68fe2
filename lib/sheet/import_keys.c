/* Keys of rows, and who has them.
 *
 * Texts go into keys folded (base/fold.h), as the district compares them.
 *
 * Claims remember for the whole file which line has a key, so that a second row for the same record
 * waits for a person:
 *
 *   i  a record's id           u  a value of a unique field
 *   r  everything that a named row of a type without keys says: the same line pasted twice */
#include "import.h"
#include "import_row.h"

#include "jielian/base/fault.h"
#include "jielian/base/fold.h"
#include "jielian/desk/ref.h"

#include <string.h>

/* ---- Making keys ---- */

/* field, size, content */
enum jl_rc jl_import_key_part(struct jl_buf *out, uint32_t field, const struct jl_value *value,
                              struct jl_err *err) {
    JL_AUTO(jl_buf) folded = {0};
    struct jl_bytes content = value->bytes;
    enum jl_rc rc = jl_buf_put_u32be(out, field, err);
    if (rc == JL_OK && value->kind == JL_VALUE_INT) {
        return jl_buf_put_u64be(out, (uint64_t)value->number, err);
    }
    if (rc == JL_OK && value->kind == JL_VALUE_TEXT) {
        rc = jl_fold(value->bytes, JL_FOLD_SAME, &folded, err);
        content = jl_buf_bytes(&folded);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_varint(out, content.size, err);
    }
    return rc == JL_OK ? jl_buf_put(out, content.data, content.size, err) : rc;
}

enum jl_rc jl_import_key_finish(struct jl_import *import, const struct jl_buf *parts,
                                uint8_t out_key[static JL_KEY_BYTES_SHORT], struct jl_err *err) {
    uint8_t hash[JL_HASH_BYTES];
    struct jl_bytes all = jl_buf_bytes(parts);
    enum jl_rc rc = jl_hasher_digest(import->desk->books->hasher, &all, 1, hash, err);
    if (rc == JL_OK) {
        memcpy(out_key, hash, JL_KEY_BYTES_SHORT);
    }
    return rc;
}

/* ---- Claims ---- */

static enum jl_rc claim_key(struct jl_import *import, struct jl_bytes key, uint64_t line,
                            uint64_t *out_line, struct jl_err *err) {
    void **place = jl_map_place(&import->claims, key, &import->kept, err);
    if (place == NULL) {
        return JL_NOMEM;
    }
    uint64_t held = (uint64_t)(uintptr_t)*place;
    if (held == 0) {
        *place = (void *)(uintptr_t)line; /* a number: lines fit a pointer */
    } else if (held != line && *out_line == 0) {
        *out_line = held;
    }
    return JL_OK;
}

static enum jl_rc claim_unique(struct jl_import *import, const struct jl_row *row, uint64_t line,
                               uint64_t *out_line, struct jl_err *err) {
    const struct jl_type *type = import->type;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct jl_value *value =
            type->fields[i].unique ? jl_row_get(row, type->fields[i].number) : NULL;
        JL_AUTO(jl_buf) parts = {0};
        uint8_t key[JL_KEY_BYTES_SHORT + 1] = {'u'};
        if (value == NULL) {
            continue;
        }
        enum jl_rc rc = jl_import_key_part(&parts, type->fields[i].number, value, err);
        if (rc == JL_OK) {
            rc = jl_import_key_finish(import, &parts, key + 1, err);
        }
        if (rc == JL_OK) {
            rc = claim_key(import, jl_bytes(key, sizeof key), line, out_line, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

/* The whole of a row, so that only the same line pasted twice has it. */
static enum jl_rc claim_row(struct jl_import *import, const struct jl_import_row *row,
                            uint64_t *out_line, struct jl_err *err) {
    uint8_t key[JL_KEY_BYTES_SHORT + 1] = {'r'};
    JL_AUTO(jl_buf) parts = {0};
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < row->given.field_count; i++) {
        rc = jl_import_key_part(&parts, row->given.fields[i].field, &row->given.fields[i].value,
                                err);
    }
    if (rc == JL_OK) {
        rc = jl_import_key_finish(import, &parts, key + 1, err);
    }
    return rc == JL_OK ? claim_key(import, jl_bytes(key, sizeof key), row->line, out_line, err)
                       : rc;
}

static void id_key(const struct jl_id *id, uint8_t out_key[static JL_ID_BYTES + 1]) {
    out_key[0] = 'i';
    memcpy(out_key + 1, id->bytes, JL_ID_BYTES);
}

uint64_t jl_import_claimed(const struct jl_import *import, const struct jl_id *id) {
    uint8_t key[JL_ID_BYTES + 1];
    id_key(id, key);
    return (uint64_t)(uintptr_t)jl_map_get(&import->claims, jl_bytes(key, sizeof key));
}

enum jl_rc jl_import_claim_id(struct jl_import *import, uint64_t line, const struct jl_id *id,
                              uint64_t *out_line, struct jl_err *err) {
    uint8_t key[JL_ID_BYTES + 1];
    id_key(id, key);
    *out_line = 0;
    return claim_key(import, jl_bytes(key, sizeof key), line, out_line, err);
}

enum jl_rc jl_import_claim(struct jl_import *import, const struct jl_import_row *row,
                           const struct jl_row *after, bool unchanged, uint64_t *out_line,
                           struct jl_err *err) {
    enum jl_rc rc = jl_import_claim_id(import, row->line, &after->id, out_line, err);
    if (rc != JL_OK || row->has_id || import->options->policy == JL_IMPORT_NO_MATCH) {
        return rc;
    }
    if (!jl_import_has_identity(import->type)) {
        return unchanged ? rc : claim_unique(import, after, row->line, out_line, err);
    }
    /* Two records that are the same may both be there by right: their rows pass. */
    uint64_t pasted = 0;
    if (row->level == JL_IDENTITY_NAMED) {
        rc = claim_row(import, row, &pasted, err);
    }
    *out_line = *out_line != 0 || unchanged ? *out_line : pasted;
    return rc;
}

/* ---- Records of this file, for references further down ---- */

static enum jl_rc announce_text(struct jl_import *import, struct jl_bytes text,
                                const struct jl_id *id, struct jl_err *err) {
    JL_AUTO(jl_buf) folded = {0};
    enum jl_rc rc = jl_fold(text, JL_FOLD_SAME, &folded, err);
    if (rc != JL_OK || folded.size == 0) {
        return rc;
    }
    void **place = jl_map_place(&import->own, jl_buf_bytes(&folded), &import->kept, err);
    struct jl_id *copy = place == NULL ? NULL : jl_arena_alloc(&import->kept, sizeof *copy);
    if (copy == NULL) {
        return jl_fault_memory(err);
    }
    *copy = *id;
    *place = copy;
    return JL_OK;
}

enum jl_rc jl_import_announce(struct jl_import *import, const struct jl_row *row,
                              struct jl_err *err) {
    const struct jl_type *type = import->type;
    if (!import->refers_to_itself) {
        return JL_OK;
    }
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        const struct jl_value *value = jl_row_get(row, field->number);
        if (value != NULL && value->kind == JL_VALUE_TEXT &&
            (field->unique || field == jl_ref_title_field(type, JL_KIND_TEXT))) {
            rc = announce_text(import, value->bytes, &row->id, err);
        }
    }
    return rc;
}

enum jl_rc jl_import_announced(struct jl_import *import, struct jl_bytes text,
                               const struct jl_id **out_id, struct jl_err *err) {
    JL_AUTO(jl_buf) folded = {0};
    enum jl_rc rc = jl_fold(text, JL_FOLD_SAME, &folded, err);
    *out_id = rc == JL_OK ? jl_map_get(&import->own, jl_buf_bytes(&folded)) : NULL;
    return rc;
}

bool jl_import_has_identity(const struct jl_type *type) {
    for (size_t i = 0; i < type->field_count; i++) {
        if (type->fields[i].unique) {
            return false;
        }
    }
    return type->natural_key_count == 0;
}
