/* Records of natural keys: weekly reports, finance checks, refunds. Few keys, so that PCs of an
 * office make the same record apart, and one office or the district makes again what another had
 * and deleted. And what no shipped program does: another office brings back a record that it never
 * had, or takes the one record that there can be of somebody else's union. */
#include "sim.h"

#include "jielian/catalogue/catalogue.h"
#include "jielian/record/natural_key.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { UNITS = 3, WEEKS = 2, YEARS = 2, PERIODS = 2, ASSIGNMENTS_MAX = 6 };

static const char *const types[] = {"lr_weekly", "finance_check", "fee_refund", "attendance"};
enum { TYPES = sizeof types / sizeof *types };

static const char *const credit_codes[UNITS] = {"91330106MA0000015K", "91330106MA0000023E",
                                                "91330106MA00000319"};

static void add(struct sim *sim, const struct sim_desk *at, const char *type,
                const struct jl_assignment *assignments, size_t count) {
    struct jl_problems problems;
    struct jl_id id;
    struct jl_err err = {0};
    enum jl_rc rc =
        jl_desk_add(at->desk, sim_type(at, type), assignments, count, &id, &problems, &err);
    sim_done(sim, at, SIM_NATURAL, rc, &err);
    sim_trace(sim, "  %s %s", type, assignments[1].value);
    if (rc == JL_OK) {
        sim_remember(sim, at, sim_type(at, type)->number, &id, NULL);
    }
}

/* ---- Making them ---- */

static void add_weekly(struct sim *sim, const struct sim_desk *at) {
    static const char *const weeks[WEEKS] = {"2026-01-05", "2026-01-12"};
    static const char *const situations[] = {"无异常", "有隐患"};
    char handling[32];
    uint64_t week = sim_draw(sim, WEEKS);
    snprintf(handling, sizeof handling, "第%zu步", sim->step);
    const struct jl_assignment form[] = {
        {"situation", situations[sim_draw(sim, 2)]}, {"week", weeks[week]}, {"handling", handling}};
    add(sim, at, "lr_weekly", form, 3);
}

static void add_check(struct sim *sim, const struct sim_desk *at) {
    static const char *const years[YEARS] = {"2024", "2025"};
    char org[JL_ID_TEXT_BYTES];
    char note[32];
    const struct sim_record *record = sim_any_record(sim, sim_type(at, "union_org")->number);
    uint64_t year = sim_draw(sim, YEARS);
    if (record == NULL) {
        add_weekly(sim, at);
        return;
    }
    jl_id_format(&record->id, org);
    snprintf(note, sizeof note, "第%zu步", sim->step);
    const struct jl_assignment form[] = {{"org", org}, {"year", years[year]}, {"note", note}};
    add(sim, at, "finance_check", form, 3);
}

static void add_unit(struct sim *sim, const struct sim_desk *at, uint64_t which) {
    char name[32];
    snprintf(name, sizeof name, "第%" PRIu64 "公司", which);
    const struct jl_assignment form[] = {{"name", name}, {"uscc", credit_codes[which]}};
    add(sim, at, "unit", form, 2);
}

static void add_refund(struct sim *sim, const struct sim_desk *at) {
    static const char *const periods[PERIODS] = {"2025-01", "2025-02"};
    static const char *const states[] = {"申请", "申请", "审核", "拨付", "退回"};
    char unit[JL_ID_TEXT_BYTES];
    char note[32];
    uint64_t which = sim_draw(sim, UNITS);
    uint64_t period = sim_draw(sim, PERIODS);
    uint64_t state = sim_draw(sim, 5);
    const struct sim_record *record = sim_any_record(sim, sim_type(at, "unit")->number);
    if (record == NULL || sim_draw(sim, 4) == 0) {
        add_unit(sim, at, which);
        return;
    }
    jl_id_format(&record->id, unit);
    snprintf(note, sizeof note, "第%zu步", sim->step);
    const struct jl_assignment form[] = {
        {"unit", unit}, {"period", periods[period]}, {"status", states[state]}, {"note", note}};
    add(sim, at, "fee_refund", form, 4);
}

static void make(struct sim *sim, const struct sim_desk *at) {
    uint64_t what = sim_draw(sim, 8);
    if (what < 2) {
        add_weekly(sim, at);
    } else if (what < 5) {
        add_check(sim, at);
    } else {
        add_refund(sim, at);
    }
}

/* ---- Deleting them, and making them again from what the district has ---- */

