/* What the writer does beside the jobs: a look at the clock once a second, and once a day, if a
 * device agrees on the day, what the calendar asks for.
 *
 * Thread: the writer's, between two groups. */
#ifndef JIELIAN_SERVER_SERVE_DUTIES_H
#define JIELIAN_SERVER_SERVE_DUTIES_H

#include "server/books/clock_check.h"

#include "jielian/base/clock.h"

enum { JL_DUTIES_RETRY_MS = 10 * 60 * 1000 }; /* a full disk or another writer passes */

struct jl_duties {         /* zeroed at the start */
    int64_t day;           /* whose duties are done, yyyymmdd */
    int64_t not_before_ms; /* after a failure; steady */
    struct jl_clock_state clock;
    bool clock_said;  /* the log has a line about the verdict */
    int64_t clock_ms; /* when to look again; steady */
};

/* What fails is logged and tried again. now_ms: steady. Cost: a comparison, mostly. */
void jl_duties_do(struct jl_duties *duties, struct jl_district *district,
                  const struct jl_clock *clock, int64_t now_ms);

#endif
