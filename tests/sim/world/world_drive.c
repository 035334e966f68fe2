/* The device's side: carries out what the session decides, as client/engine does. */
#include "client/books/office_deep.h"
#include "client/books/office_outbox.h"
#include "client/books/take.h"
#include "world_internal.h"

#include "jielian/base/fault.h"

#include <string.h>

/* ---- Sending ---- */

/* JL_BUSY: the queue is full, as a socket at its high-water mark is. */
static enum jl_rc send(struct world_device *device, const struct jl_message *message,
                       struct jl_err *err) {
    if (device->outbox_count == WORLD_QUEUE_MAX) {
        return jl_fault_at(err, JL_BUSY, JL_FAULT_TEXT, "%s", "the queue is full");
    }
    struct world_frame *frame = &device->outbox[device->outbox_count];
    *frame = (struct world_frame){0};
    enum jl_rc rc = jl_wire_encode(device->office->wire, message, &frame->bytes, err);
    if (rc == JL_OK) {
        device->outbox_count++;
        device->sent_bytes += frame->bytes.size;
    }
    return rc;
}

static enum jl_rc act_hello(struct world_device *device, struct jl_err *err) {
    struct jl_message message = {.kind = JL_MESSAGE_HELLO};
    enum jl_rc rc = jl_office_hello(device->office, &message.as.hello, err);
    return rc == JL_OK ? send(device, &message, err) : rc;
}

static enum jl_rc act_pull(struct world_device *device, const struct jl_action *action,
                           struct jl_err *err) {
    struct jl_message message = {.kind = JL_MESSAGE_PULL};
    message.as.pull =
        (struct jl_pull){.feed = action->feed,
                         .from = device->office->state.cursor[action->feed],
                         .max_bytes = action->max_bytes,
                         .pages = action->pages,
                         .echo = action->echo || jl_office_rereads(device->office, action->feed)};
    return send(device, &message, err);
}

static enum jl_rc act_proof(struct world_device *device, bool deep,
                            const struct jl_session_facts *facts, struct jl_err *err) {
    bool same = false;
    struct jl_message message = {.kind = JL_MESSAGE_PROOF};
    message.as.proof.cursor[0] = device->office->state.cursor[0];
    message.as.proof.cursor[1] = device->office->state.cursor[1];
    enum jl_rc rc = jl_office_root(device->office, message.as.proof.root, err);
    if (rc == JL_OK && deep) {
        rc = jl_office_deep(device->office, facts, &message.as.proof, &same, err);
    }
    return rc == JL_OK ? send(device, &message, err) : rc;
}

static enum jl_rc act_push(struct world_device *device, const struct jl_action *action,
                           struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_message message = {.kind = JL_MESSAGE_PUSH};
    uint64_t next = 0;
    enum jl_rc rc = jl_office_outbox_batch(device->office, action->first_seq, action->max_bytes,
                                           &arena, &message.as.push, &next, err);
    if (rc == JL_OK) {
        rc = send(device, &message, err);
    }
    if (rc == JL_OK) {
        jl_session_sent(&device->session, next);
    }
    return rc;
}

static enum jl_rc act_ask(struct world_device *device, const struct jl_action *action,
                          struct jl_err *err) {
    struct jl_message message = {.kind = JL_MESSAGE_ASK};
    device->repair.wall_ms = device->session.repair_wall_ms;
    jl_repair_ask(&device->repair, action, &message.as.ask);
    if (action->kind == JL_ACTION_ASK_ROWS) {
        device->repaired += device->repair.hash_count + device->repair.known_count;
    }
    return send(device, &message, err);
}

/* ---- Actions ---- */

struct answer { /* of an action to the session; kind 0: none */
    enum jl_event_kind kind;
    bool same;
    struct jl_compared compared;
};

