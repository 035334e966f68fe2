/* What only the district's staff do: two records become one, and change sets of the district's own
 * are taken back (sim_held.c has what they decide about suspended PCs). Clerks hear of it late or
 * never, and go on with what they have. */
#include "server/books/entry.h"
#include "server/books/journal.h"
#include "sim.h"

#include "jielian/base/assert.h"
#include "jielian/desk/merging.h"
#include "jielian/desk/undo.h"
#include "jielian/op/merge.h"
#include "jielian/store/journal.h"
#include "tests/said.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAIRS_MAX = 64, /* that a choice is made among */
    TALK_MAX = 6,   /* frames that arrive between the look and the save of a merge */
    RECENT = 24,    /* of the records made: these are chosen more often */
};

/* ---- Two records ---- */

struct pair {
    uint32_t type;
    struct jl_id kept, gone;
};

struct pairs {
    const struct sim_desk *at;
    struct pair items[PAIRS_MAX];
    size_t count;
};

static bool id_of(const struct jl_row *row, const struct jl_type *type, const char *name,
                  struct jl_id *out_id) {
    char text[JL_ID_TEXT_BYTES] = "";
    struct jl_err err;
    const struct jl_value *value = jl_row_get(row, jl_type_field_named(type, name)->number);
    if (value == NULL || value->kind != JL_VALUE_TEXT || value->bytes.size >= sizeof text) {
        return false;
    }
    memcpy(text, value->bytes.data, value->bytes.size);
    return jl_id_parse(text, out_id, &err) == JL_OK;
}

/* An open case that says: these two may be one. */
static enum jl_rc note_pair(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct pairs *pairs = context;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record;
    const struct jl_type *type = sim_type(pairs->at, "case");
    enum jl_rc rc = jl_books_unseal(pairs->at->desk->books, stored, &arena, &record, err);
    if (rc != JL_OK || pairs->count == PAIRS_MAX) {
        return rc;
    }
    const struct jl_value *kind =
        jl_row_get(&record.row, jl_type_field_named(type, "kind")->number);
    const struct jl_value *of =
        jl_row_get(&record.row, jl_type_field_named(type, "subject_type")->number);
    const struct jl_value *status = jl_row_get(&record.row, JL_CASE_STATUS);
    struct pair *pair = &pairs->items[pairs->count];
    if (kind != NULL && kind->number == JL_CASE_DUPLICATE && status != NULL &&
        status->number == JL_CASE_OPEN && of != NULL &&
        id_of(&record.row, type, "subject_id", &pair->kept) &&
        id_of(&record.row, type, "other_id", &pair->gone)) {
        pair->type = (uint32_t)of->number;
        pairs->count++;
    }
    return JL_OK;
}

static enum jl_rc find_pairs(struct pairs *pairs, struct jl_err *err) {
    const struct jl_scan scan = {.type = JL_TYPE_CASE};
    return jl_records_scan(pairs->at->desk->books->store, &scan, note_pair, pairs, err);
}

/* Those that were merged before: their late references move. */
static enum jl_rc find_merged(struct sim *sim, struct pairs *pairs, struct jl_err *err) {
    const struct jl_merged *map = NULL;
    enum jl_rc rc = jl_district_begin(sim->world.district, false, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_merged_get(sim->world.district, &map, err);
    jl_store_rollback(sim->world.district->books->store);
    for (size_t i = 0; rc == JL_OK && i < map->count && pairs->count < PAIRS_MAX; i++) {
        const struct jl_merged_entry *entry = &map->entries[map->count - 1 - i];
        pairs->items[pairs->count++] =
            (struct pair){.type = entry->type, .kept = entry->kept, .gone = entry->gone};
    }
    return rc;
}

static bool is_live(const struct sim_desk *at, uint32_t type, const struct jl_id *id) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record = {0};
    struct jl_err err;
    return sim_load(at, type, id, &arena, &record, &err) == JL_OK && record.head.rid != 0 &&
           record.head.state == JL_RECORD_LIVE;
}

