/* Types without a natural key or unique field (活动, 荣誉, 工会干部, 法律服务 …): which record is
 * meant is judged by what the rows say.
 *
 *   identity   all title and required fields together, without the status, which moves. References
 *              and the first date of the form set records apart only when both have one.
 *   named      a title or a reference is in it     a row with the same identity corrects the record
 *   dated      a date is in it, but no name        咨询 2022-09-30 1次: may well have happened
 * twice, so a row that differs is a doubt bare       only codes and numbers              a row that
 * differs is another record
 *
 * Rows and records are paired off one to one: first those that agree in all the row says, then the
 * rest. So a file may hold several rows of one identity, and importing it again changes nothing. */
#include "import.h"

#include <string.h>

static bool is_title(const struct jl_type *type, uint32_t field) {
    for (size_t i = 0; i < type->title_count; i++) {
        if (type->title[i] == field) {
            return true;
        }
    }
    return false;
}

static bool identifies(const struct jl_type *type, const struct jl_field *field) {
    return !field->sensitive && field->number != type->flow.field &&
           (field->required || is_title(type, field->number));
}

static enum jl_identity_level level_of(const struct jl_field *field) {
    switch (field->kind) {
    case JL_KIND_TEXT:
    case JL_KIND_REF:
    case JL_KIND_ID_NO:
    case JL_KIND_USCC:
    case JL_KIND_PHONE:
        return JL_IDENTITY_NAMED;
    case JL_KIND_DATE:
    case JL_KIND_MONTH:
        return JL_IDENTITY_DATED;
    case JL_KIND_INT:
    case JL_KIND_MONEY:
    case JL_KIND_BOOL:
    case JL_KIND_CODE:
        break;
    }
    return JL_IDENTITY_BARE;
}

/* References, and the first date of the form: when it was, as opposed to when it ended. */
static bool sets_apart(const struct jl_type *type, const struct jl_field *field) {
    const struct jl_field *first = NULL;
    for (size_t i = 0; i < type->field_count && first == NULL; i++) {
        first = type->fields[i].kind == JL_KIND_DATE ? &type->fields[i] : NULL;
    }
    return !field->sensitive && (field->kind == JL_KIND_REF || field == first);
}

enum jl_rc jl_import_identity(struct jl_import *import, const struct jl_row *row,
                              uint8_t out_key[static JL_KEY_BYTES_SHORT],
                              enum jl_identity_level *out_level, struct jl_err *err) {
    const struct jl_type *type = import->type;
    enum jl_identity_level level = JL_IDENTITY_BARE;
    JL_AUTO(jl_buf) parts = {0};
    enum jl_rc rc = JL_OK;
    *out_level = JL_IDENTITY_NONE;
    for (size_t i = 0; rc == JL_OK && i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        const struct jl_value *value = jl_row_get(row, field->number);
        if (!identifies(type, field)) {
            continue;
        }
        if (value == NULL && field->required) {
            return JL_OK;
        }
        if (value != NULL) {
            level = level_of(field) > level ? level_of(field) : level;
            rc = jl_import_key_part(&parts, field->number, value, err);
        }
    }
    /* Without a name or a date in it, what else is known keeps the records of a kind apart. */
    for (size_t i = 0; rc == JL_OK && level == JL_IDENTITY_BARE && i < type->field_count; i++) {
        const struct jl_value *value = jl_row_get(row, type->fields[i].number);
        if (value != NULL && sets_apart(type, &type->fields[i])) {
            rc = jl_import_key_part(&parts, type->fields[i].number, value, err);
        }
    }
    if (rc == JL_OK) {
        rc = jl_import_key_finish(import, &parts, out_key, err);
    }
    *out_level = level;
    return rc;
}

bool jl_import_set_apart(const struct jl_type *type, const struct jl_row *a,
                         const struct jl_row *b) {
    for (size_t i = 0; i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        const struct jl_value *left = jl_row_get(a, field->number);
        const struct jl_value *right = jl_row_get(b, field->number);
        if (left != NULL && right != NULL && sets_apart(type, field) &&
            !jl_value_equal(left, right)) {
            return true;
        }
    }
    return false;
}

/* ---- Pairing ---- */

