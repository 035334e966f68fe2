/* Unique values: another living record of the district that has the value already makes a case of
 * the two (pair.c); both records stay. Texts are the same that fold to the same (base/fold.h). The
 * store is asked once per batch and field; records that the batch itself gave a value are
 * remembered in a table:
 *
 *   field, folded value ─> record ─> record ─> …     newest first, each once
 *
 * What stands there and has lost the value meanwhile is taken out by whoever comes by, so a batch
 * costs no more than its ops, however they go to and fro.
 *
 * By rules before number 2 texts are the same byte by byte, and one record of the batch is
 * remembered for a value: of three with the same, the second and third were not compared. */
#include "unique.h"
#include "apply.h"
#include "case.h"
#include "pair.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/fold.h"
#include "jielian/books/books.h"

#include <string.h>

enum {
    DUPLICATES_EACH = 4, /* holders of one value that a batch's question asks for: mostly none */
    HOLDERS_MAX = 64,    /* … and when there are that many, for tombstones keep their values */
    PAIRS_MAX = 4,       /* cases that one value of one op may open */
    FIELDS_MAX = JL_UNIQUE_PER_TYPE_MAX + 1, /* and a text that is the natural key */
};

/* A table that folds otherwise needs rules of its own here, beside the one that these had. */
_Static_assert(JL_FOLD_VERSION == 1, "entries of rules 2 are folded by table 1");

struct holder { /* of a unique value, among this batch's records */
    struct jl_touched *touched;
    struct holder *next;
};

struct slot {
    const struct jl_field *field; /* NULL: free */
    struct jl_value value;        /* as it is compared */
    struct holder *first;
};

struct jl_duplicates {
    size_t width;   /* the most unique fields that a type of the batch has */
    int64_t *rids;  /* [op][width][DUPLICATES_EACH] */
    size_t *counts; /* [op][width] */
    struct slot *slots;
    size_t slot_count;
};

static bool folds(const struct jl_apply *apply) {
    return apply->head->rules >= 2;
}

/* A text that is the natural key has its id from its bytes: in another form it is another record.
 */
static size_t unique_fields(const struct jl_apply *apply, const struct jl_type *type,
                            const struct jl_field *out_fields[static FIELDS_MAX]) {
    size_t count = 0;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        if (field->unique || (folds(apply) && jl_books_text_key(type, field))) {
            out_fields[count++] = field;
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
    struct jl_duplicates *duplicates = apply->duplicates;
    struct jl_value *values = jl_arena_zalloc(apply->arena, apply->op_count, sizeof *values);
    size_t *indexes = jl_arena_zalloc(apply->arena, apply->op_count, sizeof *indexes);
    int64_t *rids = jl_arena_zalloc(apply->arena, apply->op_count * DUPLICATES_EACH, sizeof *rids);
    size_t *counts = jl_arena_zalloc(apply->arena, apply->op_count, sizeof *counts);
    if (values == NULL || indexes == NULL || rids == NULL || counts == NULL) {
        return jl_fault_memory(err);
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
                                  count, DUPLICATES_EACH, rids, counts, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        size_t at = indexes[i] * duplicates->width + column;
        duplicates->counts[at] = counts[i];
        memcpy(&duplicates->rids[at * DUPLICATES_EACH], &rids[i * DUPLICATES_EACH],
               counts[i] * sizeof *rids);
    }
    return rc;
}

static enum jl_rc ask_type(struct jl_apply *apply, const struct jl_type *type, struct jl_err *err) {
    const struct jl_field *fields[FIELDS_MAX];
    size_t count = unique_fields(apply, type, fields);
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = ask_field(apply, type, i, fields[i], err);
    }
    return rc;
}