/* The first living record of the type (0: any that can be merged) from a place on; not this one. */
static const struct sim_record *living(struct sim *sim, const struct sim_desk *at, uint32_t type,
                                       const struct sim_record *other) {
    size_t from = (size_t)sim_draw(sim, SIM_RECORDS_MAX);
    bool new = sim_draw(sim, 2) == 0;
    size_t recent = sim->record_count < RECENT ? sim->record_count : RECENT;
    for (size_t i = 0; i < sim->record_count; i++) {
        size_t back = (from % (new ? recent : sim->record_count) + i) % sim->record_count;
        const struct sim_record *record = &sim->records[sim->record_count - 1 - back];
        const struct jl_type *of = jl_catalogue_type(at->desk->books->catalogue, record->type);
        bool fits = type == 0 ? of != NULL && of->natural_key_count == 0 : record->type == type;
        if (fits && record != other && is_live(at, record->type, &record->id)) {
            return record;
        }
    }
    return NULL;
}

static bool any_two(struct sim *sim, const struct sim_desk *at, struct pair *out_pair) {
    const struct sim_record *first = living(sim, at, 0, NULL);
    const struct sim_record *second = first != NULL ? living(sim, at, first->type, first) : NULL;
    if (second == NULL) {
        return false;
    }
    *out_pair = (struct pair){.type = first->type, .kept = first->id, .gone = second->id};
    return true;
}

/* A pair of a case, one that was merged before, or any two living records of one type. */
static bool pick_two(struct sim *sim, const struct sim_desk *at, struct pair *out_pair) {
    struct pairs pairs = {.at = at};
    struct jl_err err = {0};
    uint64_t how = sim_draw(sim, 8);
    uint64_t which = sim_draw(sim, PAIRS_MAX);
    bool swapped = sim_draw(sim, 2) == 0;
    enum jl_rc rc = how < 4    ? find_pairs(&pairs, &err)
                    : how == 4 ? find_merged(sim, &pairs, &err)
                               : JL_OK;
    if (rc != JL_OK) {
        return sim_fail(sim, "step %zu: pairs can't be read: %s", sim->step, err_said(&err));
    }
    if (pairs.count == 0) {
        return any_two(sim, at, out_pair);
    }
    *out_pair = pairs.items[which % pairs.count];
    if (swapped && how < 4) {
        struct jl_id kept = out_pair->kept;
        out_pair->kept = out_pair->gone;
        out_pair->gone = kept;
    }
    return true;
}

/* ---- Nothing refers to the one that is gone ---- */

struct referring {
    struct sim *sim;
    const struct jl_type *type; /* of the records that are looked at */
    const struct pair *pair;
    bool found;
};

static enum jl_rc look_for_refs(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct referring *referring = context;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record;
    const struct jl_value gone = jl_value_ref(&referring->pair->gone);
    bool kept = referring->type->number == referring->pair->type &&
                jl_id_equal(&stored->head.id, &referring->pair->kept);
    enum jl_rc rc =
        jl_books_unseal(referring->sim->world.district->books, stored, &arena, &record, err);
    for (size_t i = 0; rc == JL_OK && stored->head.state == JL_RECORD_LIVE && !kept &&
                       i < referring->type->field_count;
         i++) {
        const struct jl_field *field = &referring->type->fields[i];
        const struct jl_value *value = jl_row_get(&record.row, field->number);
        referring->found = referring->found || (field->kind == JL_KIND_REF &&
                                                field->ref_type == referring->pair->type &&
                                                value != NULL && jl_value_equal(value, &gone));
    }
    return rc;
}

static bool check_refs(struct sim *sim, const struct pair *pair) {
    const struct jl_books *books = sim->world.district->books;
    struct referring referring = {.sim = sim, .pair = pair};
    struct jl_err err = {0};
    for (size_t t = 0; t < jl_catalogue_type_count(books->catalogue); t++) {
        struct jl_scan scan = {0};
        referring.type = jl_catalogue_type_at(books->catalogue, t);
        scan.type = referring.type->number;
        if (referring.type->append_only) {
            continue; /* says what was */
        }
        if (jl_records_scan(books->store, &scan, look_for_refs, &referring, &err) != JL_OK) {
            return sim_fail(sim, "step %zu: %s", sim->step, err_said(&err));
        }
        if (referring.found) {
            return sim_fail(sim, "I14: after the merge of step %zu a %s refers to what is gone",
                            sim->step, referring.type->name);
        }
    }
    return true;
}

