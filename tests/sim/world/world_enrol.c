/* Invitations, and PCs that enrol with them at any time. */
#include "world_internal.h"

#include "client/books/salvage.h"
#include "server/books/enrol.h"

#include "jielian/base/assert.h"
#include "jielian/base/file.h"
#include "jielian/crypto/invitation.h"
#include "jielian/crypto/random.h"
#include "jielian/crypto/signer.h"
#include "jielian/net/net.h"
#include "jielian/sync/chain.h"

#include <string.h>

enum jl_rc world_invite(struct world *world, uint32_t office, int64_t valid_ms,
                        struct world_invitation *out_invitation, struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    struct jl_invitation_text read = {0};
    *out_invitation = (struct world_invitation){.office = office};
    enum jl_rc rc = jl_enrol_invite(world->district, jl_roster_office(world->district, office),
                                    "tcp://127.0.0.1:1", valid_ms, &text, err);
    if (rc == JL_OK) {
        rc = jl_invitation_decode(jl_buf_bytes(&text), &read, err);
    }
    if (rc == JL_OK) {
        rc = jl_curve_public(&read.secret, out_invitation->curve_public, err);
        out_invitation->expires_ms = read.expires_ms;
        out_invitation->suite = read.suite;
    }
    jl_invitation_text_fini(&read);
    return rc;
}

static void make_keys(const struct jl_suite *suite, struct jl_keys *keys,
                      uint8_t curve_public[static 32]) {
    keys->suite = suite;
    MUST(jl_random(keys->data.bytes, sizeof keys->data.bytes, &err));
    MUST(jl_curve_keypair(curve_public, &keys->curve, &err));
    MUST(jl_signer_keypair(suite, keys->sign_public, &keys->sign, &err));
}

static void make_request(const struct jl_keys *keys, const struct world_invitation *invitation,
                         struct jl_enrol *out_request) {
    uint8_t text[JL_CHAIN_ENROL_TEXT_MAX_BYTES];
    JL_AUTO_PTR(jl_signer) signer = NULL;
    MUST(jl_curve_public(&keys->curve, out_request->curve_public, &err));
    out_request->suite = keys->suite->number;
    memcpy(out_request->sign_public, keys->sign_public, sizeof out_request->sign_public);
    size_t size = jl_chain_enrol_text(keys->suite, out_request->curve_public,
                                      out_request->sign_public, invitation->curve_public, text);
    MUST(jl_signer_new(keys->suite, &keys->sign, &signer, &err));
    MUST(jl_signer_sign(signer, jl_bytes(text, size), out_request->signature, &err));
}

static enum jl_rc enrol(struct world *world, const struct world_invitation *invitation,
                        struct jl_keys *keys, struct jl_identity *out_identity,
                        struct jl_err *err) {
    struct jl_enrol request = {0};
    struct jl_enrolled enrolled;
    make_request(keys, invitation, &request);
    enum jl_rc rc = jl_district_begin(world->district, true, NULL, err);
    if (rc == JL_OK) {
        rc = jl_enrol_device(world->district, invitation->curve_public, &request, &enrolled, err);
    }
    if (rc != JL_OK) {
        jl_district_rollback(world->district);
        return rc;
    }
    rc = jl_district_commit(world->district, err);
    keys->proof = enrolled.proof_key;
    *out_identity = (struct jl_identity){.device = enrolled.device, .office = enrolled.office};
    snprintf(out_identity->code, sizeof out_identity->code, "%s", "X");
    snprintf(out_identity->name, sizeof out_identity->name, "%s", "X街道总工会");
    snprintf(out_identity->endpoint, sizeof out_identity->endpoint, "tcp://127.0.0.1:1");
    return rc;
}

enum jl_rc world_enrol_keys(struct world *world, const struct world_invitation *invitation,
                            struct jl_keys *out_keys, struct jl_identity *out_identity,
                            struct jl_err *err) {
    uint8_t curve_public[32];
    make_keys(invitation->suite, out_keys, curve_public);
    return enrol(world, invitation, out_keys, out_identity, err);
}

/* The first download, into a file that is renamed when it is proven. */
static void bootstrap(struct world_device *device, const struct jl_keys *keys,
                      const struct jl_identity *identity) {
    MUST(jl_file_make_folder(device->folder, &err));
    MUST(jl_keys_save(device->folder, keys, jl_bytes(NULL, 0), &err));
    MUST(jl_office_create(device->folder, keys, identity, &err));
    JL_ASSERT(world_open_device(device, true));
    if (!world_sync(device)) {
        const struct jl_err late = {0};
        world_break(device->world, "the first download did not end in a proof", JL_BUSY, &late);
        return;
    }
    MUST(jl_office_settle(&device->office, &err));
    JL_ASSERT(world_open_device(device, false));
}

enum jl_rc world_enrol(struct world *world, const struct world_invitation *invitation,
                       struct world_device **out_device, struct jl_err *err) {
    struct jl_keys keys = {0};
    uint8_t curve_public[32];
    struct jl_identity identity;
    JL_ASSERT(world->device_count < WORLD_DEVICES_MAX);
    *out_device = NULL;
    make_keys(invitation->suite, &keys, curve_public);
    enum jl_rc rc = enrol(world, invitation, &keys, &identity, err);
    if (rc == JL_OK) {
        struct world_device *device = &world->devices[world->device_count];
        *device = (struct world_device){.world = world,
                                        .time.world = world,
                                        .number = identity.device,
                                        .office_number = identity.office};
        memcpy(device->curve_public, curve_public, sizeof curve_public);
        world_device_folder(device, ++world->device_count);
        bootstrap(device, &keys, &identity);
        *out_device = device;
    }
    jl_keys_fini(&keys);
    return rc;
}

enum jl_rc world_rejoin(struct world_device *device, const struct world_invitation *invitation,
                        struct jl_err *err) {
    struct world *world = device->world;
    struct jl_keys keys = device->office->keys;
    struct jl_identity identity;
    enum jl_rc rc = enrol(world, invitation, &keys, &identity, err);
    if (rc == JL_OK) {
        JL_ASSERT(identity.office == device->office_number);
        JL_ASSERT(jl_secret_equal(&keys.proof, &device->office->keys.proof));
        rc = jl_office_rejoin(device->office, &identity, err);
    }
    if (rc == JL_OK) {
        rc = jl_identity_keep(device->folder, &identity, &device->office->keys, err);
    }
    for (size_t i = 0; rc == JL_OK && i < world->device_count; i++) {
        struct world_device *each = &world->devices[i];
        if (world_copies(each, device)) {
            each->number = identity.device;
            world_hang_up(each);
        }
    }
    jl_keys_fini(&keys);
    return rc;
}

struct world_device *world_join(struct world *world, uint32_t office) {
    enum { VALID_MS = 1000 };
    struct world_invitation invitation;
    struct world_device *device = NULL;
    MUST(world_invite(world, office, VALID_MS, &invitation, &err));
    MUST(world_enrol(world, &invitation, &device, &err));
    return device;
}
