/* Two records that may be one have one case for ever, whoever finds them and however often:
 *
 *   the pair's case is      found again
 *   absent, or deleted      opened
 *   open                    stays as it is
 *   closed as "different"   remembered: nobody is asked again
 *   closed otherwise        opened again, with the record that was found now
 *
 * Where both are of one office, the case is that office's. Where they are not (apart), it is the
 * district's own, for an office must not learn from a number who has it elsewhere. The office of
 * the record that was found has another case, of the record alone: somebody else has the value,
 * the district looks into it. It is the same whoever the others are and however many, and closes
 * when the district has decided the last of them. Entries of rules 0 and 1 know of no apart. */
#include "pair.h"
#include "apply.h"
#include "case.h"

#include "server/books/daily.h"

#include "jielian/base/fault.h"
#include "jielian/books/books.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/message/saying.h"
#include "jielian/sync/case_id.h"

#include <string.h>

enum {
    OTHERS_MAX = 64 /* holders of one value that are looked at before a case elsewhere closes */
};

static bool says(const struct jl_row *row, uint32_t field, const char *word) {
    const struct jl_value *value = jl_row_get(row, field);
    return value != NULL && value->kind == JL_VALUE_TEXT && value->bytes.size == strlen(word) &&
           memcmp(value->bytes.data, word, value->bytes.size) == 0;
}

static bool is_open(const struct jl_touched *touched) {
    const struct jl_value *status =
        jl_touched_lives(touched) ? jl_row_get(&touched->record.row, JL_CASE_STATUS) : NULL;
    return status != NULL && status->number == JL_CASE_OPEN;
}

static bool is_closed_as(const struct jl_touched *touched, const char *word) {
    return jl_touched_lives(touched) && !is_open(touched) &&
           says(&touched->record.row, JL_CASE_RESOLUTION, word);
}

/* ---- Their cases ---- */

enum { TOGETHER = 0, APART = 1 };

struct pair {
    uint32_t type;
    struct jl_id ids[2];           /* of the cases */
    struct jl_touched *touched[2]; /* by place: TOGETHER, APART */
};

static enum jl_rc find_pair(struct jl_apply *apply, uint32_t type, const struct jl_id *one,
                            const struct jl_id *two, struct pair *out_pair, struct jl_err *err) {
    struct jl_hasher *hasher = apply->district->books->hasher;
    *out_pair = (struct pair){.type = type};
    enum jl_rc rc = jl_case_id_of_pair(hasher, type, one, two, &out_pair->ids[TOGETHER], err);
    if (rc == JL_OK) {
        rc = jl_case_id_of_two_offices(hasher, type, one, two, &out_pair->ids[APART], err);
    }
    for (int i = TOGETHER; rc == JL_OK && i <= APART; i++) {
        rc = jl_touched_get(apply, JL_TYPE_CASE, &out_pair->ids[i], &out_pair->touched[i], err);
    }
    return rc;
}

static enum jl_rc find_elsewhere(struct jl_apply *apply, uint32_t type, const struct jl_id *of,
                                 struct jl_id *out_id, struct jl_touched **out_touched,
                                 struct jl_err *err) {
    enum jl_rc rc = jl_case_id_elsewhere(apply->district->books->hasher, type, of, out_id, err);
    return rc == JL_OK ? jl_touched_get(apply, JL_TYPE_CASE, out_id, out_touched, err) : rc;
}

static enum jl_rc reopen(struct jl_apply *apply, struct jl_touched *touched, struct jl_err *err) {
    const struct jl_value open = jl_value_int(JL_CASE_OPEN);
    const struct jl_value none = jl_value_null();
    struct jl_row row;
    enum jl_rc rc = jl_row_dup(apply->arena, &touched->record.row, &row, err);
    if (rc == JL_OK) {
        rc = jl_row_set(&row, JL_CASE_STATUS, &open, apply->arena, err);
    }
    if (rc == JL_OK) {
        rc = jl_row_set(&row, JL_CASE_RESOLUTION, &none, apply->arena, err);
    }
    if (rc == JL_OK) {
        rc = jl_row_set(&row, JL_CASE_RESOLVED_BY, &none, apply->arena, err);
    }
    touched->record.row = row;
    touched->record.head.changed_ms = apply->now_ms;
    touched->record.head.by_device = 0;
    touched->record.head.by_staff = jl_bytes(NULL, 0);
    touched->echo = touched->dirty = true;
    return rc;
}

/* ---- Found ---- */

