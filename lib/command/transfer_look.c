/* `transfer list` and `transfer show`: who moves where, whose turn it is, until when, and what
 * stays behind. */
#include "jielian/base/fault.h"
#include "jielian/cli/print.h"
#include "jielian/cli/table.h"
#include "jielian/cli/terminal.h"
#include "jielian/command/commands.h"
#include "jielian/command/desk_session.h"
#include "jielian/desk/offices.h"
#include "jielian/desk/pages.h"
#include "jielian/desk/show.h"
#include "jielian/desk/titles.h"
#include "jielian/desk/transfer.h"

#include <inttypes.h>
#include <string.h>

struct looking {
    struct jl_cli *cli;
    struct jl_desk_session *session;
    const struct jl_type *type;
    struct jl_offices offices;
    struct jl_titles titles;
    bool open_only;
    json_t *items;
};

static void looking_fini(struct looking *looking) {
    jl_offices_fini(&looking->offices);
    jl_titles_fini(&looking->titles);
    json_decref(looking->items);
}

/* ---- Values ---- */

static const struct jl_value *value_of(const struct jl_row *row, uint32_t field) {
    const struct jl_value *value = field != 0 ? jl_row_get(row, field) : NULL;
    return value != NULL && value->kind != JL_VALUE_NULL ? value : NULL;
}

static const struct jl_desk_office *office_of(const struct looking *looking,
                                              const struct jl_row *row, uint32_t field) {
    const struct jl_value *value = value_of(row, field);
    for (size_t i = 0; value != NULL && i < looking->offices.count; i++) {
        const struct jl_desk_office *office = &looking->offices.items[i];
        if (value->bytes.size == JL_ID_BYTES &&
            memcmp(value->bytes.data, office->id.bytes, JL_ID_BYTES) == 0) {
            return office;
        }
    }
    return NULL;
}

static json_t *office_code(const struct looking *looking, const struct jl_row *row,
                           uint32_t field) {
    const struct jl_desk_office *office = office_of(looking, row, field);
    return office != NULL ? json_string(office->code) : json_null();
}

static json_t *date_json(int64_t date) {
    char text[16];
    if (date == 0) {
        return json_null();
    }
    snprintf(text, sizeof text, "%04d-%02d-%02d", (int)(date / 10000), (int)(date / 100 % 100),
             (int)(date % 100));
    return json_string(text);
}

static const char *status_label(const struct looking *looking, int64_t status,
                                const char **out_key) {
    const struct jl_field *field = jl_type_field(looking->type, looking->type->flow.field);
    const struct jl_code *code = jl_code_list_code(field->codes, (uint32_t)status);
    *out_key = code != NULL ? code->key : "";
    return code == NULL                               ? ""
           : looking->cli->language == JL_LANGUAGE_EN ? code->label.en
                                                      : code->label.zh;
}

/* ---- One transfer ---- */

