/* Cells to values.
 *
 * Most cells are read here and now. Two kinds wait: a reference's text is kept once for the whole
 * import and resolved together with the other new ones of the chunk; a masked value
 * (330106****0071) is no value at all, but may say "unchanged" once the record is known. */
#include "import.h"

#include "jielian/base/fault.h"
#include "jielian/base/language.h"
#include "jielian/desk/ref.h"
#include "jielian/message/fault_text.h"
#include "jielian/record/parse.h"
#include "jielian/record/text.h"

#include <string.h>

static const char stars[] = "**";

/* ---- References ---- */

static enum jl_rc known_ref(struct jl_import *import, uint32_t type, struct jl_bytes text,
                            struct jl_known_ref **out_known, struct jl_err *err) {
    struct jl_buf key = {0};
    enum jl_rc rc = jl_buf_put(&key, &type, sizeof type, err);
    if (rc == JL_OK) {
        rc = jl_buf_put(&key, text.data, text.size, err);
    }
    void **place =
        rc == JL_OK ? jl_map_place(&import->refs, jl_buf_bytes(&key), &import->kept, err) : NULL;
    jl_buf_fini(&key);
    if (place == NULL) {
        return JL_NOMEM;
    }
    if (*place == NULL) {
        struct jl_known_ref *known = jl_arena_zalloc(&import->kept, 1, sizeof *known);
        if (known == NULL || jl_arena_dup(&import->kept, text, &known->text, err) != JL_OK) {
            return jl_fault_memory(err);
        }
        known->type = type;
        known->rc = JL_NOT_FOUND;
        known->next_new = import->new_refs;
        import->new_refs = known;
        *place = known;
    }
    *out_known = *place;
    return JL_OK;
}

static enum jl_rc resolve_type(struct jl_import *import, uint32_t type, struct jl_err *err) {
    size_t count = 0;
    for (struct jl_known_ref *known = import->new_refs; known != NULL; known = known->next_new) {
        count += known->type == type && !known->asked ? 1 : 0;
    }
    if (count == 0) {
        return JL_OK;
    }
    struct jl_ref_query *queries = jl_arena_zalloc(&import->chunk, count, sizeof *queries);
    struct jl_known_ref **asked = jl_arena_zalloc(&import->chunk, count, sizeof *asked);
    if (queries == NULL || asked == NULL) {
        return jl_fault_memory(err);
    }
    size_t at = 0;
    for (struct jl_known_ref *known = import->new_refs; known != NULL; known = known->next_new) {
        if (known->type == type && !known->asked) {
            queries[at].text = known->text;
            asked[at++] = known;
        }
    }
    enum jl_rc rc = jl_ref_resolve(import->desk, type, queries, count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        asked[i]->asked = true;
        asked[i]->rc = queries[i].rc;
        asked[i]->id = queries[i].id;
        asked[i]->unseen = queries[i].unseen;
    }
    return rc;
}

static enum jl_rc resolve_new(struct jl_import *import, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < import->header.ordered_count; i++) {
        const struct jl_field *field = import->header.columns[import->header.ordered[i]].meta;
        if (field->kind == JL_KIND_REF) {
            rc = resolve_type(import, field->ref_type, err);
        }
    }
    import->new_refs = NULL;
    return rc;
}

/* ---- Cells ---- */

static enum jl_rc keep_problems(struct jl_import *import, struct jl_import_row *row,
                                struct jl_problems *problems, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < problems->count; i++) {
        const struct jl_problem *item = &problems->items[i];
        rc = jl_import_fault_add(
            import, item->severity == JL_PROBLEM_ERROR ? &row->read_faults : &row->read_warnings,
            item->field, err, JL_FAULT_TEXT, "%s", item->text);
    }
    jl_problems_reset(problems);
    return rc;
}

static bool is_masked(const struct jl_field *field, struct jl_bytes text) {
    return field->sensitive && memmem(text.data, text.size, stars, sizeof stars - 1) != NULL;
}

/* One filled cell; a value that is there joins the row. */
static enum jl_rc take_cell(struct jl_import *import, struct jl_import_row *row,
                            const struct jl_field *field, struct jl_bytes text,
                            struct jl_problems *problems, struct jl_err *err) {
    struct jl_field_value *item = &row->given.fields[row->given.field_count];
    item->field = field->number;
    item->value = jl_value_null();
    if (field->kind == JL_KIND_REF) {
        struct jl_row_ref *ref = &row->refs[row->ref_count++];
        ref->field = field->number;
        row->given.field_count++; /* stays NULL until bind */
        return known_ref(import, field->ref_type, text, &ref->known, err);
    }
    if (is_masked(field, text)) {
        row->masks[row->mask_count++] = (struct jl_row_mask){.field = field, .text = text};
        return JL_OK;
    }
    enum jl_rc rc =
        jl_parse_field(&import->context, field, text, &import->chunk, &item->value, problems, err);
    row->given.field_count += item->value.kind != JL_VALUE_NULL ? 1 : 0;
    return rc == JL_OK && problems->count > 0 ? keep_problems(import, row, problems, err) : rc;
}

