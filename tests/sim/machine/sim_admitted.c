/* What a restore makes of admissions. The log beside the backup is there; or it is what it was when
 * the backup was made, as on a disk that was away; or it is gone. Then (I19)
 *
 *   it is there   every PC that was known is known, under its number; who was revoked, is; every
 *                 office is there; a used invitation stays used (sim_office.c)
 *   it is gone    nobody is let in before an operator says so
 *   always        no number that somebody has is given to another; the account is locked until an
 *                 operator says so, at once or never
 *
 * Whom the district does not know any more joins again with a new invitation, soon or late. An
 * office that only its PCs remember is added with its number. */
#include "jielian/books/meta.h"
#include "server/books/accounts.h"
#include "server/books/offices.h"
#include "sim.h"
#include "tests/said.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { HOUR_MS = 60 * 60 * 1000 };

/* ---- Around a restore ---- */

/* Has a PC greeted this district since it was restored? Until then it may be a rehearsal, and the
 * log beside the backup is left alone (admit.c): what it gave out since goes with its folder. */
static bool in_service(const struct jl_district *district) {
    uint8_t epoch[16];
    return district->restored.at_ms == 0 ||
           (jl_meta_get_bytes(district->books->store, "served", epoch, sizeof epoch, NULL) ==
                JL_OK &&
            memcmp(epoch, district->state.epoch, sizeof epoch) == 0);
}

void sim_admitted_note(struct sim *sim, struct sim_admitted *out_before) {
    if (!in_service(sim->world.district)) {
        sim->losses++;
        sim_trace(sim, "  what was given out since the last restore goes with the folder");
    }
    for (size_t i = 0; i < sim->world.device_count; i++) {
        struct world_device *device = &sim->world.devices[i];
        out_before->known[i] = world_knows(device);
        out_before->revoked[i] = world_state(device) == JL_DEVICE_REVOKED;
    }
}

/* Lost as often as once in four times: most of what a restore must do needs no loss. */
void sim_admitted_lose(struct sim *sim) {
    uint64_t how = sim_draw(sim, 8);
    if (how < 2) {
        sim->log = how == 0 ? SIM_LOG_GONE : SIM_LOG_THEN;
        world_lose_log(&sim->world, how == 0);
    } else if (sim->log != SIM_LOG_GONE) { /* what is gone is gone until the next backup */
        sim->log = SIM_LOG_THERE;
    }
    if (sim->log != SIM_LOG_THERE) {
        sim->losses++;
        sim_trace(sim, "  the admission log is %s",
                  sim->log == SIM_LOG_GONE ? "gone" : "that of the backup");
    }
}

/* What was used, given out or revoked since the backup is forgotten. */
static void forget_since(struct sim *sim) {
    for (size_t i = 0; i < sim->invitation_count; i++) {
        sim->invitations[i].used =
            sim->invitations[i].used && sim->invitations[i].used_step < sim->backup_step;
    }
}

static bool check_device(struct sim *sim, const struct sim_admitted *before, size_t i) {
    struct world_device *device = &sim->world.devices[i];
    bool in = world_knows(device) && world_state(device) == JL_DEVICE_ACTIVE;
    if (sim->log == SIM_LOG_GONE && in) {
        return sim_fail(sim, "I19: device %zu is let in, and the admission log is gone", i);
    }
    if (sim->log != SIM_LOG_THERE) {
        return true;
    }
    if (before->known[i] && !world_knows(device)) {
        return sim_fail(sim, "I19: device %zu is in the admission log, and not known", i);
    }
    if (before->revoked[i] && world_state(device) != JL_DEVICE_REVOKED) {
        return sim_fail(sim, "I19: device %zu was revoked, and is not", i);
    }
    return true;
}

static bool check_account(struct sim *sim) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record *accounts = NULL;
    size_t count = 0;
    struct jl_err err = {0};
    struct jl_district *district = sim->world.district;
    enum jl_rc rc = jl_accounts_locked(district, &arena, &accounts, &count, &err);
    if (rc == JL_OK && count != 1) {
        return sim_fail(sim, "I19: %zu accounts are locked after a restore, not the one", count);
    }
    if (rc == JL_OK && sim->step % 2 == 0 && !sim->world.disk_full) {
        sim_trace(sim, "  the account is confirmed");
        rc = jl_accounts_confirm(district, accounts, count, &err);
    }
    return rc == JL_OK ||
           sim_fail(sim, "step %zu: the account can't be confirmed: %s", sim->step, err_said(&err));
}

