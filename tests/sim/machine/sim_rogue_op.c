/* The rogue's ops, made by hand: of any kind, type, field and number, over records of its own
 * office, of others and of the district. What it has in mind is drawn first. */
#include "sim_rogue.h"

#include "jielian/base/assert.h"
#include "jielian/crypto/random.h"
#include "jielian/op/merge.h"

#include <string.h>

enum { FIELDS_MAX = 3 }; /* that one op changes */

static void note(struct sim *sim, enum sim_roguery what) {
    sim->out->tally.roguery[what]++;
}

/* ---- Whom to take on ---- */

static bool is_others(const struct sim *sim, const struct sim_seen *seen) {
    return seen->head.owner != 0 && seen->head.owner != sim->rogue.line.office_number;
}

static const struct jl_type *type_of(const struct sim *sim, uint32_t type) {
    return jl_catalogue_type(sim->world.district->books->catalogue, type);
}

static bool suits(const struct sim *sim, enum sim_roguery aim, const struct sim_seen *seen) {
    const struct jl_type *type = type_of(sim, seen->key.type);
    switch ((int)aim) {
    case SIM_ROGUE_FILLED:
    case SIM_ROGUE_REQUESTS:
        return type->transfer_subject != 0;
    case SIM_ROGUE_STATUS:
        return type->flow.field != 0 || seen->key.type == JL_TYPE_CASE;
    case SIM_ROGUE_TOMBSTONE:
        return seen->head.state == JL_RECORD_DELETED && is_others(sim, seen);
    case SIM_ROGUE_NATURAL_KEY:
        return type->natural_key_count > 0 && is_others(sim, seen);
    case SIM_ROGUE_STALE:
        return seen->head.state == JL_RECORD_LIVE && seen->key.type > JL_TYPE_ASK &&
               !is_others(sim, seen);
    default:
        return true;
    }
}

/* One that suits the aim, if there is one; else whatever was drawn. */
static const struct sim_seen *any_for(struct sim *sim, const struct sim_sight *sight,
                                      enum sim_roguery aim) {
    size_t first = (size_t)sim_draw(sim, sight->count);
    for (size_t i = 0; i < sight->count; i++) {
        const struct sim_seen *seen = &sight->items[(first + i) % sight->count];
        if (suits(sim, aim, seen)) {
            return seen;
        }
    }
    return &sight->items[first];
}

/* Stale edits are all of one record, so that it has a history, while that lasts. */
static const struct sim_seen *stale_one(struct sim *sim, const struct sim_sight *sight) {
    struct jl_record_key *aim = &sim->rogue.aim;
    const struct sim_seen *drawn = any_for(sim, sight, SIM_ROGUE_STALE);
    for (size_t i = 0; i < sight->count; i++) {
        const struct sim_seen *seen = &sight->items[i];
        if (seen->key.type == aim->type && jl_id_equal(&seen->key.id, &aim->id) &&
            suits(sim, SIM_ROGUE_STALE, seen)) {
            return seen;
        }
    }
    *aim = drawn->key;
    return drawn;
}

/* ---- Values ---- */

/* Of the type, if there is one; else whatever was drawn. */
static const struct sim_seen *any_of(struct sim *sim, const struct sim_sight *sight,
                                     uint32_t type) {
    size_t first = (size_t)sim_draw(sim, sight->count);
    for (size_t i = 0; i < sight->count; i++) {
        const struct sim_seen *seen = &sight->items[(first + i) % sight->count];
        if (seen->key.type == type) {
            return seen;
        }
    }
    return &sight->items[first];
}

static int64_t any_code(struct sim *sim, const struct jl_field *field) {
    const struct jl_code_list *codes = field->codes;
    return codes != NULL && codes->code_count > 0
               ? (int64_t)codes->codes[sim_draw(sim, codes->code_count)].number
               : (int64_t)sim_draw(sim, 8);
}

static struct jl_value any_value(struct sim *sim, const struct jl_field *field,
                                 const struct sim_sight *sight, struct jl_arena *arena) {
    static const char *const texts[] = {"张三", "李四", "13800000000", "merged", "different", "1"};
    uint64_t text = sim_draw(sim, sizeof texts / sizeof *texts);
    struct jl_id *id = jl_arena_zalloc(arena, 1, sizeof *id);
    JL_ASSERT(id != NULL);
    *id = any_of(sim, sight, field->ref_type)->key.id;
    switch (field->kind) {
    case JL_KIND_REF:
        return jl_value_ref(id);
    case JL_KIND_INT:
    case JL_KIND_MONEY:
        return jl_value_int((int64_t)sim_draw(sim, 8));
    case JL_KIND_BOOL:
        return jl_value_int((int64_t)sim_draw(sim, 2));
    case JL_KIND_CODE:
        return jl_value_int(any_code(sim, field));
    case JL_KIND_DATE:
        return jl_value_int(20260101 + (int64_t)sim_draw(sim, 28));
    case JL_KIND_MONTH:
        return jl_value_int(202601 + (int64_t)sim_draw(sim, 12));
    case JL_KIND_TEXT:
    case JL_KIND_ID_NO:
    case JL_KIND_USCC:
    case JL_KIND_PHONE:
        break;
    }
    return jl_value_cstr(texts[text]);
}

