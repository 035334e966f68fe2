/* Cases.
 *
 * A case is a record of the built-in type `case`; its id is made of the op, or of the two records
 * that may be one (jl_case_id, jl_case_id_of_pair), so that replaying the journal makes the same
 * case again. Its detail:
 *
 *   {"fields":[{"field":"mobile","label":"移动电话","old":"…",
 *               "current":{"value":"…","staff":"…","office":"GD","at":"2026-11-22 14:02:07"},
 *               "offered":{…}, "stands":"current"|"offered"}],
 *    "author":{"staff":"…","office":"GD","at":"…"},
 *    "reason":"…", "cause":1004, "arguments":"0501…"}      of some kinds, see message/argument.h
 *
 * Values stand as people write them (codes by label), so a case stays readable under every later
 * catalogue; title and detail are sealed fields. */
#include "case.h"
#include "apply.h"
#include "author.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/hex.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/json/json.h"
#include "jielian/record/format.h"
#include "jielian/sync/case_id.h"

#include <stdlib.h>
#include <string.h>

/* ---- The case record ---- */

static json_t *author_json(const struct jl_apply *apply, const struct jl_author *author) {
    char when[JL_DATE_TIME_BYTES];
    const struct jl_office_entry *office = jl_roster_office(apply->district, author->office);
    jl_date_format_time(author->made_ms, when);
    return json_pack("{s:s, s:s, s:s}", "staff", author->staff, "office",
                     office != NULL ? office->code : "", "at", when);
}

