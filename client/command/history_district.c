/* `history TYPE ID --district`: what the district's journal has of a record of this office: also
 * what was done elsewhere, and before this PC joined. docs/protocol.md section 5 says what it
 * tells. */
#include "history_district.h"
#include "data_folder.h"
#include "question.h"

#include "client/books/office.h"

#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/cli/iso_time.h"
#include "jielian/command/desk_session.h"
#include "jielian/desk/history.h"

#include <inttypes.h>

enum {
    SILENT_MS = 10000, /* a person waits */
    /* Questions of one command: a thousand lines where entries are small, and within the patience
     * that the district has with a device (JL_PATIENCE, JL_PATIENCE_HISTORY). */
    ASKS_MAX = 32,
};

struct telling {
    struct jl_cli *cli;
    struct jl_desk_session *session;
    struct jl_history history;
    struct jl_question question;
    struct jl_id id;
    uint32_t type;
    struct jl_buf from; /* where the next page begins */
    bool more;
};

/* ---- Lines ---- */

static const char *verdict_of(enum jl_verdict_code verdict) {
    switch (verdict) {
    case JL_VERDICT_APPLIED:
    case JL_VERDICT_ALREADY:
        return "applied";
    case JL_VERDICT_MERGED:
        return "merged";
    case JL_VERDICT_CASE:
        return "case";
    case JL_VERDICT_PARKED:
        break;
    }
    return "parked";
}

static const char *by_of(uint32_t by) {
    static const char *const words[] = {[JL_LINE_IMPORT] = "import",
                                        [JL_LINE_BULK_EDIT] = "bulk_edit",
                                        [JL_LINE_MERGE] = "merge",
                                        [JL_LINE_TRANSFER] = "transfer",
                                        [JL_LINE_UNDO] = "undo"};
    return by < sizeof words / sizeof *words ? words[by] : "other";
}

static json_t *changes_of(const struct telling *telling, const struct jl_told_line *line,
                          const struct jl_op *op) {
    json_t *changes = jl_history_changes(&telling->history, op);
    bool made = changes != NULL;
    for (size_t i = 0; made && i < line->withheld_count; i++) {
        made = jl_history_withheld(&telling->history, changes, line->withheld[i]);
    }
    if (!made) {
        json_decref(changes);
        return NULL;
    }
    return changes;
}

static json_t *text_json(struct jl_bytes text) {
    return json_stringn(text.size > 0 ? (const char *)text.data : "", text.size);
}

