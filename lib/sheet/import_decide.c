/* Each row's outcome, in the order of the file:
 *
 *   about      one record of this owner          → compare: 未变, or check and 更新
 *              none                              → check and 新增
 *   doubtful   several records, one that is deleted, left or somebody else's, the same key on an
 *              earlier line, a value that another record holds, a person of the same name and birth
 *   failed     a cell that can't be read, or a row that the validator refuses
 *
 * Failed comes before doubtful: what is wrong with the row itself can be corrected at once. */
#include "import.h"

#include "jielian/base/fault.h"
#include "jielian/base/language.h"

#include <string.h>

/* ---- Doubts ---- */

static enum jl_rc doubt_record(struct jl_import_deciding *deciding, uint32_t field, uint32_t code,
                               const struct jl_id *id) {
    char text[JL_ID_TEXT_BYTES];
    jl_id_format(id, text);
    deciding->row->outcome = JL_OUTCOME_DOUBTFUL;
    return jl_import_fault_add(deciding->import, &deciding->row->faults, field, deciding->err, code,
                               "%s", text);
}

static bool is_decided(const struct jl_import_deciding *deciding) {
    return deciding->row->outcome != 0;
}

/* ---- Which record ---- */

/* Take the record as the one meant; a second, different one is a doubt. */
static enum jl_rc take_match(struct jl_import_deciding *deciding, uint32_t field,
                             struct jl_book_record *record) {
    if (deciding->match == NULL || deciding->match->head.rid == record->head.rid) {
        deciding->match = record;
        return JL_OK;
    }
    return doubt_record(deciding, field, JL_FAULT_DOUBT_SEVERAL, &record->row.id);
}

static enum jl_rc match_named(struct jl_import_deciding *deciding) {
    struct jl_book_record *named = deciding->row->named;
    if (named == NULL) {
        return JL_OK;
    }
    if (named->head.rid != 0) {
        return take_match(deciding, 0, named);
    }
    return jl_import_fault_add(deciding->import, &deciding->row->faults, 0, deciding->err,
                               JL_FAULT_PROBLEM_ID_UNKNOWN, "%s", "");
}

/* Own records first among the living, then among the others (a member who left and comes back). */
static enum jl_rc match_candidates(struct jl_import_deciding *deciding) {
    const struct jl_import *import = deciding->import;
    for (int living = 1; living >= 0 && deciding->match == NULL && !is_decided(deciding);
         living--) {
        for (struct jl_candidate *item = deciding->row->candidates;
             item != NULL && !is_decided(deciding); item = item->next) {
            bool own = item->record->row.owner == import->owner;
            if (own && jl_books_living(import->type, &item->record->row) == (living == 1)) {
                enum jl_rc rc = take_match(deciding, item->field, item->record);
                if (rc != JL_OK) {
                    return rc;
                }
            }
        }
    }
    return JL_OK;
}

static enum jl_rc match_identity(struct jl_import_deciding *deciding) {
    struct jl_book_record *nearest = NULL;
    bool doubtful = false;
    jl_import_nearest(deciding->import, deciding->row, &nearest, &doubtful);
    if (!doubtful) {
        deciding->match = nearest;
        return JL_OK;
    }
    const struct jl_book_record *shown = nearest != NULL ? nearest : deciding->row->same->shown;
    return doubt_record(deciding, 0, JL_FAULT_DOUBT_ALIKE, &shown->row.id);
}

static enum jl_rc match_all(struct jl_import_deciding *deciding) {
    enum jl_rc rc = match_named(deciding);
    if (rc == JL_OK && deciding->match == NULL && jl_import_has_identity(deciding->import->type)) {
        return match_identity(deciding);
    }
    if (rc == JL_OK && deciding->row->keyed != NULL) {
        rc = take_match(deciding, 0, deciding->row->keyed);
    }
    return rc == JL_OK ? match_candidates(deciding) : rc;
}

