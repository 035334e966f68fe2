/* Export and template: one layout, so that what goes out can come back in.
 *
 *   label of each field that is not hidden, in the order of the form | 系统编号
 *
 * Codes by label, dates 2021-01-05, amounts in 元. The last column names the record for ever, so an
 * export of masked values, or of types without a key, comes back as 未变 too.
 *
 * A reference is written as people know it, as long as import will find the same record by that:
 *
 *   a title, a credit code, a name of a union    when exactly this record answers to it
 *   an ID number                                 unmasked exports only
 *   张三（0190…-…）                               otherwise */
#include "jielian/sheet/export.h"
#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/id.h"
#include "jielian/base/language.h"
#include "jielian/base/map.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/desk/desk.h"
#include "jielian/desk/pages.h"
#include "jielian/desk/ref.h"
#include "jielian/desk/titles.h"
#include "jielian/record/format.h"
#include "jielian/sheet/csv.h"

#include <string.h>

const char jl_export_header_id[] = "系统编号";
const char jl_export_header_reason[] = "原因";

enum { FILE_MODE = 0600 }; /* personal data */

struct export {
    struct jl_desk *desk;
    const struct jl_type *type;
    bool unmask;
    struct jl_buf out;
    struct jl_buf cell;
    struct jl_map refs; /* type and id → struct jl_bytes */
    struct jl_arena kept;
    struct jl_titles titles;
};

static void export_fini(struct export *export) {
    jl_buf_wipe(&export->out);
    jl_buf_wipe(&export->cell);
    jl_map_fini(&export->refs);
    jl_arena_fini(&export->kept);
    jl_titles_fini(&export->titles);
}

/* ---- The header ---- */

static enum jl_rc put_header(const struct jl_type *type, struct jl_buf *out, struct jl_err *err) {
    bool first = true;
    enum jl_rc rc = jl_csv_put_mark(out, err);
    for (size_t i = 0; rc == JL_OK && i < type->field_count; i++) {
        if (!type->fields[i].hidden) {
            rc = jl_csv_put_cell(out, first, jl_bytes_text(type->fields[i].label.zh), err);
            first = false;
        }
    }
    if (rc == JL_OK) {
        rc = jl_csv_put_cell(out, first, jl_bytes_text(jl_export_header_id), err);
    }
    return rc == JL_OK ? jl_csv_end_row(out, err) : rc;
}

enum jl_rc jl_export_template(struct jl_desk *desk, const struct jl_type *type, const char *path,
                              struct jl_err *err) {
    (void)desk; /* the catalogue that the type came from is all it takes */
    JL_AUTO(jl_buf) out = {0};
    enum jl_rc rc = put_header(type, &out, err);
    return rc == JL_OK ? jl_file_write(path, jl_buf_bytes(&out), 0644, true, err) : rc;
}

/* ---- References ---- */

/* Does import find exactly this record by the text? */
static enum jl_rc answers(struct export *export, const struct jl_type *type, const struct jl_id *id,
                          struct jl_bytes text, bool *out_answers, struct jl_err *err) {
    struct jl_ref_query query = {.text = text};
    *out_answers = false;
    if (text.size == 0) {
        return JL_OK;
    }
    enum jl_rc rc = jl_ref_resolve(export->desk, type->number, &query, 1, err);
    *out_answers = rc == JL_OK && query.rc == JL_OK && jl_id_equal(&query.id, id);
    return rc;
}

static bool has_sealed_unique(const struct jl_type *type) {
    for (size_t i = 0; i < type->field_count; i++) {
        if (type->fields[i].unique && type->fields[i].sensitive) {
            return true;
        }
    }
    return false;
}

/* A field's value as the text of the reference, if it answers. Names of people are no candidates:
 * the next person of that name would take them over. */
static enum jl_rc try_field(struct export *export, const struct jl_type *type,
                            const struct jl_book_record *record, const struct jl_field *field,
                            bool *out_answers, struct jl_err *err) {
    const struct jl_value *value = field == NULL ? NULL : jl_row_get(&record->row, field->number);
    *out_answers = false;
    if (value == NULL || field->kind == JL_KIND_REF || field->rule == JL_RULE_PERSON_NAME ||
        (field->sensitive && !export->unmask)) {
        return JL_OK;
    }
    jl_buf_reset(&export->cell);
    enum jl_rc rc = jl_format_field(field, value, JL_LANGUAGE_ZH, &export->cell, err);
    return rc == JL_OK ? answers(export, type, &record->row.id, jl_buf_bytes(&export->cell),
                                 out_answers, err)
                       : rc;
}

static enum jl_rc put_title_and_id(struct export *export, const struct jl_type *type,
                                   const struct jl_book_record *record, struct jl_err *err) {
    char id[JL_ID_TEXT_BYTES];
    jl_id_format(&record->row.id, id);
    jl_buf_reset(&export->cell);
    enum jl_rc rc = jl_titles_put(export->desk, &export->titles, type, record, &export->cell, err);
    return rc == JL_OK ? jl_buf_printf(&export->cell, err, "（%s）", id) : rc;
}

