/* What devices say: admit, decode, judge who may, hand on.
 *
 *   key unknown     Enrol only, if the key is an invitation's; all else is refused
 *   no Hello yet    Hello only
 *   suspended       Hello and Push (the writer quarantines it)
 *   revoked         Refuse REVOKED, whatever it says
 *
 * The device table is asked for every message, not for the handshake only, so that a device which
 * was revoked a moment ago hears of it on its open connection. The worker asks its own, newer one
 * again. */
#include "router.h"
#include "allowlist.h"
#include "budgets.h"
#include "job.h"
#include "refusing.h"

#include "proto/wire.h"
#include "server/books/refusals.h"
#include "server/books/unknown.h"

#include "jielian/base/clock.h"
#include "jielian/base/fault.h"
#include "jielian/base/limits.h"
#include "jielian/base/log.h"
#include "jielian/message/fault_text.h"
#include "jielian/message/say.h"
#include "jielian/net/curve.h"
#include "jielian/net/frame.h"
#include "jielian/net/pipe.h"
#include "jielian/net/server.h"
#include "jielian/store/devices.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    FRAMES_PER_TURN = 64, /* then the workers' answers get their turn */
    /* wire.h: a frame takes at most twice its size, one body and 3 MiB. */
    DECODED_MAX_BYTES = 2 * JL_FRAME_MAX_BYTES + JL_BODY_MAX_BYTES + 4 * 1024 * 1024,
    TOLD_GAP_MS = 1000, /* "malformed" and "slow" to one session; more are counted only */
    MALFORMED_LOG_MS = 60 * 1000,
};

static int64_t wall_ms(const struct jl_router *router) {
    const struct jl_clock *clock = &router->options->clock;
    return clock->wall_ms(clock->context);
}

/* ---- Who ---- */

enum jl_admit jl_router_admits(void *context,
                               const uint8_t curve_public[static JL_CURVE_KEY_BYTES]) {
    struct jl_router *router = context;
    const struct jl_admitted *device = jl_router_device(router, curve_public);
    if (device != NULL) {
        return device->state != JL_DEVICE_REVOKED ? JL_ADMIT_YES : JL_ADMIT_REVOKED;
    }
    if (jl_allowlist_invited(router->allowlist, curve_public, wall_ms(router))) {
        return JL_ADMIT_YES;
    }
    if (router->unknown == NULL) {
        router->unknown = calloc(1, sizeof *router->unknown);
    }
    if (router->unknown != NULL) { /* no memory: counted as a stranger's, without its key */
        jl_unknown_note(router->unknown, curve_public, 1, wall_ms(router));
    }
    return JL_ADMIT_UNKNOWN;
}

/* ---- Refusing ---- */

void jl_router_dropped(void *context, const uint8_t curve_public[static JL_CURVE_KEY_BYTES],
                       enum jl_drop why) {
    static const enum jl_refusal kinds[] = {[JL_DROP_MALFORMED] = JL_REFUSAL_MALFORMED,
                                            [JL_DROP_CROWD] = JL_REFUSAL_CROWD,
                                            [JL_DROP_ENDLESS] = JL_REFUSAL_ENDLESS};
    struct jl_router *router = context;
    const struct jl_admitted *device = jl_router_device(router, curve_public);
    if (why == JL_DROP_MALFORMED) {
        jl_metric_add(&router->metrics->malformed, 1);
    }
    jl_router_note_refusal(router, device != NULL ? device->number : 0, kinds[why], 1, 1);
}

