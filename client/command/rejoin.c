/* `join NEW.invite` in a folder that has joined: the district was restored and does not know this
 * PC.
 *
 *   nothing yet      the district is asked, by a handshake with this PC's own key, whether it knows
 * it rejoining        it does not: Enrol with the same keys has gone out, or is about to books
 * identity and incarnation are new, in one transaction rejoining gone   done
 *
 * While `rejoining` is there, the district may know this PC by now and the books not its new
 * number: Enrol is asked again, which answers the same. Nothing of the outbox is touched but its
 * numbering, which a new incarnation has anew; what was confirmed goes out again at the next
 * Welcome, since a district that has forgotten a PC has another epoch. */
#include "rejoin.h"
#include "data_folder.h"
#include "enrolment.h"
#include "runner.h"

#include "client/books/salvage.h"

#include "jielian/base/fault.h"
#include "jielian/base/path.h"

#include <inttypes.h>
#include <string.h>

static const char mark[] = "rejoining";

bool jl_rejoin_begun(const char *folder) {
    return jl_data_folder_has(folder, mark);
}

static enum jl_rc set_mark(const char *folder, bool on, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    enum jl_rc rc = jl_path_join(folder, mark, path, sizeof path, err);
    if (rc != JL_OK) {
        return rc;
    }
    return on ? jl_file_write(path, jl_bytes(NULL, 0), 0600, true, err) : jl_file_remove(path, err);
}

/* ---- Before anything is asked ---- */

/* The office's code when this PC joined, or what its books call it now. */
static enum jl_rc is_ours(const struct jl_runner *runner, const char *code, bool *out_ours,
                          struct jl_err *err) {
    char now[JL_OFFICE_CODE_BYTES] = "";
    *out_ours = strcmp(runner->office->identity.code, code) == 0;
    enum jl_rc rc = *out_ours ? JL_OK : jl_office_code(runner->office, now, err);
    *out_ours = *out_ours || (now[0] != '\0' && strcmp(now, code) == 0);
    return rc;
}

static enum jl_rc check_invitation(const struct jl_runner *runner,
                                   const struct jl_invitation_text *invitation,
                                   struct jl_err *err) {
    const struct jl_identity *identity = &runner->office->identity;
    if (memcmp(identity->server_public, invitation->district_public,
               sizeof identity->server_public) != 0) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_REJOIN_OTHER_DISTRICT, "%s", runner->folder);
    }
    bool ours = false;
    enum jl_rc rc = is_ours(runner, invitation->office_code, &ours, err);
    if (rc == JL_OK && !ours) {
        rc = jl_fault_at(err, JL_CONFLICT, JL_FAULT_REJOIN_OTHER_OFFICE,
                         "%s" JL_AND "%s" JL_AND "%s" JL_AND "%s" JL_AND "%s", runner->folder,
                         identity->code, identity->name, invitation->office_code,
                         invitation->office_name);
    }
    return rc;
}

static enum jl_rc refuse_revoked(const struct jl_runner *runner, struct jl_err *err) {
    return jl_fault_at(err, JL_DENIED, JL_FAULT_REJOIN_REVOKED, "%s", runner->folder);
}

/* *out_again: the district does not know this PC. */
static enum jl_rc ask_standing(struct jl_runner *runner, struct jl_enrolment *enrolment,
                               bool *out_again, struct jl_err *err) {
    enum jl_membership standing = 0;
    enum jl_rc rc = jl_enrolment_probe(enrolment, &runner->office->keys.curve, &standing, err);
    if (rc == JL_BUSY && runner->staged) {
        return JL_OK; /* the download says what is wrong, and goes on when it can */
    }
    if (rc == JL_OK && standing == JL_MEMBER_REVOKED) {
        rc = refuse_revoked(runner, err);
    }
    if (rc == JL_OK && standing == JL_MEMBER_KNOWN && !runner->staged) {
        rc = jl_fault_at(err, JL_CONFLICT, JL_FAULT_REJOIN_KNOWN, "%s", runner->folder);
    }
    *out_again = rc == JL_OK && standing == JL_MEMBER_UNKNOWN;
    return rc;
}

