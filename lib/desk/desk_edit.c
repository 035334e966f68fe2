/* One record: add, set, delete.
 *
 *   begin (read) → load → assign → derive → check → uniqueness → end → save
 *
 * Everything is judged inside one snapshot; save opens its own transaction and compares what it
 * finds with `before`, so a change in between is JL_CONFLICT and never overwritten unseen. */
#include "jielian/base/arena.h"
#include "jielian/base/assert.h"
#include "jielian/base/assignment.h"
#include "jielian/base/buf.h"
#include "jielian/base/fault.h"
#include "jielian/base/id.h"
#include "jielian/base/language.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/desk/desk.h"
#include "jielian/desk/ref.h"
#include "jielian/desk/transfer.h"
#include "jielian/desk/unique.h"
#include "jielian/message/fault_text.h"
#include "jielian/record/derive.h"
#include "jielian/record/flow.h"
#include "jielian/record/natural_key.h"
#include "jielian/record/parse.h"

#include <string.h>

struct edit {
    struct jl_desk *desk;
    const struct jl_type *type;
    struct jl_check_context context;
    struct jl_arena arena;
    struct jl_book_record before; /* head.rid 0: a new record */
    struct jl_row row;            /* as it should be */
    struct jl_problems *problems;
};

static void edit_fini(struct edit *edit) {
    jl_arena_fini(&edit->arena);
}

/* ---- Assignments ---- */

static enum jl_rc unknown_field(const struct edit *edit, const char *name, struct jl_err *err) {
    JL_AUTO(jl_buf) known = {0};
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < edit->type->field_count; i++) {
        const struct jl_field *field = &edit->type->fields[i];
        if (!field->hidden) {
            rc = jl_buf_printf(&known, err, "%s%s", known.size > 0 ? " " : "",
                               edit->desk->language == JL_LANGUAGE_EN ? field->name
                                                                      : field->label.zh);
        }
    }
    if (rc != JL_OK) {
        return rc;
    }
    return jl_fault_at(err, JL_MISUSE, JL_FAULT_DESK_FIELD_UNKNOWN, "%s" JL_AND "%s" JL_AND "%.*s",
                       jl_desk_label(edit->desk, &edit->type->label), name, (int)known.size,
                       (const char *)known.data);
}

/* A label may stay on a hidden field, so only its name reaches it. */
static const struct jl_field *field_typed(const struct jl_type *type, const char *name) {
    const struct jl_field *field = jl_type_field_named(type, name);
    if (field == NULL) {
        field = jl_type_field_by_header(type, jl_bytes_text(name));
        field = field != NULL && field->hidden ? NULL : field;
    }
    return field;
}

