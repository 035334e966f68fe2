/* Judging a batch. Records are loaded once, changed in memory op by op, and written once:
 *
 *   load all records and duplicates ─> op 1 ─> op 2 ─> … ─> write rows ─> feeds ─> sums
 *
 * Each op goes through the same stages, and leaves at the first that settles it:
 *
 *   screen       is there such a type, is it the next number                   PARKED
 *   redelivered  was it delivered before, is it in an older entry              as then
 *   refused      did a person at the district refuse it                        PARKED
 *   right        may its author write this at all (may.h)        PARKED, or held: CASE
 *   merge        the table of merge.h                            PARKED, or held: CASE
 *   object       the validator and what else speaks against it   PARKED, or held: CASE
 *   effects      rows, pairs, merged records, cases
 *   follow-up    what was decided, transfers, authors          APPLIED, MERGED or CASE
 *
 * A refused op leaves no trace but its verdict, and never stops the ones behind it. */
#include "apply.h"
#include "author.h"
#include "case.h"
#include "follow_merge.h"
#include "hold.h"
#include "objection.h"
#include "own_merge.h"
#include "pair.h"
#include "redelivered.h"
#include "right.h"
#include "sight.h"
#include "transfer.h"
#include "unique.h"

#include "server/books/decisions.h"
#include "server/books/entry.h"

#include "jielian/base/fault.h"
#include "jielian/catalogue/built_in.h"

#include <stdio.h>
#include <string.h>

static struct jl_record_key own_key(const struct jl_judging *judging) {
    return (struct jl_record_key){.type = judging->op->type, .id = judging->op->id};
}

/* ---- What follows ---- */

/* What the record has now is not said before it is known that it is the author's to read. */
static bool may_read(const struct jl_judging *judging) {
    return judging->standing == JL_STANDING_OWN || judging->standing == JL_STANDING_LEFT;
}

/* Whose the case is, and about which record. One of an op that waits is its author's, and says
 * nothing of a record that is another office's. */
static struct jl_case_note note_of(const struct jl_apply *apply, const struct jl_judging *judging) {
    const struct jl_merge_result *result = &judging->result;
    const struct jl_touched *touched = judging->touched;
    bool held = result->case_kind == JL_CASE_HELD || result->case_kind == JL_CASE_NOT_TAKEN;
    bool there = jl_touched_there(touched) && (!held || may_read(judging));
    const struct jl_row *own = there ? &touched->record.row : &result->row;
    const struct jl_row *subject = judging->kept != NULL ? &judging->kept->record.row : own;
    bool theirs = result->case_kind == JL_CASE_LEFT || subject->owner != 0;
    return (struct jl_case_note){.kind = (int)result->case_kind,
                                 .op = judging->op,
                                 .seq = jl_apply_seq(apply, judging->index),
                                 .subject = subject,
                                 .owner = theirs && !held ? subject->owner : apply->office,
                                 .conflicts = result->conflicts,
                                 .conflict_count = result->conflict_count,
                                 .late_from = judging->late_from,
                                 .reason = jl_reason_text(judging->fault.reason),
                                 .said = jl_reason_remark(judging->fault.reason)};
}

/* ---- Screen ---- */

static enum jl_rc settle(struct jl_apply *apply, struct jl_judging *judging,
                         enum jl_verdict_code code, const struct jl_reason *reason,
                         struct jl_err *err) {
    judging->settled = true;
    return jl_apply_verdict(apply, judging->index, code, reason, err);
}

static struct jl_value value_of(const struct jl_field_value *fields, size_t count, uint32_t field) {
    const struct jl_row row = {.fields = (struct jl_field_value *)fields, .field_count = count};
    const struct jl_value *value = jl_row_get(&row, field);
    return value != NULL ? *value : jl_value_null();
}

/* A case of an op that waits, or was not taken, says all that its author entered: nothing else that
 * people look at has it. What is too long for a case stands in the journal alone. */
