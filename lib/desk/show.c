/* One record for people and programs. Sensitive values are masked on every way out of here. */
#include "jielian/desk/show.h"
#include "jielian/base/date.h"
#include "jielian/base/fault.h"
#include "jielian/base/id.h"
#include "jielian/base/language.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/cli/print.h"
#include "jielian/cli/table.h"
#include "jielian/cli/terminal.h"
#include "jielian/desk/desk.h"
#include "jielian/desk/offices.h"
#include "jielian/desk/titles.h"
#include "jielian/record/format.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* ---- JSON ---- */

static json_t *json_of_text(struct jl_bytes text) {
    return json_stringn((const char *)text.data, text.size);
}

/* A new reference, NULL when memory is used up. */
static json_t *json_of_value(struct jl_desk *desk, const struct jl_field *field,
                             const struct jl_value *value, struct jl_buf *scratch) {
    if (value == NULL || value->kind == JL_VALUE_NULL) {
        return json_null();
    }
    if (value->kind == JL_VALUE_INT && !field->sensitive) {
        if (field->kind == JL_KIND_BOOL && (value->number == 0 || value->number == 1)) {
            return json_boolean(value->number == 1);
        }
        if (field->kind == JL_KIND_INT) {
            return json_integer(value->number);
        }
    }
    jl_buf_reset(scratch);
    if (jl_format_masked(field, value, desk->language, scratch, NULL) != JL_OK) {
        return NULL;
    }
    return json_of_text(jl_buf_bytes(scratch));
}

enum jl_rc jl_show_json(struct jl_desk *desk, const struct jl_book_record *record,
                        json_t **out_object, struct jl_err *err) {
    const struct jl_type *type = jl_catalogue_type(desk->books->catalogue, record->row.type);
    char id[JL_ID_TEXT_BYTES];
    JL_AUTO(jl_buf) scratch = {0};
    if (type == NULL) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_INTERNAL, "type %u is not in the catalogue",
                           record->row.type);
    }
    json_t *object = json_object();
    jl_id_format(&record->row.id, id);
    bool made = object != NULL && json_object_set_new(object, "id", json_string(id)) == 0;
    for (size_t i = 0; made && i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        if (!field->hidden) {
            const struct jl_value *value = jl_row_get(&record->row, field->number);
            made = json_object_set_new(object, field->name,
                                       json_of_value(desk, field, value, &scratch)) == 0;
        }
    }
    if (!made) {
        json_decref(object);
        return jl_fault_memory(err);
    }
    *out_object = object;
    return JL_OK;
}

/* ---- Show ---- */

struct sheet {
    struct jl_desk *desk;
    const struct jl_book_record *record;
    struct jl_titles titles;
    struct jl_table table;
    struct jl_buf scratch;
};

static void sheet_fini(struct sheet *sheet) {
    jl_titles_fini(&sheet->titles);
    jl_table_fini(&sheet->table);
    jl_buf_fini(&sheet->scratch);
}

static enum jl_rc put_line(struct sheet *sheet, const char *label, struct jl_bytes text,
                           struct jl_err *err) {
    enum jl_rc rc = jl_table_cell(&sheet->table, jl_bytes_text(label), err);
    return rc == JL_OK ? jl_table_cell(&sheet->table, text, err) : rc;
}

static const char *state_text(enum jl_record_state state, enum jl_language language) {
    switch (state) {
    case JL_RECORD_LIVE:
        return JL_ZH_EN(language, "有效", "live");
    case JL_RECORD_DELETED:
        return JL_ZH_EN(language, "已删除", "deleted");
    case JL_RECORD_LEFT:
        return JL_ZH_EN(language, "已转出", "left");
    case JL_RECORD_PARKED:
        return JL_ZH_EN(language, "区里未收下，可修改后重报", "not taken by the district");
    }
    return "?";
}

