/* The device's side: carries out what the session decides, as client/engine_act.c does. */
#include "world_internal.h"

#include <string.h>

static void send(struct world_device *device, const struct jl_message *message) {
    JL_ASSERT(device->outbox_count < WORLD_QUEUE_MAX);
    struct world_frame *frame = &device->outbox[device->outbox_count++];
    *frame = (struct world_frame){0};
    MUST(jl_wire_encode(device->office->wire, message, &frame->bytes, &err));
    device->sent_bytes += frame->bytes.size;
}

static void act_hello(struct world_device *device) {
    struct jl_message message = {.kind = JL_MESSAGE_HELLO};
    MUST(jl_office_hello(device->office, &message.as.hello, &err));
    send(device, &message);
}

static void act_pull(struct world_device *device, const struct jl_action *action) {
    struct jl_message message = {.kind = JL_MESSAGE_PULL};
    message.as.pull = (struct jl_pull){.feed = action->feed,
                                       .from = device->office->state.cursor[action->feed],
                                       .max_bytes = action->max_bytes,
                                       .pages = action->pages,
                                       .echo = action->echo};
    send(device, &message);
}

static void act_proof(struct world_device *device) {
    struct jl_message message = {.kind = JL_MESSAGE_PROOF};
    message.as.proof.cursor[0] = device->office->state.cursor[0];
    message.as.proof.cursor[1] = device->office->state.cursor[1];
    MUST(jl_office_root(device->office, message.as.proof.root, &err));
    send(device, &message);
}

static void act_push(struct world_device *device, const struct jl_action *action) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_message message = {.kind = JL_MESSAGE_PUSH};
    uint64_t next = 0;
    MUST(jl_office_batch(device->office, action->first_seq, action->max_bytes, &arena,
                         &message.as.push, &next, &err));
    jl_session_sent(&device->session, next);
    send(device, &message);
}

static void act_ask(struct world_device *device, const struct jl_action *action,
                    enum jl_ask_step step) {
    struct jl_message message = {.kind = JL_MESSAGE_ASK};
    message.as.ask.feed = action->feed;
    message.as.ask.step = step;
    if (step == JL_ASK_IDS) {
        message.as.ask.buckets = jl_bytes(device->buckets, device->bucket_count);
    } else if (step == JL_ASK_ROWS) {
        message.as.ask.records = device->known;
        message.as.ask.record_count = device->known_count;
        device->repaired += device->known_count;
    }
    send(device, &message);
}

static void step(struct world_device *device, struct jl_event event);

static void answer_event(struct world_device *device, enum jl_event_kind kind, bool same,
                         size_t different) {
    struct jl_event event = {
        .kind = kind, .now_ms = device->world->now_ms, .chain_same = same, .different = different};
    step(device, event);
}

static void act(struct world_device *device, const struct jl_action *action,
                const struct jl_message *message) {
    struct jl_office *office = device->office;
    bool flag = false;
    switch (action->kind) {
    case JL_ACTION_HELLO:
        act_hello(device);
        break;
    case JL_ACTION_PUSH:
        act_push(device, action);
        break;
    case JL_ACTION_PULL:
        act_pull(device, action);
        break;
    case JL_ACTION_PROOF:
        act_proof(device);
        break;
    case JL_ACTION_ASK_BUCKETS:
        act_ask(device, action, JL_ASK_BUCKETS);
        break;
    case JL_ACTION_ASK_IDS:
        act_ask(device, action, JL_ASK_IDS);
        break;
    case JL_ACTION_ASK_ROWS:
        act_ask(device, action, JL_ASK_ROWS);
        break;
    case JL_ACTION_CHECK_CHAIN:
        MUST(jl_office_chain_is(office, device->welcome.last_seq, device->welcome.last_hash, &flag,
                                &err));
        answer_event(device, JL_EVENT_CHAIN, flag, 0);
        break;
    case JL_ACTION_NEW_INCARNATION:
        MUST(jl_office_new_incarnation(office, &err));
        break;
    case JL_ACTION_TAKE_EPOCH:
        MUST(jl_office_take_epoch(office, device->welcome.epoch, action->first_seq, &err));
        break;
    case JL_ACTION_TAKE_VERDICTS:
        MUST(jl_office_take_verdicts(office, &message->as.verdicts, &err));
        break;
    case JL_ACTION_TAKE_PAGE:
        MUST(jl_office_take_page(office, &message->as.page, &flag, &err));
        break;
    case JL_ACTION_COMPARE_BUCKETS:
        MUST(jl_office_compare_buckets(office, &message->as.buckets, device->buckets,
                                       &device->bucket_count, &err));
        answer_event(device, JL_EVENT_DIFFERENT, false, device->bucket_count);
        break;
    case JL_ACTION_COMPARE_IDS:
        jl_arena_reset(&device->known_arena);
        MUST(jl_office_compare_ids(office, &message->as.ids, &device->known_arena, &device->known,
                                   &device->known_count, &err));
        answer_event(device, JL_EVENT_DIFFERENT, false, device->known_count);
        break;
    case JL_ACTION_PROVEN:
        MUST(jl_office_proven(office, action->wall_ms, &err));
        break;
    case JL_ACTION_TELL:
        break;
    }
}

static void step(struct world_device *device, struct jl_event event) {
    struct jl_session_facts facts;
    struct jl_actions actions;
    MUST(jl_office_begin(device->office, false, &err));
    jl_store_rollback(device->office->books->store);
    jl_office_facts(device->office, &facts);
    jl_session_step(&device->session, &facts, &event, &actions);
    for (size_t i = 0; i < actions.count; i++) {
        act(device, &actions.items[i], event.message);
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
    struct jl_event event = {
        .kind = JL_EVENT_MESSAGE, .now_ms = device->world->now_ms, .message = &message};
    step(device, event);
}

bool world_step(struct world_device *device) {
    if (device->outbox_count > 0) {
        JL_AUTO(jl_buf) bytes = pop(device->outbox, &device->outbox_count);
        world_serve(device, jl_buf_bytes(&bytes));
        return true;
    }
    if (device->inbox_count > 0) {
        take_one(device);
        return true;
    }
    struct jl_event event = {.kind = JL_EVENT_TICK, .now_ms = device->world->now_ms};
    step(device, event);
    return device->outbox_count > 0;
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
}

void world_hang_up(struct world_device *device) {
    world_drop_queues(device);
    device->origin = 0;
    jl_session_init(&device->session, (uint64_t)device->number * 77);
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
