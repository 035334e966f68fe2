/* `history TYPE ID`: this device's own ops and what the district sent, in one list by time.
 *
 * An own op says what it changed. What came from the district is a whole row: its changes are the
 * difference to the row as the lines before leave it. Where those lines do not tell a field (the
 * record came here complete with the first download), the first row only fills it in. */
#include "client.h"

#include "jielian/merge.h"

#include <inttypes.h>
#include <string.h>

static const struct jl_option options[] = {JL_STAFF_OPTION, JL_PASSPHRASE_OPTION};
static const struct jl_cli_spec spec = {.arguments = "TYPE ID",
                                        .least = 2,
                                        .most = 2,
                                        .options = options,
                                        .option_count = sizeof options / sizeof *options};

struct received {
    int64_t at_ms;
    struct jl_feed_row row;
    struct received *next;
};

struct telling {
    struct jl_cli *cli;
    struct jl_seat *seat;
    const struct jl_type *type;
    struct jl_book_record record;
    struct jl_arena arena;
    struct jl_outbox_entry *entries;
    size_t entry_count;
    struct received *first, **last;
    struct jl_row row; /* as the lines so far leave it */
    bool complete;     /* every field of it is known */
    json_t *lines;
};

/* ---- Reading ---- */

static enum jl_rc keep_received(void *context, int64_t at_ms, struct jl_bytes body,
                                struct jl_err *err) {
    struct telling *telling = context;
    struct jl_buf plain = {0};
    struct jl_bytes copy = {0};
    struct received *item = jl_arena_zalloc(&telling->arena, 1, sizeof *item);
    if (item == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for the history");
    }
    item->at_ms = at_ms;
    enum jl_rc rc = jl_books_unseal_bytes(telling->seat->office->books, "received",
                                          (uint64_t)telling->record.head.rid, body, &plain, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(&telling->arena, jl_buf_bytes(&plain), &copy, err);
    }
    jl_buf_wipe(&plain);
    if (rc == JL_OK) {
        rc = jl_wire_row_decode(copy, &telling->arena, &item->row, err);
    }
    if (rc == JL_OK) {
        *telling->last = item;
        telling->last = &item->next;
    }
    return rc;
}

