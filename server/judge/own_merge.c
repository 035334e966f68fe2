/* An office merges two records of its own (merging.h). Its ops are judged one by one, so each asks
 * whether what it rests on was taken; `other` says what that is (op.h):
 *
 *   DELETE of the one that goes     the whole question: jl_may_merge, of all that the district has
 *   DELETE of a record whose        its key names something that was merged
 *     natural key refers to it
 *   EDIT                            the reference's old record was merged into its new one; or the
 *                                   double that filled this one is gone
 *   CREATE, RESTORE under the       the record under the old key is gone, and this is it but for
 *     new key                       the references to what was merged
 *   MERGE                           the one that goes was merged into this one
 *
 * The delete is where the two become one: from there on late changes find the one that is kept.
 * While a restore is open, each waits for what it rests on. */
#include "own_merge.h"
#include "apply.h"
#include "follow_merge.h"
#include "objection.h"
#include "pair.h"

#include "server/books/visibility.h"

#include "jielian/base/fault.h"
#include "jielian/desk/transfer.h"
#include "jielian/op/may.h"
#include "jielian/store/feeds.h"

#include <string.h>

enum {
    /* Records that are looked at: tombstones refer as well, and do not count. */
    RIDS_MAX = 2 * JL_OWN_MERGE_REFS_MAX,
};

bool jl_own_merge_has(const struct jl_apply *apply, const struct jl_op *op) {
    return apply->author == JL_SIDE_OFFICE && apply->head->rules >= JL_RULES_OWN_MERGE &&
           !jl_id_is_zero(&op->other);
}

static void waits_for(struct jl_objection *fault, uint32_t type, const struct jl_id *id) {
    jl_objection_say(fault, JL_SAY_MERGE_NOT_TAKEN);
    fault->may_come = true;
    fault->misses = (struct jl_record_key){.type = type, .id = *id};
}

/* ---- What refers to the one that goes ---- */

struct looking {
    struct jl_apply *apply;
    const struct jl_op *op;
    const struct jl_type *type; /* of the records that refer */
    const struct jl_field *field;
    bool came_back; /* what its author had read is not to be told any more */
    size_t references;
    struct jl_merge_ask *ask;
};

static bool is_transfer(const struct jl_type *type) {
    return type->transfer_subject != 0;
}

static bool under_way(const struct jl_type *type, const struct jl_row *row) {
    const struct jl_value *status = jl_row_get(row, type->flow.field);
    return is_transfer(type) && status != NULL && status->kind == JL_VALUE_INT &&
           jl_transfer_open(type, status->number);
}

/* Did somebody else change it since the op's author looked? */
static enum jl_rc look_at_cursor(struct looking *looking, const struct jl_head *head,
                                 struct jl_err *err) {
    struct jl_apply *apply = looking->apply;
    struct jl_feed_entry entries[JL_FEED_ENTRIES_MAX];
    size_t count = 0;
    if (looking->came_back || head->feed_seq <= looking->op->cursor) {
        return JL_OK;
    }
    enum jl_rc rc = jl_feeds_of(apply->district->books->store, head->rid, entries,
                                JL_FEED_ENTRIES_MAX, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        bool unseen = entries[i].feed == apply->office && entries[i].origin != apply->origin &&
                      entries[i].seq > looking->op->cursor;
        looking->ask->as_seen = looking->ask->as_seen && !unseen;
    }
    return rc;
}

/* row: as it stands, with what this batch did. */
static enum jl_rc look_at_row(struct looking *looking, const struct jl_head *head,
                              const struct jl_row *row, const struct jl_id *named,
                              struct jl_err *err) {
    const struct jl_value name = jl_value_ref(named);
    const struct jl_value *value = jl_row_get(row, looking->field->number);
    struct jl_merge_ask *ask = looking->ask;
    bool one_of_both =
        row->type == looking->op->type &&
        (jl_id_equal(&row->id, &looking->op->id) || jl_id_equal(&row->id, &looking->op->other));
    if (row->deleted || one_of_both || value == NULL || !jl_value_equal(value, &name)) {
        return JL_OK;
    }
    ask->transfer = ask->transfer || under_way(looking->type, row);
    if (named == &looking->op->other) {
        return JL_OK; /* what refers to the one that is kept goes on doing so */
    }
    looking->references++;
    ask->elsewhere =
        ask->elsewhere || is_transfer(looking->type) || row->owner != looking->apply->office;
    return look_at_cursor(looking, head, err);
}

