/* `history TYPE ID` (--district: history_district.c): this device's own ops and what the district
 * sent, in one list by time.
 *
 * An own op says what it changed. What came from the district is a whole row: its changes are the
 * difference to the row as the lines before leave it. Where those lines do not tell a field (the
 * record came here complete with the first download), the first row only fills it in. */
#include "history_district.h"
#include "office_commands.h"

#include "client/books/identity.h"
#include "client/books/office.h"
#include "client/books/office_outbox.h"

#include "jielian/base/fault.h"
#include "jielian/cli/iso_time.h"
#include "jielian/command/desk_session.h"
#include "jielian/desk/history.h"
#include "jielian/op/merge.h"
#include "jielian/store/received.h"

struct received {
    int64_t at_ms;
    struct jl_feed_row row;
    struct received *next;
};

struct telling {
    struct jl_desk_session *session;
    struct jl_history history;
    struct jl_book_record record;
    struct jl_arena arena;
    struct jl_outbox_entry *entries;
    size_t entry_count;
    struct received *first, **last;
    struct jl_row row; /* as the lines so far leave it */
    bool complete;     /* every field of it is known */
};

/* ---- Reading ---- */

static enum jl_rc keep_received(void *context, int64_t at_ms, struct jl_bytes body,
                                struct jl_err *err) {
    struct telling *telling = context;
    struct jl_buf plain = {0};
    struct jl_bytes copy = {0};
    struct received *item = jl_arena_zalloc(&telling->arena, 1, sizeof *item);
    if (item == NULL) {
        return jl_fault_memory(err);
    }
    item->at_ms = at_ms;
    enum jl_rc rc = jl_books_unseal_bytes(telling->session->office->books, "received",
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
    struct jl_office *office = telling->session->office;
    int64_t rid = telling->record.head.rid;
    enum jl_rc rc = jl_office_begin(office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_outbox_of(office->books->store, rid, &telling->arena, &telling->entries,
                      &telling->entry_count, err);
    if (rc == JL_OK) {
        rc = jl_received_of(office->books->store, rid, keep_received, telling, err);
    }
    jl_store_rollback(office->books->store);
    return rc;
}

/* ---- Lines ---- */

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

static enum jl_rc tell_own(struct telling *telling, const struct jl_outbox_entry *entry,
                           struct jl_err *err) {
    struct jl_op op;
    char at[JL_ISO_TIME_BYTES];
    char set[JL_ID_TEXT_BYTES];
    enum jl_rc rc = jl_office_outbox_op(telling->session->office, entry, &telling->arena, &op, err);
    if (rc != JL_OK) {
        return rc;
    }
    json_t *changes = jl_history_changes(&telling->history, &op);
    jl_iso_time(op.made_ms, at);
    jl_id_format(&op.change_set, set);
    /* Why it was refused tells more than why it was made. */
    const struct jl_remark said = jl_remark_decode(entry->said);
    const struct jl_desk *desk = &telling->session->desk;
    const struct jl_listener listener = {
        .language = desk->language, .type = jl_catalogue_type(desk->books->catalogue, op.type)};
    struct jl_sentence sentence;
    struct jl_bytes reason = jl_remark_text(
        &said, entry->reason.size > 0 ? entry->reason : op.reason, &listener, &sentence);
    const struct jl_identity *identity = &telling->session->office->identity;
    json_t *line =
        changes != NULL
            ? json_pack("{s:s, s:s%, s:s, s:I, s:s, s:O, s:s, s:s%, s:o, s:s?, s:o}", "at", at,
                        "staff", op.staff.size > 0 ? (const char *)op.staff.data : "",
                        op.staff.size, "office", identity->code, "device",
                        (json_int_t)identity->device, "what", jl_history_what(op.kind), "changes",
                        changes, "verdict", verdict_of(entry->state), "reason",
                        reason.size > 0 ? (const char *)reason.data : "", reason.size, "code",
                        said.code != 0 ? json_integer(said.code) : json_null(), "change_set",
                        jl_id_is_zero(&op.change_set) ? NULL : set, "other", jl_history_other(&op))
            : NULL;
    json_decref(changes);
    rc = jl_history_add(&telling->history, line, err);
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
            made = jl_history_change(&telling->history, changes, after->fields[i].field, old,
                                     &after->fields[i].value);
        }
    }
    for (size_t i = 0; made && i < telling->row.field_count; i++) {
        const struct jl_field_value *old = &telling->row.fields[i];
        if (jl_row_get(after, old->field) == NULL) {
            made = jl_history_change(&telling->history, changes, old->field, &old->value, NULL);
        }
    }
    return made;
}

