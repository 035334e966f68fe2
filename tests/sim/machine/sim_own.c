/* Offices merge two records of their own, and what holds of that at the end (I24): the district
 * took such a merge as a whole, or nothing of it. */
#include "sim.h"

#include "jielian/catalogue/catalogue.h"
#include "jielian/desk/merging.h"

#include <inttypes.h>

/* ---- Merging ---- */

static bool is_here(const struct sim_desk *at, const struct sim_record *record) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record found = {0};
    struct jl_err err;
    return sim_load(at, record->type, &record->id, &arena, &found, &err) == JL_OK &&
           found.head.rid != 0 && found.head.state == JL_RECORD_LIVE &&
           found.row.owner == at->desk->owner;
}

/* The first of the office's records of the type (0: any that can be merged) from a place on. */
static const struct sim_record *own(struct sim *sim, const struct sim_desk *at, uint32_t type,
                                    const struct sim_record *other) {
    size_t from = (size_t)sim_draw(sim, SIM_RECORDS_MAX);
    for (size_t i = 0; i < sim->record_count; i++) {
        const struct sim_record *record = &sim->records[(from + i) % sim->record_count];
        const struct jl_type *of = jl_catalogue_type(at->desk->books->catalogue, record->type);
        bool fits = type == 0 ? of != NULL && of->natural_key_count == 0 && !of->built_in &&
                                    of->transfer_subject == 0
                              : record->type == type;
        if (fits && record != other && is_here(at, record)) {
            return record;
        }
    }
    return NULL;
}

void sim_own_merge(struct sim *sim) {
    struct world_device *device = sim_any_device(sim);
    const struct sim_desk at = {.desk = &device->desk, .device = device};
    struct jl_id set = {{0}};
    struct jl_err err = {0};
    if (!sim_sit_down(sim, &at)) {
        return;
    }
    const struct sim_record *first = own(sim, &at, 0, NULL);
    const struct sim_record *second = first != NULL ? own(sim, &at, first->type, first) : NULL;
    if (second == NULL) {
        return;
    }
    struct jl_merging merging = {.desk = at.desk,
                                 .type_number = first->type,
                                 .kept_id = first->id,
                                 .gone_id = second->id,
                                 .prefer =
                                     sim_draw(sim, 2) == 0 ? JL_MERGING_GONE : JL_MERGING_KEPT};
    enum jl_rc rc = jl_merging_plan(&merging, &err);
    if (rc == JL_OK) {
        rc = jl_merging_save(&merging, &set, &err);
    }
    sim_done(sim, &at, SIM_MERGE, rc, &err);
    sim_trace(sim, "  type %" PRIu32 ", %zu references", first->type, merging.references);
    jl_merging_fini(&merging);
}

/* ---- I24 ---- */

static bool is_taken(const struct sim_entry *entry) {
    return entry->origin != 0 &&
           (entry->verdict == JL_VERDICT_APPLIED || entry->verdict == JL_VERDICT_MERGED);
}

/* The delete that made one of the two. */
static bool was_merged(const struct sim *sim, uint32_t type, const struct jl_id *gone,
                       const struct jl_id *kept) {
    for (size_t i = 0; i < sim->oracle.entry_count; i++) {
        const struct sim_entry *entry = &sim->oracle.entries[i];
        if (entry->verdict != JL_VERDICT_PARKED && entry->op.kind == JL_OP_DELETE &&
            entry->op.type == type && jl_id_equal(&entry->op.id, gone) &&
            jl_id_equal(&entry->op.other, kept)) {
            return entry->verdict != JL_VERDICT_CASE || entry->waited;
        }
    }
    return false;
}

bool sim_own_check(struct sim *sim) {
    for (size_t i = 0; i < sim->oracle.entry_count; i++) {
        const struct sim_entry *entry = &sim->oracle.entries[i];
        const struct jl_op *op = &entry->op;
        if (op->kind == JL_OP_MERGE && is_taken(entry) &&
            !was_merged(sim, op->type, &op->other, &op->id)) {
            return sim_fail(sim, "I24: of an office's merge the district took the half");
        }
    }
    return true;
}
