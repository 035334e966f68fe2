/* Counters of a running district, and what /metrics shows of them.
 *
 * The counters are C11 atomics: the only thing that the threads of `serve` share without passing a
 * message. Each is a number of its own, so relaxed order is enough.
 * Thread: any may count; rendering reads the books of the caller's thread. */
#ifndef JIELIAN_SERVER_METRICS_H
#define JIELIAN_SERVER_METRICS_H

#include "server/books/district.h"

#include <stdatomic.h>

enum {
    JL_METRIC_GROUP_STEPS = 8, /* upper bounds of jielian_group_commit_ops: 1, 10, … and +Inf */
    JL_METRIC_VERDICTS = JL_VERDICT_ALREADY + 1,
    JL_METRIC_REFUSALS = JL_REFUSE_SUSPENDED + 1,
};

struct jl_metrics {
    atomic_uint_fast64_t ops[JL_METRIC_VERDICTS]; /* by enum jl_verdict_code */
    atomic_uint_fast64_t quarantined;             /* ops that suspended devices delivered */
    atomic_uint_fast64_t bytes_in, bytes_out;
    atomic_uint_fast64_t groups[JL_METRIC_GROUP_STEPS]; /* commits with that many ops, each once */
    atomic_uint_fast64_t group_ops;                     /* their sum */
    atomic_uint_fast64_t group_ms;                      /* time spent in them */
    atomic_uint_fast64_t refusals[JL_METRIC_REFUSALS];  /* by enum jl_refuse_code */
    atomic_uint_fast64_t malformed, lost; /* lost: answers whose device was gone or full */
    atomic_uint_fast64_t pages, proofs_identical, proofs_different, pokes;
    atomic_uint_fast64_t handshakes_admitted,
        handshakes_refused;             /* by ZAP; copied from the socket */
    atomic_uint_fast64_t sessions;      /* now */
    atomic_int_fast64_t writer_beat_ms; /* steady; when the writer last came round */
    atomic_bool reader_works;           /* the reader's last look at the books was fine */
};

void jl_metric_add(atomic_uint_fast64_t *counter, uint64_t more);
void jl_metric_group(struct jl_metrics *metrics, uint64_t ops, uint64_t took_ms);

/* Append everything in Prometheus' text format 0.0.4. district: with an open read transaction. */
JL_MUST_CHECK enum jl_rc jl_metrics_render(struct jl_metrics *metrics, struct jl_district *district,
                                           struct jl_buf *out, struct jl_err *err);

#endif