static enum jl_rc transfer_json(struct looking *looking, const struct jl_book_record *record,
                                json_t **out_item, struct jl_err *err) {
    const struct jl_type *type = looking->type;
    const struct jl_row *row = &record->row;
    struct jl_desk *desk = &looking->session->desk;
    int64_t today = jl_desk_today(desk);
    int64_t status = jl_row_number(row, type->flow.field);
    int64_t due = jl_row_number(row, type->flow.due_field);
    bool open = jl_transfer_open(type, status);
    const char *key = "";
    const char *label = status_label(looking, status, &key);
    char id[JL_ID_TEXT_BYTES];
    JL_AUTO(jl_buf) title = {0};
    enum jl_rc rc = jl_titles_put(desk, &looking->titles, type, record, &title, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_id_format(&record->head.id, id);
    *out_item =
        json_pack("{s:s, s:s%, s:o, s:o, s:s, s:s, s:b, s:o, s:o, s:b, s:o, s:o, s:o}", "id", id,
                  "title", title.size > 0 ? (const char *)title.data : "", title.size, "from",
                  office_code(looking, row, type->transfer_from), "to",
                  office_code(looking, row, type->transfer_to), "status", label, "step", key,
                  "open", (int)open, "turn",
                  open ? office_code(looking, row, jl_transfer_turn(type, status)) : json_null(),
                  "due_on", date_json(due), "overdue", (int)(open && due != 0 && due < today),
                  "asked_on", date_json(jl_row_number(row, type->transfer_asked)), "effective_on",
                  date_json(jl_row_number(row, type->transfer_effective)), "dependants",
                  value_of(row, type->transfer_dependants) != NULL
                      ? json_integer(jl_row_number(row, type->transfer_dependants))
                      : json_null());
    return *out_item != NULL ? JL_OK : jl_fault_memory(err);
}

static enum jl_rc begin(struct looking *looking, struct jl_err *err) {
    enum jl_rc rc = jl_desk_session_open(looking->cli, JL_STORE_READ, looking->session, err);
    if (rc == JL_OK) {
        rc = jl_desk_begin(&looking->session->desk, NULL, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    looking->type = jl_transfer_type(looking->session->desk.books->catalogue);
    if (looking->type == NULL) {
        jl_desk_end(&looking->session->desk);
        return jl_fault(err, JL_NOT_FOUND, JL_FAULT_TRANSFER_NONE);
    }
    rc = jl_offices_load(looking->session->desk.books, &looking->offices, err);
    if (rc != JL_OK) {
        jl_desk_end(&looking->session->desk);
    }
    return rc;
}

/* ---- list ---- */

static enum jl_rc add_page(struct looking *looking, const struct jl_pages *pages,
                           struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < pages->count; i++) {
        const struct jl_book_record *record = &pages->records[i];
        json_t *item = NULL;
        if (looking->open_only &&
            !jl_transfer_open(looking->type,
                              jl_row_number(&record->row, looking->type->flow.field))) {
            continue;
        }
        rc = transfer_json(looking, record, &item, err);
        if (rc == JL_OK && json_array_append_new(looking->items, item) != 0) {
            rc = jl_fault_memory(err);
        }
    }
    return rc;
}

static enum jl_rc read_all(struct looking *looking, struct jl_err *err) {
    struct jl_pages pages = {.books = looking->session->desk.books,
                             .scan = {.type = looking->type->number}};
    enum jl_rc rc = jl_pages_next(&pages, err);
    while (rc == JL_OK && pages.count > 0) {
        rc = add_page(looking, &pages, err);
        rc = rc == JL_OK ? jl_pages_next(&pages, err) : rc;
    }
    jl_pages_fini(&pages);
    return rc;
}

static enum jl_rc put_cell(struct jl_table *table, const json_t *item, const char *name,
                           struct jl_err *err) {
    const json_t *value = json_object_get(item, name);
    char number[24];
    if (json_is_integer(value)) {
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return jl_table_cell(table, jl_bytes_text(number), err);
    }
    const char *text = json_string_value(value);
    return jl_table_cell(table, jl_bytes_text(text != NULL ? text : ""), err);
}

static enum jl_rc print_table(const struct jl_cli *cli, const json_t *items, struct jl_err *err) {
    static const char *const names[] = {"id", "title", "from", "to", "status", "turn", "due_on"};
    static const char *const zh[] = {"编号", "会员",     "转出",     "转入",
                                     "状态", "轮到办理", "办理期限", "逾期"};
    static const char *const en[] = {"id", "member", "from", "to", "status", "turn", "due", "late"};
    enum { COLUMNS = sizeof names / sizeof *names };
    JL_AUTO(jl_table) table = {0};
    size_t index = 0;
    const json_t *item = NULL;
    enum jl_rc rc =
        jl_table_init(&table, stdout, cli->language == JL_LANGUAGE_EN ? en : zh, COLUMNS + 1, err);
    json_array_foreach(items, index, item) {
        for (size_t i = 0; rc == JL_OK && i < COLUMNS; i++) {
            rc = put_cell(&table, item, names[i], err);
        }
        bool late = json_is_true(json_object_get(item, "overdue"));
        rc = rc == JL_OK
                 ? jl_table_cell(&table,
                                 jl_bytes_text(late ? JL_ZH_EN(cli->language, "逾期", "late") : ""),
                                 err)
                 : rc;
    }
    return rc == JL_OK ? jl_table_end(&table, err) : rc;
}

static enum jl_rc list_transfers(struct jl_cli *cli, struct jl_desk_session *session,
                                 struct jl_err *err) {
    JL_AUTO(looking)
    looking = {.cli = cli,
               .session = session,
               .open_only = jl_cli_has(cli, "open"),
               .items = json_array()};
    if (looking.items == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = begin(&looking, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = read_all(&looking, err);
    jl_desk_end(&session->desk);
    if (rc != JL_OK) {
        return rc;
    }
    return cli->json ? jl_print_json(looking.items, stdout, err)
                     : print_table(cli, looking.items, err);
}

int jl_cmd_transfer_list(struct jl_cli *cli) {
    static const struct jl_option options[] = {{"open", NULL, "只列办理中的 / open ones only"}};
    static const struct jl_cli_spec spec = {.arguments = "", .options = options, .option_count = 1};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_LOOKS, list_transfers);
}

/* ---- show ---- */

static enum jl_rc add_dependants(void *context, const struct jl_type *type, uint64_t records,
                                 struct jl_err *err) {
    struct looking *looking = context;
    json_t *item = json_pack("{s:s, s:s, s:I}", "type", type->name, "label",
                             jl_desk_label(&looking->session->desk, &type->label), "records",
                             (json_int_t)records);
    return item != NULL && json_array_append_new(looking->items, item) == 0 ? JL_OK
                                                                            : jl_fault_memory(err);
}

/* What refers to the member at the office left, where these books have it. */
static enum jl_rc count_dependants(struct looking *looking, const struct jl_row *row, json_t *item,
                                   struct jl_err *err) {
    const struct jl_type *type = looking->type;
    const struct jl_value *subject = value_of(row, type->transfer_subject);
    const struct jl_desk_office *from = office_of(looking, row, type->transfer_from);
    struct jl_desk *desk = &looking->session->desk;
    struct jl_record_key key = {.type = jl_type_field(type, type->transfer_subject)->ref_type};
    bool here =
        desk->books->side == JL_SIDE_DISTRICT || (from != NULL && from->number == desk->owner);
    if (subject == NULL || from == NULL || !here) {
        return json_object_set_new(item, "left_behind", json_null()) == 0 ? JL_OK
                                                                          : jl_fault_memory(err);
    }
    enum jl_rc rc = jl_id_from_bytes(subject->bytes, &key.id, err);
    if (rc == JL_OK) {
        rc = jl_transfer_dependants(desk->books, &key, from->number, add_dependants, looking, err);
    }
    if (rc == JL_OK && json_object_set(item, "left_behind", looking->items) != 0) {
        rc = jl_fault_memory(err);
    }
    return rc;
}

static enum jl_rc read_one(struct looking *looking, const struct jl_id *id, json_t **out_item,
                           struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record = {0};
    struct jl_desk *desk = &looking->session->desk;
    const struct jl_record_key key = {.type = looking->type->number, .id = *id};
    json_t *fields = NULL;
    enum jl_rc rc = jl_books_load(desk->books, &key, 1, &arena, &record, err);
    if (rc == JL_OK && !jl_books_head_shown(&record.head)) {
        rc =
            jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_TRANSFER_MISSING, "%s", looking->cli->words[0]);
    }
    if (rc == JL_OK) {
        rc = transfer_json(looking, &record, out_item, err);
    }
    if (rc == JL_OK) {
        rc = count_dependants(looking, &record.row, *out_item, err);
    }
    if (rc == JL_OK) {
        rc = jl_show_json(desk, &record, &fields, err);
    }
    return rc == JL_OK && json_object_set_new(*out_item, "record", fields) != 0
               ? jl_fault_memory(err)
               : rc;
}

static enum jl_rc print_line(const char *label, const char *text, struct jl_err *err) {
    JL_AUTO(jl_buf) fitted = {0};
    if (text == NULL || text[0] == '\0') {
        return JL_OK;
    }
    enum jl_rc rc = jl_terminal_fit(jl_bytes_text(text), 0, &fitted, err);
    if (rc == JL_OK) {
        printf("%s：%.*s\n", label, (int)fitted.size, (const char *)fitted.data);
    }
    return rc;
}

static enum jl_rc print_one(const struct jl_cli *cli, const json_t *item, struct jl_err *err) {
    static const struct {
        const char *key, *zh, *en;
    } lines[] = {{"title", "会员", "member"},
                 {"from", "转出", "from"},
                 {"to", "转入", "to"},
                 {"status", "状态", "status"},
                 {"turn", "轮到办理", "turn"},
                 {"due_on", "办理期限", "due"},
                 {"asked_on", "申请日期", "asked"},
                 {"effective_on", "生效日期", "effective"}};
    size_t index = 0;
    const json_t *each = NULL;
    const json_t *left = json_object_get(item, "left_behind");
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < sizeof lines / sizeof *lines; i++) {
        rc = print_line(JL_ZH_EN(cli->language, lines[i].zh, lines[i].en),
                        json_string_value(json_object_get(item, lines[i].key)), err);
    }
    if (json_is_true(json_object_get(item, "overdue"))) {
        printf("%s\n", JL_ZH_EN(cli->language, "已逾期，请尽快办理", "overdue"));
    }
    json_array_foreach(left, index, each) {
        printf("%s %s %" JSON_INTEGER_FORMAT "\n",
               index == 0 ? JL_ZH_EN(cli->language, "留在转出镇街、不随会员转走的记录：",
                                     "records that stay with the office left:")
                          : " ",
               json_string_value(json_object_get(each, "label")),
               json_integer_value(json_object_get(each, "records")));
    }
    if (json_is_null(left) && json_is_integer(json_object_get(item, "dependants"))) {
        printf(JL_ZH_EN(cli->language,
                        "转出镇街另有 %" JSON_INTEGER_FORMAT
                        " 条与该会员有关的记录，不随会员转来\n",
                        "%" JSON_INTEGER_FORMAT " records about the member stay with the office "
                        "left\n"),
               json_integer_value(json_object_get(item, "dependants")));
    }
    return rc;
}

static enum jl_rc show_transfer(struct jl_cli *cli, struct jl_desk_session *session,
                                struct jl_err *err) {
    JL_AUTO(looking) looking = {.cli = cli, .session = session, .items = json_array()};
    struct jl_id id = {{0}};
    json_t *item = NULL;
    enum jl_rc rc = looking.items != NULL ? jl_cli_id(cli, 0, &id, err) : jl_fault_memory(err);
    if (rc == JL_OK) {
        rc = begin(&looking, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = read_one(&looking, &id, &item, err);
    jl_desk_end(&session->desk);
    if (rc == JL_OK) {
        rc = cli->json ? jl_print_json(item, stdout, err) : print_one(cli, item, err);
    }
    json_decref(item);
    return rc;
}

int jl_cmd_transfer_show(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {.arguments = "ID", .least = 1, .most = 1};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_LOOKS, show_transfer);
}
