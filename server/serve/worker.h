/* What a worker is given, and its way to the router.
 *
 * Thread: the worker's. */
#ifndef JIELIAN_SERVER_SERVE_WORKER_H
#define JIELIAN_SERVER_SERVE_WORKER_H

#include "metrics.h"
#include "serve.h"

#include "jielian/base/rc.h"

struct jl_job;
struct jl_pipe;

enum { JL_READER, JL_WRITER, JL_WORKERS };
struct jl_worker { /* what a thread is given; the router waits for it before it goes away */
    const struct jl_serve_options *options;
    struct jl_metrics *metrics;
    struct jl_pipe *pipe; /* the worker's end */
    int which;            /* JL_READER or JL_WRITER */
};

/* To the router, which always drains its end: a full pipe passes. Takes the job. */
void jl_worker_send(struct jl_worker *worker, struct jl_job *job);
/* The last word of a thread. */
void jl_worker_stopped(struct jl_worker *worker, enum jl_rc rc, const struct jl_err *err);

#endif
