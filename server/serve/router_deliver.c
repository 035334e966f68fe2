/* What the workers say goes out to devices; Pokes; and what is due by time. */
#include "allowlist.h"
#include "budgets.h"
#include "job.h"
#include "refusing.h"
#include "router.h"

#include "proto/wire.h"
#include "server/books/refusals.h"

#include "jielian/base/assert.h"
#include "jielian/base/buf.h"
#include "jielian/base/clock.h"
#include "jielian/base/limits.h"
#include "jielian/base/log.h"
#include "jielian/message/say.h"
#include "jielian/net/pipe.h"
#include "jielian/net/server.h"
#include "jielian/op/op.h"
#include "jielian/store/devices.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    SWEEP_MS = 1000,
    POKE_FULL_MS = 1000, /* a device whose queue is full is poked again after that */
};

/* ---- Notes for the writer ---- */

/* Strangers are counted by the transport, from its start. */
static void count_strangers(struct jl_router *router) {
    static const enum jl_refusal kinds[JL_STRANGER_KINDS] = {
        [JL_STRANGER_KEY] = JL_REFUSAL_KEY,
        [JL_STRANGER_PROTOCOL] = JL_REFUSAL_PROTOCOL,
        [JL_STRANGER_TIMEOUT] = JL_REFUSAL_TIMEOUT,
        [JL_STRANGER_CROWD] = JL_REFUSAL_CROWD,
    };
    const struct jl_clock *clock = &router->options->clock;
    struct jl_budget *budget = jl_budgets_of(&router->budgets, 0);
    struct jl_strangers now;
    if (budget == NULL || router->server == NULL) {
        return; /* no memory: counted with the next sweep */
    }
    jl_server_strangers(router->server, &now);
    for (int kind = 0; kind < JL_STRANGER_KINDS; kind++) {
        uint64_t more = now.count[kind] - router->strangers.count[kind];
        if (more > 0) {
            jl_budget_note(budget, kinds[kind], more, clock->wall_ms(clock->context),
                           now.address[kind]);
        }
    }
    router->strangers = now;
}

bool jl_router_flush_refusals(struct jl_router *router) {
    bool any = false;
    count_strangers(router);
    struct jl_job *called = router->unknown != NULL ? jl_job_new(JL_JOB_REFUSED) : NULL;
    if (called != NULL) {
        called->unknown = router->unknown;
        router->unknown = NULL;
        jl_router_note(router, called);
        any = true;
    }
    for (size_t i = 0; i < router->budgets.count; i++) {
        struct jl_budget *budget = &router->budgets.list[i];
        struct jl_job *job = budget->fresh != NULL ? jl_job_new(JL_JOB_REFUSED) : NULL;
        if (job != NULL) { /* no memory: with the next flush */
            job->device = (uint32_t)i;
            job->refusals = budget->fresh;
            budget->fresh = NULL;
            jl_router_note(router, job);
            any = true;
        }
    }
    return any;
}

/* ---- Answers ---- */

static void tell_heads(struct jl_router *router, struct jl_caller *caller,
                       const struct jl_job *job) {
    for (int feed = 0; feed < 2; feed++) {
        if (job->tells[feed]) {
            /* A page may name an older head than the last Poke did; the device believes the last
             * word, so it has to be poked again. */
            caller->told[feed] = job->told[feed];
            router->pokes_due = true;
        }
    }
}

/* The greeting is answered: from now on the device is in session. */
static void greet(struct jl_caller *caller, const struct jl_job *job) {
    caller->greeted = job->refused == 0 && job->answer.size > 0;
    caller->origin = job->origin;
    caller->suspended = job->suspended;
}

static bool is_read(const struct jl_job *job) {
    return job->kind == JL_JOB_PULL || job->kind == JL_JOB_PROOF || job->kind == JL_JOB_ASK ||
           job->kind == JL_JOB_HISTORY;
}

/* Whether its connection is still there or not. */
static void settle_budget(struct jl_router *router, const struct jl_job *job) {
    struct jl_budget *budget = jl_budgets_of(&router->budgets, job->budget);
    JL_ASSERT(budget != NULL); /* it was there when the job was handed on */
    if (job->kind == JL_JOB_PAGE) {
        return; /* its Pull is still under way */
    }
    *(is_read(job) ? &budget->reads : &budget->pushes) -= 1;
    if (job->fresh) {
        jl_budget_charge(budget, JL_PATIENCE_INCARNATION, jl_router_now(router));
    }
    if (job->tally[JL_VERDICT_PARKED] > 0) {
        jl_router_note_refusal(router, job->budget, JL_REFUSAL_PARKED,
                               job->tally[JL_VERDICT_PARKED], 0);
    }
}

