/* A worker's way to the router. */
#include "worker.h"
#include "job.h"

#include "jielian/base/assert.h"
#include "jielian/base/log.h"
#include "jielian/net/pipe.h"

#include <string.h>
#include <time.h>

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
