/* `quarantine list|show`: what suspended devices delivered, and what it would do. */
#include "held.h"
#include "json_time.h"

#include "jielian/base/fault.h"
#include "jielian/cli/print.h"
#include "jielian/cli/terminal.h"
#include "jielian/desk/history.h"
#include "jielian/record/format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct asking {
    struct jl_cli *cli;
    struct jl_desk_session *session;
    uint32_t device; /* 0: all */
    json_t *rows;
    struct jl_run wanted; /* show: one op */
};

static const char *decision_word(enum jl_decision decision) {
    switch (decision) {
    case JL_DECISION_ADMIT:
        return "admit";
    case JL_DECISION_REFUSE:
        return "refuse";
    case JL_DECISION_NONE:
        break;
    }
    return NULL;
}

/* ---- What an op is about ---- */

/* The record as it stands, in the arena; and its title, or that of the record to be made. */
static enum jl_rc load_subject(struct jl_district *district, const struct jl_op *op,
                               struct jl_arena *arena, struct jl_book_record *out_record,
                               struct jl_buf *out_title, struct jl_err *err) {
    const struct jl_type *type = jl_catalogue_type(district->books->catalogue, op->type);
    const struct jl_record_key key = {.type = op->type, .id = op->id};
    const struct jl_row made = {
        .type = op->type, .id = op->id, .fields = op->new_fields, .field_count = op->new_count};
    enum jl_rc rc = jl_books_load(district->books, &key, 1, arena, out_record, err);
    if (rc != JL_OK || type == NULL) {
        return rc;
    }
    const struct jl_row *row = out_record->head.rid != 0 ? &out_record->row : &made;
    return jl_format_title(type, row, JL_LANGUAGE_ZH, out_title, err);
}

static enum jl_rc describe(struct asking *asking, const struct jl_held_op *held,
                           struct jl_book_record *record, json_t **out_item, struct jl_err *err) {
    struct jl_district *district = asking->session->district;
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_buf) title = {0};
    char name[JL_HELD_NAME_BYTES];
    char id[JL_ID_TEXT_BYTES] = "";
    const struct jl_op *op = held->op;
    const struct jl_device *device = jl_roster_device(district, held->origin->device);
    const struct jl_office_entry *office = jl_roster_office(district, device->office);
    const struct jl_type *type =
        op != NULL ? jl_catalogue_type(district->books->catalogue, op->type) : NULL;
    enum jl_rc rc = JL_OK;
    if (op != NULL) {
        rc = load_subject(district, op, &arena, record, &title, err);
        jl_id_format(&op->id, id);
    }
    if (rc != JL_OK) {
        return rc;
    }
    bool english = asking->cli->language == JL_LANGUAGE_EN;
    jl_held_name(held->origin, held->seq, name);
    *out_item = json_pack(
        "{s:I, s:s, s:s, s:I, s:o, s:o, s:s, s:s, s:s, s:s, s:s%, s:s%, s:s?, s:s}", "device",
        (json_int_t)device->number, "office", office != NULL ? office->code : "", "name", name,
        "seq", (json_int_t)held->seq, "made_at", jl_json_time(op != NULL ? op->made_ms : 0),
        "received_at", jl_json_time(held->at_ms), "what",
        op != NULL ? jl_history_what(op->kind) : "unreadable", "type",
        type != NULL ? type->name : "", "label",
        type != NULL ? (english ? type->label.en : type->label.zh) : "", "id", id, "title",
        title.size > 0 ? (const char *)title.data : "", title.size, "staff",
        op != NULL && op->staff.size > 0 ? (const char *)op->staff.data : "",
        op != NULL ? op->staff.size : 0, "decision", decision_word(held->decision), "reason",
        held->reason);
    return *out_item != NULL ? JL_OK : jl_fault_memory(err);
}

/* ---- list ---- */

static enum jl_rc add_row(void *context, const struct jl_held_op *held, struct jl_err *err) {
    struct asking *asking = context;
    struct jl_book_record record = {0};
    json_t *item = NULL;
    enum jl_rc rc = describe(asking, held, &record, &item, err);
    if (rc == JL_OK && json_array_append_new(asking->rows, item) != 0) {
        rc = jl_fault_memory(err);
    }
    return rc;
}