/* 张三（0190…-…）: whom a reference means, and what reads as the same reference again. */
static enum jl_rc put_named(struct jl_apply *apply, const struct jl_field *field,
                            const struct jl_value *value, struct jl_buf *out, struct jl_err *err) {
    const struct jl_layout *layout = jl_books_layout(apply->district->books, field->ref_type);
    char text[JL_ID_TEXT_BYTES];
    struct jl_id id;
    struct jl_touched *touched = NULL;
    enum jl_rc rc = jl_id_from_bytes(value->bytes, &id, err);
    if (rc == JL_OK) {
        rc = jl_touched_get(apply, field->ref_type, &id, &touched, err);
    }
    if (rc == JL_OK && layout != NULL && (touched->was_there || touched->dirty)) {
        rc = jl_format_title(layout->type, &touched->record.row, JL_LANGUAGE_ZH, out, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_id_format(&id, text);
    return jl_buf_printf(out, err, "（%s）", text);
}

static enum jl_rc put_value(struct jl_apply *apply, const struct jl_case_note *note,
                            const struct jl_field *field, const struct jl_value *value,
                            struct jl_buf *out, struct jl_err *err) {
    bool named = note->kind == JL_CASE_MERGED && field->kind == JL_KIND_REF && !field->sensitive;
    return named ? put_named(apply, field, value, out, err)
                 : jl_format_field(field, value, JL_LANGUAGE_ZH, out, err);
}

struct telling { /* one field of a case */
    struct jl_apply *apply;
    const struct jl_case_note *note;
    const struct jl_field *field; /* NULL: not in the catalogue */
};

static enum jl_rc set_text(const struct telling *telling, json_t *object, const char *name,
                           const struct jl_value *value, struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    if (value->kind == JL_VALUE_NULL || telling->field == NULL) {
        return json_object_set_new(object, name, json_null()) == 0 ? JL_OK : jl_fault_memory(err);
    }
    enum jl_rc rc = put_value(telling->apply, telling->note, telling->field, value, &text, err);
    if (rc == JL_OK &&
        json_object_set_new(object, name, json_stringn((const char *)text.data, text.size)) != 0) {
        rc = jl_fault_memory(err);
    }
    jl_buf_wipe(&text);
    return rc;
}

static enum jl_rc conflict_json(struct jl_apply *apply, const struct jl_case_note *note,
                                const struct jl_type *type, const struct jl_conflict *conflict,
                                json_t *fields, struct jl_err *err) {
    const struct jl_field *field = type != NULL ? jl_type_field(type, conflict->field) : NULL;
    struct jl_author offered_by;
    struct jl_author current_by;
    struct jl_touched *touched = NULL;
    jl_author_of_op(apply, note->op, &offered_by);
    bool late = (size_t)(conflict - note->conflicts) >=
                note->late_from; /* what stands is the author's own */
    enum jl_rc rc = jl_touched_get(apply, note->subject->type, &note->subject->id, &touched, err);
    if (rc == JL_OK && !late) {
        rc = jl_author_of(apply, touched, conflict->field, &conflict->current, &current_by, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    json_t *item = json_pack("{s:s, s:s, s:o, s:o, s:s}", "field", field != NULL ? field->name : "",
                             "label", field != NULL ? field->label.zh : "", "current",
                             author_json(apply, late ? &offered_by : &current_by), "offered",
                             late ? json_object() : author_json(apply, &offered_by), "stands",
                             conflict->offered_stands ? "offered" : "current");
    if (item == NULL || json_array_append_new(fields, item) != 0) {
        return jl_fault_memory(err);
    }
    const struct telling telling = {.apply = apply, .note = note, .field = field};
    rc = set_text(&telling, item, "old", &conflict->old, err);
    if (rc == JL_OK) {
        rc = set_text(&telling, json_object_get(item, "current"), "value", &conflict->current, err);
    }
    return rc == JL_OK ? set_text(&telling, json_object_get(item, "offered"), "value",
                                  &conflict->offered, err)
                       : rc;
}

/* The reason of a case as a code with arguments, in hexadecimal (since rules 2). */
static bool add_said(const struct jl_apply *apply, const struct jl_remark *said, json_t *detail) {
    char text[2 * JL_ARGUMENTS_MAX_BYTES + 1];
    if (apply->head->rules < 2 || said->code == JL_SAY_NOTHING) {
        return true;
    }
    jl_hex_encode(said->arguments, text);
    return json_object_set_new(detail, "cause", json_integer(said->code)) == 0 &&
           (said->arguments.size == 0 ||
            json_object_set_new(detail, "arguments", json_string(text)) == 0);
}

static enum jl_rc detail_text(struct jl_apply *apply, const struct jl_case_note *note,
                              const struct jl_type *type, struct jl_bytes *out_text,
                              struct jl_err *err) {
    struct jl_author author;
    json_t *fields = json_array();
    jl_author_of_op(apply, note->op, &author);
    enum jl_rc rc = fields != NULL ? JL_OK : jl_fault_memory(err);
    for (size_t i = 0; rc == JL_OK && i < note->conflict_count; i++) {
        rc = conflict_json(apply, note, type, &note->conflicts[i], fields, err);
    }
    if (rc != JL_OK) {
        json_decref(fields);
        return rc;
    }
    json_t *detail =
        json_pack("{s:o, s:o}", "fields", fields, "author", author_json(apply, &author));
    if (note->reason != NULL && *note->reason != '\0' &&
        (json_object_set_new(detail, "reason", json_string(note->reason)) != 0 ||
         !add_said(apply, &note->said, detail))) {
        json_decref(detail);
        return jl_fault_memory(err);
    }
    JL_AUTO(jl_buf) text = {0};
    rc = jl_json_put(detail, &text, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(apply->arena, jl_buf_bytes(&text), out_text, err);
    }
    jl_buf_wipe(&text);
    return rc;
}

struct filling {
    struct jl_apply *apply;
    const struct jl_type *type; /* the case type */
    struct jl_row *row;
};

static enum jl_rc fill(struct filling *filling, const char *name, struct jl_value value,
                       struct jl_err *err) {
    const struct jl_field *field = jl_type_field_named(filling->type, name);
    JL_ASSERT(field != NULL);
    bool empty_text = value.kind == JL_VALUE_TEXT && value.bytes.size == 0;
    return empty_text ? JL_OK
                      : jl_row_set(filling->row, field->number, &value, filling->apply->arena, err);
}

static enum jl_rc fill_ids(struct filling *filling, const struct jl_case_note *note,
                           struct jl_err *err) {
    const struct jl_id *ids[] = {&note->subject->id, note->other};
    const char *const names[] = {"subject_id", "other_id"};
    for (int i = 0; i < 2; i++) {
        if (ids[i] == NULL) {
            continue;
        }
        char *text = jl_arena_alloc(filling->apply->arena, JL_ID_TEXT_BYTES);
        if (text == NULL) {
            return jl_fault_memory(err);
        }
        jl_id_format(ids[i], text);
        enum jl_rc rc = fill(filling, names[i], jl_value_cstr(text), err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

static enum jl_rc fill_case(struct filling *filling, const struct jl_case_note *note,
                            struct jl_err *err) {
    struct jl_apply *apply = filling->apply;
    /* NULL: it waits for the catalogue that knows its type. */
    const struct jl_layout *layout = jl_books_layout(apply->district->books, note->op->type);
    const struct jl_type *type = layout != NULL ? layout->type : NULL;
    struct jl_bytes detail = {0};
    struct jl_bytes title = {0};
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = detail_text(apply, note, type, &detail, err);
    if (rc == JL_OK && type != NULL) {
        rc = jl_format_title(type, note->subject, JL_LANGUAGE_ZH, &text, err);
    }
    if (rc == JL_OK) {
        struct jl_bytes label = jl_bytes_text(type != NULL ? type->label.zh : "目录里没有的记录");
        rc = jl_arena_dup(apply->arena, text.size > 0 ? jl_buf_bytes(&text) : label, &title, err);
    }
    if (rc == JL_OK) {
        rc = fill(filling, "kind", jl_value_int(note->kind), err);
    }
    if (rc == JL_OK) {
        rc = fill(filling, "subject_type", jl_value_int(note->op->type), err);
    }
    if (rc == JL_OK) {
        rc = fill(filling, "title", jl_value_text(title), err);
    }
    if (rc == JL_OK) {
        rc = fill(filling, "detail", jl_value_text(detail), err);
    }
    if (rc == JL_OK) {
        rc = fill(filling, "opened_on", jl_value_int(jl_date_of_ms(apply->now_ms)), err);
    }
    if (rc == JL_OK) {
        rc = fill(filling, "status", jl_value_int(1), err);
    }
    return rc == JL_OK ? fill_ids(filling, note, err) : rc;
}

enum jl_rc jl_case_fits(struct jl_apply *apply, const struct jl_case_note *note, bool *out_fits,
                        struct jl_err *err) {
    const struct jl_layout *layout = jl_books_layout(apply->district->books, note->op->type);
    struct jl_bytes detail = {0};
    enum jl_rc rc = detail_text(apply, note, layout != NULL ? layout->type : NULL, &detail, err);
    *out_fits = rc == JL_OK && detail.size <= JL_CASE_DETAIL_MAX_BYTES;
    return rc;
}

enum jl_rc jl_case_put_at(struct jl_apply *apply, const struct jl_id *id,
                          const struct jl_case_note *note, struct jl_err *err) {
    const struct jl_layout *layout = jl_books_layout(apply->district->books, JL_TYPE_CASE);
    struct jl_touched *touched = NULL;
    enum jl_rc rc = jl_touched_get(apply, JL_TYPE_CASE, id, &touched, err);
    if (rc != JL_OK) {
        return rc;
    }
    touched->record.row = (struct jl_row){.type = JL_TYPE_CASE, .id = *id, .owner = note->owner};
    touched->record.head.state = JL_RECORD_LIVE;
    touched->record.head.changed_ms = apply->now_ms;
    touched->record.head.by_device = 0;
    touched->record.head.by_staff = jl_bytes(NULL, 0);
    struct filling filling = {.apply = apply, .type = layout->type, .row = &touched->record.row};
    rc = fill_case(&filling, note, err);
    touched->echo = touched->dirty = true;
    return rc;
}

enum jl_rc jl_case_put(struct jl_apply *apply, const struct jl_case_note *note,
                       struct jl_err *err) {
    struct jl_id id;
    struct jl_touched *touched = NULL;
    enum jl_rc rc =
        jl_case_id(apply->district->books->hasher, apply->incarnation, note->seq, &id, err);
    if (rc == JL_OK) {
        rc = jl_touched_get(apply, JL_TYPE_CASE, &id, &touched, err);
    }
    if (rc != JL_OK || touched->was_there || touched->dirty) {
        return rc; /* one case for one op */
    }
    return jl_case_put_at(apply, &id, note, err);
}

enum jl_rc jl_case_close(struct jl_apply *apply, const struct jl_op *op, struct jl_touched *touched,
                         const char *resolution, struct jl_err *err) {
    struct jl_row row;
    struct jl_value resolved = jl_value_int(JL_CASE_RESOLVED);
    struct jl_value staff = {.kind = JL_VALUE_TEXT, .bytes = op->staff};
    enum jl_rc rc = jl_row_dup(apply->arena, &touched->record.row, &row, err);
    if (rc == JL_OK) {
        rc = jl_row_set(&row, JL_CASE_STATUS, &resolved, apply->arena, err);
    }
    if (rc == JL_OK && op->staff.size > 0) {
        rc = jl_row_set(&row, JL_CASE_RESOLVED_BY, &staff, apply->arena, err);
    }
    if (rc == JL_OK && resolution != NULL) {
        struct jl_value how = jl_value_cstr(resolution);
        rc = jl_row_set(&row, JL_CASE_RESOLUTION, &how, apply->arena, err);
    }
    touched->record.row = row;
    touched->record.head.changed_ms = op->made_ms;
    touched->record.head.by_device = apply->device;
    touched->record.head.by_staff = op->staff;
    touched->echo = touched->dirty = true;
    return rc;
}

/* ---- Dates ahead ---- */

enum jl_rc jl_case_dates(struct jl_apply *apply, const struct jl_ahead *ahead,
                         struct jl_merge_result *result, struct jl_err *err) {
    if (ahead->count == 0 || result->case_kind != JL_CASE_NONE) {
        return JL_OK; /* a person looks at it already */
    }
    struct jl_conflict *conflicts = jl_arena_zalloc(apply->arena, ahead->count, sizeof *conflicts);
    if (conflicts == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < ahead->count; i++) {
        const struct jl_value *was =
            apply->now->row_was_there ? jl_row_get(&apply->now->row_was, ahead->fields[i]) : NULL;
        const struct jl_value old = was != NULL ? *was : jl_value_null();
        conflicts[i] = (struct jl_conflict){.field = ahead->fields[i],
                                            .old = old,
                                            .current = old,
                                            .offered = *jl_row_get(&result->row, ahead->fields[i]),
                                            .offered_stands = true};
    }
    result->case_kind = JL_CASE_DATE;
    result->conflicts = conflicts;
    result->conflict_count = ahead->count;
    result->verdict = JL_VERDICT_CASE;
    return JL_OK;
}
