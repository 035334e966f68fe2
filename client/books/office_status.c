/* Is this office in step with the district?
 *
 *   state         when
 *   bootstrapping the first download is not finished
 *   revoked       the district shut this device out
 *   unknown       the district does not know this device: restored from an older backup, most often
 *   suspended     the district takes what is unsent, and sends nothing
 *   needs_update  the district speaks a newer protocol
 *   different     repair did not bring both sides together, or the last deep proof found records
 *                 that are not the district's
 *   offline       `run` is up and does not reach the district, or nothing was ever proven
 *   unsent        changes wait for the district
 *   offline       the last `sync` ended without its proof, and no program is at work
 *   catching_up   rows have come that no proof covers yet, or a proof was asked for and is
 *                 not there
 *   attention     the last proof covers everything, and something needs a person: parked, set
 *                 aside, held, or an open case
 *   in_sync       the last proof covers the newest op and both cursors, and nothing needs a person
 *
 * The first that holds is the state. Exit code 0 goes with `in_sync` alone, and only when this
 * program understands the district's catalogue. */
#include "office_status.h"
#include "identity.h"
#include "office.h"
#include "office_expected.h"

#include <stdio.h>
#include <string.h>

static bool covered(const struct jl_office_state *state) {
    return state->proven_ms != 0 && state->head_pos == state->confirmed_pos &&
           state->proven_pos == state->head_pos && state->proven_cursor[0] == state->cursor[0] &&
           state->proven_cursor[1] == state->cursor[1];
}

static const char *state_name(const struct jl_office_state *state,
                              const struct jl_office_counts *counts, bool staged, bool alive) {
    if (state->trouble == JL_REFUSE_REVOKED) {
        return "revoked";
    }
    if (state->trouble == JL_REFUSE_INVITATION) {
        return "unknown";
    }
    if (state->trouble == JL_REFUSE_VERSION) {
        return "needs_update";
    }
    if (state->trouble == JL_REFUSE_SUSPENDED || state->phase == JL_SESSION_SUSPENDED) {
        return "suspended";
    }
    if (staged) {
        return "bootstrapping";
    }
    if (state->trouble == JL_TROUBLE_DIFFERENT || state->deep_result == JL_DEEP_DIFFERENT) {
        return "different";
    }
    if ((alive && state->phase != JL_SESSION_ACTIVE) || state->proven_ms == 0) {
        return "offline";
    }
    if (state->head_pos != state->confirmed_pos) {
        return "unsent";
    }
    if (state->proof_wanted > state->proof_done) {
        return alive ? "catching_up" : "offline";
    }
    if (!covered(state)) {
        return "catching_up";
    }
    return jl_office_counts_need_person(counts) ? "attention" : "in_sync";
}

/* Both feeds have said what they bring, or nothing is said: half a number would be a guess. */
static enum jl_rc read_expected(struct jl_office *office, struct jl_office_status *status,
                                struct jl_err *err) {
    struct jl_office_expected expected;
    enum jl_rc rc = jl_office_expected(office, &expected, err);
    status->expected = rc == JL_OK && expected.told[0] && expected.told[1] ? expected.records : 0;
    status->arrived = rc == JL_OK ? expected.here : 0;
    return rc;
}

/* A program that is at work has noted how the one before it stopped; where none is, and one was
 * at work without an end, that one was cut off. */
static const char *last_stop(const struct jl_past *past, bool alive) {
    static const char *const words[] = {[JL_STOP_CLEAN] = "clean", [JL_STOP_CUT_OFF] = "cut_off"};
    if (past->at_work) {
        const enum jl_last_stop stop = alive ? past->last_stop : JL_STOP_CUT_OFF;
        return stop != JL_STOP_UNKNOWN ? words[stop] : NULL;
    }
    return past->begun ? words[JL_STOP_CLEAN] : NULL;
}

static enum jl_rc read_books(struct jl_office *office, struct jl_office_status *status,
                             struct jl_err *err) {
    struct jl_office_about_endpoints endpoints;
    enum jl_rc rc = jl_office_counts_get(office, &status->counts, err);
    if (rc == JL_OK) {
        rc = jl_office_past(office, &status->past, err);
    }
    if (rc == JL_OK) {
        rc = jl_office_about(office, &status->about, err);
    }
    if (rc == JL_OK) {
        rc = jl_office_about_endpoints(office, &endpoints, err);
    }
    if (rc == JL_OK) {
        memcpy(status->endpoint, endpoints.list[0], strlen(endpoints.list[0]) + 1);
        status->endpoint_count = endpoints.count;
    }
    return rc == JL_OK && status->staged ? read_expected(office, status, err) : rc;
}

enum jl_rc jl_office_status_read(struct jl_office *office, bool staged, bool alive, const char *key,
                                 struct jl_office_status *out_status, struct jl_err *err) {
    *out_status = (struct jl_office_status){.known = true, .staged = staged};
    enum jl_rc rc = jl_office_begin(office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = read_books(office, out_status, err);
    jl_store_rollback(office->books->store);
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_identity *identity = &office->identity;
    out_status->state = state_name(&office->state, &out_status->counts, staged, alive);
    out_status->last_stop = last_stop(&out_status->past, alive);
    memcpy(out_status->office, identity->code, sizeof out_status->office);
    memcpy(out_status->name, identity->name, sizeof out_status->name);
    (void)snprintf(out_status->key, sizeof out_status->key, "%s", key);
    out_status->device = identity->device;
    out_status->office_number = identity->office;
    out_status->proven_ms = office->state.proven_ms;
    out_status->deep_ms = office->state.deep_ms;
    out_status->deep_result = office->state.deep_result;
    out_status->repairs = office->state.repairs;
    out_status->version_needed = office->state.version_needed;
    out_status->catalogue = jl_catalogue_version(office->books->catalogue);
    out_status->newer = office->books->newer;
    return JL_OK;
}

static bool is_state(const struct jl_office_status *status, const char *state) {
    return strcmp(status->state, state) == 0;
}

void jl_office_status_unproven(struct jl_office_status *status) {
    if (is_state(status, "in_sync") || is_state(status, "attention")) {
        status->state = "catching_up";
    }
}

bool jl_office_status_is_good(const struct jl_office_status *status) {
    return is_state(status, "in_sync") && status->newer.state == JL_NEWER_NONE;
}