static enum jl_rc read_rows(struct asking *asking, struct jl_err *err) {
    struct jl_district *district = asking->session->district;
    enum jl_rc rc = jl_district_begin(district, false, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    for (size_t i = 0; rc == JL_OK && i < district->device_count; i++) {
        uint32_t number = district->devices[i].number;
        if (asking->device == 0 || asking->device == number) {
            rc = jl_quarantine_each(district, number, add_row, asking, err);
        }
    }
    jl_store_rollback(district->books->store);
    return rc;
}

static enum jl_rc print_rows(struct asking *asking, struct jl_err *err) {
    static const struct jl_print_column columns[] = {
        {"device", "设备", "device", true},     {"office", "镇街", "office", false},
        {"name", "序号", "change", true},       {"made_at", "时间", "made", false},
        {"staff", "经办人", "staff", false},    {"what", "操作", "what", false},
        {"label", "类型", "type", false},       {"title", "记录", "record", false},
        {"decision", "审定", "decided", false},
    };
    if (asking->cli->json) {
        return jl_print_json(asking->rows, stdout, err);
    }
    return jl_print_table(asking->cli, asking->rows, columns, sizeof columns / sizeof *columns,
                          err);
}

static enum jl_rc list_held(struct jl_cli *cli, struct jl_desk_session *session,
                            struct jl_err *err) {
    struct asking asking = {.cli = cli, .session = session, .rows = json_array()};
    const char *word = jl_cli_value(cli, "device");
    enum jl_rc rc = asking.rows != NULL ? JL_OK : jl_fault_memory(err);
    if (rc == JL_OK) {
        rc = jl_desk_session_open(cli, JL_STORE_READ, session, err);
    }
    if (rc == JL_OK && word != NULL) {
        rc = jl_held_device(session, word, &asking.device, err);
    }
    if (rc == JL_OK) {
        rc = read_rows(&asking, err);
    }
    if (rc == JL_OK) {
        rc = print_rows(&asking, err);
    }
    json_decref(asking.rows);
    return rc;
}

/* ---- show ---- */

static json_t *value_json(const struct jl_field *field, const struct jl_value *value,
                          enum jl_language language) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_bytes text;
    if (jl_history_text(field, value, language, &arena, &text, NULL) != JL_OK) {
        return NULL;
    }
    return text.data != NULL ? json_stringn((const char *)text.data, text.size) : json_null();
}

/* What the op changes: as its author saw it, as it is to be, as it is now. */
static enum jl_rc add_fields(struct asking *asking, const struct jl_op *op,
                             const struct jl_row *now, json_t *item, struct jl_err *err) {
    const struct jl_type *type =
        jl_catalogue_type(asking->session->district->books->catalogue, op->type);
    const struct jl_row old = {.fields = op->old_fields, .field_count = op->old_count};
    const struct jl_row new = {.fields = op->new_fields, .field_count = op->new_count};
    const enum jl_language language = asking->cli->language;
    const struct jl_row *named = op->kind == JL_OP_DELETE ? &old : &new;
    json_t *fields = json_array();
    bool made = fields != NULL;
    for (size_t i = 0; made && type != NULL && i < named->field_count; i++) {
        uint32_t number = named->fields[i].field;
        const struct jl_field *field = jl_type_field(type, number);
        const char *label = field == NULL                ? ""
                            : language == JL_LANGUAGE_EN ? field->label.en
                                                         : field->label.zh;
        const struct jl_value *stands = now != NULL ? jl_row_get(now, number) : NULL;
        json_t *one =
            json_pack("{s:s, s:s, s:o, s:o, s:o}", "field", field != NULL ? field->name : "",
                      "label", label, "old", value_json(field, jl_row_get(&old, number), language),
                      "new", value_json(field, jl_row_get(&new, number), language), "now",
                      value_json(field, stands, language));
        made = json_array_append_new(fields, one) == 0;
    }
    if (!made || json_object_set_new(item, "fields", fields) != 0) {
        return jl_fault_memory(err);
    }
    return JL_OK;
}

static const char *standing_of(const struct jl_district *district, const struct jl_op *op,
                               uint32_t office, const struct jl_book_record *record) {
    const struct jl_type *type = jl_catalogue_type(district->books->catalogue, op->type);
    if (record->head.rid == 0) {
        return "absent";
    }
    if (record->row.deleted) {
        return "deleted";
    }
    bool own = type != NULL && type->owner == JL_SIDE_OFFICE && record->row.owner == office;
    return own ? "there" : "elsewhere";
}

