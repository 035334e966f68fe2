/* The loop around the session.
 *
 *   ┌─> messages ─> link ─> ticks ─> ended? ─> wait (socket, doorbell, wake_ms, 1 s) ─┐
 *   └──────────────────────────────────────────────────────────────────────────────────┘
 *
 * Invariant: every round steps the session at least once with the facts as they are then, so a
 * change by another process is on its way within JL_ENGINE_LOOK_MS even if nobody rang. */
#include "engine.h"

#include "client/books/office_about.h"
#include "client/books/office_deep.h"

#include "jielian/base/fault.h"
#include "jielian/base/log.h"
#include "jielian/crypto/random.h"
#include "jielian/net/bell.h"
#include "jielian/net/frame.h"
#include "jielian/net/wait.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    MESSAGES_PER_ROUND = 64, /* then look at timers and signals again */
    TICKS_PER_ROUND = 16,
    TROUBLE_MIN_MS = 1000,
};

static int64_t now_ms(const struct jl_engine *engine) {
    const struct jl_clock *clock = &engine->office->clock;
    return clock->steady_ms(clock->context);
}

/* ---- Life ---- */

_Static_assert((int)JL_OFFICE_ENDPOINTS_MAX <= (int)JL_CLIENT_ENDPOINTS_MAX,
               "all of them are tried");

static enum jl_rc read_endpoints(struct jl_office *office,
                                 struct jl_office_about_endpoints *out_endpoints,
                                 struct jl_err *err) {
    enum jl_rc rc = jl_office_begin(office, false, err);
    if (rc == JL_OK) {
        rc = jl_office_about_endpoints(office, out_endpoints, err);
        jl_store_rollback(office->books->store);
    }
    return rc;
}