static void check_merged(struct sim *sim, const struct sim_desk *at, const struct pair *pair) {
    if (is_live(at, pair->type, &pair->gone) || !is_live(at, pair->type, &pair->kept)) {
        sim_fail(sim, "I14: the merge of step %zu left both records, or none", sim->step);
    } else {
        (void)check_refs(sim, pair);
    }
}

/* ---- Merging ---- */

/* What arrives while a person reads the plan. */
static void meanwhile(struct sim *sim) {
    struct world_device *device = sim_any_device(sim);
    uint64_t frames = sim_draw(sim, TALK_MAX);
    bool arrives = sim_draw(sim, 4) == 0;
    for (uint64_t i = 0; arrives && !sim_is_away(sim, device) && i < frames; i++) {
        (void)world_step(device);
    }
    world_at_district(&sim->world);
}

/* As the command does it: a plan that is out of date is made again. */
static enum jl_rc merge_two(struct sim *sim, struct jl_merging *merging, struct jl_id *out_set,
                            struct jl_err *err) {
    enum { PLANS_MAX = 3 };
    *out_set = (struct jl_id){{0}};
    enum jl_rc rc = jl_merging_plan(merging, err);
    if (rc == JL_OK && merging->change_count > 0) { /* else there is nothing to be saved later */
        meanwhile(sim);
    }
    for (int i = 0; rc == JL_OK; i++) {
        rc = jl_merging_save(merging, out_set, err);
        if (rc != JL_CONFLICT || i + 1 == PLANS_MAX) {
            break;
        }
        rc = jl_merging_plan(merging, err);
    }
    return rc;
}

struct chosen {
    struct jl_merging_choice items[2];
    char values[2][64];
    size_t count;
};

/* field=kept, field=gone or field=VALUE. */
static void choose(struct sim *sim, const struct sim_desk *at, uint32_t type_number,
                   struct chosen *out) {
    const struct jl_type *type = jl_catalogue_type(at->desk->books->catalogue, type_number);
    size_t wanted = (size_t)sim_draw(sim, 3);
    out->count = 0;
    for (size_t i = 0; type != NULL && i < wanted; i++) {
        struct jl_merging_choice *item = &out->items[out->count];
        uint64_t side = sim_draw(sim, 3);
        if (!sim_any_assignment(sim, at, type, &item->field, out->values[out->count],
                                sizeof out->values[0])) {
            return;
        }
        if (out->count > 0 && strcmp(item->field, out->items[0].field) == 0) {
            return; /* a field is decided once */
        }
        item->value = side == 0 ? "kept" : side == 1 ? "gone" : out->values[out->count];
        out->count++;
    }
}

static void merge(struct sim *sim, const struct sim_desk *at) {
    struct pair pair;
    struct chosen chosen;
    struct jl_id set;
    struct jl_err err = {0};
    char ids[2][JL_ID_TEXT_BYTES];
    if (!pick_two(sim, at, &pair)) {
        return;
    }
    choose(sim, at, pair.type, &chosen);
    uint64_t prefer = sim_draw(sim, 8);
    struct jl_merging merging = {.desk = at->desk,
                                 .type_number = pair.type,
                                 .kept_id = pair.kept,
                                 .gone_id = pair.gone,
                                 .choices = chosen.items,
                                 .choice_count = chosen.count,
                                 .prefer = prefer == 0  ? JL_MERGING_BOTH
                                           : prefer < 4 ? JL_MERGING_GONE
                                                        : JL_MERGING_KEPT};
    enum jl_rc rc = merge_two(sim, &merging, &set, &err);
    jl_id_format(&pair.kept, ids[0]);
    jl_id_format(&pair.gone, ids[1]);
    sim_done(sim, at, SIM_MERGE, rc, &err);
    sim_trace(sim, "  type %" PRIu32 ": %s <- %s, %zu references%s", pair.type, ids[0], ids[1],
              merging.references, merging.again ? ", again" : "");
    if (rc == JL_OK) {
        check_merged(sim, at, &pair);
    }
    jl_merging_fini(&merging);
}

/* ---- Undo of what the district did ---- */

struct gathering {
    struct sim *sim;
    struct jl_id change_set;
    struct jl_arena arena;
    struct jl_undo_op *ops;
    size_t count, capacity;
};

