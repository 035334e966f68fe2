/* A merge as a whole: what may be merged, the plan, and its saving. */
#include "merging.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/language.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/built_in_field.h"

#include "jielian/op/change_set.h"

#include <stdio.h>
#include <string.h>

enum {
    LATE_ROUNDS = 3, /* each finds what arrived during the one before; the map knows by then */
};

void jl_merging_fini(struct jl_merging *merging) {
    if (merging != NULL) {
        jl_arena_fini(&merging->arena);
    }
}

/* ---- What may be merged ---- */

static enum jl_rc check_type(const struct jl_merging *merging, struct jl_err *err) {
    const struct jl_type *type = merging->type;
    const char *label = jl_desk_label(merging->desk, &type->label);
    if (type->built_in) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_MERGING_OWN, "%s", label);
    }
    if (type->append_only) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_MERGING_APPEND_ONLY, "%s", label);
    }
    if (type->natural_key_count > 0) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_MERGING_NATURAL_KEY, "%s", label);
    }
    if (!merging->desk->merges) {
        return jl_fault(err, JL_DENIED, JL_FAULT_MERGING_NOT_YET);
    }
    if (jl_id_equal(&merging->kept_id, &merging->gone_id)) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_MERGING_SAME);
    }
    return JL_OK;
}

static enum jl_rc missing(const struct jl_merging *merging, const struct jl_id *id,
                          struct jl_err *err) {
    char text[JL_ID_TEXT_BYTES];
    jl_id_format(id, text);
    return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_MERGING_MISSING, "%s" JL_AND "%s",
                       jl_desk_label(merging->desk, &merging->type->label), text);
}

/* What it was merged into by now, through merges of that; zero: nothing. */
static enum jl_rc last_of(const struct jl_merging *merging, struct jl_id *out_last,
                          struct jl_err *err) {
    const struct jl_desk *desk = merging->desk;
    struct jl_id at = merging->gone_id;
    struct jl_id next = {{0}};
    enum jl_rc rc = JL_OK;
    *out_last = next;
    for (int step = 0; rc == JL_OK && desk->merged != NULL && step <= JL_MERGED_CHAIN_MAX; step++) {
        rc = desk->merged(desk->save_context, merging->type_number, &at, &next, err);
        if (rc != JL_OK || jl_id_is_zero(&next)) {
            return rc;
        }
        at = *out_last = next;
    }
    return rc;
}

/* The record that goes is there no more: were these two merged before? */
static enum jl_rc check_again(struct jl_merging *merging, struct jl_err *err) {
    char text[JL_ID_TEXT_BYTES];
    struct jl_id last;
    enum jl_rc rc = last_of(merging, &last, err);
    if (rc != JL_OK) {
        return rc;
    }
    merging->again = jl_id_equal(&last, &merging->kept_id);
    if (merging->again) {
        return JL_OK;
    }
    if (!jl_id_is_zero(&last)) {
        jl_id_format(&last, text);
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_MERGING_MERGED, "%s", text);
    }
    jl_id_format(&merging->gone_id, text);
    return jl_fault_at(err, JL_CONFLICT, JL_FAULT_MERGING_DELETED, "%s", text);
}

/* At an office: has it both still, and does the district know both? */
static enum jl_rc check_here(const struct jl_merging *merging, const struct jl_book_record *record,
                             struct jl_err *err) {
    struct jl_desk *desk = merging->desk;
    char text[JL_ID_TEXT_BYTES];
    if (!jl_merging_at_office(merging) || record->head.state == JL_RECORD_DELETED) {
        return JL_OK;
    }
    jl_id_format(&record->head.id, text);
    if (record->head.state == JL_RECORD_PARKED) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_MERGING_PARKED, "%s", text);
    }
    return record->head.state == JL_RECORD_LEFT
               ? jl_desk_may_change(desk, merging->type, record, err)
               : JL_OK;
}

