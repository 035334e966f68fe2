/* The session's actions, one function each.
 *
 * What is read for a message (Hello, Push) is read in one transaction. A Proof is made from the
 * state in memory, which is exactly what the session got as facts: were it read again, a
 * change that another process commits in between would be in the root but not in the outbox that
 * the session believes to be empty. */
#include "engine.h"

#include "client/books/office_deep.h"
#include "client/books/office_outbox.h"
#include "client/books/take.h"

#include "jielian/base/log.h"

#include <inttypes.h>
#include <string.h>

static enum jl_rc send_message(struct jl_engine *engine, const struct jl_message *message,
                               struct jl_err *err) {
    jl_buf_reset(&engine->frame);
    enum jl_rc rc = jl_wire_encode(engine->office->wire, message, &engine->frame, err);
    if (rc == JL_OK) {
        rc = jl_client_send(engine->client, jl_buf_bytes(&engine->frame), err);
    }
    if (rc == JL_BUSY) {
        engine->next = JL_EVENT_NOT_SENT;
        return JL_OK;
    }
    return rc;
}

static enum jl_rc say_hello(struct jl_engine *engine, struct jl_err *err) {
    struct jl_message message = {.kind = JL_MESSAGE_HELLO};
    enum jl_rc rc = jl_office_begin(engine->office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_office_hello(engine->office, &message.as.hello, err);
    jl_store_rollback(engine->office->books->store);
    if (!engine->past_told) {
        const struct jl_past *past = &engine->past;
        message.as.hello.last_stop = past->last_stop;
        for (size_t i = 0; i < past->cycles.count && i < JL_CYCLES_MAX; i++) {
            message.as.hello.cycles[message.as.hello.cycle_count++] = past->cycles.items[i];
        }
    }
    if (rc == JL_OK) {
        rc = send_message(engine, &message, err);
    }
    engine->past_sent = rc == JL_OK && engine->next == 0 && !engine->past_told;
    return rc;
}

static enum jl_rc push(struct jl_engine *engine, const struct jl_action *action,
                       struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_message message = {.kind = JL_MESSAGE_PUSH};
    uint64_t next = 0;
    enum jl_rc rc = jl_office_begin(engine->office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_office_outbox_batch(engine->office, action->first_seq, action->max_bytes, &arena,
                                &message.as.push, &next, err);
    jl_store_rollback(engine->office->books->store);
    if (rc == JL_OK) {
        rc = send_message(engine, &message, err);
    }
    if (rc == JL_OK && engine->next == 0) {
        jl_session_sent(&engine->session, next);
        engine->pushed = true;
    }
    return rc;
}

static enum jl_rc pull(struct jl_engine *engine, const struct jl_action *action,
                       struct jl_err *err) {
    const struct jl_message message = {
        .kind = JL_MESSAGE_PULL,
        .as.pull = {.feed = action->feed,
                    .from = engine->office->state.cursor[action->feed],
                    .max_bytes = action->max_bytes,
                    .pages = action->pages,
                    .echo = engine->staged || action->echo ||
                            jl_office_rereads(engine->office, action->feed)}};
    return send_message(engine, &message, err);
}

/* JL_OK without deep hashes, too, when the store has moved since: the proof is a plain one then. */
static enum jl_rc add_deep(struct jl_engine *engine, struct jl_proof *proof, struct jl_err *err) {
    const struct jl_clock *clock = &engine->office->clock;
    int64_t start_ms = clock->steady_ms(clock->context);
    engine->deep_sent = engine->office->state.deep_wanted;
    enum jl_rc rc = jl_office_deep(engine->office, &engine->facts, proof, &engine->has_deep, err);
    int64_t end_ms = clock->steady_ms(clock->context);
    if (rc == JL_OK && engine->has_deep) {
        jl_log(JL_LOG_INFO, "deep_hashed", "ms=%" PRId64, end_ms - start_ms);
    } else {
        engine->deep_after_ms = end_ms + JL_ENGINE_DEEP_GAP_MS;
    }
    return rc == JL_BUSY ? JL_OK : rc;
}

static enum jl_rc prove(struct jl_engine *engine, bool deep, struct jl_err *err) {
    const struct jl_office_state *state = &engine->office->state;
    struct jl_message message = {
        .kind = JL_MESSAGE_PROOF,
        .as.proof = {.cursor = {state->cursor[0], state->cursor[1]}},
    };
    engine->wanted_sent = state->proof_wanted;
    engine->has_deep = false;
    enum jl_rc rc = jl_office_root(engine->office, message.as.proof.root, err);
    if (rc == JL_OK && deep) {
        rc = add_deep(engine, &message.as.proof, err);
    }
    return rc == JL_OK ? send_message(engine, &message, err) : rc;
}

static enum jl_rc ask(struct jl_engine *engine, const struct jl_action *action,
                      struct jl_err *err) {
    struct jl_message message = {.kind = JL_MESSAGE_ASK};
    engine->repair.wall_ms = engine->session.repair_wall_ms;
    jl_repair_ask(&engine->repair, action, &message.as.ask);
    return send_message(engine, &message, err);
}

static enum jl_rc check_chain(struct jl_engine *engine, struct jl_err *err) {
    enum jl_rc rc = jl_office_begin(engine->office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_office_outbox_chain_is(engine->office, engine->welcome.last_seq,
                                   engine->welcome.last_hash, &engine->chain_same, err);
    jl_store_rollback(engine->office->books->store);
    if (rc == JL_OK) {
        engine->next = JL_EVENT_CHAIN;
    }
    return rc;
}

/* ---- Taking what came ---- */

static void note_progress(struct jl_engine *engine) {
    engine->progress_ms = engine->office->clock.steady_ms(engine->office->clock.context);
    engine->trouble = (struct jl_err){0};
    engine->trouble_ms = 0;
}

static enum jl_rc new_incarnation(struct jl_engine *engine, struct jl_err *err) {
    enum jl_rc rc = jl_office_new_incarnation(engine->office, err);
    if (rc == JL_OK) {
        note_progress(engine);
        jl_log(JL_LOG_WARN, "new_incarnation", "unsent=%" PRIu64,
               jl_office_head_seq(engine->office));
    }
    return rc;
}

static enum jl_rc take_epoch(struct jl_engine *engine, const struct jl_action *action,
                             struct jl_err *err) {
    bool first = !engine->office->state.has_epoch;
    enum jl_rc rc =
        jl_office_take_epoch(engine->office, engine->welcome.epoch, action->first_seq, err);
    if (rc == JL_OK) {
        note_progress(engine);
        jl_log(first ? JL_LOG_INFO : JL_LOG_WARN, "new_epoch", "unsent=%" PRIu64,
               jl_office_head_seq(engine->office) - jl_office_confirmed_seq(engine->office));
    }
    return rc;
}

static enum jl_rc take_verdicts(struct jl_engine *engine, struct jl_err *err) {
    uint64_t before = engine->office->state.confirmed_pos;
    enum jl_rc rc = jl_take_verdicts(engine->office, &engine->message->as.verdicts, err);
    if (rc == JL_OK && engine->office->state.confirmed_pos != before) {
        note_progress(engine);
    }
    return rc;
}

static enum jl_rc take_page(struct jl_engine *engine, struct jl_err *err) {
    const struct jl_page *page = &engine->message->as.page;
    const struct jl_newer *newer = &engine->office->books->newer;
    uint64_t known = newer->version;
    bool taken = false;
    enum jl_rc rc = jl_take_page(engine->office, page, &taken, err);
    if (rc == JL_OK && taken) {
        note_progress(engine);
    }
    if (rc == JL_OK && page->repair) {
        jl_log(JL_LOG_WARN, "repaired", "rows=%zu", page->count);
    }
    if (rc == JL_OK && newer->state != JL_NEWER_NONE && newer->version != known) {
        jl_log(JL_LOG_WARN, "program_too_old", "catalogue=%" PRIu64 " needs=%s", newer->version,
               newer->program[0] != '\0' ? newer->program : "newer");
    }
    return rc;
}

static enum jl_rc compare(struct jl_engine *engine, struct jl_err *err) {
    enum jl_rc rc =
        jl_repair_compare(engine->office, &engine->repair, engine->message, &engine->compared, err);
    if (rc == JL_OK) {
        engine->next = JL_EVENT_DIFFERENT;
    }
    return rc;
}

static enum jl_rc reread(struct jl_engine *engine, int64_t wall_ms, struct jl_err *err) {
    enum jl_rc rc = jl_repair_reread(engine->office, wall_ms, err);
    if (rc == JL_OK) {
        note_progress(engine);
        jl_log(JL_LOG_WARN, "reread", "missing=%.0f of=%" PRIu64, engine->repair.missing,
               engine->office->sums[0].count + engine->office->sums[1].count);
    }
    return rc;
}

/* ---- Telling ---- */

static enum jl_rc deep_proven(struct jl_engine *engine, const struct jl_action *action,
                              struct jl_err *err) {
    if (!engine->has_deep) {
        return JL_OK;
    }
    engine->has_deep = false;
    engine->deep_unanswered = action->deep_result == JL_DEEP_NONE;
    jl_log(action->deep_result == JL_DEEP_DIFFERENT ? JL_LOG_WARN : JL_LOG_INFO, "deep_proof",
           "result=%s",
           action->deep_result == JL_DEEP_IDENTICAL   ? "identical"
           : action->deep_result == JL_DEEP_DIFFERENT ? "different"
                                                      : "unanswered");
    return jl_office_deep_proven(engine->office, action->wall_ms, action->deep_result,
                                 engine->deep_sent, err);
}

static enum jl_rc proven(struct jl_engine *engine, const struct jl_action *action,
                         struct jl_err *err) {
    int64_t wall_ms = action->wall_ms;
    struct jl_office *office = engine->office;
    enum jl_rc rc = jl_office_begin(office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    bool late = office->state.proof_wanted != engine->wanted_sent;
    jl_store_rollback(office->books->store);
    if (late) {
        /* Someone asked for a fresh proof after this one was on its way. */
        engine->session.proven = false;
        return JL_OK;
    }
    rc = deep_proven(engine, action, err);
    if (rc == JL_OK) {
        rc = jl_office_proven(office, wall_ms, err);
    }
    if (rc == JL_OK) {
        note_progress(engine);
        jl_log(JL_LOG_INFO, "proven", "shared=%" PRIu64 " office=%" PRIu64, office->state.cursor[0],
               office->state.cursor[1]);
    }
    return rc;
}

static const char *phase_name(enum jl_session_phase phase) {
    switch (phase) {
    case JL_SESSION_OFFLINE:
        return "offline";
    case JL_SESSION_GREETING:
        return "greeting";
    case JL_SESSION_ACTIVE:
        return "active";
    case JL_SESSION_SUSPENDED:
        return "suspended";
    case JL_SESSION_STOPPED:
        break;
    }
    return "stopped";
}

/* Written only when it changes: an office without a network must not write all day. */
static enum jl_rc tell(struct jl_engine *engine, struct jl_err *err) {
    const struct jl_office_state *state = &engine->office->state;
    const struct jl_session *session = &engine->session;
    uint32_t trouble =
        session->repair_failed ? (uint32_t)JL_TROUBLE_DIFFERENT : (uint32_t)session->refused;
    if (state->phase == (uint32_t)session->phase && state->trouble == trouble &&
        state->version_needed == session->version_needed &&
        state->suite_needed == session->suite_needed) {
        return JL_OK;
    }
    jl_log(trouble == 0 ? JL_LOG_INFO : JL_LOG_WARN, "sync", "phase=%s trouble=%" PRIu32,
           phase_name(session->phase), trouble);
    return jl_office_tell(engine->office, session, err);
}

enum jl_rc jl_engine_act(struct jl_engine *engine, const struct jl_action *action,
                         struct jl_err *err) {
    switch (action->kind) {
    case JL_ACTION_HELLO:
        return say_hello(engine, err);
    case JL_ACTION_PUSH:
        return push(engine, action, err);
    case JL_ACTION_PULL:
        return pull(engine, action, err);
    case JL_ACTION_PROOF:
        return prove(engine, action->deep, err);
    case JL_ACTION_ASK_BUCKETS:
    case JL_ACTION_ASK_PARTS:
    case JL_ACTION_ASK_IDS:
    case JL_ACTION_ASK_ROWS:
        return ask(engine, action, err);
    case JL_ACTION_CHECK_CHAIN:
        return check_chain(engine, err);
    case JL_ACTION_NEW_INCARNATION:
        return new_incarnation(engine, err);
    case JL_ACTION_TAKE_EPOCH:
        return take_epoch(engine, action, err);
    case JL_ACTION_TAKE_VERDICTS:
        return take_verdicts(engine, err);
    case JL_ACTION_TAKE_PAGE:
        return take_page(engine, err);
    case JL_ACTION_COMPARE_BUCKETS:
    case JL_ACTION_COMPARE_IDS:
        return compare(engine, err);
    case JL_ACTION_REREAD:
        return reread(engine, action->wall_ms, err);
    case JL_ACTION_PROVEN:
        return proven(engine, action, err);
    case JL_ACTION_RECONNECT:
        return jl_client_reconnect(engine->client, err);
    case JL_ACTION_TELL:
        return tell(engine, err);
    }
    return JL_OK;
}