static enum jl_rc offer_all(struct jl_apply *apply, struct jl_judging *judging,
                            struct jl_err *err) {
    const struct jl_op *op = judging->op;
    const struct jl_row *row = &judging->touched->record.row;
    struct jl_merge_result *result = &judging->result;
    bool shown = jl_touched_there(judging->touched) && may_read(judging);
    bool fits = judging->type != NULL;
    struct jl_conflict *conflicts =
        jl_arena_zalloc(apply->arena, op->new_count + 1, sizeof *conflicts);
    if (conflicts == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < op->new_count; i++) {
        uint32_t field = op->new_fields[i].field;
        conflicts[i] = (struct jl_conflict){
            .field = field,
            .old = value_of(op->old_fields, op->old_count, field),
            .current = shown ? value_of(row->fields, row->field_count, field) : jl_value_null(),
            .offered = op->new_fields[i].value};
    }
    if (result->row.type == 0) { /* no row was made of it */
        result->row = (struct jl_row){.type = op->type, .id = op->id};
    }
    judging->late_from = SIZE_MAX;
    result->conflicts = conflicts;
    result->conflict_count = op->new_count;
    const struct jl_case_note note = note_of(apply, judging);
    enum jl_rc rc = fits ? jl_case_fits(apply, &note, &fits, err) : JL_OK;
    result->conflict_count = fits ? op->new_count : 0;
    return rc;
}

/* It waits for that record. Delivered under another incarnation it may wait already: then it has
 * its case. */
static enum jl_rc hold(struct jl_apply *apply, struct jl_judging *judging,
                       const struct jl_record_key *misses, struct jl_err *err) {
    bool waits = false;
    enum jl_rc rc = apply->seqs == NULL
                        ? jl_redelivered_waits(apply, judging->index, misses, &waits, err)
                        : JL_OK;
    if (rc == JL_OK && !waits) {
        judging->result.case_kind = JL_CASE_HELD;
        judging->fault.reason = NULL; /* it may come */
        rc = offer_all(apply, judging, err);
    }
    if (rc == JL_OK && !waits) {
        const struct jl_case_note note = note_of(apply, judging);
        rc = jl_hold_op(apply, judging->index, misses, &note, err);
    }
    return rc == JL_OK ? settle(apply, judging, JL_VERDICT_CASE, NULL, err) : rc;
}

/* One that waited is not refused to its author, who got CASE; nor one that comes back when the
 * restore is closed. Its case says why. */
static enum jl_rc not_taken(struct jl_apply *apply, struct jl_judging *judging,
                            const struct jl_reason *reason, struct jl_err *err) {
    judging->result.case_kind = JL_CASE_NOT_TAKEN;
    judging->fault.reason = reason;
    enum jl_rc rc = offer_all(apply, judging, err);
    const struct jl_case_note note = note_of(apply, judging);
    if (rc == JL_OK) {
        rc = jl_hold_end(apply, judging->index, &note, err);
    }
    return rc == JL_OK ? settle(apply, judging, JL_VERDICT_CASE, NULL, err) : rc;
}

static enum jl_rc park(struct jl_apply *apply, struct jl_judging *judging,
                       const struct jl_reason *reason, struct jl_err *err) {
    bool came_back = apply->seqs != NULL || judging->waits == JL_WAITS_NO_MORE;
    return came_back ? not_taken(apply, judging, reason, err)
                     : settle(apply, judging, JL_VERDICT_PARKED, reason, err);
}

static bool may_wait(const struct jl_judging *judging) {
    return judging->waits == JL_WAITS_ALL ||
           (judging->waits == JL_WAITS_RECORD && judging->fault.may_come);
}

/* It can't be taken as it is. While a restore is open it may wait; any other is refused. */
static enum jl_rc refuse(struct jl_apply *apply, struct jl_judging *judging,
                         const struct jl_reason *reason, struct jl_err *err) {
    const struct jl_objection *fault = &judging->fault;
    if (!may_wait(judging)) {
        return park(apply, judging, reason, err);
    }
    const struct jl_record_key own = own_key(judging);
    return hold(apply, judging, fault->may_come ? &fault->misses : &own, err);
}

/* Since rules 1 CASE says two things: a person looks at what was taken, or the op waits. What
 * speaks against the row tells which, and which dates lay ahead. */
static bool was_case(const struct jl_apply *apply, size_t index) {
    return apply->head->rules > 0 && jl_apply_was_given(apply, index, JL_VERDICT_CASE);
}

/* Numbers are dense. 0 is none: such an op is known by its bytes alone (redelivered.c). One that
 * came back after a restore may have lost what stood before it. */