static void gathering_fini(struct gathering *gathering) {
    jl_arena_fini(&gathering->arena);
    free(gathering->ops);
}

static enum jl_rc gather_ops(void *context, const struct jl_journal_entry *entry,
                             struct jl_err *err) {
    struct gathering *gathering = context;
    struct jl_journal_opened opened;
    if (entry->origin != 0) {
        return JL_OK;
    }
    enum jl_rc rc =
        jl_journal_open(gathering->sim->world.district, entry, &gathering->arena, &opened, err);
    const struct jl_push *push = &opened.push;
    bool own = rc == JL_OK && opened.head.kind == JL_ENTRY_BATCH;
    for (size_t i = 0; own && rc == JL_OK && i < push->count; i++) {
        struct jl_op op;
        rc = jl_wire_op_decode(push->ops[i], &gathering->arena, &op, err);
        if (rc != JL_OK || !jl_id_equal(&op.change_set, &gathering->change_set)) {
            continue;
        }
        if (gathering->count == gathering->capacity) {
            gathering->capacity = 2 * gathering->capacity + 16;
            gathering->ops = realloc(gathering->ops, gathering->capacity * sizeof *gathering->ops);
            JL_ASSERT(gathering->ops != NULL);
        }
        gathering->ops[gathering->count++] =
            (struct jl_undo_op){.key = {.type = op.type, .id = op.id},
                                .place = push->first_seq + i,
                                .bytes = push->ops[i]};
    }
    return rc;
}

/* A change set of the district's own, merges before all. false: there is none. */
static bool pick_set(struct sim *sim, struct jl_id *out_set) {
    const struct sim_oracle *oracle = &sim->oracle;
    bool merges = sim_draw(sim, 4) > 0;
    bool new = sim_draw(sim, 2) == 0;
    uint64_t which = sim_draw(sim, UINT32_MAX);
    for (int round = 0; round < 2; round++) {
        size_t count = 0;
        for (size_t pass = 0; pass < 2; pass++) {
            size_t at = count > 0 ? (size_t)(which % count) : 0;
            at = new &&count > 0 ? count - 1 - (size_t)(which % (count < 4 ? count : 4)) : at;
            count = 0;
            for (size_t i = 0; i < oracle->entry_count; i++) {
                const struct sim_entry *entry = &oracle->entries[i];
                bool is = entry->origin == 0 && !jl_id_is_zero(&entry->op.change_set) &&
                          (!merges || entry->op.kind == JL_OP_MERGE);
                if (is && pass == 1 && count == at) {
                    *out_set = entry->op.change_set;
                    return true;
                }
                count += is ? 1 : 0;
            }
        }
        merges = false;
    }
    return false;
}

static void undo(struct sim *sim, const struct sim_desk *at) {
    JL_AUTO(gathering) gathering = {.sim = sim};
    struct jl_undo_result result = {0};
    struct jl_err err = {0};
    if (!pick_set(sim, &gathering.change_set)) {
        return;
    }
    enum jl_rc rc = jl_journal_entry_read(sim->world.district->books->store, 1, 0, gather_ops,
                                          &gathering, &err);
    if (rc == JL_OK) {
        const struct jl_undo_options options = {
            .change_set = gathering.change_set, .ops = gathering.ops, .op_count = gathering.count};
        rc = jl_undo_run(at->desk, &options, &result, &err);
    }
    sim_done(sim, at, SIM_UNDO, rc, &err);
    sim_trace(sim, "  %zu changes: %" PRIu64 " taken back, %" PRIu64 " kept", gathering.count,
              result.undone, result.kept);
    jl_undo_result_fini(&result);
}

/* ---- A step ---- */

void sim_district_step(struct sim *sim) {
    const struct sim_desk at = {.desk = &sim->world.district_desk};
    uint64_t what = sim_draw(sim, 20);
    world_at_district(&sim->world);
    bool done = what >= 12 && sim_decide(sim, &at);
    if (!done && what >= 8 && what < 12) {
        undo(sim, &at);
    } else if (!done && what >= 6 && what < 8) {
        sim_own_merge(sim);
    } else if (!done) {
        merge(sim, &at);
    }
    world_at_none(&sim->world);
}
