/* Offices, invitations, devices and what they say of themselves. */
#include "clock_check.h"
#include "district_internal.h"

#include "jielian/crypto/invitation.h"
#include "jielian/net/net.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int64_t now_ms(const struct jl_district *district) {
    return district->clock.wall_ms(district->clock.context);
}

/* ---- Offices ---- */

static enum jl_rc put_field(struct jl_row *row, const struct jl_type *type, const char *name,
                            struct jl_value value, struct jl_arena *arena, struct jl_err *err) {
    const struct jl_field *field = jl_type_field_named(type, name);
    JL_ASSERT(field != NULL);
    return jl_row_set(row, field->number, &value, arena, err);
}

static bool code_fits(const char *code) {
    size_t size = strlen(code);
    return size >= 1 && size <= 16 && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == size;
}

static uint32_t next_office_number(const struct jl_district *district) {
    uint32_t highest = 0;
    for (size_t i = 0; i < district->office_count; i++) {
        highest = district->offices[i].number > highest ? district->offices[i].number : highest;
    }
    return highest + 1;
}

enum jl_rc jl_district_office_add(struct jl_district *district, const char *code, const char *name,
                                  struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    const struct jl_type *type = jl_books_layout(district->books, JL_TYPE_OFFICE)->type;
    struct jl_change change = {.kind = JL_OP_CREATE, .after = {.type = JL_TYPE_OFFICE}};
    if (!code_fits(code)) {
        return jl_fail(err, JL_MISUSE,
                       "an office code is 1 to 16 of A-Z, 0-9 and -, for example GD");
    }
    if (strlen(name) == 0 || strlen(name) >= sizeof district->offices->name) {
        return jl_fail(err, JL_MISUSE, "an office name has 1 to %zu bytes",
                       sizeof district->offices->name - 1);
    }
    if (jl_district_office_coded(district, code) != NULL) {
        return jl_fail(err, JL_CONFLICT, "office %s exists already", code);
    }
    uint32_t number = next_office_number(district);
    if (number >= JL_OFFICES_MAX) {
        return jl_fail(err, JL_LIMIT, "a district has at most %d offices", JL_OFFICES_MAX - 1);
    }
    enum jl_rc rc = put_field(&change.after, type, "number", jl_value_int(number), &arena, err);
    if (rc == JL_OK) {
        rc = put_field(&change.after, type, "code", jl_value_cstr(code), &arena, err);
    }
    if (rc == JL_OK) {
        rc = put_field(&change.after, type, "name", jl_value_cstr(name), &arena, err);
    }
    if (rc == JL_OK) {
        rc = jl_row_natural_id(district->books->hasher, type, &change.after, &change.after.id, err);
    }
    return rc == JL_OK ? jl_district_save(district, NULL, &change, 1, err) : rc;
}

/* ---- Invitations ---- */

static enum jl_rc next_invitation(struct jl_district *district, uint32_t *out_number,
                                  struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_invitation *list = NULL;
    size_t count = 0;
    enum jl_rc rc = jl_store_invitations(district->books->store, &arena, &list, &count, err);
    *out_number = 1;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        *out_number = list[i].number >= *out_number ? list[i].number + 1 : *out_number;
    }
    return rc;
}