/* Who has the record and who changed it last. */
static enum jl_rc put_head(struct sheet *sheet, struct jl_err *err) {
    struct jl_desk *desk = sheet->desk;
    const struct jl_head *head = &sheet->record->head;
    char text[JL_ID_TEXT_BYTES];
    char time[JL_DATE_TIME_BYTES];
    JL_AUTO(jl_offices) offices = {0};
    jl_id_format(&head->id, text);
    enum jl_rc rc =
        put_line(sheet, JL_ZH_EN(desk->language, "系统编号", "id"), jl_bytes_text(text), err);
    if (rc == JL_OK) {
        rc = put_line(sheet, JL_ZH_EN(desk->language, "记录状态", "state"),
                      jl_bytes_text(state_text(head->state, desk->language)), err);
    }
    if (rc == JL_OK) {
        rc = jl_offices_load(desk->books, &offices, err);
    }
    if (rc == JL_OK) {
        rc = put_line(sheet, JL_ZH_EN(desk->language, "所属", "owner"),
                      jl_bytes_text(jl_offices_name(&offices, head->owner, desk->language)), err);
    }
    if (rc != JL_OK || head->changed_ms == 0) {
        return rc;
    }
    jl_date_format_time(head->changed_ms, time);
    jl_buf_reset(&sheet->scratch);
    rc = jl_buf_printf(&sheet->scratch, err, "%s %.*s", time, (int)head->by_staff.size,
                       (const char *)head->by_staff.data);
    return rc == JL_OK ? put_line(sheet, JL_ZH_EN(desk->language, "最后修改", "last change"),
                                  jl_buf_bytes(&sheet->scratch), err)
                       : rc;
}

static enum jl_rc show_text(struct sheet *sheet, const struct jl_type *type, FILE *out,
                            struct jl_err *err) {
    struct jl_desk *desk = sheet->desk;
    enum jl_rc rc = jl_titles_put(desk, &sheet->titles, type, sheet->record, &sheet->scratch, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_AUTO(jl_buf) title = {0};
    rc = jl_terminal_fit(jl_buf_bytes(&sheet->scratch), 0, &title, err);
    const char *headers[2] = {JL_ZH_EN(desk->language, "字段", "field"),
                              JL_ZH_EN(desk->language, "内容", "value")};
    if (rc == JL_OK && fprintf(out, "%s %.*s\n", jl_desk_label(desk, &type->label), (int)title.size,
                               (const char *)title.data) < 0) {
        rc = jl_fault_system(err, JL_IO, JL_FAULT_OUTPUT, errno, "%s", "");
    }
    if (rc == JL_OK) {
        rc = jl_table_init(&sheet->table, out, headers, 2, err);
    }
    for (size_t i = 0; rc == JL_OK && i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        const struct jl_value *value = jl_row_get(&sheet->record->row, field->number);
        if (field->hidden || value == NULL) {
            continue;
        }
        jl_buf_reset(&sheet->scratch);
        rc = jl_titles_put_value(desk, &sheet->titles, field, value, &sheet->scratch, err);
        if (rc == JL_OK) {
            rc = put_line(sheet, jl_desk_label(desk, &field->label), jl_buf_bytes(&sheet->scratch),
                          err);
        }
    }
    if (rc == JL_OK) {
        rc = put_head(sheet, err);
    }
    jl_desk_end(desk); /* whoever reads it may be slow */
    return rc == JL_OK ? jl_table_end(&sheet->table, err) : rc;
}

enum jl_rc jl_show_record(struct jl_desk *desk, const struct jl_type *type, const struct jl_id *id,
                          bool json, FILE *out, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record;
    enum jl_rc rc = jl_desk_begin(desk, &type, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_DESK_READING(desk);
    const struct jl_record_key key = {.type = type->number, .id = *id};
    rc = jl_books_load(desk->books, &key, 1, &arena, &record, err);
    if (rc == JL_OK && record.head.rid == 0) {
        rc = jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_DESK_RECORD_MISSING, "%s",
                         jl_desk_label(desk, &type->label));
    }
    if (rc != JL_OK) {
        return rc;
    }
    if (json) {
        json_t *object = NULL;
        rc = jl_show_json(desk, &record, &object, err);
        jl_desk_end(desk);
        if (rc == JL_OK) {
            rc = jl_print_json(object, out, err);
        }
        json_decref(object);
        return rc;
    }
    JL_AUTO(sheet) sheet = {.desk = desk, .record = &record};
    return show_text(&sheet, type, out, err);
}
