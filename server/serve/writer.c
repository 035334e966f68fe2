/* The writer: group commit.
 *
 *   drain the pipe → begin → apply jobs by turns, JL_GROUP_MS → commit → answers, heads that moved
 *   once a second: is the clock to be trusted?   once a day, if a device agrees: the duties
 *
 * An answer leaves only after the commit that makes it true. A job that can't be applied rolls the
 * group back; then each job of the group is tried in a transaction of its own, so that only the
 * faulty one is refused. Proofs and refusals to be noted get a commit of their own at most every
 * JL_NOTES_GAP_MS: a district with 150 devices in step would otherwise sync its disk for each of
 * them. */
#include "writer.h"
#include "duties.h"
#include "job.h"
#include "reader.h"
#include "refusing.h"
#include "serve.h"
#include "suspended.h"
#include "turns.h"
#include "worker.h"

#include "server/books/about.h"
#include "server/books/enrol.h"
#include "server/books/hello.h"
#include "server/books/prove.h"
#include "server/books/push.h"
#include "server/books/quota.h"
#include "server/books/release.h"
#include "server/books/said.h"
#include "server/judge/accept_entry.h"
#include "server/quarantine/quarantine.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/log.h"
#include "jielian/net/pipe.h"
#include "jielian/net/wait.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct writer {
    struct jl_worker *worker;
    struct jl_district *district;
    struct jl_job *jobs[JL_GROUP_JOBS_MAX];
    size_t count;
    size_t ops;
    bool urgent; /* somebody waits for an answer */
    bool stop;
    int64_t noted_ms; /* the last commit that was made for notes alone */
    struct jl_duties duties;
    int64_t closing_ms; /* not before, after a failure */
    struct jl_quarantine quarantine;
    struct jl_turns turns;
    struct jl_arena arena; /* of one job's answer */
};

static int64_t steady_ms(const struct writer *writer) {
    const struct jl_clock *clock = &writer->worker->options->clock;
    return clock->steady_ms(clock->context);
}

/* ---- Jobs ---- */

static bool knows(const struct jl_district *district, uint32_t device,
                  const uint8_t incarnation[static 16]) {
    for (size_t i = 0; i < district->origin_count; i++) {
        const struct jl_origin *origin = &district->origins[i];
        if (origin->device == device && memcmp(origin->incarnation, incarnation, 16) == 0) {
            return true;
        }
    }
    return false;
}

/* err says which suite is needed. */
static enum jl_rc refuse_suite(const struct writer *writer, struct jl_job *job,
                               struct jl_err *err) {
    const struct jl_err why = *err;
    const struct jl_refusing refusing = {
        .code = JL_REFUSE_VERSION, .suite = writer->district->keys.suite->number, .fault = &why};
    return jl_job_refuse(job, writer->district->wire, &refusing, err);
}

