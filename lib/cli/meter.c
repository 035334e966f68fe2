/* The progress of long work on stderr: one line that is written again and again. */
#include "jielian/cli/meter.h"
#include "jielian/cli/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unistd.h>

enum { METER_EVERY_MS = 200 };

void jl_meter_init(struct jl_meter *meter, const struct jl_cli *cli) {
    *meter = (struct jl_meter){.shown = !cli->json && isatty(STDERR_FILENO) == 1,
                               .language = cli->language,
                               .clock = jl_clock_system()};
    meter->start_ms = meter->clock.steady_ms(meter->clock.context);
}

void jl_meter_step(void *context, uint64_t done, uint64_t total) {
    struct jl_meter *meter = context;
    if (!meter->shown) {
        return;
    }
    int64_t now_ms = meter->clock.steady_ms(meter->clock.context);
    int64_t spent_ms = now_ms - meter->start_ms;
    if (spent_ms <= 0 || now_ms - meter->last_ms < METER_EVERY_MS) {
        return;
    }
    meter->last_ms = now_ms;
    double rate = (double)done * 1000.0 / (double)spent_ms;
    uint64_t left_s = rate > 0 && total > done ? (uint64_t)((double)(total - done) / rate) + 1 : 0;
    (void)fprintf(stderr,
                  JL_ZH_EN(meter->language,
                           "\r%" PRIu64 " 行，每秒 %.0f 行，还要约 %" PRIu64 " 秒\x1b[K",
                           "\r%" PRIu64 " rows, %.0f rows/s, about %" PRIu64 " s left\x1b[K"),
                  done, rate, left_s);
}

void jl_meter_end(struct jl_meter *meter) {
    if (meter->shown && meter->last_ms != 0) {
        (void)fputs("\r\x1b[K", stderr);
    }
    meter->shown = false;
}