static enum jl_rc load_both(struct jl_merging *merging, struct jl_err *err) {
    const struct jl_record_key keys[2] = {{.type = merging->type_number, .id = merging->kept_id},
                                          {.type = merging->type_number, .id = merging->gone_id}};
    struct jl_book_record records[2] = {0};
    char text[JL_ID_TEXT_BYTES];
    enum jl_rc rc = jl_books_load(merging->desk->books, keys, 2, &merging->arena, records, err);
    if (rc != JL_OK) {
        return rc;
    }
    merging->kept = records[0];
    merging->gone = records[1];
    if (merging->kept.head.rid == 0 || merging->gone.head.rid == 0) {
        return missing(merging, merging->kept.head.rid == 0 ? &merging->kept_id : &merging->gone_id,
                       err);
    }
    rc = check_here(merging, &merging->kept, err);
    if (rc == JL_OK) {
        rc = check_here(merging, &merging->gone, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    if (merging->kept.row.deleted) {
        jl_id_format(&merging->kept_id, text);
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_MERGING_KEPT_DELETED, "%s", text);
    }
    return merging->gone.row.deleted ? check_again(merging, err) : JL_OK;
}

/* ---- The plan ---- */

/* What the district asks of an office's merge is asked here, as far as these books tell. */
static enum jl_rc check_may(const struct jl_merging *merging, struct jl_err *err) {
    const struct jl_merge_ask ask = {
        .type = merging->type,
        .by = jl_merging_at_office(merging) ? merging->desk->owner : 0,
        .kept = &merging->kept.row,
        .gone = &merging->gone.row,
        .as_seen = true,
        .transfer = merging->transfer,
        .checked = merging->checked,
        .elsewhere = merging->elsewhere,
        .many = merging->references > JL_OWN_MERGE_REFS_MAX,
    };
    const struct jl_may_not *no = jl_may_merge(&ask);
    return no == NULL ? JL_OK
                      : jl_fault_at(err, JL_DENIED, JL_FAULT_TEXT, "%s",
                                    jl_desk_why_not(merging->desk, no));
}

static enum jl_rc plan(struct jl_merging *merging, struct jl_err *err) {
    enum jl_rc rc = load_both(merging, err);
    if (rc == JL_OK && !merging->again) {
        const struct jl_change change = {.kind = JL_OP_DELETE,
                                         .before = &merging->gone,
                                         .after = merging->gone.row,
                                         .other = merging->kept_id};
        rc = jl_merging_add(merging, &change, err);
    }
    if (rc == JL_OK) {
        rc = jl_merging_find_refs(merging, err);
    }
    if (rc == JL_OK) {
        rc = check_may(merging, err);
    }
    if (rc == JL_OK && !merging->again) {
        const struct jl_change change = {.kind = JL_OP_MERGE,
                                         .before = &merging->kept,
                                         .after = merging->after,
                                         .other = merging->gone_id};
        rc = jl_merging_add(merging, &change, err);
    }
    return rc;
}

static enum jl_rc start(struct jl_merging *merging, struct jl_err *err) {
    jl_arena_reset(&merging->arena);
    merging->change_count = merging->change_capacity = 0;
    merging->group_count = merging->field_count = 0;
    merging->references = merging->duplicates = merging->fixed = merging->differing = 0;
    merging->elsewhere = merging->transfer = merging->checked = false;
    merging->groups =
        jl_arena_zalloc(&merging->arena, JL_MERGING_REFS_MAX, sizeof *merging->groups);
    if (merging->groups == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_desk_begin(merging->desk, NULL, err);
    if (rc == JL_OK) {
        /* The catalogue may have changed since. */
        merging->type = jl_catalogue_type(merging->desk->books->catalogue, merging->type_number);
        JL_ASSERT(merging->type != NULL); /* types are never taken away */
    }
    return rc;
}

enum jl_rc jl_merging_plan(struct jl_merging *merging, struct jl_err *err) {
    /* Choosing reads references by their names, in transactions of its own: a first look without
     * it, then the fields, then the whole in one transaction. */
    enum jl_rc rc = start(merging, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = check_type(merging, err);
    if (rc == JL_OK) {
        rc = load_both(merging, err);
    }
    jl_desk_end(merging->desk);
    if (rc == JL_OK && !merging->again) {
        rc = jl_merging_choose(merging, err);
    }
    if (rc == JL_OK) {
        rc = jl_desk_begin(merging->desk, NULL, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_head seen[2] = {merging->kept.head, merging->gone.head};
    rc = plan(merging, err);
    jl_desk_end(merging->desk);
    if (rc == JL_OK &&
        (seen[0].last != merging->kept.head.last || seen[1].last != merging->gone.head.last)) {
        rc = jl_fault(err, JL_CONFLICT, JL_FAULT_MERGING_CHANGED);
    }
    return rc;
}

/* ---- Saving ---- */

static enum jl_rc fill_set(struct jl_merging *merging, struct jl_row *row, struct jl_err *err) {
    struct jl_arena *arena = &merging->arena;
    char kept[JL_ID_TEXT_BYTES];
    char gone[JL_ID_TEXT_BYTES];
    struct jl_field_value *fields = jl_arena_zalloc(arena, JL_CHANGE_SET_FIELDS, sizeof *fields);
    jl_id_format(&merging->kept_id, kept);
    jl_id_format(&merging->gone_id, gone);
    const char *label = jl_arena_printf(arena, "%s：%s ← %s", merging->type->label.zh, kept, gone);
    if (fields == NULL || label == NULL) {
        return jl_fault_memory(err);
    }
    const struct jl_change_set set = {.kind = JL_CHANGE_SET_MERGE,
                                      .label = jl_bytes_text(label),
                                      .staff = merging->desk->staff,
                                      .records = merging->change_count};
    jl_change_set_fill(&set, row, fields);
    return JL_OK;
}

/* References that came between the look and the save. */
static enum jl_rc move_late(struct jl_merging *merging, const struct jl_id *change_set,
                            struct jl_err *err) {
    struct jl_desk *desk = merging->desk;
    enum jl_rc rc = JL_OK;
    merging->late = true;
    for (int round = 0; rc == JL_OK && round < LATE_ROUNDS; round++) {
        size_t known = merging->references;
        merging->change_count = 0;
        rc = jl_desk_begin(merging->desk, NULL, err);
        if (rc != JL_OK) {
            return rc;
        }
        merging->type = jl_catalogue_type(merging->desk->books->catalogue, merging->type_number);
        rc = jl_merging_find_refs(merging, err);
        jl_desk_end(merging->desk);
        if (rc == JL_OK && merging->change_count > 0) {
            rc = desk->save(desk->save_context, change_set, merging->changes, merging->change_count,
                            err);
        }
        if (merging->references == known) {
            break;
        }
    }
    return rc;
}

enum jl_rc jl_merging_save(struct jl_merging *merging, struct jl_id *out_change_set,
                           struct jl_err *err) {
    struct jl_desk *desk = merging->desk;
    struct jl_id set = jl_id_next(&desk->ids, desk->clock.wall_ms(desk->clock.context));
    struct jl_change created = {
        .kind = JL_OP_CREATE,
        .after = {.type = JL_TYPE_CHANGE_SET,
                  .id = set,
                  .owner = jl_merging_at_office(merging) ? desk->owner : 0}};
    if (merging->change_count == 0) {
        *out_change_set = (struct jl_id){{0}};
        return JL_OK;
    }
    enum jl_rc rc = fill_set(merging, &created.after, err);
    if (rc == JL_OK) {
        rc = jl_merging_add(merging, &created, err);
    }
    if (rc == JL_OK) {
        rc = desk->save(desk->save_context, &set, merging->changes, merging->change_count, err);
    }
    if (rc == JL_OK) {
        *out_change_set = set;
        rc = move_late(merging, &set, err);
    }
    return rc;
}