static enum jl_rc show_one(void *context, const struct jl_held_op *held, struct jl_err *err) {
    struct asking *asking = context;
    struct jl_district *district = asking->session->district;
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_buf) title = {0};
    struct jl_book_record record = {0};
    json_t *item = NULL;
    if (held->seq != asking->wanted.first_seq || held->origin->number != asking->wanted.origin) {
        return JL_OK;
    }
    enum jl_rc rc = describe(asking, held, &record, &item, err);
    if (rc == JL_OK && held->op != NULL) {
        rc = load_subject(district, held->op, &arena, &record, &title, err);
    }
    if (rc == JL_OK && held->op != NULL) {
        bool live = record.head.rid != 0 && !record.row.deleted;
        uint32_t office = jl_roster_device(district, held->origin->device)->office;
        rc = add_fields(asking, held->op, live ? &record.row : NULL, item, err);
        if (rc == JL_OK && json_object_set_new(item, "record",
                                               json_string(standing_of(district, held->op, office,
                                                                       &record))) != 0) {
            rc = jl_fault_memory(err);
        }
    }
    if (rc != JL_OK || json_array_append_new(asking->rows, item) != 0) {
        return rc != JL_OK ? rc : jl_fault_memory(err);
    }
    return JL_OK;
}

static const char *text_of(const json_t *item, const char *name) {
    const char *text = json_string_value(json_object_get(item, name));
    return text != NULL ? text : "";
}

static enum jl_rc print_fit(const char *text, struct jl_err *err) {
    JL_AUTO(jl_buf) fitted = {0};
    enum jl_rc rc = jl_terminal_fit(jl_bytes_text(text), 0, &fitted, err);
    if (rc == JL_OK) {
        printf("%.*s", (int)fitted.size, fitted.size > 0 ? (const char *)fitted.data : "");
    }
    return rc;
}

static const char *standing_text(enum jl_language language, const char *standing) {
    if (strcmp(standing, "absent") == 0) {
        return JL_ZH_EN(language, "区里还没有这条记录", "the district has no such record yet");
    }
    if (strcmp(standing, "deleted") == 0) {
        return JL_ZH_EN(language, "区里这条记录已删除", "the record is deleted here");
    }
    if (strcmp(standing, "elsewhere") == 0) {
        return JL_ZH_EN(language, "这条记录不归该镇街", "the record is not that office's");
    }
    return JL_ZH_EN(language, "区里有这条记录", "the district has the record");
}

static enum jl_rc print_op(const struct jl_cli *cli, const json_t *item, struct jl_err *err) {
    size_t index = 0;
    const json_t *field = NULL;
    const char *const parts[] = {"name", "staff", "what", "label", "title", "id"};
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < sizeof parts / sizeof *parts; i++) {
        printf("%s", i == 0 ? "" : "  ");
        rc = print_fit(text_of(item, parts[i]), err);
    }
    printf("\n%s\n", standing_text(cli->language, text_of(item, "record")));
    json_array_foreach(json_object_get(item, "fields"), index, field) {
        const char *const values[] = {"old", "new", "now"};
        printf("  %s: ", text_of(field, "label"));
        for (int i = 0; rc == JL_OK && i < 3; i++) {
            printf("%s", i == 0   ? ""
                         : i == 1 ? " → "
                                  : JL_ZH_EN(cli->language, "　现为：", "   now: "));
            rc = print_fit(text_of(field, values[i]), err);
        }
        printf("\n");
    }
    return rc;
}

static enum jl_rc show_held(struct jl_cli *cli, struct jl_desk_session *session,
                            struct jl_err *err) {
    struct asking asking = {.cli = cli, .session = session, .rows = json_array()};
    enum jl_rc rc = asking.rows != NULL ? JL_OK : jl_fault_memory(err);
    if (rc == JL_OK) {
        rc = jl_desk_session_open(cli, JL_STORE_READ, session, err);
    }
    if (rc == JL_OK) {
        rc = jl_held_device(session, cli->words[0], &asking.device, err);
    }
    if (rc == JL_OK) {
        rc = jl_held_run(session, asking.device, cli->words[1], &asking.wanted, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_begin(session->district, false, NULL, err);
    }
    if (rc == JL_OK) {
        rc = jl_quarantine_each(session->district, asking.device, show_one, &asking, err);
        jl_store_rollback(session->district->books->store);
    }
    if (rc == JL_OK && json_array_size(asking.rows) == 0) {
        rc = jl_held_missing(cli->words[1], err);
    }
    const json_t *item = json_array_get(asking.rows, 0);
    if (rc == JL_OK) {
        rc = cli->json ? jl_print_json(item, stdout, err) : print_op(cli, item, err);
    }
    json_decref(asking.rows);
    return rc;
}

/* ---- Commands ---- */

int jl_cmd_quarantine_list(struct jl_cli *cli) {
    static const struct jl_option options[] = {{"device", "N", "只看一台设备 / of one device"}};
    static const struct jl_cli_spec spec = {.arguments = "", .options = options, .option_count = 1};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_LOOKS, list_held);
}

int jl_cmd_quarantine_show(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {.arguments = "DEVICE SEQ", .least = 2, .most = 2};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_LOOKS, show_held);
}
