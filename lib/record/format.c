/* Values as people read them. A value whose kind does not fit its field (an older program's) is
 * shown as it is rather than hidden. */
#include "complaint.h"
#include "narrow.h"

#include "jielian/base/hex.h"
#include "jielian/base/id.h"
#include "jielian/base/row.h"
#include "jielian/base/utf8.h"
#include "jielian/record/format.h"

#include <inttypes.h>
#include <string.h>

enum {
    ID_SHOWN_FRONT = 6,
    ID_SHOWN_BACK = 4,
    ID_BYTES = 18,
    MOBILE_BYTES = 11,
    MOBILE_SHOWN_FRONT = 3,
    MOBILE_SHOWN_BACK = 4
};

static const char hidden[] = "**";

static enum jl_rc format_money(int64_t fen, struct jl_buf *out, struct jl_err *err) {
    uint64_t amount = fen < 0 ? 0 - (uint64_t)fen : (uint64_t)fen;
    return jl_buf_printf(out, err, "%s%" PRIu64 ".%02u", fen < 0 ? "-" : "", amount / 100,
                         (unsigned)(amount % 100));
}

static enum jl_rc format_code(const struct jl_field *field, int64_t number,
                              enum jl_language language, struct jl_buf *out, struct jl_err *err) {
    const struct jl_code *code = NULL;
    if (field->codes != NULL && number >= 0 && number <= UINT32_MAX) {
        code = jl_code_list_code(field->codes, (uint32_t)number);
    }
    return code != NULL ? jl_buf_put_text(out, jl_label_text(&code->label, language), err)
                        : jl_buf_printf(out, err, "%" PRId64, number);
}

static enum jl_rc format_number(const struct jl_field *field, int64_t number,
                                enum jl_language language, struct jl_buf *out, struct jl_err *err) {
    switch (field->kind) {
    case JL_KIND_MONEY:
        return format_money(number, out, err);
    case JL_KIND_DATE:
        if (number >= 101) {
            return jl_buf_printf(out, err, "%04" PRId64 "-%02" PRId64 "-%02" PRId64, number / 10000,
                                 number / 100 % 100, number % 100);
        }
        break;
    case JL_KIND_MONTH:
        if (number >= 1) {
            return jl_buf_printf(out, err, "%04" PRId64 "-%02" PRId64, number / 100, number % 100);
        }
        break;
    case JL_KIND_BOOL:
        if (number == 0 || number == 1) {
            static const char *const words[2][2] = {{"否", "是"}, {"no", "yes"}};
            return jl_buf_put_text(out, words[language == JL_LANGUAGE_EN][number], err);
        }
        break;
    case JL_KIND_CODE:
        return format_code(field, number, language, out, err);
    case JL_KIND_INT:
    case JL_KIND_TEXT:
    case JL_KIND_REF:
    case JL_KIND_ID_NO:
    case JL_KIND_USCC:
    case JL_KIND_PHONE:
        break;
    }
    return jl_buf_printf(out, err, "%" PRId64, number);
}

static enum jl_rc format_bytes(struct jl_bytes bytes, struct jl_buf *out, struct jl_err *err) {
    struct jl_id id;
    if (jl_id_from_bytes(bytes, &id, NULL) == JL_OK) {
        char text[JL_ID_TEXT_BYTES];
        jl_id_format(&id, text);
        return jl_buf_put_text(out, text, err);
    }
    enum jl_rc rc = jl_buf_reserve(out, 2 * bytes.size + 1, err);
    if (rc == JL_OK) {
        jl_hex_encode(bytes, (char *)out->data + out->size);
        out->size += 2 * bytes.size;
    }
    return rc;
}

enum jl_rc jl_format_field(const struct jl_field *field, const struct jl_value *value,
                           enum jl_language language, struct jl_buf *out, struct jl_err *err) {
    switch (value->kind) {
    case JL_VALUE_NULL:
        return JL_OK;
    case JL_VALUE_INT:
        return format_number(field, value->number, language, out, err);
    case JL_VALUE_TEXT:
        return jl_buf_put(out, value->bytes.data, value->bytes.size, err);
    case JL_VALUE_BYTES:
        break;
    }
    return format_bytes(value->bytes, out, err);
}

static enum jl_rc mask_middle(struct jl_bytes text, size_t front, size_t back, struct jl_buf *out,
                              struct jl_err *err) {
    static const char stars[] = "********************";
    size_t middle = text.size - front - back;
    size_t before = out->size;
    enum jl_rc rc = jl_buf_put(out, text.data, front, err);
    if (rc == JL_OK) {
        rc = jl_buf_put(out, stars, middle < sizeof stars ? middle : sizeof stars - 1, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put(out, text.data + text.size - back, back, err);
    }
    if (rc != JL_OK) {
        out->size = before;
    }
    return rc;
}

static bool is_ascii(struct jl_bytes text) {
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

static enum jl_rc mask_text(const struct jl_field *field, struct jl_bytes text, struct jl_buf *out,
                            struct jl_err *err) {
    if (field->kind == JL_KIND_ID_NO && text.size == ID_BYTES && is_ascii(text)) {
        return mask_middle(text, ID_SHOWN_FRONT, ID_SHOWN_BACK, out, err);
    }
    if (field->kind == JL_KIND_PHONE && text.size == MOBILE_BYTES && is_ascii(text)) {
        return mask_middle(text, MOBILE_SHOWN_FRONT, MOBILE_SHOWN_BACK, out, err);
    }
    struct jl_bytes rest = text;
    uint32_t first = 0;
    size_t before = out->size;
    enum jl_rc rc = JL_OK;
    if (jl_utf8_next(&rest, &first)) {
        rc = jl_buf_put(out, text.data, text.size - rest.size, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_text(out, hidden, err);
    }
    if (rc != JL_OK) {
        out->size = before;
    }
    return rc;
}

enum jl_rc jl_format_masked(const struct jl_field *field, const struct jl_value *value,
                            enum jl_language language, struct jl_buf *out, struct jl_err *err) {
    if (!field->sensitive || value->kind == JL_VALUE_NULL) {
        return jl_format_field(field, value, language, out, err);
    }
    if (value->kind == JL_VALUE_TEXT) {
        return mask_text(field, value->bytes, out, err);
    }
    /* The first sign of an amount, a date or a code tells too much. */
    return jl_buf_put_text(out, hidden, err);
}

/* Is the field shown in titles? References are ids here: only the caller knows their titles. */
static const struct jl_value *title_value(const struct jl_field *field, const struct jl_row *row) {
    if (field == NULL || field->sensitive || field->kind == JL_KIND_REF) {
        return NULL;
    }
    return jl_row_get(row, field->number);
}

enum jl_rc jl_format_title(const struct jl_type *type, const struct jl_row *row,
                           enum jl_language language, struct jl_buf *out, struct jl_err *err) {
    size_t before = out->size;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < type->title_count; i++) {
        const struct jl_field *field = jl_type_field(type, type->title[i]);
        const struct jl_value *value = title_value(field, row);
        if (value == NULL || value->kind == JL_VALUE_NULL) {
            continue;
        }
        if (out->size > before) {
            rc = jl_buf_put_u8(out, ' ', err);
        }
        if (rc == JL_OK) {
            rc = jl_format_field(field, value, language, out, err);
        }
    }
    if (rc == JL_OK && out->size == before) {
        rc = jl_buf_put_text(out, jl_label_text(&type->label, language), err);
    }
    if (rc != JL_OK) {
        out->size = before;
    }
    return rc;
}
