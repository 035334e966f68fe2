/* GET /healthz   the program runs
 * GET /readyz    the books can be read, the writer makes progress, the clock can be right
 * GET /metrics   Prometheus text format 0.0.4
 *
 * The books are opened by the first request that needs them, in the thread that answers requests,
 * and opened anew after a fault. */
#include "monitor.h"
#include "metrics.h"
#include "serve.h"

#include "server/books/clock_check.h"
#include "server/books/district.h"

#include "jielian/base/buf.h"
#include "jielian/base/clock.h"
#include "jielian/base/log.h"
#include "jielian/http/http.h"
#include "jielian/store/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { WRITER_LATE_MS = 30 * 1000 }; /* a commit that waits for a command takes up to 10 s */

struct jl_monitor {
    const struct jl_serve_options *options;
    struct jl_metrics *metrics;
    struct jl_district *district; /* NULL: not open */
};

struct jl_monitor *jl_monitor_new(const struct jl_serve_options *options,
                                  struct jl_metrics *metrics) {
    struct jl_monitor *monitor = calloc(1, sizeof *monitor);
    if (monitor != NULL) {
        monitor->options = options;
        monitor->metrics = metrics;
    }
    return monitor;
}

void jl_monitor_free(struct jl_monitor *monitor) {
    if (monitor != NULL) {
        jl_district_close(monitor->district);
        free(monitor);
    }
}

static enum jl_rc begin(struct jl_monitor *monitor, struct jl_err *err) {
    const struct jl_serve_options *options = monitor->options;
    const struct jl_district_options open = {
        .mode = JL_STORE_READ, .passphrase = options->passphrase, .clock = options->clock};
    if (monitor->district == NULL) {
        enum jl_rc rc = jl_district_open(options->folder, &open, &monitor->district, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    enum jl_rc rc = jl_district_begin(monitor->district, false, NULL, err);
    if (rc != JL_OK) {
        jl_district_close(monitor->district);
        monitor->district = NULL;
    }
    return rc;
}

static void say(struct jl_http_response *response, unsigned status, const char *text) {
    struct jl_err err;
    response->status = status;
    jl_buf_reset(&response->body);
    if (jl_buf_put_text(&response->body, text, &err) != JL_OK) {
        jl_log_err(JL_LOG_ERROR, "http_failed", &err); /* the status says it all */
    }
}

static void say_clock(struct jl_http_response *response, const struct jl_clock_state *clock) {
    char text[128];
    int64_t seconds = clock->off_ms / 1000;
    (void)snprintf(text, sizeof text,
                   "the clock can't be right: %" PRId64 " seconds %s %s; dates are not judged\n",
                   seconds < 0 ? -seconds : seconds, seconds < 0 ? "behind" : "ahead of",
                   clock->verdict == JL_CLOCK_BEHIND_JOURNAL ? "the journal" : "the devices");
    say(response, 503, text);
}

static void answer_ready(struct jl_monitor *monitor, struct jl_http_response *response) {
    struct jl_err err;
    struct jl_clock_state state;
    const struct jl_clock *clock = &monitor->options->clock;
    int64_t beat_ms = atomic_load(&monitor->metrics->writer_beat_ms);
    if (!atomic_load(&monitor->metrics->reader_works) || begin(monitor, &err) != JL_OK) {
        say(response, 503, "the books can't be read\n");
        return;
    }
    jl_clock_check(monitor->district, &state);
    jl_store_rollback(monitor->district->books->store);
    if (clock->steady_ms(clock->context) - beat_ms > WRITER_LATE_MS) {
        say(response, 503, "the writer is stuck\n");
        return;
    }
    if (!jl_clock_check_trusted(&state)) {
        say_clock(response, &state);
        return;
    }
    say(response, 200, "ready\n");
}

static void answer_metrics(struct jl_monitor *monitor, struct jl_http_response *response) {
    struct jl_err err;
    enum jl_rc rc = begin(monitor, &err);
    if (rc == JL_OK) {
        rc = jl_metrics_render(monitor->metrics, monitor->district, &response->body, &err);
        jl_store_rollback(monitor->district->books->store);
    }
    if (rc != JL_OK) {
        jl_log_err(JL_LOG_ERROR, "metrics_failed", &err);
        say(response, 503, "the books can't be read\n");
        return;
    }
    response->content_type = "text/plain; version=0.0.4; charset=utf-8";
}

void jl_monitor_answer(void *context, const struct jl_http_request *request,
                       struct jl_http_response *response) {
    struct jl_monitor *monitor = context;
    if (strcmp(request->method, "GET") != 0) {
        say(response, 405, "only GET is answered here\n");
    } else if (strcmp(request->path, "/healthz") == 0) {
        say(response, 200, "ok\n");
    } else if (strcmp(request->path, "/readyz") == 0) {
        answer_ready(monitor, response);
    } else if (strcmp(request->path, "/metrics") == 0) {
        answer_metrics(monitor, response);
    } else {
        say(response, 404, "there is /healthz, /readyz and /metrics\n");
    }
}
