/* What tells one record from another.
 *
 *   natural key    the record's id follows from it
 *   unique fields  ID number, credit code, name of a union
 *   identity       for types with neither (活动, 荣誉, 工会干部 …): all title and required fields
 * together, without the status, which moves. References count as different only when both records
 * have one. Nothing but codes and numbers in it: not enough to tell.
 *
 * Claims remember for the whole file which line has a key, so that a second row for the same record
 * waits for a person. */
#include "import_internal.h"

#include <string.h>

static bool in_list(const uint32_t *list, size_t count, uint32_t field) {
    for (size_t i = 0; i < count; i++) {
        if (list[i] == field) {
            return true;
        }
    }
    return false;
}

static bool identifies(const struct jl_type *type, const struct jl_field *field) {
    return !field->sensitive && field->number != type->flow.field &&
           (field->required || in_list(type->title, type->title_count, field->number));
}

bool jl_import_has_identity(const struct jl_type *type) {
    for (size_t i = 0; i < type->field_count; i++) {
        if (type->fields[i].unique) {
            return false;
        }
    }
    return type->natural_key_count == 0;
}

/* Kinds that say something of their own; a code or a number alone is shared by many records. */
static bool is_telling(const struct jl_field *field) {
    switch (field->kind) {
    case JL_KIND_TEXT:
    case JL_KIND_DATE:
    case JL_KIND_MONTH:
    case JL_KIND_REF:
    case JL_KIND_ID_NO:
    case JL_KIND_USCC:
    case JL_KIND_PHONE:
        return true;
    case JL_KIND_INT:
    case JL_KIND_MONEY:
    case JL_KIND_BOOL:
    case JL_KIND_CODE:
        break;
    }
    return false;
}

/* Append one part of a key: field, kind, size, content. */
static enum jl_rc put_part(struct jl_buf *out, uint32_t field, const struct jl_value *value,
                           struct jl_err *err) {
    enum jl_rc rc = jl_buf_put_u32be(out, field, err);
    if (rc == JL_OK && value->kind == JL_VALUE_INT) {
        return jl_buf_put_u64be(out, (uint64_t)value->number, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_varint(out, value->bytes.size, err);
    }
    return rc == JL_OK ? jl_buf_put(out, value->bytes.data, value->bytes.size, err) : rc;
}

static enum jl_rc finish_key(struct jl_import *import, const struct jl_buf *parts,
                             uint8_t out_key[static JL_KEY_BYTES_SHORT], struct jl_err *err) {
    uint8_t hash[JL_HASH_BYTES];
    struct jl_bytes all = jl_buf_bytes(parts);
    enum jl_rc rc = jl_hash(import->desk->books->hasher, &all, 1, hash, err);
    if (rc == JL_OK) {
        memcpy(out_key, hash, JL_KEY_BYTES_SHORT);
    }
    return rc;
}

enum jl_rc jl_import_identity(struct jl_import *import, const struct jl_row *row,
                              uint8_t out_key[static JL_KEY_BYTES_SHORT], bool *out_enough,
                              struct jl_err *err) {
    const struct jl_type *type = import->type;
    JL_AUTO(jl_buf) parts = {0};
    bool telling = false;
    *out_enough = false;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        if (!identifies(type, field)) {
            continue;
        }
        const struct jl_value *value = jl_row_get(row, field->number);
        if (value == NULL && field->required) {
            return JL_OK;
        }
        telling = telling || (value != NULL && is_telling(field));
        enum jl_rc rc = value == NULL ? JL_OK : put_part(&parts, field->number, value, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    *out_enough = telling;
    return telling ? finish_key(import, &parts, out_key, err) : JL_OK;
}

/* References, and the first date of the form: when it was, as opposed to when it ended. */
static bool sets_apart(const struct jl_type *type, const struct jl_field *field) {
    const struct jl_field *first = NULL;
    for (size_t i = 0; i < type->field_count && first == NULL; i++) {
        first = type->fields[i].kind == JL_KIND_DATE ? &type->fields[i] : NULL;
    }
    return !field->sensitive && (field->kind == JL_KIND_REF || field == first);
}

bool jl_import_set_apart(const struct jl_type *type, const struct jl_row *a,
                         const struct jl_row *b) {
    for (size_t i = 0; i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        const struct jl_value *left = jl_row_get(a, field->number);
        const struct jl_value *right = jl_row_get(b, field->number);
        if (left != NULL && right != NULL && sets_apart(type, field) &&
            !jl_value_equal(left, right)) {
            return true;
        }
    }
    return false;
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
        enum jl_rc rc = put_part(&parts, type->fields[i].number, value, err);
        if (rc == JL_OK) {
            rc = finish_key(import, &parts, key + 1, err);
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

/* With what sets two officers of one name apart. */
static enum jl_rc claim_identity(struct jl_import *import, const struct jl_row *row, uint64_t line,
                                 uint64_t *out_line, struct jl_err *err) {
    uint8_t key[JL_KEY_BYTES_SHORT + 1] = {'k'};
    bool enough = false;
    JL_AUTO(jl_buf) parts = {0};
    enum jl_rc rc = jl_import_identity(import, row, key + 1, &enough, err);
    if (rc != JL_OK || !enough) {
        return rc;
    }
    rc = jl_buf_put(&parts, key, sizeof key, err);
    for (size_t i = 0; rc == JL_OK && i < import->type->field_count; i++) {
        const struct jl_field *field = &import->type->fields[i];
        const struct jl_value *value = jl_row_get(row, field->number);
        if (value != NULL && sets_apart(import->type, field)) {
            rc = put_part(&parts, field->number, value, err);
        }
    }
    if (rc == JL_OK) {
        rc = finish_key(import, &parts, key + 1, err);
    }
    return rc == JL_OK ? claim_key(import, jl_bytes(key, sizeof key), line, out_line, err) : rc;
}

enum jl_rc jl_import_claim(struct jl_import *import, uint64_t line, const struct jl_row *after,
                           bool only_id, uint64_t *out_line, struct jl_err *err) {
    uint8_t key[JL_ID_BYTES + 1] = {'i'};
    memcpy(key + 1, after->id.bytes, JL_ID_BYTES);
    *out_line = 0;
    enum jl_rc rc = claim_key(import, jl_bytes(key, sizeof key), line, out_line, err);
    if (rc != JL_OK || only_id || import->options->policy == JL_IMPORT_NO_MATCH) {
        return rc;
    }
    return jl_import_has_identity(import->type) ? claim_identity(import, after, line, out_line, err)
                                                : claim_unique(import, after, line, out_line, err);
}

/* ---- Records of this file, for references further down ---- */

static enum jl_rc announce_text(struct jl_import *import, struct jl_bytes text,
                                const struct jl_id *id, struct jl_err *err) {
    if (text.size == 0) {
        return JL_OK;
    }
    void **place = jl_map_place(&import->own, text, &import->kept, err);
    struct jl_id *copy = place == NULL ? NULL : jl_arena_alloc(&import->kept, sizeof *copy);
    if (copy == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for a reference");
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
            (field->unique || field == jl_desk_title_field(type, JL_KIND_TEXT))) {
            rc = announce_text(import, value->bytes, &row->id, err);
        }
    }
    return rc;
}

const struct jl_id *jl_import_announced(struct jl_import *import, struct jl_bytes text) {
    return jl_map_get(&import->own, text);
}
