/* Two records that may be one have one case for ever, whoever finds them and however often:
 *
 *   the pair's case is      found again
 *   absent, or deleted      opened
 *   open                    stays as it is
 *   closed as "different"   remembered: nobody is asked again
 *   closed otherwise        opened again, with the record that was found now
 */
#include "server/books/district_internal.h"

#include <string.h>

static bool says(const struct jl_row *row, uint32_t field, const char *word) {
    const struct jl_value *value = jl_row_get(row, field);
    return value != NULL && value->kind == JL_VALUE_TEXT && value->bytes.size == strlen(word) &&
           memcmp(value->bytes.data, word, value->bytes.size) == 0;
}

static bool is_open(const struct jl_row *row) {
    const struct jl_value *status = jl_row_get(row, JL_CASE_STATUS);
    return status != NULL && status->number == JL_CASE_OPEN;
}

enum jl_rc jl_apply_pair(struct jl_apply *apply, const struct jl_case_note *note, bool *out_asks,
                         struct jl_err *err) {
    struct jl_id id;
    struct jl_work *work = NULL;
    *out_asks = false;
    enum jl_rc rc = jl_pair_id(apply->district->books->hasher, note->op->type, &note->op->id,
                               note->other, &id, err);
    if (rc == JL_OK) {
        rc = jl_apply_work(apply, JL_TYPE_CASE, &id, &work, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_row *row = &work->record.row;
    bool there = (work->was_there || work->dirty) && !row->deleted;
    bool open = there && is_open(row);
    *out_asks = open || !there || !says(row, JL_CASE_RESOLUTION, JL_CASE_DIFFERENT);
    return *out_asks && !open ? jl_apply_case_at(apply, &id, note, err) : JL_OK;
}

/* The pair's case as it stands; *out_work is NULL when there is none. */
static enum jl_rc find_case(struct jl_apply *apply, uint32_t type, const struct jl_id *ids[2],
                            struct jl_work **out_work, struct jl_err *err) {
    struct jl_id id;
    struct jl_work *work = NULL;
    enum jl_rc rc = jl_pair_id(apply->district->books->hasher, type, ids[0], ids[1], &id, err);
    if (rc == JL_OK) {
        rc = jl_apply_work(apply, JL_TYPE_CASE, &id, &work, err);
    }
    bool there = rc == JL_OK && (work->was_there || work->dirty) && !work->record.row.deleted;
    *out_work = there ? work : NULL;
    return rc;
}

enum jl_rc jl_apply_pair_merged(struct jl_apply *apply, const struct jl_op *op,
                                struct jl_err *err) {
    const struct jl_id *ids[2] = {&op->id, &op->other};
    struct jl_work *work = NULL;
    enum jl_rc rc = find_case(apply, op->type, ids, &work, err);
    return work != NULL && is_open(&work->record.row)
               ? jl_apply_close_case(apply, op, work, JL_CASE_MERGED_WORD, err)
               : rc;
}

enum jl_rc jl_apply_pair_parted(struct jl_apply *apply, const struct jl_work *work,
                                const struct jl_id *other, struct jl_err *err) {
    const struct jl_id *ids[2] = {&work->key.id, other};
    const struct jl_value open = jl_value_int(JL_CASE_OPEN);
    const struct jl_value none = jl_value_null();
    struct jl_work *pair = NULL;
    struct jl_row row;
    enum jl_rc rc = find_case(apply, work->key.type, ids, &pair, err);
    if (pair == NULL || is_open(&pair->record.row) ||
        !says(&pair->record.row, JL_CASE_RESOLUTION, JL_CASE_MERGED_WORD)) {
        return rc;
    }
    rc = jl_row_dup(apply->arena, &pair->record.row, &row, err);
    if (rc == JL_OK) {
        rc = jl_row_set(&row, JL_CASE_STATUS, &open, apply->arena, err);
    }
    if (rc == JL_OK) {
        rc = jl_row_set(&row, JL_CASE_RESOLUTION, &none, apply->arena, err);
    }
    if (rc == JL_OK) {
        rc = jl_row_set(&row, JL_CASE_RESOLVED_BY, &none, apply->arena, err);
    }
    pair->record.row = row;
    pair->record.head.changed_ms = apply->now_ms;
    pair->record.head.by_device = 0;
    pair->record.head.by_staff = jl_bytes(NULL, 0);
    pair->echo = pair->dirty = true;
    return rc;
}
