/* Liveness at random: one session between a store and a district of plain numbers.
 *
 * A disorderly time first, drawn from a seed: frames are lost with their connection or one by one,
 * doubled, delayed; the driver drops events; staff and other devices make changes; the district
 * restarts, is restored, refuses, suspends; the device is put back to an earlier state. Then all is
 * well, and within a bounded number of steps and of virtual time the session must be proven with
 * nothing unsent. At every step:
 *
 *   - wake_ms is due or within JL_SESSION_RETRY_MAX_MS, and after a TICK that did nothing it lies
 *     ahead: a driver that sleeps until then neither spins nor oversleeps;
 *   - what waits for an answer has a deadline;
 *   - no op is confirmed that the district never held under that very number.
 *
 * A failing seed is printed; test_session_model SEED runs it alone. */
#include "session_model.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    SEEDS = 2000,
    DISORDER_STEPS = 300,
    CALM_STEPS_MAX = 4000,
    CALM_MS_MAX = 2 * JL_SESSION_RETRY_MAX_MS,
    CALM_MESSAGES_MAX = 600,
    OP_BYTES = 700, /* so that smaller batches hold fewer ops */
};

/* ---- The device's driver ---- */

static void step(struct model *model, struct jl_event event);

static bool send(struct model *model, const struct frame *frame) {
    if (!model->link) {
        return false;
    }
    model->sent++;
    put(&model->up, frame);
    return true;
}

static void new_incarnation(struct model *model) {
    struct device *device = &model->device;
    uint64_t unsent = device->facts.head - device->facts.confirmed;
    memmove(device->ops + 1, device->ops + 1 + device->facts.confirmed,
            unsent * sizeof *device->ops);
    device->facts.head = unsent;
    device->facts.confirmed = 0;
    device->facts.cursor[0] = device->facts.cursor[1] = 0;
    assert_true(model->chain_count < CHAINS_MAX);
    device->chain = model->chain_count++;
}

static void take_epoch(struct model *model, uint64_t last_seq) {
    struct jl_session_facts *facts = &model->device.facts;
    bool first = !facts->has_epoch;
    facts->has_epoch = true;
    memcpy(facts->epoch, model->welcome.epoch, sizeof facts->epoch);
    facts->confirmed = last_seq < facts->confirmed ? last_seq : facts->confirmed;
    if (!first) {
        facts->cursor[0] = facts->cursor[1] = 0;
    }
}

static void take_verdicts(struct model *model, const struct jl_verdicts *verdicts) {
    struct device *device = &model->device;
    struct jl_session_facts *facts = &device->facts;
    const struct chain *chain = &model->chains[device->chain];
    if (verdicts->last_seq <= facts->confirmed || verdicts->first_seq > facts->confirmed + 1 ||
        verdicts->last_seq > facts->head) {
        return;
    }
    for (uint64_t seq = facts->confirmed + 1; seq <= verdicts->last_seq; seq++) {
        if (chain->ever[seq] != device->ops[seq]) {
            model->fault = "an op was confirmed that the district never held";
        }
    }
    facts->confirmed = verdicts->last_seq;
    if (verdicts->own_to > verdicts->own_from && verdicts->own_from == facts->cursor[1]) {
        facts->cursor[1] = verdicts->own_to;
    }
}

static bool push(struct model *model, const struct jl_action *action) {
    struct device *device = &model->device;
    struct frame frame = {.message = {.kind = JL_MESSAGE_PUSH}, .chain = device->chain};
    uint64_t most = action->max_bytes / OP_BYTES;
    most = most < 1 ? 1 : most > BATCH_MAX ? BATCH_MAX : most;
    frame.message.as.push.first_seq = action->first_seq;
    frame.before = action->first_seq > 1 ? device->ops[action->first_seq - 1] : 0;
    for (uint64_t seq = action->first_seq; seq <= device->facts.head && frame.count < most; seq++) {
        frame.ops[frame.count++] = device->ops[seq];
    }
    assert_true(frame.count > 0);
    if (!send(model, &frame)) {
        return false;
    }
    jl_session_sent(&device->session, action->first_seq + frame.count);
    return true;
}

