/* The status document: `status`, and `sync --json`.
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
 * aside, held, or an open case in_sync       the last proof covers the newest op and both cursors,
 * and nothing needs a person
 *
 * The first that holds is the state. Exit code 0 goes with `in_sync` alone, and only when this
 * program understands the district's catalogue. */
#include "status.h"
#include "short_key.h"

#include "client/books/identity.h"
#include "client/books/office.h"
#include "client/books/office_about.h"
#include "client/books/office_counts.h"
#include "client/books/office_expected.h"
#include "client/books/office_past.h"

#include "jielian/base/date.h"
#include "jielian/cli/cli.h"
#include "jielian/cli/iso_time.h"
#include "jielian/cli/print.h"

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
static enum jl_rc read_expected(struct jl_office *office, struct jl_status *status,
                                struct jl_err *err) {
    struct jl_office_expected expected;
    enum jl_rc rc = jl_office_expected(office, &expected, err);
    status->expected = rc == JL_OK && expected.told[0] && expected.told[1] ? expected.records : 0;
    status->arrived = rc == JL_OK ? expected.here : 0;
    return rc;
}

enum jl_rc jl_status_read(struct jl_office *office, bool staged, bool alive,
                          struct jl_status *out_status, struct jl_err *err) {
    *out_status = (struct jl_status){.known = true};
    struct jl_office_about_endpoints endpoints;
    enum jl_rc rc = jl_office_begin(office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_office_counts_get(office, &out_status->counts, err);
    if (rc == JL_OK) {
        rc = jl_office_past(office, &out_status->past, err);
    }
    if (rc == JL_OK) {
        rc = jl_office_about(office, &out_status->about, err);
    }
    if (rc == JL_OK) {
        rc = jl_office_about_endpoints(office, &endpoints, err);
    }
    if (rc == JL_OK && staged) {
        rc = read_expected(office, out_status, err);
    }
    jl_store_rollback(office->books->store);
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_identity *identity = &office->identity;
    out_status->alive = alive;
    out_status->staged = staged;
    out_status->state = state_name(&office->state, &out_status->counts, staged, alive);
    memcpy(out_status->office, identity->code, sizeof out_status->office);
    memcpy(out_status->name, identity->name, sizeof out_status->name);
    memcpy(out_status->endpoint, endpoints.list[0], strlen(endpoints.list[0]) + 1);
    out_status->endpoint_count = endpoints.count;
    out_status->device = identity->device;
    out_status->office_number = identity->office;
    out_status->proven_ms = office->state.proven_ms;
    out_status->deep_ms = office->state.deep_ms;
    out_status->deep_result = office->state.deep_result;
    out_status->repairs = office->state.repairs;
    out_status->version_needed = office->state.version_needed;
    out_status->catalogue = jl_catalogue_version(office->books->catalogue);
    out_status->newer = office->books->newer;
    out_status->key = jl_short_key(&office->keys);
    return JL_OK;
}

static bool is_state(const struct jl_status *status, const char *state) {
    return strcmp(status->state, state) == 0;
}

void jl_status_unproven(struct jl_status *status) {
    if (is_state(status, "in_sync") || is_state(status, "attention")) {
        status->state = "catching_up";
    }
}

int jl_status_exit(const struct jl_status *status) {
    bool good = is_state(status, "in_sync") && status->newer.state == JL_NEWER_NONE;
    return good ? JL_EXIT_DONE : JL_EXIT_ATTENTION;
}