static enum jl_rc act(struct world_device *device, const struct jl_action *action,
                      const struct jl_session_facts *facts, const struct jl_message *message,
                      struct answer *out_answer, struct jl_err *err) {
    struct jl_office *office = device->office;
    bool taken = false;
    switch (action->kind) {
    case JL_ACTION_HELLO:
        return act_hello(device, err);
    case JL_ACTION_PUSH:
        return act_push(device, action, err);
    case JL_ACTION_PULL:
        return act_pull(device, action, err);
    case JL_ACTION_PROOF:
        return act_proof(device, action->deep, facts, err);
    case JL_ACTION_ASK_BUCKETS:
    case JL_ACTION_ASK_PARTS:
    case JL_ACTION_ASK_IDS:
    case JL_ACTION_ASK_ROWS:
        return act_ask(device, action, err);
    case JL_ACTION_CHECK_CHAIN:
        out_answer->kind = JL_EVENT_CHAIN;
        return jl_office_outbox_chain_is(office, device->welcome.last_seq,
                                         device->welcome.last_hash, &out_answer->same, err);
    case JL_ACTION_NEW_INCARNATION:
        return jl_office_new_incarnation(office, err);
    case JL_ACTION_TAKE_EPOCH:
        return jl_office_take_epoch(office, device->welcome.epoch, action->first_seq, err);
    case JL_ACTION_TAKE_VERDICTS:
        return jl_take_verdicts(office, &message->as.verdicts, err);
    case JL_ACTION_TAKE_PAGE:
        return jl_take_page(office, &message->as.page, &taken, err);
    case JL_ACTION_COMPARE_BUCKETS:
    case JL_ACTION_COMPARE_IDS:
        out_answer->kind = JL_EVENT_DIFFERENT;
        return jl_repair_compare(office, &device->repair, message, &out_answer->compared, err);
    case JL_ACTION_REREAD:
        device->rereads++;
        return jl_repair_reread(office, action->wall_ms, err);
    case JL_ACTION_PROVEN:
        if (action->deep_result != JL_DEEP_NONE) {
            device->deep = false;
            device->deep_result = action->deep_result;
        }
        return jl_office_proven(office, action->wall_ms, err);
    case JL_ACTION_RECONNECT:
        world_break_link(device, false); /* what is on its way belongs to the old connection */
        break;
    case JL_ACTION_TELL:
        return jl_office_tell(office, &device->session, err);
    }
    return JL_OK;
}

/* The program ends on a disk without room, as the engine does, and is started again. */
static void end_program(struct world_device *device, enum jl_rc rc, const struct jl_err *err) {
    if (!world_passes(device->world, device->disk_full, rc)) {
        world_break(device->world, "device", rc, err);
    }
    world_close_device(device);
}

/* Step the session with an event, and with the answers to its actions, until it asks no more. */
static void step(struct world_device *device, enum jl_event_kind kind,
                 const struct jl_message *message) {
    struct answer answer = {.kind = kind};
    struct jl_err err = {0};
    enum jl_rc rc = JL_OK;
    world_at_device(device);
    while (rc == JL_OK && answer.kind != 0) {
        struct jl_session_facts facts;
        struct jl_actions actions;
        struct jl_event event = {.kind = answer.kind,
                                 .now_ms = device->world->now_ms,
                                 .message = message,
                                 .chain_same = answer.same,
                                 .compared = answer.compared};
        rc = jl_office_begin(device->office, false, &err);
        if (rc == JL_NOMEM && world_passes(device->world, false, rc)) {
            rc = JL_OK; /* a deadline of the session covers whatever this event was for */
            break;
        }
        if (rc != JL_OK) {
            break;
        }
        jl_store_rollback(device->office->books->store);
        jl_office_facts(device->office, &facts);
        facts.deep = device->deep;
        jl_session_step(&device->session, &facts, &event, &actions);
        answer = (struct answer){0};
        for (size_t i = 0; rc == JL_OK && i < actions.count; i++) {
            rc = act(device, &actions.items[i], &facts, message, &answer, &err);
            if (rc == JL_BUSY || (rc == JL_NOMEM && world_passes(device->world, false, rc))) {
                answer = (struct answer){.kind = JL_EVENT_NOT_SENT};
                rc = JL_OK;
                break;
            }
        }
    }
    world_at_none(device->world);
    if (rc != JL_OK) {
        end_program(device, rc, &err);
    }
}

static struct jl_buf pop(struct world_frame *queue, size_t *count) {
    struct jl_buf bytes = queue[0].bytes;
    memmove(queue, queue + 1, --*count * sizeof *queue);
    return bytes;
}

