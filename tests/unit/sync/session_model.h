/* The world of test_session_model.c: a district and a connection of plain numbers. An op is a
 * number that no other op has, so that chains are the same exactly when their newest ops are. */
#ifndef JIELIAN_SESSION_MODEL_H
#define JIELIAN_SESSION_MODEL_H

#include "jielian/sync/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum {
    OPS_MAX = 512,
    CHAINS_MAX = 256, /* incarnations of one run */
    QUEUE_MAX = 64,
    BATCH_MAX = 16,
    ROW_BYTES = 300,
};

struct frame {
    struct jl_message message;
    uint32_t chain;          /* Hello, Push: the device's incarnation */
    uint64_t before;         /* Push: the op before the first one */
    uint64_t ops[BATCH_MAX]; /* Push */
    uint64_t count;
};

struct queue {
    struct frame items[QUEUE_MAX];
    size_t count;
};

struct chain { /* one incarnation, as the district holds it */
    uint64_t ops[OPS_MAX], ever[OPS_MAX];
    uint64_t last_seq;
    bool retired;
};

struct device {
    struct jl_session session;
    struct jl_session_facts facts;
    uint64_t ops[OPS_MAX]; /* of this incarnation, from seq 1 */
    uint32_t chain;
};

struct model {
    uint64_t random, next_op;
    int64_t now_ms;
    struct device device, kept;
    bool has_kept;
    struct queue up, down;
    bool link;

    struct chain chains[CHAINS_MAX];
    uint32_t chain_count;
    uint8_t epoch;
    uint64_t head[2], backup_head[2];
    uint64_t backup_seq[CHAINS_MAX];
    bool backed_up;
    bool greeted, suspended, different[2];
    uint32_t origin; /* the incarnation that greeted last */
    uint64_t held;   /* in quarantine, of origin */
    struct jl_welcome welcome;
    uint64_t sent; /* messages in the calm */
    bool calm;
    const char *fault;
};

/* splitmix64 */
static inline uint64_t draw(struct model *model, uint64_t below) {
    uint64_t z = model->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % below;
}
static inline bool chance(struct model *model, uint64_t percent) {
    return !model->calm && draw(model, 100) < percent;
}

static inline void put(struct queue *queue, const struct frame *frame) {
    if (queue->count < QUEUE_MAX) {
        queue->items[queue->count++] = *frame;
    }
}
static inline struct frame take(struct queue *queue) {
    struct frame first = queue->items[0];
    memmove(queue->items, queue->items + 1, --queue->count * sizeof *queue->items);
    return first;
}

/* ---- The district ---- */

static inline void answer(struct model *model, const struct jl_message *message) {
    struct frame frame = {.message = *message};
    put(&model->down, &frame);
}

static inline void refuse(struct model *model, enum jl_refuse_code code, uint64_t retry_ms) {
    struct jl_message message = {.kind = JL_MESSAGE_REFUSE,
                                 .as.refuse = {.code = code, .retry_after_ms = retry_ms}};
    answer(model, &message);
}

static inline void serve_hello(struct model *model, const struct frame *frame) {
    struct jl_message message = {.kind = JL_MESSAGE_WELCOME};
    struct chain *chain = &model->chains[frame->chain];
    for (uint32_t i = 0; i < model->chain_count; i++) {
        if (i != frame->chain && !chain->retired) {
            model->chains[i].retired = true;
        }
    }
    model->greeted = true;
    model->origin = frame->chain;
    model->held = chain->last_seq;
    message.as.welcome = (struct jl_welcome){.version = 1,
                                             .epoch = {model->epoch},
                                             .last_seq = chain->last_seq,
                                             .head = {model->head[0], model->head[1]},
                                             .suspended = model->suspended,
                                             .again = chain->retired};
    answer(model, &message);
}

static inline void answer_verdicts(struct model *model, uint64_t first, uint64_t last,
                                   uint64_t own_from, uint64_t own_to) {
    struct jl_message message = {.kind = JL_MESSAGE_VERDICTS};
    message.as.verdicts = (struct jl_verdicts){.first_seq = first,
                                               .last_seq = last,
                                               .own_from = own_from,
                                               .own_to = own_to,
                                               .office_head = own_to != 0 ? model->head[1] : 0};
    answer(model, &message);
}