/* The types that the batch has ops of, each once. */
static size_t types_of(const struct jl_apply *apply,
                       const struct jl_type *out_types[static JL_TYPES_MAX]) {
    size_t count = 0;
    for (size_t i = 0; i < apply->op_count; i++) {
        bool known = false;
        for (size_t t = 0; t < count && !known; t++) {
            known = out_types[t]->number == apply->ops[i].type;
        }
        const struct jl_layout *layout =
            known ? NULL : jl_books_layout(apply->district->books, apply->ops[i].type);
        if (layout != NULL) { /* one of the catalogue, so there are no more than JL_TYPES_MAX */
            JL_ASSERT(count < JL_TYPES_MAX);
            out_types[count++] = layout->type;
        }
    }
    return count;
}

/* Room for what the batch can ask, and not more: to clear it is a good part of a batch's cost. */
static enum jl_rc make_room(struct jl_apply *apply, size_t width, struct jl_err *err) {
    struct jl_duplicates *duplicates = jl_arena_zalloc(apply->arena, 1, sizeof *duplicates);
    size_t cells = apply->op_count * width;
    if (duplicates == NULL) {
        return jl_fault_memory(err);
    }
    duplicates->width = width;
    for (duplicates->slot_count = 64; duplicates->slot_count < 2 * cells;) {
        duplicates->slot_count *= 2;
    }
    duplicates->rids =
        jl_arena_alloc(apply->arena, (cells * DUPLICATES_EACH + 1) * sizeof(int64_t));
    duplicates->counts = jl_arena_zalloc(apply->arena, cells + 1, sizeof *duplicates->counts);
    duplicates->slots =
        jl_arena_zalloc(apply->arena, duplicates->slot_count, sizeof *duplicates->slots);
    if (duplicates->rids == NULL || duplicates->counts == NULL || duplicates->slots == NULL) {
        return jl_fault_memory(err);
    }
    apply->duplicates = duplicates;
    return JL_OK;
}

enum jl_rc jl_unique_find(struct jl_apply *apply, struct jl_err *err) {
    const struct jl_type *types[JL_TYPES_MAX];
    const struct jl_field *fields[FIELDS_MAX];
    size_t count = types_of(apply, types);
    size_t width = 0;
    for (size_t i = 0; i < count; i++) {
        size_t unique = unique_fields(apply, types[i], fields);
        width = unique > width ? unique : width;
    }
    enum jl_rc rc = make_room(apply, width, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = ask_type(apply, types[i], err);
    }
    return rc;
}

struct question { /* which other living records have this value? */
    size_t index; /* of the op */
    size_t cell;  /* in the answers of the store */
    const struct jl_type *type;
    const struct jl_field *field;
    const struct jl_value *value;
    struct jl_value key; /* as it is compared */
    struct jl_touched *touched;
    struct jl_id parted_from; /* not compared; zero: none */
    const struct jl_touched *others[PAIRS_MAX];
    size_t pairs; /* found so far */
    bool asks;    /* at least one of them is not decided */
};

static enum jl_rc is_same(const struct jl_apply *apply, const struct question *question,
                          const struct jl_value *value, bool *out_same, struct jl_err *err) {
    if (folds(apply) && value != NULL) {
        return jl_fold_same(value, &question->key, out_same, err);
    }
    *out_same = value != NULL && jl_value_equal(value, question->value);
    return JL_OK;
}

/* The place of the question's value in the table. */
static struct slot *slot_of(struct jl_duplicates *duplicates, const struct question *question) {
    const struct jl_value *key = &question->key;
    uint64_t hash =
        0xcbf29ce484222325u ^ (uint64_t)(uintptr_t)question->field ^ (uint64_t)key->number;
    for (size_t i = 0; key->kind != JL_VALUE_INT && i < key->bytes.size; i++) {
        hash = (hash ^ key->bytes.data[i]) * 0x100000001b3u;
    }
    size_t at = (size_t)hash & (duplicates->slot_count - 1);
    while (duplicates->slots[at].field != NULL &&
           (duplicates->slots[at].field != question->field ||
            !jl_value_equal(&duplicates->slots[at].value, key))) {
        at = (at + 1) & (duplicates->slot_count - 1);
    }
    duplicates->slots[at].field = question->field;
    duplicates->slots[at].value = *key;
    return &duplicates->slots[at];
}