/* One of the newest of any of the types. */
static const struct sim_record *any_natural(struct sim *sim) {
    const struct sim_desk at = {.desk = &sim->world.district_desk};
    uint64_t first = sim_draw(sim, TYPES);
    for (size_t i = 0; i < TYPES; i++) {
        const struct sim_record *found =
            sim_any_record(sim, sim_type(&at, types[(first + i) % TYPES])->number);
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

static void erase(struct sim *sim, const struct sim_desk *at, const struct sim_record *record) {
    struct jl_err err = {0};
    const struct jl_type *type = jl_catalogue_type(at->desk->books->catalogue, record->type);
    if (type != NULL) {
        sim_done(sim, at, SIM_DELETE, jl_desk_delete(at->desk, type, &record->id, &err), &err);
        sim_trace(sim, "  %s of step %zu", type->name, record->step);
    }
}

/* The record as the district has it, under this office's name: past the desk, which would refuse
 * what this office does not see. */
static void intrude(struct sim *sim, const struct sim_desk *at, const struct sim_record *record) {
    JL_AUTO(jl_arena) arena = {0};
    const struct sim_desk district = {.desk = &sim->world.district_desk};
    struct jl_book_record there = {0};
    struct jl_err err = {0};
    bool creates = sim_draw(sim, 2) == 0;
    if (sim_load(&district, record->type, &record->id, &arena, &there, &err) != JL_OK ||
        there.head.rid == 0) {
        return;
    }
    struct jl_change change = {.kind = creates ? JL_OP_CREATE : JL_OP_RESTORE, .after = there.row};
    struct jl_book_record before = {.row = there.row};
    change.before = creates ? NULL : &before;
    change.after.deleted = false;
    change.after.owner = at->desk->owner;
    enum jl_rc rc = at->desk->save(at->desk->save_context, NULL, &change, 1, &err);
    sim_done(sim, at, SIM_INTRUDE, rc, &err);
    sim_trace(sim, "  of step %zu", record->step);
}

/* A finance check of another office's union, which nobody there has made yet. */
static void squat(struct sim *sim, const struct sim_desk *at) {
    JL_AUTO(jl_arena) arena = {0};
    const struct jl_type *type = sim_type(at, "finance_check");
    const struct sim_record *org = sim_any_record(sim, sim_type(at, "union_org")->number);
    int64_t year = 2024 + (int64_t)sim_draw(sim, YEARS);
    struct jl_change change = {.kind = JL_OP_CREATE,
                               .after = {.type = type->number, .owner = at->desk->owner}};
    struct jl_err err = {0};
    if (org == NULL) {
        return;
    }
    const struct jl_value of = jl_value_ref(&org->id);
    const struct jl_value in = jl_value_int(year);
    if (jl_row_set(&change.after, jl_type_field_named(type, "org")->number, &of, &arena, &err) !=
            JL_OK ||
        jl_row_set(&change.after, jl_type_field_named(type, "year")->number, &in, &arena, &err) !=
            JL_OK ||
        jl_natural_key_id(at->desk->books->hasher, type, &change.after, &change.after.id, &err) !=
            JL_OK) {
        return;
    }
    enum jl_rc rc = at->desk->save(at->desk->save_context, NULL, &change, 1, &err);
    sim_done(sim, at, SIM_INTRUDE, rc, &err);
    sim_trace(sim, "  a check of the union of step %zu", org->step);
    if (rc == JL_OK) {
        sim_remember(sim, at, type->number, &change.after.id, NULL);
    }
}

/* ---- A step ---- */

static struct sim_desk any_desk(struct sim *sim) {
    struct world_device *device = sim_any_device(sim);
    bool district = sim_draw(sim, 5) == 0;
    uint32_t office = sim_any_office(sim);
    if (!district) {
        return (struct sim_desk){.desk = &device->desk, .device = device};
    }
    sim->world.district_desk.owner = office; /* as with --office */
    return (struct sim_desk){.desk = &sim->world.district_desk};
}

void sim_natural_step(struct sim *sim) {
    uint64_t what = sim_draw(sim, 20);
    struct sim_desk at = any_desk(sim);
    const struct sim_record *record = any_natural(sim);
    if (!sim_sit_down(sim, &at)) {
        sim->world.district_desk.owner = 0;
        world_at_none(&sim->world);
        return;
    }
    if (what < 10 || record == NULL) {
        make(sim, &at);
    } else if (what < 16) {
        erase(sim, &at, record);
    } else if (at.device != NULL && what < 18) {
        intrude(sim, &at, record);
    } else if (at.device != NULL) {
        squat(sim, &at);
    }
    sim->world.district_desk.owner = 0;
    world_at_none(&sim->world);
}