/* Takes the job. */
static void deliver_answer(struct jl_router *router, struct jl_job *job) {
    struct jl_caller *caller = jl_callers_find(&router->callers, &job->peer);
    router->jobs_bytes -= job->bytes;
    settle_budget(router, job);
    if (caller == NULL || caller->serial != job->caller) {
        jl_job_free(job);
        return;
    }
    bool reads = is_read(job);
    caller->reads -= reads;
    caller->pushes -= !reads && job->kind != JL_JOB_PAGE;
    if (job->kind == JL_JOB_HELLO) {
        greet(caller, job);
    }
    if (job->over_quota) {
        jl_router_note_refusal(router, job->device, JL_REFUSAL_QUOTA, 1, 1);
    } else if (job->refused != 0) {
        jl_router_count(router, caller, job->refused);
    }
    if (job->kind == JL_JOB_PAGE || (job->kind == JL_JOB_PULL && job->refused == 0)) {
        jl_metric_add(&router->metrics->pages, 1);
    }
    tell_heads(router, caller, job);
    if (job->answer.size > 0) {
        (void)jl_router_send(router, &job->peer, caller, jl_buf_bytes(&job->answer));
    }
    if (job->identical) {
        job->kind = JL_JOB_PROVEN;
        job->bytes = 0;
        jl_router_note(router, job);
        return;
    }
    jl_job_free(job);
}

/* ---- Who may talk ---- */

static void take_heads(struct jl_router *router, const struct jl_job *job) {
    for (size_t i = 0; i < job->head_count; i++) {
        const struct jl_feed_head *moved = &job->heads[i];
        JL_ASSERT(moved->feed < JL_OFFICES_MAX);
        if (moved->head > router->heads[moved->feed]) { /* a picture may be older than a commit */
            router->heads[moved->feed] = moved->head;
            router->pokes_due = true;
        }
    }
}

/* The table says something else of a device in session than when it greeted. */
static void judge_again(struct jl_router *router, struct jl_caller *caller) {
    const struct jl_admitted *device = jl_router_device(router, caller->key);
    if (device == NULL || !caller->greeted) {
        return;
    }
    bool suspended = device->state == JL_DEVICE_SUSPENDED;
    struct jl_peer_id peer = caller->peer;
    if (device->state == JL_DEVICE_REVOKED) {
        jl_log(JL_LOG_INFO, "revoked", "device=%" PRIu32, device->number);
        caller->greeted = false;
        jl_router_refuse(router, &peer, caller,
                         &(struct jl_refusing){.code = JL_REFUSE_REVOKED, .cause = JL_SAY_REVOKED});
    } else if (suspended != caller->suspended) {
        jl_log(JL_LOG_INFO, suspended ? "suspended" : "resumed", "device=%" PRIu32, device->number);
        caller->greeted = false;
        jl_router_refuse(
            router, &peer, caller, /* Welcome tells the rest */
            &(struct jl_refusing){.code = JL_REFUSE_HELLO, .cause = JL_SAY_HELLO_ANEW});
    }
}

static void each_caller(struct jl_router *router,
                        void (*visit)(struct jl_router *router, struct jl_caller *caller)) {
    for (size_t i = 0; i < JL_CALLER_SLOTS; i++) {
        struct jl_caller *caller = router->callers.slots[i];
        while (caller != NULL) {
            struct jl_caller *next = caller->next; /* visit may drop this one */
            visit(router, caller);
            caller = next;
        }
    }
}

/* A picture from before an enrolment that is known already must not shut that device out: devices
 * are never removed from the table, so fewer of them means older. */
static void take_admission(struct jl_router *router, struct jl_job *job) {
    if (router->allowlist != NULL &&
        jl_allowlist_devices(job->allowlist) < jl_allowlist_devices(router->allowlist)) {
        return;
    }
    jl_allowlist_free(router->allowlist);
    router->allowlist = job->allowlist;
    job->allowlist = NULL;
    size_t kept = 0;
    for (size_t i = 0; i < router->joined_count; i++) {
        if (jl_allowlist_device(router->allowlist, router->joined[i].key) == NULL) {
            router->joined[kept++] = router->joined[i];
        }
    }
    router->joined_count = kept;
    each_caller(router, judge_again);
}