static void malformed(struct jl_router *router, struct jl_caller *caller,
                      const struct jl_err *err) {
    int64_t now_ms = jl_router_now(router);
    jl_metric_add(&router->metrics->malformed, 1);
    if (caller->malformed_log_ms == 0 || now_ms - caller->malformed_log_ms >= MALFORMED_LOG_MS) {
        caller->malformed_log_ms = now_ms;
        char text[JL_FAULT_TEXT_BYTES];
        jl_log(JL_LOG_WARN, "malformed", "device=%" PRIu32 " text=\"%s\"", caller->device,
               jl_fault_text_detail(err, text));
    }
    if (caller->told_ms == 0 || now_ms - caller->told_ms >= TOLD_GAP_MS) {
        caller->told_ms = now_ms;
        const struct jl_refusing refusing =
            jl_refusing_of(JL_REFUSE_MALFORMED, JL_RETRY_FAULT_MS, err);
        jl_router_refuse(router, &caller->peer, caller, &refusing);
    } else {
        jl_router_note_refusal(router, caller->device, JL_REFUSAL_MALFORMED, 1, 1);
    }
}

/* The device has met too many refusals: what it says now is not even decoded. */
static bool is_slow(struct jl_router *router, struct jl_caller *caller) {
    int64_t now_ms = jl_router_now(router);
    const struct jl_budget *budget = jl_budgets_of(&router->budgets, caller->device);
    int64_t slow_ms = budget != NULL ? jl_budget_slow_ms(budget, now_ms) : JL_RETRY_MS;
    if (slow_ms == 0) {
        return false;
    }
    jl_router_note_refusal(router, caller->device, JL_REFUSAL_FLOOD, 1, 0);
    if (caller->told_ms == 0 || now_ms - caller->told_ms >= TOLD_GAP_MS) {
        caller->told_ms = now_ms;
        jl_router_refuse(router, &caller->peer, caller,
                         &(struct jl_refusing){.code = JL_REFUSE_BUSY,
                                               .cause = JL_SAY_SLOW_DOWN,
                                               .retry_ms = (uint64_t)slow_ms});
    }
    return true;
}

/* ---- Handing on ---- */

static void hand_on(struct jl_router *router, struct jl_caller *caller, struct jl_job *job,
                    struct jl_pipe *pipe) {
    struct jl_err err;
    bool reads = pipe == router->reader;
    uint32_t *under_way = reads ? &caller->reads : &caller->pushes;
    uint32_t most = reads ? JL_CALLER_READS_MAX : JL_CALLER_PUSHES_MAX;
    job->bytes = sizeof *job + job->frame.bytes.size + job->arena.used_bytes;
    struct jl_budget *budget = jl_budgets_of(&router->budgets, job->budget);
    bool many =
        *under_way >= most ||
        (budget != NULL && job->budget != 0 &&
         (reads ? budget->reads >= JL_BUDGET_READS_MAX : budget->pushes >= JL_BUDGET_PUSHES_MAX));
    bool full = budget == NULL || many || router->jobs_bytes + job->bytes > JL_JOBS_BYTES_MAX;
    enum jl_rc rc = full ? JL_BUSY : jl_pipe_send(pipe, job, &err);
    if (rc == JL_OK) {
        router->jobs_bytes += job->bytes;
        (*under_way)++;
        *(reads ? &budget->reads : &budget->pushes) += 1;
        return;
    }
    if (rc != JL_BUSY) {
        jl_log_err(JL_LOG_ERROR, "pipe_failed", &err);
    }
    jl_job_free(job);
    jl_router_refuse(router, &caller->peer, caller,
                     &(struct jl_refusing){.code = JL_REFUSE_BUSY,
                                           .cause = many ? JL_SAY_TOO_MANY : JL_SAY_NO_ROOM,
                                           .retry_ms = JL_RETRY_MS});
}

static bool version_fits(const struct jl_hello *hello) {
    return hello->oldest <= JL_PROTOCOL_VERSION && hello->version >= JL_PROTOCOL_OLDEST;
}