static enum jl_rc read_lines(struct telling *telling, struct jl_err *err) {
    struct jl_office *office = telling->seat->office;
    int64_t rid = telling->record.head.rid;
    enum jl_rc rc = jl_office_begin(office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_store_outbox_of(office->books->store, rid, &telling->arena, &telling->entries,
                            &telling->entry_count, err);
    if (rc == JL_OK) {
        rc = jl_store_received_of(office->books->store, rid, keep_received, telling, err);
    }
    jl_store_rollback(office->books->store);
    return rc;
}

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

static bool add_change(const struct telling *telling, json_t *changes, uint32_t number,
                       const struct jl_value *old, const struct jl_value *new) {
    const struct jl_field *field = jl_type_field(telling->type, number);
    char name[16];
    snprintf(name, sizeof name, "%" PRIu32, number);
    const char *label = field == NULL                              ? name
                        : telling->cli->language == JL_LANGUAGE_EN ? field->label.en
                                                                   : field->label.zh;
    json_t *item =
        json_pack("{s:s, s:s, s:o, s:o}", "field", field != NULL ? field->name : name, "label",
                  label, "old", shown(telling, field, old), "new", shown(telling, field, new));
    return item != NULL && json_array_append_new(changes, item) == 0;
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

static const char *verdict_of(enum jl_outbox_state state) {
    switch (state) {
    case JL_OUTBOX_PENDING:
        return "pending";
    case JL_OUTBOX_APPLIED:
        return "applied";
    case JL_OUTBOX_MERGED:
        return "merged";
    case JL_OUTBOX_CASE:
        return "case";
    case JL_OUTBOX_PARKED:
        return "parked";
    case JL_OUTBOX_SUPERSEDED:
        break;
    }
    return "superseded";
}

static enum jl_rc add_line(struct telling *telling, json_t *line, struct jl_err *err) {
    if (line == NULL || json_array_append_new(telling->lines, line) != 0) {
        return jl_fail(err, JL_NOMEM, "no memory for the history");
    }
    return JL_OK;
}

static enum jl_rc tell_own(struct telling *telling, const struct jl_outbox_entry *entry,
                           struct jl_err *err) {
    struct jl_op op;
    char at[JL_ISO_TIME_BYTES];
    char set[JL_ID_TEXT_BYTES];
    enum jl_rc rc = jl_office_op(telling->seat->office, entry, &telling->arena, &op, err);
    if (rc != JL_OK) {
        return rc;
    }
    json_t *changes = json_array();
    bool made = changes != NULL;
    for (size_t i = 0; made && op.kind != JL_OP_DELETE && i < op.new_count; i++) {
        uint32_t number = op.new_fields[i].field;
        const struct jl_row old = {.fields = op.old_fields, .field_count = op.old_count};
        made =
            add_change(telling, changes, number, jl_row_get(&old, number), &op.new_fields[i].value);
    }
    jl_iso_time(op.made_ms, at);
    jl_id_format(&op.change_set, set);
    const struct jl_identity *identity = &telling->seat->office->identity;
    json_t *line =
        made ? json_pack("{s:s, s:s%, s:s, s:I, s:s, s:O, s:s, s:s%, s:s?}", "at", at, "staff",
                         op.staff.size > 0 ? (const char *)op.staff.data : "", op.staff.size,
                         "office", identity->code, "device", (json_int_t)identity->device, "what",
                         what_of(op.kind), "changes", changes, "verdict", verdict_of(entry->state),
                         "reason", entry->reason.size > 0 ? (const char *)entry->reason.data : "",
                         entry->reason.size, "change_set",
                         jl_id_is_zero(&op.change_set) ? NULL : set)
             : NULL;
    json_decref(changes);
    rc = add_line(telling, line, err);
    if (op.kind == JL_OP_CREATE || op.kind == JL_OP_RESTORE) {
        telling->complete = true;
    }
    return rc == JL_OK ? jl_op_lay(&op, &telling->row, &telling->arena, err) : rc;
}

static bool add_differences(const struct telling *telling, json_t *changes,
                            const struct jl_row *after) {
    bool made = true;
    for (size_t i = 0; made && i < after->field_count; i++) {
        const struct jl_value *old = jl_row_get(&telling->row, after->fields[i].field);
        bool known = old != NULL || telling->complete;
        if (known && (old == NULL || !jl_value_equal(old, &after->fields[i].value))) {
            made =
                add_change(telling, changes, after->fields[i].field, old, &after->fields[i].value);
        }
    }
    for (size_t i = 0; made && i < telling->row.field_count; i++) {
        const struct jl_field_value *old = &telling->row.fields[i];
        if (jl_row_get(after, old->field) == NULL) {
            made = add_change(telling, changes, old->field, &old->value, NULL);
        }
    }
    return made;
}

static enum jl_rc tell_received(struct telling *telling, const struct received *item,
                                struct jl_err *err) {
    const struct jl_feed_row *row = &item->row;
    const struct jl_identity *identity = &telling->seat->office->identity;
    char at[JL_ISO_TIME_BYTES];
    json_t *changes = json_array();
    bool made = changes != NULL && add_differences(telling, changes, &row->row);
    jl_iso_time(row->changed_ms, at);
    const char *office = row->by_device == 0                  ? "district"
                         : row->by_device == identity->device ? identity->code
                                                              : NULL;
    json_t *line =
        made ? json_pack("{s:s, s:s%, s:s?, s:I, s:s, s:O, s:s, s:s, s:n}", "at", at, "staff",
                         row->by_staff.size > 0 ? (const char *)row->by_staff.data : "",
                         row->by_staff.size, "office", office, "device", (json_int_t)row->by_device,
                         "what", "received", "changes", changes, "verdict", "applied", "reason", "",
                         "change_set")
             : NULL;
    json_decref(changes);
    telling->complete = true;
    enum jl_rc rc = add_line(telling, line, err);
    return rc == JL_OK ? jl_row_dup(&telling->arena, &row->row, &telling->row, err) : rc;
}

static enum jl_rc tell_all(struct telling *telling, struct jl_err *err) {
    size_t i = 0;
    const struct received *item = telling->first;
    enum jl_rc rc = JL_OK;
    telling->lines = json_array();
    if (telling->lines == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for the history");
    }
    while (rc == JL_OK && (i < telling->entry_count || item != NULL)) {
        bool own = item == NULL ||
                   (i < telling->entry_count && telling->entries[i].made_ms <= item->at_ms);
        if (own) {
            rc = tell_own(telling, &telling->entries[i++], err);
        } else {
            rc = tell_received(telling, item, err);
            item = item->next;
        }
    }
    return rc;
}

/* ---- Printing ---- */

struct word {
    const char *key;
    const char *zh;
};
static const struct word words[] = {
    {"create", "新增"},    {"edit", "修改"},         {"delete", "删除"},       {"restore", "恢复"},
    {"transfer", "转会"},  {"merge", "合并"},        {"resolve", "处理"},      {"received", "收到"},
    {"pending", "未发送"}, {"applied", "已采纳"},    {"merged", "已合并采纳"}, {"case", "待处理"},
    {"parked", "被退回"},  {"superseded", "已重发"}, {"district", "区总工会"},
};

static const char *in_words(const struct telling *telling, const char *key) {
    for (size_t i = 0; telling->cli->language == JL_LANGUAGE_ZH && key != NULL &&
                       i < sizeof words / sizeof *words;
         i++) {
        if (strcmp(words[i].key, key) == 0) {
            return words[i].zh;
        }
    }
    return key != NULL ? key : "";
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

static enum jl_rc print_line(const struct telling *telling, const json_t *line,
                             struct jl_err *err) {
    size_t index = 0;
    const json_t *change = NULL;
    printf("%.10s %.8s  ", text_of(line, "at"), text_of(line, "at") + 11);
    enum jl_rc rc = print_fit(text_of(line, "staff"), err);
    printf(" %s  %s  [%s]", in_words(telling, text_of(line, "office")),
           in_words(telling, text_of(line, "what")), in_words(telling, text_of(line, "verdict")));
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

static enum jl_rc print_lines(const struct telling *telling, struct jl_err *err) {
    size_t index = 0;
    const json_t *line = NULL;
    enum jl_rc rc = JL_OK;
    if (telling->cli->json) {
        return jl_json_print(telling->lines, stdout, err);
    }
    json_array_foreach(telling->lines, index, line) {
        rc = rc == JL_OK ? print_line(telling, line, err) : rc;
    }
    return rc;
}

int jl_cmd_history(struct jl_cli *cli) {
    int exit_code = 0;
    struct jl_err err = {0};
    struct jl_seat seat = {0};
    struct telling telling = {.cli = cli, .seat = &seat};
    struct jl_id id;
    telling.last = &telling.first;
    if (!jl_cli_parse(cli, &spec, &exit_code)) {
        return exit_code;
    }
    enum jl_rc rc = jl_id_parse(cli->words[1], &id, &err);
    if (rc == JL_OK) {
        rc = jl_seat_open(cli, JL_STORE_READ, &seat, &err);
    }
    if (rc == JL_OK) {
        rc = jl_seat_type(&seat, cli->words[0], &telling.type, &err);
    }
    uint32_t number = rc == JL_OK ? telling.type->number : 0;
    if (rc == JL_OK) {
        rc = jl_seat_load(&seat, number, &id, &telling.arena, &telling.record, &err);
    }
    if (rc == JL_OK) {
        rc = read_lines(&telling, &err);
    }
    if (rc == JL_OK) {
        telling.type = jl_catalogue_type(seat.desk.books->catalogue, number);
        rc = tell_all(&telling, &err);
    }
    if (rc == JL_OK) {
        rc = print_lines(&telling, &err);
    }
    json_decref(telling.lines);
    jl_arena_fini(&telling.arena);
    jl_seat_fini(&seat);
    return rc == JL_OK ? JL_EXIT_DONE : jl_cli_fail(cli, &err);
}
