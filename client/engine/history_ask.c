/* What the district's journal has of a record of this office. docs/protocol.md section 5 says what
 * it tells. */
#include "history_ask.h"
#include "question.h"

#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/path.h"
#include "jielian/desk/history.h"
#include "jielian/desk/offices.h"

#include <inttypes.h>

enum {
    SILENT_MS = 10000, /* a person waits */
    /* Questions of one command: a thousand lines where entries are small, and within the patience
     * that the district has with a device (JL_PATIENCE, JL_PATIENCE_HISTORY). */
    ASKS_MAX = 32,
};

struct telling {
    struct jl_office *office;
    struct jl_history *history;
    struct jl_question question;
    struct jl_offices offices; /* of the last answer */
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

/* The office's code, "district" for 0, its number where these books don't know it. */
static enum jl_rc put_office(struct telling *telling, uint32_t number, struct jl_history_item *item,
                             struct jl_err *err) {
    const struct jl_desk_office *office = jl_offices_numbered(&telling->offices, number);
    struct jl_arena *arena = &telling->history->arena;
    if (number == 0) {
        item->office = "district";
    } else if (office != NULL) {
        item->office = jl_arena_text(arena, jl_bytes_text(office->code));
    } else {
        item->office = jl_arena_printf(arena, "%" PRIu32, number);
    }
    return item->office != NULL ? JL_OK : jl_fault_memory(err);
}

static enum jl_rc tell_line(struct telling *telling, const struct jl_told_line *line,
                            struct jl_err *err) {
    struct jl_op op;
    struct jl_history_item *item = NULL;
    JL_AUTO(jl_arena) arena = {0};
    enum jl_rc rc = jl_wire_op_decode(line->op, &arena, &op, err);
    if (rc == JL_OK) {
        rc = jl_history_add(telling->history, JL_HISTORY_ASKED, &op, &item, err);
    }
    for (size_t i = 0; rc == JL_OK && i < line->withheld_count; i++) {
        rc = jl_history_put_withheld(telling->history, item, line->withheld[i], err);
    }
    if (rc == JL_OK) {
        rc = put_office(telling, line->office, item, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    item->device = line->device;
    item->verdict = verdict_of(line->verdict);
    item->received_ms = line->received_ms;
    item->by = by_of(line->by);
    return JL_OK;
}

static enum jl_rc tell_lines(struct telling *telling, struct jl_err *err) {
    const struct jl_lines *lines = &telling->question.answer.as.lines;
    struct jl_office *office = telling->office;
    enum jl_rc rc = jl_office_begin(office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    telling->history->type = jl_catalogue_type(office->books->catalogue, telling->type);
    rc = telling->history->type != NULL ? jl_offices_load(office->books, &telling->offices, err)
                                        : jl_fault(err, JL_BUSY, JL_FAULT_HISTORY_CATALOGUE);
    for (size_t i = 0; rc == JL_OK && i < lines->count; i++) {
        rc = tell_line(telling, &lines->lines[i], err);
    }
    jl_store_rollback(office->books->store);
    jl_offices_fini(&telling->offices);
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
static bool alone(const struct jl_office *office) {
    struct jl_file_lock lock = {.fd = -1};
    struct jl_err ignored;
    char path[JL_PATH_MAX_BYTES];
    bool free_now =
        jl_path_join(office->folder, "run.lock", path, sizeof path, &ignored) == JL_OK &&
        jl_file_lock(path, &lock, &ignored) == JL_OK;
    jl_file_unlock(&lock);
    return free_now;
}

static enum jl_rc ask_all(struct telling *telling, const volatile sig_atomic_t *stop,
                          struct jl_err *err) {
    enum jl_rc rc = jl_question_open(&telling->question, telling->office, SILENT_MS, stop, err);
    rc = rc == JL_OK ? check_welcome(telling, err) : explain(rc, err);
    telling->more = rc == JL_OK;
    for (int i = 0; rc == JL_OK && telling->more && i < ASKS_MAX; i++) {
        rc = explain(ask_once(telling, err), err);
    }
    jl_question_close(&telling->question, alone(telling->office));
    return rc;
}

enum jl_rc jl_history_ask(struct jl_office *office, const struct jl_id *id,
                          const volatile sig_atomic_t *stop, struct jl_history *history,
                          bool *out_more, struct jl_err *err) {
    struct telling telling = {
        .office = office, .history = history, .id = *id, .type = history->type->number};
    enum jl_rc rc = ask_all(&telling, stop, err);
    jl_history_reverse(history); /* they come newest first */
    *out_more = telling.more;
    jl_buf_fini(&telling.from);
    return rc;
}