/* ---- Asking ---- */

/* keys: a copy, for the answer fills in a proof key. */
static enum jl_rc enrol(struct jl_runner *runner, struct jl_enrolment *enrolment,
                        struct jl_keys *keys, bool begun, struct jl_err *err) {
    bool refused = false;
    enrolment->keys = keys;
    enum jl_rc rc = jl_enrolment_ask(enrolment, &enrolment->invitation->secret, &refused, err);
    bool denied = rc == JL_DENIED || (rc == JL_OK && refused);
    if (denied && begun) {
        /* An earlier try may have been taken, with an invitation that has expired since. */
        struct jl_err first = *err;
        rc = jl_enrolment_ask(enrolment, &keys->curve, &refused, err);
        if (rc == JL_DENIED) {
            *err = first;
        }
    }
    if (rc == JL_OK && refused) {
        rc = jl_fault_at(err, JL_DENIED, JL_FAULT_REJOIN_NOT_ADMITTED, "%s", runner->folder);
    }
    return rc;
}

/* The district must be the one that these books are of, and the office the one that owns them. */
static enum jl_rc check_answer(const struct jl_runner *runner, const struct jl_identity *now,
                               const struct jl_keys *keys, struct jl_err *err) {
    const struct jl_identity *before = &runner->office->identity;
    if (!jl_secret_equal(&keys->proof, &runner->office->keys.proof)) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_REJOIN_PROOF_KEY, "%s", runner->folder);
    }
    if (now->office != before->office) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_REJOIN_NUMBER,
                           "%s" JL_AND "%s" JL_AND "%" PRIu32 JL_AND "%" PRIu32, runner->folder,
                           before->code, before->office, now->office);
    }
    return JL_OK;
}

static enum jl_rc take_identity(struct jl_runner *runner, struct jl_enrolment *enrolment,
                                bool begun, struct jl_err *err) {
    JL_AUTO(jl_keys) keys = runner->office->keys;
    enum jl_rc rc = enrol(runner, enrolment, &keys, begun, err);
    if (rc == JL_DENIED) {
        jl_fault_wrap(err, JL_FAULT_AT, "%s", runner->folder);
        struct jl_err ignored; /* a mark that stays is one more question, next time */
        (void)!set_mark(runner->folder, false, &ignored);
    }
    if (rc == JL_OK) {
        rc = check_answer(runner, &enrolment->identity, &keys, err);
    }
    if (rc == JL_OK) {
        rc = jl_office_rejoin(runner->office, &enrolment->identity, err);
    }
    if (rc == JL_OK) {
        rc = jl_identity_keep(runner->folder, &enrolment->identity, &runner->office->keys, err);
    }
    return rc == JL_OK ? set_mark(runner->folder, false, err) : rc;
}

enum jl_rc jl_rejoin(struct jl_runner *runner, struct jl_enrolment *enrolment, bool *out_again,
                     struct jl_err *err) {
    bool begun = jl_rejoin_begun(runner->folder);
    runner->staged = !jl_data_folder_has(runner->folder, "jielian.db");
    const struct jl_office_options options = {.mode = JL_STORE_WRITE,
                                              .passphrase = runner->passphrase,
                                              .staged = runner->staged,
                                              .clock = jl_clock_system()};
    *out_again = begun;
    enum jl_rc rc =
        jl_data_folder_open(runner->cli, runner->folder, &options, &runner->office, err);
    if (rc == JL_OK) {
        enrolment->office = runner->office->identity.office;
        rc = check_invitation(runner, enrolment->invitation, err);
    }
    if (rc == JL_OK && !begun) {
        rc = ask_standing(runner, enrolment, out_again, err);
    }
    if (rc == JL_OK && *out_again) {
        rc = set_mark(runner->folder, true, err);
    }
    if (rc == JL_OK && *out_again) {
        rc = take_identity(runner, enrolment, begun, err);
    }
    jl_office_close(runner->office);
    runner->office = NULL;
    return rc;
}