static bool number_follows(const struct jl_apply *apply, const struct jl_judging *judging) {
    uint64_t before =
        judging->index > 0 ? apply->ops[judging->index - 1].number : apply->number_before;
    uint64_t number = judging->op->number;
    if (apply->origin == 0 || before == 0 || number == 0) {
        return true;
    }
    bool came_back = judging->waits == JL_WAITS_ALL || judging->waits == JL_WAITS_NO_MORE;
    return came_back ? number > before : number == before + 1;
}

static enum jl_rc screen(struct jl_apply *apply, struct jl_judging *judging, struct jl_err *err) {
    const struct jl_op *op = judging->op;
    const struct jl_layout *layout = jl_books_layout(apply->district->books, op->type);
    /* Of one that is released its case says it: given_up. */
    if (apply->given && apply->seqs == NULL &&
        jl_apply_was_given(apply, judging->index, JL_VERDICT_PARKED)) {
        return settle(apply, judging, JL_VERDICT_PARKED, NULL, err);
    }
    if (!apply->given && jl_entry_of_author(apply->head->kind) && !number_follows(apply, judging)) {
        return settle(apply, judging, JL_VERDICT_PARKED, JL_REASON(JL_SAY_NUMBER_GAP), err);
    }
    if (layout == NULL) {
        judging->fault.may_come = true;
        enum jl_rc rc = jl_books_catalogue_key(apply->district->books, &judging->fault.misses, err);
        return rc == JL_OK ? refuse(apply, judging, JL_REASON(JL_SAY_TYPE_UNKNOWN), err) : rc;
    }
    judging->type = layout->type;
    return JL_OK;
}

/* ---- Redelivered, refused ---- */

/* Was it delivered before? Then it has the verdict of then. */
static enum jl_rc delivered_before(struct jl_apply *apply, struct jl_judging *judging,
                                   struct jl_err *err) {
    bool delivered = false;
    struct jl_verdict then = {0};
    enum jl_rc rc =
        jl_redelivered_find(apply, judging->index, judging->touched, &delivered, &then, err);
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_op *op = judging->op;
    if (then.code == 0 && op->number > 0 && op->number <= apply->head->came_back_upto) {
        apply->came_back_ops++;
    }
    if (delivered && then.seq != 0) { /* by this very incarnation: one op is never made twice */
        return settle(apply, judging, JL_VERDICT_PARKED, JL_REASON(JL_SAY_NUMBER_GAP), err);
    }
    if (delivered) {
        return settle(apply, judging, then.code,
                      then.code == JL_VERDICT_PARKED ? JL_REASON(JL_SAY_GIVEN_UP) : NULL, err);
    }
    return JL_OK;
}

/* The same for one that was held: its case says whether a person gave it up. */
static enum jl_rc given_up(struct jl_apply *apply, struct jl_judging *judging, struct jl_err *err) {
    bool gone = false;
    enum jl_rc rc = jl_hold_given_up(apply, judging->index, &gone, err);
    if (rc != JL_OK || !gone) {
        return rc;
    }
    apply->released++;
    return settle(apply, judging, JL_VERDICT_PARKED, JL_REASON(JL_SAY_GIVEN_UP), err);
}

static enum jl_rc redelivered(struct jl_apply *apply, struct jl_judging *judging,
                              struct jl_err *err) {
    return apply->seqs != NULL ? given_up(apply, judging, err)
                               : delivered_before(apply, judging, err);
}

/* A person at the district refused this op while its device was suspended. */
static enum jl_rc refused(struct jl_apply *apply, struct jl_judging *judging, struct jl_err *err) {
    char text[2 * JL_REASON_MAX_BYTES]; /* jl_apply_verdict cuts it at a character */
    const char *reason = NULL;
    if (apply->seqs != NULL || apply->author != JL_SIDE_OFFICE || apply->given) {
        return JL_OK;
    }
    enum jl_rc rc = jl_decision_refusal(apply->district, apply->device,
                                        apply->op_bytes[judging->index], &reason, err);
    if (rc != JL_OK || reason == NULL) {
        return rc;
    }
    (void)snprintf(text, sizeof text, JL_SAY_REFUSED_ZH "%s", reason);
    const struct jl_reason words = {.text = text};
    return settle(apply, judging, JL_VERDICT_PARKED, &words, err);
}

/* ---- Right ---- */