enum jl_rc jl_district_invite(struct jl_district *district, const struct jl_office_entry *office,
                              const char *endpoint, int64_t valid_ms, struct jl_buf *out_text,
                              struct jl_err *err) {
    if (office == NULL) {
        return jl_fail(err, JL_NOT_FOUND, "there is no such office; see `office list`");
    }
    struct jl_invitation invitation = {.office = office->number,
                                       .expires_ms = now_ms(district) + valid_ms};
    JL_AUTO(jl_invitation_text) text = {.expires_ms = invitation.expires_ms};
    if (strlen(endpoint) >= sizeof text.endpoint || strncmp(endpoint, "tcp://", 6) != 0) {
        return jl_fail(err, JL_MISUSE,
                       "the endpoint must look like tcp://192.168.1.10:7800 (at most %zu bytes)",
                       sizeof text.endpoint - 1);
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
        rc = jl_store_invitation_put(district->books->store, &invitation, err);
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
    enum jl_rc rc = jl_store_invitations(district->books->store, &arena, &list, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        if (memcmp(list[i].curve_public, curve_public, 32) == 0) {
            *out_invitation = list[i];
            return JL_OK;
        }
    }
    return rc == JL_OK ? jl_fail(err, JL_NOT_FOUND, "this invitation is not ours") : rc;
}

enum jl_rc jl_district_invited(struct jl_district *district, const uint8_t curve_public[static 32],
                               bool *out_invited, struct jl_err *err) {
    struct jl_invitation invitation;
    enum jl_rc rc = find_invitation(district, curve_public, &invitation, err);
    *out_invited =
        rc == JL_OK && invitation.used_ms == 0 && now_ms(district) < invitation.expires_ms;
    return rc == JL_NOT_FOUND ? JL_OK : rc;
}

static enum jl_rc add_device(struct jl_district *district, const struct jl_invitation *invitation,
                             const struct jl_enrol *enrol, uint32_t *out_number,
                             struct jl_err *err) {
    struct jl_device device = {
        .number = 1, .office = invitation->office, .state = JL_DEVICE_ACTIVE};
    for (size_t i = 0; i < district->device_count; i++) {
        if (district->devices[i].number >= device.number) {
            device.number = district->devices[i].number + 1;
        }
    }
    if (device.number >= JL_DEVICES_MAX) {
        return jl_fail(err, JL_LIMIT, "a district has at most %d devices", JL_DEVICES_MAX - 1);
    }
    memcpy(device.curve_public, enrol->curve_public, 32);
    memcpy(device.sign_public, enrol->sign_public, 32);
    size_t size = enrol->name.size < sizeof device.name ? enrol->name.size : sizeof device.name - 1;
    if (size > 0) {
        memcpy(device.name, enrol->name.data, size);
    }
    *out_number = device.number;
    return jl_store_device_put(district->books->store, &device, err);
}

static enum jl_rc tell_enrolled(struct jl_district *district, const struct jl_device *device,
                                struct jl_enrolled *out_enrolled, struct jl_err *err) {
    const struct jl_office_entry *office = jl_district_office(district, device->office);
    if (office == NULL) {
        return jl_fail(err, JL_DENIED, "the invitation's office is gone; ask for a new one");
    }
    *out_enrolled = (struct jl_enrolled){.device = device->number,
                                         .office = device->office,
                                         .office_code = jl_bytes_text(office->code),
                                         .office_name = jl_bytes_text(office->name),
                                         .proof_key = district->keys.proof};
    return JL_OK;
}

enum jl_rc jl_district_enrol(struct jl_district *district,
                             const uint8_t invitation_public[static 32],
                             const struct jl_enrol *enrol, struct jl_enrolled *out_enrolled,
                             struct jl_err *err) {
    struct jl_invitation invitation;
    uint8_t text[JL_ENROL_TEXT_BYTES];
    enum jl_rc rc = find_invitation(district, invitation_public, &invitation, err);
    if (rc != JL_OK) {
        return rc == JL_NOT_FOUND ? JL_DENIED : rc;
    }
    jl_enrol_text(enrol->curve_public, enrol->sign_public, invitation_public, text);
    rc = jl_verify(enrol->sign_public, jl_bytes(text, sizeof text), enrol->signature, err);
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_device *made =
        invitation.used_ms != 0 ? jl_district_device(district, invitation.device) : NULL;
    if (made != NULL && made->state == JL_DEVICE_ACTIVE &&
        memcmp(made->curve_public, enrol->curve_public, 32) == 0 &&
        memcmp(made->sign_public, enrol->sign_public, 32) == 0) {
        /* The same device asks again: the answer was lost on the way. */
        return tell_enrolled(district, made, out_enrolled, err);
    }
    if (invitation.used_ms != 0) {
        return jl_fail(err, JL_DENIED, "this invitation was used already; ask for a new one");
    }
    if (now_ms(district) >= invitation.expires_ms) {
        struct jl_clock_state clock;
        jl_clock_check(district, &clock);
        return jl_fail(
            err, JL_DENIED, "%s",
            jl_clock_check_trusted(&clock)
                ? "this invitation has expired; ask for a new one"
                : "区总工会服务器的时钟不对，按它这份邀请已过期，请先校准服务器时间 / by the "
                  "district's clock this invitation has expired, and that clock is "
                  "wrong: have the server's time set right first");
    }
    if (jl_district_device_keyed(district, enrol->curve_public) != NULL) {
        return jl_fail(err, JL_DENIED, "this device's key is enrolled already");
    }
    rc = add_device(district, &invitation, enrol, &invitation.device, err);
    if (rc == JL_OK) {
        invitation.used_ms = now_ms(district);
        rc = jl_store_invitation_put(district->books->store, &invitation, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_load_tables(district, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    return tell_enrolled(district, jl_district_device(district, invitation.device), out_enrolled,
                         err);
}

/* ---- Devices ---- */

struct jl_device *jl_district_device_of(struct jl_district *district, uint32_t number) {
    for (size_t i = 0; i < district->device_count; i++) {
        if (district->devices[i].number == number) {
            return &district->devices[i];
        }
    }
    return NULL;
}

enum jl_rc jl_district_device_state(struct jl_district *district, uint32_t number,
                                    enum jl_device_state state, struct jl_err *err) {
    enum jl_rc rc = jl_district_begin(district, true, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_device *device = jl_district_device_of(district, number);
    if (device == NULL) {
        rc =
            jl_fail(err, JL_NOT_FOUND, "there is no device %" PRIu32 "; see `device list`", number);
    } else if (device->state == JL_DEVICE_REVOKED && state != JL_DEVICE_REVOKED) {
        rc = jl_fail(err, JL_DENIED, "device %" PRIu32 " is revoked for good; invite it anew",
                     number);
    } else {
        device->state = state;
        rc = jl_store_device_put(district->books->store, device, err);
    }
    if (rc != JL_OK) {
        jl_district_rollback(district);
        return rc;
    }
    return jl_district_commit(district, err);
}