/* For the clerk: what it is that another office has, too. */
static enum jl_rc say_elsewhere(struct jl_apply *apply, const struct jl_field *field,
                                struct jl_case_note *note, struct jl_err *err) {
    struct jl_saying *saying = jl_arena_zalloc(apply->arena, 1, sizeof *saying);
    const struct jl_argument what = jl_argument_field(field->number);
    const struct jl_listener clerk = {.language = JL_LANGUAGE_ZH, .field = field};
    struct jl_sentence sentence;
    if (saying == NULL) {
        return jl_fault_memory(err);
    }
    jl_saying_begin(saying, field->sensitive ? JL_SAY_ELSEWHERE_NUMBER : JL_SAY_ELSEWHERE);
    if (!field->sensitive) {
        jl_saying_put(saying, &what);
    }
    note->said = jl_saying_remark(saying);
    struct jl_bytes said = jl_remark_text(&note->said, jl_bytes_text(""), &clerk, &sentence);
    char *text = jl_arena_zalloc(apply->arena, said.size + 1, 1);
    if (text == NULL) {
        return jl_fault_memory(err);
    }
    memcpy(text, said.data, said.size);
    note->reason = text;
    return JL_OK;
}

static enum jl_rc tell_office(struct jl_apply *apply, const struct jl_case_note *pair,
                              struct jl_err *err) {
    struct jl_case_note note = *pair;
    struct jl_touched *touched = NULL;
    struct jl_id id;
    note.owner = pair->subject->owner;
    note.other = NULL;
    enum jl_rc rc = find_elsewhere(apply, pair->op->type, &pair->subject->id, &id, &touched, err);
    if (rc != JL_OK || note.owner == 0 || is_open(touched)) {
        return rc;
    }
    rc = say_elsewhere(apply, pair->field, &note, err);
    return rc == JL_OK ? jl_case_put_at(apply, &id, &note, err) : rc;
}

enum jl_rc jl_pair_ask(struct jl_apply *apply, const struct jl_case_note *note, bool *out_asks,
                       struct jl_err *err) {
    struct pair pair;
    int place =
        apply->head->rules >= 2 && note->subject->owner != note->other_owner ? APART : TOGETHER;
    *out_asks = false;
    enum jl_rc rc = find_pair(apply, note->op->type, &note->op->id, note->other, &pair, err);
    if (rc != JL_OK || is_closed_as(pair.touched[TOGETHER], JL_CASE_DIFFERENT) ||
        is_closed_as(pair.touched[APART], JL_CASE_DIFFERENT)) {
        return rc;
    }
    *out_asks = true;
    if (!is_open(pair.touched[place])) {
        struct jl_case_note own = *note;
        own.owner = place == APART ? 0 : note->owner;
        rc = jl_case_put_at(apply, &pair.ids[place], &own, err);
        if (rc == JL_OK && place == APART) {
            rc = jl_daily_add_pair(apply->district, apply->office, apply->now_ms, err);
        }
    }
    return rc == JL_OK && place == APART ? tell_office(apply, note, err) : rc;
}

/* ---- Decided ---- */

struct others { /* of other offices, with which the record may be one: is a case of two open? */
    struct jl_apply *apply;
    const struct jl_touched *of;
    bool open;
};

/* With more holders than are looked at nobody knows: the case stays open until a person of the
 * district closes it. By rules before number 3 those beyond were left out. */
static enum jl_rc look_at_holders(struct others *others, const struct jl_type *type,
                                  const struct jl_field *field, struct jl_err *err) {
    struct jl_apply *apply = others->apply;
    struct jl_books *books = apply->district->books;
    const struct jl_value *value = jl_row_get(&others->of->record.row, field->number);
    int64_t rids[OTHERS_MAX + 1];
    size_t most = apply->head->rules >= 3 ? OTHERS_MAX + 1 : OTHERS_MAX;
    size_t count = 0;
    if (value == NULL) {
        return JL_OK;
    }
    enum jl_rc rc =
        jl_books_find(books, type->number, field->number, value, 1, most, rids, &count, err);
    others->open = rc == JL_OK && count > OTHERS_MAX;
    for (size_t i = 0; rc == JL_OK && i < count && !others->open; i++) {
        struct jl_book_record record = {0};
        struct pair pair;
        rc = jl_books_load_rids(books, &rids[i], 1, apply->arena, &record, err);
        if (rc != JL_OK || record.head.rid == 0 ||
            jl_id_equal(&record.row.id, &others->of->key.id)) {
            continue;
        }
        rc = find_pair(apply, type->number, &others->of->key.id, &record.row.id, &pair, err);
        others->open = rc == JL_OK && is_open(pair.touched[APART]);
    }
    return rc;
}

