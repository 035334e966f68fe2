/* A list is printed page by page, whatever its length; a table takes the widths of its columns from
 * its first rows. */
#include "record_print.h"

#include "jielian/base/date.h"
#include "jielian/base/fault.h"
#include "jielian/cli/cli.h"
#include "jielian/cli/print.h"
#include "jielian/cli/table.h"
#include "jielian/cli/terminal.h"
#include "jielian/desk/desk.h"
#include "jielian/desk/find.h"
#include "jielian/desk/list.h"
#include "jielian/desk/show.h"
#include "jielian/json/document.h"

#include <errno.h>

/* ---- Lists as JSON ---- */

/* Of one type: each record on a line of its own. */
static void write_row(const struct jl_desk *desk, const struct jl_list_row *row,
                      struct jl_document *document) {
    jl_document_object(document, NULL);
    document->style = row->label == NULL ? JL_DOCUMENT_LINE : JL_DOCUMENT_INDENTED;
    jl_list_write(desk, row, document);
    jl_document_end(document);
    document->style = JL_DOCUMENT_INDENTED;
}

static enum jl_rc print_json(const struct jl_desk *desk, struct jl_list *list, struct jl_err *err) {
    JL_AUTO(jl_document) document = {0};
    const struct jl_list_row *rows = NULL;
    size_t count = 0;
    jl_document_array(&document, NULL);
    enum jl_rc rc = jl_list_next(list, &rows, &count, err);
    while (rc == JL_OK && count > 0) {
        for (size_t i = 0; i < count; i++) {
            write_row(desk, &rows[i], &document);
        }
        rc = jl_print_part(&document, err);
        rc = rc == JL_OK ? jl_list_next(list, &rows, &count, err) : rc;
    }
    jl_document_end(&document);
    return rc == JL_OK ? jl_print_document(&document, err) : rc;
}

/* ---- Lists as a table ---- */

struct columns { /* of a list's table; the id is always the last */
    const struct jl_field *const *fields;
    size_t field_count;
    bool named; /* label and title instead */
    bool owner, reason;
};

static enum jl_rc open_table(struct jl_table *table, const struct columns *columns,
                             enum jl_language language, struct jl_err *err) {
    const char *headers[JL_LIST_FIELDS_MAX + 3];
    size_t count = 0;
    if (columns->named) {
        headers[count++] = JL_ZH_EN(language, "类别", "type");
        headers[count++] = JL_ZH_EN(language, "名称", "title");
    }
    for (size_t i = 0; i < columns->field_count; i++) {
        const struct jl_label *label = &columns->fields[i]->label;
        headers[count++] = jl_label_text(label, language);
    }
    if (columns->owner) {
        headers[count++] = JL_ZH_EN(language, "所属", "owner");
    }
    if (columns->reason) {
        headers[count++] = JL_ZH_EN(language, "原因", "reason");
    }
    headers[count++] = JL_ZH_EN(language, "系统编号", "id");
    enum jl_rc rc = jl_table_init(table, stdout, headers, count, err);
    for (size_t i = 0; i < columns->field_count; i++) {
        enum jl_kind kind = columns->fields[i]->kind;
        table->right[i] = kind == JL_KIND_INT || kind == JL_KIND_MONEY;
    }
    return rc;
}

static enum jl_rc put_row(struct jl_table *table, const struct columns *columns,
                          const struct jl_list_row *row, struct jl_err *err) {
    struct jl_bytes cells[JL_LIST_FIELDS_MAX + 3];
    char id[JL_ID_TEXT_BYTES];
    size_t count = 0;
    if (columns->named) {
        cells[count++] = jl_bytes_text(row->label);
        cells[count++] = row->title;
    }
    for (size_t i = 0; i < columns->field_count; i++) {
        cells[count++] = row->texts[i];
    }
    if (columns->owner) {
        cells[count++] = jl_bytes_text(row->owner);
    }
    if (columns->reason) {
        cells[count++] = row->reason;
    }
    jl_id_format(&row->record->row.id, id);
    cells[count++] = jl_bytes_text(id);
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = jl_table_cell(table, cells[i], err);
    }
    return rc;
}

static enum jl_rc print_table(const struct columns *columns, enum jl_language language,
                              struct jl_list *list, struct jl_err *err) {
    JL_AUTO(jl_table) table = {0};
    const struct jl_list_row *rows = NULL;
    size_t count = 0;
    enum jl_rc rc = open_table(&table, columns, language, err);
    do {
        rc = rc == JL_OK ? jl_list_next(list, &rows, &count, err) : rc;
        for (size_t i = 0; rc == JL_OK && i < count; i++) {
            rc = put_row(&table, columns, &rows[i], err);
        }
    } while (rc == JL_OK && count > 0);
    return rc == JL_OK ? jl_table_end(&table, err) : rc;
}

