/* What follows when two records become one, and what then arrives late (docs/design.md section 4).
 *
 *   MERGE of the kept record,    the pair's case closes; the map learns gone → kept; offices that
 *   an office's: DELETE of gone  had the gone record get a stub of the kept one
 *   late edit of the gone one    M19, with the kept record's row
 *   late reference to it         taken as it is; a case offers the kept one instead
 *   it comes back (undo)         the map forgets it; the pair's case is open again
 *
 * The map is meta `merged` (server/books/merged_map.c). */
#include "follow_merge.h"
#include "apply.h"
#include "pair.h"

#include "server/books/visibility.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/base/id.h"
#include "jielian/base/row.h"
#include "jielian/catalogue/kind.h"
#include "jielian/catalogue/type.h"
#include "jielian/op/merge.h"
#include "jielian/store/feeds.h"

#include <string.h>

/* ---- A merge ---- */

/* Every office that has, or had, the record that goes shall know what stands for it now. */
static enum jl_rc want_stubs(struct jl_apply *apply, const struct jl_op *op,
                             struct jl_touched *kept, struct jl_err *err) {
    struct jl_feed_entry entries[JL_FEED_ENTRIES_MAX];
    struct jl_touched *gone = NULL;
    size_t count = 0;
    /* An office's own has kept itself; 0: the district's merge. */
    const uint32_t own = apply->author == JL_SIDE_OFFICE ? apply->office : 0;
    enum jl_rc rc = jl_touched_get(apply, op->type, &op->other, &gone, err);
    if (rc == JL_OK && gone->before.rid != 0) {
        rc = jl_feeds_of(apply->district->books->store, gone->before.rid, entries,
                         JL_FEED_ENTRIES_MAX, &count, err);
    }
    if (rc != JL_OK || count == 0) {
        return rc;
    }
    uint32_t *feeds = jl_arena_zalloc(apply->arena, kept->stub_count + count, sizeof *feeds);
    if (feeds == NULL) {
        return jl_fault_memory(err);
    }
    if (kept->stub_count > 0) {
        memcpy(feeds, kept->stub_feeds, kept->stub_count * sizeof *feeds);
    }
    kept->stub_feeds = feeds;
    size_t had = kept->stub_count;
    for (size_t i = 0; i < count; i++) {
        bool known = false;
        for (size_t s = 0; s < kept->stub_count; s++) {
            known = known || feeds[s] == entries[i].feed;
        }
        if (!known && entries[i].feed != 0 && entries[i].feed != own) {
            feeds[kept->stub_count++] = entries[i].feed;
        }
    }
    if (kept->stub_count > had || apply->author == JL_SIDE_DISTRICT) {
        kept->dirty = kept->echo = true;
    }
    return JL_OK;
}

enum jl_rc jl_follow_merge_accepted(struct jl_apply *apply, const struct jl_op *op,
                                    struct jl_touched *kept, struct jl_err *err) {
    const struct jl_merged_entry entry = {.type = op->type, .gone = op->other, .kept = op->id};
    struct jl_merged *merged = NULL;
    enum jl_rc rc = jl_merged_load(apply->district, &merged, err);
    if (rc == JL_OK) {
        apply->district->merged_moved = true;
        rc = jl_merged_put(merged, &entry, err);
    }
    if (rc == JL_OK) {
        rc = jl_pair_merged(apply, op, err);
    }
    return rc == JL_OK ? want_stubs(apply, op, kept, err) : rc;
}

enum jl_rc jl_follow_merge_parted(struct jl_apply *apply, struct jl_touched *touched,
                                  struct jl_err *err) {
    struct jl_merged *merged = NULL;
    enum jl_rc rc = jl_merged_load(apply->district, &merged, err);
    const struct jl_id *kept =
        rc == JL_OK ? jl_merged_kept(merged, touched->key.type, &touched->key.id) : NULL;
    if (kept == NULL) {
        return rc;
    }
    const struct jl_id pair = *kept;
    apply->district->merged_moved = true;
    jl_merged_drop(merged, touched->key.type, &touched->key.id);
    /* What it gave to the other is about to go back: the two are asked about by their old case, if
     * they had one, and not compared. */
    apply->now->parted_from = pair;
    return jl_pair_parted(apply, touched, &pair, err);
}