/* The office's case of this record closes as the pair did, unless another pair of it is open. */
static enum jl_rc settle(struct jl_apply *apply, const struct jl_op *op, uint32_t type,
                         const struct jl_id *of, const char *resolution, struct jl_err *err) {
    const struct jl_layout *layout = jl_books_layout(apply->district->books, type);
    struct jl_touched *told = NULL;
    struct jl_touched *subject = NULL;
    struct jl_id id;
    enum jl_rc rc = find_elsewhere(apply, type, of, &id, &told, err);
    if (rc != JL_OK || !is_open(told)) {
        return rc;
    }
    rc = jl_touched_get(apply, type, of, &subject, err);
    struct others others = {.apply = apply, .of = subject};
    bool lives = rc == JL_OK && layout != NULL && jl_touched_lives(subject);
    for (size_t i = 0; rc == JL_OK && lives && i < layout->type->field_count; i++) {
        const struct jl_field *field = &layout->type->fields[i];
        bool unique = field->unique || jl_books_text_key(layout->type, field);
        rc = unique && !others.open ? look_at_holders(&others, layout->type, field, err) : rc;
    }
    return rc == JL_OK && !others.open ? jl_case_close(apply, op, told, resolution, err) : rc;
}

static enum jl_rc settle_both(struct jl_apply *apply, const struct jl_op *op, uint32_t type,
                              const struct jl_id *const ids[2], const char *resolution,
                              struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (int i = 0; rc == JL_OK && i < 2; i++) {
        rc = settle(apply, op, type, ids[i], resolution, err);
    }
    return rc;
}

enum jl_rc jl_pair_open_elsewhere(struct jl_apply *apply, uint32_t type, const struct jl_id *of,
                                  bool *out_open, struct jl_err *err) {
    struct jl_touched *told = NULL;
    struct jl_id id;
    enum jl_rc rc = find_elsewhere(apply, type, of, &id, &told, err);
    *out_open = rc == JL_OK && is_open(told);
    return rc;
}

enum jl_rc jl_pair_decided(struct jl_apply *apply, const struct jl_op *op,
                           const struct jl_touched *touched, struct jl_err *err) {
    const struct jl_row *row = &touched->record.row;
    const struct jl_value *kind = jl_row_get(row, JL_CASE_KIND);
    const struct jl_value *type = jl_row_get(row, JL_CASE_SUBJECT_TYPE);
    const struct jl_value *how = jl_row_get(row, JL_CASE_RESOLUTION);
    struct jl_id ids[2];
    if (apply->head->rules < 2 || !jl_touched_lives(touched) || row->owner != 0 ||
        is_open(touched) || kind == NULL || kind->number != JL_CASE_DUPLICATE || type == NULL ||
        !jl_case_id_named(row, JL_CASE_SUBJECT_ID, &ids[0]) ||
        !jl_case_id_named(row, JL_CASE_OTHER_ID, &ids[1])) {
        return JL_OK;
    }
    const struct jl_id *const both[2] = {&ids[0], &ids[1]};
    const char *word =
        how != NULL && jl_bytes_is(how->bytes, JL_CASE_DIFFERENT) ? JL_CASE_DIFFERENT : "current";
    return settle_both(apply, op, (uint32_t)type->number, both, word, err);
}

enum jl_rc jl_pair_merged(struct jl_apply *apply, const struct jl_op *op, struct jl_err *err) {
    const struct jl_id *const ids[2] = {&op->id, &op->other};
    struct pair pair;
    enum jl_rc rc = find_pair(apply, op->type, ids[0], ids[1], &pair, err);
    for (int i = TOGETHER; rc == JL_OK && i <= APART; i++) {
        rc = is_open(pair.touched[i])
                 ? jl_case_close(apply, op, pair.touched[i], JL_CASE_MERGED_WORD, err)
                 : JL_OK;
    }
    return rc == JL_OK ? settle_both(apply, op, op->type, ids, JL_CASE_MERGED_WORD, err) : rc;
}

enum jl_rc jl_pair_parted(struct jl_apply *apply, const struct jl_touched *touched,
                          const struct jl_id *other, struct jl_err *err) {
    const struct jl_id *const ids[2] = {&touched->key.id, other};
    struct jl_touched *kept = NULL;
    struct pair pair;
    bool apart = false;
    enum jl_rc rc = jl_touched_get(apply, touched->key.type, other, &kept, err);
    if (rc != JL_OK || (apply->head->rules >= 3 && !jl_touched_lives(kept))) {
        return rc; /* there are no two of them */
    }
    rc = find_pair(apply, touched->key.type, ids[0], ids[1], &pair, err);
    for (int i = TOGETHER; rc == JL_OK && i <= APART; i++) {
        if (is_closed_as(pair.touched[i], JL_CASE_MERGED_WORD)) {
            rc = reopen(apply, pair.touched[i], err);
            apart = i == APART;
        }
    }
    for (int i = 0; rc == JL_OK && apart && i < 2; i++) {
        struct jl_touched *told = NULL;
        struct jl_id id;
        rc = find_elsewhere(apply, touched->key.type, ids[i], &id, &told, err);
        if (rc == JL_OK && is_closed_as(told, JL_CASE_MERGED_WORD)) {
            rc = reopen(apply, told, err);
        }
    }
    return rc;
}
