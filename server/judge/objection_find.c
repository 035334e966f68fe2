/* What speaks against a row as it would be: its natural key, the validator that every path goes
 * through, the moves of its status, and for a transfer whether it may be asked for. */
#include "apply.h"
#include "objection.h"
#include "own_merge.h"
#include "right.h"
#include "sight.h"
#include "transfer.h"

#include "jielian/books/leave.h"
#include "jielian/record/flow.h"
#include "jielian/record/natural_key.h"

enum { DATE_UNLIMITED = 99991231 };

static const struct jl_problem *first_error(const struct jl_problems *problems) {
    for (size_t i = 0; i < problems->count; i++) {
        if (problems->items[i].severity == JL_PROBLEM_ERROR) {
            return &problems->items[i];
        }
    }
    return NULL;
}

/* What the op's row goes on from; NULL: it starts anew. A record that a merge makes again under its
 * new key goes on from where it was under the old one; that an office's is the same record was
 * asked already (own_merge.c). */
static enum jl_rc row_before(struct jl_apply *apply, const struct jl_op *op,
                             const struct jl_touched *touched, const struct jl_row **out_before,
                             struct jl_err *err) {
    const struct jl_type *type = jl_books_layout(apply->district->books, op->type)->type;
    bool moves = (apply->author == JL_SIDE_DISTRICT && !jl_id_is_zero(&op->other)) ||
                 jl_own_merge_has(apply, op);
    bool again = moves && type->natural_key_count > 0 &&
                 (op->kind == JL_OP_CREATE || op->kind == JL_OP_RESTORE);
    struct jl_touched *old = NULL;
    *out_before = jl_touched_lives(touched) ? &touched->record.row : NULL;
    if (*out_before != NULL || !again) {
        return JL_OK;
    }
    enum jl_rc rc = jl_touched_get(apply, op->type, &op->other, &old, err);
    if (rc == JL_OK && jl_touched_there(old)) {
        *out_before = &old->record.row;
    }
    return rc;
}

/* May an office start it with a status that is the district's to give? */
static enum jl_rc find_leave(struct jl_apply *apply, const struct jl_type *type,
                             const struct jl_row *from, const struct jl_row *after, bool *out_leave,
                             struct jl_err *err) {
    const struct jl_value *status = jl_row_get(after, type->flow.field);
    bool starts = from == NULL || from->deleted;
    bool asks = apply->author == JL_SIDE_OFFICE && starts && status != NULL &&
                status->kind == JL_VALUE_INT && status->number > 0 &&
                jl_flow_is_districts(type, (uint32_t)status->number);
    *out_leave = false;
    return asks ? jl_leave_find(apply->district->books, apply->office, type, jl_apply_today(apply),
                                out_leave, err)
                : JL_OK;
}

/* A date that lies ahead is no fault of an office's: whose clock is right is for people to say. At
 * the district's own desk it is refused at once. */
static enum jl_rc validate(struct jl_apply *apply, const struct jl_type *type,
                           const struct jl_row *before, const struct jl_row *after,
                           struct jl_objection *fault, struct jl_err *err) {
    int64_t limit = apply->head->date_limit;
    struct jl_check_context context = {
        .catalogue = apply->district->books->catalogue,
        .today = limit != 0 ? limit : DATE_UNLIMITED,
        .language = JL_LANGUAGE_ZH,
        .ahead = apply->author == JL_SIDE_OFFICE ? &fault->ahead : NULL,
    };
    jl_problems_reset(&apply->problems);
    if (before != NULL) {
        jl_check_edit(&context, type, before, after, &apply->problems);
    } else {
        jl_check_row(&context, type, after, &apply->problems);
    }
    if (type->flow.field != 0) {
        /* One that comes back goes on from the status it had. */
        const struct jl_row *from =
            before == NULL && apply->now->row_was_there ? &apply->now->row_was : before;
        enum jl_rc rc = find_leave(apply, type, from, after, &context.old_books, err);
        if (rc != JL_OK) {
            return rc;
        }
        jl_flow_check(&context, type, from, after, jl_right_movers(apply, type, after),
                      &apply->problems);
    }
    const struct jl_problem *problem = first_error(&apply->problems);
    if (apply->problems.errors > 0) {
        fault->found = problem == NULL
                           ? (struct jl_reason){.text = ""}
                           : (struct jl_reason){.said = jl_saying_remark(&problem->saying),
                                                .text = problem->text};
        fault->reason = &fault->found;
    }
    return JL_OK;
}

static enum jl_rc natural_key_fits(struct jl_apply *apply, const struct jl_type *type,
                                   const struct jl_row *row, bool *out_fits, struct jl_err *err) {
    struct jl_id id;
    *out_fits = true;
    if (type->natural_key_count == 0) {
        return JL_OK;
    }
    enum jl_rc rc = jl_natural_key_id(apply->district->books->hasher, type, row, &id, err);
    *out_fits = rc == JL_OK && jl_id_equal(&id, &row->id);
    return rc == JL_MISUSE ? JL_OK : rc; /* a missing key field is the validator's to name */
}

enum jl_rc jl_objection_find(struct jl_apply *apply, const struct jl_op *op,
                             const struct jl_touched *touched, const struct jl_row *row,
                             struct jl_objection *out_objection, struct jl_err *err) {
    bool fits = false;
    const struct jl_row *before = NULL;
    const struct jl_type *type = jl_books_layout(apply->district->books, op->type)->type;
    *out_objection = (struct jl_objection){0};
    enum jl_rc rc = natural_key_fits(apply, type, row, &fits, err);
    if (rc == JL_OK) {
        rc = row_before(apply, op, touched, &before, err);
    }
    if (rc == JL_OK && !fits) {
        jl_objection_say(out_objection, JL_SAY_NATURAL_KEY);
        return JL_OK;
    }
    if (rc == JL_OK) {
        rc = validate(apply, type, before, row, out_objection, err);
    }
    if (rc == JL_OK && out_objection->reason == NULL && !jl_touched_lives(touched)) {
        rc = jl_sight_check(apply, type, row, out_objection, err);
    }
    if (rc == JL_OK && out_objection->reason == NULL && type->transfer_subject != 0 &&
        !jl_touched_lives(touched)) {
        rc = jl_transfer_fits(apply, type, row, out_objection, err);
    }
    return rc;
}
