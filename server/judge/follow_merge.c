/* What follows when two records become one, and what then arrives late (docs/design.md section 4).
 *
 *   MERGE of the kept record,    the pair's case closes; the map learns gone → kept; offices that
 *   an office's: DELETE of gone  had the gone record get a stub of the kept one
 *   late edit of the gone one    M19, with the kept record's row
 *   late reference to it         taken as it is; a case offers the kept one instead
 *   it comes back (undo)         the map forgets it; the pair's case is open again
 *
 * The map is meta `merged`, a fold over the journal like the records; it is read when the first op
 * of a transaction needs it. */
#include "server/books/district_internal.h"

#include <string.h>

/* ---- The map ---- */

static enum jl_rc map_of(struct jl_district *district, struct jl_merged **out_merged,
                         struct jl_err *err) {
    JL_AUTO(jl_buf) bytes = {0};
    *out_merged = &district->merged;
    if (district->merged_loaded) {
        return JL_OK;
    }
    enum jl_rc rc = jl_store_meta_get(district->books->store, "merged", &bytes, err);
    if (rc == JL_NOT_FOUND) {
        jl_buf_reset(&bytes);
        rc = JL_OK;
    }
    if (rc == JL_OK) {
        rc = jl_merged_decode(jl_buf_bytes(&bytes), &district->merged, err);
    }
    district->merged_loaded = rc == JL_OK;
    return rc;
}

void jl_district_merged_forget(struct jl_district *district) {
    district->merged_loaded = district->merged_moved = false;
}

enum jl_rc jl_district_merged_save(struct jl_district *district, struct jl_err *err) {
    JL_AUTO(jl_buf) bytes = {0};
    if (!district->merged_moved) {
        return JL_OK;
    }
    enum jl_rc rc = jl_merged_encode(&district->merged, &bytes, err);
    if (rc == JL_OK) {
        rc = jl_store_meta_put(district->books->store, "merged", jl_buf_bytes(&bytes), err);
    }
    district->merged_moved = rc != JL_OK;
    return rc;
}

enum jl_rc jl_district_merged(struct jl_district *district, const struct jl_merged **out_merged,
                              struct jl_err *err) {
    struct jl_merged *merged = NULL;
    enum jl_rc rc = map_of(district, &merged, err);
    *out_merged = merged;
    return rc;
}

/* A desk's transaction is begun by the books, which do not know when the map has moved on: so it is
 * read anew. */
enum jl_rc jl_district_merged_into(void *context, uint32_t type, const struct jl_id *gone,
                                   struct jl_id *out_kept, struct jl_err *err) {
    struct jl_district *district = context;
    JL_AUTO(jl_merged) map = {0};
    JL_AUTO(jl_buf) bytes = {0};
    *out_kept = (struct jl_id){{0}};
    enum jl_rc rc = jl_store_meta_get(district->books->store, "merged", &bytes, err);
    if (rc == JL_NOT_FOUND) {
        return JL_OK;
    }
    if (rc == JL_OK) {
        rc = jl_merged_decode(jl_buf_bytes(&bytes), &map, err);
    }
    const struct jl_id *kept = rc == JL_OK ? jl_merged_kept(&map, type, gone) : NULL;
    if (kept != NULL) {
        *out_kept = *kept;
    }
    return rc;
}

/* ---- A merge ---- */

