/* The rows M1 … M20 of the table in merge.h, in its order of judgement: who may, is it there, what
 * does each field say. */
#include "jielian/op/merge.h"
#include "jielian/base/assert.h"
#include "jielian/base/fault.h"

static struct jl_value value_or_null(const struct jl_row *row, uint32_t field) {
    const struct jl_value *value = row != NULL ? jl_row_get(row, field) : NULL;
    return value != NULL ? *value : jl_value_null();
}

static struct jl_value old_value(const struct jl_op *op, uint32_t field) {
    for (size_t i = 0; i < op->old_count; i++) {
        if (op->old_fields[i].field == field) {
            return op->old_fields[i].value;
        }
    }
    return jl_value_null();
}

static enum jl_rc park(struct jl_merge_result *result, enum jl_park_reason reason) {
    result->verdict = JL_VERDICT_PARKED;
    result->effect = JL_EFFECT_NONE;
    result->park = reason;
    return JL_OK;
}

static enum jl_rc add_conflict(struct jl_merge_result *result, struct jl_arena *arena,
                               size_t capacity, struct jl_conflict conflict, struct jl_err *err) {
    if (result->conflicts == NULL) {
        result->conflicts = jl_arena_zalloc(arena, capacity, sizeof *result->conflicts);
        if (result->conflicts == NULL) {
            return jl_fault_memory(err);
        }
    }
    JL_ASSERT(result->conflict_count < capacity);
    result->conflicts[result->conflict_count++] = conflict;
    return JL_OK;
}