/* Does the record agree with everything that the row says? */
static bool agrees(const struct jl_row *record, const struct jl_row *given) {
    for (size_t i = 0; i < given->field_count; i++) {
        const struct jl_value *value = jl_row_get(record, given->fields[i].field);
        if (value == NULL || !jl_value_equal(value, &given->fields[i].value)) {
            return false;
        }
    }
    return true;
}

static bool are_alike(const struct jl_row *a, const struct jl_row *b) {
    return agrees(a, b) && agrees(b, a);
}

static void look_whether_alike(struct jl_import_same *same) {
    same->alike = true;
    same->shown = same->first != NULL ? same->first->record : NULL;
    for (const struct jl_candidate *item = same->first; item != NULL && same->alike;
         item = item->next) {
        same->alike = are_alike(&item->record->row, &same->first->record->row);
    }
}

/* The next one that no other row has. Those that have a row are taken out: they are asked for by
 * many. */
static struct jl_candidate *next_free(const struct jl_import *import,
                                      const struct jl_import_row *row, struct jl_candidate **at) {
    while (*at != NULL) {
        struct jl_candidate *item = *at;
        uint64_t line = jl_import_claimed(import, &item->record->row.id);
        if (line == 0 || line == row->line) {
            return item;
        }
        *at = item->next;
    }
    return NULL;
}

/* Records that agree and are the same among themselves are as good as each other. */
static enum jl_rc pair_exactly(struct jl_import *import, struct jl_import_row *row,
                               struct jl_err *err) {
    struct jl_candidate **at = &row->same->first;
    struct jl_candidate *item = NULL;
    bool any = row->same->alike && !row->same->claimed; /* the first is as good as the others */
    while (!(any && row->exact != NULL) && (item = next_free(import, row, at)) != NULL) {
        struct jl_book_record *record = item->record;
        at = &item->next;
        if (jl_import_set_apart(import->type, &record->row, &row->given) ||
            !agrees(&record->row, &row->given)) {
            if (any) {
                break;
            }
            continue;
        }
        if (row->exact == NULL || (jl_import_claimed(import, &record->row.id) == row->line)) {
            row->exact = record;
        }
        row->unsure = row->unsure || !are_alike(&record->row, &row->exact->row);
    }
    if (row->exact == NULL || row->unsure) {
        row->exact = NULL;
        return JL_OK;
    }
    uint64_t other = 0;
    return jl_import_claim_id(import, row->line, &row->exact->row.id, &other, err);
}

enum jl_rc jl_import_pair(struct jl_import *import, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    bool pairing =
        jl_import_has_identity(import->type) && import->options->policy != JL_IMPORT_NO_MATCH;
    for (size_t i = 0; i < import->row_count; i++) {
        import->rows[i].exact = NULL;
        import->rows[i].unsure = false;
    }
    for (size_t i = 0; rc == JL_OK && pairing && i < import->row_count; i++) {
        struct jl_import_same *same = import->rows[i].same;
        if (same != NULL && same->shown == NULL) {
            look_whether_alike(same);
        }
        if (!import->rows[i].has_id && same != NULL) {
            rc = pair_exactly(import, &import->rows[i], err);
        }
    }
    return rc;
}

/* Which of the records that do not agree in full; *out_doubt: nobody but a person can say. */
void jl_import_nearest(const struct jl_import *import, const struct jl_import_row *row,
                       struct jl_book_record **out_record, bool *out_doubt) {
    size_t free_ones = 0;
    *out_record = row->exact;
    *out_doubt = row->unsure;
    if (row->exact != NULL) {
        return;
    }
    struct jl_candidate **at = row->same != NULL ? &row->same->first : NULL;
    struct jl_candidate *item = NULL;
    while (at != NULL && free_ones < 2 && (item = next_free(import, row, at)) != NULL) {
        at = &item->next;
        if (!jl_import_set_apart(import->type, &item->record->row, &row->given)) {
            *out_record = item->record;
            free_ones++;
        }
    }
    if (row->level == JL_IDENTITY_BARE) {
        *out_record = NULL;
    } else if (free_ones > 0) {
        *out_doubt = row->unsure || free_ones > 1 || row->level == JL_IDENTITY_DATED;
    }
}