static enum jl_rc look_at_field(struct looking *looking, const struct jl_id *named,
                                struct jl_err *err) {
    struct jl_apply *apply = looking->apply;
    struct jl_books *books = apply->district->books;
    const struct jl_value value = jl_value_ref(named);
    JL_AUTO(jl_arena) list = {0};
    JL_AUTO(jl_arena) arena = {0};
    size_t count = 0;
    if (looking->field->sensitive) { /* has no index */
        looking->ask->elsewhere = true;
        return JL_OK;
    }
    int64_t *rids = jl_arena_zalloc(&list, RIDS_MAX, sizeof *rids);
    if (rids == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_books_find(books, looking->type->number, looking->field->number, &value, 1,
                                  RIDS_MAX, rids, &count, err);
    looking->ask->many = looking->ask->many || count == RIDS_MAX;
    apply->merge_looks += count;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        struct jl_book_record record = {0};
        jl_arena_reset(&arena);
        rc = jl_books_load_rids(books, &rids[i], 1, &arena, &record, err);
        if (rc != JL_OK || record.head.rid == 0) {
            continue;
        }
        const struct jl_touched *touched = jl_touched_in(apply, record.row.type, &record.row.id);
        rc = look_at_row(looking, &record.head,
                         touched != NULL ? &touched->record.row : &record.row, named, err);
    }
    return rc;
}

static bool spent(const struct jl_apply *apply) {
    return apply->merge_looks > JL_OWN_MERGE_BATCH_MAX;
}

/* Of gone all that refers to it, of kept the transfers. */
static enum jl_rc look_at_references(struct looking *looking, struct jl_err *err) {
    const struct jl_op *op = looking->op;
    const struct jl_catalogue *catalogue = looking->apply->district->books->catalogue;
    enum jl_rc rc = JL_OK;
    for (size_t t = 0; rc == JL_OK && t < jl_catalogue_type_count(catalogue); t++) {
        looking->type = jl_catalogue_type_at(catalogue, t);
        for (size_t i = 0; rc == JL_OK && i < looking->type->field_count; i++) {
            looking->field = &looking->type->fields[i];
            bool refers = looking->field->kind == JL_KIND_REF &&
                          looking->field->ref_type == op->type && !looking->type->append_only;
            if (!refers || spent(looking->apply)) {
                continue;
            }
            rc = look_at_field(looking, &op->id, err);
            if (rc == JL_OK && looking->field->number == looking->type->transfer_subject) {
                rc = look_at_field(looking, &op->other, err);
            }
        }
    }
    looking->ask->many =
        looking->ask->many || looking->references > JL_OWN_MERGE_REFS_MAX || spent(looking->apply);
    return rc;
}

/* ---- The delete of the one that goes ---- */

static void say_no(const struct jl_merge_ask *ask, const struct jl_may_not *no,
                   const struct jl_op *op, struct jl_objection *fault) {
    bool own = ask->kept != NULL && ask->kept->owner == ask->by;
    jl_objection_say(fault, no->code);
    fault->may_come = true;
    fault->misses = (struct jl_record_key){.type = op->type, .id = own ? op->id : op->other};
}

static enum jl_rc judge_gate(struct looking *looking, const struct jl_touched *gone,
                             struct jl_objection *fault, struct jl_err *err) {
    struct jl_apply *apply = looking->apply;
    const struct jl_op *op = looking->op;
    const struct jl_row seen = {.fields = op->old_fields, .field_count = op->old_count};
    struct jl_touched *kept = NULL;
    enum jl_rc rc = jl_touched_get(apply, op->type, &op->other, &kept, err);
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_merge_ask ask = {.type = jl_books_layout(apply->district->books, op->type)->type,
                               .by = apply->office,
                               .kept = jl_touched_lives(kept) ? &kept->record.row : NULL,
                               .gone = jl_touched_lives(gone) ? &gone->record.row : NULL,
                               .as_seen = jl_touched_lives(gone) &&
                                          jl_row_same_fields(&gone->record.row, &seen)};
    const struct jl_may_not *no = jl_may_merge(&ask); /* before it costs anything */
    looking->ask = &ask;
    apply->merge_looks += JL_OWN_MERGE_COST;
    if (no == NULL) {
        rc = look_at_references(looking, err);
    }
    if (rc == JL_OK && no == NULL) {
        rc = jl_pair_open_elsewhere(apply, op->type, &op->id, &ask.checked, err);
    }
    if (rc == JL_OK && no == NULL) {
        no = jl_may_merge(&ask);
    }
    if (rc == JL_OK && no != NULL) {
        say_no(&ask, no, op, fault);
    }
    looking->ask = NULL;
    return rc;
}

