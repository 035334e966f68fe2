/* The writer: group commit.
 *
 *   drain the pipe → begin → apply each job → commit → answers, heads that moved
 *
 * An answer leaves only after the commit that makes it true. A job that can't be applied rolls the
 * group back; then each job of the group is tried in a transaction of its own, so that only the
 * faulty one is refused. Proofs and refusals to be noted get a commit of their own at most every
 * JL_NOTES_GAP_MS: a district with 150 devices in step would otherwise sync its disk for each of
 * them.
 *
 * Quarantine: what a suspended device pushes is stored as it came, sealed, and its chain is not
 * advanced. The answer is "resend from the op behind it", so the device delivers the next batch
 * without ever counting one as confirmed, and stops when all of it is here. When the device is let
 * in again it re-sends everything on its own, and the ops are judged then as if it had been
 * offline; signatures and chain are checked at that time too. What it re-sends after each Hello
 * while suspended is answered from the highest op held, so batches are stored once. */
#include "serve_internal.h"

#include "jielian/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    QUARANTINED_MAX = 256, /* suspended origins remembered; more are read from the store again */
    QUARANTINE_BYTES_MAX = 64 * 1024 * 1024, /* of one origin: about a million ops */
    QUARANTINE_FULL_RETRY_MS = 60 * 60 * 1000,
};

struct quarantined { /* what is held of one suspended origin */
    uint32_t origin; /* 0: free */
    uint64_t last_seq, bytes;
};

struct writer {
    struct jl_worker *worker;
    struct jl_district *district;
    struct jl_job *jobs[JL_GROUP_JOBS_MAX];
    size_t count;
    size_t ops;
    bool urgent; /* somebody waits for an answer */
    bool stop;
    int64_t noted_ms; /* the last commit that was made for notes alone */
    struct quarantined quarantined[QUARANTINED_MAX];
    struct jl_arena arena; /* of one job's answer */
};

static int64_t steady_ms(const struct writer *writer) {
    const struct jl_clock *clock = &writer->worker->options->clock;
    return clock->steady_ms(clock->context);
}

static const struct jl_origin *origin_of(const struct jl_district *district, uint32_t number) {
    for (size_t i = 0; i < district->origin_count; i++) {
        if (district->origins[i].number == number) {
            return &district->origins[i];
        }
    }
    return NULL;
}

/* ---- Quarantine ---- */

static enum jl_rc count_held(void *context, const struct jl_quarantined *batch,
                             struct jl_err *err) {
    struct quarantined *held = context;
    (void)err;
    held->bytes += batch->body.size;
    if (batch->first_seq <= held->last_seq + 1) { /* no gap */
        uint64_t last = batch->first_seq + batch->op_count - 1;
        held->last_seq = last > held->last_seq ? last : held->last_seq;
    }
    return JL_OK;
}

static enum jl_rc find_held(struct writer *writer, const struct jl_origin *origin,
                            struct quarantined **out_held, struct jl_err *err) {
    struct quarantined *held = &writer->quarantined[origin->number % QUARANTINED_MAX];
    enum jl_rc rc = JL_OK;
    if (held->origin != origin->number) {
        *held =
            (struct quarantined){.last_seq = origin->last_seq}; /* what is judged needs no place */
        rc = jl_store_quarantine_of(writer->district->books->store, origin->number, count_held,
                                    held, err);
        held->origin = rc == JL_OK ? origin->number : 0;
    }
    *out_held = held;
    return rc;
}

/* Forget what is remembered of an origin; the store knows. */
static void forget_held(struct writer *writer, uint32_t origin) {
    struct quarantined *held = &writer->quarantined[origin % QUARANTINED_MAX];
    if (held->origin == origin) {
        held->origin = 0;
    }
}

