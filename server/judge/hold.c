/* Ops that wait for what they build on, after the books were restored. Each is shown by a case of
 * its author's office that closes itself:
 *
 *   held ──(it has come, or the restore is closed)──> judged: the case is done,
 *     │                                               or says what a person must decide
 *     └──(a person closes the case)──> given up, never judged
 */
#include "hold.h"
#include "apply.h"
#include "case.h"

#include "server/books/entry.h"
#include "server/books/holding.h"

#include "jielian/books/books.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/store/held_ops.h"
#include "jielian/sync/case_id.h"

#include <string.h>

static const char arrived[] = "所依据的改动已到，已补入";

enum jl_waits jl_hold_kind(const struct jl_apply *apply, const struct jl_op *op) {
    const struct jl_holding *holding = &apply->district->holding;
    if (apply->author == JL_SIDE_DISTRICT || apply->head->rules == 0) {
        return JL_WAITS_NOT;
    }
    bool came_back = op->number > 0 && op->number <= apply->head->came_back_upto;
    if (!holding->open) { /* one that comes back late is judged as if it had waited until then */
        return came_back || apply->head->kind == JL_ENTRY_RELEASE ? JL_WAITS_NO_MORE : JL_WAITS_NOT;
    }
    return came_back ? JL_WAITS_ALL : JL_WAITS_RECORD;
}

static bool same_key(const struct jl_record_key *a, const struct jl_record_key *b) {
    return a->type == b->type && jl_id_equal(&a->id, &b->id);
}

/* Where it stands in the journal, or comes to stand. */
static bool stands_before(const struct jl_apply *apply, const struct jl_held *held, size_t index) {
    const struct jl_held *own = apply->refs != NULL ? &apply->refs[index] : NULL;
    return own == NULL || held->journal_seq < own->journal_seq ||
           (held->journal_seq == own->journal_seq && held->n < own->n);
}

/* Judged in this release already; if it waits on, it is among apply->held. */
static bool is_released(const struct jl_apply *apply, const struct jl_held *held, size_t index) {
    for (size_t i = 0; apply->refs != NULL && i < index; i++) {
        if (apply->refs[i].journal_seq == held->journal_seq && apply->refs[i].n == held->n) {
            return true;
        }
    }
    return false;
}

enum jl_rc jl_hold_look_around(struct jl_apply *apply, size_t index, const struct jl_head *head,
                               struct jl_merge_input *input, struct jl_err *err) {
    const struct jl_record_key key = {.type = input->op->type, .id = input->op->id};
    struct jl_held *list = NULL;
    size_t count = 0;
    if (input->op->kind != JL_OP_DELETE || input->waits == JL_WAITS_NOT) {
        return JL_OK;
    }
    input->by_other_since =
        head->last > apply->district->holding.restored_seq && head->by_device != apply->device;
    for (size_t i = 0; i < apply->held_count; i++) {
        input->behind = input->behind || same_key(&apply->held[i].key, &key);
    }
    enum jl_rc rc =
        apply->district->holding.held > 0
            ? jl_held_ops_of(apply->district->books->store, &key, apply->arena, &list, &count, err)
            : JL_OK;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        input->behind = input->behind ||
                        (list[i].device == apply->device && stands_before(apply, &list[i], index) &&
                         !is_released(apply, &list[i], index));
    }
    return rc;
}

enum jl_rc jl_hold_op(struct jl_apply *apply, size_t index, const struct jl_record_key *misses,
                      const struct jl_case_note *note, struct jl_err *err) {
    apply->held[apply->held_count++] = (struct jl_held){.n = (uint32_t)index, .key = *misses};
    return apply->seqs != NULL ? JL_OK : jl_case_put(apply, note, err);
}

static enum jl_rc case_of(struct jl_apply *apply, size_t index, struct jl_touched **out_touched,
                          struct jl_id *out_id, struct jl_err *err) {
    enum jl_rc rc = jl_case_id(apply->district->books->hasher, apply->incarnation,
                               jl_apply_seq(apply, index), out_id, err);
    return rc == JL_OK ? jl_touched_get(apply, JL_TYPE_CASE, out_id, out_touched, err) : rc;
}

static bool is_open(const struct jl_touched *touched) {
    const struct jl_value *status = jl_row_get(&touched->record.row, JL_CASE_STATUS);
    return jl_touched_lives(touched) && status != NULL && status->number == JL_CASE_OPEN;
}

enum jl_rc jl_hold_end(struct jl_apply *apply, size_t index, const struct jl_case_note *note,
                       struct jl_err *err) {
    struct jl_touched *touched = NULL;
    struct jl_id id;
    enum jl_rc rc = case_of(apply, index, &touched, &id, err);
    apply->released++;
    if (rc != JL_OK) {
        return rc;
    }
    if (note != NULL) {
        return jl_case_put_at(apply, &id, note, err);
    }
    return is_open(touched) ? jl_case_close(apply, &apply->ops[index], touched, arrived, err)
                            : JL_OK;
}

enum jl_rc jl_hold_given_up(struct jl_apply *apply, size_t index, bool *out_given_up,
                            struct jl_err *err) {
    struct jl_touched *touched = NULL;
    struct jl_id id;
    enum jl_rc rc = case_of(apply, index, &touched, &id, err);
    *out_given_up = rc == JL_OK && jl_touched_there(touched) && !is_open(touched);
    return rc;
}
