/* `history TYPE ID`: every op that reached the record, from the journal. */
#include "cmd.h"

#include <inttypes.h>
#include <string.h>

struct telling {
    struct jl_cli *cli;
    struct jl_seat *seat;
    const struct jl_type *type;
    json_t *lines;
};

/* ---- Lines ---- */

static json_t *shown(const struct telling *telling, const struct jl_field *field,
                     const struct jl_value *value) {
    struct jl_err ignored;
    JL_AUTO(jl_buf) text = {0};
    if (value == NULL || value->kind == JL_VALUE_NULL) {
        return json_null();
    }
    if (field == NULL || field->hidden) {
        return json_string("…");
    }
    if (jl_field_format_masked(field, value, telling->cli->language, &text, &ignored) != JL_OK) {
        return NULL;
    }
    return json_stringn((const char *)text.data, text.size);
}

static bool add_change(const struct telling *telling, json_t *changes, const struct jl_op *op,
                       const struct jl_field_value *change) {
    const struct jl_field *field = jl_type_field(telling->type, change->field);
    const struct jl_row old = {.fields = op->old_fields, .field_count = op->old_count};
    char name[16];
    snprintf(name, sizeof name, "%" PRIu32, change->field);
    const char *label = field == NULL                              ? name
                        : telling->cli->language == JL_LANGUAGE_EN ? field->label.en
                                                                   : field->label.zh;
    return json_array_append_new(
               changes, json_pack("{s:s, s:s, s:o, s:o}", "field",
                                  field != NULL ? field->name : name, "label", label, "old",
                                  shown(telling, field, jl_row_get(&old, change->field)), "new",
                                  shown(telling, field, &change->value))) == 0;
}

static const char *what_of(enum jl_op_kind kind) {
    switch (kind) {
    case JL_OP_CREATE:
        return "create";
    case JL_OP_EDIT:
        return "edit";
    case JL_OP_DELETE:
        return "delete";
    case JL_OP_RESTORE:
        return "restore";
    case JL_OP_TRANSFER:
        return "transfer";
    case JL_OP_MERGE:
        return "merge";
    case JL_OP_RESOLVE:
        break;
    }
    return "resolve";
}

static const char *verdict_of(enum jl_verdict_code code) {
    switch (code) {
    case JL_VERDICT_APPLIED:
        return "applied";
    case JL_VERDICT_MERGED:
        return "merged";
    case JL_VERDICT_CASE:
        return "case";
    case JL_VERDICT_PARKED:
        return "parked";
    case JL_VERDICT_ALREADY:
        break;
    }
    return "already";
}

static enum jl_rc tell(void *context, const struct jl_history_line *line, struct jl_err *err) {
    struct telling *telling = context;
    const struct jl_op *op = &line->op;
    const struct jl_office_entry *office =
        jl_district_office(telling->seat->district, line->office);
    char set[JL_ID_TEXT_BYTES];
    json_t *changes = json_array();
    bool made = changes != NULL;
    for (size_t i = 0; made && op->kind != JL_OP_DELETE && i < op->new_count; i++) {
        made = add_change(telling, changes, op, &op->new_fields[i]);
    }
    jl_id_format(&op->change_set, set);
    json_t *item = json_pack(
        "{s:o, s:s%, s:s, s:I, s:s, s:O?, s:s, s:s%, s:s?, s:o, s:I}", "at",
        jl_json_time(op->made_ms), "staff", op->staff.size > 0 ? (const char *)op->staff.data : "",
        op->staff.size, "office", office != NULL ? office->code : "district", "device",
        (json_int_t)line->device, "what", what_of(op->kind), "changes", changes, "verdict",
        verdict_of(line->verdict), "reason",
        op->reason.size > 0 ? (const char *)op->reason.data : "", op->reason.size, "change_set",
        jl_id_is_zero(&op->change_set) ? NULL : set, "received_at", jl_json_time(line->received_ms),
        "journal", (json_int_t)line->journal_seq);
    json_decref(changes);
    if (!made || item == NULL || json_array_append_new(telling->lines, item) != 0) {
        return jl_fail(err, JL_NOMEM, "no memory for the history");
    }
    return JL_OK;
}

/* ---- Printing ---- */

