/* Invitations, and the devices that they make. */
#include "enrol.h"
#include "admissions.h"
#include "admit.h"
#include "clock_check.h"
#include "district.h"

#include "proto/wire.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/crypto/invitation.h"
#include "jielian/crypto/signer.h"
#include "jielian/message/say.h"
#include "jielian/net/curve.h"
#include "jielian/net/net.h"
#include "jielian/store/devices.h"
#include "jielian/sync/chain.h"

#include <inttypes.h>
#include <string.h>

static int64_t now_ms(const struct jl_district *district) {
    return district->clock.wall_ms(district->clock.context);
}

/* ---- Invitations ---- */

static enum jl_rc next_invitation(struct jl_district *district, uint32_t *out_number,
                                  struct jl_err *err) {
    JL_AUTO(jl_admissions) log = {0};
    uint32_t highest = 0;
    enum jl_rc rc = jl_admit_load(district, &log, err);
    if (rc == JL_OK) {
        rc = jl_roster_highest(district, JL_NUMBER_INVITATION, &highest, err);
    }
    *out_number = jl_admissions_next(&log, JL_NUMBER_INVITATION, highest);
    return rc == JL_OK && *out_number >= JL_INVITATIONS_MAX
               ? jl_fault_at(err, JL_LIMIT, JL_FAULT_INVITATIONS_FULL, "%d",
                             (int)JL_INVITATIONS_MAX - 1)
               : rc;
}