/* ---- What arrives late ---- */

enum jl_rc jl_follow_merge_into(struct jl_apply *apply, const struct jl_touched *touched,
                                struct jl_touched **out_kept, struct jl_err *err) {
    struct jl_merged *merged = NULL;
    struct jl_touched *kept = NULL;
    *out_kept = NULL;
    enum jl_rc rc = jl_merged_load(apply->district, &merged, err);
    const struct jl_id *id =
        rc == JL_OK ? jl_merged_last(merged, touched->key.type, &touched->key.id) : NULL;
    if (id != NULL) {
        rc = jl_touched_get(apply, touched->key.type, id, &kept, err);
    }
    if (rc == JL_OK && kept != NULL && (kept->was_there || kept->dirty) &&
        !kept->record.row.deleted) {
        *out_kept = kept;
    }
    return rc;
}

/* The record that a reference should name by now; NULL: the one that it names. */
static const struct jl_id *kept_of(const struct jl_merged *merged, const struct jl_type *type,
                                   const struct jl_field_value *item) {
    const struct jl_field *field = jl_type_field(type, item->field);
    struct jl_id id;
    if (field == NULL || field->kind != JL_KIND_REF || item->value.kind != JL_VALUE_BYTES ||
        item->value.bytes.size != JL_ID_BYTES) {
        return NULL;
    }
    memcpy(id.bytes, item->value.bytes.data, JL_ID_BYTES);
    return jl_merged_last(merged, field->ref_type, &id);
}

static enum jl_rc add_late(struct jl_apply *apply, const struct jl_op *op,
                           const struct jl_field_value *item, const struct jl_id *kept,
                           struct jl_merge_result *result, struct jl_err *err) {
    size_t count = result->conflict_count;
    struct jl_conflict *conflicts = jl_arena_zalloc(apply->arena, count + 1, sizeof *conflicts);
    struct jl_id *id = jl_arena_zalloc(apply->arena, 1, sizeof *id);
    if (conflicts == NULL || id == NULL) {
        return jl_fault_memory(err);
    }
    if (count > 0) {
        memcpy(conflicts, result->conflicts, count * sizeof *conflicts);
    }
    const struct jl_row old = {.fields = op->old_fields, .field_count = op->old_count};
    const struct jl_value *was = jl_row_get(&old, item->field);
    *id = *kept;
    conflicts[count] = (struct jl_conflict){.field = item->field,
                                            .old = was != NULL ? *was : jl_value_null(),
                                            .current = item->value,
                                            .offered = jl_value_ref(id)};
    result->conflicts = conflicts;
    result->conflict_count = count + 1;
    return JL_OK;
}

enum jl_rc jl_follow_merge_late_refs(struct jl_apply *apply, const struct jl_op *op,
                                     const struct jl_type *type, struct jl_merge_result *result,
                                     struct jl_err *err) {
    struct jl_merged *merged = NULL;
    apply->now->late_from = result->conflict_count;
    if (apply->author == JL_SIDE_DISTRICT) {
        return JL_OK; /* it knows; and an undo puts references back in any order */
    }
    enum jl_rc rc = jl_merged_load(apply->district, &merged, err);
    for (size_t i = 0; rc == JL_OK && merged->count > 0 && i < op->new_count; i++) {
        const struct jl_field_value *item = &op->new_fields[i];
        const struct jl_id *kept = kept_of(merged, type, item);
        const struct jl_value *stands = kept != NULL ? jl_row_get(&result->row, item->field) : NULL;
        if (stands != NULL && jl_value_equal(stands, &item->value)) {
            rc = add_late(apply, op, item, kept, result, err);
        }
    }
    if (rc == JL_OK && result->conflict_count > apply->now->late_from) {
        result->verdict = JL_VERDICT_CASE;
        result->case_kind = result->case_kind == JL_CASE_NONE ? JL_CASE_MERGED : result->case_kind;
    }
    return rc;
}