static bool send_plain(struct model *model, const struct jl_action *action) {
    struct frame frame = {.chain = model->device.chain};
    const uint64_t *cursor = model->device.facts.cursor;
    if (action->kind == JL_ACTION_HELLO) {
        frame.message.kind = JL_MESSAGE_HELLO;
    } else if (action->kind == JL_ACTION_PULL) {
        frame.message.kind = JL_MESSAGE_PULL;
        frame.message.as.pull = (struct jl_pull){.feed = action->feed,
                                                 .from = cursor[action->feed],
                                                 .max_bytes = action->max_bytes,
                                                 .pages = action->pages};
    } else if (action->kind == JL_ACTION_PROOF) {
        frame.message.kind = JL_MESSAGE_PROOF;
        memcpy(frame.message.as.proof.cursor, cursor, 2 * sizeof *cursor);
    } else {
        frame.message.kind = JL_MESSAGE_ASK;
        frame.message.as.ask.feed = action->feed;
        frame.message.as.ask.step = action->kind == JL_ACTION_ASK_IDS    ? JL_ASK_IDS
                                    : action->kind == JL_ACTION_ASK_ROWS ? JL_ASK_ROWS
                                                                         : JL_ASK_BUCKETS;
    }
    return send(model, &frame);
}

static bool chain_is(const struct model *model) {
    const struct device *device = &model->device;
    uint64_t seq = model->welcome.last_seq;
    return seq == 0 ||
           (seq <= device->facts.head && model->chains[device->chain].ops[seq] == device->ops[seq]);
}

static void take_page(struct model *model, const struct jl_page *page) {
    uint64_t *cursor = &model->device.facts.cursor[page->feed];
    if (page->repair) {
        model->different[page->feed] = chance(model, 30); /* not every repair helps */
    } else if (page->from == *cursor) {
        *cursor = page->to;
    }
}

static struct jl_compared compare(struct model *model, uint32_t feed,
                                  const struct jl_message *message) {
    struct jl_compared compared = {.different = model->different[feed] ? 3 : 0};
    if (message->kind == JL_MESSAGE_BUCKETS && message->as.buckets.part_count > 0) {
        compared.parts = compared.different > 0 && chance(model, 50) ? 1 : 0;
        compared.more = chance(model, 10);
        compared.reread = chance(model, 4)   ? JL_REREAD_DUE
                          : chance(model, 2) ? JL_REREAD_SPENT
                                             : JL_REREAD_NONE;
    }
    return compared;
}

/* Carries out one action; *next: the event that answers it. false: the transport took nothing. */
static bool act(struct model *model, const struct jl_action *action,
                const struct jl_message *message, struct jl_event *next) {
    switch (action->kind) {
    case JL_ACTION_HELLO:
    case JL_ACTION_PULL:
    case JL_ACTION_PROOF:
    case JL_ACTION_ASK_BUCKETS:
    case JL_ACTION_ASK_PARTS:
    case JL_ACTION_ASK_IDS:
    case JL_ACTION_ASK_ROWS:
        return send_plain(model, action);
    case JL_ACTION_PUSH:
        return push(model, action);
    case JL_ACTION_CHECK_CHAIN:
        *next = (struct jl_event){.kind = JL_EVENT_CHAIN, .chain_same = chain_is(model)};
        return true;
    case JL_ACTION_COMPARE_BUCKETS:
    case JL_ACTION_COMPARE_IDS:
        *next = (struct jl_event){.kind = JL_EVENT_DIFFERENT,
                                  .compared = compare(model, action->feed, message)};
        return true;
    case JL_ACTION_REREAD:
        model->device.facts.cursor[0] = model->device.facts.cursor[1] = 0;
        return true;
    case JL_ACTION_NEW_INCARNATION:
        new_incarnation(model);
        return true;
    case JL_ACTION_TAKE_EPOCH:
        take_epoch(model, action->first_seq);
        return true;
    case JL_ACTION_TAKE_VERDICTS:
        take_verdicts(model, &message->as.verdicts);
        return true;
    case JL_ACTION_TAKE_PAGE:
        take_page(model, &message->as.page);
        return true;
    case JL_ACTION_PROVEN:
    case JL_ACTION_RECONNECT:
    case JL_ACTION_TELL:
        break;
    }
    return true;
}