static void take_one(struct world_device *device) {
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_buf) bytes = pop(device->inbox, &device->inbox_count);
    struct jl_message message;
    struct jl_err bad = {0};
    if (jl_wire_decode(device->office->wire, jl_buf_bytes(&bytes), &arena, &message, &bad) !=
        JL_OK) {
        return; /* cut on the way: as good as lost */
    }
    if (message.kind == JL_MESSAGE_WELCOME) {
        device->welcome = message.as.welcome;
    }
    step(device, JL_EVENT_MESSAGE, &message);
}

static bool tick(struct world_device *device) {
    struct jl_session *session = &device->session;
    if (session->phase == JL_SESSION_STOPPED && session->wake_ms <= device->world->now_ms) {
        session->phase = JL_SESSION_OFFLINE; /* a person may have admitted this device again */
    }
    step(device, JL_EVENT_TICK, NULL);
    return device->outbox_count > 0;
}

bool world_step(struct world_device *device) {
    int64_t now_ms = device->world->now_ms;
    if (device->office == NULL && !world_open_device(device, false)) {
        return false;
    }
    if (device->outbox_count > 0 && device->held_ms[0] <= now_ms) {
        JL_AUTO(jl_buf) bytes = pop(device->outbox, &device->outbox_count);
        world_serve(device, jl_buf_bytes(&bytes));
        return true;
    }
    if (world_serve_page(device)) {
        return true;
    }
    if (device->inbox_count > 0 && device->held_ms[1] <= now_ms) {
        take_one(device);
        return true;
    }
    size_t before = device->outbox_count;
    return tick(device) && device->outbox_count > before;
}

void world_drop_queues(struct world_device *device) {
    while (device->inbox_count > 0) {
        struct jl_buf bytes = pop(device->inbox, &device->inbox_count);
        jl_buf_fini(&bytes);
    }
    while (device->outbox_count > 0) {
        struct jl_buf bytes = pop(device->outbox, &device->outbox_count);
        jl_buf_fini(&bytes);
    }
    memset(device->pulls, 0, sizeof device->pulls);
    device->held_ms[0] = device->held_ms[1] = 0;
}

void world_hang_up(struct world_device *device) {
    world_drop_queues(device);
    device->origin = 0;
    jl_session_init(&device->session, (uint64_t)device->number * 77);
}

void world_break_link(struct world_device *device, bool noticed) {
    enum jl_session_phase phase = device->session.phase;
    world_drop_queues(device);
    device->origin = 0;
    if (noticed && device->office != NULL &&
        (phase == JL_SESSION_GREETING || phase == JL_SESSION_ACTIVE ||
         phase == JL_SESSION_SUSPENDED)) {
        step(device, JL_EVENT_NOT_SENT, NULL);
    }
}

bool world_settled(struct world_device *device) {
    struct jl_session_facts facts;
    struct jl_district *district = device->world->district;
    uint64_t heads[2];
    if (device->office == NULL || device->origin == 0 ||
        device->inbox_count + device->outbox_count > 0 ||
        device->session.phase != JL_SESSION_ACTIVE || !device->session.proven) {
        return false;
    }
    MUST(jl_district_begin(district, false, NULL, &err));
    MUST(jl_feed_state_heads(district, device->office_number, heads, &err));
    jl_store_rollback(district->books->store);
    jl_office_facts(device->office, &facts);
    return !jl_session_busy(&device->session, &facts) && facts.cursor[0] == heads[0] &&
           facts.cursor[1] == heads[1];
}

bool world_sync(struct world_device *device) {
    enum { STEPS_MAX = 20000, QUIET_MAX = 60 };
    int quiet = 0;
    world_hang_up(device); /* a new connection, so that the district's heads are heard anew */
    for (int i = 0; i < STEPS_MAX && quiet < QUIET_MAX; i++) {
        struct jl_session_facts facts;
        jl_office_facts(device->office, &facts);
        if (device->session.heads_known && device->inbox_count + device->outbox_count == 0 &&
            !jl_session_busy(&device->session, &facts)) {
            return true;
        }
        if (world_step(device)) {
            quiet = 0;
        } else if (++quiet > 2 && device->session.wake_ms > device->world->now_ms) {
            device->world->now_ms = device->session.wake_ms;
        }
    }
    return false;
}
