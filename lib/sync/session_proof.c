/* Proof, and the repair of what it finds:
 *
 *   Proof ─> identical
 *         ─> different ─> Ask parts ─> … ─> Ask rows ─> Proof              (feed 0, then feed 1)
 *                                      └──> so much that all is read anew, once a day
 *            of an older district: buckets, then their ids, then rows
 *
 * A proof is about the store as it was when it was asked for. Whatever moves the store meanwhile (a
 * local op, a verdict, a page) makes the answer, and every step of a repair, a thing of the past:
 * a row that was read before a verdict would undo it here. */
#include "session.h"

bool jl_session_covered(const struct jl_session *session, const struct jl_session_facts *facts) {
    return session->proven && session->proven_head == facts->head &&
           facts->confirmed == facts->head && session->proven_cursor[0] == facts->cursor[0] &&
           session->proven_cursor[1] == facts->cursor[1] &&
           (!session->heads_known ||
            (session->heads[0] == facts->cursor[0] && session->heads[1] == facts->cursor[1]));
}

static bool moved_on(const struct jl_session *session, const struct jl_session_facts *facts) {
    return session->proof_head != facts->head || facts->confirmed != facts->head ||
           session->proof_cursor[0] != facts->cursor[0] ||
           session->proof_cursor[1] != facts->cursor[1];
}

void jl_session_prove(struct jl_session *session, const struct jl_session_facts *facts,
                      int64_t now_ms, struct jl_actions *actions) {
    session->deep = facts->deep;
    jl_session_expect(session, JL_LANE_PROOF, now_ms);
    session->proven = false;
    session->proving = true;
    session->proof_head = facts->head;
    session->proof_cursor[0] = facts->cursor[0];
    session->proof_cursor[1] = facts->cursor[1];
    jl_session_emit(actions, JL_ACTION_PROOF)->deep = facts->deep;
}

void jl_session_prove_again(struct jl_session *session) {
    session->proven = false;
    session->proof_head = UINT64_MAX; /* no store has so many ops: answers on their way are late */
}

static void ask(struct jl_session *session, enum jl_ask_step step, int64_t now_ms,
                struct jl_actions *actions) {
    static const enum jl_action_kind kinds[] = {[JL_ASK_BUCKETS] = JL_ACTION_ASK_BUCKETS,
                                                [JL_ASK_IDS] = JL_ACTION_ASK_IDS,
                                                [JL_ASK_ROWS] = JL_ACTION_ASK_ROWS};
    bool deeper = step == JL_ASK_BUCKETS && session->asking == JL_ASK_BUCKETS;
    jl_session_expect(session, JL_LANE_PROOF, now_ms);
    session->asking = step;
    jl_session_emit(actions, deeper ? JL_ACTION_ASK_PARTS : kinds[step])->feed =
        session->repair_feed;
}

static void end_repair(struct jl_session *session, int64_t now_ms) {
    session->asking = 0;
    jl_session_heard(session, JL_LANE_PROOF, now_ms);
}

static void take_identical(struct jl_session *session, const struct jl_proved *proved,
                           struct jl_actions *actions) {
    session->failures = session->renewals = 0;
    session->repair_rounds = session->repair_full = 0;
    session->proven = true;
    session->proven_head = session->proof_head;
    for (int feed = 0; feed < 2; feed++) {
        session->proven_cursor[feed] = session->proof_cursor[feed];
        if (session->heads[feed] < session->proof_cursor[feed]) {
            session->heads[feed] = session->proof_cursor[feed]; /* it has just said so */
        }
    }
    struct jl_action *action = jl_session_emit(actions, JL_ACTION_PROVEN);
    action->wall_ms = proved->wall_ms;
    action->deep_result = proved->deep;
}

static void fail_repair(struct jl_session *session, struct jl_actions *actions) {
    session->repair_failed = true;
    jl_session_emit(actions, JL_ACTION_TELL);
}

static void take_different(struct jl_session *session, int64_t wall_ms, int64_t now_ms,
                           struct jl_actions *actions) {
    bool full = session->repair_more && session->repair_full < JL_SESSION_FULL_REPAIRS_MAX;
    session->failures = 0;
    if (!full && session->repair_rounds == JL_SESSION_REPAIRS_MAX) {
        fail_repair(session, actions);
        return;
    }
    session->repair_full += full ? 1 : 0;
    session->repair_rounds += full ? 0 : 1;
    session->repair_more = false;
    session->repair_feed = 0;
    session->repair_wall_ms = wall_ms;
    ask(session, JL_ASK_BUCKETS, now_ms, actions);
}