static inline void serve_push(struct model *model, const struct frame *frame) {
    struct chain *chain = &model->chains[model->origin];
    uint64_t first = frame->message.as.push.first_seq;
    uint64_t last = first + frame->count - 1;
    if (model->suspended) {
        model->held = first <= model->held + 1 && last > model->held ? last : model->held;
        answer_verdicts(model, model->held + 1, model->held, 0, 0);
        return;
    }
    if (first > chain->last_seq + 1) {
        answer_verdicts(model, chain->last_seq + 1, chain->last_seq, 0, 0);
        return;
    }
    if (first > 1 && chain->ops[first - 1] != frame->before) {
        refuse(model, JL_REFUSE_CHAIN, 0);
        return;
    }
    for (uint64_t seq = first; seq <= last && seq <= chain->last_seq; seq++) {
        if (chain->ops[seq] != frame->ops[seq - first]) {
            refuse(model, JL_REFUSE_CHAIN, 0);
            return;
        }
    }
    if (first <= chain->last_seq) { /* known: with the verdicts of then */
        answer_verdicts(model, first, last < chain->last_seq ? last : chain->last_seq, 0, 0);
        return;
    }
    uint64_t own_from = model->head[1];
    for (uint64_t seq = first; seq <= last; seq++) {
        chain->ops[seq] = chain->ever[seq] = frame->ops[seq - first];
        model->head[1]++;
    }
    chain->last_seq = last;
    bool echoed = draw(model, 4) == 0;
    answer_verdicts(model, first, last, echoed ? 0 : own_from, echoed ? 0 : model->head[1]);
}

static inline void serve_pull(struct model *model, const struct jl_pull *pull) {
    uint64_t from = pull->from;
    for (uint32_t i = 0; i < pull->pages; i++) {
        struct jl_message message = {.kind = JL_MESSAGE_PAGE};
        uint64_t head = model->head[pull->feed];
        uint64_t to = from + pull->max_bytes / ROW_BYTES;
        to = from > head ? from : to > head ? head : to;
        message.as.page =
            (struct jl_page){.feed = pull->feed, .from = from, .to = to, .head = head};
        answer(model, &message);
        from = to;
        if (to >= head) {
            return;
        }
    }
}

static inline void serve_proof(struct model *model, const struct jl_proof *proof) {
    struct jl_message message = {.kind = JL_MESSAGE_PROVED};
    struct jl_proved *proved = &message.as.proved;
    *proved =
        (struct jl_proved){.result = JL_PROOF_IDENTICAL, .head = {model->head[0], model->head[1]}};
    if (proof->cursor[0] != model->head[0] || proof->cursor[1] != model->head[1]) {
        proved->result = JL_PROOF_MOVED;
    } else if (model->different[0] || model->different[1]) {
        proved->result = JL_PROOF_DIFFERENT;
    }
    answer(model, &message);
}

static inline void serve_ask(struct model *model, const struct jl_ask *ask) {
    struct jl_message message = {.kind = JL_MESSAGE_BUCKETS};
    message.as.buckets.feed = ask->feed;
    message.as.buckets.part_count = chance(model, 70) ? 1 : 0; /* else an older district */
    if (ask->step == JL_ASK_IDS) {
        message.kind = JL_MESSAGE_IDS;
        message.as.ids = (struct jl_ids){.feed = ask->feed};
    } else if (ask->step == JL_ASK_ROWS) {
        message.kind = JL_MESSAGE_PAGE;
        message.as.page = (struct jl_page){.feed = ask->feed, .repair = true};
    }
    answer(model, &message);
}

static inline void serve(struct model *model) {
    struct frame frame = take(&model->up);
    const struct jl_message *message = &frame.message;
    if (chance(model, 4)) {
        static const enum jl_refuse_code codes[] = {JL_REFUSE_BUSY, JL_REFUSE_BUSY,
                                                    JL_REFUSE_MALFORMED, JL_REFUSE_SUSPENDED};
        refuse(model, codes[draw(model, 4)], draw(model, 5000));
        return;
    }
    if (message->kind != JL_MESSAGE_HELLO && !model->greeted) {
        refuse(model, JL_REFUSE_HELLO, 0);
        return;
    }
    if (model->suspended && message->kind != JL_MESSAGE_HELLO && message->kind != JL_MESSAGE_PUSH) {
        refuse(model, JL_REFUSE_SUSPENDED, 60000);
        return;
    }
    if (message->kind == JL_MESSAGE_HELLO) {
        serve_hello(model, &frame);
    } else if (message->kind == JL_MESSAGE_PUSH) {
        serve_push(model, &frame);
    } else if (message->kind == JL_MESSAGE_PULL) {
        serve_pull(model, &message->as.pull);
    } else if (message->kind == JL_MESSAGE_PROOF) {
        serve_proof(model, &message->as.proof);
    } else {
        serve_ask(model, &message->as.ask);
    }
}

#endif
