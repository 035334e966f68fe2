/* Enrolling, copying and putting back devices. */
#include "world_internal.h"

#include "jielian/base/file.h"
#include "jielian/net/net.h"

#include <string.h>

bool world_open_device(struct world_device *device, bool staged) {
    struct jl_err err = {0};
    struct jl_office_options options = {
        .mode = JL_STORE_WRITE, .staged = staged, .clock = world_clock(&device->time)};
    world_at_device(device);
    enum jl_rc rc = jl_office_open(device->folder, &options, &device->office, &err);
    world_at_none(device->world);
    if (rc != JL_OK) {
        device->office = NULL;
        if (!world_passes(device->world, device->disk_full, rc)) {
            world_break(device->world, "starting a device", rc, &err);
        }
        return false;
    }
    jl_session_init(&device->session, (uint64_t)device->number * 77);
    world_desk_init(&device->desk, &device->time, device->office->books);
    device->office->staff = jl_bytes_text("clerk");
    device->desk.staff = device->office->staff;
    device->desk.save = jl_office_save;
    device->desk.save_context = device->office;
    device->desk.owner = device->office_number;
    device->desk.movers = 1u << JL_MOVER_OFFICE | 1u << JL_MOVER_ANY;
    return true;
}

void world_device_folder(struct world_device *device, size_t number) {
    char name[32];
    snprintf(name, sizeof name, "device%zu", number);
    MUST(jl_path_join(device->world->folder, name, device->folder, sizeof device->folder, &err));
}

void world_close_device(struct world_device *device) {
    jl_office_close(device->office);
    device->office = NULL;
    world_drop_queues(device);
    device->origin = 0; /* the connection is gone with the process */
}

void world_reopen_device(struct world_device *device) {
    world_close_device(device);
    (void)world_open_device(device, false); /* without room on its disk world_step tries again */
}

struct world_device *world_clone(struct world_device *device) {
    struct world *world = device->world;
    struct world_device *copy = &world->devices[world->device_count];
    JL_ASSERT(world->device_count < WORLD_DEVICES_MAX);
    world_close_device(device);
    *copy = (struct world_device){.world = world,
                                  .time = device->time,
                                  .number = device->number,
                                  .office_number = device->office_number};
    world_device_folder(copy, ++world->device_count);
    world_copy_folder(device->folder, copy->folder);
    (void)world_open_device(device, false);
    (void)world_open_device(copy, false);
    return copy;
}

static void kept_folder(const struct world_device *device, char *out_path, size_t capacity) {
    snprintf(out_path, capacity, "%.200s.kept", device->folder);
}

void world_keep_device(struct world_device *device) {
    char kept[256];
    kept_folder(device, kept, sizeof kept);
    world_close_device(device);
    world_remove_folder(kept);
    world_copy_folder(device->folder, kept);
    (void)world_open_device(device, false);
}

void world_put_back_device(struct world_device *device) {
    char kept[256];
    kept_folder(device, kept, sizeof kept);
    world_close_device(device);
    world_remove_folder(device->folder);
    world_copy_folder(kept, device->folder);
    (void)world_open_device(device, false);
}

void world_lose(struct world_device *device, size_t count) {
    device->lose = count;
}

static void enrol(struct world_device *device, struct jl_keys *keys,
                  struct jl_identity *out_identity) {
    struct jl_district *district = device->world->district;
    struct jl_invitation invitation = {.number = (uint32_t)device->world->device_count + 1,
                                       .office = device->office_number,
                                       .expires_ms = device->world->now_ms + 1000};
    struct jl_enrol request = {0};
    struct jl_enrolled enrolled;
    uint8_t text[JL_ENROL_TEXT_BYTES];
    JL_AUTO(jl_secret) secret = {0};
    JL_AUTO_PTR(jl_signer) signer = NULL;
    MUST(jl_random(keys->data.bytes, sizeof keys->data.bytes, &err));
    MUST(jl_curve_keypair(request.curve_public, &keys->curve, &err));
    MUST(jl_sign_keypair(keys->sign_public, &keys->sign, &err));
    MUST(jl_curve_keypair(invitation.curve_public, &secret, &err));
    memcpy(request.sign_public, keys->sign_public, 32);
    jl_enrol_text(request.curve_public, request.sign_public, invitation.curve_public, text);
    MUST(jl_signer_new(&keys->sign, &signer, &err));
    MUST(jl_sign(signer, jl_bytes(text, sizeof text), request.signature, &err));
    MUST(jl_district_begin(district, true, NULL, &err));
    MUST(jl_store_invitation_put(district->books->store, &invitation, &err));
    MUST(jl_district_enrol(district, invitation.curve_public, &request, &enrolled, &err));
    MUST(jl_district_commit(district, &err));
    keys->proof = enrolled.proof_key;
    device->number = enrolled.device;
    *out_identity = (struct jl_identity){.device = enrolled.device, .office = enrolled.office};
    snprintf(out_identity->code, sizeof out_identity->code, "%s", "X");
    snprintf(out_identity->name, sizeof out_identity->name, "%s", "X街道总工会");
    snprintf(out_identity->endpoint, sizeof out_identity->endpoint, "tcp://127.0.0.1:1");
}

struct world_device *world_join(struct world *world, uint32_t office) {
    JL_ASSERT(world->device_count < WORLD_DEVICES_MAX);
    struct world_device *device = &world->devices[world->device_count];
    struct jl_keys keys = {0};
    struct jl_identity identity;
    device->world = device->time.world = world;
    device->office_number = office;
    world_device_folder(device, world->device_count + 1);
    enrol(device, &keys, &identity);
    world->device_count++;
    MUST(jl_folder_make(device->folder, &err));
    MUST(jl_keys_save(device->folder, &keys, jl_bytes(NULL, 0), &err));
    MUST(jl_office_create(device->folder, &keys, &identity, &err));
    JL_ASSERT(world_open_device(device, true));
    if (!world_sync(device)) {
        fprintf(stderr, "bootstrap did not end in a proof\n");
        abort();
    }
    MUST(jl_office_settle(&device->office, &err));
    JL_ASSERT(world_open_device(device, false));
    jl_keys_fini(&keys);
    return device;
}
