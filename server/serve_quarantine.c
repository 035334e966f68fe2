/* Quarantine: what a suspended device pushes is stored as it came, sealed, and its chain is not
 * advanced. The answer is "resend from the op behind it", so the device delivers the next batch
 * without ever counting one as confirmed, and stops when all of it is here. When the device is let
 * in again it re-sends everything on its own, and the ops are judged then as if it had been
 * offline; signatures and chain are checked at that time too. What it re-sends after each Hello
 * while suspended is answered from the highest op held, so batches are stored once. */
#include "serve_internal.h"

enum {
    QUARANTINE_BYTES_MAX = 64 * 1024 * 1024, /* of one origin: about a million ops */
    QUARANTINE_FULL_RETRY_MS = 60 * 60 * 1000,
};

const struct jl_origin *jl_origin_of(const struct jl_district *district, uint32_t number) {
    for (size_t i = 0; i < district->origin_count; i++) {
        if (district->origins[i].number == number) {
            return &district->origins[i];
        }
    }
    return NULL;
}

static enum jl_rc count_held(void *context, const struct jl_quarantined *batch,
                             struct jl_err *err) {
    struct jl_held *held = context;
    (void)err;
    held->bytes += batch->body.size;
    if (batch->first_seq <= held->last_seq + 1) { /* no gap */
        uint64_t last = batch->first_seq + batch->op_count - 1;
        held->last_seq = last > held->last_seq ? last : held->last_seq;
    }
    return JL_OK;
}

static enum jl_rc find_held(struct jl_quarantine *quarantine, struct jl_district *district,
                            const struct jl_origin *origin, struct jl_held **out_held,
                            struct jl_err *err) {
    struct jl_held *held = &quarantine->held[origin->number % JL_QUARANTINED_MAX];
    enum jl_rc rc = JL_OK;
    if (held->origin != origin->number) {
        *held = (struct jl_held){.last_seq = origin->last_seq};
        rc = jl_store_quarantine_of(district->books->store, origin->number, count_held, held, err);
        held->origin = rc == JL_OK ? origin->number : 0;
    }
    if (held->last_seq < origin->last_seq) {
        held->last_seq = origin->last_seq; /* what is judged needs no place here */
    }
    *out_held = held;
    return rc;
}

/* Forget what is remembered of an origin; the store knows. */
void jl_quarantine_forget(struct jl_quarantine *quarantine, uint32_t origin) {
    struct jl_held *held = &quarantine->held[origin % JL_QUARANTINED_MAX];
    if (held->origin == origin) {
        held->origin = 0;
    }
}

static enum jl_rc put_held(struct jl_district *district, const struct jl_job *job,
                           struct jl_held *held, struct jl_err *err) {
    const struct jl_push *push = &job->message.as.push;
    JL_AUTO(jl_buf) body = {0};
    enum jl_rc rc =
        jl_books_seal(district->books, "quarantine", (uint64_t)job->origin << 32 ^ push->first_seq,
                      job->frame.bytes, &body, err);
    if (rc == JL_OK) {
        rc = jl_store_quarantine_put(
            district->books->store, job->origin, push->first_seq, (uint32_t)push->count,
            district->clock.wall_ms(district->clock.context), jl_buf_bytes(&body), err);
    }
    if (rc == JL_OK) {
        held->bytes += body.size;
        held->last_seq = push->first_seq + push->count - 1;
    }
    return rc;
}

enum jl_rc jl_quarantine_take(struct jl_quarantine *quarantine, struct jl_district *district,
                              struct jl_job *job, struct jl_err *err) {
    const struct jl_push *push = &job->message.as.push;
    const struct jl_origin *origin = jl_origin_of(district, job->origin);
    struct jl_held *held = NULL;
    if (origin == NULL) {
        return jl_job_refuse(job, district->wire, JL_REFUSE_HELLO, 0, "say Hello first", err);
    }
    enum jl_rc rc = find_held(quarantine, district, origin, &held, err);
    if (rc != JL_OK) {
        return rc;
    }
    uint64_t last = push->first_seq + push->count - 1;
    if (push->first_seq <= held->last_seq + 1 && last > held->last_seq) {
        if (held->bytes + job->frame.bytes.size > QUARANTINE_BYTES_MAX) {
            return jl_job_refuse(job, district->wire, JL_REFUSE_SUSPENDED, QUARANTINE_FULL_RETRY_MS,
                                 "quarantine is full", err);
        }
        job->quarantined = (uint32_t)(last - held->last_seq);
        rc = put_held(district, job, held, err);
    }
    const struct jl_message message = {
        .kind = JL_MESSAGE_VERDICTS,
        .as.verdicts = {.first_seq = held->last_seq + 1, .last_seq = held->last_seq}};
    return rc == JL_OK ? jl_job_answer(job, district->wire, &message, err) : rc;
}

/* What was quarantined has come again from a device that was let in, and is judged: drop it. */
enum jl_rc jl_quarantine_settle(struct jl_quarantine *quarantine, struct jl_district *district,
                                uint32_t number, struct jl_err *err) {
    const struct jl_origin *origin = jl_origin_of(district, number);
    struct jl_held *held = NULL;
    JL_ASSERT(origin != NULL);
    enum jl_rc rc = find_held(quarantine, district, origin, &held, err);
    if (rc != JL_OK || held->bytes == 0 || held->last_seq > origin->last_seq) {
        return rc;
    }
    held->bytes = 0;
    return jl_store_quarantine_drop(district->books->store, number, err);
}