/* Whoever closed a case first has decided it; a second one hears so, also when it waited. */
static enum jl_rc right(struct jl_apply *apply, struct jl_judging *judging, struct jl_err *err) {
    struct jl_touched *touched = judging->touched;
    judging->dropped = jl_right_drop_kept(apply, judging->type, &apply->ops[judging->index]);
    enum jl_rc rc =
        jl_right_check(apply, judging->op, judging->type, touched, &judging->fault, err);
    if (rc == JL_OK && judging->fault.reason == NULL) {
        rc = jl_own_merge_check(apply, judging->op, judging->type, touched, judging->waits,
                                &judging->fault, err);
    }
    if (rc == JL_OK && judging->fault.reason != NULL) {
        return refuse(apply, judging, judging->fault.reason, err);
    }
    if (rc == JL_OK && jl_right_closes_late(apply, judging->op, touched)) {
        touched->echo = touched->dirty = true;
        bool held = apply->seqs != NULL && apply->head->rules >= 3;
        rc = held ? jl_hold_end(apply, judging->index, NULL, err) : JL_OK;
        return rc == JL_OK ? settle(apply, judging, JL_VERDICT_MERGED, NULL, err) : rc;
    }
    return rc;
}

/* ---- Merge ---- */

struct field_context {
    struct jl_apply *apply;
    struct jl_touched *touched;
};

static enum jl_rc author_of_field(const struct field_context *at, uint32_t field,
                                  struct jl_author *out_author, struct jl_err *err) {
    const struct jl_value none = jl_value_null();
    const struct jl_value *value = jl_row_get(&at->touched->record.row, field);
    return jl_author_of(at->apply, at->touched, field, value != NULL ? value : &none, out_author,
                        err);
}

static enum jl_rc side_of_field(void *context, uint32_t field, enum jl_side *out_side,
                                struct jl_err *err) {
    struct jl_author author;
    enum jl_rc rc = author_of_field(context, field, &author, err);
    *out_side = author.side;
    return rc;
}

static enum jl_rc written_since(void *context, uint32_t field, bool *out_since,
                                struct jl_err *err) {
    const struct field_context *at = context;
    struct jl_author author;
    enum jl_rc rc = author_of_field(at, field, &author, err);
    *out_since = rc == JL_OK && author.journal_seq > at->apply->district->holding.restored_seq;
    return rc;
}

/* The owner of a record that is there from now on. */
static uint32_t owner_of_new(const struct jl_apply *apply, const struct jl_judging *judging,
                             const struct jl_row *row) {
    const struct jl_type *type = judging->type;
    if (type->owner == JL_SIDE_DISTRICT) {
        return 0;
    }
    uint32_t owner = apply->author == JL_SIDE_OFFICE ? apply->office : judging->op->owner;
    /* Both offices see a transfer, so it can't be the district's own: it is the first of the two
     * that has something to do. */
    return type->transfer_subject != 0 && owner == 0
               ? jl_roster_office_of_ref(apply->district, jl_row_get(row, type->transfer_from))
               : owner;
}

/* The record as it stands before the op. */
static void remember(struct jl_judging *judging) {
    judging->late_from = SIZE_MAX;
    judging->parted_from = (struct jl_id){{0}};
    judging->row_was = judging->touched->record.row;
    judging->row_was_there = jl_touched_there(judging->touched);
    judging->kept = NULL;
}

/* Closing a case that is not there yet waits for what makes it. */
static enum jl_rc find_resolved(struct jl_apply *apply, struct jl_judging *judging,
                                struct jl_err *err) {
    bool may_wait = judging->waits == JL_WAITS_RECORD || judging->waits == JL_WAITS_ALL;
    struct jl_touched *touched = NULL;
    if (judging->op->kind != JL_OP_RESOLVE || !may_wait) {
        return JL_OK;
    }
    enum jl_rc rc = jl_touched_get(apply, JL_TYPE_CASE, &judging->op->other, &touched, err);
    if (rc != JL_OK || jl_touched_there(touched)) {
        return rc;
    }
    judging->fault.may_come = true;
    judging->fault.misses = (struct jl_record_key){.type = JL_TYPE_CASE, .id = judging->op->other};
    return refuse(apply, judging, NULL, err);
}

