/* Cycles: when one begins, when and how it ends, and the last word at the end.
 *
 *   no cycle ── a Hello went out, or there is something to do after a proof ──> cycle
 *   cycle ── proven ─> PROVEN        ── repair failed, or the last deep proof did ─> DIFFERENT
 *         ── phase STOPPED, or SUSPENDED and all is delivered ─> REFUSED
 *         ── phase OFFLINE ─> REFUSED when the district said so, TROUBLE when these books were at
 *                             fault, else SILENT
 *         ── hung up ─> STOPPED or GAVE_UP
 *
 * A try that meets no connection sends no Hello and is no cycle: an office without a network notes
 * nothing all day. So the session is looked at after its actions, unless one could not be sent. */
#include "engine.h"

static int64_t steady_ms(const struct jl_engine *engine) {
    return engine->office->clock.steady_ms(engine->office->clock.context);
}

static int64_t wall_ms(const struct jl_engine *engine) {
    return engine->office->clock.wall_ms(engine->office->clock.context);
}

bool jl_engine_sending(const struct jl_session *session) {
    for (int i = 0; i < JL_SESSION_PUSHES; i++) {
        if (session->pushed[i] != 0) {
            return true;
        }
    }
    return false;
}

/* Is the session at it, with something to do? */
static bool at_it(const struct jl_engine *engine) {
    const struct jl_session *session = &engine->session;
    switch (session->phase) {
    case JL_SESSION_GREETING:
        return true;
    case JL_SESSION_ACTIVE:
        return !session->repair_failed &&
               !(session->proven && !jl_session_busy(session, &engine->facts));
    case JL_SESSION_SUSPENDED:
        return jl_engine_sending(session);
    case JL_SESSION_OFFLINE:
    case JL_SESSION_STOPPED:
        break;
    }
    return false;
}

static enum jl_refuse_code refusal_of(const struct jl_session *session) {
    return session->phase == JL_SESSION_SUSPENDED ? JL_REFUSE_SUSPENDED : session->refused;
}

static void end_cycle(struct jl_engine *engine, enum jl_cycle_end end) {
    const int64_t took_ms = steady_ms(engine) - engine->cycle_ms;
    const struct jl_cycle cycle = {
        .end = end,
        .why = end == JL_CYCLE_REFUSED ? (uint32_t)refusal_of(&engine->session) : 0,
        .count = 1,
        .began_ms = engine->cycle_wall_ms,
        .ended_ms = wall_ms(engine),
        .longest_ms = took_ms > 0 ? (uint64_t)took_ms : 0};
    engine->in_cycle = false;
    if (jl_cycles_note(&engine->past.cycles, &cycle)) {
        engine->past_moved = true;
        engine->past_told = false;
    }
}

static enum jl_cycle_end end_of(const struct jl_engine *engine) {
    const struct jl_session *session = &engine->session;
    const struct jl_office_state *state = &engine->office->state;
    switch (session->phase) {
    case JL_SESSION_ACTIVE:
        return session->repair_failed || state->deep_result == JL_DEEP_DIFFERENT
                   ? JL_CYCLE_DIFFERENT
                   : JL_CYCLE_PROVEN;
    case JL_SESSION_SUSPENDED:
    case JL_SESSION_STOPPED:
        return JL_CYCLE_REFUSED;
    case JL_SESSION_GREETING:
    case JL_SESSION_OFFLINE:
        break;
    }
    if (session->refused != 0) {
        return JL_CYCLE_REFUSED;
    }
    return engine->trouble.rc != JL_OK ? JL_CYCLE_TROUBLE : JL_CYCLE_SILENT;
}

void jl_engine_watch_cycle(struct jl_engine *engine) {
    bool busy = at_it(engine);
    if (busy && !engine->in_cycle) {
        engine->in_cycle = true;
        engine->cycle_ms = steady_ms(engine);
        engine->cycle_wall_ms = wall_ms(engine);
    } else if (!busy && engine->in_cycle) {
        end_cycle(engine, end_of(engine));
    }
}

enum jl_rc jl_engine_keep_past(struct jl_engine *engine, struct jl_err *err) {
    if (!engine->past_moved) {
        return JL_OK;
    }
    enum jl_rc rc = jl_office_past_keep(engine->office, &engine->past, err);
    engine->past_moved = rc != JL_OK;
    return rc == JL_BUSY ? JL_OK : rc; /* with the next round */
}

/* ---- The end ---- */

static enum jl_bye_reason bye_of(enum jl_engine_end end) {
    switch (end) {
    case JL_ENGINE_PROVEN:
        return JL_BYE_DONE;
    case JL_ENGINE_SIGNAL:
        return JL_BYE_STOPPED;
    case JL_ENGINE_TIME:
    case JL_ENGINE_SILENT:
    case JL_ENGINE_STUCK:
    case JL_ENGINE_REFUSED:
    case JL_ENGINE_SUSPENDED:
    case JL_ENGINE_DIFFERENT:
    case JL_ENGINE_DEEP:
        break;
    }
    return JL_BYE_GAVE_UP;
}

/* A courtesy: if it does not get there, the district sees silence, as it does of older programs. */
static enum jl_rc say_bye(struct jl_engine *engine, enum jl_engine_end end, struct jl_err *err) {
    const struct jl_message message = {.kind = JL_MESSAGE_BYE, .as.bye = {.reason = bye_of(end)}};
    const enum jl_session_phase phase = engine->session.phase;
    if (engine->link != JL_LINK_UP || engine->welcome.knows < JL_MESSAGE_BYE ||
        (phase != JL_SESSION_ACTIVE && phase != JL_SESSION_SUSPENDED)) {
        return JL_OK;
    }
    jl_buf_reset(&engine->frame);
    enum jl_rc rc = jl_wire_encode(engine->office->wire, &message, &engine->frame, err);
    if (rc == JL_OK) {
        rc = jl_client_send_last(engine->client, jl_buf_bytes(&engine->frame), err);
    }
    return rc == JL_BUSY ? JL_OK : rc;
}

enum jl_rc jl_engine_hang_up(struct jl_engine *engine, enum jl_engine_end end, struct jl_err *err) {
    if (engine->in_cycle) {
        end_cycle(engine, end == JL_ENGINE_SIGNAL ? JL_CYCLE_STOPPED : JL_CYCLE_GAVE_UP);
    }
    enum jl_rc rc = say_bye(engine, end, err);
    if (engine->session.phase != JL_SESSION_STOPPED &&
        engine->session.phase != JL_SESSION_SUSPENDED) {
        engine->session.phase = JL_SESSION_OFFLINE;
    }
    if (rc == JL_OK) {
        rc = jl_office_tell(engine->office, &engine->session, err);
    }
    engine->past.at_work = false;
    return rc == JL_OK ? jl_office_past_keep(engine->office, &engine->past, err) : rc;
}