static void check_step(struct model *model, const struct jl_event *event, size_t actions) {
    const struct jl_session *session = &model->device.session;
    bool waits = session->pushed[0] != 0 || session->pulling[0] || session->pulling[1] ||
                 session->proving || session->asking != 0 || session->checking ||
                 session->phase == JL_SESSION_GREETING;
    if (waits != (session->deadline_ms != 0)) {
        model->fault = "a deadline is missing or left over";
    }
    if (session->wake_ms > model->now_ms + JL_SESSION_RETRY_MAX_MS) {
        model->fault = "the session oversleeps";
    }
    if (event->kind == JL_EVENT_TICK && actions == 0 && session->wake_ms <= model->now_ms) {
        model->fault = "the session would spin";
    }
}

static void step(struct model *model, struct jl_event event) {
    struct device *device = &model->device;
    struct jl_actions actions;
    if (chance(model, 2)) {
        return; /* the store was busy: the driver has lost this event */
    }
    event.now_ms = model->now_ms;
    jl_session_step(&device->session, &device->facts, &event, &actions);
    check_step(model, &event, actions.count);
    for (size_t i = 0; i < actions.count; i++) {
        struct jl_event next = {0};
        if (!act(model, &actions.items[i], event.message, &next)) {
            next.kind = JL_EVENT_NOT_SENT;
        }
        if (next.kind != 0) {
            step(model, next);
        }
        if (next.kind == JL_EVENT_NOT_SENT) {
            return;
        }
    }
}

static void tick(struct model *model) {
    step(model, (struct jl_event){.kind = JL_EVENT_TICK});
}

static void hear(struct model *model) {
    struct frame frame = take(&model->down);
    if (frame.message.kind == JL_MESSAGE_WELCOME) {
        model->welcome = frame.message.as.welcome;
    }
    step(model, (struct jl_event){.kind = JL_EVENT_MESSAGE, .message = &frame.message});
    tick(model);
}

/* ---- Disorder ---- */

static void make_op(struct model *model) {
    struct device *device = &model->device;
    if (device->facts.head + 1 < OPS_MAX) {
        device->ops[++device->facts.head] = ++model->next_op;
    }
}

static void district_change(struct model *model) {
    struct jl_message poke = {.kind = JL_MESSAGE_POKE};
    model->head[draw(model, 2)] += 1 + draw(model, 400);
    memcpy(poke.as.poke.head, model->head, sizeof model->head);
    if (model->greeted && !model->suspended && !chance(model, 30)) {
        answer(model, &poke);
    }
}

static void hang_up(struct model *model) {
    model->up.count = model->down.count = 0;
    model->link = false;
    model->greeted = false;
}

static void restore_or_back_up(struct model *model) {
    if (!model->backed_up) {
        model->backed_up = true;
        memcpy(model->backup_head, model->head, sizeof model->head);
        for (uint32_t i = 0; i < model->chain_count; i++) {
            model->backup_seq[i] = model->chains[i].last_seq;
        }
        return;
    }
    hang_up(model);
    model->backed_up = false;
    model->epoch++;
    memcpy(model->head, model->backup_head, sizeof model->head);
    for (uint32_t i = 0; i < model->chain_count; i++) {
        model->chains[i].last_seq = model->backup_seq[i];
    }
    memset(model->backup_seq, 0, sizeof model->backup_seq);
}

static void put_back_or_keep(struct model *model) {
    struct jl_session fresh;
    jl_session_init(&fresh, draw(model, 1000));
    if (!model->has_kept) {
        model->kept = model->device;
    } else {
        hang_up(model);
        model->device = model->kept;
        model->device.session = fresh;
    }
    model->has_kept = !model->has_kept;
}

static void frame_fault(struct model *model) {
    struct queue *queue = draw(model, 2) == 0 ? &model->up : &model->down;
    if (queue->count == 0) {
        return;
    }
    size_t at = (size_t)draw(model, queue->count);
    if (draw(model, 3) > 0) {
        memmove(queue->items + at, queue->items + at + 1,
                (--queue->count - at) * sizeof *queue->items);
    } else if (queue->count < QUEUE_MAX) { /* doubled: both come, one after the other */
        memmove(queue->items + at + 1, queue->items + at,
                (queue->count++ - at) * sizeof *queue->items);
    }
}