/* ---- What to say of it ---- */

static bool is_filled(const struct jl_type *type, const struct jl_field *field) {
    return type->transfer_subject != 0 && jl_type_kept_by_district(type, field->number);
}

static const struct jl_field *any_field(struct sim *sim, const struct jl_type *type,
                                        enum sim_roguery aim) {
    size_t first = (size_t)sim_draw(sim, type->field_count);
    if (aim == SIM_ROGUE_STATUS && type->number == JL_TYPE_CASE) {
        return jl_type_field(type, JL_CASE_STATUS);
    }
    if (aim == SIM_ROGUE_STATUS && type->flow.field != 0) {
        return jl_type_field(type, type->flow.field);
    }
    for (size_t i = 0; aim == SIM_ROGUE_FILLED && i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[(first + i) % type->field_count];
        if (is_filled(type, field)) {
            return field;
        }
    }
    return &type->fields[first];
}

/* A few fields of the record, as they are and as the rogue wants them. */
static void change_fields(struct sim *sim, const struct sim_sight *sight,
                          const struct jl_type *type, const struct jl_row *row,
                          enum sim_roguery aim, struct jl_arena *arena, struct jl_op *op) {
    struct jl_row was = {0};
    struct jl_row is = {0};
    struct jl_err err;
    const struct jl_value none = jl_value_null();
    size_t count = sim_draw(sim, 4) == 0 ? 1 + (size_t)sim_draw(sim, FIELDS_MAX) : 1;
    for (size_t i = 0; i < count; i++) {
        const struct jl_field *field = any_field(sim, type, i == 0 ? aim : SIM_ROGUERIES);
        const struct jl_value value = any_value(sim, field, sight, arena);
        const struct jl_value *old = jl_row_get(row, field->number);
        const struct jl_value stale = any_value(sim, field, sight, arena);
        bool said = aim == SIM_ROGUE_STALE && !jl_value_equal(&stale, &value);
        old = said ? &stale : old != NULL ? old : &none;
        (void)!jl_row_set(&is, field->number, &value, arena, &err);
        (void)!jl_row_set(&was, field->number, old, arena, &err);
        sim->out->tally.roguery[SIM_ROGUE_FILLED] += is_filled(type, field) ? 1 : 0;
        sim->out->tally.roguery[SIM_ROGUE_STATUS] +=
            field->number == type->flow.field ||
                    (type->number == JL_TYPE_CASE && field->number == JL_CASE_STATUS)
                ? 1
                : 0;
    }
    op->new_fields = is.fields;
    op->new_count = is.field_count;
    op->old_fields = was.fields;
    op->old_count = was.field_count;
}

static enum jl_op_kind any_kind(struct sim *sim, enum sim_roguery aim) {
    uint64_t kind = sim_draw(sim, 3) == 0 ? sim_draw(sim, 7) : sim_draw(sim, 4);
    uint64_t coin = sim_draw(sim, 2);
    switch ((int)aim) {
    case SIM_ROGUE_TOMBSTONE:
        return coin == 0 ? JL_OP_RESTORE : JL_OP_CREATE;
    case SIM_ROGUE_NATURAL_KEY:
    case SIM_ROGUE_REQUESTS:
        return JL_OP_CREATE;
    case SIM_ROGUE_FILLED:
    case SIM_ROGUE_STATUS:
        return coin == 0 ? JL_OP_EDIT : (enum jl_op_kind)(JL_OP_CREATE + kind);
    case SIM_ROGUE_STALE:
        return JL_OP_EDIT;
    default:
        return (enum jl_op_kind)(JL_OP_CREATE + kind);
    }
}

/* The whole record, as it is and under the rogue's name; or none of it. */
static void say_whole(struct sim *sim, const struct jl_row *row, enum sim_roguery aim,
                      struct jl_op *op) {
    bool whole = op->kind == JL_OP_CREATE || op->kind == JL_OP_RESTORE;
    bool as_it_is =
        aim == SIM_ROGUE_NATURAL_KEY || aim == SIM_ROGUE_REQUESTS || sim_draw(sim, 2) == 0;
    if (whole && as_it_is) {
        op->new_fields = row->fields;
        op->new_count = row->field_count;
    }
    if (whole || op->kind == JL_OP_DELETE) {
        op->old_fields = op->kind == JL_OP_DELETE ? row->fields : NULL;
        op->old_count = op->kind == JL_OP_DELETE ? row->field_count : 0;
        op->new_count = op->kind == JL_OP_DELETE ? 0 : op->new_count;
    }
}

/* Numbers go up by one; the rogue leaves some out, says some twice, and says none. */
static uint64_t any_number(struct sim *sim) {
    enum { NONE, TWICE, GAP, NUMBERS = 32 };
    uint64_t what = sim_draw(sim, NUMBERS);
    sim->rogue.number += what == GAP ? 2 : what == TWICE ? 0 : 1;
    sim->out->tally.roguery[SIM_ROGUE_NUMBERS] += what <= GAP ? 1 : 0;
    return what == NONE ? 0 : sim->rogue.number;
}

