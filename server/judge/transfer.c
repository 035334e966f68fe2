/* Transfers at the district: what it fills in, when a member moves, and cases of steps that are
 * overdue.
 *
 *   requested ─> released ─> received ─> effective, and the member moves, in the same transaction
 *                                     └> returned, when the office left has it no more
 *
 * The id of a step's case is SHA-256("jielian transfer case v1" ‖ transfer id ‖ status (u32be))
 * [0..15]: one case a step, however often somebody looks, and it closes when the step is left. */
#include "transfer.h"
#include "apply.h"
#include "objection.h"

#include "server/books/district.h"

#include "jielian/base/assert.h"
#include "jielian/base/date.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/desk/transfer.h"
#include "jielian/op/may.h"
#include "jielian/record/format.h"
#include "jielian/sync/case_id.h"

#include <string.h>

enum { CASE_OPEN = 1, CASE_RESOLVED = 2 };

static bool holds(const struct jl_row *row, uint32_t field) {
    const struct jl_value *value = jl_row_get(row, field);
    return value != NULL && value->kind != JL_VALUE_NULL;
}

static enum jl_rc subject_work(struct jl_apply *apply, const struct jl_type *type,
                               const struct jl_row *row, struct jl_touched **out_touched,
                               struct jl_err *err) {
    const struct jl_value *value = jl_row_get(row, type->transfer_subject);
    struct jl_id id;
    *out_touched = NULL;
    if (value == NULL) {
        return JL_OK; /* the validator names what is missing */
    }
    enum jl_rc rc = jl_id_from_bytes(value->bytes, &id, err);
    return rc == JL_OK
               ? jl_touched_get(apply, jl_type_field(type, type->transfer_subject)->ref_type, &id,
                                out_touched, err)
               : rc;
}

static bool lives(const struct jl_touched *touched) {
    return touched != NULL && (touched->was_there || touched->dirty) &&
           !touched->record.row.deleted;
}

/* ---- Before: may it be asked for? ---- */

enum jl_rc jl_transfer_fits(struct jl_apply *apply, const struct jl_type *type,
                            const struct jl_row *row, struct jl_objection *out_objection,
                            struct jl_err *err) {
    struct jl_touched *subject = NULL;
    enum jl_rc rc = subject_work(apply, type, row, &subject, err);
    if (rc != JL_OK || subject == NULL) {
        return rc;
    }
    const struct jl_value *to = jl_row_get(row, type->transfer_to);
    struct jl_transfer_ask ask = {
        .by = apply->office,
        .lives = lives(subject),
        .holder = subject->record.row.owner,
        .from = jl_roster_office_of_ref(apply->district, jl_row_get(row, type->transfer_from)),
        .to = jl_roster_office_of_ref(apply->district, to)};
    if (apply->head->rules < 2) {
        ask.by = 0;
        ask.from = ask.from != 0 ? ask.from : ask.holder;
        ask.to = ask.from;
    }
    enum jl_transfer_lacks lacks = JL_LACKS_NOTHING;
    const struct jl_may_not *no = jl_may_transfer(&ask, &lacks);
    if (no == NULL) {
        return JL_OK;
    }
    jl_objection_say(out_objection, no->code);
    out_objection->may_come = lacks != JL_LACKS_NOTHING;
    out_objection->misses = subject->key;
    if (lacks == JL_LACKS_OFFICE) {
        out_objection->misses.type = JL_TYPE_OFFICE;
        rc = to != NULL ? jl_id_from_bytes(to->bytes, &out_objection->misses.id, err) : JL_OK;
    }
    return rc;
}

/* ---- Cases of steps ---- */

