/* I18, watched all along: no PC drops what the district confirmed before it has met the district on
 * JL_CONFIRMED_KEEP_DAYS days. The PC counts by its own clock and the district's; here days are
 * counted by true time, with a proof on each, and each clock that was set meanwhile may have added
 * one. And I8: none of it is parked, unless its PC sent it again. */
#include "sim.h"
#include "tests/said.h"

#include <inttypes.h>

enum {
    DAY_MS = 24 * 60 * 60 * 1000,
    ZONE_MS = 8 * 60 * 60 * 1000,
    PROOF_STEPS_MAX = 16, /* frames until a PC that has nothing to do has proven itself */
    DAYS_MIN = 20,
    DAYS_MAX = 80,
};

static bool first_kept(struct sim *sim, struct world_device *device, uint64_t *out_pos) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    struct jl_err err = {0};
    if (jl_outbox_range(device->office->books->store, 1, 1, SIZE_MAX, &arena, &entries, &count,
                        &err) != JL_OK) {
        return sim_fail(sim, "an outbox can't be read: %s", err_said(&err));
    }
    *out_pos = count > 0 ? entries[0].pos : UINT64_MAX;
    return true;
}

static bool check_op(struct sim *sim, size_t number, struct sim_op *op, uint64_t first) {
    uint64_t met = sim->keep[number].days;
    uint64_t clocks = sim->out->tally.faults[SIM_CLOCK];
    if (op->trimmed || op->pos >= first) {
        return true;
    }
    if (op->met_at == 0 || met + 1 - op->met_at + clocks < JL_CONFIRMED_KEEP_DAYS) {
        return sim_fail(sim,
                        "I18: step %zu: device %zu dropped the op of step %zu, and met the "
                        "district on %" PRIu64 " days since",
                        sim->step, number, op->step, op->met_at == 0 ? 0 : met + 1 - op->met_at);
    }
    const struct sim_entry *entry = sim_oracle_entry(sim, op->hash);
    if (entry != NULL && entry->verdict == JL_VERDICT_PARKED && !entry->waited &&
        !sim_superseded(sim, op)) {
        return sim_fail(sim, "I8: step %zu: device %zu dropped the op of step %zu, which is parked",
                        sim->step, number, op->step);
    }
    op->trimmed = true;
    sim->out->tally.trimmed++;
    return true;
}

bool sim_keep_note(struct sim *sim, size_t number) {
    struct world_device *device = &sim->world.devices[number];
    struct sim_keep *keep = &sim->keep[number];
    uint64_t first = 0;
    if (device->office == NULL) {
        return true;
    }
    const struct jl_office_state *state = &device->office->state;
    bool proven = state->proven_ms != keep->proven_ms;
    int64_t day = (sim->world.now_ms + ZONE_MS) / DAY_MS;
    if (proven && day != keep->day) {
        keep->day = day;
        keep->days++;
    }
    keep->proven_ms = state->proven_ms;
    bool good = !proven || first_kept(sim, device, &first);
    for (size_t i = 0; good && i < sim->oracle.op_count; i++) {
        struct sim_op *op = &sim->oracle.ops[i];
        if (op->device != number || op->lost || op->off_disk) {
            continue;
        }
        bool confirmed = op->pos <= state->confirmed_pos;
        op->met_at = !confirmed ? 0 : op->met_at == 0 ? keep->days + 1 : op->met_at;
        good = !proven || check_op(sim, number, op, first);
    }
    return good;
}

/* Weeks in which a PC does nothing but meet the district, once or twice a day. */
void sim_work_for_weeks(struct sim *sim) {
    struct world_device *device = sim_any_device(sim);
    uint64_t days = DAYS_MIN + sim_draw(sim, DAYS_MAX - DAYS_MIN);
    uint64_t each = 1 + sim_draw(sim, 2);
    if (device->office == NULL || sim_is_away(sim, device) ||
        world_state(device) != JL_DEVICE_ACTIVE) {
        return;
    }
    for (uint64_t i = 0; i < days * each && !sim_failed(sim); i++) {
        if (i % each == 0) {
            world_pass(&sim->world, DAY_MS);
        } else {
            world_pass(&sim->world, 60000);
        }
        jl_session_prove_again(&device->session);
        for (int k = 0; k < PROOF_STEPS_MAX && device->office != NULL; k++) {
            if (!world_step(device) && world_settled(device)) {
                break;
            }
        }
        (void)sim_keep_note(sim, sim_number_of(sim, device));
    }
    sim_note_fault(sim, SIM_WEEKS, device);
}
