/* Jobs, answers, and a worker's way to the router. */
#include "serve_internal.h"

#include "jielian/base/assert.h"
#include "jielian/base/log.h"
#include "jielian/net/pipe.h"

#include <stdlib.h>
#include <time.h>

struct jl_job *jl_job_new(enum jl_job_kind kind) {
    struct jl_job *job = calloc(1, sizeof *job);
    if (job != NULL) {
        job->kind = kind;
    }
    return job;
}

void jl_job_free(struct jl_job *job) {
    if (job == NULL) {
        return;
    }
    if (job->frame.message != NULL) {
        jl_frame_fini(&job->frame);
    }
    jl_arena_fini(&job->arena);
    jl_buf_wipe(&job->answer); /* Enrolled holds a key, a page personal data */
    jl_admission_free(job->admission);
    free(job->heads);
    free(job->refusals);
    free(job->unknown);
    free(job);
}

enum jl_rc jl_job_answer(struct jl_job *job, struct jl_wire *wire, const struct jl_message *message,
                         struct jl_err *err) {
    jl_buf_reset(&job->answer);
    job->refused = 0;
    return jl_wire_encode(wire, message, &job->answer, err);
}

struct jl_refusing jl_refusing_of(enum jl_refuse_code code, uint64_t retry_ms,
                                  const struct jl_err *err) {
    return (struct jl_refusing){.code = code,
                                .cause = (enum jl_say_code)err->cause,
                                .retry_ms = retry_ms,
                                .detail = err->cause != 0 ? err->text : NULL};
}

enum jl_rc jl_refusing_encode(const struct jl_refusing *refusing, struct jl_wire *wire,
                              struct jl_buf *out, struct jl_err *err) {
    struct jl_saying saying;
    size_t places = 0;
    const char *sentence = jl_say_sentence((uint32_t)refusing->cause, JL_LANGUAGE_EN);
    (void)jl_say_places((uint32_t)refusing->cause, &places);
    const char *detail = refusing->detail != NULL ? refusing->detail : "";
    jl_saying_begin(&saying, refusing->cause);
    if (places > 0) {
        const struct jl_argument what = jl_argument_text(jl_bytes_text(detail));
        jl_saying_put(&saying, &what);
    }
    struct jl_bytes text = jl_bytes_text(*detail != '\0' || sentence == NULL ? detail : sentence);
    const struct jl_message message = {.kind = JL_MESSAGE_REFUSE,
                                       .as.refuse = {.code = refusing->code,
                                                     .text = text,
                                                     .retry_after_ms = refusing->retry_ms,
                                                     .version = JL_PROTOCOL_VERSION,
                                                     .suite = refusing->suite,
                                                     .said = jl_saying_remark(&saying)}};
    return jl_wire_encode(wire, &message, out, err);
}

enum jl_rc jl_job_refuse(struct jl_job *job, struct jl_wire *wire,
                         const struct jl_refusing *refusing, struct jl_err *err) {
    jl_buf_reset(&job->answer);
    job->refused = refusing->code;
    job->tells[0] = job->tells[1] = job->identical = false;
    return jl_refusing_encode(refusing, wire, &job->answer, err);
}

void jl_worker_send(struct jl_worker *worker, struct jl_job *job) {
    const struct timespec pause = {.tv_nsec = 1000000};
    struct jl_err err;
    for (;;) {
        enum jl_rc rc = jl_pipe_send(worker->pipe, job, &err);
        if (rc == JL_OK) {
            return;
        }
        if (rc != JL_BUSY) { /* the pipe itself is broken: the router would wait for ever */
            jl_log_err(JL_LOG_ERROR, "pipe_failed", &err);
            JL_ASSERT(rc == JL_BUSY);
        }
        nanosleep(&pause, NULL);
    }
}

void jl_worker_stopped(struct jl_worker *worker, enum jl_rc rc, const struct jl_err *err) {
    struct jl_job *job = jl_job_new(JL_JOB_STOP);
    JL_ASSERT(job != NULL); /* a few hundred bytes; without them the program can't even end */
    job->worker = worker->which;
    job->failed = rc != JL_OK;
    if (job->failed) {
        job->err = *err;
        job->err.rc = rc;
    }
    jl_worker_send(worker, job);
}