/* May this import touch the record at all? */
static enum jl_rc doubt_state(struct jl_import_deciding *deciding) {
    const struct jl_book_record *match = deciding->match;
    if (match->head.state == JL_RECORD_LEFT) {
        return doubt_record(deciding, 0, JL_FAULT_DOUBT_LEFT, &match->row.id);
    }
    if (match->head.state == JL_RECORD_DELETED) {
        return doubt_record(deciding, 0, JL_FAULT_DOUBT_DELETED, &match->row.id);
    }
    if (match->row.owner != deciding->import->owner) {
        return doubt_record(deciding, 0, JL_FAULT_DOUBT_FOREIGN, &match->row.id);
    }
    if (deciding->import->options->policy == JL_IMPORT_NO_MATCH) {
        return doubt_record(deciding, 0, JL_FAULT_DOUBT_THERE, &match->row.id);
    }
    return JL_OK;
}

/* Values that another living record holds. */
static enum jl_rc doubt_holders(struct jl_import_deciding *deciding) {
    const struct jl_import *import = deciding->import;
    if (!jl_books_living(import->type, &deciding->after)) {
        return JL_OK;
    }
    for (const struct jl_candidate *item = deciding->row->candidates; item != NULL;
         item = item->next) {
        bool other = deciding->match == NULL || item->record->head.rid != deciding->match->head.rid;
        if (item->field != 0 && other && jl_books_living(import->type, &item->record->row)) {
            bool own = item->record->row.owner == import->owner;
            return doubt_record(deciding, item->field,
                                own ? JL_FAULT_DOUBT_SAME : JL_FAULT_DOUBT_SAME_ELSEWHERE,
                                &item->record->row.id);
        }
    }
    return JL_OK;
}

static enum jl_rc doubt_lookalike(struct jl_import_deciding *deciding) {
    if (deciding->match != NULL || deciding->row->lookalikes == NULL) {
        return JL_OK;
    }
    return doubt_record(deciding, 0, JL_FAULT_DOUBT_PERSON,
                        &deciding->row->lookalikes->record->row.id);
}

static enum jl_rc doubt_earlier_line(struct jl_import_deciding *deciding, bool unchanged) {
    uint64_t line = 0;
    enum jl_rc rc = jl_import_claim(deciding->import, deciding->row, &deciding->after, unchanged,
                                    &line, deciding->err);
    if (rc != JL_OK || line == 0) {
        return rc;
    }
    deciding->row->outcome = JL_OUTCOME_DOUBTFUL;
    return jl_import_fault_add(deciding->import, &deciding->row->faults, 0, deciding->err,
                               JL_FAULT_PROBLEM_LINE_TWICE, "%llu", (unsigned long long)line);
}

/* ---- The row as it should be ---- */

/* Both ascend by field: what the file says goes over what is there, or only into the blanks. */
static enum jl_rc lay_over(struct jl_import_deciding *deciding) {
    const struct jl_row *before = &deciding->match->row;
    const struct jl_row *given = &deciding->row->given;
    bool fill = deciding->import->options->policy == JL_IMPORT_FILL;
    struct jl_field_value *fields = jl_arena_alloc(
        &deciding->import->chunk, (before->field_count + given->field_count + 1) * sizeof *fields);
    if (fields == NULL) {
        return jl_fault_memory(deciding->err);
    }
    deciding->after = *before;
    deciding->after.fields = fields;
    size_t count = 0;
    size_t i = 0;
    size_t j = 0;
    while (i < before->field_count || j < given->field_count) {
        bool old = j == given->field_count ||
                   (i < before->field_count && before->fields[i].field < given->fields[j].field);
        bool both =
            !old && i < before->field_count && before->fields[i].field == given->fields[j].field;
        if (both) {
            fields[count++] = fill ? before->fields[i] : given->fields[j];
            i++;
            j++;
        } else {
            fields[count++] = old ? before->fields[i++] : given->fields[j++];
        }
    }
    deciding->after.field_count = count;
    return JL_OK;
}

/* ---- One row ---- */