bool jl_session_proved(struct jl_session *session, const struct jl_session_facts *facts,
                       const struct jl_proved *proved, int64_t now_ms, struct jl_actions *actions) {
    bool behind = false;
    if (!session->proving) {
        return true; /* late or doubled */
    }
    session->proving = session->deep = false;
    jl_session_heard(session, JL_LANE_PROOF, now_ms);
    for (int feed = 0; proved->result == JL_PROOF_MOVED && feed < 2; feed++) {
        session->heads[feed] = proved->head[feed];
        behind = behind || proved->head[feed] > facts->cursor[feed];
    }
    if (moved_on(session, facts)) {
        return true; /* what came in between needs a proof of its own */
    }
    switch (proved->result) {
    case JL_PROOF_IDENTICAL:
        take_identical(session, proved, actions);
        return true;
    case JL_PROOF_DIFFERENT:
        take_different(session, proved->wall_ms, now_ms, actions);
        return true;
    case JL_PROOF_MOVED:
        break;
    }
    return behind; /* "moved" to nowhere ahead of us makes no sense */
}

/* Buckets or Ids came. Unless the store has moved on, the driver compares and answers DIFFERENT. */
void jl_session_listed(struct jl_session *session, const struct jl_session_facts *facts,
                       const struct jl_message *message, int64_t now_ms,
                       struct jl_actions *actions) {
    bool buckets = message->kind == JL_MESSAGE_BUCKETS;
    uint32_t feed = buckets ? message->as.buckets.feed : message->as.ids.feed;
    uint32_t step = buckets ? JL_ASK_BUCKETS : JL_ASK_IDS;
    if (session->asking != step || feed != session->repair_feed) {
        return; /* late or doubled */
    }
    session->failures = 0;
    if (moved_on(session, facts)) {
        end_repair(session, now_ms);
        return;
    }
    session->by_parts = buckets && message->as.buckets.part_count > 0;
    jl_session_heard(session, JL_LANE_PROOF, now_ms);
    session->wake_ms = jl_session_given_up_ms(session);
    jl_session_emit(actions, buckets ? JL_ACTION_COMPARE_BUCKETS : JL_ACTION_COMPARE_IDS)->feed =
        feed;
}

static void reread(struct jl_session *session, enum jl_reread why, int64_t now_ms,
                   struct jl_actions *actions) {
    end_repair(session, now_ms);
    if (why == JL_REREAD_SPENT) {
        fail_repair(session, actions);
        return;
    }
    session->proven = false;
    session->repair_rounds = session->repair_full = 0;
    session->repair_more = false;
    jl_session_emit(actions, JL_ACTION_REREAD)->wall_ms = session->repair_wall_ms;
}

/* Go deeper where something differs, to the next feed where nothing does. */
void jl_session_differs(struct jl_session *session, const struct jl_compared *compared,
                        int64_t now_ms, struct jl_actions *actions) {
    if (session->asking != JL_ASK_BUCKETS && session->asking != JL_ASK_IDS) {
        return;
    }
    session->repair_more = session->repair_more || compared->more;
    bool first = session->asking == JL_ASK_BUCKETS && !session->by_parts;
    if (compared->reread != JL_REREAD_NONE) {
        reread(session, compared->reread, now_ms, actions);
    } else if (compared->parts > 0) {
        ask(session, JL_ASK_BUCKETS, now_ms, actions);
    } else if (compared->different > 0) {
        ask(session, first ? JL_ASK_IDS : JL_ASK_ROWS, now_ms, actions);
    } else if (session->repair_feed == 0) {
        session->repair_feed = 1;
        session->asking = 0;
        ask(session, JL_ASK_BUCKETS, now_ms, actions);
    } else {
        end_repair(session, now_ms);
    }
}

void jl_session_repaired(struct jl_session *session, const struct jl_session_facts *facts,
                         int64_t now_ms, struct jl_actions *actions) {
    if (session->asking != JL_ASK_ROWS) {
        return; /* late or doubled */
    }
    session->failures = 0;
    end_repair(session, now_ms);
    if (!moved_on(session, facts)) {
        jl_session_emit(actions, JL_ACTION_TAKE_PAGE);
    }
}
