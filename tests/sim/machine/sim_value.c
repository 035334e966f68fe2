/* I6: every value that anyone ever entered, and that the district took, is still to be found:
 *
 *   - it is the record's current value (a tombstone keeps its last row); or
 *   - somebody saw it and changed it: another op of the record's history names it as the old value;
 *   - or a case of the record holds it: as what was there, what was offered, or what was seen;
 *   - or it came when the record had been merged into another: then the same holds of that one, to
 *     which it was offered (M19).
 *
 * An op that is merely in the journal proves nothing: its value must have been displaced by someone
 * who saw it, or stand beside what displaced it in a case. And a verdict CASE has its case, under
 * the id that follows from the op, with every value that did not come to stand; or it found a
 * possible duplicate, and the pair has the case. */
#include "sim_value.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/op/merge.h"
#include "jielian/record/format.h"
#include "tests/said.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char closed_by_itself[] = "所依据的改动已到，已补入";

/* ---- Cases at the district ---- */

static const struct jl_value *case_field(const struct sim_values *values, const struct jl_row *row,
                                         const char *name) {
    const struct jl_type *type = jl_catalogue_type(values->catalogue, JL_TYPE_CASE);
    return jl_row_get(row, jl_type_field_named(type, name)->number);
}

static enum jl_rc read_case(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct sim_values *values = context;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record;
    char text[JL_ID_TEXT_BYTES] = "";
    enum jl_rc rc =
        jl_books_unseal(values->sim->world.district->books, stored, &arena, &record, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (values->case_count == values->case_capacity) {
        values->case_capacity = 2 * values->case_capacity + 32;
        values->cases = realloc(values->cases, values->case_capacity * sizeof *values->cases);
        JL_ASSERT(values->cases != NULL);
    }
    struct sim_seen_case *to = &values->cases[values->case_count];
    const struct jl_value *subject = case_field(values, &record.row, "subject_id");
    const struct jl_value *detail = case_field(values, &record.row, "detail");
    const struct jl_value *kind = case_field(values, &record.row, "kind");
    *to =
        (struct sim_seen_case){.id = stored->head.id, .kind = kind != NULL ? (int)kind->number : 0};
    if (subject == NULL || detail == NULL || subject->bytes.size >= sizeof text) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_TEXT, "%s",
                           "a case without subject or detail");
    }
    memcpy(text, subject->bytes.data, subject->bytes.size);
    rc = jl_id_parse(text, &to->subject, err);
    const struct jl_value *other = case_field(values, &record.row, "other_id");
    if (rc == JL_OK && other != NULL && other->bytes.size < sizeof text) {
        memcpy(text, other->bytes.data, other->bytes.size);
        rc = jl_id_parse(text, &to->other, err);
    }
    const struct jl_value *resolution = case_field(values, &record.row, "resolution");
    to->by_itself = resolution != NULL && resolution->bytes.size == strlen(closed_by_itself) &&
                    memcmp(resolution->bytes.data, closed_by_itself, resolution->bytes.size) == 0;
    to->detail = json_loadb((const char *)detail->bytes.data, detail->bytes.size, 0, NULL);
    if (rc == JL_OK && to->detail == NULL) {
        rc = jl_fault_at(err, JL_CORRUPT, JL_FAULT_TEXT, "%s", "the detail of a case is not JSON");
    }
    values->case_count += rc == JL_OK ? 1 : 0;
    return rc;
}

/* As it is written, or behind the title of the record that it means: 张三（0190…-…）. */
static bool text_is(const json_t *text, struct jl_bytes wanted) {
    static const char opened[] = "（";
    static const char closed[] = "）";
    const size_t around = strlen(opened) + strlen(closed);
    const char *is = json_string_value(text);
    size_t size = is != NULL ? strlen(is) : 0;
    if (is != NULL && size >= wanted.size + around &&
        strcmp(is + size - strlen(closed), closed) == 0 &&
        memcmp(is + size - wanted.size - around, opened, strlen(opened)) == 0) {
        is += size - wanted.size - strlen(closed);
        size = wanted.size;
    }
    return is != NULL && size == wanted.size && memcmp(is, wanted.data, size) == 0;
}