static enum jl_rc apply_hello(struct writer *writer, struct jl_job *job, struct jl_err *err) {
    struct jl_message message = {.kind = JL_MESSAGE_WELCOME};
    struct jl_welcome *welcome = &message.as.welcome;
    job->fresh = !knows(writer->district, job->device, job->message.as.hello.incarnation);
    enum jl_rc rc = job->first ? jl_said_session(writer->district, job->device, err) : JL_OK;
    if (rc == JL_OK) {
        rc = jl_hello_note(writer->district, job->device, &job->message.as.hello, welcome,
                           &job->origin, err);
    }
    if (rc == JL_CONFLICT) {
        jl_log_err(JL_LOG_WARN, "incarnation_refused", err);
        return jl_job_refuse(
            job, writer->district->wire,
            &(struct jl_refusing){.code = JL_REFUSE_CHAIN, .cause = JL_SAY_CHAIN_TAKEN}, err);
    }
    if (rc == JL_MISUSE) {
        return refuse_suite(writer, job, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_arena_reset(&writer->arena);
    rc = jl_about(writer->district, job->device, job->message.as.hello.told,
                  writer->worker->options->endpoints, &writer->arena, welcome, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_quarantine_forget(&writer->quarantine, job->origin);
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

static enum jl_rc apply_push(struct writer *writer, struct jl_job *job, struct jl_err *err) {
    struct jl_district *district = writer->district;
    const struct jl_push *push = &job->message.as.push;
    struct jl_message message = {.kind = JL_MESSAGE_VERDICTS};
    const struct jl_origin *origin = jl_roster_origin(district, job->origin);
    bool known = origin != NULL && push->first_seq <= origin->last_seq;
    bool same = false;
    uint64_t case_bytes = district->case_bytes;
    jl_arena_reset(&writer->arena);
    enum jl_rc rc =
        jl_quarantine_same(&writer->quarantine, district, job->origin, push, &same, err);
    if (rc == JL_OK) {
        rc = same ? jl_push_judge(district, job->origin, push, job->frame.bytes, &writer->arena,
                                  &message.as.verdicts, err)
                  : jl_fault_at(err, JL_CONFLICT, JL_SAY_CHAIN_HELD, "%s",
                                "other ops are held under these numbers");
    }
    if (rc == JL_CONFLICT) {
        jl_log(JL_LOG_WARN, "chain_refused", "device=%" PRIu32 " first_seq=%" PRIu64, job->device,
               push->first_seq);
        const struct jl_refusing refusing = jl_refusing_of(JL_REFUSE_CHAIN, 0, err);
        return jl_job_refuse(job, district->wire, &refusing, err);
    }
    if (rc == JL_PROTO) {
        jl_log_err(JL_LOG_WARN, "batch_refused", err);
        const struct jl_refusing refusing =
            jl_refusing_of(JL_REFUSE_MALFORMED, JL_RETRY_FAULT_MS, err);
        return jl_job_refuse(job, district->wire, &refusing, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_quarantine_settle(&writer->quarantine, district, job->origin, err);
    if (rc != JL_OK) {
        return rc;
    }
    tally(job, &message.as.verdicts, known);
    if (!known && message.as.verdicts.last_seq >= message.as.verdicts.first_seq) {
        job->used = jl_quota_of(job->frame.bytes.size, &message.as.verdicts);
        job->used.bytes += district->case_bytes - case_bytes;
    }
    job->tells[1] = message.as.verdicts.office_head > 0;
    job->told[1] = message.as.verdicts.office_head;
    return jl_job_answer(job, district->wire, &message, err);
}

static enum jl_rc apply_enrol(struct writer *writer, struct jl_job *job, struct jl_err *err) {
    struct jl_district *district = writer->district;
    struct jl_message message = {.kind = JL_MESSAGE_ENROLLED};
    enum jl_rc rc =
        jl_enrol_device(district, job->key, &job->message.as.enrol, &message.as.enrolled, err);
    if (rc == JL_MISUSE) {
        return refuse_suite(writer, job, err);
    }
    if (rc == JL_DENIED) {
        const struct jl_refusing refusing = {
            .code = JL_REFUSE_INVITATION, .cause = (enum jl_say_code)err->cause, .fault = err};
        return jl_job_refuse(job, district->wire, &refusing, err);
    }
    if (rc == JL_OK) {
        job->device = message.as.enrolled.device;
        job->office = message.as.enrolled.office;
        rc = jl_job_answer(job, district->wire, &message, err);
    }
    jl_secret_fini(&message.as.enrolled.proof_key);
    return rc;
}

/* What it used up is in the books with the batch, or neither is. */
static enum jl_rc apply_within_quota(struct writer *writer, struct jl_job *job, bool suspended,
                                     struct jl_err *err) {
    struct jl_district *district = writer->district;
    struct jl_quota quota;
    enum jl_rc rc = jl_quota_get(district, job->device, &quota, err);
    const char *over = rc == JL_OK ? jl_quota_over(&quota) : NULL;
    job->used = (struct jl_quota){0};
    if (over != NULL) {
        struct jl_err why;
        job->over_quota = true;
        (void)jl_fault_at(&why, JL_LIMIT, JL_SAY_QUOTA, "%s", over);
        const struct jl_refusing refusing = {.code = JL_REFUSE_BUSY,
                                             .cause = JL_SAY_QUOTA,
                                             .retry_ms = jl_quota_retry_ms(district),
                                             .fault = &why};
        return jl_job_refuse(job, district->wire, &refusing, err);
    }
    if (rc == JL_OK) {
        rc = suspended ? jl_suspended_take(&writer->quarantine, district, job, err)
                       : apply_push(writer, job, err);
    }
    return rc == JL_OK && job->used.bytes > 0 ? jl_quota_add(district, job->device, &job->used, err)
                                              : rc;
}

/* The table as it stands in this transaction decides, not what the router knew. */
static enum jl_rc apply(struct writer *writer, struct jl_job *job, struct jl_err *err) {
    struct jl_district *district = writer->district;
    if (job->kind == JL_JOB_ENROL) {
        return apply_enrol(writer, job, err);
    }
    const struct jl_device *device = jl_roster_device(district, job->device);
    bool shut_out = device == NULL || device->state == JL_DEVICE_REVOKED;
    if (job->kind == JL_JOB_REFUSED) {
        enum jl_rc rc = job->unknown != NULL ? jl_unknown_keep(district, job->unknown, err) : JL_OK;
        return rc == JL_OK && job->refusals != NULL
                   ? jl_refusals_keep(district, job->device, job->refusals, err)
                   : rc;
    }
    if (job->kind == JL_JOB_PROVEN) {
        return shut_out
                   ? JL_OK
                   : jl_prove_note(district, job->device, job->origin, &job->message.as.proof, err);
    }
    if (job->kind == JL_JOB_BYE) {
        return shut_out ? JL_OK : jl_said_bye(district, job->device, &job->message.as.bye, err);
    }
    if (device == NULL) {
        return jl_job_refuse(
            job, district->wire,
            &(struct jl_refusing){.code = JL_REFUSE_INVITATION, .cause = JL_SAY_KEY_UNKNOWN}, err);
    }
    if (shut_out) {
        return jl_job_refuse(
            job, district->wire,
            &(struct jl_refusing){.code = JL_REFUSE_REVOKED, .cause = JL_SAY_REVOKED}, err);
    }
    if (job->kind == JL_JOB_HELLO) {
        return apply_hello(writer, job, err);
    }
    JL_ASSERT(job->kind == JL_JOB_PUSH);
    return apply_within_quota(writer, job, device->state == JL_DEVICE_SUSPENDED, err);
}

/* Nobody waits for an answer to it. */
static bool is_note(const struct jl_job *job) {
    return job->kind == JL_JOB_PROVEN || job->kind == JL_JOB_BYE || job->kind == JL_JOB_REFUSED;
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
        if (is_note(job)) {
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
        if (jl_job_refuse(jobs[i], writer->district->wire,
                          &(struct jl_refusing){.code = JL_REFUSE_BUSY,
                                                .cause = JL_SAY_CAN_NOT_NOW,
                                                .retry_ms = retry_ms},
                          &err) != JL_OK) {
            jl_buf_reset(&jobs[i]->answer); /* silence is a Refuse BUSY too, only slower */
            jl_log_err(JL_LOG_ERROR, "answer_failed", &err);
        }
    }
    memset(&writer->quarantine, 0, sizeof writer->quarantine);
    send_answers(writer, jobs, count, NULL);
}

static uint64_t ops_of(const struct jl_job *job) {
    return job->kind == JL_JOB_PUSH ? job->message.as.push.count : 0;
}

/* By turns of the devices; what one device sent stays in its order. What a job will take is not
 * known yet: it is reckoned by its ops, and paid by the clock. */
static void line_up(const struct writer *writer, struct jl_job **jobs, size_t count) {
    enum { OPS_PER_MS = 16 };
    uint64_t marks[JL_GROUP_JOBS_MAX];
    for (size_t i = 0; i < count; i++) {
        struct jl_job *job = jobs[i];
        size_t at = i;
        uint64_t mark = jl_turns_mark(&writer->turns, job->device);
        for (size_t k = 0; k < i; k++) { /* behind its device's own */
            uint64_t behind = marks[k] + 1 + ops_of(jobs[k]) / OPS_PER_MS;
            mark = jobs[k]->device == job->device && behind > mark ? behind : mark;
        }
        for (; at > 0 && marks[at - 1] > mark; at--) {
            jobs[at] = jobs[at - 1];
            marks[at] = marks[at - 1];
        }
        jobs[at] = job;
        marks[at] = mark;
    }
}

/* A command that wants to write has its turn before the next group. */
static void give_way(const struct writer *writer) {
    enum { NAP_NS = 2 * 1000 * 1000 };
    int64_t until_ms = steady_ms(writer) + JL_TURN_GIVEN_MS;
    while (jl_turn_is_asked(writer->worker->options->folder) && steady_ms(writer) < until_ms) {
        (void)nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL);
    }
}

/* JL_OK: *count of them are committed, all or those that JL_GROUP_MS were enough for. Otherwise
 * nothing happened; *out_applying tells whether a job failed (one of several may be at fault) or
 * the transaction did. */
static enum jl_rc commit_group(struct writer *writer, struct jl_job **jobs, size_t *count,
                               struct jl_job **out_heads, bool *out_applying, struct jl_err *err) {
    *out_applying = false;
    give_way(writer);
    int64_t began_ms = steady_ms(writer);
    enum jl_rc rc = jl_district_begin(writer->district, true, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    for (size_t i = 0; i < *count; i++) {
        int64_t job_ms = steady_ms(writer);
        rc = apply(writer, jobs[i], err);
        int64_t now_ms = steady_ms(writer);
        jl_turns_take(&writer->turns, jobs[i]->device, now_ms - job_ms);
        if (rc == JL_OK && now_ms - began_ms >= JL_GROUP_MS) {
            *count = i + 1;
        }
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

/* How many of the jobs are done. */
static size_t run_group(struct writer *writer, struct jl_job **jobs, size_t count) {
    struct jl_err err;
    struct jl_job *heads = NULL;
    bool applying = false;
    uint64_t ops = 0;
    size_t done = count;
    int64_t start_ms = steady_ms(writer);
    enum jl_rc rc = commit_group(writer, jobs, &done, &heads, &applying, &err);
    if (rc == JL_OK) {
        for (size_t i = 0; i < done; i++) {
            ops += ops_of(jobs[i]);
        }
        if (ops > 0) {
            jl_metric_group(writer->worker->metrics, ops, (uint64_t)(steady_ms(writer) - start_ms));
        }
        send_answers(writer, jobs, done, heads);
        return done;
    }
    memset(&writer->quarantine, 0, sizeof writer->quarantine);
    if (!applying || count == 1) {
        refuse_all(writer, jobs, count, rc, &err);
        return count;
    }
    for (size_t i = 0; i < count; i++) {
        struct jl_job *one = jobs[i];
        memset(one->tally, 0, sizeof one->tally);
        one->quarantined = 0;
        (void)run_group(writer, &one, 1);
    }
    return count;
}

/* ---- The loop ---- */

static void hold(struct writer *writer, struct jl_job *job) {
    if (job->kind == JL_JOB_STOP) {
        writer->stop = true;
        jl_job_free(job);
        return;
    }
    writer->jobs[writer->count++] = job;
    writer->ops += ops_of(job);
    writer->urgent = writer->urgent || !is_note(job);
}

/* What a group had no time for is in the next one, with what comes meanwhile. */
static void keep_rest(struct writer *writer, size_t done) {
    size_t count = writer->count;
    writer->count = writer->ops = 0;
    writer->urgent = false;
    for (size_t i = done; i < count; i++) {
        hold(writer, writer->jobs[i]);
    }
}

static bool due(const struct writer *writer) {
    return writer->count > 0 &&
           (writer->urgent || writer->stop || writer->count >= JL_GROUP_JOBS_MAX ||
            steady_ms(writer) - writer->noted_ms >= JL_NOTES_GAP_MS);
}

/* The close of a restore that was cut off. */
static void go_on_closing(struct writer *writer) {
    uint64_t judged = 0;
    struct jl_err err;
    if (!jl_release_left(writer->district) || steady_ms(writer) < writer->closing_ms) {
        return;
    }
    give_way(writer); /* the command may be at it */
    if (jl_release_close_step(writer->district, &judged, &err) != JL_OK) {
        jl_log_err(JL_LOG_ERROR, "closing_failed", &err);
        writer->closing_ms = steady_ms(writer) + JL_DUTIES_RETRY_MS;
    }
}

static enum jl_rc step(struct writer *writer, struct jl_err *err) {
    struct jl_wait_item item = {.pipe = writer->worker->pipe};
    long wait_ms = writer->count > 0 ? JL_NOTES_GAP_MS / 4 : JL_LOOK_MS;
    enum jl_rc rc = jl_wait_any(&item, 1, wait_ms, err);
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
        line_up(writer, writer->jobs, writer->count);
        size_t done = run_group(writer, writer->jobs, writer->count);
        writer->noted_ms = writer->urgent ? writer->noted_ms : steady_ms(writer);
        keep_rest(writer, done);
    }
    atomic_store(&writer->worker->metrics->writer_beat_ms, steady_ms(writer));
    return JL_OK;
}

static enum jl_rc open_books(struct writer *writer, struct jl_err *err) {
    const struct jl_serve_options *options = writer->worker->options;
    const struct jl_district_options open = {.mode = JL_STORE_WRITE,
                                             .judge = jl_accept_entry,
                                             .passphrase = options->passphrase,
                                             .cache_kib = options->cache_kib,
                                             .clock = options->clock};
    struct jl_job *started = jl_job_new(JL_JOB_START);
    if (started == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_district_open(options->folder, &open, &writer->district, err);
    if (rc != JL_OK) {
        jl_job_free(started);
        return rc;
    }
    atomic_store(&writer->worker->metrics->writer_beat_ms, steady_ms(writer));
    jl_worker_send(writer->worker, started);
    return JL_OK;
}

void *jl_writer_main(void *context) {
    struct jl_worker *worker = context;
    struct jl_err err;
    struct writer *writer = calloc(1, sizeof *writer);
    enum jl_rc rc = writer == NULL ? jl_fault_memory(&err) : JL_OK;
    if (rc == JL_OK) {
        writer->worker = worker;
        rc = open_books(writer, &err);
    }
    while (rc == JL_OK && !(writer->stop && writer->count == 0)) {
        jl_duties_do(&writer->duties, writer->district, &worker->options->clock, steady_ms(writer));
        go_on_closing(writer);
        rc = step(writer, &err);
    }
    if (writer != NULL) {
        for (size_t i = 0; i < writer->count; i++) {
            jl_job_free(writer->jobs[i]);
        }
        jl_district_close(writer->district);
        jl_arena_fini(&writer->arena);
        jl_turns_fini(&writer->turns);
        free(writer);
    }
    jl_worker_stopped(worker, rc, &err);
    return NULL;
}
