/* What is in flight, and for how long. Two clocks watch it:
 *
 *   deadline_ms          no answer to anything: the link is dead
 *   since_ms[] + LOST    answers to others, but none to this: its request or its answer was lost
 *
 * Every answer gives all that waits its full time again, because on a slow line one page may keep a
 * verdict waiting; the second clock bounds that. */
#include "session.h"

#include "jielian/base/assert.h"

#include <string.h>

void jl_session_forget(struct jl_session *session) {
    memset(session->pushed, 0, sizeof session->pushed);
    memset(session->pulling, 0, sizeof session->pulling);
    session->checking = false;
    session->proving = session->deep = false;
    session->asking = 0;
    session->deadline_ms = 0;
}

bool jl_session_lane_busy(const struct jl_session *session, enum jl_session_lane lane) {
    switch (lane) {
    case JL_LANE_SHARED:
    case JL_LANE_OFFICE:
        return session->pulling[lane];
    case JL_LANE_PUSH:
        return session->pushed[0] != 0;
    case JL_LANE_PROOF:
        return session->proving || session->asking != 0;
    }
    return false;
}

bool jl_session_in_flight(const struct jl_session *session) {
    bool busy = session->checking;
    for (int lane = 0; lane < JL_SESSION_LANES; lane++) {
        busy = busy || jl_session_lane_busy(session, (enum jl_session_lane)lane);
    }
    return busy;
}

static int64_t answer_ms(const struct jl_session *session) {
    return session->deep ? JL_SESSION_DEEP_MS : JL_SESSION_ANSWER_MS;
}

void jl_session_expect(struct jl_session *session, enum jl_session_lane lane, int64_t now_ms) {
    if (!jl_session_lane_busy(session, lane)) {
        session->since_ms[lane] = now_ms;
    }
    if (session->deadline_ms == 0) {
        session->deadline_ms = now_ms + answer_ms(session);
    }
}

void jl_session_heard(struct jl_session *session, enum jl_session_lane lane, int64_t now_ms) {
    session->since_ms[lane] = now_ms;
    session->deadline_ms = jl_session_in_flight(session) ? now_ms + answer_ms(session) : 0;
    session->wake_ms = now_ms;
}

int64_t jl_session_given_up_ms(const struct jl_session *session) {
    int64_t moment_ms = session->deadline_ms;
    for (int lane = 0; lane < JL_SESSION_LANES; lane++) {
        int64_t lost_ms = session->since_ms[lane] + JL_SESSION_LOST_MS;
        if (jl_session_lane_busy(session, (enum jl_session_lane)lane) && lost_ms < moment_ms) {
            moment_ms = lost_ms;
        }
    }
    return moment_ms;
}

/* ---- Sizes ----
 *
 *   silence        what is in flight: to a quarter, and it grows no further than that for now
 *   taken in part  what the district took of the batch, and so on from there
 *   quick answer   doubled, up to the bound; every JL_SESSION_QUICK of them double the bound
 *
 * so a path on which large frames die meets one of them now and then, not after every answer. */

static uint32_t shrunk(uint32_t bytes) {
    bytes /= JL_SESSION_SHRINK;
    return bytes < JL_PAGE_MIN_BYTES ? JL_PAGE_MIN_BYTES : bytes;
}

static uint32_t doubled(uint32_t bytes, uint32_t most) {
    return bytes > most / 2 ? most : bytes * 2;
}

void jl_session_shrink(struct jl_session *session) {
    if (jl_session_lane_busy(session, JL_LANE_PUSH)) {
        session->batch_bytes = session->batch_most = shrunk(session->batch_bytes);
        session->batches_quick = 0;
    }
    if (session->pulling[0] || session->pulling[1]) {
        session->page_bytes = session->page_most = shrunk(session->page_bytes);
        session->pages_quick = 0;
    }
}

void jl_session_grow(struct jl_session *session, enum jl_session_lane lane, int64_t now_ms) {
    bool push = lane == JL_LANE_PUSH;
    uint32_t *bytes = push ? &session->batch_bytes : &session->page_bytes;
    uint32_t *most = push ? &session->batch_most : &session->page_most;
    uint32_t *quick = push ? &session->batches_quick : &session->pages_quick;
    if (now_ms - session->since_ms[lane] > JL_SESSION_ANSWER_MS / 4) {
        return;
    }
    if (++*quick >= JL_SESSION_QUICK) {
        *quick = 0;
        *most = doubled(*most, push ? JL_BATCH_MAX_BYTES : JL_PAGE_MAX_BYTES);
    }
    *bytes = doubled(*bytes, *most);
}

void jl_session_cut(struct jl_session *session, uint64_t taken, uint64_t sent) {
    uint64_t bytes = session->batch_bytes * taken / sent;
    session->batch_bytes = bytes < JL_PAGE_MIN_BYTES ? JL_PAGE_MIN_BYTES : (uint32_t)bytes;
    session->batch_most = session->batch_bytes;
    session->batches_quick = 0;
}

struct jl_action *jl_session_emit(struct jl_actions *actions, enum jl_action_kind kind) {
    JL_ASSERT(actions->count < JL_SESSION_ACTIONS_MAX);
    struct jl_action *action = &actions->items[actions->count++];
    *action = (struct jl_action){.kind = kind};
    return action;
}