/* ---- The others ---- */

static bool named_in(const struct jl_field_value *item, struct jl_id *out_id) {
    struct jl_err ignored;
    return item->value.kind == JL_VALUE_BYTES &&
           jl_id_from_bytes(item->value.bytes, out_id, &ignored) == JL_OK;
}

/* Does the field name what the other one was merged into? */
static bool is_moved(const struct jl_merged *map, const struct jl_field *field,
                     const struct jl_value *old, const struct jl_value *new) {
    struct jl_id from;
    struct jl_id to;
    const struct jl_field_value was = {.value = *old};
    const struct jl_field_value is = {.value = *new};
    if (field == NULL || field->kind != JL_KIND_REF || !named_in(&was, &from) ||
        !named_in(&is, &to)) {
        return false;
    }
    const struct jl_id *kept = jl_merged_kept(map, field->ref_type, &from);
    return kept != NULL && jl_id_equal(kept, &to);
}

static enum jl_rc is_gone(struct jl_apply *apply, const struct jl_op *op, bool *out_gone,
                          struct jl_err *err) {
    struct jl_touched *other = NULL;
    enum jl_rc rc = jl_touched_get(apply, op->type, &op->other, &other, err);
    *out_gone = rc == JL_OK && jl_touched_there(other) && other->record.row.deleted &&
                other->record.row.owner == apply->office;
    return rc;
}

static enum jl_rc judge_edit(struct jl_apply *apply, const struct jl_op *op,
                             const struct jl_type *type, const struct jl_merged *map,
                             struct jl_objection *fault, struct jl_err *err) {
    const struct jl_row old = {.fields = op->old_fields, .field_count = op->old_count};
    const struct jl_value gone = jl_value_ref(&op->other);
    struct jl_record_key misses = {.type = op->type, .id = op->other};
    bool taken = false;
    for (size_t i = 0; i < op->new_count; i++) {
        const struct jl_field *field = jl_type_field(type, op->new_fields[i].field);
        const struct jl_value *was = jl_row_get(&old, op->new_fields[i].field);
        if (field != NULL && field->kind == JL_KIND_REF && was != NULL &&
            jl_value_equal(was, &gone)) {
            misses.type = field->ref_type;
            taken = taken || is_moved(map, field, was, &op->new_fields[i].value);
        }
    }
    enum jl_rc rc = taken || misses.type != op->type ? JL_OK : is_gone(apply, op, &taken, err);
    if (rc == JL_OK && !taken) {
        waits_for(fault, misses.type, &misses.id);
    }
    return rc;
}

/* Its natural key names what was merged. */
static void judge_keyed_delete(const struct jl_type *type, const struct jl_touched *touched,
                               const struct jl_merged *map, struct jl_objection *fault) {
    struct jl_id named = {{0}};
    uint32_t named_type = 0;
    if (!jl_touched_lives(touched)) {
        return; /* M9 */
    }
    for (size_t k = 0; k < type->natural_key_count; k++) {
        const struct jl_field *field = jl_type_field(type, type->natural_key[k]);
        const struct jl_value *value = jl_row_get(&touched->record.row, type->natural_key[k]);
        struct jl_id id;
        const struct jl_field_value item = {.value = value != NULL ? *value : jl_value_null()};
        if (field == NULL || field->kind != JL_KIND_REF || !named_in(&item, &id)) {
            continue;
        }
        if (jl_merged_kept(map, field->ref_type, &id) != NULL) {
            return;
        }
        named = id;
        named_type = field->ref_type;
    }
    waits_for(fault, named_type != 0 ? named_type : touched->key.type,
              named_type != 0 ? &named : &touched->key.id);
}

/* The same record under its new key: else a status that is the district's to give could begin anew
 * in another record. */
static bool is_same_but_moved(const struct jl_type *type, const struct jl_merged *map,
                              const struct jl_row *old, const struct jl_op *op) {
    if (old->field_count != op->new_count) {
        return false;
    }
    for (size_t i = 0; i < op->new_count; i++) {
        const struct jl_field_value *item = &op->new_fields[i];
        const struct jl_value *was = jl_row_get(old, item->field);
        if (was == NULL || (!jl_value_equal(was, &item->value) &&
                            !is_moved(map, jl_type_field(type, item->field), was, &item->value))) {
            return false;
        }
    }
    return true;
}

