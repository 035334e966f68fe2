/* The table of may.h, and the few conditions that are no cell of it. */
#include "jielian/op/may.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/built_in_field.h"
#include "jielian/record/flow.h"

enum {
    CLERK = JL_HAND_CLERK,
    OFFICE = JL_HAND_OFFICE,
    DISTRICT = JL_HAND_DISTRICT,
    COMMAND = JL_HAND_COMMAND,
    BY_DISTRICT = DISTRICT | COMMAND,
    BY_PROGRAMS = OFFICE | COMMAND,
};

/* ---- Built-in types ---- */

struct line {
    uint32_t type;
    uint32_t field;  /* 0: the record, and its fields without a line of their own */
    unsigned make;   /* who makes one, or gives the field its first value */
    unsigned edit;   /* who changes the field */
    unsigned remove; /* who deletes the record */
    unsigned back;   /* who brings it back */
    struct jl_may_not instead;
};

/* clang-format off */
static const struct line lines[] = {
    {JL_TYPE_OFFICE, 0, COMMAND, BY_DISTRICT, BY_DISTRICT, BY_DISTRICT,
     {JL_SAY_USE_OFFICE_ADD}},
    {JL_TYPE_OFFICE, JL_OFFICE_NUMBER, COMMAND, 0, 0, 0,
     {JL_SAY_OFFICE_NUMBER}},
    {JL_TYPE_STAFF, 0, BY_DISTRICT, BY_DISTRICT, BY_DISTRICT, BY_DISTRICT,
     {JL_SAY_USE_USER_ADD}},
    {JL_TYPE_STAFF, JL_STAFF_LOGIN, BY_DISTRICT, 0, 0, 0,
     {JL_SAY_STAFF_LOGIN}},
    {JL_TYPE_STAFF, JL_STAFF_VERIFIER, COMMAND, COMMAND, 0, 0,
     {JL_SAY_STAFF_PASSWORD}},
    {JL_TYPE_STAFF, JL_STAFF_LOCKED, COMMAND, COMMAND, 0, 0,
     {JL_SAY_STAFF_LOCKED}},
    {JL_TYPE_NOTICE, 0, BY_DISTRICT, BY_DISTRICT, BY_DISTRICT, BY_DISTRICT, {JL_SAY_NOT_TAKEN}},
    {JL_TYPE_CASE, 0, COMMAND, COMMAND, 0, 0,
     {JL_SAY_CASE_DISTRICTS}},
    {JL_TYPE_CASE, JL_CASE_STATUS, COMMAND, BY_PROGRAMS, 0, 0,
     {JL_SAY_USE_CASE_RESOLVE}},
    {JL_TYPE_CASE, JL_CASE_RESOLUTION, COMMAND, BY_PROGRAMS, 0, 0,
     {JL_SAY_USE_CASE_RESOLVE}},
    {JL_TYPE_CASE, JL_CASE_RESOLVED_BY, COMMAND, BY_PROGRAMS, 0, 0,
     {JL_SAY_USE_CASE_RESOLVE}},
    {JL_TYPE_CATALOGUE, 0, COMMAND, COMMAND, 0, 0,
     {JL_SAY_USE_CATALOGUE_APPLY}},
    {JL_TYPE_CHANGE_SET, 0, BY_PROGRAMS, 0, 0, 0,
     {JL_SAY_CHANGE_SET_KEPT}},
    {JL_TYPE_CHANGE_SET, JL_CHANGE_SET_STATUS, BY_PROGRAMS, BY_PROGRAMS, 0, 0,
     {JL_SAY_USE_UNDO}},
    {JL_TYPE_IMPORT_BATCH, 0, BY_PROGRAMS, 0, 0, 0,
     {JL_SAY_IMPORT_KEPT}},
    {JL_TYPE_ACCESS_LOG, 0, BY_PROGRAMS, 0, 0, 0,
     {JL_SAY_ACCESS_LOG_KEPT}},
    {JL_TYPE_REPORT_SNAPSHOT, 0, COMMAND, 0, 0, 0,
     {JL_SAY_SNAPSHOT_KEPT}},
    {JL_TYPE_DECISION, 0, COMMAND, 0, 0, 0,
     {JL_SAY_USE_QUARANTINE}},
    {JL_TYPE_LEAVE, 0, COMMAND, 0, BY_DISTRICT, 0,
     {JL_SAY_USE_LEAVE}},
    {JL_TYPE_ASK, 0, OFFICE, 0, 0, 0, {JL_SAY_USE_TRANSFER_ASK}},
};
/* clang-format on */

