/* What happens to frames and connections. */
#include "sim.h"

#include "jielian/base/assert.h"

#include <string.h>

enum { DELAY_MAX_MS = 90 * 1000 }; /* past every deadline of the session but the longest */

static void lose(struct world_frame *queue, size_t *count, size_t at) {
    jl_buf_fini(&queue[at].bytes);
    memmove(queue + at, queue + at + 1, (--*count - at) * sizeof *queue);
}

static void repeat(struct world_frame *queue, size_t *count, size_t at) {
    struct jl_err err;
    queue[*count] = (struct world_frame){0};
    JL_ASSERT(jl_buf_put(&queue[*count].bytes, queue[at].bytes.data, queue[at].bytes.size, &err) ==
              JL_OK);
    ++*count;
}

void sim_fault_frame(struct sim *sim) {
    struct world_device *device = sim_any_device(sim);
    bool up = sim_draw(sim, 2) == 0;
    struct world_frame *queue = up ? device->outbox : device->inbox;
    size_t *count = up ? &device->outbox_count : &device->inbox_count;
    uint64_t what = sim_draw(sim, 6);
    uint64_t which = sim_draw(sim, WORLD_QUEUE_MAX);
    uint64_t much = sim_draw(sim, 1 << 20);
    if (what == 5) {
        sim_forge(sim);
    }
    if (what == 5 || *count == 0) {
        return;
    }
    size_t at = (size_t)(which % *count);
    if (what == 0) {
        lose(queue, count, at);
        sim_note_fault(sim, SIM_LOST, device);
    } else if (what == 1 && *count < WORLD_QUEUE_MAX) {
        repeat(queue, count, at);
        sim_note_fault(sim, SIM_DOUBLED, device);
    } else if (what == 2) {
        struct world_frame first = queue[0];
        queue[0] = queue[at];
        queue[at] = first;
        sim_note_fault(sim, SIM_REORDERED, device);
    } else if (what == 3) {
        queue[at].bytes.size = (size_t)(much % (queue[at].bytes.size + 1));
        sim_note_fault(sim, SIM_CUT, device);
    } else {
        device->held_ms[up ? 0 : 1] = sim->world.now_ms + (int64_t)(much % DELAY_MAX_MS);
        sim_note_fault(sim, SIM_DELAYED, device);
    }
}

/* What was sent before a connection or a program ended may arrive all the same; nobody hears the
 * answers. */
static void arrive(struct sim *sim, struct world_device *device) {
    uint64_t arrives = sim_draw(sim, 4);
    device->held_ms[0] = 0;
    while (!sim_is_away(sim, device) && arrives-- > 0 && device->outbox_count > 0 &&
           device->office != NULL) {
        (void)world_step(device);
    }
}

void sim_fault_link(struct sim *sim) {
    struct world_device *device = sim_any_device(sim);
    bool crash = sim_draw(sim, 2) == 0;
    arrive(sim, device);
    if (crash) {
        world_reopen_device(device);
        sim_note_fault(sim, SIM_DEVICE_CRASH, device);
    } else {
        world_break_link(device, sim_draw(sim, 2) == 0);
        sim_note_fault(sim, SIM_HANG_UP, device);
    }
}