static bool case_holds(const struct sim_seen_case *item, const struct jl_field *field,
                       struct jl_bytes text) {
    const json_t *each = NULL;
    size_t i = 0;
    json_array_foreach(json_object_get(item->detail, "fields"), i, each) {
        const char *name = json_string_value(json_object_get(each, "field"));
        if (name != NULL && strcmp(name, field->name) == 0 &&
            (text_is(json_object_get(each, "old"), text) ||
             text_is(json_object_get(json_object_get(each, "current"), "value"), text) ||
             text_is(json_object_get(json_object_get(each, "offered"), "value"), text))) {
            return true;
        }
    }
    return false;
}

/* ---- One value ---- */

bool sim_value_in_cases(struct sim_values *values, const struct jl_id *id,
                        const struct jl_field *field, const struct jl_value *value, bool all) {
    JL_AUTO(jl_buf) text = {0};
    struct jl_err err;
    if (jl_format_field(field, value, JL_LANGUAGE_ZH, &text, &err) != JL_OK) {
        return false;
    }
    for (size_t i = 0; i < values->case_count; i++) {
        if (jl_id_equal(&values->cases[i].subject, id) && (all || !values->cases[i].by_itself) &&
            case_holds(&values->cases[i], field, jl_buf_bytes(&text))) {
            return true;
        }
    }
    return false;
}

/* By another op of this record, than `op`, which entered it. */
static bool was_seen(const struct sim_values *values, const struct jl_id *id,
                     const struct sim_op *op, uint32_t field, const struct jl_value *value) {
    const struct sim_oracle *oracle = &values->sim->oracle;
    for (size_t i = 0; i < oracle->entry_count; i++) {
        const struct sim_entry *entry = &oracle->entries[i];
        const struct jl_row old = {.fields = entry->op.old_fields,
                                   .field_count = entry->op.old_count};
        if (entry->op.type != op->op.type || !jl_id_equal(&entry->op.id, id) ||
            memcmp(entry->hash, op->hash, JL_HASH_BYTES) == 0) {
            continue;
        }
        const struct jl_value *seen = jl_row_get(&old, field);
        if (seen != NULL && jl_value_equal(seen, value)) {
            return true;
        }
    }
    return false;
}

/* The district itself moves a transfer on from "received", and says until when. */
bool sim_value_moves_on(const struct jl_type *type, const struct jl_field *field) {
    return type->transfer_subject != 0 &&
           (type->flow.field == field->number || jl_type_kept_by_district(type, field->number));
}

static bool same_as_old(const struct jl_op *op, const struct jl_field_value *new_value) {
    const struct jl_row old = {.fields = op->old_fields, .field_count = op->old_count};
    const struct jl_value *seen = jl_row_get(&old, new_value->field);
    return seen != NULL && jl_value_equal(seen, &new_value->value);
}

bool sim_value_is_current(const struct sim_values *values, uint32_t type, const struct jl_id *id,
                          uint32_t field, const struct jl_value *value) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_record_key key = {.type = type, .id = *id};
    struct jl_book_record record = {0};
    struct jl_err err;
    const struct jl_value *now = jl_books_load(values->sim->world.district->books, &key, 1, &arena,
                                               &record, &err) == JL_OK &&
                                         record.head.rid != 0
                                     ? jl_row_get(&record.row, field)
                                     : NULL;
    return now != NULL && jl_value_equal(now, value);
}

/* What the op merges the record into: the district's MERGE, or the delete of an office's merge. */
static const struct jl_id *into(const struct jl_op *op, const struct jl_id *gone) {
    if (op->kind == JL_OP_MERGE && jl_id_equal(&op->other, gone)) {
        return &op->id;
    }
    return op->kind == JL_OP_DELETE && !jl_id_is_zero(&op->other) && jl_id_equal(&op->id, gone)
               ? &op->other
               : NULL;
}

/* M19: its record had been merged into another before it came, which has it, was offered it, or was
 * itself merged on. */