enum jl_rc jl_engine_new(struct jl_office *office, struct jl_net *net, struct jl_bell *bell,
                         bool staged, struct jl_engine **out_engine, struct jl_err *err) {
    JL_AUTO_PTR(jl_engine) engine = calloc(1, sizeof *engine);
    if (engine == NULL) {
        return jl_fault_memory(err);
    }
    engine->office = office;
    engine->bell = bell;
    engine->staged = staged;
    engine->link = JL_LINK_DOWN;
    uint64_t random[2];
    enum jl_rc rc = jl_random(random, sizeof random, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_session_init(&engine->session, random[0]);
    struct jl_office_about_endpoints endpoints;
    rc = read_endpoints(office, &endpoints, err);
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_client_options options = {.endpoint = endpoints.list[0],
                                              .server_public = office->identity.server_public,
                                              .curve_secret = &office->keys.curve,
                                              .jitter_seed = (uint32_t)random[1]};
    rc = jl_client_open(net, &options, &engine->client, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_client_endpoints(engine->client, endpoints.list, endpoints.count);
    *out_engine = engine;
    engine = NULL;
    return JL_OK;
}

void jl_engine_free(struct jl_engine *engine) {
    if (engine == NULL) {
        return;
    }
    jl_client_close(engine->client);
    jl_arena_fini(&engine->arena);
    jl_buf_wipe(&engine->frame);
    free(engine);
}

void jl_engine_prove_again(struct jl_engine *engine) {
    jl_session_prove_again(&engine->session);
}

/* ---- Steps ---- */

/* A person waits for a fresh proof: forget the last one and any back-off, once per wish. */
static void heed_wish(struct jl_engine *engine) {
    const struct jl_office_state *state = &engine->office->state;
    struct jl_session *session = &engine->session;
    if (state->proof_wanted <= state->proof_done || state->proof_wanted == engine->wanted_seen) {
        return;
    }
    engine->wanted_seen = state->proof_wanted;
    session->proven = false;
    session->repair_failed = false;
    session->repair_rounds = 0;
    if (session->phase == JL_SESSION_OFFLINE) {
        session->wake_ms = now_ms(engine);
    }
}

static bool wants_deep(const struct jl_engine *engine) {
    const struct jl_office_state *state = &engine->office->state;
    bool asked = state->deep_wanted > state->deep_done;
    return !engine->staged && engine->welcome.wall_ms != 0 &&
           now_ms(engine) >= engine->deep_after_ms && (asked || !engine->deep_unanswered) &&
           jl_office_deep_due(engine->office, engine->welcome.wall_ms);
}

static enum jl_rc read_facts(struct jl_engine *engine, struct jl_err *err) {
    enum jl_rc rc = jl_office_begin(engine->office, false, err);
    if (rc == JL_OK) {
        jl_store_rollback(engine->office->books->store);
        jl_office_facts(engine->office, &engine->facts);
        engine->facts.deep = wants_deep(engine);
        heed_wish(engine);
    }
    return rc;
}

/* JL_OK: the trouble is noted and the timer tries again. */
static enum jl_rc sort_trouble(struct jl_engine *engine, enum jl_rc rc, const struct jl_err *err) {
    switch (rc) {
    case JL_OK:
        return JL_OK;
    case JL_IO:
    case JL_CORRUPT:
        return rc;
    case JL_BUSY:
    case JL_NOMEM:
    case JL_PROTO:
    case JL_DENIED:
    case JL_LIMIT:
    case JL_CONFLICT:
    case JL_NOT_FOUND:
    case JL_MISUSE:
        break;
    }
    engine->trouble = *err;
    engine->trouble_ms = engine->trouble_ms == 0 ? TROUBLE_MIN_MS : engine->trouble_ms * 2;
    if (engine->trouble_ms > JL_ENGINE_TROUBLE_MAX_MS) {
        engine->trouble_ms = JL_ENGINE_TROUBLE_MAX_MS;
    }
    jl_log_err(JL_LOG_WARN, "trouble", err);
    engine->next = JL_EVENT_NOT_SENT;
    return JL_OK;
}

/* Step the session with an event, and with the answers to its actions, until it asks no more. */
static enum jl_rc handle(struct jl_engine *engine, enum jl_event_kind kind, struct jl_err *err) {
    while (kind != 0) {
        struct jl_actions actions;
        struct jl_event event = {.kind = kind,
                                 .now_ms = now_ms(engine),
                                 .message = engine->message,
                                 .chain_same = engine->chain_same,
                                 .compared = engine->compared};
        enum jl_rc rc = read_facts(engine, err);
        if (rc == JL_BUSY || rc == JL_NOMEM) {
            return JL_OK; /* whatever this event was for, a deadline of the session covers it */
        }
        if (rc != JL_OK) {
            return rc;
        }
        engine->next = 0;
        bool troubled = false;
        jl_session_step(&engine->session, &engine->facts, &event, &actions);
        for (size_t i = 0; i < actions.count && engine->next != JL_EVENT_NOT_SENT; i++) {
            engine->acted = true;
            enum jl_rc acted = jl_engine_act(engine, &actions.items[i], err);
            rc = sort_trouble(engine, acted, err);
            if (rc != JL_OK) {
                return rc;
            }
            troubled = troubled || acted != JL_OK;
        }
        if (engine->next != JL_EVENT_NOT_SENT) {
            jl_engine_watch_cycle(engine);
        }
        int64_t again_ms = event.now_ms + engine->trouble_ms;
        if (kind == JL_EVENT_NOT_SENT && engine->trouble_ms > 0 &&
            engine->session.wake_ms < again_ms) {
            engine->session.wake_ms = again_ms;
        }
        if (troubled && kind == JL_EVENT_NOT_SENT) {
            return JL_OK; /* not even telling works; the timer comes back to it */
        }
        kind = engine->next;
    }
    return JL_OK;
}

static bool due(const struct jl_engine *engine) {
    return engine->pushed || (engine->session.phase != JL_SESSION_STOPPED &&
                              engine->session.wake_ms <= now_ms(engine));
}

/* At least one TICK; more while they lead to something. */
static enum jl_rc tick(struct jl_engine *engine, struct jl_err *err) {
    for (int i = 0; i < TICKS_PER_ROUND; i++) {
        engine->pushed = false;
        engine->acted = false;
        enum jl_rc rc = handle(engine, JL_EVENT_TICK, err);
        if (rc != JL_OK || !engine->acted || !due(engine)) {
            return rc;
        }
    }
    return JL_OK;
}

/* The session's part of a Welcome stays in the engine, the rest in the books: a message that is
 * gone is no place for it. That it can't be kept just now is no reason to stop. */
static enum jl_rc greeted(struct jl_engine *engine, const struct jl_welcome *welcome,
                          struct jl_err *err) {
    struct jl_office_about_endpoints endpoints;
    enum jl_rc rc =
        jl_office_about_keep(engine->office, welcome, jl_client_endpoint(engine->client), err);
    if (rc == JL_OK && welcome->endpoint_count > 0) {
        rc = read_endpoints(engine->office, &endpoints, err);
        if (rc == JL_OK) {
            jl_client_endpoints(engine->client, endpoints.list, endpoints.count);
        }
    }
    engine->welcome.program = jl_bytes(NULL, 0);
    engine->welcome.endpoints = NULL;
    engine->welcome.pcs = NULL;
    engine->welcome.endpoint_count = engine->welcome.pc_count = 0;
    return rc == JL_IO || rc == JL_CORRUPT ? rc : JL_OK;
}

static enum jl_rc take_frame(struct jl_engine *engine, struct jl_bytes frame, struct jl_err *err) {
    struct jl_message message;
    jl_arena_reset(&engine->arena);
    enum jl_rc rc = jl_wire_decode(engine->office->wire, frame, &engine->arena, &message, err);
    if (rc != JL_OK) {
        engine->dropped++;
        engine->trouble = *err;
        jl_log_err(JL_LOG_WARN, "frame_dropped", err);
        return JL_OK;
    }
    const struct jl_clock *clock = &engine->office->clock;
    engine->heard_ms = now_ms(engine);
    engine->heard_wall_ms = clock->wall_ms(clock->context);
    if (message.kind == JL_MESSAGE_WELCOME) {
        engine->welcome = message.as.welcome;
        engine->past_told = engine->past_told || engine->past_sent;
        engine->past_sent = false;
        rc = greeted(engine, &message.as.welcome, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    if (message.kind == JL_MESSAGE_PROVED && message.as.proved.result == JL_PROOF_MOVED) {
        engine->deep_after_ms = now_ms(engine) + JL_ENGINE_DEEP_GAP_MS;
    }
    engine->message = &message;
    rc = handle(engine, JL_EVENT_MESSAGE, err);
    engine->message = NULL;
    return rc == JL_OK ? tick(engine, err) : rc;
}

static enum jl_rc take_messages(struct jl_engine *engine, struct jl_err *err) {
    for (int i = 0; i < MESSAGES_PER_ROUND; i++) {
        struct jl_frame frame = {0};
        enum jl_rc rc = jl_client_receive(engine->client, &frame, err);
        if (rc == JL_NOT_FOUND) {
            return JL_OK;
        }
        if (rc == JL_OK) {
            rc = take_frame(engine, frame.bytes, err);
            jl_frame_fini(&frame);
        }
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

/* What the connection says of itself spares waiting: for a deadline when it broke, for the end of
 * a back-off when it is there again. */
static enum jl_rc watch_link(struct jl_engine *engine, struct jl_err *err) {
    enum jl_link link = jl_client_link(engine->client);
    struct jl_session *session = &engine->session;
    bool before = engine->link == JL_LINK_UP;
    if (link == engine->link) {
        return JL_OK;
    }
    engine->link = link;
    engine->refused_ms = jl_link_refused(link) ? now_ms(engine) : 0;
    if (link == JL_LINK_UP && session->phase == JL_SESSION_OFFLINE && engine->trouble_ms == 0) {
        session->wake_ms = now_ms(engine);
    }
    if (before && (session->phase == JL_SESSION_GREETING || session->phase == JL_SESSION_ACTIVE ||
                   session->phase == JL_SESSION_SUSPENDED)) {
        return handle(engine, JL_EVENT_NOT_SENT, err);
    }
    return JL_OK;
}

/* A key that the district does not admit: it says whether it has revoked it or does not know it. */
static enum jl_rc watch_refusal(struct jl_engine *engine, struct jl_err *err) {
    struct jl_session *session = &engine->session;
    bool lasting =
        engine->refused_ms != 0 && now_ms(engine) - engine->refused_ms >= JL_ENGINE_REFUSED_MS;
    enum jl_refuse_code why =
        engine->link == JL_LINK_REVOKED ? JL_REFUSE_REVOKED : JL_REFUSE_INVITATION;
    if (!lasting || session->refused == why) {
        return JL_OK;
    }
    session->refused = why;
    enum jl_rc rc = jl_engine_act(engine, &(struct jl_action){.kind = JL_ACTION_TELL}, err);
    rc = sort_trouble(engine, rc, err);
    engine->next = 0;
    return rc;
}

/* ---- Ends ---- */

static enum jl_engine_end refused_end(const struct jl_engine *engine) {
    const struct jl_session *session = &engine->session;
    bool shut_out = engine->refused_ms != 0 && (session->refused == JL_REFUSE_REVOKED ||
                                                session->refused == JL_REFUSE_INVITATION);
    if (session->phase == JL_SESSION_STOPPED || shut_out) {
        return JL_ENGINE_REFUSED;
    }
    bool delivered = session->phase == JL_SESSION_SUSPENDED && !jl_engine_sending(session);
    if (delivered || session->refused == JL_REFUSE_SUSPENDED) {
        return JL_ENGINE_SUSPENDED;
    }
    return session->repair_failed ? JL_ENGINE_DIFFERENT : 0;
}

/* Each endpoint has its time before it is said that none is there. */
static int64_t round_ms(const struct jl_engine *engine, int64_t bound_ms) {
    int64_t count = (int64_t)jl_client_endpoint_count(engine->client);
    int64_t least_ms = count > 1 ? count * JL_CONNECT_MS + JL_ENGINE_ROUND_SPARE_MS : 0;
    return bound_ms > 0 && bound_ms < least_ms ? least_ms : bound_ms;
}

static bool longer(int64_t since_ms, int64_t start_ms, int64_t now, int64_t bound_ms) {
    int64_t from_ms = since_ms > start_ms ? since_ms : start_ms;
    return bound_ms > 0 && now - from_ms >= bound_ms;
}

/* 0: go on. */
static enum jl_engine_end ended(const struct jl_engine *engine,
                                const struct jl_engine_limits *limits, int64_t start_ms) {
    const struct jl_session *session = &engine->session;
    int64_t now = now_ms(engine);
    if (limits->stop != NULL && *limits->stop) {
        return JL_ENGINE_SIGNAL;
    }
    const struct jl_office_state *state = &engine->office->state;
    if (limits->until_proven && session->phase == JL_SESSION_ACTIVE && session->proven &&
        !jl_session_busy(session, &engine->facts) && state->deep_wanted <= state->deep_done) {
        return state->deep_result == JL_DEEP_DIFFERENT ? JL_ENGINE_DEEP : JL_ENGINE_PROVEN;
    }
    enum jl_engine_end end = limits->patient ? 0 : refused_end(engine);
    if (end != 0) {
        return end;
    }
    if (limits->overall_ms > 0 && now - start_ms >= limits->overall_ms) {
        return JL_ENGINE_TIME;
    }
    bool met = engine->heard_ms > start_ms || jl_client_met(engine->client);
    int64_t silence_ms = round_ms(engine, met ? limits->lost_ms : limits->silent_ms);
    if (longer(engine->heard_ms, start_ms, now, silence_ms)) {
        return JL_ENGINE_SILENT;
    }
    return longer(engine->progress_ms, start_ms, now, limits->stuck_ms) ? JL_ENGINE_STUCK : 0;
}

/* ---- The loop ---- */

static enum jl_rc wait_for_news(struct jl_engine *engine, struct jl_err *err) {
    struct jl_wait_item items[2] = {{.client = engine->client}, {.bell = engine->bell}};
    int64_t left_ms = engine->session.wake_ms - now_ms(engine);
    long wait_ms = JL_ENGINE_LOOK_MS;
    if (engine->session.phase != JL_SESSION_STOPPED && left_ms > 0 && left_ms < wait_ms) {
        wait_ms = (long)left_ms;
    }
    enum jl_rc rc = jl_wait_any(items, engine->bell != NULL ? 2 : 1, wait_ms, err);
    if (rc == JL_OK && engine->bell != NULL) {
        jl_bell_clear(engine->bell);
    }
    return rc;
}

static enum jl_rc round_once(struct jl_engine *engine, bool patient, struct jl_err *err) {
    struct jl_session *session = &engine->session;
    enum jl_rc rc = take_messages(engine, err);
    if (rc == JL_OK) {
        rc = watch_link(engine, err);
    }
    if (rc == JL_OK) {
        rc = watch_refusal(engine, err);
    }
    if (patient && session->phase == JL_SESSION_STOPPED && session->wake_ms <= now_ms(engine)) {
        session->phase = JL_SESSION_OFFLINE; /* a person may have admitted this device again */
    }
    if (rc == JL_OK) {
        rc = tick(engine, err);
    }
    return rc == JL_OK ? sort_trouble(engine, jl_engine_keep_past(engine, err), err) : rc;
}

enum jl_rc jl_engine_run(struct jl_engine *engine, const struct jl_engine_limits *limits,
                         enum jl_engine_end *out_end, struct jl_err *err) {
    int64_t start_ms = now_ms(engine);
    for (;;) {
        enum jl_rc rc = round_once(engine, limits->patient, err);
        if (rc != JL_OK) {
            return rc;
        }
        *out_end = ended(engine, limits, start_ms);
        if (*out_end != 0) {
            return JL_OK;
        }
        rc = wait_for_news(engine, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
}
