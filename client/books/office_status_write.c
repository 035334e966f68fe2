/* The status of an office as a document. */
#include "office_status.h"

#include "proto/wire.h"

#include "jielian/json/document.h"
#include "jielian/store/devices.h"

/* A text that may be missing: null where it is empty. */
static const char *text_or_null(const char *text) {
    return text[0] != '\0' ? text : NULL;
}

static void write_number(const char *key, bool known, uint64_t number,
                         struct jl_document *document) {
    if (known) {
        jl_document_count(document, key, number);
    } else {
        jl_document_null(document, key);
    }
}

/* null, or {at, equal, next}: the last deep proof, and what to do when it found a difference. */
static void write_deep(const struct jl_office_status *status, struct jl_document *document) {
    const bool equal = status->deep_result == JL_DEEP_IDENTICAL;
    if (status->deep_ms == 0) {
        jl_document_null(document, "deep");
        return;
    }
    jl_document_object(document, "deep");
    jl_document_time(document, "at", status->deep_ms);
    jl_document_bool(document, "equal", equal);
    jl_document_string(document, "next", equal ? NULL : "jielian-office rebuild");
    jl_document_end(document);
}

/* null, or {version, program}: what the district's catalogue asks for; program null: it does not
 * say. */
static void write_needs(const struct jl_newer *newer, struct jl_document *document) {
    if (newer->state == JL_NEWER_NONE) {
        jl_document_null(document, "catalogue_needs");
        return;
    }
    jl_document_object(document, "catalogue_needs");
    jl_document_count(document, "version", newer->version);
    jl_document_string(document, "program", text_or_null(newer->program));
    jl_document_end(document);
}

/* The `why` of a refused cycle is the word of the refusal, as on the wire. */
static void write_cycles(const struct jl_cycles *cycles, struct jl_document *document) {
    jl_document_array(document, "cycles");
    for (size_t i = 0; i < cycles->count; i++) {
        const struct jl_cycle *cycle = &cycles->items[i];
        const bool refused = cycle->end == JL_CYCLE_REFUSED;
        jl_document_object(document, NULL);
        jl_document_string(document, "end", jl_cycle_end_word(cycle->end));
        jl_document_string(document, "why",
                           refused ? jl_wire_refuse_word((enum jl_refuse_code)cycle->why) : NULL);
        jl_document_count(document, "count", cycle->count);
        jl_document_time(document, "began_at", cycle->began_ms);
        jl_document_time(document, "ended_at", cycle->ended_ms);
        jl_document_number(document, "longest_ms", (int64_t)cycle->longest_ms);
        jl_document_end(document);
    }
    jl_document_end(document);
}

static const char *state_word(uint32_t state) {
    static const char *const words[] = {[JL_DEVICE_ACTIVE] = "active",
                                        [JL_DEVICE_SUSPENDED] = "suspended",
                                        [JL_DEVICE_REVOKED] = "revoked"};
    return state >= JL_DEVICE_ACTIVE && state <= JL_DEVICE_REVOKED ? words[state] : "other";
}

static void write_pcs(const struct jl_office_about *about, struct jl_document *document) {
    jl_document_array(document, "pcs");
    for (size_t i = 0; i < about->pc_count; i++) {
        const struct jl_office_pc *pc = &about->pcs[i];
        jl_document_object(document, NULL);
        jl_document_count(document, "device", pc->device);
        jl_document_string(document, "name", pc->name);
        jl_document_string(document, "state", state_word(pc->state));
        jl_document_time(document, "last_seen", pc->last_seen_ms);
        jl_document_time(document, "proven_at", pc->proven_ms);
        jl_document_count(document, "unsent", pc->unsent);
        jl_document_string(document, "version", text_or_null(pc->program));
        jl_document_end(document);
    }
    jl_document_end(document);
}

static void write_district(const struct jl_office_about *about, struct jl_document *document) {
    if (about->told_ms == 0) {
        jl_document_null(document, "district");
        return;
    }
    jl_document_object(document, "district");
    jl_document_string(document, "program", text_or_null(about->program));
    jl_document_array(document, "endpoints");
    for (size_t i = 0; i < about->endpoint_count; i++) {
        jl_document_string(document, NULL, about->endpoints[i]);
    }
    jl_document_end(document);
    jl_document_time(document, "told_at", about->told_ms);
    jl_document_end(document);
}

/* null once it is finished, and while another process is at it (its file is left alone). */
static void write_download(const struct jl_office_status *status, struct jl_document *document) {
    if (!status->staged || !status->known) {
        jl_document_null(document, "first_download");
        return;
    }
    jl_document_object(document, "first_download");
    jl_document_count(document, "arrived", status->arrived);
    write_number("expected", status->expected > 0, status->expected, document);
    jl_document_end(document);
}

void jl_office_status_write(const struct jl_office_status *status, struct jl_document *document) {
    const struct jl_office_counts *counts = &status->counts;
    jl_document_string(document, "office", status->known ? status->office : NULL);
    write_number("office_number", status->known, status->office_number, document);
    jl_document_string(document, "name", status->known ? status->name : NULL);
    write_number("device", status->known, status->device, document);
    jl_document_string(document, "state", status->state);
    jl_document_count(document, "unsent", counts->unsent);
    jl_document_count(document, "oldest_unsent_s", counts->oldest_unsent_s);
    jl_document_count(document, "parked", counts->parked);
    jl_document_count(document, "set_aside", counts->set_aside);
    jl_document_count(document, "held", counts->held);
    jl_document_count(document, "cases", counts->cases);
    jl_document_time(document, "proven_at", status->proven_ms);
    write_deep(status, document);
    jl_document_count(document, "repairs", status->repairs);
    jl_document_string(document, "endpoint", status->known ? status->endpoint : NULL);
    jl_document_string(document, "version", JIELIAN_VERSION);
    jl_document_string(document, "key", status->known ? status->key : NULL);
    jl_document_count(document, "catalogue", status->catalogue);
    write_needs(&status->newer, document);
    write_cycles(&status->past.cycles, document);
    jl_document_string(document, "last_stop", status->last_stop);
    write_pcs(&status->about, document);
    write_district(&status->about, document);
    write_download(status, document);
}