enum jl_rc jl_record_print_list(const struct jl_cli *cli, const struct jl_desk *desk,
                                struct jl_list *list, struct jl_err *err) {
    struct columns columns = {.named = jl_list_type(list) == NULL};
    if (cli->json) {
        return print_json(desk, list, err);
    }
    columns.fields = jl_list_fields(list, &columns.field_count);
    columns.owner = columns.named || desk->books->side == JL_SIDE_DISTRICT;
    columns.reason = jl_list_state_marked(jl_list_state(list));
    return print_table(&columns, cli->language, list, err);
}

/* ---- What was found ---- */

enum jl_rc jl_record_print_found(const struct jl_cli *cli, const struct jl_desk *desk,
                                 const struct jl_found *found, struct jl_err *err) {
    const struct columns columns = {.named = true, .owner = true};
    if (cli->json) {
        JL_AUTO(jl_document) document = {0};
        jl_document_array(&document, NULL);
        for (size_t i = 0; i < found->count; i++) {
            write_row(desk, &found->rows[i], &document);
        }
        jl_document_end(&document);
        return jl_print_document(&document, err);
    }
    JL_AUTO(jl_table) table = {0};
    enum jl_rc rc = open_table(&table, &columns, cli->language, err);
    for (size_t i = 0; rc == JL_OK && i < found->count; i++) {
        rc = put_row(&table, &columns, &found->rows[i], err);
    }
    return rc == JL_OK ? jl_table_end(&table, err) : rc;
}

/* ---- One alone ---- */

static enum jl_rc put_line(struct jl_table *table, const char *label, struct jl_bytes text,
                           struct jl_err *err) {
    enum jl_rc rc = jl_table_cell(table, jl_bytes_text(label), err);
    return rc == JL_OK ? jl_table_cell(table, text, err) : rc;
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
static enum jl_rc put_head(struct jl_table *table, const struct jl_shown *shown,
                           enum jl_language language, struct jl_err *err) {
    const struct jl_head *head = &shown->record.head;
    char id[JL_ID_TEXT_BYTES];
    char time[JL_DATE_TIME_BYTES];
    JL_AUTO(jl_buf) text = {0};
    jl_id_format(&head->id, id);
    enum jl_rc rc = put_line(table, JL_ZH_EN(language, "系统编号", "id"), jl_bytes_text(id), err);
    if (rc == JL_OK) {
        rc = put_line(table, JL_ZH_EN(language, "记录状态", "state"),
                      jl_bytes_text(state_text(head->state, language)), err);
    }
    if (rc == JL_OK) {
        rc = put_line(table, JL_ZH_EN(language, "所属", "owner"), jl_bytes_text(shown->owner), err);
    }
    if (rc != JL_OK || head->changed_ms == 0) {
        return rc;
    }
    jl_date_format_time(head->changed_ms, time);
    rc = jl_buf_printf(&text, err, "%s %.*s", time, (int)head->by_staff.size,
                       (const char *)head->by_staff.data);
    return rc == JL_OK ? put_line(table, JL_ZH_EN(language, "最后修改", "last change"),
                                  jl_buf_bytes(&text), err)
                       : rc;
}

static enum jl_rc print_shown(enum jl_language language, const struct jl_shown *shown,
                              struct jl_err *err) {
    const char *headers[2] = {JL_ZH_EN(language, "字段", "field"),
                              JL_ZH_EN(language, "内容", "value")};
    JL_AUTO(jl_buf) title = {0};
    JL_AUTO(jl_table) table = {0};
    enum jl_rc rc = jl_terminal_fit(shown->title, 0, &title, err);
    if (rc == JL_OK && printf("%s %.*s\n", jl_label_text(&shown->type->label, language),
                              (int)title.size, (const char *)title.data) < 0) {
        rc = jl_fault_system(err, JL_IO, JL_FAULT_OUTPUT, errno, "%s", "");
    }
    if (rc == JL_OK) {
        rc = jl_table_init(&table, stdout, headers, 2, err);
    }
    for (size_t i = 0; rc == JL_OK && i < shown->field_count; i++) {
        const struct jl_shown_field *field = &shown->fields[i];
        rc = put_line(&table, jl_label_text(&field->field->label, language), field->text, err);
    }
    if (rc == JL_OK) {
        rc = put_head(&table, shown, language, err);
    }
    return rc == JL_OK ? jl_table_end(&table, err) : rc;
}

enum jl_rc jl_record_print_shown(const struct jl_cli *cli, const struct jl_desk *desk,
                                 const struct jl_shown *shown, struct jl_err *err) {
    JL_AUTO(jl_document) document = {0};
    if (!cli->json) {
        return print_shown(cli->language, shown, err);
    }
    jl_document_object(&document, NULL);
    jl_show_write(desk, shown->type, &shown->record, &document);
    jl_document_end(&document);
    return jl_print_document(&document, err);
}
