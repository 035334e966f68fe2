/* `history TYPE ID`: every op that reached the record, from the journal. */
#include "district_commands.h"
#include "json_time.h"

#include "server/books/journal.h"
#include "server/books/verdicts.h"
#include "server/serve/metrics.h"

#include "jielian/base/fault.h"
#include "jielian/desk/history.h"

struct telling {
    struct jl_desk_session *session;
    struct jl_history history;
};

/* ---- Lines ---- */

static enum jl_rc tell(void *context, const struct jl_history_line *line, struct jl_err *err) {
    struct telling *telling = context;
    const struct jl_op *op = &line->op;
    const struct jl_office_entry *office =
        jl_roster_office(telling->session->district, line->office);
    char set[JL_ID_TEXT_BYTES];
    json_t *changes = jl_history_changes(&telling->history, op);
    jl_id_format(&op->change_set, set);
    if (changes == NULL) {
        return jl_fault_memory(err);
    }
    json_t *item = json_pack(
        "{s:o, s:s%, s:s, s:I, s:s, s:o, s:s, s:s%, s:s?, s:o, s:o, s:I}", "at",
        jl_json_time(op->made_ms), "staff", op->staff.size > 0 ? (const char *)op->staff.data : "",
        op->staff.size, "office", office != NULL ? office->code : "district", "device",
        (json_int_t)line->device, "what", jl_history_what(op->kind), "changes", changes, "verdict",
        jl_verdict_word(line->verdict), "reason",
        op->reason.size > 0 ? (const char *)op->reason.data : "", op->reason.size, "change_set",
        jl_id_is_zero(&op->change_set) ? NULL : set, "other", jl_history_other(op), "received_at",
        jl_json_time(line->received_ms), "journal", (json_int_t)line->journal_seq);
    return jl_history_add(&telling->history, item, err);
}

static enum jl_rc tell_all(struct telling *telling, int64_t rid, struct jl_err *err) {
    struct jl_district *district = telling->session->district;
    enum jl_rc rc = jl_district_begin(district, false, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_cli *cli = telling->history.cli;
    rc = jl_desk_session_type(telling->session, cli->words[0], &telling->history.type, err);
    if (rc == JL_OK) {
        rc = jl_journal_history(district, rid, tell, telling, err);
    }
    jl_store_rollback(district->books->store);
    return rc;
}

static enum jl_rc tell_record(struct telling *telling, const struct jl_id *id, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record = {0};
    const struct jl_type *type = NULL;
    enum jl_rc rc = jl_desk_session_open_type(telling->history.cli, JL_STORE_READ, telling->session,
                                              &type, err);
    if (rc == JL_OK) {
        rc = jl_desk_session_load(telling->session, type->number, id, &arena, &record, err);
    }
    if (rc == JL_OK) {
        rc = tell_all(telling, record.head.rid, err);
    }
    return rc == JL_OK ? jl_history_print(&telling->history, err) : rc;
}

static enum jl_rc history(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    static const struct jl_history_word words[] = {{"merged", "已合并采纳"},
                                                   {"parked", "已退回"},
                                                   {"already", "已有"},
                                                   {"district", "区总工会"}};
    struct telling telling = {.session = session,
                              .history = {.cli = cli,
                                          .desk = &session->desk,
                                          .words = words,
                                          .word_count = sizeof words / sizeof *words}};
    struct jl_id id;
    enum jl_rc rc = jl_cli_id(cli, 1, &id, err);
    if (rc == JL_OK) {
        rc = jl_history_init(&telling.history, err);
    }
    if (rc == JL_OK) {
        rc = tell_record(&telling, &id, err);
    }
    jl_history_fini(&telling.history);
    return rc;
}

int jl_cmd_history(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {.arguments = "TYPE ID", .least = 2, .most = 2};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_LOOKS, history);
}