enum jl_rc jl_transfer_close_step(struct jl_apply *apply, const struct jl_id *transfer,
                                  int64_t status, struct jl_err *err) {
    const struct jl_layout *layout = jl_books_layout(apply->district->books, JL_TYPE_CASE);
    const struct jl_field *field = jl_type_field_named(layout->type, "status");
    const struct jl_value resolved = jl_value_int(CASE_RESOLVED);
    struct jl_id id;
    struct jl_touched *touched = NULL;
    struct jl_row row;
    if (status == 0) {
        return JL_OK;
    }
    JL_ASSERT(field != NULL);
    enum jl_rc rc = jl_case_id_of_step(apply->district->books->hasher, transfer, status, &id, err);
    if (rc == JL_OK) {
        rc = jl_touched_get(apply, JL_TYPE_CASE, &id, &touched, err);
    }
    if (rc != JL_OK || !lives(touched) ||
        jl_row_number(&touched->record.row, field->number) != CASE_OPEN) {
        return rc;
    }
    rc = jl_row_dup(apply->arena, &touched->record.row, &row, err);
    if (rc == JL_OK) {
        rc = jl_row_set(&row, field->number, &resolved, apply->arena, err);
    }
    touched->record.row = row;
    touched->record.head.changed_ms = apply->now_ms;
    touched->echo = touched->dirty = true;
    return rc;
}

/* ---- After: what the district fills in ---- */

struct following {
    struct jl_apply *apply;
    const struct jl_type *type;
    struct jl_touched *touched; /* the transfer */
    struct jl_row row;          /* as it is to be */
    bool changed;
};

static enum jl_rc put(struct following *following, uint32_t field, struct jl_value value,
                      struct jl_err *err) {
    const struct jl_value none = jl_value_null();
    const struct jl_value *now = field != 0 ? jl_row_get(&following->row, field) : NULL;
    if (field == 0 || jl_value_equal(now != NULL ? now : &none, &value)) {
        return JL_OK;
    }
    following->changed = true;
    return jl_row_set(&following->row, field, &value, following->apply->arena, err);
}

static enum jl_rc add_up(void *context, const struct jl_type *type, uint64_t records,
                         struct jl_err *err) {
    (void)type;
    (void)err;
    *(uint64_t *)context += records;
    return JL_OK;
}

static enum jl_rc fill_name(struct following *following, const struct jl_touched *subject,
                            struct jl_err *err) {
    struct jl_apply *apply = following->apply;
    const struct jl_layout *layout = jl_books_layout(apply->district->books, subject->key.type);
    struct jl_bytes copy = {0};
    JL_AUTO(jl_buf) title = {0};
    enum jl_rc rc =
        jl_format_title(layout->type, &subject->record.row, JL_LANGUAGE_ZH, &title, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(apply->arena, jl_buf_bytes(&title), &copy, err);
    }
    return rc == JL_OK && copy.size > 0
               ? put(following, following->type->transfer_name, jl_value_text(copy), err)
               : rc;
}

/* For the office joined, which has neither the member nor what was recorded about it. */
static enum jl_rc fill_facts(struct following *following, struct jl_err *err) {
    const struct jl_type *type = following->type;
    struct jl_touched *subject = NULL;
    uint64_t records = 0;
    enum jl_rc rc = subject_work(following->apply, type, &following->row, &subject, err);
    if (rc != JL_OK || !lives(subject)) {
        return rc;
    }
    if (type->transfer_name != 0 && !holds(&following->row, type->transfer_name)) {
        rc = fill_name(following, subject, err);
    }
    if (rc == JL_OK && type->transfer_dependants != 0) {
        rc = jl_transfer_dependants(following->apply->district->books, &subject->key,
                                    subject->record.row.owner, add_up, &records, err);
    }
    return rc == JL_OK
               ? put(following, type->transfer_dependants, jl_value_int((int64_t)records), err)
               : rc;
}

static enum jl_rc carry(struct following *following, struct jl_touched *subject,
                        struct jl_err *err) {
    struct jl_apply *apply = following->apply;
    struct jl_row row;
    enum jl_rc rc = jl_row_dup(apply->arena, &subject->record.row, &row, err);
    for (size_t i = 0; rc == JL_OK && i < following->type->carry_count; i++) {
        const struct jl_carry *one = &following->type->carries[i];
        const struct jl_value *value = jl_row_get(&following->row, one->from);
        if (value != NULL && value->kind != JL_VALUE_NULL) {
            rc = jl_row_set(&row, one->to, value, apply->arena, err);
        }
    }
    if (rc == JL_OK) {
        subject->record.row = row;
    }
    return rc;
}

