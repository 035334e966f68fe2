/* Two records that may be one have one case for ever, whoever finds them and however often:
 *
 *   the pair's case is      found again
 *   absent, or deleted      opened
 *   open                    stays as it is
 *   closed as "different"   remembered: nobody is asked again
 *   closed otherwise        opened again, with the record that was found now
 */
#include "district_internal.h"

#include "jielian/merge.h"

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
