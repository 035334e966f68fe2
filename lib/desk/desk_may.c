/* Who may write what, asked at the desk: the table is lib/op/may.c. */
#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/base/id.h"
#include "jielian/books/books.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/desk/desk.h"

#include <string.h>

static enum jl_hand hand_of(const struct jl_desk *desk) {
    if (desk->books->side == JL_SIDE_DISTRICT) {
        return desk->program ? JL_HAND_COMMAND : JL_HAND_DISTRICT;
    }
    return desk->program ? JL_HAND_OFFICE : JL_HAND_CLERK;
}

/* Was it merged into a record that lives, and does the change undo that? An undo says so in
 * `other`; restoring it alone would leave with the other what it gave. */
static enum jl_rc look_at_merge(struct jl_desk *desk, const struct jl_change *change,
                                struct jl_arena *arena, struct jl_may_ask *ask,
                                struct jl_err *err) {
    struct jl_record_key key = {.type = change->after.type};
    struct jl_book_record kept = {0};
    bool comes_back = change->kind == JL_OP_RESTORE && change->before != NULL &&
                      change->before->row.deleted && desk->merged != NULL;
    if (!comes_back) {
        return JL_OK;
    }
    enum jl_rc rc = desk->merged(desk->save_context, key.type, &change->after.id, &key.id, err);
    if (rc != JL_OK || jl_id_is_zero(&key.id)) {
        return rc;
    }
    rc = jl_books_load(desk->books, &key, 1, arena, &kept, err);
    ask->merged = rc == JL_OK && jl_books_head_shown(&kept.head);
    ask->unmerges = jl_id_equal(&change->other, &key.id);
    return rc;
}

enum jl_rc jl_desk_may(struct jl_desk *desk, const struct jl_change *change, struct jl_arena *arena,
                       const struct jl_may_not **out_not, uint32_t *out_field, struct jl_err *err) {
    struct jl_op op = {.kind = change->kind, .type = change->after.type, .staff = desk->staff};
    struct jl_may_ask ask = {.type = jl_catalogue_type(desk->books->catalogue, op.type),
                             .by = hand_of(desk),
                             .op = &op,
                             .before = change->before != NULL ? &change->before->row : NULL};
    *out_not = NULL;
    *out_field = 0;
    if (ask.type == NULL) {
        return JL_OK; /* the catalogue has moved on; the save will tell */
    }
    enum jl_rc rc = jl_change_op(change, arena, &op, err);
    if (rc == JL_OK) {
        rc = jl_desk_movers(desk, ask.type, ask.before != NULL ? ask.before : &change->after,
                            &ask.movers, err);
    }
    if (rc == JL_OK) {
        rc = look_at_merge(desk, change, arena, &ask, err);
    }
    if (rc == JL_OK) {
        *out_not = jl_may(&ask, out_field);
    }
    return rc;
}

enum jl_rc jl_desk_check_may(struct jl_desk *desk, const struct jl_change *change,
                             struct jl_arena *arena, struct jl_err *err) {
    const struct jl_may_not *no = NULL;
    uint32_t number = 0;
    enum jl_rc rc = jl_desk_may(desk, change, arena, &no, &number, err);
    if (rc != JL_OK || no == NULL) {
        return rc;
    }
    const struct jl_type *type = jl_catalogue_type(desk->books->catalogue, change->after.type);
    const struct jl_field *field = number != 0 ? jl_type_field(type, number) : NULL;
    const char *why = jl_desk_why_not(desk, no);
    return field == NULL
               ? jl_fault_at(err, JL_DENIED, JL_FAULT_DESK_PROBLEM, "%s" JL_AND "%s",
                             jl_desk_label(desk, &type->label), why)
               : jl_fault_at(err, JL_DENIED, JL_FAULT_DESK_FIELD_PROBLEM,
                             "%s" JL_AND "%s" JL_AND "%s", jl_desk_label(desk, &type->label),
                             jl_desk_label(desk, &field->label), why);
}
