/* What suspended devices push: kept in quarantine, not judged.
 *
 * Thread: the writer's, inside its transaction. */
#ifndef JIELIAN_SERVER_SERVE_SUSPENDED_H
#define JIELIAN_SERVER_SERVE_SUSPENDED_H

#include "jielian/base/rc.h"

struct jl_district;
struct jl_job;
struct jl_origin;
struct jl_quarantine;

/* Keep a suspended device's batch and answer it. */
JL_MUST_CHECK enum jl_rc jl_suspended_take(struct jl_quarantine *quarantine,
                                           struct jl_district *district, struct jl_job *job,
                                           struct jl_err *err);

#endif