/* A built-in type without a line is the program's alone. */
static const struct line unlisted = {.make = COMMAND,
                                     .edit = COMMAND,
                                     .remove = COMMAND,
                                     .back = COMMAND,
                                     .instead = {JL_SAY_PROGRAM_KEPT}};

static const struct jl_may_not districts = {JL_SAY_TYPE_DISTRICTS};

static const struct line *line_of(uint32_t type, uint32_t field) {
    const struct line *whole = &unlisted;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (lines[i].type == type && lines[i].field == field) {
            return &lines[i];
        }
        whole = lines[i].type == type && lines[i].field == 0 ? &lines[i] : whole;
    }
    return whole;
}

/* ---- What the op does ---- */

enum act { ACT_NOTHING, ACT_MAKE, ACT_EDIT, ACT_REMOVE, ACT_BACK, ACT_REVIVE };

static enum act act_of(const struct jl_may_ask *ask) {
    bool deleted = ask->before != NULL && ask->before->deleted;
    bool lives = ask->before != NULL && !deleted;
    switch (ask->op->kind) {
    case JL_OP_CREATE: /* a natural key is free again (M6) */
        return lives                                          ? ACT_EDIT
               : deleted && ask->type->natural_key_count == 0 ? ACT_BACK
                                                              : ACT_MAKE;
    case JL_OP_RESTORE:
        return lives ? ACT_EDIT : deleted ? ACT_BACK : ACT_MAKE;
    case JL_OP_EDIT:
    case JL_OP_RESOLVE:
    case JL_OP_MERGE:
        return lives ? ACT_EDIT : deleted ? ACT_REVIVE : ACT_NOTHING; /* M13 */
    case JL_OP_DELETE:
        return lives ? ACT_REMOVE : ACT_NOTHING; /* M9 */
    case JL_OP_TRANSFER:
        break; /* M16 */
    }
    return ACT_NOTHING;
}

static const struct jl_value *value_in(const struct jl_field_value *fields, size_t count,
                                       uint32_t field) {
    static const struct jl_value none = {.kind = JL_VALUE_NULL};
    for (size_t i = 0; i < count; i++) {
        if (fields[i].field == field) {
            return &fields[i].value;
        }
    }
    return &none;
}

static const struct jl_value *value_of(const struct jl_row *row, uint32_t field) {
    return value_in(row != NULL ? row->fields : NULL, row != NULL ? row->field_count : 0, field);
}

static const struct jl_value *new_value(const struct jl_op *op, uint32_t field) {
    return value_in(op->new_fields, op->new_count, field);
}

/* Did the author change it? A create over a living record (M5) changes what is not so already. */
static bool changes(const struct jl_may_ask *ask, const struct jl_field_value *item) {
    const struct jl_op *op = ask->op;
    bool whole = op->kind == JL_OP_CREATE || op->kind == JL_OP_RESTORE;
    const struct jl_value *old = whole ? value_of(ask->before, item->field)
                                       : value_in(op->old_fields, op->old_count, item->field);
    return !jl_value_equal(old, &item->value);
}

static bool is_number(const struct jl_value *value, int64_t number) {
    return value->kind == JL_VALUE_INT && value->number == number;
}

/* ---- Conditions of built-in types ---- */

bool jl_may_is_closed(const struct jl_row *kept_case) {
    return is_number(value_of(kept_case, JL_CASE_STATUS), JL_CASE_RESOLVED);
}