static void disorder(struct model *model) {
    uint64_t what = draw(model, 100);
    if (what < 12) {
        make_op(model);
        tick(model);
    } else if (what < 18) {
        district_change(model);
    } else if (what < 26) {
        frame_fault(model);
    } else if (what < 28) {
        hang_up(model);
        step(model, (struct jl_event){.kind = JL_EVENT_NOT_SENT});
    } else if (what < 34) {
        model->link = true;
    } else if (what < 35) {
        model->greeted = false; /* the district was restarted */
    } else if (what < 36) {
        model->suspended = !model->suspended;
    } else if (what < 37) {
        model->different[draw(model, 2)] = true;
    } else if (what < 38) {
        restore_or_back_up(model);
    } else if (what < 39) {
        put_back_or_keep(model);
    } else if (what < 42) {
        model->now_ms += (int64_t)draw(model, 30000);
    } else if (what < 46 && model->device.session.wake_ms > model->now_ms) {
        model->now_ms = model->device.session.wake_ms;
    } else if (what < 70 && model->up.count > 0) {
        serve(model);
    } else if (model->down.count > 0) {
        hear(model);
    } else {
        model->now_ms += (int64_t)draw(model, 200);
        tick(model);
    }
}

/* ---- Calm ---- */

static bool at_rest(const struct model *model) {
    const struct device *device = &model->device;
    return device->session.phase == JL_SESSION_ACTIVE && model->up.count + model->down.count == 0 &&
           !jl_session_busy(&device->session, &device->facts);
}

static void come_to_rest(struct model *model) {
    int64_t start_ms = model->now_ms;
    model->calm = true;
    model->link = true;
    model->suspended = false;
    model->sent = 0;
    for (int i = 0; i < CALM_STEPS_MAX && model->fault == NULL; i++) {
        if (at_rest(model)) {
            return;
        }
        if (model->up.count > 0) {
            serve(model);
        } else if (model->down.count > 0) {
            hear(model);
        } else {
            tick(model);
            if (model->up.count == 0 && model->device.session.wake_ms > model->now_ms) {
                model->now_ms = model->device.session.wake_ms;
            }
        }
        if (model->now_ms - start_ms > CALM_MS_MAX) {
            model->fault = "not proven in time";
        }
    }
    model->fault = model->fault == NULL ? "not proven after so many steps" : model->fault;
}

static void check_end(struct model *model) {
    const struct device *device = &model->device;
    const struct chain *chain = &model->chains[device->chain];
    if (device->facts.confirmed != device->facts.head || chain->last_seq != device->facts.head ||
        memcmp(chain->ops + 1, device->ops + 1, device->facts.head * sizeof *chain->ops) != 0) {
        model->fault = "the district does not hold what the outbox holds";
    }
    if (device->facts.cursor[0] != model->head[0] || device->facts.cursor[1] != model->head[1] ||
        model->different[0] || model->different[1]) {
        model->fault = "proven, but not identical";
    }
    if (model->sent > CALM_MESSAGES_MAX) {
        model->fault = "far more messages than there is to say";
    }
}

static const char *run_seed(uint64_t seed) {
    static struct model model;
    memset(&model, 0, sizeof model);
    model.random = seed;
    model.now_ms = 5000;
    model.chain_count = 1;
    model.epoch = 1;
    model.link = true;
    jl_session_init(&model.device.session, seed);
    for (int i = 0; i < DISORDER_STEPS && model.fault == NULL; i++) {
        disorder(&model);
    }
    if (model.fault == NULL) {
        come_to_rest(&model);
    }
    if (model.fault == NULL) {
        check_end(&model);
    }
    return model.fault;
}

static void test_from_every_state_that_disorder_leads_to_calm_leads_to_a_proof(void **state) {
    (void)state;
    int failed = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const char *fault = run_seed(seed);
        if (fault != NULL) {
            print_error("seed %llu: %s\n", (unsigned long long)seed, fault);
            failed++;
        }
    }
    assert_int_equal(failed, 0);
}

int main(int argc, char **argv) {
    if (argc > 1) {
        const char *fault = run_seed(strtoull(argv[1], NULL, 10));
        printf("%s\n", fault != NULL ? fault : "proven");
        return fault != NULL;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_every_state_that_disorder_leads_to_calm_leads_to_a_proof),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
