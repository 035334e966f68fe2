/* Invariants:
 *   - phase ACTIVE or SUSPENDED only between a Welcome and the next silence or Refuse;
 *   - deadline_ms is set exactly while a request is in flight (Hello included);
 *   - `proven` means: the last proof covered exactly the facts' head and cursors;
 *   - wake_ms always names the next moment when something is due.
 *
 * After any trouble the way back is one and the same: forget what is in flight, say Hello, and let
 * Welcome tell where to go on. What was taken by the store before stays taken. */
#include "jielian/session.h"

#include <string.h>

static uint64_t next_random(struct jl_session *session) {
    /* splitmix64 (Steele, Lea and Flood 2014): jitter only. */
    uint64_t z = session->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static struct jl_action *emit(struct jl_actions *actions, enum jl_action_kind kind) {
    JL_ASSERT(actions->count < JL_SESSION_ACTIONS_MAX);
    struct jl_action *action = &actions->items[actions->count++];
    *action = (struct jl_action){.kind = kind};
    return action;
}

static void forget_requests(struct jl_session *session) {
    memset(session->pushed, 0, sizeof session->pushed);
    memset(session->pulling, 0, sizeof session->pulling);
    session->proving = false;
    session->asking = 0;
    session->deadline_ms = 0;
}

static bool in_flight(const struct jl_session *session) {
    bool pushing = false;
    for (int i = 0; i < JL_SESSION_PUSHES; i++) {
        pushing = pushing || session->pushed[i] != 0;
    }
    return pushing || session->pulling[0] || session->pulling[1] || session->proving ||
           session->asking != 0;
}

static void expect_answer(struct jl_session *session, int64_t now_ms) {
    session->deadline_ms = now_ms + JL_SESSION_ANSWER_MS;
}

/* An answer came: the link lives. What is still in flight gets its full time again. */
static void answered(struct jl_session *session, int64_t now_ms) {
    session->failures = 0;
    session->deadline_ms = in_flight(session) ? now_ms + JL_SESSION_ANSWER_MS : 0;
}

static uint32_t grow(uint32_t bytes, uint32_t most) {
    return bytes > most / 2 ? most : bytes * 2;
}
static uint32_t halve(uint32_t bytes) {
    return bytes / 2 < JL_PAGE_MIN_BYTES ? JL_PAGE_MIN_BYTES : bytes / 2;
}

/* Full jitter (Brooker 2015, "Exponential backoff and jitter"): spreads a thousand returning
 * devices over the whole interval. */
static void go_offline(struct jl_session *session, int64_t now_ms, int64_t at_least_ms) {
    forget_requests(session);
    session->phase = JL_SESSION_OFFLINE;
    session->heads_known = false;
    uint32_t doublings = session->failures < 16 ? session->failures : 16;
    int64_t most = (int64_t)JL_SESSION_BACKOFF_MIN_MS << doublings;
    if (most > JL_SESSION_BACKOFF_MAX_MS) {
        most = JL_SESSION_BACKOFF_MAX_MS;
    }
    int64_t wait = (int64_t)(next_random(session) % (uint64_t)(most + 1));
    session->failures++;
    session->wake_ms = now_ms + (wait > at_least_ms ? wait : at_least_ms);
}

static void greet(struct jl_session *session, int64_t now_ms, struct jl_actions *actions) {
    forget_requests(session);
    session->phase = JL_SESSION_GREETING;
    session->greet_ms = now_ms + JL_SESSION_GREET_MS;
    expect_answer(session, now_ms);
    emit(actions, JL_ACTION_HELLO);
}

void jl_session_init(struct jl_session *session, uint64_t seed) {
    *session = (struct jl_session){
        .random = seed, .batch_bytes = JL_BATCH_START_BYTES, .page_bytes = JL_PAGE_START_BYTES};
}

static bool covered(const struct jl_session *session, const struct jl_session_facts *facts) {
    return session->proven && session->proven_head == facts->head &&
           session->proven_cursor[0] == facts->cursor[0] &&
           session->proven_cursor[1] == facts->cursor[1] &&
           (!session->heads_known ||
            (session->heads[0] == facts->cursor[0] && session->heads[1] == facts->cursor[1]));
}

static void push_due(struct jl_session *session, const struct jl_session_facts *facts,
                     int64_t now_ms, struct jl_actions *actions) {
    if (session->push_next <= facts->confirmed) {
        session->push_next = facts->confirmed + 1;
    }
    for (int i = 0; i < JL_SESSION_PUSHES; i++) {
        if (session->pushed[i] != 0 || session->push_next > facts->head) {
            continue;
        }
        struct jl_action *action = emit(actions, JL_ACTION_PUSH);
        action->first_seq = session->push_next;
        action->max_bytes = session->batch_bytes;
        session->pushed[i] = session->push_next;
        expect_answer(session, now_ms);
        return; /* the driver tells by jl_session_sent how far this batch went */
    }
}

static void pull_due(struct jl_session *session, const struct jl_session_facts *facts,
                     int64_t now_ms, struct jl_actions *actions) {
    /* The shared feed first: it brings the catalogue that the office's rows are written in. */
    for (uint32_t feed = 0; feed < 2; feed++) {
        bool behind = facts->cursor[feed] < session->heads[feed];
        if (behind && !session->pulling[feed]) {
            struct jl_action *action = emit(actions, JL_ACTION_PULL);
            action->feed = feed;
            action->max_bytes = session->page_bytes;
            action->pages = JL_CREDIT_MAX_PAGES;
            session->pulling[feed] = true;
            session->pages_due[feed] = JL_CREDIT_MAX_PAGES;
            expect_answer(session, now_ms);
        }
        if (behind) {
            return;
        }
    }
}

/* What is due next, given that nothing is wrong. */
static void advance(struct jl_session *session, const struct jl_session_facts *facts,
                    int64_t now_ms, struct jl_actions *actions) {
    session->wake_ms = session->greet_ms;
    push_due(session, facts, now_ms, actions);
    if (session->phase == JL_SESSION_ACTIVE) {
        pull_due(session, facts, now_ms, actions);
        bool settled = facts->head == facts->confirmed && !in_flight(session);
        if (settled && !covered(session, facts) && !session->repair_failed) {
            session->proven = false;
            session->proving = true;
            expect_answer(session, now_ms);
            emit(actions, JL_ACTION_PROOF);
        }
    }
    if (session->deadline_ms != 0 && session->deadline_ms < session->wake_ms) {
        session->wake_ms = session->deadline_ms;
    }
}

/* ---- Messages ---- */

static void on_welcome(struct jl_session *session, const struct jl_session_facts *facts,
                       const struct jl_welcome *welcome, int64_t now_ms,
                       struct jl_actions *actions) {
    if (session->phase != JL_SESSION_GREETING) {
        return; /* late answer to a Hello that was given up */
    }
    session->refused = 0;
    session->heads[0] = welcome->head[0];
    session->heads[1] = welcome->head[1];
    session->heads_known = true;
    session->phase = welcome->suspended ? JL_SESSION_SUSPENDED : JL_SESSION_ACTIVE;
    session->deadline_ms = 0;
    answered(session, now_ms);
    emit(actions, JL_ACTION_TELL);
    if (welcome->again || welcome->last_seq > facts->head) {
        /* The district holds more of this incarnation than we do: we are a restored or copied file.
         */
        emit(actions, JL_ACTION_NEW_INCARNATION);
        session->push_next = 0;
        greet(session, now_ms, actions);
        return;
    }
    session->epoch_changed = !facts->has_epoch ||
                             memcmp(facts->epoch, welcome->epoch, sizeof facts->epoch) != 0 ||
                             welcome->last_seq < facts->confirmed;
    session->chain_seq = welcome->last_seq;
    session->push_next = facts->confirmed + 1;
    session->wake_ms = now_ms;
    emit(actions, JL_ACTION_CHECK_CHAIN);
}

static void on_chain(struct jl_session *session, const struct jl_session_facts *facts, bool same,
                     int64_t now_ms, struct jl_actions *actions) {
    if (!same) {
        emit(actions, JL_ACTION_NEW_INCARNATION);
        session->push_next = 0;
        greet(session, now_ms, actions);
        return;
    }
    if (session->epoch_changed) {
        session->epoch_changed = false;
        session->proven = false;
        session->push_next = session->chain_seq + 1;
        struct jl_action *action = emit(actions, JL_ACTION_TAKE_EPOCH);
        action->first_seq = session->chain_seq;
        greet(session, now_ms, actions); /* with the facts as they are then */
        return;
    }
    advance(session, facts, now_ms, actions);
}

static void on_verdicts(struct jl_session *session, const struct jl_verdicts *verdicts,
                        int64_t now_ms, struct jl_actions *actions) {
    for (int i = 0; i < JL_SESSION_PUSHES; i++) {
        if (session->pushed[i] == verdicts->first_seq) {
            session->pushed[i] = 0;
        }
    }
    answered(session, now_ms);
    if (verdicts->last_seq + 1 == verdicts->first_seq) {
        /* "Resend from": an earlier batch was lost on the way. */
        memset(session->pushed, 0, sizeof session->pushed);
        session->push_next = verdicts->first_seq;
    } else {
        session->batch_bytes = grow(session->batch_bytes, JL_BATCH_MAX_BYTES);
        emit(actions, JL_ACTION_TAKE_VERDICTS);
    }
    if (verdicts->office_head > session->heads[1]) {
        session->heads[1] = verdicts->office_head;
    }
    session->wake_ms = now_ms;
}

static void on_page(struct jl_session *session, const struct jl_session_facts *facts,
                    const struct jl_page *page, int64_t now_ms, struct jl_actions *actions) {
    if (page->repair) {
        if (session->asking != JL_ASK_ROWS) {
            return;
        }
        session->asking = 0;
        answered(session, now_ms);
        emit(actions, JL_ACTION_TAKE_PAGE);
        session->wake_ms = now_ms;
        return;
    }
    if (!session->pulling[page->feed] || page->from != facts->cursor[page->feed]) {
        return; /* late or doubled */
    }
    session->pages_due[page->feed]--;
    session->heads[page->feed] = page->head;
    if (session->pages_due[page->feed] == 0 || page->to >= page->head) {
        session->pulling[page->feed] = false;
    }
    session->page_bytes = grow(session->page_bytes, JL_PAGE_MAX_BYTES);
    answered(session, now_ms);
    emit(actions, JL_ACTION_TAKE_PAGE);
    session->wake_ms = now_ms;
}

static void on_proved(struct jl_session *session, const struct jl_session_facts *facts,
                      const struct jl_proved *proved, int64_t now_ms, struct jl_actions *actions) {
    if (!session->proving) {
        return;
    }
    session->proving = false;
    answered(session, now_ms);
    session->wake_ms = now_ms;
    switch (proved->result) {
    case JL_PROOF_IDENTICAL:
        if (facts->head != facts->confirmed) {
            return; /* a local change came in between: it needs a proof of its own */
        }
        session->proven = true;
        session->repair_rounds = 0;
        session->proven_head = facts->head;
        session->proven_cursor[0] = facts->cursor[0];
        session->proven_cursor[1] = facts->cursor[1];
        emit(actions, JL_ACTION_PROVEN)->wall_ms = proved->wall_ms;
        return;
    case JL_PROOF_MOVED:
        session->heads[0] = proved->head[0];
        session->heads[1] = proved->head[1];
        return;
    case JL_PROOF_DIFFERENT:
        break;
    }
    if (session->repair_rounds == JL_SESSION_REPAIRS_MAX) {
        session->repair_failed = true;
        emit(actions, JL_ACTION_TELL);
        return;
    }
    session->repair_rounds++;
    session->repair_feed = 0;
    session->asking = JL_ASK_BUCKETS;
    expect_answer(session, now_ms);
    emit(actions, JL_ACTION_ASK_BUCKETS)->feed = 0;
}

/* A comparison is done: go deeper where something differs, to the next feed where nothing does. */
static void on_different(struct jl_session *session, const struct jl_session_facts *facts,
                         size_t different, int64_t now_ms, struct jl_actions *actions) {
    enum jl_action_kind deeper =
        session->asking == JL_ASK_BUCKETS ? JL_ACTION_ASK_IDS : JL_ACTION_ASK_ROWS;
    if (different > 0) {
        session->asking++;
        expect_answer(session, now_ms);
        emit(actions, deeper)->feed = session->repair_feed;
    } else if (session->repair_feed == 0) {
        session->repair_feed = 1;
        session->asking = JL_ASK_BUCKETS;
        expect_answer(session, now_ms);
        emit(actions, JL_ACTION_ASK_BUCKETS)->feed = 1;
    } else {
        session->asking = 0;
        session->deadline_ms = 0;
        advance(session, facts, now_ms, actions);
    }
}

static void on_refuse(struct jl_session *session, const struct jl_refuse *refuse, int64_t now_ms,
                      struct jl_actions *actions) {
    session->refused = refuse->code;
    session->version_needed = refuse->version;
    switch (refuse->code) {
    case JL_REFUSE_REVOKED:
    case JL_REFUSE_VERSION:
    case JL_REFUSE_INVITATION:
        forget_requests(session);
        session->phase = JL_SESSION_STOPPED;
        session->wake_ms = now_ms + JL_SESSION_BACKOFF_MAX_MS;
        break;
    case JL_REFUSE_CHAIN:
        emit(actions, JL_ACTION_NEW_INCARNATION);
        session->push_next = 0;
        greet(session, now_ms, actions);
        return;
    case JL_REFUSE_HELLO:
        greet(session, now_ms, actions);
        return;
    case JL_REFUSE_BUSY:
    case JL_REFUSE_MALFORMED:
    case JL_REFUSE_SUSPENDED:
        go_offline(session, now_ms, (int64_t)refuse->retry_after_ms);
        break;
    }
    emit(actions, JL_ACTION_TELL);
}

static void on_message(struct jl_session *session, const struct jl_session_facts *facts,
                       const struct jl_event *event, struct jl_actions *actions) {
    const struct jl_message *message = event->message;
    int64_t now_ms = event->now_ms;
    if (message->kind == JL_MESSAGE_WELCOME) {
        on_welcome(session, facts, &message->as.welcome, now_ms, actions);
        return;
    }
    if (message->kind == JL_MESSAGE_REFUSE) {
        on_refuse(session, &message->as.refuse, now_ms, actions);
        return;
    }
    if (session->phase != JL_SESSION_ACTIVE && session->phase != JL_SESSION_SUSPENDED) {
        return;
    }
    switch (message->kind) {
    case JL_MESSAGE_VERDICTS:
        on_verdicts(session, &message->as.verdicts, now_ms, actions);
        break;
    case JL_MESSAGE_PAGE:
        on_page(session, facts, &message->as.page, now_ms, actions);
        break;
    case JL_MESSAGE_PROVED:
        on_proved(session, facts, &message->as.proved, now_ms, actions);
        break;
    case JL_MESSAGE_BUCKETS:
        if (session->asking == JL_ASK_BUCKETS && message->as.buckets.feed == session->repair_feed) {
            emit(actions, JL_ACTION_COMPARE_BUCKETS)->feed = session->repair_feed;
        }
        break;
    case JL_MESSAGE_IDS:
        if (session->asking == JL_ASK_IDS && message->as.ids.feed == session->repair_feed) {
            emit(actions, JL_ACTION_COMPARE_IDS)->feed = session->repair_feed;
        }
        break;
    case JL_MESSAGE_POKE:
        for (int feed = 0; feed < 2; feed++) {
            if (message->as.poke.head[feed] > session->heads[feed]) {
                session->heads[feed] = message->as.poke.head[feed];
            }
        }
        session->repair_failed = false;
        session->wake_ms = now_ms;
        break;
    case JL_MESSAGE_HELLO:
    case JL_MESSAGE_WELCOME:
    case JL_MESSAGE_PUSH:
    case JL_MESSAGE_PULL:
    case JL_MESSAGE_PROOF:
    case JL_MESSAGE_ASK:
    case JL_MESSAGE_REFUSE:
    case JL_MESSAGE_ENROL:
    case JL_MESSAGE_ENROLLED:
        break; /* not for a device in session */
    }
}

static void on_tick(struct jl_session *session, const struct jl_session_facts *facts,
                    int64_t now_ms, struct jl_actions *actions) {
    bool online = session->phase == JL_SESSION_ACTIVE || session->phase == JL_SESSION_SUSPENDED;
    if (session->deadline_ms != 0 && now_ms >= session->deadline_ms) {
        /* Silence: perhaps only large frames die on this path. */
        session->batch_bytes = halve(session->batch_bytes);
        session->page_bytes = halve(session->page_bytes);
        go_offline(session, now_ms, 0);
        emit(actions, JL_ACTION_TELL);
    } else if (online && now_ms >= session->greet_ms && !in_flight(session)) {
        session->repair_failed = false;
        greet(session, now_ms, actions);
        session->wake_ms = session->deadline_ms;
    } else if (online) {
        advance(session, facts, now_ms, actions);
    } else if (session->phase == JL_SESSION_OFFLINE && now_ms >= session->wake_ms) {
        greet(session, now_ms, actions);
        session->wake_ms = session->deadline_ms;
    }
}

void jl_session_step(struct jl_session *session, const struct jl_session_facts *facts,
                     const struct jl_event *event, struct jl_actions *out_actions) {
    out_actions->count = 0;
    switch (event->kind) {
    case JL_EVENT_TICK:
        on_tick(session, facts, event->now_ms, out_actions);
        break;
    case JL_EVENT_MESSAGE:
        on_message(session, facts, event, out_actions);
        break;
    case JL_EVENT_CHAIN:
        on_chain(session, facts, event->chain_same, event->now_ms, out_actions);
        break;
    case JL_EVENT_DIFFERENT:
        on_different(session, facts, event->different, event->now_ms, out_actions);
        break;
    case JL_EVENT_NOT_SENT:
        go_offline(session, event->now_ms, 0);
        emit(out_actions, JL_ACTION_TELL);
        break;
    }
}

void jl_session_sent(struct jl_session *session, uint64_t next_seq) {
    session->push_next = next_seq;
}

bool jl_session_busy(const struct jl_session *session, const struct jl_session_facts *facts) {
    return !covered(session, facts) || in_flight(session);
}