static enum jl_rc tell_received(struct telling *telling, const struct received *item,
                                struct jl_err *err) {
    const struct jl_feed_row *row = &item->row;
    const struct jl_identity *identity = &telling->session->office->identity;
    char at[JL_ISO_TIME_BYTES];
    json_t *changes = json_array();
    bool made = changes != NULL && add_differences(telling, changes, &row->row);
    jl_iso_time(row->changed_ms, at);
    const char *office = row->by_device == 0                  ? "district"
                         : row->by_device == identity->device ? identity->code
                                                              : NULL;
    json_t *line =
        made ? json_pack("{s:s, s:s%, s:s?, s:I, s:s, s:O, s:s, s:s, s:n, s:n}", "at", at, "staff",
                         row->by_staff.size > 0 ? (const char *)row->by_staff.data : "",
                         row->by_staff.size, "office", office, "device", (json_int_t)row->by_device,
                         "what", "received", "changes", changes, "verdict", "applied", "reason", "",
                         "change_set", "other")
             : NULL;
    json_decref(changes);
    telling->complete = true;
    enum jl_rc rc = jl_history_add(&telling->history, line, err);
    return rc == JL_OK ? jl_row_dup(&telling->arena, &row->row, &telling->row, err) : rc;
}

static enum jl_rc tell_all(struct telling *telling, struct jl_err *err) {
    size_t i = 0;
    const struct received *item = telling->first;
    enum jl_rc rc = JL_OK;
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

/* ---- The command ---- */

static enum jl_rc tell_record(struct telling *telling, const struct jl_id *id, struct jl_err *err) {
    struct jl_desk_session *session = telling->session;
    const struct jl_type *type = NULL;
    enum jl_rc rc =
        jl_desk_session_open_type(telling->history.cli, JL_STORE_READ, session, &type, err);
    uint32_t number = rc == JL_OK ? type->number : 0;
    if (rc == JL_OK) {
        rc = jl_desk_session_load(session, number, id, &telling->arena, &telling->record, err);
    }
    if (rc == JL_OK) {
        rc = read_lines(telling, err);
    }
    if (rc == JL_OK) {
        telling->history.type = jl_catalogue_type(session->desk.books->catalogue, number);
        rc = tell_all(telling, err);
    }
    return rc == JL_OK ? jl_history_print(&telling->history, err) : rc;
}

static enum jl_rc history(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    if (jl_cli_has(cli, "district")) {
        return jl_history_district_ask(cli, session, err);
    }
    static const struct jl_history_word words[] = {
        {"received", "收到"}, {"pending", "未发送"},    {"merged", "已合并采纳"},
        {"parked", "被退回"}, {"superseded", "已重发"}, {"district", "区总工会"}};
    struct telling telling = {.session = session,
                              .history = {.cli = cli,
                                          .desk = &session->desk,
                                          .words = words,
                                          .word_count = sizeof words / sizeof *words}};
    struct jl_id id;
    telling.last = &telling.first;
    enum jl_rc rc = jl_cli_id(cli, 1, &id, err);
    if (rc == JL_OK) {
        rc = jl_history_init(&telling.history, err);
    }
    if (rc == JL_OK) {
        rc = tell_record(&telling, &id, err);
    }
    jl_history_fini(&telling.history);
    jl_arena_fini(&telling.arena);
    return rc;
}

int jl_cmd_history(struct jl_cli *cli) {
    static const struct jl_option options[] = {
        {"district", NULL,
         "向区总工会查询：包括别处的改动，和本机加入以前的 / ask the district: changes made "
         "elsewhere, and before this PC joined, too"}};
    static const struct jl_cli_spec spec = {.arguments = "TYPE ID",
                                            .least = 2,
                                            .most = 2,
                                            .options = options,
                                            .option_count = sizeof options / sizeof *options};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_LOOKS, history);
}