/* An office closes a case, and signs for itself; it opens none again. */
static const struct jl_may_not *may_close(const struct jl_may_ask *ask) {
    static const struct jl_may_not no_opening = {JL_SAY_CASE_NOT_OPENED};
    static const struct jl_may_not signature = {JL_SAY_CASE_SIGNATURE};
    const struct jl_op *op = ask->op;
    const struct jl_value *by = new_value(op, JL_CASE_RESOLVED_BY);
    bool signs = by->kind == JL_VALUE_TEXT ? jl_bytes_equal(by->bytes, op->staff)
                                           : by->kind == JL_VALUE_NULL && op->staff.size == 0;
    if (!is_number(new_value(op, JL_CASE_STATUS), JL_CASE_RESOLVED)) {
        return &no_opening;
    }
    return signs ? NULL : &signature;
}

/* Only an undo changes a change set, and only once. */
static const struct jl_may_not *may_undo(const struct jl_may_ask *ask) {
    static const struct jl_may_not no_redo = {JL_SAY_CHANGE_SET_UNDONE};
    return is_number(new_value(ask->op, JL_CHANGE_SET_STATUS), JL_CHANGE_SET_UNDONE) ? NULL
                                                                                     : &no_redo;
}

/* What an office's program makes: moving is the district's. */
static const struct jl_may_not *may_make_set(const struct jl_may_ask *ask) {
    static const struct jl_may_not no_kind = {JL_SAY_CHANGE_SET_KIND};
    const struct jl_value *kind = new_value(ask->op, JL_CHANGE_SET_KIND);
    return is_number(kind, JL_CHANGE_SET_IMPORT) || is_number(kind, JL_CHANGE_SET_BULK_EDIT) ||
                   is_number(kind, JL_CHANGE_SET_MERGE) || is_number(kind, JL_CHANGE_SET_UNDO)
               ? NULL
               : &no_kind;
}

static const struct jl_may_not *may_also(const struct jl_may_ask *ask, enum act act) {
    if (ask->by != JL_HAND_OFFICE) {
        return NULL;
    }
    if (ask->type->number == JL_TYPE_CASE && act == ACT_EDIT) {
        return may_close(ask);
    }
    if (ask->type->number == JL_TYPE_CHANGE_SET) {
        return act == ACT_EDIT ? may_undo(ask) : act == ACT_MAKE ? may_make_set(ask) : NULL;
    }
    return NULL;
}

/* An office closes cases, and records what its program did; all else is the district's business. */
static const struct jl_may_not *refuse(const struct jl_may_ask *ask, const struct line *line) {
    const uint32_t type = ask->type->number;
    bool at_office = ask->by == JL_HAND_OFFICE || ask->by == JL_HAND_CLERK;
    bool has_part = type == JL_TYPE_CASE || (line_of(type, 0)->make & OFFICE) != 0;
    return at_office && !has_part ? &districts : &line->instead;
}

static const struct jl_may_not *may_built_in(const struct jl_may_ask *ask, enum act act,
                                             uint32_t *out_field) {
    const struct line *whole = line_of(ask->type->number, 0);
    const unsigned by = ask->by;
    const unsigned whole_by[] = {
        [ACT_NOTHING] = by,           [ACT_MAKE] = whole->make, [ACT_EDIT] = by,
        [ACT_REMOVE] = whole->remove, [ACT_BACK] = whole->back, [ACT_REVIVE] = whole->back};
    bool changed = false;
    if ((whole_by[act] & by) == 0) {
        return refuse(ask, whole);
    }
    bool fields = act == ACT_MAKE || act == ACT_EDIT || act == ACT_REVIVE;
    for (size_t i = 0; fields && i < ask->op->new_count; i++) {
        const struct jl_field_value *item = &ask->op->new_fields[i];
        const struct line *line = line_of(ask->type->number, item->field);
        bool asked = act == ACT_MAKE ? item->value.kind != JL_VALUE_NULL : changes(ask, item);
        changed = changed || asked;
        if (asked && ((act == ACT_MAKE ? line->make : line->edit) & by) == 0) {
            *out_field = item->field;
            return refuse(ask, line);
        }
    }
    return changed || act == ACT_MAKE ? may_also(ask, act) : NULL;
}