static enum jl_rc judge_moved(struct jl_apply *apply, const struct jl_op *op,
                              const struct jl_type *type, const struct jl_merged *map,
                              struct jl_objection *fault, struct jl_err *err) {
    struct jl_touched *old = NULL;
    bool gone = false;
    enum jl_rc rc = is_gone(apply, op, &gone, err);
    if (rc == JL_OK) {
        rc = jl_touched_get(apply, op->type, &op->other, &old, err);
    }
    if (rc == JL_OK && !(gone && is_same_but_moved(type, map, &old->record.row, op))) {
        waits_for(fault, op->type, &op->other);
    }
    return rc;
}

/* ---- The whole ---- */

enum jl_rc jl_own_merge_check(struct jl_apply *apply, const struct jl_op *op,
                              const struct jl_type *type, const struct jl_touched *touched,
                              enum jl_waits waits, struct jl_objection *out_objection,
                              struct jl_err *err) {
    const struct jl_merged *map = NULL;
    bool keyed = type->natural_key_count > 0;
    if (!jl_own_merge_has(apply, op)) {
        return JL_OK;
    }
    enum jl_rc rc = jl_merged_get(apply->district, &map, err);
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_id *kept = jl_merged_kept(map, op->type, &op->id);
    struct looking looking = {
        .apply = apply,
        .op = op,
        .came_back = waits == JL_WAITS_ALL || waits == JL_WAITS_NO_MORE,
    };
    switch (op->kind) {
    case JL_OP_DELETE:
        if (keyed) {
            judge_keyed_delete(type, touched, map, out_objection);
            return JL_OK;
        }
        /* Two PCs merge the same two: the second has nothing to do. */
        return kept != NULL && jl_id_equal(kept, &op->other) && !jl_touched_lives(touched)
                   ? JL_OK
                   : judge_gate(&looking, touched, out_objection, err);
    case JL_OP_EDIT:
        return judge_edit(apply, op, type, map, out_objection, err);
    case JL_OP_CREATE:
    case JL_OP_RESTORE:
        return keyed ? judge_moved(apply, op, type, map, out_objection, err) : JL_OK;
    case JL_OP_MERGE:
        kept = jl_merged_kept(map, op->type, &op->other);
        if (kept == NULL || !jl_id_equal(kept, &op->id)) {
            waits_for(out_objection, op->type, &op->other);
        }
        break;
    case JL_OP_TRANSFER:
    case JL_OP_RESOLVE:
        break;
    }
    return JL_OK;
}

enum jl_rc jl_own_merge_follow(struct jl_apply *apply, const struct jl_op *op,
                               const struct jl_type *type, struct jl_touched *touched,
                               enum jl_merge_effect effect, struct jl_err *err) {
    struct jl_touched *kept = NULL;
    struct jl_op merge = *op;
    if (op->kind == JL_OP_MERGE && apply->author == JL_SIDE_DISTRICT) {
        return jl_follow_merge_accepted(apply, op, touched, err);
    }
    if (!jl_own_merge_has(apply, op) || op->kind != JL_OP_DELETE || effect != JL_EFFECT_DELETE ||
        type->natural_key_count > 0) {
        return JL_OK;
    }
    merge.id = op->other;
    merge.other = op->id;
    enum jl_rc rc = jl_touched_get(apply, op->type, &op->other, &kept, err);
    return rc == JL_OK ? jl_follow_merge_accepted(apply, &merge, kept, err) : rc;
}

enum jl_rc jl_own_merge_undoes(struct jl_apply *apply, const struct jl_op *op,
                               const struct jl_touched *touched, bool *out_unmerges,
                               struct jl_err *err) {
    const struct jl_merged *map = NULL;
    struct jl_touched *kept = NULL;
    *out_unmerges = false;
    if (!jl_own_merge_has(apply, op) || op->kind != JL_OP_RESTORE) {
        return JL_OK;
    }
    enum jl_rc rc = jl_merged_get(apply->district, &map, err);
    const struct jl_id *into =
        rc == JL_OK ? jl_merged_kept(map, touched->key.type, &touched->key.id) : NULL;
    if (into == NULL || !jl_id_equal(into, &op->other)) {
        return rc;
    }
    rc = jl_touched_get(apply, op->type, &op->other, &kept, err);
    /* Who deletes what an office has is the office or the district. */
    *out_unmerges = rc == JL_OK && touched->record.head.by_device != 0 &&
                    touched->record.row.owner == apply->office && jl_touched_lives(kept) &&
                    kept->record.row.owner == apply->office;
    return rc;
}
