/* Unique values: another living record of the district that has the value already makes a case;
 * both records stay. The store is asked once per batch and field; records that the batch itself
 * made are remembered in a table. */
#include "district_internal.h"

#include "jielian/merge.h"

#include <string.h>

enum { UNIQUE_FIELDS_MAX = 8, DOUBLES_EACH = 4 };

struct holder { /* of a unique value, among this batch's records */
    const struct jl_field *field;
    const struct jl_value *value;
    struct jl_work *work;
};

struct jl_doubles {
    int64_t *rids;  /* [op][field][DOUBLES_EACH] */
    size_t *counts; /* [op][field] */
    struct holder *holders;
    size_t slots;
};

static size_t unique_fields(const struct jl_type *type,
                            const struct jl_field *out_fields[static UNIQUE_FIELDS_MAX]) {
    size_t count = 0;
    for (size_t i = 0; i < type->field_count && count < UNIQUE_FIELDS_MAX; i++) {
        if (type->fields[i].unique) {
            out_fields[count++] = &type->fields[i];
        }
    }
    return count;
}

static const struct jl_value *offered(const struct jl_op *op, uint32_t field) {
    for (size_t i = 0; i < op->new_count; i++) {
        if (op->new_fields[i].field == field && op->new_fields[i].value.kind != JL_VALUE_NULL) {
            return &op->new_fields[i].value;
        }
    }
    return NULL;
}

/* All values that ops of one type offer for one field, in one question to the store. */
static enum jl_rc ask_field(struct jl_apply *apply, const struct jl_type *type, size_t column,
                            const struct jl_field *field, struct jl_err *err) {
    struct jl_doubles *doubles = apply->doubles;
    struct jl_value *values = jl_arena_zalloc(apply->arena, apply->op_count, sizeof *values);
    size_t *indexes = jl_arena_zalloc(apply->arena, apply->op_count, sizeof *indexes);
    int64_t *rids = jl_arena_zalloc(apply->arena, apply->op_count * DOUBLES_EACH, sizeof *rids);
    size_t *counts = jl_arena_zalloc(apply->arena, apply->op_count, sizeof *counts);
    if (values == NULL || indexes == NULL || rids == NULL || counts == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for unique values");
    }
    size_t count = 0;
    for (size_t i = 0; i < apply->op_count; i++) {
        const struct jl_value *value =
            apply->ops[i].type == type->number ? offered(&apply->ops[i], field->number) : NULL;
        if (value != NULL) {
            values[count] = *value;
            indexes[count++] = i;
        }
    }
    enum jl_rc rc = jl_books_find(apply->district->books, type->number, field->number, values,
                                  count, DOUBLES_EACH, rids, counts, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        size_t at = indexes[i] * UNIQUE_FIELDS_MAX + column;
        doubles->counts[at] = counts[i];
        memcpy(&doubles->rids[at * DOUBLES_EACH], &rids[i * DOUBLES_EACH],
               counts[i] * sizeof *rids);
    }
    return rc;
}

static enum jl_rc ask_type(struct jl_apply *apply, const struct jl_type *type, struct jl_err *err) {
    const struct jl_field *fields[UNIQUE_FIELDS_MAX];
    size_t count = unique_fields(type, fields);
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = ask_field(apply, type, i, fields[i], err);
    }
    return rc;
}

enum jl_rc jl_apply_find_doubles(struct jl_apply *apply, struct jl_err *err) {
    size_t cells = apply->op_count * UNIQUE_FIELDS_MAX;
    struct jl_doubles *doubles = jl_arena_zalloc(apply->arena, 1, sizeof *doubles);
    if (doubles == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for unique values");
    }
    apply->doubles = doubles;
    for (doubles->slots = 64; doubles->slots < 2 * cells;) {
        doubles->slots *= 2;
    }
    doubles->rids = jl_arena_alloc(apply->arena, (cells * DOUBLES_EACH + 1) * sizeof(int64_t));
    doubles->counts = jl_arena_zalloc(apply->arena, cells + 1, sizeof *doubles->counts);
    doubles->holders = jl_arena_zalloc(apply->arena, doubles->slots, sizeof *doubles->holders);
    if (doubles->rids == NULL || doubles->counts == NULL || doubles->holders == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for unique values");
    }
    uint32_t seen[JL_TYPES_MAX]; /* types of the catalogue, so there are no more */
    size_t seen_count = 0;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < apply->op_count; i++) {
        bool known = false;
        for (size_t s = 0; s < seen_count; s++) {
            known = known || seen[s] == apply->ops[i].type;
        }
        const struct jl_layout *layout =
            known ? NULL : jl_books_layout(apply->district->books, apply->ops[i].type);
        if (layout == NULL) {
            continue;
        }
        JL_ASSERT(seen_count < JL_TYPES_MAX);
        seen[seen_count++] = apply->ops[i].type;
        rc = ask_type(apply, layout->type, err);
    }
    return rc;
}