/* ---- Transfers ---- */

static const struct jl_may_not no_party = {JL_SAY_TRANSFER_NO_PARTY};
static const struct jl_may_not not_the_holder = {JL_SAY_TRANSFER_NOT_HOLDER};

static bool is(const struct jl_may_ask *ask, unsigned mover) {
    return (ask->movers & 1u << mover) != 0;
}

static int64_t status_of(const struct jl_may_ask *ask) {
    const struct jl_value *status = value_of(ask->before, ask->type->flow.field);
    return status->kind == JL_VALUE_INT ? status->number : 0;
}

/* Is it this office's turn, or was it when the op was made: does the op take a step that the office
 * may take, from here or from where the transfer has come along since? */
static bool has_turn(const struct jl_may_ask *ask) {
    const struct jl_op *op = ask->op;
    const struct jl_type *type = ask->type;
    const struct jl_value *from = value_in(op->old_fields, op->old_count, type->flow.field);
    const struct jl_value *to = new_value(op, type->flow.field);
    int64_t now = status_of(ask);
    unsigned turn = jl_flow_turn(type, now);
    bool steps = from->kind == JL_VALUE_INT && to->kind == JL_VALUE_INT &&
                 jl_flow_may_move(type, from->number, to->number, ask->movers);
    return (turn != 0 && is(ask, turn)) || (steps && jl_flow_leads(type, from->number, now));
}

static bool is_carried(const struct jl_type *type, uint32_t field) {
    for (size_t i = 0; i < type->carry_count; i++) {
        if (type->carries[i].from == field) {
            return true;
        }
    }
    return false;
}

static const struct jl_may_not fixed = {JL_SAY_TRANSFER_PARTIES};

static const struct jl_may_not *may_edit_transfer(const struct jl_may_ask *ask, uint32_t field) {
    static const struct jl_may_not fact = {JL_SAY_TRANSFER_FACT};
    static const struct jl_may_not turn = {JL_SAY_TRANSFER_TURN};
    const struct jl_type *type = ask->type;
    if (field == type->flow.field) {
        return NULL; /* the flow says */
    }
    if (jl_type_kept_by_district(type, field) || field == type->transfer_asked) {
        return &fact;
    }
    if (field == type->transfer_subject || field == type->transfer_from ||
        field == type->transfer_to) {
        return &fixed;
    }
    bool own = is(ask, JL_MOVER_FROM) && !is_carried(type, field);
    return own || has_turn(ask) ? NULL : &turn;
}

static const struct jl_may_not *may_transfer(const struct jl_may_ask *ask, enum act act,
                                             uint32_t *out_field) {
    static const struct jl_may_not no_removal = {JL_SAY_TRANSFER_NO_REMOVAL};
    bool from = is(ask, JL_MOVER_FROM);
    if (act == ACT_MAKE || act == ACT_BACK) {
        return from ? NULL : &not_the_holder;
    }
    if (!from && !is(ask, JL_MOVER_TO) && act != ACT_NOTHING) {
        return &no_party;
    }
    if (act == ACT_REMOVE) {
        return from && jl_flow_turn(ask->type, status_of(ask)) == JL_MOVER_FROM ? NULL
                                                                                : &no_removal;
    }
    for (size_t i = 0; act != ACT_NOTHING && i < ask->op->new_count; i++) {
        const struct jl_field_value *item = &ask->op->new_fields[i];
        const struct jl_may_not *no =
            changes(ask, item) ? may_edit_transfer(ask, item->field) : NULL;
        if (no != NULL) {
            *out_field = item->field;
            return no;
        }
    }
    return NULL;
}

/* The district's people are bound by the flow, and by what was asked for: only a merge makes it
 * another record. */