static enum jl_rc put_held(struct writer *writer, const struct jl_job *job,
                           struct quarantined *held, struct jl_err *err) {
    const struct jl_push *push = &job->message.as.push;
    struct jl_district *district = writer->district;
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

static enum jl_rc quarantine(struct writer *writer, struct jl_job *job, struct jl_err *err) {
    const struct jl_push *push = &job->message.as.push;
    const struct jl_origin *origin = origin_of(writer->district, job->origin);
    struct quarantined *held = NULL;
    if (origin == NULL) {
        return jl_job_refuse(job, writer->district->wire, JL_REFUSE_HELLO, 0, "say Hello first",
                             err);
    }
    enum jl_rc rc = find_held(writer, origin, &held, err);
    if (rc != JL_OK) {
        return rc;
    }
    uint64_t last = push->first_seq + push->count - 1;
    if (push->first_seq <= held->last_seq + 1 && last > held->last_seq) {
        if (held->bytes + job->frame.bytes.size > QUARANTINE_BYTES_MAX) {
            return jl_job_refuse(job, writer->district->wire, JL_REFUSE_SUSPENDED,
                                 QUARANTINE_FULL_RETRY_MS, "quarantine is full", err);
        }
        job->quarantined = (uint32_t)(last - held->last_seq);
        rc = put_held(writer, job, held, err);
    }
    const struct jl_message message = {
        .kind = JL_MESSAGE_VERDICTS,
        .as.verdicts = {.first_seq = held->last_seq + 1, .last_seq = held->last_seq}};
    return rc == JL_OK ? jl_job_answer(job, writer->district->wire, &message, err) : rc;
}

/* ---- Jobs ---- */

static enum jl_rc apply_hello(struct writer *writer, struct jl_job *job, struct jl_err *err) {
    struct jl_message message = {.kind = JL_MESSAGE_WELCOME};
    struct jl_welcome *welcome = &message.as.welcome;
    enum jl_rc rc = jl_district_hello(writer->district, job->device, &job->message.as.hello,
                                      welcome, &job->origin, err);
    if (rc != JL_OK) {
        return rc;
    }
    forget_held(writer, job->origin);
    job->suspended = welcome->suspended;
    for (int feed = 0; feed < 2; feed++) {
        job->tells[feed] = true;
        job->told[feed] = welcome->head[feed];
    }
    return jl_job_answer(job, writer->district->wire, &message, err);
}

static void tally(struct jl_job *job, const struct jl_verdicts *verdicts, bool known) {
    size_t count = verdicts->last_seq + 1 - verdicts->first_seq;
    if (known) {
        job->tally[JL_VERDICT_ALREADY] = (uint32_t)count;
        return;
    }
    job->tally[JL_VERDICT_APPLIED] = (uint32_t)(count - verdicts->exception_count);
    for (size_t i = 0; i < verdicts->exception_count; i++) {
        enum jl_verdict_code code = verdicts->exceptions[i].code;
        job->tally[(int)code < JL_METRIC_VERDICTS ? code : JL_VERDICT_PARKED]++;
    }
}

/* What was quarantined has come again from a device that was let in, and is judged: drop it. */
static enum jl_rc settle_held(struct writer *writer, uint32_t number, struct jl_err *err) {
    const struct jl_origin *origin = origin_of(writer->district, number);
    struct quarantined *held = NULL;
    JL_ASSERT(origin != NULL);
    enum jl_rc rc = find_held(writer, origin, &held, err);
    if (rc != JL_OK || held->bytes == 0 || held->last_seq > origin->last_seq) {
        return rc;
    }
    held->bytes = 0;
    return jl_store_quarantine_drop(writer->district->books->store, number, err);
}

static enum jl_rc apply_push(struct writer *writer, struct jl_job *job, struct jl_err *err) {
    struct jl_district *district = writer->district;
    const struct jl_push *push = &job->message.as.push;
    struct jl_message message = {.kind = JL_MESSAGE_VERDICTS};
    const struct jl_origin *origin = origin_of(district, job->origin);
    bool known = origin != NULL && push->first_seq <= origin->last_seq;
    jl_arena_reset(&writer->arena);
    enum jl_rc rc = jl_district_push(district, job->origin, push, job->frame.bytes, &writer->arena,
                                     &message.as.verdicts, err);
    if (rc == JL_CONFLICT) {
        jl_log(JL_LOG_WARN, "chain_refused", "device=%" PRIu32 " first_seq=%" PRIu64, job->device,
               push->first_seq);
        return jl_job_refuse(job, district->wire, JL_REFUSE_CHAIN, 0,
                             "this chain is not the one we know", err);
    }
    if (rc == JL_PROTO) {
        jl_log_err(JL_LOG_WARN, "batch_refused", err);
        return jl_job_refuse(job, district->wire, JL_REFUSE_MALFORMED, JL_RETRY_FAULT_MS,
                             "the batch is malformed", err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = settle_held(writer, job->origin, err);
    if (rc != JL_OK) {
        return rc;
    }
    tally(job, &message.as.verdicts, known);
    job->tells[1] = message.as.verdicts.office_head > 0;
    job->told[1] = message.as.verdicts.office_head;
    return jl_job_answer(job, district->wire, &message, err);
}

static enum jl_rc apply_enrol(struct writer *writer, struct jl_job *job, struct jl_err *err) {
    struct jl_district *district = writer->district;
    struct jl_message message = {.kind = JL_MESSAGE_ENROLLED};
    enum jl_rc rc =
        jl_district_enrol(district, job->key, &job->message.as.enrol, &message.as.enrolled, err);
    if (rc == JL_DENIED) {
        char text[JL_ERR_TEXT_BYTES];
        memcpy(text, err->text, sizeof text);
        return jl_job_refuse(job, district->wire, JL_REFUSE_INVITATION, 0, text, err);
    }
    if (rc == JL_OK) {
        job->device = message.as.enrolled.device;
        job->office = message.as.enrolled.office;
        rc = jl_job_answer(job, district->wire, &message, err);
    }
    jl_secret_fini(&message.as.enrolled.proof_key);
    return rc;
}

/* The table as it stands in this transaction decides, not what the router knew. */
static enum jl_rc apply(struct writer *writer, struct jl_job *job, struct jl_err *err) {
    struct jl_district *district = writer->district;
    if (job->kind == JL_JOB_ENROL) {
        return apply_enrol(writer, job, err);
    }
    const struct jl_device *device = jl_district_device(district, job->device);
    bool revoked = device == NULL || device->state == JL_DEVICE_REVOKED;
    if (job->kind == JL_JOB_REFUSED) {
        enum jl_rc rc = JL_OK;
        for (uint32_t i = 0; rc == JL_OK && i < job->refusals; i++) {
            rc = jl_district_refused(district, job->device, err);
        }
        return rc;
    }
    if (job->kind == JL_JOB_PROVEN) {
        return revoked ? JL_OK
                       : jl_district_proven(district, job->device, job->origin,
                                            &job->message.as.proof, err);
    }
    if (revoked) {
        return jl_job_refuse(job, district->wire, JL_REFUSE_REVOKED, 0, "this device is revoked",
                             err);
    }
    if (job->kind == JL_JOB_HELLO) {
        return apply_hello(writer, job, err);
    }
    JL_ASSERT(job->kind == JL_JOB_PUSH);
    return device->state == JL_DEVICE_SUSPENDED ? quarantine(writer, job, err)
                                                : apply_push(writer, job, err);
}

/* ---- A group ---- */

static struct jl_job *moved_heads(struct jl_district *district) {
    struct jl_job *job = jl_job_new(JL_JOB_HEADS);
    size_t count = 0;
    for (uint32_t feed = 0; feed < JL_OFFICES_MAX; feed++) {
        count += district->feeds[feed] != NULL && district->feeds[feed]->moved;
    }
    if (job == NULL || count == 0) {
        jl_job_free(job); /* no memory: the reader's next look tells the same */
        return NULL;
    }
    job->heads = calloc(count, sizeof *job->heads);
    for (uint32_t feed = 0; job->heads != NULL && feed < JL_OFFICES_MAX; feed++) {
        if (district->feeds[feed] != NULL && district->feeds[feed]->moved) {
            job->heads[job->head_count++] =
                (struct jl_feed_head){.feed = feed, .head = district->feeds[feed]->head};
        }
    }
    return job;
}

static void send_joined(struct writer *writer, const struct jl_job *enrol) {
    struct jl_job *job = jl_job_new(JL_JOB_JOINED);
    if (job == NULL) {
        return; /* the reader's next look tells the same, a second later */
    }
    job->device = enrol->device;
    job->office = enrol->office;
    memcpy(job->key, enrol->message.as.enrol.curve_public, sizeof job->key);
    jl_log(JL_LOG_INFO, "enrolled", "device=%" PRIu32 " office=%" PRIu32, job->device, job->office);
    jl_worker_send(writer->worker, job);
}

static void send_answers(struct writer *writer, struct jl_job **jobs, size_t count,
                         struct jl_job *heads) {
    struct jl_metrics *metrics = writer->worker->metrics;
    for (size_t i = 0; i < count; i++) {
        struct jl_job *job = jobs[i];
        for (int code = JL_VERDICT_APPLIED; code < JL_METRIC_VERDICTS; code++) {
            jl_metric_add(&metrics->ops[code], job->tally[code]);
        }
        jl_metric_add(&metrics->quarantined, job->quarantined);
        if (job->kind == JL_JOB_ENROL && job->refused == 0) {
            send_joined(writer, job);
        }
        if (job->kind == JL_JOB_PROVEN || job->kind == JL_JOB_REFUSED) {
            jl_job_free(job);
        } else {
            jl_worker_send(writer->worker, job);
        }
    }
    if (heads != NULL) {
        jl_worker_send(writer->worker, heads);
    }
}

/* Nothing of these jobs happened. */
static void refuse_all(struct writer *writer, struct jl_job **jobs, size_t count, enum jl_rc why,
                       const struct jl_err *reason) {
    struct jl_err err;
    uint64_t retry_ms = why == JL_BUSY ? JL_RETRY_MS : JL_RETRY_FAULT_MS;
    jl_log_err(JL_LOG_ERROR, "commit_failed", reason);
    for (size_t i = 0; i < count; i++) {
        memset(jobs[i]->tally, 0, sizeof jobs[i]->tally);
        jobs[i]->quarantined = 0;
        if (jl_job_refuse(jobs[i], writer->district->wire, JL_REFUSE_BUSY, retry_ms,
                          "the district can't write now", &err) != JL_OK) {
            jl_buf_reset(&jobs[i]->answer); /* silence is a Refuse BUSY too, only slower */
            jl_log_err(JL_LOG_ERROR, "answer_failed", &err);
        }
    }
    memset(writer->quarantined, 0, sizeof writer->quarantined);
    send_answers(writer, jobs, count, NULL);
}

/* JL_OK: all are committed. Otherwise nothing happened; *out_applying tells whether a job failed
 * (one of several may be at fault) or the transaction did. */
static enum jl_rc commit_group(struct writer *writer, struct jl_job **jobs, size_t count,
                               struct jl_job **out_heads, bool *out_applying, struct jl_err *err) {
    *out_applying = false;
    enum jl_rc rc = jl_district_begin(writer->district, true, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    for (size_t i = 0; i < count; i++) {
        rc = apply(writer, jobs[i], err);
        if (rc != JL_OK) {
            jl_district_rollback(writer->district);
            *out_applying = true;
            return rc;
        }
    }
    *out_heads = moved_heads(writer->district);
    rc = jl_district_commit(writer->district, err);
    if (rc != JL_OK) {
        jl_job_free(*out_heads);
        *out_heads = NULL;
    }
    return rc;
}

static void run_group(struct writer *writer, struct jl_job **jobs, size_t count, uint64_t ops) {
    struct jl_err err;
    struct jl_job *heads = NULL;
    bool applying = false;
    int64_t start_ms = steady_ms(writer);
    enum jl_rc rc = commit_group(writer, jobs, count, &heads, &applying, &err);
    if (rc == JL_OK) {
        if (ops > 0) {
            jl_metric_group(writer->worker->metrics, ops, (uint64_t)(steady_ms(writer) - start_ms));
        }
        send_answers(writer, jobs, count, heads);
        return;
    }
    memset(writer->quarantined, 0, sizeof writer->quarantined);
    if (!applying || count == 1) {
        refuse_all(writer, jobs, count, rc, &err);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct jl_job *one = jobs[i];
        memset(one->tally, 0, sizeof one->tally);
        one->quarantined = 0;
        run_group(writer, &one, 1, one->kind == JL_JOB_PUSH ? one->message.as.push.count : 0);
    }
}

/* ---- The loop ---- */

static void hold(struct writer *writer, struct jl_job *job) {
    if (job->kind == JL_JOB_STOP) {
        writer->stop = true;
        jl_job_free(job);
        return;
    }
    writer->jobs[writer->count++] = job;
    writer->ops += job->kind == JL_JOB_PUSH ? job->message.as.push.count : 0;
    writer->urgent = writer->urgent || (job->kind != JL_JOB_PROVEN && job->kind != JL_JOB_REFUSED);
}

static bool due(const struct writer *writer) {
    return writer->count > 0 &&
           (writer->urgent || writer->stop || writer->count >= JL_GROUP_JOBS_MAX ||
            steady_ms(writer) - writer->noted_ms >= JL_NOTES_GAP_MS);
}

static enum jl_rc step(struct writer *writer, struct jl_err *err) {
    struct jl_wait_item item = {.pipe = writer->worker->pipe};
    long wait_ms = writer->count > 0 ? JL_NOTES_GAP_MS / 4 : JL_LOOK_MS;
    enum jl_rc rc = jl_net_wait(&item, 1, wait_ms, err);
    while (rc == JL_OK && writer->count < JL_GROUP_JOBS_MAX && writer->ops < JL_GROUP_OPS_MAX) {
        void *job = NULL;
        rc = jl_pipe_receive(writer->worker->pipe, &job, err);
        if (rc == JL_OK) {
            hold(writer, job);
        }
    }
    if (rc != JL_OK && rc != JL_NOT_FOUND) {
        return rc;
    }
    if (due(writer)) {
        run_group(writer, writer->jobs, writer->count, writer->ops);
        writer->noted_ms = writer->urgent ? writer->noted_ms : steady_ms(writer);
        writer->count = writer->ops = 0;
        writer->urgent = false;
    }
    atomic_store(&writer->worker->metrics->writer_beat_ms, steady_ms(writer));
    return JL_OK;
}

static enum jl_rc open_books(struct writer *writer, struct jl_err *err) {
    const struct jl_serve_options *options = writer->worker->options;
    const struct jl_district_options open = {.mode = JL_STORE_WRITE,
                                             .passphrase = options->passphrase,
                                             .cache_kib = options->cache_kib,
                                             .clock = options->clock};
    struct jl_job *started = jl_job_new(JL_JOB_START);
    if (started == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for the writer");
    }
    enum jl_rc rc = jl_district_open(options->folder, &open, &writer->district, err);
    if (rc != JL_OK) {
        jl_job_free(started);
        return rc;
    }
    jl_worker_send(writer->worker, started);
    return JL_OK;
}

void *jl_writer_main(void *context) {
    struct jl_worker *worker = context;
    struct jl_err err;
    struct writer *writer = calloc(1, sizeof *writer);
    enum jl_rc rc = writer == NULL ? jl_fail(&err, JL_NOMEM, "no memory for the writer") : JL_OK;
    if (rc == JL_OK) {
        writer->worker = worker;
        rc = open_books(writer, &err);
    }
    while (rc == JL_OK && !(writer->stop && writer->count == 0)) {
        rc = step(writer, &err);
    }
    if (writer != NULL) {
        for (size_t i = 0; i < writer->count; i++) {
            jl_job_free(writer->jobs[i]);
        }
        jl_district_close(writer->district);
        jl_arena_fini(&writer->arena);
        free(writer);
    }
    jl_worker_stopped(worker, rc, &err);
    return NULL;
}
