/* Offices and PCs that come later: an office is added or renamed while everything runs, an operator
 * writes invitations, and somebody uses one in time, too late, or twice. And key files that get
 * beside the books of others. */
#include "server/books/offices.h"
#include "sim.h"
#include "tests/said.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { HOUR_MS = 60 * 60 * 1000 };

uint32_t sim_any_office(struct sim *sim) {
    uint32_t drawn = (uint32_t)sim_draw(sim, sim->offices + sim->offices_added);
    return drawn < sim->offices ? 1 + drawn : sim->added[drawn - sim->offices];
}

bool sim_office_id(struct sim *sim, uint32_t number, struct jl_id *out_id) {
    struct jl_district *district = sim->world.district;
    struct jl_err err = {0};
    /* What could not be read when something failed is read with the next transaction. */
    enum jl_rc rc = jl_district_begin(district, false, NULL, &err);
    const struct jl_office_entry *office = rc == JL_OK ? jl_roster_office(district, number) : NULL;
    if (rc == JL_OK) {
        jl_store_rollback(district->books->store);
    }
    if (office == NULL && sim->losses > 0) {
        return false;
    }
    if (office == NULL) {
        return sim_fail(sim, "step %zu: office %" PRIu32 " is gone %s", sim->step, number,
                        err_said(&err));
    }
    *out_id = office->id;
    return true;
}

/* What an operator does at the district's shell. Disks without room are met elsewhere. */
static void done(struct sim *sim, enum sim_action action, enum jl_rc rc, const struct jl_err *err) {
    const struct sim_desk at = {.desk = &sim->world.district_desk};
    sim_done(sim, &at, action, rc, err);
}

/* ---- Offices ---- */

char sim_office_code(size_t added) {
    return (char)('A' + (int)(SIM_OFFICES_MAX + added));
}

static void add_office(struct sim *sim) {
    char code[2] = {sim_office_code(sim->offices_added), '\0'};
    char name[64];
    struct jl_err err = {0};
    snprintf(name, sizeof name, "%s街道总工会", code);
    enum jl_rc rc = jl_offices_add(sim->world.district, code, name, NULL, &err);
    done(sim, SIM_OFFICE, rc, &err);
    const struct jl_office_entry *made =
        rc == JL_OK ? jl_roster_office_coded(sim->world.district, code) : NULL;
    if (made != NULL) {
        sim_check_office_number(sim, made->number);
        sim->added[sim->offices_added++] = made->number;
        sim_gave_number(sim);
    }
}

uint32_t sim_office_at(const struct sim *sim, size_t at) {
    return at < SIM_OFFICES_MAX ? (uint32_t)at + 1 : sim->added[at - SIM_OFFICES_MAX];
}

static void rename_office(struct sim *sim) {
    uint32_t office = sim_any_office(sim);
    const struct sim_desk at = {.desk = &sim->world.district_desk};
    char name[64];
    struct jl_assignment assignment = {"name", name};
    struct jl_problems problems;
    struct jl_err err = {0};
    snprintf(name, sizeof name, "第%zu街道总工会", sim->step);
    struct jl_id id;
    if (!sim_office_id(sim, office, &id)) {
        return;
    }
    done(sim, SIM_OFFICE,
         jl_desk_set(at.desk, sim_type(&at, "office"), &id, &assignment, 1, &problems, &err), &err);
}

/* ---- Invitations ---- */

static void invite(struct sim *sim) {
    struct sim_invitation *invitation = &sim->invitations[sim->invitation_count];
    uint32_t office = sim_any_office(sim);
    int64_t valid_ms = (int64_t)sim_draw(sim, 2) == 0 ? HOUR_MS : 400 * 24 * (int64_t)HOUR_MS;
    struct jl_err err = {0};
    if (sim->invitation_count == SIM_INVITATIONS_MAX || !sim_office_again(sim, office)) {
        return;
    }
    enum jl_rc rc = world_invite(&sim->world, office, valid_ms, &invitation->file, &err);
    done(sim, SIM_INVITE, rc, &err);
    if (rc == JL_OK) {
        invitation->losses = sim->losses;
        invitation->used = false;
        sim->invitation_count++;
    }
}

/* A new PC of the office; it begins where its first download ended. */
static void joined(struct sim *sim, const struct world_device *device) {
    sim->joins++;
    sim->oracle.noted[sim_number_of(sim, device)] = device->office->state.head_pos;
    sim_check_device_number(sim, device);
    sim_gave_number(sim);
    sim_note_fault(sim, SIM_ENROL, device);
}

static void join(struct sim *sim) {
    uint64_t which = sim_draw(sim, SIM_INVITATIONS_MAX);
    struct world_device *device = NULL;
    struct jl_err err = {0};
    if (sim->invitation_count == 0 || sim->joins == SIM_JOINS_MAX) {
        return;
    }
    struct sim_invitation *invitation = &sim->invitations[which % sim->invitation_count];
    int64_t district_ms = sim->world.now_ms + sim->world.time.off_ms;
    bool expired = district_ms >= invitation->file.expires_ms;
    bool maybe_lost = invitation->losses != sim->losses;
    enum jl_rc rc = world_enrol(&sim->world, &invitation->file, &device, &err);
    done(sim, SIM_JOIN, rc, &err);
    if (sim->world.broken[0] != '\0') {
        return; /* and says why */
    }
    if (rc == JL_OK && (invitation->used || expired)) {
        sim_fail(sim, "step %zu: a PC enrolled with an invitation that was %s", sim->step,
                 expired ? "expired" : "used");
    } else if (rc == JL_DENIED && !invitation->used && !expired && !maybe_lost) {
        sim_fail(sim, "step %zu: a good invitation was refused: %s", sim->step, err_said(&err));
    } else if (rc == JL_OK) {
        invitation->used = true;
        invitation->used_step = sim->step;
        joined(sim, device);
    }
}

/* ---- Foreign keys ---- */

static void swap_keys(struct sim *sim, struct world_device *device) {
    bool district = sim_draw(sim, 2) == 0;
    struct world_device *other = sim_any_device(sim);
    if (!district && (other->number == device->number || device->office == NULL)) {
        return; /* a copy has the same keys */
    }
    enum jl_rc rc = district ? world_try_foreign_keys(&sim->world, other)
                             : world_try_foreign_device_keys(device, other);
    sim_note_fault(sim, SIM_FOREIGN_KEYS, district ? NULL : device);
    if (rc != JL_DENIED) {
        sim_fail(sim, "step %zu: opening with another's keys: %s", sim->step, jl_rc_name(rc));
    }
}

/* ---- A step ---- */

void sim_office_step(struct sim *sim, struct world_device *device) {
    uint64_t what = sim_draw(sim, 20);
    bool full = sim->world.disk_full || device->disk_full;
    if (full || (what % 2 == 0 && sim_join_again(sim, device))) {
        return;
    }
    if (what < 3 && sim->offices_added < SIM_OFFICES_ADDED_MAX) {
        add_office(sim);
    } else if (what < 5) {
        rename_office(sim);
    } else if (what < 9 || (what < 17 && sim->invitation_count == 0)) {
        invite(sim);
    } else if (what < 17) {
        join(sim);
    } else {
        swap_keys(sim, device);
    }
}
