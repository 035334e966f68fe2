/* One record for people and programs. */
#include "jielian/desk/show.h"
#include "jielian/base/fault.h"
#include "jielian/base/row.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/desk/desk.h"
#include "jielian/desk/offices.h"
#include "jielian/desk/titles.h"
#include "jielian/json/document.h"
#include "jielian/json/json.h"
#include "jielian/record/format.h"

/* ---- As JSON ---- */

static void write_value(const struct jl_desk *desk, const struct jl_field *field,
                        const struct jl_value *value, struct jl_document *document) {
    JL_AUTO(jl_buf) text = {0};
    if (value == NULL || value->kind == JL_VALUE_NULL) {
        jl_document_null(document, field->name);
        return;
    }
    if (value->kind == JL_VALUE_INT && !field->sensitive) {
        if (field->kind == JL_KIND_BOOL && (value->number == 0 || value->number == 1)) {
            jl_document_bool(document, field->name, value->number == 1);
            return;
        }
        if (field->kind == JL_KIND_INT) {
            jl_document_number(document, field->name, value->number);
            return;
        }
    }
    if (jl_format_masked(field, value, desk->language, &text, NULL) != JL_OK) {
        jl_document_fail(document);
    }
    jl_document_text(document, field->name, jl_buf_bytes(&text));
}

void jl_show_write(const struct jl_desk *desk, const struct jl_type *type,
                   const struct jl_book_record *record, struct jl_document *document) {
    jl_document_id(document, "id", &record->row.id);
    for (size_t i = 0; i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        if (!field->hidden) {
            write_value(desk, field, jl_row_get(&record->row, field->number), document);
        }
    }
}

enum jl_rc jl_show_json(struct jl_desk *desk, const struct jl_book_record *record,
                        json_t **out_object, struct jl_err *err) {
    const struct jl_type *type = jl_catalogue_type(desk->books->catalogue, record->row.type);
    JL_AUTO(jl_document) document = {0};
    if (type == NULL) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_INTERNAL, "type %u is not in the catalogue",
                           record->row.type);
    }
    jl_document_object(&document, NULL);
    jl_show_write(desk, type, record, &document);
    jl_document_end(&document);
    enum jl_rc rc = jl_document_check(&document, err);
    return rc == JL_OK ? jl_json_load(jl_buf_bytes(&document.text), out_object, err) : rc;
}

/* ---- For people ---- */

struct showing {
    struct jl_desk *desk;
    struct jl_arena *arena;
    struct jl_titles titles;
    struct jl_offices offices;
    struct jl_buf text;
};

static void showing_fini(struct showing *showing) {
    jl_titles_fini(&showing->titles);
    jl_offices_fini(&showing->offices);
    jl_buf_fini(&showing->text);
}

static enum jl_rc put_fields(struct showing *showing, struct jl_shown *shown, struct jl_err *err) {
    const struct jl_type *type = shown->type;
    struct jl_shown_field *fields =
        jl_arena_zalloc(showing->arena, type->field_count + 1, sizeof *fields);
    enum jl_rc rc = fields != NULL ? JL_OK : jl_fault_memory(err);
    for (size_t i = 0; rc == JL_OK && i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        const struct jl_value *value = jl_row_get(&shown->record.row, field->number);
        if (field->hidden || value == NULL) {
            continue;
        }
        struct jl_shown_field *put = &fields[shown->field_count++];
        put->field = field;
        jl_buf_reset(&showing->text);
        rc =
            jl_titles_put_value(showing->desk, &showing->titles, field, value, &showing->text, err);
        if (rc == JL_OK) {
            rc = jl_arena_dup(showing->arena, jl_buf_bytes(&showing->text), &put->text, err);
        }
    }
    shown->fields = fields;
    return rc;
}

static enum jl_rc put_names(struct showing *showing, struct jl_shown *shown, struct jl_err *err) {
    struct jl_desk *desk = showing->desk;
    enum jl_rc rc =
        jl_titles_put(desk, &showing->titles, shown->type, &shown->record, &showing->text, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(showing->arena, jl_buf_bytes(&showing->text), &shown->title, err);
    }
    if (rc == JL_OK) {
        rc = jl_offices_load(desk->books, &showing->offices, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    shown->owner = jl_arena_text(
        showing->arena, jl_bytes_text(jl_offices_name(&showing->offices, shown->record.head.owner,
                                                      desk->language)));
    return shown->owner != NULL ? JL_OK : jl_fault_memory(err);
}

enum jl_rc jl_show_record(struct jl_desk *desk, const struct jl_type *type, const struct jl_id *id,
                          struct jl_arena *arena, struct jl_shown *out_shown, struct jl_err *err) {
    JL_AUTO(showing) showing = {.desk = desk, .arena = arena};
    enum jl_rc rc = jl_desk_begin(desk, &type, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_DESK_READING(desk);
    const struct jl_record_key key = {.type = type->number, .id = *id};
    *out_shown = (struct jl_shown){.type = type};
    rc = jl_books_load(desk->books, &key, 1, arena, &out_shown->record, err);
    if (rc == JL_OK && out_shown->record.head.rid == 0) {
        rc = jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_DESK_RECORD_MISSING, "%s",
                         jl_desk_label(desk, &type->label));
    }
    if (rc == JL_OK) {
        rc = put_names(&showing, out_shown, err);
    }
    return rc == JL_OK ? put_fields(&showing, out_shown, err) : rc;
}