static enum jl_rc merge(struct jl_apply *apply, struct jl_judging *judging, struct jl_err *err) {
    struct jl_touched *touched = judging->touched;
    struct jl_merge_result *result = &judging->result;
    struct field_context at = {apply, touched};
    bool there = jl_touched_there(touched);
    struct jl_merge_input input = {.rules = apply->head->rules,
                                   .type = judging->type,
                                   .op = judging->op,
                                   .author = apply->author,
                                   .presence = !there                        ? JL_PRESENCE_ABSENT
                                               : touched->record.row.deleted ? JL_PRESENCE_DELETED
                                                                             : JL_PRESENCE_LIVE,
                                   .current = there ? &touched->record.row : NULL,
                                   .waits = judging->waits,
                                   .side_of = side_of_field,
                                   .written_since = written_since,
                                   .side_context = &at};
    remember(judging);
    enum jl_rc rc = jl_author_standing(apply, judging->type, judging->op, touched, &input, err);
    judging->standing = input.standing;
    if (rc == JL_OK) {
        rc = jl_hold_look_around(apply, judging->index, &touched->before, &input, err);
    }
    if (rc == JL_OK && input.presence == JL_PRESENCE_DELETED) {
        rc = jl_follow_merge_into(apply, touched, &judging->kept, err);
        input.merged_into = judging->kept != NULL ? &judging->kept->record.row : NULL;
    }
    if (rc == JL_OK) {
        rc = jl_merge(&input, apply->arena, result, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    if (result->verdict == JL_VERDICT_PARKED) {
        return refuse(apply, judging, JL_REASON((enum jl_say_code)result->park), err);
    }
    if (result->case_kind == JL_CASE_HELD) { /* it may wait: that is what the table says */
        judging->fault.may_come = true;
        judging->fault.misses = own_key(judging);
        return refuse(apply, judging, NULL, err);
    }
    if (result->new_owner) {
        result->row.owner = owner_of_new(apply, judging, &result->row);
    }
    return result->effect != JL_EFFECT_NONE
               ? jl_follow_merge_late_refs(apply, judging->op, judging->type, result, err)
               : JL_OK;
}

/* ---- Objections ---- */

static enum jl_rc object(struct jl_apply *apply, struct jl_judging *judging, struct jl_err *err) {
    const struct jl_merge_result *result = &judging->result;
    bool fits = true;
    enum jl_rc rc = JL_OK;
    if (apply->given && !was_case(apply, judging->index)) {
        return JL_OK; /* it was taken then */
    }
    if (result->effect == JL_EFFECT_INSERT || result->effect == JL_EFFECT_UPDATE) {
        rc = jl_objection_find(apply, judging->op, judging->touched, &result->row, &judging->fault,
                               err);
    }
    if (apply->given && !may_wait(judging) && judging->waits != JL_WAITS_NO_MORE) {
        judging->fault.reason = NULL; /* a case all the same: the op was taken */
    }
    if (rc == JL_OK && judging->fault.reason != NULL) {
        return refuse(apply, judging, judging->fault.reason, err);
    }
    if (rc == JL_OK && result->conflict_count > 0) {
        const struct jl_case_note note = note_of(apply, judging);
        rc = jl_case_fits(apply, &note, &fits, err);
    }
    return rc == JL_OK && !fits ? park(apply, judging, JL_REASON(JL_SAY_CASE_LONG), err) : rc;
}

/* ---- Effects ---- */

static enum jl_rc put_row(struct jl_apply *apply, struct jl_judging *judging, struct jl_err *err) {
    const struct jl_merge_result *result = &judging->result;
    if (result->effect != JL_EFFECT_NONE) {
        jl_touched_change(apply, judging->index, judging->touched, result);
        return judging->row_was_there && judging->row_was.deleted
                   ? jl_follow_merge_parted(apply, judging->touched, err)
                   : JL_OK;
    }
    if (result->case_kind == JL_CASE_FIELD || result->case_kind == JL_CASE_DELETED) {
        /* The author's device shows its own value until it reads ours: the row is sent again. */
        judging->touched->echo = judging->touched->dirty = true;
    }
    return JL_OK;
}

static enum jl_rc put_case(struct jl_apply *apply, struct jl_judging *judging, struct jl_err *err) {
    bool released = apply->seqs != NULL;
    bool asks = judging->result.case_kind != JL_CASE_NONE;
    if (!released && !asks) {
        return JL_OK;
    }
    const struct jl_case_note note = note_of(apply, judging);
    return released ? jl_hold_end(apply, judging->index, asks ? &note : NULL, err)
                    : jl_case_put(apply, &note, err);
}

static enum jl_rc effects(struct jl_apply *apply, struct jl_judging *judging, struct jl_err *err) {
    const struct jl_merge_result *result = &judging->result;
    struct jl_touched *touched = judging->touched;
    judging->lived = jl_touched_lives(touched);
    touched->echo = touched->echo || judging->dropped;
    enum jl_rc rc = jl_case_dates(apply, &judging->fault.ahead, &judging->result, err);
    judging->verdict = result->verdict; /* a date ahead makes a case of it */
    if (rc == JL_OK) {
        rc = put_row(apply, judging, err);
    }
    if (rc == JL_OK && (result->effect == JL_EFFECT_INSERT || result->effect == JL_EFFECT_UPDATE)) {
        rc = jl_unique_check(apply, judging->index, judging->type, touched, &judging->verdict, err);
    }
    if (result->effect != JL_EFFECT_NONE && judging->verdict != JL_VERDICT_APPLIED) {
        touched->echo = true; /* only APPLIED says to the author's PC: as you have it */
    }
    if (result->effect != JL_EFFECT_NONE && apply->seqs != NULL) {
        touched->echo = true; /* its author got CASE */
    }
    if (rc == JL_OK) {
        rc = jl_own_merge_follow(apply, judging->op, judging->type, touched, result->effect, err);
    }
    return rc == JL_OK ? put_case(apply, judging, err) : rc;
}

/* ---- Follow-up ---- */

static enum jl_rc follow_up(struct jl_apply *apply, struct jl_judging *judging,
                            struct jl_err *err) {
    const struct jl_op *op = judging->op;
    struct jl_touched *touched = judging->touched;
    enum jl_merge_effect effect = judging->result.effect;
    enum jl_rc rc = JL_OK;
    if (op->kind == JL_OP_RESOLVE) {
        rc = jl_right_close_resolved(apply, op, err);
    }
    if (rc == JL_OK && op->type == JL_TYPE_CASE) {
        rc = jl_pair_decided(apply, op, touched, err);
    }
    if (rc == JL_OK && judging->type->transfer_subject != 0) {
        rc = jl_transfer_follow_up(apply, judging->type, touched,
                                   judging->lived ? &judging->row_was : NULL, effect, err);
    }
    if (rc == JL_OK) {
        rc = jl_transfer_asked(apply, op, touched, effect, err);
    }
    if (rc == JL_OK) {
        rc = jl_author_note(apply, judging->index, judging->type, touched, effect, err);
    }
    return rc == JL_OK ? settle(apply, judging, judging->verdict, NULL, err) : rc;
}

/* ---- The whole ---- */

typedef enum jl_rc (*stage_fn)(struct jl_apply *apply, struct jl_judging *judging,
                               struct jl_err *err);
static const stage_fn stages[] = {screen, redelivered, refused, right,    find_resolved,
                                  merge,  object,      effects, follow_up};

static enum jl_rc judge_op(struct jl_apply *apply, size_t index, struct jl_err *err) {
    const struct jl_op *op = &apply->ops[index];
    struct jl_judging judging = {
        .index = index,
        .op = op,
        .waits = jl_hold_kind(apply, op),
        .result = {.effect = JL_EFFECT_NONE, .row = {.type = op->type, .id = op->id}}};
    enum jl_rc rc = jl_touched_get(apply, op->type, &op->id, &judging.touched, err);
    if (rc == JL_OK) {
        remember(&judging);
    }
    apply->now = &judging;
    for (size_t i = 0; rc == JL_OK && !judging.settled && i < sizeof stages / sizeof *stages; i++) {
        rc = stages[i](apply, &judging, err);
    }
    apply->now = NULL;
    return rc;
}

enum jl_rc jl_apply_batch(struct jl_apply *apply, struct jl_err *err) {
    apply->verdicts = jl_arena_zalloc(apply->arena, apply->op_count + 1, sizeof *apply->verdicts);
    apply->held = jl_arena_zalloc(apply->arena, apply->op_count + 1, sizeof *apply->held);
    enum jl_rc rc = apply->verdicts != NULL && apply->held != NULL ? jl_touched_preload(apply, err)
                                                                   : jl_fault_memory(err);
    if (rc == JL_OK) {
        rc = jl_unique_find(apply, err);
    }
    if (rc == JL_OK) {
        rc = jl_sight_find(apply, err);
    }
    size_t judged = 0;
    for (; rc == JL_OK && judged < apply->op_count && !jl_apply_enough(apply, judged); judged++) {
        rc = judge_op(apply, judged, err);
    }
    apply->op_count = judged;
    return rc;
}
