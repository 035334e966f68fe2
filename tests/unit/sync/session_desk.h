/* A session at a desk: no store and no district, the test plays both. Facts are plain numbers, and
 * every step's actions stay in `actions` until the next one. */
#ifndef JIELIAN_SESSION_DESK_H
#define JIELIAN_SESSION_DESK_H

#include "jielian/sync/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { DESK_NOW_MS = 1000000, DESK_BATCH_OPS = 10 };

struct desk {
    struct jl_session session;
    struct jl_session_facts facts;
    struct jl_actions actions;
    int64_t now_ms;
    uint64_t head[2]; /* the district's, for answers */
};

static const uint8_t desk_epoch[16] = {7};

/* A device that has met this district before: three ops, all confirmed; feeds read to 5 and 8. */
static inline void desk_init(struct desk *desk) {
    *desk = (struct desk){
        .now_ms = DESK_NOW_MS,
        .facts = {.has_epoch = true, .head = 3, .confirmed = 3, .cursor = {5, 8}},
        .head = {5, 8},
    };
    memcpy(desk->facts.epoch, desk_epoch, sizeof desk_epoch);
    jl_session_init(&desk->session, 42);
}

static inline void desk_step(struct desk *desk, struct jl_event event) {
    event.now_ms = desk->now_ms;
    jl_session_step(&desk->session, &desk->facts, &event, &desk->actions);
}
static inline void desk_tick(struct desk *desk) {
    desk_step(desk, (struct jl_event){.kind = JL_EVENT_TICK});
}
static inline void desk_tick_at(struct desk *desk, int64_t now_ms) {
    desk->now_ms = now_ms;
    desk_tick(desk);
}
static inline void desk_hear(struct desk *desk, struct jl_message message) {
    desk_step(desk, (struct jl_event){.kind = JL_EVENT_MESSAGE, .message = &message});
}
static inline void desk_chain(struct desk *desk, bool same) {
    desk_step(desk, (struct jl_event){.kind = JL_EVENT_CHAIN, .chain_same = same});
}
static inline void desk_differs(struct desk *desk, size_t different) {
    desk_step(desk,
              (struct jl_event){.kind = JL_EVENT_DIFFERENT, .compared = {.different = different}});
}
static inline void desk_not_sent(struct desk *desk) {
    desk_step(desk, (struct jl_event){.kind = JL_EVENT_NOT_SENT});
}

/* ---- What the step wants done ---- */

static inline const struct jl_action *desk_wants(const struct desk *desk,
                                                 enum jl_action_kind kind) {
    for (size_t i = 0; i < desk->actions.count; i++) {
        if (desk->actions.items[i].kind == kind) {
            return &desk->actions.items[i];
        }
    }
    return NULL;
}
#define assert_wants(desk, kind) assert_non_null(desk_wants(desk, kind))
#define assert_wants_not(desk, kind) assert_null(desk_wants(desk, kind))
#define assert_quiet(desk) assert_int_equal((desk)->actions.count, 0)
#define assert_phase(desk, wanted) assert_int_equal((desk)->session.phase, wanted)

/* The driver sends a batch of DESK_BATCH_OPS, or as far as there are ops. */
static inline uint64_t desk_send_batch(struct desk *desk) {
    const struct jl_action *action = desk_wants(desk, JL_ACTION_PUSH);
    assert_non_null(action);
    uint64_t next = action->first_seq + DESK_BATCH_OPS;
    jl_session_sent(&desk->session, next > desk->facts.head + 1 ? desk->facts.head + 1 : next);
    return action->first_seq;
}

/* ---- What the district says ---- */

static inline struct jl_message desk_welcome_message(const struct desk *desk) {
    struct jl_message message = {.kind = JL_MESSAGE_WELCOME};
    message.as.welcome = (struct jl_welcome){
        .version = 1, .last_seq = desk->facts.confirmed, .head = {desk->head[0], desk->head[1]}};
    memcpy(message.as.welcome.epoch, desk_epoch, sizeof desk_epoch);
    return message;
}
static inline void desk_hear_verdicts(struct desk *desk, uint64_t first, uint64_t last) {
    struct jl_message message = {.kind = JL_MESSAGE_VERDICTS};
    message.as.verdicts = (struct jl_verdicts){.first_seq = first, .last_seq = last};
    desk_hear(desk, message);
    if (desk_wants(desk, JL_ACTION_TAKE_VERDICTS) != NULL && first <= desk->facts.confirmed + 1 &&
        last > desk->facts.confirmed) {
        desk->facts.confirmed = last; /* as the store would */
    }
}
static inline void desk_hear_resend(struct desk *desk, uint64_t from) {
    desk_hear_verdicts(desk, from, from - 1);
}
static inline void desk_hear_page(struct desk *desk, uint32_t feed, uint64_t from, uint64_t to) {
    struct jl_message message = {.kind = JL_MESSAGE_PAGE};
    message.as.page =
        (struct jl_page){.feed = feed, .from = from, .to = to, .head = desk->head[feed]};
    desk_hear(desk, message);
    if (desk_wants(desk, JL_ACTION_TAKE_PAGE) != NULL) {
        desk->facts.cursor[feed] = to;
    }
}
static inline void desk_hear_proved(struct desk *desk, enum jl_proof_result result) {
    struct jl_message message = {.kind = JL_MESSAGE_PROVED};
    message.as.proved =
        (struct jl_proved){.result = result, .wall_ms = 77, .head = {desk->head[0], desk->head[1]}};
    desk_hear(desk, message);
}
static inline void desk_hear_poke(struct desk *desk, uint64_t shared, uint64_t office) {
    struct jl_message message = {.kind = JL_MESSAGE_POKE, .as.poke = {.head = {shared, office}}};
    desk_hear(desk, message);
}
static inline void desk_hear_refuse(struct desk *desk, enum jl_refuse_code code,
                                    uint64_t retry_after_ms) {
    struct jl_message message = {.kind = JL_MESSAGE_REFUSE};
    message.as.refuse = (struct jl_refuse){.code = code, .retry_after_ms = retry_after_ms};
    desk_hear(desk, message);
}

/* ---- Ways into a state ---- */

static inline void desk_greet(struct desk *desk) {
    desk_tick(desk);
    assert_wants(desk, JL_ACTION_HELLO);
}
/* Greeted and chain checked; what is due is in `actions`. */
static inline void desk_go_active(struct desk *desk) {
    desk_greet(desk);
    desk_hear(desk, desk_welcome_message(desk));
    assert_wants(desk, JL_ACTION_CHECK_CHAIN);
    desk_chain(desk, true);
    assert_phase(desk, JL_SESSION_ACTIVE);
}
static inline void desk_go_suspended(struct desk *desk) {
    desk_greet(desk);
    struct jl_message message = desk_welcome_message(desk);
    message.as.welcome.suspended = true;
    desk_hear(desk, message);
    desk_chain(desk, true);
    assert_phase(desk, JL_SESSION_SUSPENDED);
}
static inline void desk_go_proven(struct desk *desk) {
    desk_go_active(desk);
    assert_wants(desk, JL_ACTION_PROOF);
    desk_hear_proved(desk, JL_PROOF_IDENTICAL);
    assert_wants(desk, JL_ACTION_PROVEN);
    desk_tick(desk);
    assert_quiet(desk);
}

#endif