/* M11, M20: everything the author wanted is listed; nothing is touched. */
static enum jl_rc offer_all(const struct jl_merge_input *input, enum jl_case_kind kind,
                            struct jl_arena *arena, struct jl_merge_result *result,
                            struct jl_err *err) {
    const struct jl_op *op = input->op;
    result->verdict = JL_VERDICT_CASE;
    result->case_kind = kind;
    result->effect = JL_EFFECT_NONE;
    /* While it waits, the case is its author's to read, who may not know what another office has.
     */
    bool hidden = kind == JL_CASE_HELD && input->standing == JL_STANDING_FOREIGN;
    for (size_t i = 0; i < op->new_count; i++) {
        uint32_t field = op->new_fields[i].field;
        struct jl_conflict conflict = {.field = field,
                                       .old = old_value(op, field),
                                       .current =
                                           value_or_null(hidden ? NULL : input->current, field),
                                       .offered = op->new_fields[i].value};
        enum jl_rc rc = add_conflict(result, arena, op->new_count, conflict, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

/* M3: decide which value stands until a person has decided. */
static enum jl_rc judge_conflict(const struct jl_merge_input *input, struct jl_conflict *conflict,
                                 struct jl_err *err) {
    enum jl_side current_side = JL_SIDE_DISTRICT;
    enum jl_rc rc = input->side_of(input->side_context, conflict->field, &current_side, err);
    if (rc != JL_OK) {
        return rc;
    }
    conflict->offered_stands =
        current_side != input->author && input->author == input->type->decides;
    if (input->waits == JL_WAITS_NO_MORE) { /* M20 */
        bool since = true;
        rc = input->written_since(input->side_context, conflict->field, &since, err);
        conflict->offered_stands = rc == JL_OK && !since;
    }
    return rc;
}

/* M1, M2, M3, M5: field by field. old values count as null for a create. */
static enum jl_rc merge_fields(const struct jl_merge_input *input, bool from_null,
                               struct jl_arena *arena, struct jl_merge_result *result,
                               struct jl_err *err) {
    const struct jl_op *op = input->op;
    bool changed = false;
    enum jl_rc rc = jl_row_dup(arena, input->current, &result->row, err);
    for (size_t i = 0; rc == JL_OK && i < op->new_count; i++) {
        uint32_t field = op->new_fields[i].field;
        const struct jl_value *offered = &op->new_fields[i].value;
        struct jl_value current = value_or_null(input->current, field);
        struct jl_value old = from_null ? jl_value_null() : old_value(op, field);
        if (jl_value_equal(&current, offered) || jl_value_equal(&old, offered)) {
            continue; /* M2; or its author left it as it was */
        }
        bool set = jl_value_equal(&current, &old); /* M1 */
        if (!set) {                                /* M3 */
            struct jl_conflict conflict = {
                .field = field, .old = old, .current = current, .offered = *offered};
            rc = judge_conflict(input, &conflict, err);
            if (rc == JL_OK) {
                rc = add_conflict(result, arena, op->new_count, conflict, err);
            }
            set = conflict.offered_stands;
        }
        if (rc == JL_OK && set) {
            rc = jl_row_set(&result->row, field, offered, arena, err);
            changed = true;
        }
    }
    if (rc != JL_OK) {
        return rc;
    }
    bool conflicting = result->conflict_count > 0;
    result->effect = changed ? JL_EFFECT_UPDATE : JL_EFFECT_NONE;
    result->case_kind = conflicting ? JL_CASE_FIELD : JL_CASE_NONE;
    result->as_sent = !conflicting && !input->moved && !from_null;
    result->verdict = conflicting                 ? JL_VERDICT_CASE
                      : input->moved || from_null ? JL_VERDICT_MERGED
                                                  : JL_VERDICT_APPLIED;
    if (from_null && !changed && !conflicting) {
        result->verdict = JL_VERDICT_APPLIED;
    }
    return JL_OK;
}

static enum jl_rc insert(const struct jl_merge_input *input, struct jl_arena *arena,
                         struct jl_merge_result *result, struct jl_err *err) {
    bool again = input->presence == JL_PRESENCE_DELETED;
    bool free =
        input->rules >= 1 && input->op->kind == JL_OP_CREATE && input->type->natural_key_count > 0;
    result->new_owner = !again || free;
    if (!result->new_owner) {
        result->row.owner = input->current->owner;
    }
    enum jl_rc rc = jl_op_lay(input->op, &result->row, arena, err);
    result->verdict = again ? JL_VERDICT_MERGED : JL_VERDICT_APPLIED; /* M6, M4 */
    result->effect = again ? JL_EFFECT_UPDATE : JL_EFFECT_INSERT;
    result->as_sent = !again;
    return rc;
}

static bool as_seen(const struct jl_op *op, const struct jl_row *current) {
    if (op->old_count != current->field_count) {
        return false;
    }
    for (size_t i = 0; i < op->old_count; i++) {
        if (op->old_fields[i].field != current->fields[i].field ||
            !jl_value_equal(&op->old_fields[i].value, &current->fields[i].value)) {
            return false;
        }
    }
    return true;
}

/* With a natural key it may have been deleted first and made anew behind that: CREATE does not say
 * what it was laid on. */
static bool may_be_another(const struct jl_merge_input *input) {
    bool came_back = input->waits == JL_WAITS_ALL || input->waits == JL_WAITS_NO_MORE;
    return came_back && input->by_other_since && input->type->natural_key_count > 0;
}

static enum jl_rc merge_delete(const struct jl_merge_input *input, struct jl_arena *arena,
                               struct jl_merge_result *result, struct jl_err *err) {
    if (input->presence == JL_PRESENCE_ABSENT && input->waits == JL_WAITS_NO_MORE) {
        return park(result, JL_PARK_ABSENT); /* M13: what it deletes may yet come back */
    }
    if (input->presence != JL_PRESENCE_LIVE) { /* M9 */
        result->verdict = JL_VERDICT_APPLIED;
        result->effect = JL_EFFECT_NONE;
        result->as_sent = true;
        return JL_OK;
    }
    if (!as_seen(input->op, input->current) || may_be_another(input)) { /* M8 */
        result->verdict = JL_VERDICT_CASE;
        result->case_kind = JL_CASE_DELETED;
        result->effect = JL_EFFECT_NONE;
        return JL_OK;
    }
    enum jl_rc rc = jl_row_dup(arena, input->current, &result->row, err); /* M7 */
    result->row.deleted = true;
    result->verdict = JL_VERDICT_APPLIED;
    result->effect = JL_EFFECT_DELETE;
    result->as_sent = true;
    return rc;
}

/* M10: an edit of a tombstone brings the record back; a person looks at it. */
static enum jl_rc revive(const struct jl_merge_input *input, struct jl_arena *arena,
                         struct jl_merge_result *result, struct jl_err *err) {
    enum jl_rc rc = jl_row_dup(arena, input->current, &result->row, err);
    if (rc != JL_OK) {
        return rc;
    }
    result->row.deleted = false;
    result->verdict = JL_VERDICT_CASE;
    result->case_kind = JL_CASE_DELETED;
    result->effect = JL_EFFECT_UPDATE;
    return jl_op_lay(input->op, &result->row, arena, err);
}

/* M19: what the record that it was merged into does not have yet is offered to that one. */
static enum jl_rc offer_to_merged(const struct jl_merge_input *input, struct jl_arena *arena,
                                  struct jl_merge_result *result, struct jl_err *err) {
    const struct jl_op *op = input->op;
    for (size_t i = 0; i < op->new_count; i++) {
        uint32_t field = op->new_fields[i].field;
        struct jl_conflict conflict = {.field = field,
                                       .old = old_value(op, field),
                                       .current = value_or_null(input->merged_into, field),
                                       .offered = op->new_fields[i].value};
        if (jl_value_equal(&conflict.offered, &conflict.current) ||
            jl_value_equal(&conflict.offered, &conflict.old)) {
            continue;
        }
        enum jl_rc rc = add_conflict(result, arena, op->new_count, conflict, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    bool offers = result->conflict_count > 0;
    result->verdict = offers ? JL_VERDICT_CASE : JL_VERDICT_APPLIED;
    result->case_kind = offers ? JL_CASE_MERGED : JL_CASE_NONE;
    result->effect = JL_EFFECT_NONE;
    return JL_OK;
}

static bool touches_natural_key(const struct jl_merge_input *input) {
    for (size_t k = 0; k < input->type->natural_key_count; k++) {
        for (size_t i = 0; i < input->op->new_count; i++) {
            if (input->op->new_fields[i].field != input->type->natural_key[k]) {
                continue;
            }
            struct jl_value current = value_or_null(input->current, input->type->natural_key[k]);
            if (!jl_value_equal(&current, &input->op->new_fields[i].value)) {
                return true;
            }
        }
    }
    return false;
}

static enum jl_rc merge_edit(const struct jl_merge_input *input, struct jl_arena *arena,
                             struct jl_merge_result *result, struct jl_err *err) {
    if (input->type->append_only) {
        return park(result, JL_PARK_APPEND_ONLY); /* M14 */
    }
    if (input->presence == JL_PRESENCE_ABSENT) {
        return park(result, JL_PARK_ABSENT); /* M13 */
    }
    if (touches_natural_key(input)) {
        return park(result, JL_PARK_NATURAL_KEY); /* M15 */
    }
    if (input->presence == JL_PRESENCE_DELETED && input->merged_into != NULL) {
        return offer_to_merged(input, arena, result, err); /* M19 */
    }
    return input->presence == JL_PRESENCE_DELETED ? revive(input, arena, result, err)
                                                  : merge_fields(input, false, arena, result, err);
}

static enum jl_rc merge_transfer(const struct jl_merge_input *input, struct jl_arena *arena,
                                 struct jl_merge_result *result, struct jl_err *err) {
    if (input->presence != JL_PRESENCE_LIVE) {
        return park(result, JL_PARK_ABSENT);
    }
    if (input->author != JL_SIDE_DISTRICT) {
        return park(result, JL_PARK_FOREIGN);
    }
    enum jl_rc rc = jl_row_dup(arena, input->current, &result->row, err); /* M16 */
    bool same = result->row.owner == input->op->owner;
    result->row.owner = input->op->owner;
    result->verdict = JL_VERDICT_APPLIED;
    result->effect = same ? JL_EFFECT_NONE : JL_EFFECT_UPDATE;
    result->as_sent = true;
    return rc;
}

static enum jl_rc merge_merge(const struct jl_merge_input *input, struct jl_arena *arena,
                              struct jl_merge_result *result, struct jl_err *err) {
    const struct jl_op *op = input->op;
    bool two = !jl_id_is_zero(&op->other) && !jl_id_equal(&op->other, &op->id);
    bool may = input->author == JL_SIDE_DISTRICT || input->rules >= JL_RULES_OWN_MERGE;
    if (!may || input->presence != JL_PRESENCE_LIVE || !two) {
        return park(result, JL_PARK_MERGE);
    }
    return merge_edit(input, arena, result, err); /* M18 */
}

/* Has each field that the op changes the value that its author saw? */
static bool stands_on_old(const struct jl_merge_input *input) {
    const struct jl_op *op = input->op;
    for (size_t i = 0; i < op->new_count; i++) {
        struct jl_value old = old_value(op, op->new_fields[i].field);
        struct jl_value current = value_or_null(input->current, op->new_fields[i].field);
        if (!jl_value_equal(&old, &op->new_fields[i].value) && !jl_value_equal(&old, &current)) {
            return false;
        }
    }
    return true;
}

/* What an op that the lost books confirmed was laid on must be there again. A create needs nothing
 * but itself. */
static bool has_base(const struct jl_merge_input *input) {
    bool live = input->presence == JL_PRESENCE_LIVE;
    switch (input->op->kind) {
    case JL_OP_CREATE:
        return true;
    case JL_OP_RESTORE: /* the tombstone of a merge is another one */
        return input->presence == JL_PRESENCE_DELETED && input->merged_into == NULL;
    case JL_OP_EDIT:
    case JL_OP_RESOLVE:
    case JL_OP_MERGE:
        return live && stands_on_old(input);
    case JL_OP_DELETE:
        return live && as_seen(input->op, input->current) && !input->behind;
    case JL_OP_TRANSFER:
        return live;
    }
    return true;
}

static bool needs_record(const struct jl_op *op) {
    return op->kind != JL_OP_CREATE && op->kind != JL_OP_RESTORE;
}

static bool must_wait(const struct jl_merge_input *input) {
    switch (input->waits) {
    case JL_WAITS_NOT:
    case JL_WAITS_NO_MORE:
        return false;
    case JL_WAITS_RECORD:
        return input->standing == JL_STANDING_FOREIGN ||
               (input->op->kind == JL_OP_DELETE && input->behind) ||
               (needs_record(input->op) && input->presence == JL_PRESENCE_ABSENT);
    case JL_WAITS_ALL:
        return input->standing != JL_STANDING_OWN || !has_base(input);
    }
    return false;
}

enum jl_rc jl_merge(const struct jl_merge_input *input, struct jl_arena *arena,
                    struct jl_merge_result *out_result, struct jl_err *err) {
    struct jl_merge_result *result = out_result;
    *result = (struct jl_merge_result){.effect = JL_EFFECT_NONE};
    if (must_wait(input)) {
        return offer_all(input, JL_CASE_HELD, arena, result, err); /* M20 */
    }
    bool offered = input->waits == JL_WAITS_NO_MORE && input->presence != JL_PRESENCE_ABSENT;
    if (input->standing == JL_STANDING_FOREIGN && !offered) {
        return park(result, JL_PARK_FOREIGN); /* M12 */
    }
    if (input->standing != JL_STANDING_OWN) {
        return offer_all(input, JL_CASE_LEFT, arena, result, err); /* M11 */
    }
    switch (input->op->kind) {
    case JL_OP_CREATE:
    case JL_OP_RESTORE:
        return input->presence == JL_PRESENCE_LIVE ? merge_fields(input, true, arena, result, err)
                                                   : insert(input, arena, result, err);
    case JL_OP_EDIT:
    case JL_OP_RESOLVE: /* M17 */
        return merge_edit(input, arena, result, err);
    case JL_OP_DELETE:
        return input->type->append_only ? park(result, JL_PARK_APPEND_ONLY)
                                        : merge_delete(input, arena, result, err);
    case JL_OP_TRANSFER:
        return merge_transfer(input, arena, result, err);
    case JL_OP_MERGE:
        return merge_merge(input, arena, result, err);
    }
    return park(result, JL_PARK_KIND);
}