bool sim_value_with_kept(struct sim_values *values, const struct sim_op *op,
                         const struct jl_id *gone, const struct jl_field *field,
                         const struct jl_value *value, int steps) {
    const struct sim_oracle *oracle = &values->sim->oracle;
    const struct sim_entry *came = sim_oracle_entry(values->sim, op->hash);
    for (size_t i = 0; came != NULL && i < came->judged_at; i++) {
        const struct sim_entry *entry = &oracle->entries[i];
        const struct jl_op *merge = &entry->op;
        const struct jl_id *kept = into(merge, gone);
        if (kept == NULL || merge->type != op->op.type || entry->verdict == JL_VERDICT_PARKED) {
            continue;
        }
        if (sim_value_is_current(values, merge->type, kept, field->number, value) ||
            was_seen(values, kept, op, field->number, value) ||
            sim_value_in_cases(values, kept, field, value, true) ||
            (steps > 0 && sim_value_with_kept(values, op, kept, field, value, steps - 1))) {
            return true;
        }
    }
    return false;
}

static bool check_value(struct sim_values *values, const struct sim_op *op,
                        const struct jl_type *type, const struct jl_row *row,
                        const struct jl_field_value *entered) {
    const struct jl_field *field = jl_type_field(type, entered->field);
    const struct jl_value *now = jl_row_get(row, entered->field);
    if (entered->value.kind == JL_VALUE_NULL || same_as_old(&op->op, entered)) {
        return true; /* nothing was entered */
    }
    values->sim->out->tally.values++;
    if ((now != NULL && jl_value_equal(now, &entered->value)) ||
        was_seen(values, &op->op.id, op, entered->field, &entered->value)) {
        return true;
    }
    if (field != NULL && (sim_value_moves_on(type, field) ||
                          sim_value_in_cases(values, &op->op.id, field, &entered->value, true) ||
                          sim_value_with_kept(values, op, &op->op.id, field, &entered->value,
                                              JL_MERGED_CHAIN_MAX))) {
        return true;
    }
    return sim_fail(values->sim,
                    "I6: what step %zu entered (%s.%s, op kind %d) is not current, nobody saw it, "
                    "and no case has it",
                    op->step, type->name, field != NULL ? field->name : "?", (int)op->op.kind);
}

/* ---- One op ---- */

static bool case_id(struct sim_values *values, const struct sim_entry *entry,
                    struct jl_id *out_id) {
    static const char label[] = "jielian case v1";
    struct jl_district *district = values->sim->world.district;
    const uint8_t *incarnation = district->state.own_incarnation;
    uint8_t number[8];
    uint8_t hash[JL_HASH_BYTES];
    struct jl_err err;
    for (size_t i = 0; entry->origin != 0 && i < district->origin_count; i++) {
        if (district->origins[i].number == entry->origin) {
            incarnation = district->origins[i].incarnation;
        }
    }
    for (int i = 0; i < 8; i++) {
        number[i] = (uint8_t)(entry->seq >> (56 - 8 * i));
    }
    struct jl_bytes parts[] = {jl_bytes(label, sizeof label - 1), jl_bytes(incarnation, 16),
                               jl_bytes(number, sizeof number)};
    if (jl_hasher_digest(district->books->hasher, parts, 3, hash, &err) != JL_OK) {
        return false;
    }
    *out_id = jl_id_from_hash(hash);
    return true;
}

static bool in_a_pair(const struct sim_values *values, const struct sim_op *op) {
    for (size_t i = 0; i < values->case_count; i++) {
        const struct sim_seen_case *item = &values->cases[i];
        if (item->kind == JL_CASE_DUPLICATE &&
            (jl_id_equal(&item->subject, &op->op.id) || jl_id_equal(&item->other, &op->op.id))) {
            return true;
        }
    }
    return false;
}

/* A PC that alone has a case, for the district was restored to before it, offers it when somebody
 * works on it: then it is not the repeated op that made it. */
static bool was_offered(const struct sim_oracle *oracle, const struct jl_id *id) {
    for (size_t i = 0; i < oracle->entry_count; i++) {
        const struct jl_op *op = &oracle->entries[i].op;
        if (op->kind == JL_OP_CREATE && op->type == JL_TYPE_CASE && jl_id_equal(&op->id, id)) {
            return true;
        }
    }
    return false;
}

