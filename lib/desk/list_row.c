/* A row in a list, and as JSON. */
#include "list_row.h"

#include "jielian/base/fault.h"
#include "jielian/books/books.h"
#include "jielian/desk/desk.h"
#include "jielian/desk/show.h"
#include "jielian/json/document.h"

void jl_list_row_names_fini(struct jl_list_row_names *names) {
    jl_offices_fini(&names->offices);
    jl_titles_fini(&names->titles);
}

void jl_list_row_make(const struct jl_desk *desk, const struct jl_list_row_names *names,
                      const struct jl_book_record *record, struct jl_list_row *out_row) {
    *out_row = (struct jl_list_row){
        .record = record,
        .type = jl_catalogue_type(desk->books->catalogue, record->head.type),
        .owner = jl_offices_name(&names->offices, record->row.owner, desk->language)};
}

enum jl_rc jl_list_row_name(struct jl_desk *desk, struct jl_list_row_names *names,
                            struct jl_list_row *row, struct jl_arena *arena, struct jl_err *err) {
    JL_AUTO(jl_buf) title = {0};
    row->label = jl_desk_label(desk, &row->type->label);
    enum jl_rc rc = jl_titles_put(desk, &names->titles, row->type, row->record, &title, err);
    return rc == JL_OK ? jl_arena_dup(arena, jl_buf_bytes(&title), &row->title, err) : rc;
}

static void write_state(const struct jl_list_row *row, const char *reason_key, const char *code_key,
                        struct jl_document *document) {
    jl_document_text(document, reason_key, row->reason);
    if (row->code != 0) {
        jl_document_count(document, code_key, row->code);
    } else {
        jl_document_null(document, code_key);
    }
}

/* Beside the fields, never in place of one. */
static void write_state_beside(const struct jl_list_row *row, struct jl_document *document) {
    const struct jl_type *type = row->type;
    if (jl_type_field_named(type, "state") == NULL) {
        jl_document_string(document, "state", jl_list_state_word(row->state));
    }
    write_state(row, jl_type_field_named(type, "reason") != NULL ? "state_reason" : "reason",
                jl_type_field_named(type, "code") != NULL ? "state_code" : "code", document);
}

void jl_list_write(const struct jl_desk *desk, const struct jl_list_row *row,
                   struct jl_document *document) {
    if (row->label == NULL) {
        jl_show_write(desk, row->type, row->record, document);
        if (row->state != JL_LIST_ANY) {
            write_state_beside(row, document);
        }
        return;
    }
    jl_document_string(document, "type", row->type->name);
    jl_document_string(document, "label", row->label);
    jl_document_id(document, "id", &row->record->row.id);
    jl_document_text(document, "title", row->title);
    if (row->state != JL_LIST_ANY) {
        jl_document_string(document, "state", jl_list_state_word(row->state));
        write_state(row, "reason", "code", document);
    }
    jl_document_object(document, "record");
    jl_show_write(desk, row->type, row->record, document);
    jl_document_end(document);
}