/* They come newest first. */
static enum jl_rc tell_line(struct telling *telling, const struct jl_told_line *line,
                            struct jl_err *err) {
    struct jl_op op;
    char at[JL_ISO_TIME_BYTES];
    char received[JL_ISO_TIME_BYTES];
    char set[JL_ID_TEXT_BYTES];
    char office[JL_HISTORY_OFFICE_BYTES];
    JL_AUTO(jl_arena) arena = {0};
    enum jl_rc rc = jl_wire_op_decode(line->op, &arena, &op, err);
    if (rc == JL_OK) {
        rc = jl_history_office(&telling->history, line->office, office, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_iso_time(op.made_ms, at);
    jl_iso_time(line->received_ms, received);
    jl_id_format(&op.change_set, set);
    json_t *item = json_pack("{s:s, s:o, s:s, s:I, s:s, s:o, s:s, s:o, s:n, s:s?, s:o, s:s, s:s?}",
                             "at", at, "staff", text_json(op.staff), "office", office, "device",
                             (json_int_t)line->device, "what", jl_history_what(op.kind), "changes",
                             changes_of(telling, line, &op), "verdict", verdict_of(line->verdict),
                             "reason", text_json(op.reason), "code", "change_set",
                             jl_id_is_zero(&op.change_set) ? NULL : set, "other",
                             jl_history_other(&op), "received_at", received, "by", by_of(line->by));
    return json_array_insert_new(telling->history.lines, 0, item) == 0 ? JL_OK
                                                                       : jl_fault_memory(err);
}

static enum jl_rc tell_lines(struct telling *telling, struct jl_err *err) {
    const struct jl_lines *lines = &telling->question.answer.as.lines;
    struct jl_office *office = telling->session->office;
    enum jl_rc rc = jl_office_begin(office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    telling->history.type = jl_catalogue_type(office->books->catalogue, telling->type);
    rc = telling->history.type != NULL ? JL_OK : jl_fault(err, JL_BUSY, JL_FAULT_HISTORY_CATALOGUE);
    for (size_t i = 0; rc == JL_OK && i < lines->count; i++) {
        rc = tell_line(telling, &lines->lines[i], err);
    }
    jl_store_rollback(office->books->store);
    return rc;
}

/* ---- Asking ---- */

static enum jl_rc ask_once(struct telling *telling, struct jl_err *err) {
    const struct jl_message message = {.kind = JL_MESSAGE_HISTORY,
                                       .as.history = {.type = telling->type,
                                                      .id = telling->id,
                                                      .from = jl_buf_bytes(&telling->from),
                                                      .most = JL_LINES_MAX}};
    enum jl_rc rc = jl_question_ask(&telling->question, &message, JL_MESSAGE_LINES, SILENT_MS, err);
    const struct jl_lines *lines = &telling->question.answer.as.lines;
    if (rc == JL_OK && !lines->held) {
        rc = jl_fault(err, JL_NOT_FOUND, JL_FAULT_HISTORY_MISSING);
    }
    if (rc == JL_OK) {
        rc = tell_lines(telling, err);
    }
    jl_buf_reset(&telling->from);
    if (rc == JL_OK && lines->next.size > 0) {
        rc = jl_buf_put(&telling->from, lines->next.data, lines->next.size, err);
    }
    telling->more = rc == JL_OK && lines->next.size > 0;
    return rc;
}

/* Nothing was asked yet: it is the connection, or the other program. */
static enum jl_rc explain(enum jl_rc rc, struct jl_err *err) {
    if (rc == JL_BUSY) {
        return jl_fault(err, JL_BUSY, JL_FAULT_HISTORY_NO_ANSWER);
    }
    if (rc == JL_DENIED || rc == JL_PROTO || rc == JL_LIMIT) {
        err->rc = JL_DENIED;
        return jl_fault_wrap(err, JL_FAULT_HISTORY_NOT_TOLD, "%s", "");
    }
    return rc;
}

static enum jl_rc check_welcome(const struct telling *telling, struct jl_err *err) {
    const struct jl_welcome *welcome = &telling->question.welcome;
    if (welcome->suspended) {
        return jl_fault(err, JL_DENIED, JL_FAULT_HISTORY_SUSPENDED);
    }
    return welcome->knows >= JL_MESSAGE_LINES ? JL_OK
                                              : jl_fault(err, JL_DENIED, JL_FAULT_HISTORY_OLD);
}

/* Is `run` or `sync` at work here? Then a Bye would be said in its place. */
static bool alone(const struct jl_desk_session *session) {
    struct jl_file_lock lock = {.fd = -1};
    struct jl_err ignored;
    char path[JL_PATH_MAX_BYTES];
    jl_data_folder_path(session->office->folder, "run.lock", path);
    bool free_now = path[0] != '\0' && jl_file_lock(path, &lock, &ignored) == JL_OK;
    jl_file_unlock(&lock);
    return free_now;
}

static enum jl_rc ask_all(struct telling *telling, struct jl_err *err) {
    enum jl_rc rc = jl_question_open(&telling->question, telling->session->office, SILENT_MS, err);
    if (rc == JL_OK) {
        rc = check_welcome(telling, err);
    } else {
        rc = explain(rc, err);
    }
    telling->more = rc == JL_OK;
    for (int i = 0; rc == JL_OK && telling->more && i < ASKS_MAX; i++) {
        rc = explain(ask_once(telling, err), err);
    }
    jl_question_close(&telling->question, alone(telling->session));
    return rc;
}

enum jl_rc jl_history_district_ask(struct jl_cli *cli, struct jl_desk_session *session,
                                   struct jl_err *err) {
    static const struct jl_history_word words[] = {
        {"merged", "已合并采纳"}, {"parked", "被退回"}, {"district", "区总工会"}};
    struct telling telling = {.cli = cli,
                              .session = session,
                              .history = {.cli = cli,
                                          .desk = &session->desk,
                                          .words = words,
                                          .word_count = sizeof words / sizeof *words}};
    const struct jl_type *type = NULL;
    enum jl_rc rc = jl_cli_id(cli, 1, &telling.id, err);
    if (rc == JL_OK) {
        rc = jl_history_init(&telling.history, err);
    }
    if (rc == JL_OK) {
        rc = jl_desk_session_open_type(cli, JL_STORE_READ, session, &type, err);
    }
    if (rc == JL_OK) {
        telling.type = type->number;
        rc = ask_all(&telling, err);
    }
    if (rc == JL_OK) {
        rc = jl_history_print(&telling.history, err);
    }
    if (rc == JL_OK && telling.more) {
        jl_cli_note(cli, "%s",
                    JL_ZH_EN(cli->language, "更早的没有列出；请向区总工会查询",
                             "older changes are not listed; ask the district for them"));
    }
    jl_history_fini(&telling.history);
    jl_buf_fini(&telling.from);
    return rc;
}