static enum jl_rc parse_ref(struct edit *edit, const struct jl_field *field, struct jl_bytes text,
                            struct jl_value *out_value, struct jl_err *err) {
    struct jl_ref_query query = {.text = text};
    struct jl_id *id = jl_arena_alloc(&edit->arena, sizeof *id);
    if (id == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_ref_resolve(edit->desk, field->ref_type, &query, 1, err);
    *out_value = jl_value_null();
    if (rc != JL_OK) {
        return rc;
    }
    if (query.rc == JL_OK) {
        *id = query.id;
        *out_value = jl_value_ref(id);
        if (query.unseen) {
            jl_problem_add(edit->problems, JL_PROBLEM_WARNING, field->number, edit->desk->language,
                           JL_FAULT_PROBLEM_ID_HERE, "%s",
                           jl_desk_label(edit->desk, &field->label));
        }
        return JL_OK;
    }
    struct jl_err why;
    char text_why[JL_FAULT_TEXT_BYTES];
    rc = jl_ref_explain(edit->desk, field, query.rc, &why);
    if (rc != query.rc) {
        *err = why;
        return rc;
    }
    jl_problem_add(edit->problems, JL_PROBLEM_ERROR, field->number, edit->desk->language,
                   JL_FAULT_TEXT, "%s", jl_fault_text(&why, edit->desk->language, text_why));
    return JL_OK;
}

static enum jl_rc assign_one(struct edit *edit, const struct jl_assignment *item,
                             struct jl_err *err) {
    const struct jl_field *field = field_typed(edit->type, item->field);
    if (field == NULL) {
        return unknown_field(edit, item->field, err);
    }
    if (edit->desk->owner != 0 && jl_type_kept_by_district(edit->type, field->number)) {
        jl_problem_add(edit->problems, JL_PROBLEM_ERROR, field->number, edit->desk->language,
                       JL_FAULT_PROBLEM_DISTRICTS, "%s", jl_desk_label(edit->desk, &field->label));
        return JL_OK;
    }
    struct jl_bytes text = jl_bytes_text(item->value);
    struct jl_value value = jl_value_null();
    enum jl_rc rc = JL_OK;
    if (field->kind == JL_KIND_REF && text.size > 0) {
        rc = parse_ref(edit, field, text, &value, err);
    } else if (field->kind != JL_KIND_REF) {
        rc = jl_parse_field(&edit->context, field, text, &edit->arena, &value, edit->problems, err);
    }
    return rc == JL_OK ? jl_row_set(&edit->row, field->number, &value, &edit->arena, err) : rc;
}

static enum jl_rc assign(struct edit *edit, const struct jl_assignment *items, size_t count,
                         struct jl_err *err) {
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (field_typed(edit->type, items[i].field) != NULL &&
                field_typed(edit->type, items[i].field) ==
                    field_typed(edit->type, items[j].field)) {
                return jl_fault_at(err, JL_MISUSE, JL_FAULT_DESK_FIELD_TWICE, "%s", items[i].field);
            }
        }
        enum jl_rc rc = assign_one(edit, &items[i], err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

/* ---- Checks ---- */

static enum jl_rc refuse_errors(const struct edit *edit, struct jl_err *err) {
    for (size_t i = 0; i < edit->problems->count; i++) {
        if (edit->problems->items[i].severity == JL_PROBLEM_ERROR) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_DESK_PROBLEM, "%s" JL_AND "%s",
                               jl_desk_label(edit->desk, &edit->type->label),
                               edit->problems->items[i].text);
        }
    }
    JL_ASSERT(edit->problems->errors == 0);
    return JL_OK;
}

/* A value that could not be read is not missing as well. */
static void check_row(struct edit *edit, const struct jl_row *before) {
    struct jl_problems found;
    jl_problems_reset(&found);
    if (before == NULL) {
        jl_check_row(&edit->context, edit->type, &edit->row, &found);
    } else {
        jl_check_edit(&edit->context, edit->type, before, &edit->row, &found);
    }
    for (size_t i = 0; i < found.count; i++) {
        const struct jl_problem *item = &found.items[i];
        if (item->field == 0 || !jl_problems_has_error(edit->problems, item->field)) {
            jl_problem_copy(edit->problems, item);
        }
    }
}

