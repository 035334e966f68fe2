/* What goes out of the router: frames and refusals to devices, notes to the writer; and what a
 * refusal costs the device. */
#include "allowlist.h"
#include "budgets.h"
#include "callers.h"
#include "job.h"
#include "metrics.h"
#include "refusing.h"
#include "router.h"

#include "proto/wire.h"
#include "server/books/refusals.h"

#include "jielian/base/log.h"
#include "jielian/net/pipe.h"

#include <string.h>

int64_t jl_router_now(const struct jl_router *router) {
    const struct jl_clock *clock = &router->options->clock;
    return clock->steady_ms(clock->context);
}

static int64_t wall_ms(const struct jl_router *router) {
    const struct jl_clock *clock = &router->options->clock;
    return clock->wall_ms(clock->context);
}

const struct jl_admitted *jl_router_device(const struct jl_router *router,
                                           const uint8_t key[static JL_CURVE_KEY_BYTES]) {
    const struct jl_admitted *device = jl_allowlist_device(router->allowlist, key);
    for (size_t i = 0; device == NULL && i < router->joined_count; i++) {
        if (memcmp(router->joined[i].key, key, JL_CURVE_KEY_BYTES) == 0) {
            device = &router->joined[i];
        }
    }
    return device;
}

bool jl_router_send(struct jl_router *router, const struct jl_peer_id *peer,
                    struct jl_caller *caller, struct jl_bytes frame) {
    struct jl_err err;
    enum jl_rc rc = jl_server_send(router->server, peer, frame, &err);
    if (rc == JL_OK) {
        jl_metric_add(&router->metrics->bytes_out, frame.size);
        return true;
    }
    /* JL_BUSY: a device that asks and does not read. It will time out and say Hello again. */
    jl_metric_add(&router->metrics->lost, 1);
    if (rc != JL_BUSY && rc != JL_NOT_FOUND) {
        jl_log_err(JL_LOG_ERROR, "send_failed", &err);
    }
    if (rc == JL_NOT_FOUND && caller != NULL) {
        jl_callers_drop(&router->callers, caller);
        return false;
    }
    return rc != JL_NOT_FOUND;
}

void jl_router_note_refusal(struct jl_router *router, uint32_t device, enum jl_refusal kind,
                            uint64_t count, uint32_t tokens) {
    struct jl_budget *budget = jl_budgets_of(&router->budgets, device);
    if (budget != NULL) { /* else no memory: uncounted, and the metrics have it */
        jl_budget_note(budget, kind, count, wall_ms(router), NULL);
        jl_budget_charge(budget, tokens, jl_router_now(router));
    }
}

void jl_router_charge(struct jl_router *router, uint32_t device, uint32_t tokens) {
    struct jl_budget *budget = jl_budgets_of(&router->budgets, device);
    if (budget != NULL) {
        jl_budget_charge(budget, tokens, jl_router_now(router));
    }
}

void jl_router_count(struct jl_router *router, struct jl_caller *caller, enum jl_refuse_code code) {
    jl_metric_add(&router->metrics->refusals[code], 1);
    jl_router_note_refusal(router, caller != NULL ? caller->device : 0, (enum jl_refusal)code, 1,
                           1);
}

void jl_router_refuse(struct jl_router *router, const struct jl_peer_id *peer,
                      struct jl_caller *caller, const struct jl_refusing *refusing) {
    struct jl_err err;
    JL_AUTO(jl_buf) frame = {0};
    jl_router_count(router, caller, refusing->code);
    if (jl_refusing_encode(refusing, router->wire, &frame, &err) != JL_OK) {
        jl_log_err(JL_LOG_ERROR, "refuse_failed", &err);
        return;
    }
    (void)jl_router_send(router, peer, caller, jl_buf_bytes(&frame));
}

void jl_router_send_late(struct jl_router *router) {
    struct jl_err err;
    while (router->late != NULL) {
        struct jl_job *first = router->late;
        struct jl_job *rest = first->next; /* once sent, it is the writer's */
        if (jl_pipe_send(router->writer, first, &err) != JL_OK) {
            return; /* the next sweep tries again */
        }
        router->late = rest;
    }
}

void jl_router_note(struct jl_router *router, struct jl_job *job) {
    struct jl_job **end = &router->late;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    job->next = NULL;
    *end = job;
    jl_router_send_late(router);
}
