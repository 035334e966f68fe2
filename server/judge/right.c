/* Who may write what, asked of every op that an office sends: the table is lib/op/may.c. And what
 * an office may say, and the district replaces. */
#include "right.h"
#include "apply.h"
#include "case.h"
#include "follow_merge.h"
#include "objection.h"
#include "own_merge.h"

#include "server/books/district.h"

#include "jielian/books/books.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/op/may.h"

unsigned jl_right_movers(const struct jl_apply *apply, const struct jl_type *type,
                         const struct jl_row *row) {
    unsigned any = 1u << JL_MOVER_ANY;
    if (apply->author == JL_SIDE_DISTRICT) {
        return any | 1u << JL_MOVER_DISTRICT | 1u << JL_MOVER_OFFICE | 1u << JL_MOVER_FROM |
               1u << JL_MOVER_TO;
    }
    unsigned movers = any | 1u << JL_MOVER_OFFICE;
    const struct jl_district *district = apply->district;
    if (jl_roster_office_of_ref(district, jl_row_get(row, type->transfer_from)) == apply->office) {
        movers |= 1u << JL_MOVER_FROM;
    }
    if (jl_roster_office_of_ref(district, jl_row_get(row, type->transfer_to)) == apply->office) {
        movers |= 1u << JL_MOVER_TO;
    }
    return movers;
}

/* Entries of older rules say by their verdicts what was taken. */
static bool is_asked(const struct jl_apply *apply) {
    return apply->author == JL_SIDE_OFFICE && apply->head->rules >= 2;
}

enum jl_rc jl_right_check(struct jl_apply *apply, const struct jl_op *op,
                          const struct jl_type *type, struct jl_touched *touched,
                          struct jl_objection *out_objection, struct jl_err *err) {
    const struct jl_row named = {.fields = op->new_fields, .field_count = op->new_count};
    bool there = jl_touched_there(touched);
    struct jl_touched *kept = NULL;
    uint32_t field = 0;
    *out_objection = (struct jl_objection){0};
    if (!is_asked(apply)) {
        return JL_OK;
    }
    bool comes_back = (op->kind == JL_OP_RESTORE || op->kind == JL_OP_CREATE) && there &&
                      touched->record.row.deleted;
    enum jl_rc rc = comes_back ? jl_follow_merge_into(apply, touched, &kept, err) : JL_OK;
    if (rc != JL_OK) {
        return rc;
    }
    bool unmerges = false;
    if (kept != NULL) {
        rc = jl_own_merge_undoes(apply, op, touched, &unmerges, err);
    }
    const struct jl_row *before = there ? &touched->record.row : NULL;
    const struct jl_may_ask ask = {
        .type = type,
        .by = JL_HAND_OFFICE,
        .op = op,
        .before = before,
        .movers =
            type->transfer_subject != 0 ? jl_right_movers(apply, type, there ? before : &named) : 0,
        .merged = kept != NULL,
        .unmerges = unmerges,
    };
    const struct jl_may_not *no = rc == JL_OK ? jl_may(&ask, &field) : NULL;
    if (no != NULL) {
        jl_objection_say(out_objection, no->code);
    }
    return rc;
}

bool jl_right_closes_late(const struct jl_apply *apply, const struct jl_op *op,
                          const struct jl_touched *touched) {
    return is_asked(apply) && op->type == JL_TYPE_CASE && op->kind == JL_OP_EDIT &&
           jl_touched_lives(touched) && jl_may_is_closed(&touched->record.row) &&
           (touched->record.row.owner == apply->office || apply->head->rules < 3);
}

/* A case of another office is not this author's to close, nor one that is closed, nor by deciding
 * something else than what it is about. */
static bool may_resolve(const struct jl_apply *apply, const struct jl_op *op,
                        const struct jl_row *row) {
    const struct jl_value *type = jl_row_get(row, JL_CASE_SUBJECT_TYPE);
    const struct jl_value *subject = jl_row_get(row, JL_CASE_SUBJECT_ID);
    char text[JL_ID_TEXT_BYTES];
    bool own = apply->author == JL_SIDE_DISTRICT || row->owner == apply->office;
    if (!own || apply->head->rules < 2) {
        return own;
    }
    jl_id_format(&op->id, text);
    const struct jl_value about = jl_value_cstr(text);
    return !jl_may_is_closed(row) && type != NULL && type->number == op->type && subject != NULL &&
           jl_value_equal(subject, &about);
}

enum jl_rc jl_right_close_resolved(struct jl_apply *apply, const struct jl_op *op,
                                   struct jl_err *err) {
    struct jl_touched *touched = NULL;
    enum jl_rc rc = jl_touched_get(apply, JL_TYPE_CASE, &op->other, &touched, err);
    bool there = rc == JL_OK && touched->was_there && !touched->record.row.deleted;
    return there && may_resolve(apply, op, &touched->record.row)
               ? jl_case_close(apply, op, touched, NULL, err)
               : rc;
}

bool jl_right_drop_kept(const struct jl_apply *apply, const struct jl_type *type,
                        struct jl_op *op) {
    bool whole = op->kind == JL_OP_CREATE || op->kind == JL_OP_RESTORE;
    size_t left = 0;
    if (!is_asked(apply) || !whole || type->transfer_subject == 0) {
        return false;
    }
    for (size_t i = 0; i < op->new_count; i++) {
        if (!jl_type_kept_by_district(type, op->new_fields[i].field)) {
            op->new_fields[left++] = op->new_fields[i];
        }
    }
    bool dropped = left < op->new_count;
    op->new_count = left;
    return dropped;
}