static enum jl_rc check(struct edit *edit, const struct jl_row *before, struct jl_err *err) {
    unsigned movers = 0;
    enum jl_rc rc =
        jl_derive_row(&edit->context, edit->type, before == NULL, &edit->arena, &edit->row, err);
    if (rc == JL_OK) {
        rc = jl_desk_movers(edit->desk, edit->type, &edit->row, &movers, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    check_row(edit, before);
    rc = jl_desk_find_leave(edit->desk, edit->type, before, &edit->row, &edit->context, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_flow_check(&edit->context, edit->type, before, &edit->row, movers, edit->problems);
    rc = refuse_errors(edit, err);
    return rc == JL_OK
               ? jl_unique_warn(edit->desk, edit->type, before, &edit->row, edit->problems, err)
               : rc;
}

static enum jl_rc load(struct edit *edit, const struct jl_id *id, struct jl_err *err) {
    const struct jl_record_key key = {.type = edit->type->number, .id = *id};
    return jl_books_load(edit->desk->books, &key, 1, &edit->arena, &edit->before, err);
}

static enum jl_rc open_edit(struct edit *edit, struct jl_err *err) {
    if (edit->desk->books->read_only || edit->desk->save == NULL) {
        return jl_fault(err, JL_DENIED, JL_FAULT_DESK_READ_ONLY);
    }
    jl_problems_reset(edit->problems);
    enum jl_rc rc = jl_desk_begin(edit->desk, &edit->type, err);
    if (rc == JL_OK) {
        edit->context = jl_desk_context(edit->desk);
    }
    return rc;
}

static struct jl_change change_of(const struct edit *edit, enum jl_op_kind kind) {
    return (struct jl_change){.kind = kind,
                              .before = edit->before.head.rid != 0 ? &edit->before : NULL,
                              .after = edit->row};
}

static enum jl_rc check_may(struct edit *edit, enum jl_op_kind kind, struct jl_err *err) {
    const struct jl_change change = change_of(edit, kind);
    return jl_desk_check_may(edit->desk, &change, &edit->arena, err);
}

static enum jl_rc save_one(struct edit *edit, enum jl_op_kind kind, struct jl_err *err) {
    const struct jl_change change = change_of(edit, kind);
    return edit->desk->save(edit->desk->save_context, NULL, &change, 1, err);
}

/* ---- Add ---- */

static enum jl_rc choose_id(struct edit *edit, struct jl_err *err) {
    struct jl_desk *desk = edit->desk;
    if (edit->type->natural_key_count == 0) {
        edit->row.id = jl_id_next(&desk->ids, desk->clock.wall_ms(desk->clock.context));
        return JL_OK;
    }
    char text[JL_ID_TEXT_BYTES];
    enum jl_rc rc =
        jl_natural_key_id(desk->books->hasher, edit->type, &edit->row, &edit->row.id, err);
    if (rc == JL_OK) {
        rc = load(edit, &edit->row.id, err);
    }
    struct jl_id there = edit->row.id;
    bool free = edit->before.head.rid == 0 || edit->before.head.state == JL_RECORD_DELETED;
    if (rc == JL_OK && free) { /* the key of one that was deleted is free again */
        rc = jl_unique_find_twin(desk, edit->type, &edit->row, &there, err);
    }
    if (rc != JL_OK || jl_id_is_zero(&there)) {
        return rc;
    }
    jl_id_format(&there, text);
    return jl_fault_at(err, JL_CONFLICT, JL_FAULT_DESK_RECORD_EXISTS, "%s" JL_AND "%s",
                       jl_desk_label(desk, &edit->type->label), text);
}

/* Deleting and adding is no way round a flow. */
static enum jl_rc check_flow_again(struct edit *edit, struct jl_err *err) {
    unsigned movers = 0;
    enum jl_rc rc = jl_desk_movers(edit->desk, edit->type, &edit->row, &movers, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_flow_check(&edit->context, edit->type, &edit->before.row, &edit->row, movers,
                  edit->problems);
    return refuse_errors(edit, err);
}

static enum jl_rc prepare_add(struct edit *edit, const struct jl_assignment *assignments,
                              size_t count, struct jl_err *err) {
    JL_DESK_READING(edit->desk);
    edit->row = (struct jl_row){.type = edit->type->number};
    /* Of the program's own records first, before anything is said against fields. */
    enum jl_rc rc = edit->type->built_in ? check_may(edit, JL_OP_CREATE, err) : JL_OK;
    if (rc == JL_OK) {
        rc = jl_desk_owner(edit->desk, edit->type, &edit->row.owner, err);
    }
    if (rc == JL_OK) {
        rc = assign(edit, assignments, count, err);
    }
    if (rc == JL_OK) {
        rc =
            jl_transfer_fill(edit->desk, edit->type, &edit->arena, &edit->row, edit->problems, err);
    }
    if (rc == JL_OK) {
        rc = check(edit, NULL, err);
    }
    if (rc == JL_OK) {
        rc = choose_id(edit, err);
    }
    if (rc == JL_OK && edit->before.head.rid != 0) {
        rc = check_flow_again(edit, err);
    }
    return rc == JL_OK ? check_may(edit, JL_OP_CREATE, err) : rc;
}

enum jl_rc jl_desk_add(struct jl_desk *desk, const struct jl_type *type,
                       const struct jl_assignment *assignments, size_t count, struct jl_id *out_id,
                       struct jl_problems *problems, struct jl_err *err) {
    JL_AUTO(edit) edit = {.desk = desk, .type = type, .problems = problems};
    enum jl_rc rc = open_edit(&edit, err);
    if (rc == JL_OK) {
        rc = prepare_add(&edit, assignments, count, err);
    }
    if (rc == JL_OK) {
        rc = save_one(&edit, JL_OP_CREATE, err);
    }
    if (rc == JL_OK) {
        *out_id = edit.row.id;
    }
    return rc;
}

/* ---- Set ---- */

static bool same_value(const struct jl_row *a, const struct jl_row *b, uint32_t field) {
    const struct jl_value *left = jl_row_get(a, field);
    const struct jl_value *right = jl_row_get(b, field);
    return left == NULL || right == NULL ? left == right : jl_value_equal(left, right);
}

static enum jl_rc refuse_fixed(const struct edit *edit, struct jl_err *err) {
    const struct jl_type *type = edit->type;
    if (type->append_only) {
        return jl_fault_at(err, JL_DENIED, JL_FAULT_DESK_APPEND_ONLY, "%s",
                           jl_desk_label(edit->desk, &type->label));
    }
    for (size_t i = 0; i < type->natural_key_count; i++) {
        const struct jl_field *field = jl_type_field(type, type->natural_key[i]);
        if (field != NULL && !same_value(&edit->before.row, &edit->row, field->number)) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_DESK_NATURAL_KEY, "%s",
                               jl_desk_label(edit->desk, &field->label));
        }
    }
    return JL_OK;
}

static enum jl_rc prepare_set(struct edit *edit, const struct jl_id *id,
                              const struct jl_assignment *assignments, size_t count,
                              struct jl_err *err) {
    JL_DESK_READING(edit->desk);
    enum jl_rc rc = load(edit, id, err);
    if (rc == JL_OK) {
        rc = jl_desk_may_change(edit->desk, edit->type, &edit->before, err);
    }
    if (rc == JL_OK) {
        rc = jl_desk_fork_row(&edit->arena, &edit->before.row, &edit->row, err);
    }
    if (rc == JL_OK) {
        rc = assign(edit, assignments, count, err);
    }
    if (rc == JL_OK && edit->type->built_in) {
        rc = check_may(edit, JL_OP_EDIT, err);
    }
    if (rc == JL_OK) {
        rc = refuse_fixed(edit, err);
    }
    if (rc == JL_OK) {
        rc = check(edit, &edit->before.row, err);
    }
    return rc == JL_OK ? check_may(edit, JL_OP_EDIT, err) : rc;
}

static enum jl_rc set_once(struct jl_desk *desk, const struct jl_type *type, const struct jl_id *id,
                           const struct jl_assignment *assignments, size_t count,
                           struct jl_problems *problems, struct jl_err *err) {
    JL_AUTO(edit) edit = {.desk = desk, .type = type, .problems = problems};
    enum jl_rc rc = open_edit(&edit, err);
    if (rc == JL_OK) {
        rc = prepare_set(&edit, id, assignments, count, err);
    }
    if (rc != JL_OK || jl_row_same_fields(&edit.before.row, &edit.row)) {
        return rc;
    }
    return save_one(&edit, JL_OP_EDIT, err);
}

/* A running sync may change the record between the look and the save; the assignments then hold for
 * the record as it is now, just as if they had been given a moment later. */
enum jl_rc jl_desk_set(struct jl_desk *desk, const struct jl_type *type, const struct jl_id *id,
                       const struct jl_assignment *assignments, size_t count,
                       struct jl_problems *problems, struct jl_err *err) {
    enum { TRIES = 3 };
    const uint32_t number = type->number;
    enum jl_rc rc = set_once(desk, type, id, assignments, count, problems, err);
    for (int i = 1; i < TRIES && rc == JL_CONFLICT; i++) {
        type = jl_catalogue_type(desk->books->catalogue, number);
        rc = type == NULL ? rc : set_once(desk, type, id, assignments, count, problems, err);
    }
    return rc;
}

/* ---- Delete ---- */

static enum jl_rc prepare_delete(struct edit *edit, const struct jl_id *id, struct jl_err *err) {
    JL_DESK_READING(edit->desk);
    enum jl_rc rc = load(edit, id, err);
    if (rc == JL_OK) {
        rc = jl_desk_may_change(edit->desk, edit->type, &edit->before, err);
    }
    edit->row = edit->before.row;
    edit->row.deleted = true;
    if (rc == JL_OK) {
        rc = check_may(edit, JL_OP_DELETE, err);
    }
    return rc == JL_OK && edit->type->append_only
               ? jl_fault_at(err, JL_DENIED, JL_FAULT_DESK_NEVER_DELETED, "%s",
                             jl_desk_label(edit->desk, &edit->type->label))
               : rc;
}

enum jl_rc jl_desk_delete(struct jl_desk *desk, const struct jl_type *type, const struct jl_id *id,
                          struct jl_err *err) {
    struct jl_problems problems;
    JL_AUTO(edit) edit = {.desk = desk, .type = type, .problems = &problems};
    enum jl_rc rc = open_edit(&edit, err);
    if (rc == JL_OK) {
        rc = prepare_delete(&edit, id, err);
    }
    return rc == JL_OK ? save_one(&edit, JL_OP_DELETE, err) : rc;
}

/* ---- Restore ---- */

static enum jl_rc refuse_restore(const struct edit *edit, struct jl_err *err) {
    const struct jl_head *head = &edit->before.head;
    const char *label = jl_desk_label(edit->desk, &edit->type->label);
    if (head->rid == 0) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_DESK_NO_SUCH, "%s", label);
    }
    if (head->state != JL_RECORD_DELETED) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_DESK_NOT_DELETED, "%s", label);
    }
    if (edit->before.row.field_count == 0) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_DESK_NOT_KEPT, "%s", label);
    }
    return JL_OK;
}