/* The best text for a referred record, into cell. */
static enum jl_rc make_ref(struct export *export, const struct jl_type *type,
                           const struct jl_id *id, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    const struct jl_record_key key = {.type = type->number, .id = *id};
    struct jl_book_record record;
    bool found = false;
    enum jl_rc rc = jl_books_load(export->desk->books, &key, 1, &arena, &record, err);
    if (rc == JL_OK && !jl_books_head_shown(&record.head)) {
        char text[JL_ID_TEXT_BYTES];
        jl_id_format(id, text);
        jl_buf_reset(&export->cell);
        return jl_buf_put_text(&export->cell, text, err);
    }
    if (rc == JL_OK && !has_sealed_unique(type)) {
        rc = try_field(export, type, &record, jl_ref_title_field(type, JL_KIND_TEXT), &found, err);
    }
    for (size_t i = 0; rc == JL_OK && !found && i < type->field_count; i++) {
        if (type->fields[i].unique) {
            rc = try_field(export, type, &record, &type->fields[i], &found, err);
        }
    }
    return rc == JL_OK && !found ? put_title_and_id(export, type, &record, err) : rc;
}

static enum jl_rc put_ref(struct export *export, bool first, const struct jl_field *field,
                          struct jl_bytes ref, struct jl_err *err) {
    const struct jl_type *type = jl_catalogue_type(export->desk->books->catalogue, field->ref_type);
    uint8_t key[sizeof field->ref_type + JL_ID_BYTES];
    struct jl_id id;
    if (type == NULL || jl_id_from_bytes(ref, &id, NULL) != JL_OK) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_EXPORT_REF, "%s", field->name);
    }
    memcpy(key, &field->ref_type, sizeof field->ref_type);
    memcpy(key + sizeof field->ref_type, id.bytes, JL_ID_BYTES);
    struct jl_bytes *text = jl_map_get(&export->refs, jl_bytes(key, sizeof key));
    if (text == NULL) {
        text = jl_arena_zalloc(&export->kept, 1, sizeof *text);
        enum jl_rc rc = text != NULL ? make_ref(export, type, &id, err) : jl_fault_memory(err);
        if (rc == JL_OK) {
            rc = jl_arena_dup(&export->kept, jl_buf_bytes(&export->cell), text, err);
        }
        void **place =
            rc == JL_OK ? jl_map_place(&export->refs, jl_bytes(key, sizeof key), &export->kept, err)
                        : NULL;
        if (place == NULL) {
            return rc != JL_OK ? rc : JL_NOMEM;
        }
        *place = text;
    }
    return jl_csv_put_cell(&export->out, first, *text, err);
}

/* ---- Rows ---- */

static enum jl_rc put_value(struct export *export, bool first, const struct jl_field *field,
                            const struct jl_value *value, struct jl_err *err) {
    if (value == NULL) {
        return jl_csv_put_cell(&export->out, first, jl_bytes(NULL, 0), err);
    }
    if (field->kind == JL_KIND_REF && !field->sensitive) {
        return put_ref(export, first, field, value->bytes, err);
    }
    jl_buf_reset(&export->cell);
    enum jl_rc rc = export->unmask
                        ? jl_format_field(field, value, JL_LANGUAGE_ZH, &export->cell, err)
                        : jl_format_masked(field, value, JL_LANGUAGE_ZH, &export->cell, err);
    return rc == JL_OK ? jl_csv_put_cell(&export->out, first, jl_buf_bytes(&export->cell), err)
                       : rc;
}

static enum jl_rc put_row(struct export *export, const struct jl_row *row, struct jl_err *err) {
    char id[JL_ID_TEXT_BYTES];
    bool first = true;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < export->type->field_count; i++) {
        const struct jl_field *field = &export->type->fields[i];
        if (!field->hidden) {
            rc = put_value(export, first, field, jl_row_get(row, field->number), err);
            first = false;
        }
    }
    jl_id_format(&row->id, id);
    if (rc == JL_OK) {
        rc = jl_csv_put_cell(&export->out, first, jl_bytes_text(id), err);
    }
    return rc == JL_OK ? jl_csv_end_row(&export->out, err) : rc;
}

static enum jl_rc put_rows(struct export *export, uint64_t *out_rows, struct jl_err *err) {
    const struct jl_desk *desk = export->desk;
    JL_AUTO(jl_pages)
    pages = {.books = desk->books,
             .scan = {.type = export->type->number,
                      .owner_set = export->type->owner == JL_SIDE_OFFICE && desk->owner != 0,
                      .owner = desk->owner}};
    enum jl_rc rc = put_header(export->type, &export->out, err);
    if (rc == JL_OK) {
        rc = jl_pages_next(&pages, err);
    }
    while (rc == JL_OK && pages.count > 0) {
        for (size_t i = 0; rc == JL_OK && i < pages.count; i++) {
            rc = put_row(export, &pages.records[i].row, err);
        }
        if (rc == JL_OK) {
            rc = jl_pages_next(&pages, err);
        }
    }
    *out_rows = pages.handed;
    return rc;
}

enum jl_rc jl_export_records(struct jl_desk *desk, const struct jl_type *type, const char *path,
                             bool unmask, uint64_t *out_rows, struct jl_err *err) {
    JL_AUTO(export) export = {.desk = desk, .unmask = unmask};
    uint64_t rows = 0;
    if (unmask && type->confined && desk->books->side == JL_SIDE_DISTRICT) {
        return jl_fault_at(err, JL_DENIED, JL_FAULT_EXPORT_UNMASK, "%s",
                           jl_desk_label(desk, &type->label));
    }
    enum jl_rc rc = jl_desk_begin(desk, &type, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_DESK_READING(desk);
    export.type = type;
    rc = put_rows(&export, &rows, err);
    if (rc == JL_OK) {
        rc = jl_file_write(path, jl_buf_bytes(&export.out), FILE_MODE, true, err);
    }
    if (rc == JL_OK) {
        *out_rows = rows;
    }
    return rc;
}
