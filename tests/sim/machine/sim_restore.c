/* What happens around a restore: backups, PCs that stay away for a while so that others come back
 * first, a second restore before all are back, and the operator who closes it, or never does. And
 * what must hold of ops that wait (I15): each is counted in a case that says so, no case says it of
 * an op that does not wait, and nothing waits once the restore is closed. */
#include "sim.h"

#include "jielian/op/merge.h"
#include "jielian/store/held_ops.h"
#include "jielian/store/journal.h"
#include "jielian/sync/case_id.h"
#include "server/books/entry.h"
#include "server/books/journal.h"
#include "server/books/release.h"
#include "sim_random.h"
#include "tests/said.h"

#include <inttypes.h>
#include <string.h>

enum {
    AWAY_STEPS_MAX = 60,    /* a PC stays away for so many steps */
    RETURN_STEPS_MAX = 400, /* frames and timers of one that comes back alone */
    CASE_OPEN = 1,
};

/* ---- Backups and restores ---- */

static void back_up(struct sim *sim) {
    if (!sim->world.disk_full) {
        world_backup(&sim->world);
        sim->backed_up = true;
        sim->backup_step = sim->step;
        sim->log = SIM_LOG_THERE;
        sim_trace(sim, "backup");
    }
}

/* Each PC hears of it at once, soon or late: so they come back in every order. */
static void send_away(struct sim *sim) {
    for (size_t i = 0; i < sim->world.device_count; i++) {
        bool leaves = sim_draw(sim, 2) == 0;
        size_t steps = (size_t)sim_draw(sim, AWAY_STEPS_MAX);
        sim->away_until[i] = leaves ? sim->step + steps : 0;
    }
}

static void restore(struct sim *sim) {
    struct sim_admitted before;
    if (sim->restores == SIM_RESTORES_MAX || !sim_oracle_before_loss(sim)) {
        return;
    }
    sim_note_promises(sim);
    sim->restores++;
    sim_admitted_note(sim, &before);
    sim_admitted_lose(sim);
    sim_random_set_clock(sim->world.now_ms + sim->world.time.off_ms);
    world_restore(&sim->world);
    sim_random_set_clock(0);
    sim_note_fault(sim, SIM_RESTORE, NULL);
    sim_oracle_forget_journal(sim);
    sim_oracle_after_loss(sim, true);
    (void)sim_admitted_check(sim, &before);
    send_away(sim);
}

void sim_back_up_or_restore(struct sim *sim) {
    bool again = sim_draw(sim, 2) == 0;
    if (!sim->backed_up || again) {
        back_up(sim);
    } else {
        restore(sim);
    }
}

/* ---- Closing ---- */

static bool close_now(struct sim *sim) {
    struct jl_district *district = sim->world.district;
    uint64_t judged = 0;
    struct jl_err err = {0};
    world_at_district(&sim->world);
    bool open = district->holding.open || jl_release_left(district);
    enum jl_rc rc = jl_release_close(district, &judged, &err);
    world_at_none(&sim->world);
    if (rc == JL_OK && open) {
        sim_note_fault(sim, SIM_CLOSE, NULL);
        sim_trace(sim, "  %" PRIu64 " held ops were judged", judged);
    } else if (rc != (open ? JL_OK : JL_CONFLICT) && !(rc == JL_IO && sim->world.disk_full)) {
        sim_fail(sim, "step %zu: closing a restore: %s: %s", sim->step, jl_rc_name(rc),
                 err_said(&err));
    }
    sim->out->tally.released += judged;
    return rc == JL_OK;
}

void sim_close_restore(struct sim *sim) {
    (void)close_now(sim);
}

bool sim_close_at_rest(struct sim *sim) {
    sim_begin_step(sim, sim->plan->steps + 1);
    bool closes = sim_draw(sim, 2) == 0;
    closes = closes && sim->world.district->holding.open;
    return (closes || jl_release_left(sim->world.district)) && close_now(sim);
}

/* ---- Coming back ---- */

bool sim_is_away(const struct sim *sim, const struct world_device *device) {
    return sim->away_until[sim_number_of(sim, device)] > sim->step;
}

static void come_back(struct sim *sim, struct world_device *device) {
    for (int i = 0; i < RETURN_STEPS_MAX && !world_settled(device); i++) {
        if (!world_step(device) && device->office != NULL &&
            device->session.wake_ms > sim->world.now_ms) {
            sim->world.now_ms = device->session.wake_ms;
        }
    }
}