/* What of a device's messages goes where. JL_JOB_STOP: not a device's to send. */
static enum jl_job_kind kind_of(enum jl_message_kind kind) {
    switch (kind) {
    case JL_MESSAGE_HELLO:
        return JL_JOB_HELLO;
    case JL_MESSAGE_PUSH:
        return JL_JOB_PUSH;
    case JL_MESSAGE_PULL:
        return JL_JOB_PULL;
    case JL_MESSAGE_PROOF:
        return JL_JOB_PROOF;
    case JL_MESSAGE_ASK:
        return JL_JOB_ASK;
    case JL_MESSAGE_ENROL:
        return JL_JOB_ENROL;
    case JL_MESSAGE_BYE:
        return JL_JOB_BYE;
    case JL_MESSAGE_HISTORY:
        return JL_JOB_HISTORY;
    case JL_MESSAGE_WELCOME:
    case JL_MESSAGE_VERDICTS:
    case JL_MESSAGE_PAGE:
    case JL_MESSAGE_PROVED:
    case JL_MESSAGE_BUCKETS:
    case JL_MESSAGE_IDS:
    case JL_MESSAGE_POKE:
    case JL_MESSAGE_REFUSE:
    case JL_MESSAGE_ENROLLED:
    case JL_MESSAGE_LINES:
        break;
    }
    return JL_JOB_STOP;
}

/* The device is not in session any more: no Poke goes to it. The note has no answer. Takes the job.
 */
static void take_bye(struct jl_router *router, struct jl_caller *caller, struct jl_job *job) {
    caller->greeted = false;
    jl_router_note(router, job);
}

/* A message of an enrolled device that is not revoked. Takes the job. */
static void from_device(struct jl_router *router, struct jl_caller *caller, struct jl_job *job,
                        const struct jl_admitted *device) {
    struct jl_refusing refusing = {0};
    bool suspended = device->state == JL_DEVICE_SUSPENDED;
    job->device = job->budget = device->number;
    caller->office = job->office = device->office;
    job->origin = caller->origin;
    if (job->kind == JL_JOB_HELLO && !version_fits(&job->message.as.hello)) {
        refusing.code = JL_REFUSE_VERSION;
        refusing.cause = JL_SAY_VERSION_SPOKEN;
    } else if (job->kind != JL_JOB_HELLO && !caller->greeted) {
        refusing.code = JL_REFUSE_HELLO;
        refusing.cause = JL_SAY_HELLO_FIRST;
    } else if (suspended && job->kind != JL_JOB_HELLO && job->kind != JL_JOB_PUSH &&
               job->kind != JL_JOB_BYE) {
        /* One that was suspended since its Hello learns so from the next Welcome. */
        refusing = caller->suspended
                       ? (struct jl_refusing){.code = JL_REFUSE_SUSPENDED,
                                              .cause = JL_SAY_SUSPENDED,
                                              .retry_ms = JL_RETRY_SUSPENDED_MS}
                       : (struct jl_refusing){.code = JL_REFUSE_HELLO, .cause = JL_SAY_HELLO_ANEW};
    }
    if (refusing.code != 0) {
        jl_job_free(job);
        jl_router_refuse(router, &caller->peer, caller, &refusing);
        return;
    }
    if (job->kind == JL_JOB_HELLO) {
        job->first = !caller->greeted;
        jl_router_charge(router, device->number, 1);
    } else if (job->kind == JL_JOB_PROOF && job->message.as.proof.has_deep) {
        jl_router_charge(router, device->number, JL_PATIENCE_DEEP);
    } else if (job->kind == JL_JOB_HISTORY) {
        jl_router_charge(router, device->number, JL_PATIENCE_HISTORY);
    }
    if (job->kind == JL_JOB_BYE) {
        take_bye(router, caller, job);
        return;
    }
    bool writes = job->kind == JL_JOB_HELLO || job->kind == JL_JOB_PUSH;
    hand_on(router, caller, job, writes ? router->writer : router->reader);
}

static enum jl_rc decode(struct jl_router *router, struct jl_job *job, struct jl_err *err) {
    job->arena.limit_bytes = DECODED_MAX_BYTES;
    enum jl_rc rc = jl_wire_decode(router->wire, job->frame.bytes, &job->arena, &job->message, err);
    if (rc != JL_OK) {
        return rc;
    }
    job->kind = kind_of(job->message.kind);
    return job->kind != JL_JOB_STOP ? JL_OK
                                    : jl_fault_at(err, JL_PROTO, JL_SAY_MESSAGE_NOT_YOURS,
                                                  "%s is not for a device to send",
                                                  jl_wire_message_name(job->message.kind));
}