static void take_joined(struct jl_router *router, const struct jl_job *job) {
    if (router->joined_count == router->joined_capacity) {
        size_t capacity = router->joined_capacity * 2 + 8;
        struct jl_admitted *more = realloc(router->joined, capacity * sizeof *more);
        if (more == NULL) {
            return; /* the reader's next look tells the same, a second later */
        }
        router->joined = more;
        router->joined_capacity = capacity;
    }
    struct jl_admitted *device = &router->joined[router->joined_count++];
    *device = (struct jl_admitted){
        .number = job->device, .office = job->office, .state = JL_DEVICE_ACTIVE};
    memcpy(device->key, job->key, sizeof device->key);
}

static void take_stop(struct jl_router *router, const struct jl_job *job) {
    router->runs[job->worker] = false;
    if (job->failed && !router->failed) {
        router->failed = true;
        router->err = job->err;
    }
}

void jl_router_deliver(struct jl_router *router, struct jl_job *job) {
    switch (job->kind) {
    case JL_JOB_HELLO:
    case JL_JOB_PUSH:
    case JL_JOB_ENROL:
    case JL_JOB_PULL:
    case JL_JOB_PROOF:
    case JL_JOB_ASK:
    case JL_JOB_HISTORY:
    case JL_JOB_PAGE:
        deliver_answer(router, job);
        return;
    case JL_JOB_START:
    case JL_JOB_HEADS:
    case JL_JOB_ADMIT:
        router->started += job->kind == JL_JOB_START;
        take_heads(router, job);
        if (job->allowlist != NULL) {
            take_admission(router, job);
        }
        break;
    case JL_JOB_JOINED:
        take_joined(router, job);
        break;
    case JL_JOB_STOP:
        take_stop(router, job);
        break;
    case JL_JOB_PROVEN:
    case JL_JOB_BYE:
    case JL_JOB_REFUSED:
    case JL_JOB_LOOK:
        break; /* the workers keep these */
    }
    jl_job_free(job);
}

/* ---- Pokes ---- */

/* Tell the device its feeds' heads, if it does not know them. A device that is being sent pages or
 * verdicts learns the head from those. */
static void poke(struct jl_router *router, struct jl_caller *caller) {
    int64_t now_ms = jl_router_now(router);
    const uint64_t heads[2] = {router->heads[0], router->heads[caller->office]};
    if (!caller->greeted || caller->suspended ||
        (caller->told[0] >= heads[0] && caller->told[1] >= heads[1])) {
        return;
    }
    if (now_ms - caller->poked_ms < JL_POKE_GAP_MS || caller->reads > 0) {
        router->pokes_due = true;
        return;
    }
    struct jl_err err;
    JL_AUTO(jl_buf) frame = {0};
    const struct jl_message message = {.kind = JL_MESSAGE_POKE,
                                       .as.poke = {.head = {heads[0], heads[1]}}};
    enum jl_rc rc = jl_wire_encode(router->wire, &message, &frame, &err);
    if (rc == JL_OK) {
        rc = jl_server_send(router->server, &caller->peer, jl_buf_bytes(&frame), &err);
    }
    if (rc == JL_OK) {
        jl_metric_add(&router->metrics->bytes_out, frame.size);
        jl_metric_add(&router->metrics->pokes, 1);
        memcpy(caller->told, heads, sizeof heads);
        caller->poked_ms = now_ms;
    } else if (rc == JL_NOT_FOUND) {
        jl_callers_drop(&router->callers, caller);
    } else {
        caller->poked_ms = now_ms + POKE_FULL_MS - JL_POKE_GAP_MS;
        router->pokes_due = true;
    }
}

void jl_router_poke(struct jl_router *router) {
    if (router->pokes_due) {
        router->pokes_due = false;
        each_caller(router, poke);
    }
}

/* ---- By time ---- */

static void sweep(struct jl_router *router, struct jl_caller *caller) {
    int64_t silent_ms = jl_router_now(router) - caller->heard_ms;
    if (silent_ms >= (caller->greeted ? JL_CALLER_IDLE_MS : JL_CALLER_SILENT_MS)) {
        jl_callers_drop(&router->callers, caller);
    }
}

void jl_router_sweep(struct jl_router *router, int64_t now_ms) {
    if (now_ms - router->swept_ms < SWEEP_MS) {
        return;
    }
    router->swept_ms = now_ms;
    each_caller(router, sweep);
    jl_router_send_late(router);
    if (now_ms - router->refusals_ms >= JL_REFUSALS_GAP_MS && router->late == NULL &&
        jl_router_flush_refusals(router)) {
        router->refusals_ms = now_ms; /* the first after a quiet time is reported at once */
    }
    atomic_store(&router->metrics->sessions, router->callers.count);
    struct jl_server_counts counts = jl_server_counts(router->server);
    atomic_store(&router->metrics->handshakes_admitted, counts.admitted);
    atomic_store(&router->metrics->handshakes_refused, counts.refused);
}
