/* Which value each field of the kept record gets:
 *
 *   both the same            that
 *   one is blank             the other
 *   decided by the person    kept, gone, or what was typed
 *   hidden                   the kept record's: nobody can be asked
 *   otherwise                --prefer, or the person must decide
 *
 * A reference of one of the two to the other, or to itself, says nothing any more: blank. */
#include "merging.h"

#include "jielian/base/fault.h"
#include "jielian/base/language.h"
#include "jielian/desk/ref.h"
#include "jielian/record/flow.h"
#include "jielian/record/format.h"
#include "jielian/record/parse.h"

#include <string.h>

/* ---- Showing ---- */

enum jl_rc jl_merging_show(const struct jl_merging *merging, uint32_t number,
                           const struct jl_value *value, struct jl_buf *out, struct jl_err *err) {
    const struct jl_field *field = jl_type_field(merging->type, number);
    struct jl_books *books = merging->desk->books;
    if (value->kind == JL_VALUE_NULL || field == NULL) {
        return JL_OK;
    }
    if (field->kind != JL_KIND_REF || field->sensitive || value->kind != JL_VALUE_BYTES) {
        return jl_format_masked(field, value, merging->desk->language, out, err);
    }
    JL_AUTO(jl_arena) arena = {0};
    char text[JL_ID_TEXT_BYTES];
    struct jl_record_key key = {.type = field->ref_type};
    struct jl_book_record record = {0};
    const struct jl_type *type = jl_catalogue_type(books->catalogue, field->ref_type);
    enum jl_rc rc = jl_id_from_bytes(value->bytes, &key.id, err);
    if (rc == JL_OK) {
        rc = jl_books_load(books, &key, 1, &arena, &record, err);
    }
    if (rc == JL_OK && type != NULL && record.head.rid != 0) {
        rc = jl_format_title(type, &record.row, merging->desk->language, out, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_id_format(&key.id, text);
    return jl_buf_printf(out, err, JL_ZH_EN(merging->desk->language, "（%s）", " (%s)"), text);
}

/* ---- Choices ---- */

static const struct jl_field *field_typed(const struct jl_type *type, const char *name) {
    const struct jl_field *field = jl_type_field_named(type, name);
    if (field == NULL) {
        field = jl_type_field_by_header(type, jl_bytes_text(name));
    }
    return field != NULL && field->hidden ? NULL : field;
}

static enum jl_rc check_choices(const struct jl_merging *merging, struct jl_err *err) {
    for (size_t i = 0; i < merging->choice_count; i++) {
        const char *name = merging->choices[i].field;
        const struct jl_field *field = field_typed(merging->type, name);
        if (field == NULL) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_MERGING_NO_FIELD, "%s" JL_AND "%s",
                               jl_desk_label(merging->desk, &merging->type->label), name);
        }
        for (size_t j = 0; j < i; j++) {
            if (field == field_typed(merging->type, merging->choices[j].field)) {
                return jl_fault_at(err, JL_MISUSE, JL_FAULT_DESK_FIELD_TWICE, "%s", name);
            }
        }
    }
    return JL_OK;
}

static const char *choice_for(const struct jl_merging *merging, const struct jl_field *field) {
    for (size_t i = 0; i < merging->choice_count; i++) {
        if (field_typed(merging->type, merging->choices[i].field) == field) {
            return merging->choices[i].value;
        }
    }
    return NULL;
}

static struct jl_check_context context_of(const struct jl_merging *merging) {
    const struct jl_desk *desk = merging->desk;
    return (struct jl_check_context){.catalogue = desk->books->catalogue,
                                     .today = jl_desk_today(desk),
                                     .language = desk->language};
}

static enum jl_rc parse_typed(struct jl_merging *merging, const struct jl_field *field,
                              const char *text, struct jl_value *out_value, struct jl_err *err) {
    const struct jl_check_context context = context_of(merging);
    struct jl_problems problems = {0};
    *out_value = jl_value_null();
    if (field->kind == JL_KIND_REF && text[0] != '\0') {
        struct jl_id *id = jl_arena_zalloc(&merging->arena, 1, sizeof *id);
        if (id == NULL) {
            return jl_fault_memory(err);
        }
        enum jl_rc rc = jl_ref_resolve_one(merging->desk, field, jl_bytes_text(text), id, err);
        *out_value = jl_value_ref(id);
        return rc;
    }
    enum jl_rc rc = jl_parse_field(&context, field, jl_bytes_text(text), &merging->arena, out_value,
                                   &problems, err);
    return rc == JL_OK && problems.errors > 0
               ? jl_fault_at(err, JL_MISUSE, JL_FAULT_TEXT, "%s", problems.items[0].text)
               : rc;
}

/* ---- One field ---- */

