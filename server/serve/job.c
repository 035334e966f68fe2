/* Jobs, answers, and a worker's way to the router. */
#include "job.h"
#include "allowlist.h"
#include "refusing.h"

#include "proto/wire.h"

#include "jielian/base/arena.h"
#include "jielian/base/assert.h"
#include "jielian/base/buf.h"
#include "jielian/base/log.h"
#include "jielian/net/frame.h"
#include "jielian/net/pipe.h"

#include <stdlib.h>

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
    jl_allowlist_free(job->allowlist);
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

enum jl_rc jl_job_refuse(struct jl_job *job, struct jl_wire *wire,
                         const struct jl_refusing *refusing, struct jl_err *err) {
    jl_buf_reset(&job->answer);
    job->refused = refusing->code;
    job->tells[0] = job->tells[1] = job->identical = false;
    return jl_refusing_encode(refusing, wire, &job->answer, err);
}
