/* What happens to frames, machines and clocks. */
#include "sim.h"

#include <string.h>

const char *const sim_fault_names[SIM_FAULTS] = {
    [SIM_LOST] = "lost",
    [SIM_DOUBLED] = "doubled",
    [SIM_REORDERED] = "reordered",
    [SIM_CUT] = "cut",
    [SIM_HANG_UP] = "hang_up",
    [SIM_DEVICE_CRASH] = "device_crash",
    [SIM_DISTRICT_CRASH] = "district_crash",
    [SIM_RESTORE] = "restore",
    [SIM_PUT_BACK] = "put_back",
    [SIM_CLONE] = "clone",
    [SIM_CLOCK] = "clock",
};

enum { CLONES_MAX = 2 };

static void note(struct sim *sim, enum sim_fault fault, const struct world_device *device) {
    sim->out->tally.faults[fault]++;
    if (device != NULL) {
        sim_trace(sim, "%s, device %zu", sim_fault_names[fault],
                  (size_t)(device - sim->world.devices));
    } else {
        sim_trace(sim, "%s", sim_fault_names[fault]);
    }
}

void sim_fault_frame(struct sim *sim) {
    struct world_device *device = sim_any_device(sim);
    bool up = sim_draw(sim, 2) == 0;
    struct world_frame *queue = up ? device->outbox : device->inbox;
    size_t *count = up ? &device->outbox_count : &device->inbox_count;
    uint64_t what = sim_draw(sim, 4);
    if (*count == 0) {
        return;
    }
    size_t at = (size_t)sim_draw(sim, *count);
    struct jl_err err;
    if (what == 0) {
        jl_buf_fini(&queue[at].bytes);
        memmove(queue + at, queue + at + 1, (--*count - at) * sizeof *queue);
        note(sim, SIM_LOST, device);
    } else if (what == 1 && *count < WORLD_QUEUE_MAX - 8) {
        queue[*count] = (struct world_frame){0};
        JL_ASSERT(jl_buf_put(&queue[*count].bytes, queue[at].bytes.data, queue[at].bytes.size,
                             &err) == JL_OK);
        ++*count;
        note(sim, SIM_DOUBLED, device);
    } else if (what == 2) {
        struct world_frame first = queue[0];
        queue[0] = queue[at];
        queue[at] = first;
        note(sim, SIM_REORDERED, device);
    } else {
        queue[at].bytes.size = (size_t)sim_draw(sim, queue[at].bytes.size + 1);
        note(sim, SIM_CUT, device);
    }
}

static void put_back(struct sim *sim, struct world_device *device) {
    size_t number = (size_t)(device - sim->world.devices);
    if (!sim->kept[number]) {
        world_keep_device(device);
        sim->kept[number] = true;
        sim_trace(sim, "keep device %zu", number);
        return;
    }
    world_put_back_device(device);
    note(sim, SIM_PUT_BACK, device);
}

static void restore(struct sim *sim) {
    if (!sim->backed_up) {
        world_backup(&sim->world);
        sim->backed_up = true;
        sim_trace(sim, "backup");
    } else if (!sim->restored) {
        world_restore(&sim->world);
        sim->restored = true;
        note(sim, SIM_RESTORE, NULL);
    }
}

void sim_fault_big(struct sim *sim) {
    struct world_device *device = sim_any_device(sim);
    uint64_t what = sim_draw(sim, 40);
    if (what < 10) {
        world_hang_up(device);
        note(sim, SIM_HANG_UP, device);
    } else if (what < 20) {
        world_reopen_device(device);
        note(sim, SIM_DEVICE_CRASH, device);
    } else if (what < 26) {
        world_crash_district(&sim->world);
        note(sim, SIM_DISTRICT_CRASH, NULL);
    } else if (what < 29) {
        restore(sim);
    } else if (what < 32) {
        put_back(sim, device);
    } else if (what < 33 && sim->out->tally.faults[SIM_CLONE] < CLONES_MAX) {
        world_clone(device);
        note(sim, SIM_CLONE, device);
    } else {
        world_pass(&sim->world, (int64_t)sim_draw(sim, 100000) - 20000);
        note(sim, SIM_CLOCK, NULL);
    }
}