static const struct word {
    const char *key, *zh;
} words[] = {
    {"create", "新增"},   {"edit", "修改"},   {"delete", "删除"},   {"restore", "恢复"},
    {"transfer", "转会"}, {"merge", "合并"},  {"resolve", "处理"},  {"applied", "已采纳"},
    {"merged", "已合并"}, {"case", "待处理"}, {"parked", "已退回"}, {"already", "已有"},
    {"district", "区级"},
};

static const char *in_words(const struct jl_cli *cli, const char *key) {
    for (size_t i = 0; cli->language == JL_LANGUAGE_ZH && i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].key, key) == 0) {
            return words[i].zh;
        }
    }
    return key;
}

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

/* Values may hold anything, so they are made fit for a terminal. */
static enum jl_rc print_fit(const char *text, struct jl_err *err) {
    JL_AUTO(jl_buf) fitted = {0};
    enum jl_rc rc = jl_text_fit(jl_bytes_text(text), 0, &fitted, err);
    if (rc == JL_OK && fitted.size > 0 &&
        fwrite(fitted.data, 1, fitted.size, stdout) != fitted.size) {
        rc = jl_fail(err, JL_IO, "writing the history: check the disk or the pipe");
    }
    return rc;
}

static enum jl_rc print_line(const struct jl_cli *cli, const json_t *line, struct jl_err *err) {
    size_t index = 0;
    const json_t *change = NULL;
    const char *at = text_of(line, "at");
    printf("%.10s %.8s  ", at, strlen(at) > 11 ? at + 11 : "");
    enum jl_rc rc = print_fit(text_of(line, "staff"), err);
    printf(" %s  %s  [%s]", in_words(cli, text_of(line, "office")),
           in_words(cli, text_of(line, "what")), in_words(cli, text_of(line, "verdict")));
    if (rc == JL_OK && text_of(line, "reason")[0] != '\0') {
        printf(" ");
        rc = print_fit(text_of(line, "reason"), err);
    }
    printf("\n");
    json_array_foreach(json_object_get(line, "changes"), index, change) {
        if (rc != JL_OK) {
            return rc;
        }
        printf("    %s: ", text_of(change, "label"));
        rc = print_fit(text_of(change, "old"), err);
        printf(" → ");
        rc = rc == JL_OK ? print_fit(text_of(change, "new"), err) : rc;
        printf("\n");
    }
    return rc;
}

static enum jl_rc tell_all(struct telling *telling, int64_t rid, struct jl_err *err) {
    struct jl_district *district = telling->seat->district;
    enum jl_rc rc = jl_district_begin(district, false, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_seat_type(telling->seat, telling->cli->words[0], &telling->type, err);
    if (rc == JL_OK) {
        rc = jl_district_history(district, rid, tell, telling, err);
    }
    jl_store_rollback(district->books->store);
    return rc;
}

static enum jl_rc history(struct jl_cli *cli, struct jl_seat *seat, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct telling telling = {.cli = cli, .seat = seat, .lines = json_array()};
    struct jl_book_record record = {0};
    struct jl_id id;
    size_t index = 0;
    const json_t *line = NULL;
    enum jl_rc rc = telling.lines != NULL ? jl_word_id(cli, 1, &id, err)
                                          : jl_fail(err, JL_NOMEM, "no memory for the history");
    if (rc == JL_OK) {
        rc = jl_seat_type(seat, cli->words[0], &telling.type, err);
    }
    if (rc == JL_OK) {
        rc = jl_seat_load(seat, telling.type->number, &id, &arena, &record, err);
    }
    if (rc == JL_OK) {
        rc = tell_all(&telling, record.head.rid, err);
    }
    if (rc == JL_OK && cli->json) {
        rc = jl_json_print(telling.lines, stdout, err);
    } else if (rc == JL_OK) {
        json_array_foreach(telling.lines, index, line) {
            rc = rc == JL_OK ? print_line(cli, line, err) : rc;
        }
    }
    json_decref(telling.lines);
    return rc;
}

int jl_cmd_history(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {.arguments = "TYPE ID", .least = 2, .most = 2};
    return jl_run_seated(cli, &spec, JL_STORE_READ, history);
}
