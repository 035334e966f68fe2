/* The progress of long work, for a person who waits.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_CLI_METER_H
#define JIELIAN_CLI_METER_H

#include "jielian/base/clock.h"
#include "jielian/base/language.h"

struct jl_cli;

/* Rows, rate and time left on stderr; silent where stderr is no terminal or with --json. */
struct jl_meter {
    bool shown;
    enum jl_language language;
    struct jl_clock clock;
    int64_t start_ms, last_ms;
};
void jl_meter_init(struct jl_meter *meter, const struct jl_cli *cli);
/* A jl_progress_fn (jielian/base/progress.h): context is the meter. */
void jl_meter_step(void *context, uint64_t done, uint64_t total);
void jl_meter_end(struct jl_meter *meter);

#endif