/* Every office that has, or had, the record that goes shall know what stands for it now. */
static enum jl_rc want_stubs(struct jl_apply *apply, const struct jl_op *op, struct jl_work *kept,
                             struct jl_err *err) {
    struct jl_feed_entry entries[JL_FEED_ENTRIES_MAX];
    struct jl_work *gone = NULL;
    size_t count = 0;
    /* An office's own has kept itself; 0: the district's merge. */
    const uint32_t own = apply->author == JL_SIDE_OFFICE ? apply->office : 0;
    enum jl_rc rc = jl_apply_work(apply, op->type, &op->other, &gone, err);
    if (rc == JL_OK && gone->before.rid != 0) {
        rc = jl_feeds_of(apply->district->books->store, gone->before.rid, entries,
                         JL_FEED_ENTRIES_MAX, &count, err);
    }
    if (rc != JL_OK || count == 0) {
        return rc;
    }
    uint32_t *feeds = jl_arena_zalloc(apply->arena, kept->stub_count + count, sizeof *feeds);
    if (feeds == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for the stubs of a merged record");
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

enum jl_rc jl_apply_merge(struct jl_apply *apply, const struct jl_op *op, struct jl_work *kept,
                          struct jl_err *err) {
    const struct jl_merged_entry entry = {.type = op->type, .gone = op->other, .kept = op->id};
    struct jl_merged *merged = NULL;
    enum jl_rc rc = map_of(apply->district, &merged, err);
    if (rc == JL_OK) {
        apply->district->merged_moved = true;
        rc = jl_merged_put(merged, &entry, err);
    }
    if (rc == JL_OK) {
        rc = jl_apply_pair_merged(apply, op, err);
    }
    return rc == JL_OK ? want_stubs(apply, op, kept, err) : rc;
}

enum jl_rc jl_apply_back(struct jl_apply *apply, struct jl_work *work, struct jl_err *err) {
    struct jl_merged *merged = NULL;
    enum jl_rc rc = map_of(apply->district, &merged, err);
    const struct jl_id *kept =
        rc == JL_OK ? jl_merged_kept(merged, work->key.type, &work->key.id) : NULL;
    if (kept == NULL) {
        return rc;
    }
    const struct jl_id pair = *kept;
    apply->district->merged_moved = true;
    jl_merged_drop(merged, work->key.type, &work->key.id);
    /* What it gave to the other is about to go back: the two are asked about by their old case, if
     * they had one, and not compared. */
    apply->parted_from = pair;
    return jl_apply_pair_parted(apply, work, &pair, err);
}

/* ---- What arrives late ---- */

enum jl_rc jl_apply_merged_into(struct jl_apply *apply, const struct jl_work *work,
                                struct jl_work **out_kept, struct jl_err *err) {
    struct jl_merged *merged = NULL;
    struct jl_work *kept = NULL;
    *out_kept = NULL;
    enum jl_rc rc = map_of(apply->district, &merged, err);
    const struct jl_id *id =
        rc == JL_OK ? jl_merged_last(merged, work->key.type, &work->key.id) : NULL;
    if (id != NULL) {
        rc = jl_apply_work(apply, work->key.type, id, &kept, err);
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
        return jl_fail(err, JL_NOMEM, "no memory for a late reference");
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

enum jl_rc jl_apply_late_refs(struct jl_apply *apply, const struct jl_op *op,
                              const struct jl_type *type, struct jl_merge_result *result,
                              struct jl_err *err) {
    struct jl_merged *merged = NULL;
    apply->late_from = result->conflict_count;
    if (apply->author == JL_SIDE_DISTRICT) {
        return JL_OK; /* it knows; and an undo puts references back in any order */
    }
    enum jl_rc rc = map_of(apply->district, &merged, err);
    for (size_t i = 0; rc == JL_OK && merged->count > 0 && i < op->new_count; i++) {
        const struct jl_field_value *item = &op->new_fields[i];
        const struct jl_id *kept = kept_of(merged, type, item);
        const struct jl_value *stands = kept != NULL ? jl_row_get(&result->row, item->field) : NULL;
        if (stands != NULL && jl_value_equal(stands, &item->value)) {
            rc = add_late(apply, op, item, kept, result, err);
        }
    }
    if (rc == JL_OK && result->conflict_count > apply->late_from) {
        result->verdict = JL_VERDICT_CASE;
        result->case_kind = result->case_kind == JL_CASE_NONE ? JL_CASE_MERGED : result->case_kind;
    }
    return rc;
}