enum jl_rc jl_enrol_invite(struct jl_district *district, const struct jl_office_entry *office,
                           const char *endpoint, int64_t valid_ms, struct jl_buf *out_text,
                           struct jl_err *err) {
    if (office == NULL) {
        return jl_fault(err, JL_NOT_FOUND, JL_FAULT_OFFICE_UNKNOWN);
    }
    struct jl_invitation invitation = {.office = office->number,
                                       .expires_ms = now_ms(district) + valid_ms};
    JL_AUTO(jl_invitation_text)
    text = {.suite = district->keys.suite, .expires_ms = invitation.expires_ms};
    if (strlen(endpoint) >= sizeof text.endpoint || strncmp(endpoint, "tcp://", 6) != 0) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_ENDPOINT_FORM, "%zu", sizeof text.endpoint - 1);
    }
    memcpy(text.endpoint, endpoint, strlen(endpoint) + 1);
    memcpy(text.office_code, office->code, sizeof text.office_code);
    memcpy(text.office_name, office->name, sizeof text.office_name);
    enum jl_rc rc = jl_curve_public(&district->keys.curve, text.district_public, err);
    if (rc == JL_OK) {
        rc = jl_curve_keypair(invitation.curve_public, &text.secret, err);
    }
    if (rc == JL_OK) {
        rc = jl_invitation_encode(&text, out_text, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_begin(district, true, NULL, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = next_invitation(district, &invitation.number, err);
    if (rc == JL_OK) {
        rc = jl_devices_put_invitation(district->books->store, &invitation, err);
    }
    if (rc == JL_OK) {
        rc = jl_admit_note(district, err);
    }
    if (rc != JL_OK) {
        jl_district_rollback(district);
        return rc;
    }
    return jl_district_commit(district, err);
}

static enum jl_rc find_invitation(struct jl_district *district,
                                  const uint8_t curve_public[static 32],
                                  struct jl_invitation *out_invitation, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_invitation *list = NULL;
    size_t count = 0;
    enum jl_rc rc = jl_devices_invitations(district->books->store, &arena, &list, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        if (memcmp(list[i].curve_public, curve_public, 32) == 0) {
            *out_invitation = list[i];
            return JL_OK;
        }
    }
    return rc == JL_OK ? jl_fault_at(err, JL_NOT_FOUND, JL_SAY_INVITATION_UNKNOWN, "%s",
                                     "this invitation is not ours")
                       : rc;
}

enum jl_rc jl_enrol_invited(struct jl_district *district, const uint8_t curve_public[static 32],
                            bool *out_invited, struct jl_err *err) {
    struct jl_invitation invitation;
    enum jl_rc rc = find_invitation(district, curve_public, &invitation, err);
    *out_invited =
        rc == JL_OK && invitation.used_ms == 0 && now_ms(district) < invitation.expires_ms;
    return rc == JL_NOT_FOUND ? JL_OK : rc;
}

static bool same_key(const struct jl_device *device, const struct jl_enrol *enrol) {
    return device->suite == enrol->suite &&
           memcmp(device->sign_public, enrol->sign_public, sizeof device->sign_public) == 0;
}

/* A number that the log has for these keys and the books have not was given and not committed. */
static enum jl_rc device_number(struct jl_district *district, const struct jl_enrol *enrol,
                                uint32_t office, uint32_t *out_number, struct jl_err *err) {
    JL_AUTO(jl_admissions) log = {0};
    uint32_t highest = 0;
    enum jl_rc rc = jl_admit_load(district, &log, err);
    if (rc == JL_OK) {
        rc = jl_roster_highest(district, JL_NUMBER_DEVICE, &highest, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_given_device *given = jl_admissions_keyed(&log, enrol->curve_public);
    if (given != NULL && given->is.office == office && given->is.state != JL_DEVICE_REVOKED &&
        same_key(&given->is, enrol) && jl_roster_device(district, given->is.number) == NULL) {
        *out_number = given->is.number;
        return JL_OK;
    }
    *out_number = jl_admissions_next(&log, JL_NUMBER_DEVICE, highest);
    return *out_number < JL_DEVICES_MAX
               ? JL_OK
               : jl_fault_at(err, JL_LIMIT, JL_FAULT_DEVICES_FULL, "%d", JL_DEVICES_MAX - 1);
}

static enum jl_rc add_device(struct jl_district *district, const struct jl_invitation *invitation,
                             const struct jl_enrol *enrol, uint32_t *out_number,
                             struct jl_err *err) {
    struct jl_device device = {.office = invitation->office, .state = JL_DEVICE_ACTIVE};
    enum jl_rc rc = device_number(district, enrol, invitation->office, &device.number, err);
    if (rc != JL_OK) {
        return rc;
    }
    memcpy(device.curve_public, enrol->curve_public, 32);
    device.suite = district->keys.suite->number;
    device.sign_public_bytes = (uint32_t)district->keys.suite->sign->public_bytes;
    memcpy(device.sign_public, enrol->sign_public, sizeof device.sign_public);
    size_t size = enrol->name.size < sizeof device.name ? enrol->name.size : sizeof device.name - 1;
    if (size > 0) {
        memcpy(device.name, enrol->name.data, size);
    }
    *out_number = device.number;
    return jl_devices_put(district->books->store, &device, err);
}

static enum jl_rc tell_enrolled(struct jl_district *district, const struct jl_device *device,
                                struct jl_enrolled *out_enrolled, struct jl_err *err) {
    const struct jl_office_entry *office = jl_roster_office(district, device->office);
    if (office == NULL) {
        return jl_fault_at(err, JL_DENIED, JL_SAY_INVITATION_OFFICE, "%s",
                           "the invitation's office is gone; ask for a new one");
    }
    *out_enrolled = (struct jl_enrolled){.device = device->number,
                                         .office = device->office,
                                         .office_code = jl_bytes_text(office->code),
                                         .office_name = jl_bytes_text(office->name),
                                         .proof_key = district->keys.proof};
    return JL_OK;
}

static bool is_of(const struct jl_device *device, const struct jl_enrol *enrol) {
    return device != NULL && memcmp(device->curve_public, enrol->curve_public, 32) == 0 &&
           same_key(device, enrol);
}

/* May this device, which is known, go on under its number? */
static enum jl_rc check_known(const struct jl_device *known, const struct jl_enrol *enrol,
                              struct jl_err *err) {
    if (!is_of(known, enrol)) {
        return jl_fault_at(err, JL_DENIED, JL_SAY_OTHER_KEY, "%s",
                           "this PC's key is enrolled with another signing key");
    }
    return known->state != JL_DEVICE_REVOKED
               ? JL_OK
               : jl_fault_at(err, JL_DENIED, JL_SAY_PC_REVOKED, "%s",
                             "this PC was revoked; join in a new folder");
}

/* Before anything is changed: a PC that joins again keeps to its office, by number. */
static enum jl_rc check_office(const struct jl_invitation *invitation, const struct jl_enrol *enrol,
                               struct jl_err *err) {
    return enrol->office == 0 || enrol->office == invitation->office
               ? JL_OK
               : jl_fault_at(err, JL_DENIED, JL_SAY_OTHER_OFFICE, "%" PRIu32 ", %" PRIu32,
                             enrol->office, invitation->office);
}

/* A new invitation is used up: by a device that is known and keeps its number, or by a new one. */
static enum jl_rc use_invitation(struct jl_district *district, struct jl_invitation *invitation,
                                 const struct jl_enrol *enrol, struct jl_err *err) {
    const struct jl_device *known = jl_roster_device_keyed(district, enrol->curve_public);
    enum jl_rc rc = known != NULL ? check_known(known, enrol, err) : JL_OK;
    if (rc == JL_OK && known != NULL && known->office != invitation->office) {
        rc = jl_fault_at(err, JL_DENIED, JL_SAY_PC_ELSEWHERE, "%s",
                         "this PC is another office's; join in a new folder");
    }
    if (rc == JL_OK && known != NULL) {
        invitation->device = known->number;
    } else if (rc == JL_OK) {
        rc = add_device(district, invitation, enrol, &invitation->device, err);
    }
    if (rc == JL_OK) {
        invitation->used_ms = now_ms(district);
        rc = jl_devices_put_invitation(district->books->store, invitation, err);
    }
    if (rc == JL_OK) {
        rc = jl_roster_load(district, err);
    }
    if (rc == JL_OK) {
        rc = jl_admit_serve(district, err);
    }
    return rc == JL_OK ? jl_admit_note(district, err) : rc;
}

enum jl_rc jl_enrol_device(struct jl_district *district, const uint8_t invitation_public[static 32],
                           const struct jl_enrol *enrol, struct jl_enrolled *out_enrolled,
                           struct jl_err *err) {
    struct jl_invitation invitation;
    uint8_t text[JL_CHAIN_ENROL_TEXT_MAX_BYTES];
    const struct jl_suite *suite = district->keys.suite;
    if (enrol->suite != suite->number) {
        return jl_district_suite_needed(district, err);
    }
    const struct jl_device *self = jl_roster_device_keyed(district, invitation_public);
    enum jl_rc rc =
        self == NULL ? find_invitation(district, invitation_public, &invitation, err) : JL_OK;
    if (rc != JL_OK) {
        return rc == JL_NOT_FOUND ? JL_DENIED : rc;
    }
    size_t size = jl_chain_enrol_text(suite, enrol->curve_public, enrol->sign_public,
                                      invitation_public, text);
    rc = jl_signer_verify(suite, enrol->sign_public, jl_bytes(text, size), enrol->signature, err);
    if (rc == JL_DENIED) {
        rc = jl_fault_at(err, rc, JL_SAY_ENROL_SIGNATURE, "%s", "the signature does not fit");
    }
    if (rc == JL_OK) {
        rc = self != NULL ? check_known(self, enrol, err) : check_office(&invitation, enrol, err);
    }
    if (rc != JL_OK || self != NULL) {
        return rc == JL_OK ? tell_enrolled(district, self, out_enrolled, err) : rc;
    }
    const struct jl_device *made =
        invitation.used_ms != 0 ? jl_roster_device(district, invitation.device) : NULL;
    if (is_of(made, enrol) && made->state != JL_DEVICE_REVOKED) {
        /* The same device asks again: the answer was lost on the way. */
        return tell_enrolled(district, made, out_enrolled, err);
    }
    if (invitation.used_ms != 0) {
        return jl_fault_at(err, JL_DENIED, JL_SAY_INVITATION_USED, "%s",
                           "this invitation was used already; ask for a new one");
    }
    if (now_ms(district) >= invitation.expires_ms) {
        struct jl_clock_state clock;
        jl_clock_check(district, &clock);
        bool trusted = jl_clock_check_trusted(&clock);
        return jl_fault_at(
            err, JL_DENIED, trusted ? JL_SAY_INVITATION_EXPIRED : JL_SAY_CLOCK_WRONG, "%s",
            trusted ? "this invitation has expired; ask for a new one"
                    : "区总工会服务器的时钟不对，按它这份邀请已过期，请先校准服务器时间 / by the "
                      "district's clock this invitation has expired, and that clock is wrong: have "
                      "the server's time set right first");
    }
    rc = use_invitation(district, &invitation, enrol, err);
    return rc == JL_OK ? tell_enrolled(district, jl_roster_device(district, invitation.device),
                                       out_enrolled, err)
                       : rc;
}