static struct jl_value value_of(const struct jl_merging *merging, const struct jl_row *row,
                                const struct jl_field *field) {
    const struct jl_value *value = jl_row_get(row, field->number);
    if (value == NULL) {
        return jl_value_null();
    }
    bool to_them = field->kind == JL_KIND_REF && field->ref_type == merging->type_number &&
                   value->bytes.size == JL_ID_BYTES &&
                   (memcmp(value->bytes.data, merging->kept_id.bytes, JL_ID_BYTES) == 0 ||
                    memcmp(value->bytes.data, merging->gone_id.bytes, JL_ID_BYTES) == 0);
    return to_them ? jl_value_null() : *value;
}

static void take_side(struct jl_merging_field *item, enum jl_merging_side side) {
    item->side = side;
    item->stands = side == JL_MERGING_GONE ? item->gone : item->kept;
}

static enum jl_rc choose_field(struct jl_merging *merging, const struct jl_field *field,
                               struct jl_merging_field *item, struct jl_err *err) {
    const char *choice = choice_for(merging, field);
    bool same = jl_value_equal(&item->kept, &item->gone);
    if (choice != NULL && strcmp(choice, "kept") != 0 && strcmp(choice, "gone") != 0) {
        item->side = JL_MERGING_TYPED;
        return parse_typed(merging, field, choice, &item->stands, err);
    }
    if (choice != NULL) {
        take_side(item, choice[0] == 'g' ? JL_MERGING_GONE : JL_MERGING_KEPT);
    } else if (same) {
        take_side(item, JL_MERGING_BOTH);
    } else if (item->kept.kind == JL_VALUE_NULL) {
        take_side(item, JL_MERGING_GONE);
    } else if (item->gone.kind == JL_VALUE_NULL || field->hidden) {
        take_side(item, JL_MERGING_KEPT);
    } else {
        take_side(item, merging->prefer == JL_MERGING_GONE ? JL_MERGING_GONE : JL_MERGING_KEPT);
        item->open = merging->prefer == JL_MERGING_BOTH;
    }
    return JL_OK;
}

/* ---- All of them ---- */

/* By name only: the values are for the one who asked (jl_merging_show), not for an error. */
static enum jl_rc refuse_open(const struct jl_merging *merging, struct jl_err *err) {
    JL_AUTO(jl_buf) names = {0};
    enum jl_rc rc = JL_OK;
    size_t open = 0;
    for (size_t i = 0; rc == JL_OK && i < merging->field_count; i++) {
        if (merging->fields[i].open) {
            const struct jl_field *field = jl_type_field(merging->type, merging->fields[i].field);
            rc = jl_buf_printf(&names, err, "%s%s", open++ > 0 ? " " : "", field->name);
        }
    }
    if (rc != JL_OK || open == 0) {
        return rc;
    }
    return jl_fault_at(err, JL_MISUSE, JL_FAULT_MERGING_UNDECIDED, "%zu" JL_AND "%.*s", open,
                       (int)names.size, (const char *)names.data);
}

/* What the district will say when it judges the merge. */
static enum jl_rc check_after(const struct jl_merging *merging, struct jl_err *err) {
    const struct jl_check_context context = context_of(merging);
    struct jl_problems problems = {0};
    jl_check_edit(&context, merging->type, &merging->kept.row, &merging->after, &problems);
    if (merging->type->flow.field != 0) {
        jl_flow_check(&context, merging->type, &merging->kept.row, &merging->after, ~0u, &problems);
    }
    for (size_t i = 0; i < problems.count; i++) {
        if (problems.items[i].severity == JL_PROBLEM_ERROR) {
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_TEXT, "%s", problems.items[i].text);
        }
    }
    return JL_OK;
}

enum jl_rc jl_merging_choose(struct jl_merging *merging, struct jl_err *err) {
    const struct jl_type *type = merging->type;
    merging->fields = jl_arena_zalloc(&merging->arena, type->field_count, sizeof *merging->fields);
    if (merging->fields == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = check_choices(merging, err);
    if (rc == JL_OK) {
        rc = jl_row_dup(&merging->arena, &merging->kept.row, &merging->after, err);
    }
    for (size_t i = 0; rc == JL_OK && i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        struct jl_merging_field item = {.field = field->number,
                                        .kept = value_of(merging, &merging->kept.row, field),
                                        .gone = value_of(merging, &merging->gone.row, field)};
        rc = choose_field(merging, field, &item, err);
        if (rc == JL_OK) {
            rc = jl_row_set(&merging->after, field->number, &item.stands, &merging->arena, err);
        }
        bool blank = item.kept.kind == JL_VALUE_NULL && item.gone.kind == JL_VALUE_NULL &&
                     item.stands.kind == JL_VALUE_NULL;
        if (!blank) {
            merging->fields[merging->field_count++] = item;
        }
    }
    if (rc == JL_OK) {
        rc = refuse_open(merging, err);
    }
    return rc == JL_OK ? check_after(merging, err) : rc;
}
