/* Invariants:
 *   - phase ACTIVE or SUSPENDED only between a Welcome and the next silence or Refuse;
 *   - deadline_ms is set exactly while a request is in flight (Hello and CHECK_CHAIN included);
 *   - `proven` means: the last proof covered exactly proven_head and proven_cursor;
 *   - wake_ms always names the next moment when something is due.
 *
 * After any trouble the way back is one and the same: forget what is in flight, say Hello, and let
 * Welcome tell where to go on. What was taken by the store before stays taken.
 *
 * Answers name no request, so one that comes late may be taken for another. Nothing here depends on
 * that being rare: an answer only ever frees a place in flight, the store takes nothing that does
 * not follow what it has, and what neither is confirmed nor in flight is sent again. */
#include "session.h"

#include "jielian/base/assert.h"

#include <string.h>

static uint64_t next_random(struct jl_session *session) {
    /* splitmix64 (Steele, Lea and Flood 2014): jitter only. */
    uint64_t z = session->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static bool online(const struct jl_session *session) {
    return session->phase == JL_SESSION_ACTIVE || session->phase == JL_SESSION_SUSPENDED;
}

/* ---- Coming and going ---- */

/* Full jitter (Brooker 2015, "Exponential backoff and jitter"): spreads a thousand returning
 * devices over the whole interval. */
static void go_offline(struct jl_session *session, int64_t now_ms, int64_t at_least_ms) {
    jl_session_forget(session);
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
    jl_session_forget(session);
    session->phase = JL_SESSION_GREETING;
    session->greet_ms = now_ms + JL_SESSION_GREET_MS;
    session->deadline_ms = session->wake_ms = now_ms + JL_SESSION_ANSWER_MS;
    jl_session_emit(actions, JL_ACTION_HELLO);
}

/* The district speaks of things that we do not know: a Hello sorts it out. At once the first time,
 * by back-off when that has not led on. */
static void greet_anew(struct jl_session *session, int64_t now_ms, struct jl_actions *actions) {
    if (session->failures == 0) {
        session->failures = 1;
        greet(session, now_ms, actions);
    } else {
        go_offline(session, now_ms, 0);
        jl_session_emit(actions, JL_ACTION_TELL);
    }
}

/* The first time at once. If that leads nowhere (a key that the district does not know, answers to
 * an older incarnation that were still on their way), ever more slowly: each is a new chain for the
 * district to keep. */
static void renew(struct jl_session *session, int64_t now_ms, struct jl_actions *actions) {
    jl_session_emit(actions, JL_ACTION_NEW_INCARNATION);
    session->push_next = 0;
    session->proven = false;
    uint32_t doublings = session->renewals < 4 ? session->renewals : 4;
    session->renewals++;
    if (doublings == 0) {
        greet(session, now_ms, actions);
    } else {
        go_offline(session, now_ms, (int64_t)JL_SESSION_ANSWER_MS << (doublings - 1));
        jl_session_emit(actions, JL_ACTION_TELL);
    }
}

void jl_session_init(struct jl_session *session, uint64_t seed) {
    *session = (struct jl_session){.random = seed,
                                   .batch_bytes = JL_BATCH_START_BYTES,
                                   .page_bytes = JL_PAGE_START_BYTES,
                                   .batch_most = JL_BATCH_MAX_BYTES,
                                   .page_most = JL_PAGE_MAX_BYTES};
}

/* ---- What is due ----
 *
 * The office's feed is not read while a batch waits for its verdicts, nor the other way round: a
 * row read with the op still laid over it would go on showing what the verdict then takes back. */

static void push_due(struct jl_session *session, const struct jl_session_facts *facts,
                     int64_t now_ms, struct jl_actions *actions) {
    /* A suspended device is never told a verdict: there push_next alone says what is delivered. */
    bool again = session->phase == JL_SESSION_ACTIVE && session->pushed[0] == 0;
    if (again || session->push_next <= facts->confirmed) {
        session->push_next = facts->confirmed + 1;
    }
    int slot = session->pushed[0] == 0 ? 0 : 1;
    /* What is in flight follows on a batch that was taken in part: "send again" is on its way. */
    bool ahead = session->phase == JL_SESSION_ACTIVE && session->pushed[0] > facts->confirmed + 1;
    bool waits = slot > 0 && (ahead || session->batch_bytes <= JL_SESSION_ALONE_BYTES);
    if (session->pushed[slot] != 0 || waits || session->pulling[1] ||
        session->push_next > facts->head) {
        return;
    }
    struct jl_action *action = jl_session_emit(actions, JL_ACTION_PUSH);
    action->first_seq = session->push_next;
    action->max_bytes = session->batch_bytes;
    jl_session_expect(session, JL_LANE_PUSH, now_ms);
    session->pushed[slot] = session->push_next;
    /* One a step: the driver tells by jl_session_sent how far this batch went. */
}

static void pull_due(struct jl_session *session, const struct jl_session_facts *facts,
                     int64_t now_ms, struct jl_actions *actions) {
    uint32_t pages = session->page_bytes <= JL_SESSION_ALONE_BYTES ? 1 : JL_CREDIT_MAX_PAGES;
    /* The shared feed first: it brings the catalogue that the office's rows are written in. */
    for (uint32_t feed = 0; feed < 2; feed++) {
        bool behind = facts->cursor[feed] < session->heads[feed];
        bool waits = feed == 1 && session->pushed[0] != 0;
        if (behind && !waits && !session->pulling[feed]) {
            struct jl_action *action = jl_session_emit(actions, JL_ACTION_PULL);
            action->feed = feed;
            action->max_bytes = session->page_bytes;
            action->pages = pages;
            action->echo = facts->cursor[feed] < session->echo_to[feed];
            jl_session_expect(session, (enum jl_session_lane)feed, now_ms);
            session->pulling[feed] = true;
            session->pages_due[feed] = pages;
        }
        if (behind) {
            return;
        }
    }
}

/* What is due next, given that nothing is wrong. */
static void advance(struct jl_session *session, const struct jl_session_facts *facts,
                    int64_t now_ms, struct jl_actions *actions) {
    if (!session->checking) {
        push_due(session, facts, now_ms, actions);
    }
    if (session->phase == JL_SESSION_ACTIVE && !session->checking) {
        pull_due(session, facts, now_ms, actions);
        bool settled = facts->head == facts->confirmed && !jl_session_in_flight(session);
        bool wanted = facts->deep || !jl_session_covered(session, facts);
        if (settled && wanted && !session->repair_failed) {
            jl_session_prove(session, facts, now_ms, actions);
        }
    }
    if (jl_session_in_flight(session)) {
        session->wake_ms = jl_session_given_up_ms(session);
    } else {
        session->failures = 0; /* at rest */
        session->wake_ms = session->greet_ms;
    }
}

/* A person must act before anything else makes sense. Asks again now and then. */
static void stop(struct jl_session *session, enum jl_refuse_code why, int64_t now_ms) {
    jl_session_forget(session);
    session->refused = why;
    session->phase = JL_SESSION_STOPPED;
    session->wake_ms = now_ms + JL_SESSION_BACKOFF_MAX_MS;
}

/* ---- Messages ---- */

static void on_welcome(struct jl_session *session, const struct jl_session_facts *facts,
                       const struct jl_welcome *welcome, int64_t now_ms,
                       struct jl_actions *actions) {
    if (session->phase != JL_SESSION_GREETING) {
        return; /* late answer to a Hello that was given up */
    }
    if (welcome->suite != facts->suite) {
        /* Every hash would differ, and look like damage or like a copied device. */
        session->suite_needed = welcome->suite;
        stop(session, JL_REFUSE_VERSION, now_ms);
        jl_session_emit(actions, JL_ACTION_TELL);
        return;
    }
    bool same_epoch =
        facts->has_epoch && memcmp(facts->epoch, welcome->epoch, sizeof facts->epoch) == 0;
    bool read_ahead = false; /* of a feed that is shorter than what we have read */
    for (int feed = 0; feed < 2; feed++) {
        bool poked = session->heads_known && same_epoch &&
                     session->heads[feed] > welcome->head[feed]; /* meanwhile */
        session->heads[feed] = poked ? session->heads[feed] : welcome->head[feed];
        read_ahead = read_ahead || welcome->head[feed] < facts->cursor[feed];
    }
    for (int feed = 0; feed < 2 && session->reread; feed++) {
        session->echo_to[feed] = session->heads[feed];
    }
    session->reread = false;
    session->refused = 0;
    session->suite_needed = 0;
    session->heads_known = true;
    session->phase = welcome->suspended ? JL_SESSION_SUSPENDED : JL_SESSION_ACTIVE;
    session->repair_failed = false;
    session->repair_rounds = session->repair_full = 0;
    session->repair_more = false;
    jl_session_emit(actions, JL_ACTION_TELL);
    if (welcome->again || welcome->last_seq > facts->head) {
        /* The district holds more of this incarnation than we do: we are a restored or copied file.
         */
        renew(session, now_ms, actions);
        return;
    }
    session->epoch_changed = !same_epoch || read_ahead || welcome->last_seq < facts->confirmed;
    session->chain_seq = welcome->last_seq;
    session->push_next = facts->confirmed + 1;
    session->checking = true;
    session->deadline_ms = session->wake_ms = now_ms + JL_SESSION_ANSWER_MS;
    jl_session_emit(actions, JL_ACTION_CHECK_CHAIN);
}

static void on_chain(struct jl_session *session, const struct jl_session_facts *facts, bool same,
                     int64_t now_ms, struct jl_actions *actions) {
    if (!session->checking) {
        return;
    }
    session->checking = false;
    session->deadline_ms = 0;
    if (!same) {
        renew(session, now_ms, actions);
        return;
    }
    if (session->epoch_changed) {
        session->epoch_changed = false;
        session->proven = false;
        session->push_next = session->chain_seq + 1;
        struct jl_action *action = jl_session_emit(actions, JL_ACTION_TAKE_EPOCH);
        action->first_seq = session->chain_seq;
        session->reread = true;
        greet(session, now_ms, actions); /* with the facts as they are then */
        return;
    }
    advance(session, facts, now_ms, actions);
}

static void drop_oldest_push(struct jl_session *session) {
    session->pushed[0] = session->pushed[1];
    session->pushed[1] = 0;
}

/* "Send again from first_seq": an earlier batch was lost on the way. To a suspended device, which
 * hears nothing else, it says: what is before first_seq is in quarantine. */
static void on_resend(struct jl_session *session, const struct jl_session_facts *facts,
                      uint64_t first_seq, int64_t now_ms, struct jl_actions *actions) {
    if (session->phase == JL_SESSION_SUSPENDED && first_seq > facts->head + 1) {
        /* It holds ops of this incarnation that we never made: another copy of this file did. */
        renew(session, now_ms, actions);
        return;
    }
    if (session->phase == JL_SESSION_SUSPENDED) {
        while (session->pushed[0] != 0 && session->pushed[0] < first_seq) {
            drop_oldest_push(session);
        }
        if (session->pushed[0] == 0 || first_seq > session->push_next) {
            session->push_next = first_seq;
        }
    } else if (first_seq == facts->confirmed + 1) {
        memset(session->pushed, 0, sizeof session->pushed);
    } else { /* restored meanwhile, or we are suspended since a moment ago */
        greet_anew(session, now_ms, actions);
        return;
    }
    jl_session_heard(session, JL_LANE_PUSH, now_ms);
}

static void on_verdicts(struct jl_session *session, const struct jl_session_facts *facts,
                        const struct jl_verdicts *verdicts, int64_t now_ms,
                        struct jl_actions *actions) {
    if (verdicts->last_seq + 1 == verdicts->first_seq) {
        on_resend(session, facts, verdicts->first_seq, now_ms, actions);
        return;
    }
    bool expected = false;
    for (int i = 0; i < JL_SESSION_PUSHES; i++) {
        expected = expected || session->pushed[i] == verdicts->first_seq;
    }
    if (!expected) {
        return; /* late or doubled: if these ops have no verdict yet, they are sent again */
    }
    /* The district answers in order: what was sent before this batch has lost its answer. */
    while (session->pushed[0] != verdicts->first_seq) {
        drop_oldest_push(session);
    }
    uint64_t behind = session->pushed[1] != 0 ? session->pushed[1] : session->push_next;
    if (verdicts->last_seq + 1 < behind) {
        jl_session_cut(session, verdicts->last_seq + 1 - verdicts->first_seq,
                       behind - verdicts->first_seq);
    } else {
        jl_session_grow(session, JL_LANE_PUSH, now_ms);
    }
    drop_oldest_push(session);
    session->failures = session->renewals = 0;
    if (verdicts->office_head > session->heads[1]) {
        session->heads[1] = verdicts->office_head;
    }
    jl_session_emit(actions, JL_ACTION_TAKE_VERDICTS);
    jl_session_heard(session, JL_LANE_PUSH, now_ms);
}

static void on_page(struct jl_session *session, const struct jl_session_facts *facts,
                    const struct jl_page *page, int64_t now_ms, struct jl_actions *actions) {
    enum jl_session_lane lane = page->feed == 0 ? JL_LANE_SHARED : JL_LANE_OFFICE;
    bool next = page->from == facts->cursor[lane];
    if (page->repair) {
        jl_session_repaired(session, facts, now_ms, actions);
        return;
    }
    if (!session->pulling[lane]) {
        return; /* late or doubled */
    }
    /* It uses up credit even if it is not the next one: verdicts may have moved the cursor past it,
     * and then no other will come. */
    session->pages_due[lane]--;
    if (session->pages_due[lane] == 0 || page->to >= page->head) {
        session->pulling[lane] = false;
    }
    if (next) {
        jl_session_grow(session, lane, now_ms);
        session->failures = 0;
        session->heads[lane] = page->head;
        jl_session_emit(actions, JL_ACTION_TAKE_PAGE);
    }
    jl_session_heard(session, lane, now_ms);
}

static void on_poke(struct jl_session *session, const struct jl_poke *poke, int64_t now_ms) {
    for (int feed = 0; feed < 2; feed++) {
        if (session->heads_known && poke->head[feed] > session->heads[feed]) {
            session->heads[feed] = poke->head[feed];
            session->repair_failed = false;
            session->wake_ms = online(session) ? now_ms : session->wake_ms;
        }
    }
}

/* ---- Refusals ---- */

static int64_t retry_ms(const struct jl_refuse *refuse) {
    int64_t least =
        refuse->code == JL_REFUSE_BUSY ? JL_SESSION_BACKOFF_MIN_MS : JL_SESSION_FAULT_MS;
    if (refuse->retry_after_ms > JL_SESSION_RETRY_MAX_MS) {
        return JL_SESSION_RETRY_MAX_MS;
    }
    return (int64_t)refuse->retry_after_ms > least ? (int64_t)refuse->retry_after_ms : least;
}

static void on_refuse(struct jl_session *session, const struct jl_refuse *refuse, int64_t now_ms,
                      struct jl_actions *actions) {
    bool to_hello = refuse->code == JL_REFUSE_HELLO || refuse->code == JL_REFUSE_CHAIN;
    if (session->phase == JL_SESSION_STOPPED || (to_hello && !online(session))) {
        return; /* one of several requests that were refused for the same reason */
    }
    session->refused = refuse->code;
    session->version_needed = refuse->version;
    session->suite_needed = refuse->suite;
    switch (refuse->code) {
    case JL_REFUSE_REVOKED:
    case JL_REFUSE_VERSION:
    case JL_REFUSE_INVITATION:
        stop(session, refuse->code, now_ms);
        break;
    case JL_REFUSE_CHAIN:
        renew(session, now_ms, actions);
        return;
    case JL_REFUSE_HELLO:
        greet_anew(session, now_ms, actions);
        return;
    case JL_REFUSE_BUSY:
    case JL_REFUSE_MALFORMED:
    case JL_REFUSE_SUSPENDED:
        if (session->phase != JL_SESSION_OFFLINE) {
            go_offline(session, now_ms, retry_ms(refuse));
        } else if (session->wake_ms < now_ms + retry_ms(refuse)) {
            session->wake_ms = now_ms + retry_ms(refuse);
        }
        break;
    }
    jl_session_emit(actions, JL_ACTION_TELL);
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
    if (message->kind == JL_MESSAGE_POKE) {
        on_poke(session, &message->as.poke, now_ms);
        return;
    }
    if (!online(session) || session->checking) {
        return;
    }
    switch (message->kind) {
    case JL_MESSAGE_VERDICTS:
        on_verdicts(session, facts, &message->as.verdicts, now_ms, actions);
        break;
    case JL_MESSAGE_PAGE:
        on_page(session, facts, &message->as.page, now_ms, actions);
        break;
    case JL_MESSAGE_PROVED:
        if (!jl_session_proved(session, facts, &message->as.proved, now_ms, actions)) {
            greet_anew(session, now_ms, actions);
        }
        break;
    case JL_MESSAGE_BUCKETS:
    case JL_MESSAGE_IDS:
        jl_session_listed(session, facts, message, now_ms, actions);
        break;
    case JL_MESSAGE_HELLO:
    case JL_MESSAGE_WELCOME:
    case JL_MESSAGE_PUSH:
    case JL_MESSAGE_PULL:
    case JL_MESSAGE_PROOF:
    case JL_MESSAGE_ASK:
    case JL_MESSAGE_POKE:
    case JL_MESSAGE_REFUSE:
    case JL_MESSAGE_ENROL:
    case JL_MESSAGE_ENROLLED:
    case JL_MESSAGE_BYE:
    case JL_MESSAGE_HISTORY:
    case JL_MESSAGE_LINES: /* a person's question has a connection of its own */
        break;             /* not for a device in session */
    }
}

/* ---- Steps ---- */

static void on_tick(struct jl_session *session, const struct jl_session_facts *facts,
                    int64_t now_ms, struct jl_actions *actions) {
    if (session->deadline_ms != 0 && now_ms >= jl_session_given_up_ms(session)) {
        /* Silence: perhaps only large frames die on this path, perhaps the peer has forgotten
         * this connection. */
        if (now_ms >= session->deadline_ms) {
            jl_session_emit(actions, JL_ACTION_RECONNECT);
        }
        jl_session_shrink(session);
        go_offline(session, now_ms, 0);
        jl_session_emit(actions, JL_ACTION_TELL);
    } else if (online(session) && now_ms >= session->greet_ms && !jl_session_in_flight(session)) {
        greet(session, now_ms, actions);
    } else if (online(session)) {
        advance(session, facts, now_ms, actions);
    } else if (session->phase == JL_SESSION_OFFLINE && now_ms >= session->wake_ms) {
        greet(session, now_ms, actions);
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
        jl_session_differs(session, &event->compared, event->now_ms, out_actions);
        break;
    case JL_EVENT_NOT_SENT:
        if (session->phase != JL_SESSION_STOPPED) {
            go_offline(session, event->now_ms, 0);
            jl_session_emit(out_actions, JL_ACTION_TELL);
        }
        break;
    }
}

void jl_session_sent(struct jl_session *session, uint64_t next_seq) {
    session->push_next = next_seq;
}

bool jl_session_busy(const struct jl_session *session, const struct jl_session_facts *facts) {
    return !jl_session_covered(session, facts) || jl_session_in_flight(session);
}