/* When all faults have ended: one after the other in any order, or all at once. */
void sim_come_back(struct sim *sim) {
    size_t order[WORLD_DEVICES_MAX];
    size_t count = sim->world.device_count;
    sim_begin_step(sim, sim->plan->steps + 2);
    bool apart = sim_draw(sim, 2) == 0;
    memset(sim->away_until, 0, sizeof sim->away_until);
    for (size_t i = 0; i < count; i++) {
        size_t at = (size_t)sim_draw(sim, i + 1);
        order[i] = order[at];
        order[at] = i;
    }
    for (size_t i = 0; apart && sim->restores > 0 && i < count; i++) {
        struct world_device *device = &sim->world.devices[order[i]];
        if (world_state(device) == JL_DEVICE_ACTIVE) {
            come_back(sim, device);
        }
    }
}

/* ---- I15 ---- */

struct waiting {
    struct sim *sim;
    size_t count; /* ops that wait, and whose case nobody closed */
    size_t open;  /* cases that say that an op waits */
};

static const struct jl_value *of_case(struct sim *sim, const struct jl_row *row, const char *name) {
    const struct jl_type *type =
        jl_catalogue_type(sim->world.district->books->catalogue, JL_TYPE_CASE);
    return jl_row_get(row, jl_type_field_named(type, name)->number);
}

static bool says(const struct jl_value *value, int64_t number) {
    return value != NULL && value->number == number;
}

static enum jl_rc note_case(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct waiting *waiting = context;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record;
    enum jl_rc rc =
        jl_books_unseal(waiting->sim->world.district->books, stored, &arena, &record, err);
    if (rc == JL_OK && says(of_case(waiting->sim, &record.row, "kind"), JL_CASE_HELD) &&
        says(of_case(waiting->sim, &record.row, "status"), CASE_OPEN)) {
        waiting->open++;
    }
    return rc;
}

/* The case of one op that waits is there, and open unless a person closed it. */
static bool check_one(struct waiting *waiting, const struct jl_held *held, struct jl_arena *arena) {
    struct sim *sim = waiting->sim;
    struct jl_district *district = sim->world.district;
    struct jl_journal_entry entry;
    struct jl_entry_head head;
    struct jl_book_record record = {0};
    struct jl_record_key key = {.type = JL_TYPE_CASE};
    struct jl_err err = {0};
    enum jl_rc rc =
        jl_journal_entry_get(district->books->store, held->journal_seq, arena, &entry, &err);
    if (rc == JL_OK) {
        rc = jl_journal_head_of(district, &entry, &head, &err);
    }
    if (rc == JL_OK) {
        rc = jl_case_id(district->books->hasher, head.incarnation, entry.first_op + held->n,
                        &key.id, &err);
    }
    if (rc == JL_OK) {
        rc = jl_books_load(district->books, &key, 1, arena, &record, &err);
    }
    if (rc != JL_OK || record.head.rid == 0) {
        return sim_fail(sim, "I15: op %" PRIu32 " of entry %" PRIu64 " waits without a case %s",
                        held->n, held->journal_seq, err_said(&err));
    }
    bool open = says(of_case(sim, &record.row, "status"), CASE_OPEN);
    if (open && !says(of_case(sim, &record.row, "kind"), JL_CASE_HELD)) {
        return sim_fail(sim, "I15: the case of an op that waits says something else");
    }
    waiting->count += open ? 1 : 0;
    return true;
}

bool sim_check_held(struct sim *sim) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_district *district = sim->world.district;
    struct waiting waiting = {.sim = sim};
    struct jl_held *list = NULL;
    size_t count = 0;
    struct jl_err err = {0};
    struct jl_scan scan = {.type = JL_TYPE_CASE};
    enum jl_rc rc = jl_held_ops_all(district->books->store, NULL, 0, &arena, &list, &count, &err);
    if (rc == JL_OK) {
        rc = jl_records_scan(district->books->store, &scan, note_case, &waiting, &err);
    }
    if (rc != JL_OK) {
        return sim_fail(sim, "what waits can't be read: %s", err_said(&err));
    }
    if (count != district->holding.held || (count > 0 && !district->holding.open)) {
        return sim_fail(sim, "I15: %zu ops wait, %" PRIu64 " are counted, the restore is %s", count,
                        district->holding.held, district->holding.open ? "open" : "closed");
    }
    for (size_t i = 0; i < count; i++) {
        if (!check_one(&waiting, &list[i], &arena)) {
            return false;
        }
    }
    sim->out->tally.held += count;
    return waiting.open == waiting.count ||
           sim_fail(sim, "I15: %zu cases say that an op waits, %zu do", waiting.open,
                    waiting.count);
}