static const struct jl_may_not *may_keep_subject(const struct jl_may_ask *ask, enum act act,
                                                 uint32_t *out_field) {
    for (size_t i = 0; act == ACT_EDIT && i < ask->op->new_count; i++) {
        const struct jl_field_value *item = &ask->op->new_fields[i];
        if (item->field == ask->type->transfer_subject && changes(ask, item)) {
            *out_field = item->field;
            return &fixed;
        }
    }
    return NULL;
}

const struct jl_may_not *jl_may_transfer(const struct jl_transfer_ask *ask,
                                         enum jl_transfer_lacks *out_lacks) {
    static const struct jl_may_not no_subject = {JL_SAY_SUBJECT_GONE};
    static const struct jl_may_not not_theirs = {JL_SAY_SUBJECT_ELSEWHERE};
    static const struct jl_may_not no_office = {JL_SAY_TRANSFER_NO_OFFICE};
    *out_lacks = JL_LACKS_SUBJECT;
    if (!ask->lives) {
        return &no_subject;
    }
    if (ask->from == 0 || ask->holder != ask->from) {
        return &not_theirs;
    }
    *out_lacks = JL_LACKS_OFFICE;
    if (ask->to == 0) {
        return &no_office;
    }
    *out_lacks = JL_LACKS_NOTHING;
    return ask->by != 0 && ask->from != ask->by ? &not_the_holder : NULL;
}

/* ---- Merging ---- */

const struct jl_may_not *jl_may_merge_type(const struct jl_type *type) {
    static const struct jl_may_not no_type = {JL_SAY_MERGE_TYPE};
    bool merges = !type->built_in && !type->append_only && type->natural_key_count == 0;
    return merges ? NULL : &no_type;
}

const struct jl_may_not *jl_may_merge(const struct jl_merge_ask *ask) {
    static const struct jl_may_not missing = {JL_SAY_MERGE_MISSING};
    static const struct jl_may_not not_own = {JL_SAY_MERGE_NOT_OWN};
    static const struct jl_may_not changed = {JL_SAY_MERGE_CHANGED};
    static const struct jl_may_not transfer = {JL_SAY_MERGE_TRANSFER};
    static const struct jl_may_not checked = {JL_SAY_MERGE_CHECKED};
    static const struct jl_may_not elsewhere = {JL_SAY_MERGE_ELSEWHERE};
    static const struct jl_may_not many = {JL_SAY_MERGE_MANY};
    const struct jl_may_not *no = jl_may_merge_type(ask->type);
    if (no != NULL) {
        return no;
    }
    if (ask->kept == NULL || ask->gone == NULL || ask->kept->type != ask->gone->type ||
        jl_id_equal(&ask->kept->id, &ask->gone->id)) {
        return &missing;
    }
    if (ask->by == 0) {
        return NULL;
    }
    /* A transfer is of two offices. */
    if (ask->type->owner == JL_SIDE_DISTRICT || ask->type->transfer_subject != 0 ||
        ask->kept->owner != ask->by || ask->gone->owner != ask->by) {
        return &not_own;
    }
    return ask->transfer    ? &transfer
           : ask->checked   ? &checked
           : ask->elsewhere ? &elsewhere
           : ask->many      ? &many
           : !ask->as_seen  ? &changed
                            : NULL;
}

/* ---- The whole ---- */

const struct jl_may_not *jl_may(const struct jl_may_ask *ask, uint32_t *out_field) {
    static const struct jl_may_not merged = {JL_SAY_MERGED_AWAY};
    enum act act = act_of(ask);
    bool at_office = ask->by == JL_HAND_OFFICE || ask->by == JL_HAND_CLERK;
    *out_field = 0;
    if (ask->type->built_in) {
        return may_built_in(ask, act, out_field);
    }
    if (at_office && ask->type->owner == JL_SIDE_DISTRICT) {
        return &districts;
    }
    if (act == ACT_BACK && ask->merged && !ask->unmerges && ask->by != JL_HAND_COMMAND) {
        return &merged;
    }
    if (ask->type->transfer_subject == 0 || ask->by == JL_HAND_COMMAND) {
        return NULL;
    }
    return at_office ? may_transfer(ask, act, out_field) : may_keep_subject(ask, act, out_field);
}
