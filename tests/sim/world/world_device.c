/* Enrolling, copying and putting back devices. */
#include "client/books/save.h"
#include "world_internal.h"

#include "jielian/base/assert.h"
#include "jielian/base/file.h"
#include "jielian/base/path.h"
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
    device->desk.save = jl_save_changes;
    device->desk.decode = jl_wire_op_decode;
    device->desk.save_context = device->office;
    device->desk.merged = jl_office_merged;
    device->desk.merges = true;
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

bool world_copies(const struct world_device *a, const struct world_device *b) {
    return memcmp(a->curve_public, b->curve_public, sizeof a->curve_public) == 0;
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
    memcpy(copy->curve_public, device->curve_public, sizeof copy->curve_public);
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
