/* Per device the labels are its office's code and its number: an office has up to five PCs. */
#include "metrics.h"

#include "server/books/clock_check.h"
#include "server/books/verdicts.h"

#include <inttypes.h>

static const uint64_t group_bounds[JL_METRIC_GROUP_STEPS - 1] = {1,    10,   100,  500,
                                                                 2000, 5000, 20000};

void jl_metric_add(atomic_uint_fast64_t *counter, uint64_t more) {
    atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

static uint64_t load(atomic_uint_fast64_t *counter) {
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void jl_metric_group(struct jl_metrics *metrics, uint64_t ops, uint64_t took_ms) {
    size_t step = 0;
    while (step < JL_METRIC_GROUP_STEPS - 1 && ops > group_bounds[step]) {
        step++;
    }
    jl_metric_add(&metrics->groups[step], 1);
    jl_metric_add(&metrics->group_ops, ops);
    jl_metric_add(&metrics->group_ms, took_ms);
}

/* ---- Rendering ---- */

static enum jl_rc head(struct jl_buf *out, const char *name, const char *type, const char *help,
                       struct jl_err *err) {
    return jl_buf_printf(out, err, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static enum jl_rc plain(struct jl_buf *out, const char *name, const char *type, const char *help,
                        uint64_t value, struct jl_err *err) {
    enum jl_rc rc = head(out, name, type, help, err);
    return rc == JL_OK ? jl_buf_printf(out, err, "%s %" PRIu64 "\n", name, value) : rc;
}

static enum jl_rc render_ops(struct jl_metrics *metrics, struct jl_buf *out, struct jl_err *err) {
    enum jl_rc rc =
        head(out, "jielian_ops_total", "counter", "Ops by the verdict they were given.", err);
    for (int code = JL_VERDICT_APPLIED; rc == JL_OK && code < JL_METRIC_VERDICTS; code++) {
        rc = jl_buf_printf(out, err, "jielian_ops_total{verdict=\"%s\"} %" PRIu64 "\n",
                           jl_verdict_word((enum jl_verdict_code)code), load(&metrics->ops[code]));
    }
    if (rc == JL_OK) {
        rc = plain(out, "jielian_quarantined_ops_total", "counter",
                   "Ops that suspended devices delivered into quarantine.",
                   load(&metrics->quarantined), err);
    }
    if (rc == JL_OK) {
        rc = head(out, "jielian_refusals_total", "counter", "Messages refused, by reason.", err);
    }
    for (int code = JL_REFUSE_REVOKED; rc == JL_OK && code < JL_METRIC_REFUSALS; code++) {
        rc = jl_buf_printf(out, err, "jielian_refusals_total{reason=\"%s\"} %" PRIu64 "\n",
                           jl_wire_refuse_word((enum jl_refuse_code)code),
                           load(&metrics->refusals[code]));
    }
    return rc;
}

static enum jl_rc render_traffic(struct jl_metrics *metrics, struct jl_buf *out,
                                 struct jl_err *err) {
    enum jl_rc rc = head(out, "jielian_bytes_total", "counter", "Bytes of frames.", err);
    if (rc == JL_OK) {
        rc = jl_buf_printf(out, err,
                           "jielian_bytes_total{direction=\"in\"} %" PRIu64
                           "\njielian_bytes_total{direction=\"out\"} %" PRIu64 "\n",
                           load(&metrics->bytes_in), load(&metrics->bytes_out));
    }
    if (rc == JL_OK) {
        rc =
            plain(out, "jielian_pages_total", "counter", "Pages sent.", load(&metrics->pages), err);
    }
    if (rc == JL_OK) {
        rc =
            plain(out, "jielian_pokes_total", "counter", "Pokes sent.", load(&metrics->pokes), err);
    }
    if (rc == JL_OK) {
        rc = plain(out, "jielian_lost_answers_total", "counter",
                   "Answers whose device had gone or read too slowly.", load(&metrics->lost), err);
    }
    if (rc == JL_OK) {
        rc = plain(out, "jielian_malformed_total", "counter", "Frames that broke the protocol.",
                   load(&metrics->malformed), err);
    }
    if (rc == JL_OK) {
        rc = plain(out, "jielian_handshakes_admitted_total", "counter",
                   "Connections that were let in.", load(&metrics->handshakes_admitted), err);
    }
    if (rc == JL_OK) {
        rc = plain(out, "jielian_handshakes_refused_total", "counter",
                   "Connections with a key that is not enrolled.",
                   load(&metrics->handshakes_refused), err);
    }
    if (rc == JL_OK) {
        rc = head(out, "jielian_proofs_total", "counter", "Proofs answered.", err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_printf(out, err,
                           "jielian_proofs_total{result=\"identical\"} %" PRIu64
                           "\njielian_proofs_total{result=\"different\"} %" PRIu64 "\n",
                           load(&metrics->proofs_identical), load(&metrics->proofs_different));
    }
    return rc == JL_OK ? plain(out, "jielian_sessions", "gauge", "Devices in session now.",
                               load(&metrics->sessions), err)
                       : rc;
}

static enum jl_rc render_groups(struct jl_metrics *metrics, struct jl_buf *out,
                                struct jl_err *err) {
    uint64_t below = 0;
    enum jl_rc rc = head(out, "jielian_group_commit_ops", "histogram", "Ops in one commit.", err);
    for (size_t i = 0; rc == JL_OK && i < JL_METRIC_GROUP_STEPS - 1; i++) {
        below += load(&metrics->groups[i]);
        rc = jl_buf_printf(out, err,
                           "jielian_group_commit_ops_bucket{le=\"%" PRIu64 "\"} %" PRIu64 "\n",
                           group_bounds[i], below);
    }
    below += load(&metrics->groups[JL_METRIC_GROUP_STEPS - 1]);
    if (rc == JL_OK) {
        rc = jl_buf_printf(out, err,
                           "jielian_group_commit_ops_bucket{le=\"+Inf\"} %" PRIu64
                           "\njielian_group_commit_ops_sum %" PRIu64
                           "\njielian_group_commit_ops_count %" PRIu64 "\n",
                           below, load(&metrics->group_ops), below);
    }
    if (rc == JL_OK) {
        rc = head(out, "jielian_group_commit_seconds_total", "counter", "Time in commits.", err);
    }
    uint64_t ms = load(&metrics->group_ms);
    return rc == JL_OK
               ? jl_buf_printf(out, err,
                               "jielian_group_commit_seconds_total %" PRIu64 ".%03" PRIu64 "\n",
                               ms / 1000, ms % 1000)
               : rc;
}

/* ---- Devices ---- */

enum gauge { CONTACT, PROVEN, UNSENT, OLDEST, PARKED, CASES, REPAIRS, OFFSET, GAUGES };
static const struct {
    const char *name, *help;
} gauges[GAUGES] = {
    [CONTACT] = {"jielian_device_last_contact_seconds", "When the device was last heard (Unix)."},
    [PROVEN] = {"jielian_device_last_proven_seconds",
                "When the device was last proven identical (Unix)."},
    [UNSENT] = {"jielian_device_unsent_ops", "Ops the device had not sent, as it last said."},
    [OLDEST] = {"jielian_device_oldest_unsent_seconds", "Age of the oldest of them."},
    [PARKED] = {"jielian_device_parked_ops", "Ops that wait for the office's clerk."},
    [CASES] = {"jielian_device_open_cases", "Open cases of the device's office."},
    [REPAIRS] = {"jielian_device_repairs", "Rows repaired after a proof that differed."},
    [OFFSET] = {"jielian_device_clock_offset_milliseconds",
                "Device clock minus district clock, at the device's last Hello."},
};

static int64_t gauge_of(enum gauge gauge, const struct jl_device *device) {
    switch (gauge) {
    case CONTACT:
        return device->last_seen_ms / 1000;
    case PROVEN:
        return device->proven_ms / 1000;
    case UNSENT:
        return (int64_t)device->unsent;
    case OLDEST:
        return (int64_t)device->oldest_unsent_s;
    case PARKED:
        return (int64_t)device->parked;
    case CASES:
        return (int64_t)device->cases;
    case REPAIRS:
        return (int64_t)device->repairs;
    case OFFSET:
        return device->clock_offset_ms;
    case GAUGES:
        break;
    }
    return 0;
}

/* Codes are letters and digits mostly, but the format's three special bytes are escaped anyway. */
static enum jl_rc put_label(struct jl_buf *out, const char *text, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (; rc == JL_OK && *text != '\0'; text++) {
        if (*text == '\n') {
            rc = jl_buf_put_text(out, "\\n", err);
            continue;
        }
        if (*text == '"' || *text == '\\') {
            rc = jl_buf_put_u8(out, '\\', err);
        }
        if (rc == JL_OK) {
            rc = jl_buf_put_u8(out, (uint8_t)*text, err);
        }
    }
    return rc;
}

static enum jl_rc render_gauge(enum gauge gauge, const struct jl_district *district,
                               struct jl_buf *out, struct jl_err *err) {
    enum jl_rc rc = head(out, gauges[gauge].name, "gauge", gauges[gauge].help, err);
    for (size_t i = 0; rc == JL_OK && i < district->device_count; i++) {
        const struct jl_device *device = &district->devices[i];
        const struct jl_office_entry *office = jl_roster_office(district, device->office);
        if (device->state == JL_DEVICE_REVOKED) {
            continue; /* an alarm about a device that is out would never end */
        }
        rc = jl_buf_printf(out, err, "%s{office=\"", gauges[gauge].name);
        if (rc == JL_OK && office != NULL) {
            rc = put_label(out, office->code, err);
        }
        if (rc == JL_OK) {
            rc = jl_buf_printf(out, err, "\",device=\"%" PRIu32 "\"} %" PRId64 "\n", device->number,
                               gauge_of(gauge, device));
        }
    }
    return rc;
}

/* ---- Refusals, from the books: they outlive the program, and lag by some seconds ---- */

static enum jl_rc render_refused(struct jl_district *district, const struct jl_device *device,
                                 struct jl_buf *out, struct jl_err *err) {
    const struct jl_office_entry *office = jl_roster_office(district, device->office);
    struct jl_refusals refusals;
    enum jl_rc rc = jl_refusals_of(district, device->number, &refusals, err);
    for (int kind = 1; rc == JL_OK && kind < JL_REFUSAL_KINDS; kind++) {
        if (refusals.of[kind].count == 0) {
            continue;
        }
        rc = jl_buf_put_text(out, "jielian_device_refusals_total{office=\"", err);
        if (rc == JL_OK && office != NULL) {
            rc = put_label(out, office->code, err);
        }
        if (rc == JL_OK) {
            rc = jl_buf_printf(out, err, "\",device=\"%" PRIu32 "\",reason=\"%s\"} %" PRIu64 "\n",
                               device->number, jl_refusal_word((enum jl_refusal)kind),
                               refusals.of[kind].count);
        }
    }
    return rc;
}

static enum jl_rc render_refusals(struct jl_district *district, struct jl_buf *out,
                                  struct jl_err *err) {
    struct jl_refusals strangers;
    enum jl_rc rc = head(out, "jielian_device_refusals_total", "counter",
                         "What was refused to a device, by reason.", err);
    for (size_t i = 0; rc == JL_OK && i < district->device_count; i++) {
        rc = render_refused(district, &district->devices[i], out, err);
    }
    if (rc == JL_OK) {
        rc = head(out, "jielian_strangers_refused_total", "counter",
                  "What was refused to those who are no device, by reason.", err);
    }
    if (rc == JL_OK) {
        rc = jl_refusals_of(district, 0, &strangers, err);
    }
    for (int kind = 1; rc == JL_OK && kind < JL_REFUSAL_KINDS; kind++) {
        if (strangers.of[kind].count > 0 || kind >= JL_REFUSAL_KEY) {
            rc = jl_buf_printf(out, err,
                               "jielian_strangers_refused_total{reason=\"%s\"} %" PRIu64 "\n",
                               jl_refusal_word((enum jl_refusal)kind), strangers.of[kind].count);
        }
    }
    return rc;
}

/* ---- The district's own clock ---- */

static enum jl_rc render_clock(const struct jl_district *district, struct jl_buf *out,
                               struct jl_err *err) {
    struct jl_clock_state clock;
    jl_clock_check(district, &clock);
    enum jl_rc rc = head(out, "jielian_clock_off_seconds", "gauge",
                         "District clock minus what contradicts it; 0: nothing does.", err);
    for (int verdict = JL_CLOCK_OK + 1; rc == JL_OK && verdict <= JL_CLOCK_JOURNAL_AHEAD;
         verdict++) {
        bool is_it = clock.verdict == (enum jl_clock_verdict)verdict;
        rc = jl_buf_printf(out, err, "jielian_clock_off_seconds{state=\"%s\"} %" PRId64 "\n",
                           jl_clock_check_word((enum jl_clock_verdict)verdict),
                           is_it ? clock.off_ms / 1000 : 0);
    }
    return rc;
}

enum jl_rc jl_metrics_render(struct jl_metrics *metrics, struct jl_district *district,
                             struct jl_buf *out, struct jl_err *err) {
    enum jl_rc rc = render_ops(metrics, out, err);
    if (rc == JL_OK) {
        rc = render_traffic(metrics, out, err);
    }
    if (rc == JL_OK) {
        rc = render_groups(metrics, out, err);
    }
    if (rc == JL_OK) {
        rc = render_clock(district, out, err);
    }
    for (int gauge = 0; rc == JL_OK && gauge < GAUGES; gauge++) {
        rc = render_gauge((enum gauge)gauge, district, out, err);
    }
    if (rc == JL_OK) {
        rc = render_refusals(district, out, err);
    }
    return rc;
}
