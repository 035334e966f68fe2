/* What people do at the desks. Actions may be refused (the record is gone, moved on, or not
 * theirs): people meet that too. */
#include "sim.h"

#include <inttypes.h>
#include <stdio.h>

static void expect(struct sim *sim, enum jl_rc rc, const struct jl_err *err) {
    if (rc == JL_IO || rc == JL_CORRUPT || rc == JL_NOMEM) {
        sim_fail(sim, "step %zu: %s: %s", sim->step, jl_rc_name(rc), err->text);
    }
}

static const struct jl_type *union_type(struct jl_desk *desk) {
    return jl_catalogue_type_named(desk->books->catalogue, "union_org");
}

static void try_set(struct sim *sim, struct jl_desk *desk, const struct jl_id *id) {
    static const char *const fields[] = {"staff_n", "chair_name", "industry"};
    static const char *const values[3][3] = {
        {"10", "20", "30"}, {"王五", "李四", "赵六"}, {"", "制造业", "建筑业"}};
    uint64_t field = sim_draw(sim, 3);
    struct jl_assignment assignment = {.field = fields[field],
                                       .value = values[field][sim_draw(sim, 3)]};
    struct jl_problems problems;
    struct jl_err err;
    expect(sim, jl_desk_set(desk, union_type(desk), id, &assignment, 1, &problems, &err), &err);
    sim_trace(sim, "set %s=%s", assignment.field, assignment.value);
}

static void try_delete(struct sim *sim, struct jl_desk *desk, const struct jl_id *id) {
    struct jl_err err;
    expect(sim, jl_desk_delete(desk, union_type(desk), id, &err), &err);
    sim_trace(sim, "delete");
}

static void add_union(struct sim *sim, struct jl_desk *desk) {
    char name[64];
    struct jl_assignment assignments[] = {{"name", name},
                                          {"org_kind", "独立基层工会"},
                                          {"founded_on", "2018-05-01"},
                                          {"status", "已建"}};
    struct jl_problems problems;
    struct jl_err err;
    struct sim_record *made = &sim->made[sim->step];
    /* Few names, so that offices often found "the same" union: a possible duplicate. */
    snprintf(name, sizeof name, "第%" PRIu64 "工会", sim_draw(sim, 40));
    made->type = union_type(desk)->number;
    enum jl_rc rc = jl_desk_add(desk, union_type(desk), assignments, 4, &made->id, &problems, &err);
    expect(sim, rc, &err);
    made->made = rc == JL_OK;
    sim_trace(sim, "add %s", name);
}

static void transfer(struct sim *sim, const struct jl_id *id) {
    struct jl_district *district = sim->world.district;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record before = {0};
    struct jl_err err;
    struct jl_record_key key = {
        .type = jl_catalogue_type_named(district->books->catalogue, "union_org")->number,
        .id = *id};
    enum jl_rc rc = jl_books_load(district->books, &key, 1, &arena, &before, &err);
    if (rc != JL_OK || before.head.rid == 0 || before.row.deleted) {
        return;
    }
    struct jl_change change = {.kind = JL_OP_TRANSFER, .before = &before, .after = before.row};
    change.after.owner = 1 + (uint32_t)sim_draw(sim, 3);
    expect(sim, jl_district_save(district, NULL, &change, 1, &err), &err);
    sim_trace(sim, "transfer to %" PRIu32, change.after.owner);
}

/* The record of the nearest step that made one, at or before a step that is drawn. */
static const struct sim_record *any_record(struct sim *sim) {
    size_t from = (size_t)sim_draw(sim, sim->step + 1);
    for (size_t i = 0; i <= sim->step; i++) {
        size_t at = from >= i ? from - i : sim->step + 1 + from - i;
        if (sim->made[at].made) {
            return &sim->made[at];
        }
    }
    return NULL;
}

void sim_staff_step(struct sim *sim) {
    struct world_device *device = sim_any_device(sim);
    bool at_district = sim_draw(sim, 6) == 0;
    struct jl_desk *desk = at_district ? &sim->world.district_desk : &device->desk;
    uint64_t what = sim_draw(sim, 10);
    const struct sim_record *record = any_record(sim);
    sim->out->tally.actions++;
    if (record == NULL || what < 3) {
        add_union(sim, &device->desk);
    } else if (what < 8) {
        try_set(sim, desk, &record->id);
    } else if (what < 9) {
        try_delete(sim, desk, &record->id);
    } else {
        transfer(sim, &record->id);
    }
}