/* Has the record the value, as the batch has left it so far? */
static enum jl_rc holds(const struct jl_apply *apply, const struct question *question,
                        const struct jl_touched *touched, bool *out_holds, struct jl_err *err) {
    const struct jl_value *value = jl_row_get(&touched->record.row, question->field->number);
    enum jl_rc rc = is_same(apply, question, value, out_holds, err);
    *out_holds = rc == JL_OK && *out_holds && jl_books_living(question->type, &touched->record.row);
    return rc;
}

static bool is_other(const struct question *question, const struct jl_touched *touched) {
    return touched != question->touched && !jl_id_equal(&touched->key.id, &question->parted_from);
}

static bool was_found(const struct question *question, const struct jl_touched *touched) {
    for (size_t i = 0; i < question->pairs; i++) {
        if (question->others[i] == touched) {
            return true;
        }
    }
    return false;
}

static enum jl_rc note_pair(struct jl_apply *apply, struct question *question,
                            const struct jl_touched *other, struct jl_err *err) {
    bool asks = false;
    struct jl_case_note note = {.kind = JL_CASE_DUPLICATE,
                                .op = &apply->ops[question->index],
                                .subject = &question->touched->record.row,
                                .owner = question->touched->record.row.owner,
                                .other = &other->key.id,
                                .other_owner = other->record.row.owner,
                                .field = question->field};
    question->others[question->pairs++] = other;
    enum jl_rc rc = jl_pair_ask(apply, &note, &asks, err);
    question->asks = question->asks || asks;
    return rc;
}

/* ---- Records of this batch ---- */

static enum jl_rc remember(struct jl_apply *apply, struct slot *slot, struct jl_touched *touched,
                           struct jl_err *err) {
    struct holder *holder = jl_arena_alloc(apply->arena, sizeof *holder);
    if (holder == NULL) {
        return jl_fault_memory(err);
    }
    *holder = (struct holder){.touched = touched, .next = slot->first};
    slot->first = holder;
    return JL_OK;
}

/* By rules before number 2. */
static enum jl_rc one_in_batch(struct jl_apply *apply, struct question *question, struct slot *slot,
                               struct jl_err *err) {
    struct jl_touched *there = slot->first == NULL ? NULL : slot->first->touched;
    bool has = false;
    enum jl_rc rc = there == NULL ? JL_OK : holds(apply, question, there, &has, err);
    if (rc == JL_OK && has && is_other(question, there)) {
        return note_pair(apply, question, there, err);
    }
    slot->first = NULL;
    return rc == JL_OK ? remember(apply, slot, question->touched, err) : rc;
}

static enum jl_rc doubles_in_batch(struct jl_apply *apply, struct question *question,
                                   struct jl_err *err) {
    struct slot *slot = slot_of(apply->duplicates, question);
    if (!folds(apply)) {
        return one_in_batch(apply, question, slot, err);
    }
    bool listed = false;
    struct holder **at = &slot->first;
    while (*at != NULL && question->pairs < PAIRS_MAX) {
        struct jl_touched *touched = (*at)->touched;
        bool own = touched == question->touched;
        bool has = false;
        enum jl_rc rc = holds(apply, question, touched, &has, err);
        if (rc == JL_OK && has && is_other(question, touched) && !was_found(question, touched)) {
            rc = note_pair(apply, question, touched, err);
        } else if (rc == JL_OK && (own ? listed : !has || was_found(question, touched))) {
            *at = (*at)->next;
            continue;
        }
        if (rc != JL_OK) {
            return rc;
        }
        listed = listed || own;
        at = &(*at)->next;
    }
    return listed ? JL_OK : remember(apply, slot, question->touched, err);
}

/* ---- Records of the store ---- */

/* rids of records that have the value, tombstones too. Mostly the batch's question has been
 * answered; an op that did not bring the value itself (a record that lives again) asks here. */