/* Did the record of this entry come with a later one? */
static bool came_later(const struct sim_oracle *oracle, const struct sim_entry *entry) {
    for (size_t i = 0; i < oracle->entry_count; i++) {
        const struct sim_entry *each = &oracle->entries[i];
        if (each->op.kind == JL_OP_CREATE && each->op.type == entry->op.type &&
            jl_id_equal(&each->op.id, &entry->op.id) &&
            (each->verdict == JL_VERDICT_APPLIED || each->verdict == JL_VERDICT_MERGED)) {
            return each > entry;
        }
    }
    return false;
}

/* A verdict CASE has its case, and a repeated op has none of its own, but where it could not be
 * taken for want of its record: it may be now. */
static bool check_case(struct sim_values *values, const struct sim_op *op, bool absent) {
    const struct sim_oracle *oracle = &values->sim->oracle;
    const struct sim_entry *first = sim_oracle_entry(values->sim, op->hash);
    bool untaken = absent || (first->waited && first->verdict == JL_VERDICT_CASE);
    for (size_t i = 0; i < oracle->entry_count; i++) {
        const struct sim_entry *entry = &oracle->entries[i];
        struct jl_id id;
        bool there = false;
        if (memcmp(entry->hash, op->hash, JL_HASH_BYTES) != 0 || !case_id(values, entry, &id)) {
            continue;
        }
        for (size_t c = 0; c < values->case_count; c++) {
            there = there || jl_id_equal(&values->cases[c].id, &id);
        }
        if (entry == first && entry->verdict == JL_VERDICT_CASE && !there &&
            !in_a_pair(values, op)) {
            return sim_fail(values->sim, "I6: the op of step %zu has a CASE verdict and no case",
                            op->step);
        }
        if (entry != first && there && !untaken && !came_later(oracle, entry) &&
            !was_offered(oracle, &id)) {
            return sim_fail(values->sim, "I7: the op of step %zu made a second case", op->step);
        }
    }
    return true;
}

static bool check_op(struct sim_values *values, const struct sim_op *op) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_books *books = values->sim->world.district->books;
    const struct sim_entry *entry = sim_oracle_entry(values->sim, op->hash);
    const struct jl_type *type = jl_catalogue_type(values->catalogue, op->op.type);
    struct jl_record_key key = {.type = op->op.type, .id = op->op.id};
    struct jl_book_record record = {0};
    struct jl_err err;
    if (entry == NULL || entry->verdict == JL_VERDICT_PARKED || type == NULL ||
        op->op.type == JL_TYPE_CASE) {
        return true; /* I3 and I8 answer for these; a case is closed by whoever decides last */
    }
    /* M9: gone already; M20: its case says what it wanted. */
    bool may_lack = op->op.kind == JL_OP_DELETE || entry->verdict == JL_VERDICT_CASE;
    if (jl_books_load(books, &key, 1, &arena, &record, &err) != JL_OK ||
        (record.head.rid == 0 && !may_lack)) {
        return sim_fail(values->sim, "I6: the record of step %zu is gone", op->step);
    }
    bool good = check_case(values, op, record.head.rid == 0);
    for (size_t i = 0; good && i < op->op.new_count; i++) {
        good = check_value(values, op, type, &record.row, &op->op.new_fields[i]);
    }
    return good;
}

bool sim_values_init(struct sim_values *values, struct sim *sim) {
    struct jl_books *books = sim->world.district->books;
    const struct jl_scan scan = {.type = JL_TYPE_CASE, .all_states = true};
    struct jl_err err = {0};
    *values = (struct sim_values){.sim = sim, .catalogue = books->catalogue};
    return jl_records_scan(books->store, &scan, read_case, values, &err) == JL_OK ||
           sim_fail(sim, "%s", err_said(&err));
}

void sim_values_fini(struct sim_values *values) {
    for (size_t i = 0; i < values->case_count; i++) {
        json_decref(values->cases[i].detail);
    }
    free(values->cases);
}

bool sim_check_values(struct sim *sim) {
    struct sim_values values;
    bool good = sim_values_init(&values, sim);
    for (size_t i = 0; good && i < sim->oracle.op_count; i++) {
        good = check_op(&values, &sim->oracle.ops[i]);
    }
    good = good && sim_check_promises(&values);
    sim_values_fini(&values);
    return good;
}
