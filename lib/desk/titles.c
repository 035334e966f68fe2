/* Titles of records for people. A title may name other records (签到: 会员, 活动), whose titles are
 * read once and kept for as long as the caller lists. */
#include "jielian/desk/titles.h"
#include "jielian/base/arena.h"
#include "jielian/base/buf.h"
#include "jielian/base/fault.h"
#include "jielian/base/id.h"
#include "jielian/base/language.h"
#include "jielian/base/map.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/desk/desk.h"
#include "jielian/record/format.h"

#include <string.h>

enum { DEPTH_MAX = 2 }; /* 帮扶发放 → 困难家庭 → 会员 */

void jl_titles_fini(struct jl_titles *titles) {
    jl_map_fini(&titles->map);
    jl_arena_fini(&titles->arena);
}

struct titling {
    struct jl_desk *desk;
    struct jl_titles *titles;
    struct jl_buf *out;
    int depth; /* references followed so far */
};

static enum jl_rc put_title(struct titling *titling, const struct jl_type *type,
                            const struct jl_book_record *record, struct jl_err *err);

static enum jl_rc read_title(struct titling *titling, const struct jl_type *type,
                             const struct jl_id *id, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_record_key key = {.type = type->number, .id = *id};
    struct jl_book_record record;
    enum jl_rc rc = jl_books_load(titling->desk->books, &key, 1, &arena, &record, err);
    if (rc == JL_OK && record.head.rid == 0) {
        char text[JL_ID_TEXT_BYTES];
        jl_id_format(id, text);
        return jl_buf_put_text(titling->out, text, err);
    }
    return rc == JL_OK ? put_title(titling, type, &record, err) : rc;
}

/* Read the title of a referred record and keep it under the key. */
static enum jl_rc keep_title(struct titling *titling, const struct jl_type *type,
                             const struct jl_id *id, struct jl_bytes key, struct jl_err *err) {
    JL_AUTO(jl_buf) title = {0};
    struct jl_titles *titles = titling->titles;
    struct titling inner = {
        .desk = titling->desk, .titles = titles, .out = &title, .depth = titling->depth + 1};
    enum jl_rc rc = read_title(&inner, type, id, err);
    struct jl_bytes *copy = jl_arena_zalloc(&titles->arena, 1, sizeof *copy);
    if (rc == JL_OK && copy == NULL) {
        rc = jl_fault_memory(err);
    }
    if (rc == JL_OK) {
        rc = jl_arena_dup(&titles->arena, jl_buf_bytes(&title), copy, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    void **place = jl_map_place(&titles->map, key, &titles->arena, err);
    if (place == NULL) {
        return JL_NOMEM;
    }
    *place = copy;
    return jl_buf_put(titling->out, copy->data, copy->size, err);
}

/* The title of a referred record, from the kept ones or read now. */
static enum jl_rc put_ref(struct titling *titling, uint32_t ref_type, struct jl_bytes ref,
                          struct jl_err *err) {
    const struct jl_type *type = jl_catalogue_type(titling->desk->books->catalogue, ref_type);
    struct jl_id id;
    if (type == NULL || jl_id_from_bytes(ref, &id, NULL) != JL_OK) {
        return jl_buf_put_text(titling->out, "?", err);
    }
    uint8_t key[sizeof ref_type + JL_ID_BYTES];
    memcpy(key, &ref_type, sizeof ref_type);
    memcpy(key + sizeof ref_type, id.bytes, JL_ID_BYTES);
    const struct jl_bytes *kept = jl_map_get(&titling->titles->map, jl_bytes(key, sizeof key));
    if (kept != NULL) {
        return jl_buf_put(titling->out, kept->data, kept->size, err);
    }
    return keep_title(titling, type, &id, jl_bytes(key, sizeof key), err);
}

static bool has_ref_title(const struct jl_type *type) {
    for (size_t i = 0; i < type->title_count; i++) {
        const struct jl_field *field = jl_type_field(type, type->title[i]);
        if (field != NULL && field->kind == JL_KIND_REF && !field->sensitive) {
            return true;
        }
    }
    return false;
}

static enum jl_rc put_parts(struct titling *titling, const struct jl_type *type,
                            const struct jl_row *row, struct jl_err *err) {
    struct jl_buf *out = titling->out;
    size_t before = out->size;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < type->title_count; i++) {
        const struct jl_field *field = jl_type_field(type, type->title[i]);
        const struct jl_value *value = field == NULL ? NULL : jl_row_get(row, field->number);
        if (value == NULL || field->sensitive) {
            continue;
        }
        if (out->size > before) {
            rc = jl_buf_put_u8(out, ' ', err);
        }
        const struct jl_value *name =
            field->number == type->transfer_subject ? jl_row_get(row, type->transfer_name) : NULL;
        if (rc == JL_OK && name != NULL && name->kind == JL_VALUE_TEXT) {
            /* The office joined does not have what moves yet, the one left not any more. */
            rc = jl_buf_put(out, name->bytes.data, name->bytes.size, err);
        } else if (rc == JL_OK && field->kind == JL_KIND_REF) {
            rc = put_ref(titling, field->ref_type, value->bytes, err);
        } else if (rc == JL_OK) {
            rc = jl_format_field(field, value, titling->desk->language, out, err);
        }
    }
    if (rc == JL_OK && out->size == before) {
        rc = jl_buf_put_text(out, jl_desk_label(titling->desk, &type->label), err);
    }
    return rc;
}

static enum jl_rc put_title(struct titling *titling, const struct jl_type *type,
                            const struct jl_book_record *record, struct jl_err *err) {
    enum jl_language language = titling->desk->language;
    const struct jl_bytes left = record->head.title;
    if (record->head.state == JL_RECORD_LEFT) {
        enum jl_rc rc = jl_buf_put(titling->out, left.data, left.size, err);
        return rc == JL_OK
                   ? jl_buf_put_text(titling->out, JL_ZH_EN(language, "（已转出）", " (left)"), err)
                   : rc;
    }
    if (titling->depth >= DEPTH_MAX || !has_ref_title(type)) {
        return jl_format_title(type, &record->row, language, titling->out, err);
    }
    return put_parts(titling, type, &record->row, err);
}

enum jl_rc jl_titles_put(struct jl_desk *desk, struct jl_titles *titles, const struct jl_type *type,
                         const struct jl_book_record *record, struct jl_buf *out,
                         struct jl_err *err) {
    struct titling titling = {.desk = desk, .titles = titles, .out = out};
    return put_title(&titling, type, record, err);
}

enum jl_rc jl_titles_put_value(struct jl_desk *desk, struct jl_titles *titles,
                               const struct jl_field *field, const struct jl_value *value,
                               struct jl_buf *out, struct jl_err *err) {
    if (field->kind == JL_KIND_REF && !field->sensitive && value->kind == JL_VALUE_BYTES) {
        struct titling titling = {.desk = desk, .titles = titles, .out = out};
        return put_ref(&titling, field->ref_type, value->bytes, err);
    }
    return jl_format_masked(field, value, desk->language, out, err);
}