static enum jl_rc begin_row(struct jl_import_deciding *deciding) {
    struct jl_import_row *row = deciding->row;
    row->outcome = 0;
    row->faults = (struct jl_import_faults){0};
    row->warnings = (struct jl_import_faults){0};
    enum jl_rc rc = JL_OK;
    for (const struct jl_import_fault *item = row->read_faults.first; rc == JL_OK && item != NULL;
         item = item->next) {
        rc = jl_import_fault_add(deciding->import, &row->faults, item->field, deciding->err,
                                 JL_FAULT_TEXT, "%s", item->text);
    }
    for (const struct jl_import_fault *item = row->read_warnings.first; rc == JL_OK && item != NULL;
         item = item->next) {
        rc = jl_import_fault_add(deciding->import, &row->warnings, item->field, deciding->err,
                                 JL_FAULT_TEXT, "%s", item->text);
    }
    return rc == JL_OK ? jl_import_bind_own(deciding->import, row, deciding->err) : rc;
}

static enum jl_rc new_row(struct jl_import_deciding *deciding) {
    struct jl_import_row *row = deciding->row;
    struct jl_desk *desk = deciding->import->desk;
    enum jl_rc rc =
        jl_desk_fork_row(&deciding->import->chunk, &row->given, &deciding->after, deciding->err);
    deciding->after.owner = deciding->import->owner;
    if (!row->has_new_id) {
        row->new_id = row->has_natural_id
                          ? row->natural_id
                          : jl_id_next(&desk->ids, desk->clock.wall_ms(desk->clock.context));
        row->has_new_id = true;
    }
    deciding->after.id = row->new_id;
    return rc;
}

/* The row as it should be and everything that can be said against it. */
static enum jl_rc judge(struct jl_import_deciding *deciding) {
    struct jl_import_row *row = deciding->row;
    bool skip = deciding->import->options->policy == JL_IMPORT_SKIP;
    enum jl_rc rc = deciding->match != NULL ? lay_over(deciding) : new_row(deciding);
    if (rc == JL_OK) {
        rc = jl_import_check_masks(deciding);
    }
    bool same = deciding->match != NULL && row->faults.first == NULL &&
                (skip || jl_row_same_fields(&deciding->match->row, &deciding->after));
    if (rc == JL_OK && same) {
        deciding->after = deciding->match->row;
        rc = doubt_earlier_line(deciding, true);
        row->outcome = row->outcome != 0 ? row->outcome : JL_OUTCOME_UNCHANGED;
        return rc;
    }
    if (rc == JL_OK) {
        rc = jl_import_check_after(deciding);
    }
    if (rc == JL_OK && row->faults.first != NULL) {
        row->outcome = JL_OUTCOME_FAILED;
        return JL_OK;
    }
    if (rc == JL_OK) {
        rc = doubt_holders(deciding);
    }
    if (rc == JL_OK && !is_decided(deciding)) {
        rc = doubt_lookalike(deciding);
    }
    return rc == JL_OK && !is_decided(deciding) ? doubt_earlier_line(deciding, false) : rc;
}

static enum jl_rc decide_row(struct jl_import_deciding *deciding) {
    struct jl_import_row *row = deciding->row;
    enum jl_rc rc = begin_row(deciding);
    if (rc == JL_OK) {
        rc = match_all(deciding);
    }
    if (rc == JL_OK && !is_decided(deciding) && deciding->match != NULL) {
        rc = doubt_state(deciding);
    }
    if (rc == JL_OK && !is_decided(deciding)) {
        rc = judge(deciding);
    }
    if (rc != JL_OK || is_decided(deciding)) {
        return rc;
    }
    row->outcome = deciding->match != NULL ? JL_OUTCOME_UPDATED : JL_OUTCOME_ADDED;
    row->change = (struct jl_change){.kind = deciding->match != NULL ? JL_OP_EDIT : JL_OP_CREATE,
                                     .before = deciding->match,
                                     .after = deciding->after};
    return jl_import_announce(deciding->import, &deciding->after, deciding->err);
}

enum jl_rc jl_import_decide(struct jl_import *import, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < import->row_count; i++) {
        struct jl_import_deciding deciding = {
            .import = import, .row = &import->rows[i], .err = err};
        rc = decide_row(&deciding);
    }
    return rc;
}