static enum jl_rc holders_in_store(struct jl_apply *apply, const struct question *question,
                                   int64_t out_rids[static HOLDERS_MAX], size_t *out_count,
                                   struct jl_err *err) {
    const struct jl_duplicates *duplicates = apply->duplicates;
    const struct jl_value *value = offered(&apply->ops[question->index], question->field->number);
    size_t count = duplicates->counts[question->cell];
    if (value != NULL && jl_value_equal(value, question->value) && count < DUPLICATES_EACH) {
        memcpy(out_rids, &duplicates->rids[question->cell * DUPLICATES_EACH],
               count * sizeof *out_rids);
        *out_count = count;
        return JL_OK;
    }
    return jl_books_find(apply->district->books, question->type->number, question->field->number,
                         question->value, 1, HOLDERS_MAX, out_rids, out_count, err);
}

static enum jl_rc doubles_in_store(struct jl_apply *apply, struct question *question,
                                   struct jl_err *err) {
    int64_t rids[HOLDERS_MAX];
    size_t count = 0;
    enum jl_rc rc = holders_in_store(apply, question, rids, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count && question->pairs < PAIRS_MAX; i++) {
        struct jl_book_record record = {0};
        struct jl_touched *other = NULL;
        bool has = false;
        if (rids[i] == question->touched->before.rid) {
            continue;
        }
        rc = jl_books_load_rids(apply->district->books, &rids[i], 1, apply->arena, &record, err);
        if (rc == JL_OK && record.head.rid != 0) {
            /* As the batch has left it so far. */
            rc = jl_touched_get(apply, question->type->number, &record.row.id, &other, err);
        }
        if (rc == JL_OK && other != NULL) {
            rc = holds(apply, question, other, &has, err);
        }
        if (rc == JL_OK && has && is_other(question, other) &&
            !(folds(apply) && was_found(question, other))) {
            rc = note_pair(apply, question, other, err);
        }
    }
    return rc;
}

/* An op that leaves the value what it was, to the eye, asks nothing. */
static enum jl_rc doubles_of(struct jl_apply *apply, struct question *question,
                             struct jl_err *err) {
    const struct jl_value *was =
        apply->now->row_was_there && jl_books_living(question->type, &apply->now->row_was)
            ? jl_row_get(&apply->now->row_was, question->field->number)
            : NULL;
    bool same = false;
    enum jl_rc rc = JL_OK;
    if (question->value == NULL) {
        return JL_OK;
    }
    question->key = *question->value;
    if (folds(apply)) {
        rc = jl_fold_value(question->value, apply->arena, &question->key, err);
    }
    if (rc == JL_OK) {
        rc = is_same(apply, question, was, &same, err);
    }
    if (rc != JL_OK || same) {
        return rc;
    }
    rc = doubles_in_batch(apply, question, err);
    return rc == JL_OK ? doubles_in_store(apply, question, err) : rc;
}

enum jl_rc jl_unique_check(struct jl_apply *apply, size_t index, const struct jl_type *type,
                           struct jl_touched *touched, enum jl_verdict_code *verdict,
                           struct jl_err *err) {
    const struct jl_field *fields[FIELDS_MAX];
    size_t count = unique_fields(apply, type, fields);
    if (count == 0 || !jl_books_living(type, &touched->record.row)) {
        return JL_OK;
    }
    for (size_t i = 0; i < count; i++) {
        struct question question = {.index = index,
                                    .cell = index * apply->duplicates->width + i,
                                    .type = type,
                                    .field = fields[i],
                                    .value = jl_row_get(&touched->record.row, fields[i]->number),
                                    .touched = touched,
                                    .parted_from = apply->now->parted_from};
        enum jl_rc rc = doubles_of(apply, &question, err);
        if (rc != JL_OK) {
            return rc;
        }
        *verdict = question.asks ? JL_VERDICT_CASE : *verdict;
    }
    return JL_OK;
}