static enum jl_rc prepare_restore(struct edit *edit, const struct jl_id *id, struct jl_err *err) {
    unsigned movers = 0;
    JL_DESK_READING(edit->desk);
    enum jl_rc rc = load(edit, id, err);
    if (rc == JL_OK) {
        rc = refuse_restore(edit, err);
    }
    if (rc == JL_OK) {
        rc = jl_desk_fork_row(&edit->arena, &edit->before.row, &edit->row, err);
    }
    if (rc == JL_OK) {
        rc = check_may(edit, JL_OP_RESTORE, err);
    }
    if (rc == JL_OK) {
        rc = jl_desk_movers(edit->desk, edit->type, &edit->row, &movers, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    edit->row.deleted = false;
    rc = jl_transfer_fill(edit->desk, edit->type, &edit->arena, &edit->row, edit->problems, err);
    if (rc != JL_OK) {
        return rc;
    }
    check_row(edit, NULL);
    jl_flow_check(&edit->context, edit->type, &edit->before.row, &edit->row, movers,
                  edit->problems);
    rc = refuse_errors(edit, err);
    return rc == JL_OK
               ? jl_unique_warn(edit->desk, edit->type, NULL, &edit->row, edit->problems, err)
               : rc;
}

enum jl_rc jl_desk_restore(struct jl_desk *desk, const struct jl_type *type, const struct jl_id *id,
                           struct jl_problems *problems, struct jl_err *err) {
    JL_AUTO(edit) edit = {.desk = desk, .type = type, .problems = problems};
    enum jl_rc rc = open_edit(&edit, err);
    if (rc == JL_OK) {
        rc = prepare_restore(&edit, id, err);
    }
    return rc == JL_OK ? save_one(&edit, JL_OP_RESTORE, err) : rc;
}