bool sim_admitted_check(struct sim *sim, const struct sim_admitted *before) {
    if (sim->log != SIM_LOG_THERE) {
        forget_since(sim);
    }
    for (size_t i = 0; i < sim->world.device_count; i++) {
        if (!check_device(sim, before, i)) {
            return false;
        }
    }
    for (size_t i = 0; i < sim->offices_added; i++) {
        if (sim->log == SIM_LOG_THERE && sim->losses == 0 &&
            jl_roster_office(sim->world.district, sim->added[i]) == NULL) {
            return sim_fail(sim, "I19: office %" PRIu32 " is in the log, and is not there",
                            sim->added[i]);
        }
    }
    return check_account(sim);
}

/* ---- Numbers ---- */

void sim_check_office_number(struct sim *sim, uint32_t number) {
    bool taken = number <= SIM_OFFICES_MAX;
    for (size_t i = 0; i < sim->offices_added; i++) {
        taken = taken || sim->added[i] == number;
    }
    if (taken) {
        sim_fail(sim, "I19: step %zu: office number %" PRIu32 " is given out again", sim->step,
                 number);
    }
}

void sim_check_device_number(struct sim *sim, const struct world_device *device) {
    for (size_t i = 0; i < sim->world.device_count; i++) {
        const struct world_device *other = &sim->world.devices[i];
        if (other != device && other->number == device->number && !world_copies(device, other)) {
            sim_fail(sim, "I19: step %zu: device number %" PRIu32 " is given out again", sim->step,
                     device->number);
        }
    }
}

/* ---- Back in ---- */

static bool full(const struct sim *sim, const struct world_device *device) {
    return sim->world.disk_full || (device != NULL && device->disk_full);
}

/* From here on a log that is gone must not go once more: nothing beside the backup says which
 * numbers were given out. */
void sim_gave_number(struct sim *sim) {
    sim->backed_up = sim->backed_up && sim->log != SIM_LOG_GONE;
}

bool sim_office_again(struct sim *sim, uint32_t number) {
    char code[2] = "";
    char name[64];
    struct jl_err err = {0};
    struct jl_id id;
    if (sim_office_id(sim, number, &id) || sim_failed(sim) || full(sim, NULL)) {
        return !sim_failed(sim) && !full(sim, NULL);
    }
    for (size_t i = 0; i < sim->offices_added; i++) {
        code[0] = sim->added[i] == number ? sim_office_code(i) : code[0];
    }
    snprintf(name, sizeof name, "%s街道总工会", code);
    enum jl_rc rc = jl_offices_add(sim->world.district, code, name, &number, &err);
    if (rc != JL_OK) {
        return sim_fail(sim, "step %zu: office %" PRIu32 " can't be added again: %s", sim->step,
                        number, err_said(&err));
    }
    sim_trace(sim, "office %" PRIu32 " is added with its number", number);
    sim_gave_number(sim);
    return true;
}

bool sim_join_again(struct sim *sim, struct world_device *device) {
    struct world_invitation invitation;
    struct jl_err err = {0};
    if (world_knows(device) || device->office == NULL || full(sim, device) ||
        !sim_office_again(sim, device->office_number)) {
        return false;
    }
    enum jl_rc rc = world_invite(&sim->world, device->office_number, HOUR_MS, &invitation, &err);
    if (rc == JL_OK) {
        rc = world_rejoin(device, &invitation, &err);
    }
    if (rc != JL_OK) {
        return sim_fail(sim, "step %zu: device %zu can't join again: %s", sim->step,
                        sim_number_of(sim, device), err_said(&err));
    }
    sim_note_fault(sim, SIM_REJOIN, device);
    sim_check_device_number(sim, device);
    sim_gave_number(sim);
    return true;
}

void sim_all_join_again(struct sim *sim) {
    for (size_t i = 0; i < sim->offices_added; i++) {
        (void)sim_office_again(sim, sim->added[i]);
    }
    for (size_t i = 0; i < sim->world.device_count; i++) {
        struct world_device *device = &sim->world.devices[i];
        if (!world_knows(device) && device->office == NULL) {
            world_reopen_device(device);
        }
        (void)sim_join_again(sim, device);
    }
}