static enum jl_rc take_id(struct jl_import *import, struct jl_import_row *row, struct jl_err *err) {
    size_t at = import->header.id_at;
    char text[JL_ID_TEXT_BYTES];
    struct jl_bytes cell = at < row->cell_count ? jl_text_trim(row->cells[at]) : jl_bytes(NULL, 0);
    if (cell.size == 0) {
        return JL_OK;
    }
    (void)snprintf(text, sizeof text, "%.*s", (int)(cell.size < sizeof text ? cell.size : 0),
                   (const char *)cell.data);
    if (jl_id_parse(text, &row->named_id, NULL) == JL_OK) {
        row->has_id = true;
        return JL_OK;
    }
    return jl_import_fault_add(import, &row->read_faults, 0, err, JL_FAULT_PROBLEM_ID_PART, "%s",
                               "");
}

/* A comma inside a cell without quotes moves everything behind it by one column. */
static enum jl_rc check_width(struct jl_import *import, struct jl_import_row *row,
                              struct jl_err *err) {
    for (size_t i = 0; i < row->cell_count; i++) {
        if (jl_text_trim(row->cells[i]).size == 0) {
            continue;
        }
        if (i >= import->header.count) {
            return jl_import_fault_add(import, &row->read_faults, 0, err, JL_FAULT_PROBLEM_WIDTH,
                                       "%zu", i + 1);
        }
        if (import->header.columns[i].name.size == 0) {
            import->header.columns[i].lost++;
        }
    }
    return JL_OK;
}

static enum jl_rc parse_row(struct jl_import *import, struct jl_import_row *row,
                            struct jl_problems *problems, struct jl_err *err) {
    const struct jl_import_header *header = &import->header;
    size_t count = header->ordered_count + 1;
    row->given.type = import->type_number;
    row->given.fields = jl_arena_alloc(&import->chunk, count * sizeof *row->given.fields);
    row->refs = jl_arena_alloc(&import->chunk, count * sizeof *row->refs);
    row->masks = jl_arena_alloc(&import->chunk, count * sizeof *row->masks);
    if (row->given.fields == NULL || row->refs == NULL || row->masks == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = check_width(import, row, err);
    for (size_t i = 0; rc == JL_OK && i < header->ordered_count; i++) {
        size_t at = header->ordered[i];
        if (at >= row->cell_count || row->cells[at].size == 0) {
            continue;
        }
        struct jl_bytes text = jl_text_trim(row->cells[at]);
        if (text.size > 0) {
            rc = take_cell(import, row, header->columns[at].meta, text, problems, err);
        }
    }
    return rc == JL_OK && header->id_at != SIZE_MAX ? take_id(import, row, err) : rc;
}

enum jl_rc jl_import_parse(struct jl_import *import, struct jl_err *err) {
    struct jl_problems problems;
    jl_problems_reset(&problems);
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < import->row_count; i++) {
        rc = parse_row(import, &import->rows[i], &problems, err);
    }
    return rc == JL_OK ? resolve_new(import, err) : rc;
}

/* ---- Binding ---- */

/* Places of references that were found get their value, the others go. */
void jl_import_bind(struct jl_import *import) {
    for (size_t i = 0; i < import->row_count; i++) {
        struct jl_import_row *row = &import->rows[i];
        size_t kept = 0;
        size_t ref = 0;
        for (size_t j = 0; j < row->given.field_count; j++) {
            struct jl_field_value *item = &row->given.fields[j];
            if (item->value.kind == JL_VALUE_NULL) {
                /* References stand in both lists in the same order. */
                const struct jl_known_ref *known = row->refs[ref++].known;
                if (known->rc != JL_OK) {
                    continue;
                }
                item->value = jl_value_ref(&known->id);
            }
            row->given.fields[kept++] = *item;
        }
        row->given.field_count = kept;
    }
}

static enum jl_rc say_ref(struct jl_import *import, struct jl_import_row *row,
                          const struct jl_row_ref *ref, struct jl_err *err) {
    const struct jl_field *field = jl_type_field(import->type, ref->field);
    struct jl_err why;
    char text[JL_FAULT_TEXT_BYTES];
    enum jl_rc rc = jl_ref_explain(import->desk, field, ref->known->rc, &why);
    if (rc != ref->known->rc) {
        *err = why;
        return rc;
    }
    return jl_import_fault_add(import, &row->faults, ref->field, err, JL_FAULT_TEXT, "%s",
                               jl_fault_text(&why, import->desk->language, text));
}

enum jl_rc jl_import_bind_own(struct jl_import *import, struct jl_import_row *row,
                              struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < row->ref_count; i++) {
        const struct jl_row_ref *ref = &row->refs[i];
        if (ref->known->rc == JL_OK && ref->known->unseen) {
            rc = jl_import_fault_add(import, &row->warnings, ref->field, err,
                                     JL_FAULT_PROBLEM_ID_UNSEEN, "%s", "");
        } else if (ref->known->rc != JL_OK) {
            const struct jl_id *id = NULL;
            if (ref->known->type == import->type_number) {
                rc = jl_import_announced(import, ref->known->text, &id, err);
            }
            if (rc != JL_OK) {
                return rc;
            }
            struct jl_value value = id != NULL ? jl_value_ref(id) : jl_value_null();
            rc = id != NULL ? jl_row_set(&row->given, ref->field, &value, &import->chunk, err)
                            : say_ref(import, row, ref, err);
        }
    }
    return rc;
}