/* Without an aim the types are drawn, for most records are of few. */
static const struct sim_seen *aimed_at(struct sim *sim, const struct sim_sight *sight,
                                       enum sim_roguery aim) {
    const struct jl_catalogue *catalogue = sim->world.district->books->catalogue;
    size_t at = (size_t)sim_draw(sim, jl_catalogue_type_count(catalogue));
    uint32_t built_in = 1 + (uint32_t)sim_draw(sim, JL_TYPE_ASK);
    if (aim == SIM_ROGUERIES) {
        return any_of(sim, sight, jl_catalogue_type_at(catalogue, at)->number);
    }
    if (aim == SIM_ROGUE_STALE) {
        return stale_one(sim, sight);
    }
    return aim == SIM_ROGUE_BUILT_IN ? any_of(sim, sight, built_in) : any_for(sim, sight, aim);
}

/* Of a built-in type, whether or not there is a record of it. */
static uint32_t any_type(struct sim *sim, const struct sim_seen *seen, struct jl_op *op) {
    struct jl_err err;
    uint32_t built_in = 1 + (uint32_t)sim_draw(sim, JL_TYPE_ASK);
    bool other = sim_draw(sim, 3) == 0 && type_of(sim, built_in) != NULL;
    if (other && seen->key.type != built_in) {
        (void)!jl_random(op->id.bytes, sizeof op->id.bytes, &err);
        return built_in;
    }
    return seen->key.type;
}

/* A transfer as there was one, of anybody's record. */
static void request(struct sim *sim, const struct sim_sight *sight, const struct jl_type *type,
                    struct jl_arena *arena, struct jl_row *row, struct jl_op *op) {
    struct jl_err err;
    struct jl_id *subject = jl_arena_zalloc(arena, 1, sizeof *subject);
    JL_ASSERT(subject != NULL);
    *subject = any_of(sim, sight, jl_type_field(type, type->transfer_subject)->ref_type)->key.id;
    const struct jl_value value = jl_value_ref(subject);
    (void)!jl_row_set(row, type->transfer_subject, &value, arena, &err);
    (void)!jl_random(op->id.bytes, sizeof op->id.bytes, &err);
    note(sim, SIM_ROGUE_REQUESTS);
}

static void note_op(struct sim *sim, const struct jl_op *op, const struct sim_seen *seen) {
    bool same = jl_id_equal(&op->id, &seen->key.id);
    bool whole = op->kind == JL_OP_CREATE || op->kind == JL_OP_RESTORE;
    const struct jl_type *type = type_of(sim, op->type);
    if (op->type <= JL_TYPE_ASK) {
        note(sim, SIM_ROGUE_BUILT_IN);
        sim->out->tally.rogue_types[op->type]++;
    }
    if (same && is_others(sim, seen) && seen->head.state == JL_RECORD_DELETED) {
        note(sim, SIM_ROGUE_TOMBSTONE);
    }
    if (same && is_others(sim, seen) && whole && type->natural_key_count > 0) {
        note(sim, SIM_ROGUE_NATURAL_KEY);
    }
}

void sim_rogue_op(struct sim *sim, const struct sim_sight *sight, enum sim_roguery aim,
                  struct jl_arena *arena, struct jl_op *op) {
    struct jl_book_record record = {0};
    struct jl_err err;
    const struct jl_row nothing = {0};
    const struct sim_seen *seen = aimed_at(sim, sight, aim);
    *op = (struct jl_op){.kind = any_kind(sim, aim),
                         .id = seen->key.id,
                         .made_ms = sim->world.now_ms,
                         .staff = jl_bytes_text("nobody"),
                         .cursor = sim_draw(sim, 4) != 0 ? INT64_MAX : sim_draw(sim, 100),
                         .number = any_number(sim),
                         .other = sight->items[sim_draw(sim, sight->count)].key.id,
                         .owner = (uint32_t)sim_draw(sim, SIM_OFFICES_MAX + 1)};
    op->type = aim == SIM_ROGUE_BUILT_IN ? any_type(sim, seen, op) : seen->key.type;
    const struct jl_type *type = type_of(sim, op->type);
    bool fresh = (aim == SIM_ROGUE_BUILT_IN || aim == SIM_ROGUERIES) && sim_draw(sim, 4) == 0;
    if (fresh || type->append_only) {
        (void)!jl_random(op->id.bytes, sizeof op->id.bytes, &err);
    }
    if (jl_books_load(sim->world.district->books, &seen->key, 1, arena, &record, &err) == JL_OK) {
        change_fields(sim, sight, type, op->type == seen->key.type ? &record.row : &nothing, aim,
                      arena, op);
    }
    if (aim == SIM_ROGUE_REQUESTS && type->transfer_subject != 0) {
        request(sim, sight, type, arena, &record.row, op);
    }
    say_whole(sim, &record.row, aim, op);
    note_op(sim, op, seen);
}