static void dispatch(struct jl_router *router, struct jl_caller *caller, struct jl_job *job) {
    struct jl_err err;
    const struct jl_admitted *device = jl_router_device(router, caller->key);
    caller->device = device != NULL ? device->number : 0;
    if (is_slow(router, caller)) {
        jl_job_free(job);
        return;
    }
    if (device != NULL && device->state == JL_DEVICE_REVOKED) {
        struct jl_peer_id peer = job->peer;
        jl_job_free(job);
        jl_router_refuse(router, &peer, caller,
                         &(struct jl_refusing){.code = JL_REFUSE_REVOKED, .cause = JL_SAY_REVOKED});
        return;
    }
    enum jl_rc rc = decode(router, job, &err);
    if (rc == JL_DENIED) { /* of a later protocol, and not to be misunderstood */
        jl_job_free(job);
        jl_router_refuse(
            router, &caller->peer, caller,
            &(struct jl_refusing){.code = JL_REFUSE_VERSION, .cause = JL_SAY_VERSION_NEEDED});
    } else if (rc != JL_OK) {
        jl_job_free(job);
        malformed(router, caller, &err);
    } else if (job->kind == JL_JOB_ENROL) {
        memcpy(job->key, caller->key, sizeof job->key);
        job->budget = caller->device;
        jl_router_charge(router, caller->device, 1);
        hand_on(router, caller, job, router->writer); /* which knows what the key is worth */
    } else if (device == NULL) {
        jl_job_free(job);
        jl_router_refuse(
            router, &caller->peer, caller,
            &(struct jl_refusing){.code = JL_REFUSE_INVITATION, .cause = JL_SAY_KEY_UNKNOWN});
    } else {
        from_device(router, caller, job, device);
    }
}

static void receive(struct jl_router *router, const struct jl_peer_id *peer,
                    const uint8_t key[static JL_CURVE_KEY_BYTES], struct jl_frame *frame) {
    struct jl_caller *caller = jl_callers_find(&router->callers, peer);
    jl_metric_add(&router->metrics->bytes_in, frame->bytes.size);
    if (caller != NULL && memcmp(caller->key, key, JL_CURVE_KEY_BYTES) != 0) {
        jl_callers_drop(&router->callers, caller); /* the id went to another connection */
        caller = NULL;
    }
    if (caller == NULL) {
        caller = jl_callers_add(&router->callers, peer, key);
    }
    struct jl_job *job = caller != NULL ? jl_job_new(JL_JOB_STOP) : NULL;
    if (job == NULL) {
        jl_frame_fini(frame);
        jl_router_refuse(router, peer, caller,
                         &(struct jl_refusing){.code = JL_REFUSE_BUSY,
                                               .cause = JL_SAY_NO_ROOM,
                                               .retry_ms = JL_RETRY_FAULT_MS});
        return;
    }
    caller->heard_ms = jl_router_now(router);
    job->peer = *peer;
    job->caller = caller->serial;
    job->frame = *frame;
    dispatch(router, caller, job);
}

void jl_router_receive(struct jl_router *router) {
    struct jl_err err;
    for (int i = 0; i < FRAMES_PER_TURN; i++) {
        struct jl_peer_id peer;
        uint8_t key[JL_CURVE_KEY_BYTES];
        struct jl_frame frame;
        enum jl_rc rc = jl_server_receive(router->server, &peer, key, &frame, &err);
        if (rc == JL_NOT_FOUND) {
            return;
        }
        if (rc != JL_OK) {
            jl_log_err(JL_LOG_ERROR, "receive_failed", &err);
            return;
        }
        receive(router, &peer, key, &frame);
    }
}