/* *out_moved false: the office left does not have it (any more), so it can't give it away. */
static enum jl_rc move_subject(struct following *following, bool *out_moved, struct jl_err *err) {
    struct jl_apply *apply = following->apply;
    const struct jl_type *type = following->type;
    const struct jl_row *row = &following->row;
    uint32_t to = jl_roster_office_of_ref(apply->district, jl_row_get(row, type->transfer_to));
    uint32_t from = jl_roster_office_of_ref(apply->district, jl_row_get(row, type->transfer_from));
    struct jl_touched *subject = NULL;
    *out_moved = false;
    enum jl_rc rc = subject_work(apply, type, row, &subject, err);
    if (rc != JL_OK || !lives(subject) || from == 0 || to == 0 || from == to ||
        subject->record.row.owner != from) {
        return rc;
    }
    rc = carry(following, subject, err);
    subject->record.row.owner = to;
    subject->record.head.changed_ms = apply->now_ms;
    subject->echo = subject->dirty = true;
    *out_moved = rc == JL_OK;
    return rc;
}

/* received → effective, or → returned. */
static enum jl_rc take_effect(struct following *following, struct jl_err *err) {
    const struct jl_type *type = following->type;
    uint32_t returned = jl_transfer_code(type, "returned");
    int64_t today = jl_apply_today(following->apply);
    bool moved = false;
    enum jl_rc rc = move_subject(following, &moved, err);
    if (rc != JL_OK || (!moved && returned == 0)) {
        return rc;
    }
    uint32_t status = moved ? jl_transfer_code(type, "effective") : returned;
    rc = put(following, type->flow.field, jl_value_int(status), err);
    return rc == JL_OK && moved && today != 0
               ? put(following, type->transfer_effective, jl_value_int(today), err)
               : rc;
}

static enum jl_rc set_due(struct following *following, struct jl_err *err) {
    const struct jl_flow *flow = &following->type->flow;
    int64_t today = jl_apply_today(following->apply);
    bool open = today != 0 &&
                jl_transfer_open(following->type, jl_row_number(&following->row, flow->field));
    return put(following, flow->due_field,
               open ? jl_value_int(jl_date_add_working_days(today, flow->due_working_days))
                    : jl_value_null(),
               err);
}

/* The status has moved, or the transfer is new. */
static enum jl_rc step(struct following *following, int64_t status_before, struct jl_err *err) {
    const struct jl_type *type = following->type;
    int64_t status = jl_row_number(&following->row, type->flow.field);
    uint32_t received = jl_transfer_code(type, "received");
    uint32_t effective = jl_transfer_code(type, "effective");
    enum jl_rc rc =
        jl_transfer_close_step(following->apply, &following->row.id, status_before, err);
    if (rc == JL_OK && effective != 0 && (status == received || status == effective)) {
        rc = take_effect(following, err);
    }
    return rc == JL_OK && type->flow.due_field != 0 ? set_due(following, err) : rc;
}

static enum jl_rc follow(struct jl_apply *apply, const struct jl_type *type,
                         struct jl_touched *touched, const struct jl_row *before,
                         struct jl_err *err) {
    struct following following = {.apply = apply, .type = type, .touched = touched};
    int64_t status_before = jl_row_number(before, type->flow.field);
    enum jl_rc rc = jl_row_dup(apply->arena, &touched->record.row, &following.row, err);
    if (rc == JL_OK && before == NULL) {
        rc = fill_facts(&following, err);
    }
    if (rc == JL_OK && jl_row_number(&following.row, type->flow.field) != status_before) {
        rc = step(&following, status_before, err);
    }
    if (rc == JL_OK && following.changed) {
        touched->record.row = following.row;
        touched->echo = true;
    }
    return rc;
}

enum jl_rc jl_transfer_follow_up(struct jl_apply *apply, const struct jl_type *type,
                                 struct jl_touched *touched, const struct jl_row *before,
                                 enum jl_merge_effect effect, struct jl_err *err) {
    switch (effect) {
    case JL_EFFECT_INSERT:
    case JL_EFFECT_UPDATE:
        return follow(apply, type, touched, before, err);
    case JL_EFFECT_DELETE:
        return jl_transfer_close_step(apply, &touched->key.id,
                                      jl_row_number(before, type->flow.field), err);
    case JL_EFFECT_NONE:
        break;
    }
    return JL_OK;
}