/* The slot of a value: its holder, or a free place for one. */
static struct holder *holder_of(struct jl_doubles *doubles, const struct jl_field *field,
                                const struct jl_value *value) {
    uint64_t hash = 0xcbf29ce484222325u ^ (uint64_t)(uintptr_t)field ^ (uint64_t)value->number;
    for (size_t i = 0; value->kind != JL_VALUE_INT && i < value->bytes.size; i++) {
        hash = (hash ^ value->bytes.data[i]) * 0x100000001b3u;
    }
    size_t slot = (size_t)hash & (doubles->slots - 1);
    while (doubles->holders[slot].work != NULL &&
           (doubles->holders[slot].field != field ||
            !jl_value_equal(doubles->holders[slot].value, value))) {
        slot = (slot + 1) & (doubles->slots - 1);
    }
    return &doubles->holders[slot];
}

struct question { /* does another living record have this value? */
    const struct jl_type *type;
    const struct jl_field *field;
    struct jl_work *work;
    size_t cell; /* in the answers of the store */
    bool found;
    struct jl_id other;
};

static enum jl_rc double_in_store(struct jl_apply *apply, struct question *question,
                                  struct jl_err *err) {
    struct jl_doubles *doubles = apply->doubles;
    for (size_t i = 0; i < doubles->counts[question->cell] && !question->found; i++) {
        int64_t rid = doubles->rids[question->cell * DOUBLES_EACH + i];
        struct jl_book_record record = {0};
        if (rid == question->work->before.rid) {
            continue;
        }
        enum jl_rc rc =
            jl_books_load_rids(apply->district->books, &rid, 1, apply->arena, &record, err);
        if (rc != JL_OK) {
            return rc;
        }
        question->found = record.head.rid != 0 && jl_books_living(question->type, &record.row);
        question->other = record.row.id;
    }
    return JL_OK;
}

static enum jl_rc double_of(struct jl_apply *apply, struct question *question, struct jl_err *err) {
    const struct jl_field *field = question->field;
    struct jl_work *work = question->work;
    const struct jl_value *value = jl_row_get(&work->record.row, field->number);
    const struct jl_value *was =
        work->was_there ? jl_row_get(&work->row_before, field->number) : NULL;
    if (value == NULL || (was != NULL && jl_value_equal(was, value))) {
        return JL_OK;
    }
    struct holder *holder = holder_of(apply->doubles, field, value);
    const struct jl_value *held =
        holder->work != NULL ? jl_row_get(&holder->work->record.row, field->number) : NULL;
    if (held != NULL && holder->work != work && jl_value_equal(held, value) &&
        jl_books_living(question->type, &holder->work->record.row)) {
        question->found = true;
        question->other = holder->work->key.id;
        return JL_OK;
    }
    *holder = (struct holder){.field = field, .value = value, .work = work};
    return double_in_store(apply, question, err);
}

enum jl_rc jl_apply_unique(struct jl_apply *apply, size_t index, const struct jl_type *type,
                           struct jl_work *work, enum jl_verdict_code *verdict,
                           struct jl_err *err) {
    const struct jl_field *fields[UNIQUE_FIELDS_MAX];
    size_t count = unique_fields(type, fields);
    if (count == 0 || !jl_books_living(type, &work->record.row)) {
        return JL_OK;
    }
    for (size_t i = 0; i < count; i++) {
        struct question question = {
            .type = type, .field = fields[i], .work = work, .cell = index * UNIQUE_FIELDS_MAX + i};
        enum jl_rc rc = double_of(apply, &question, err);
        if (rc != JL_OK) {
            return rc;
        }
        if (question.found) {
            struct jl_case_note note = {.kind = JL_CASE_DUPLICATE,
                                        .op = &apply->ops[index],
                                        .seq = apply->first_seq + index,
                                        .subject = &work->record.row,
                                        .owner = work->record.row.owner,
                                        .other = &question.other};
            *verdict = JL_VERDICT_CASE;
            return jl_apply_case(apply, &note, err); /* one case for one op */
        }
    }
    return JL_OK;
}
