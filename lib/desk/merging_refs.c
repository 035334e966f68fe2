/* References to the record that goes, by type:
 *
 *   the type only grows             stays as it is: it tells what was
 *   the reference is in no key      EDIT
 *   … in the natural key, and the record under the new key is
 *       absent                      DELETE, CREATE
 *       deleted                     DELETE, RESTORE (and TRANSFER when it was another office's)
 *       there                       DELETE, EDIT that fills its blanks: the double collapses
 *
 * At an office a deleted one is made anew (its natural key is free), and what is not the office's
 * own (another's record, a transfer) stops the merge: it is the district's to do.
 *
 * Records that were deleted keep their references: they are what they were. */
#include "merging.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/language.h"
#include "jielian/desk/transfer.h"
#include "jielian/op/merge.h"
#include "jielian/record/natural_key.h"

#include <stdlib.h>
#include <string.h>

struct finding {
    struct jl_merging *merging;
    const struct jl_type *type; /* of the records that refer */
    int64_t *rids;
    size_t count;
    struct jl_value gone; /* what they hold */
    struct jl_value kept; /* what they shall hold */
};

/* ---- Finding ---- */

static enum jl_rc too_many(struct jl_err *err) {
    return jl_fault_at(err, JL_LIMIT, JL_FAULT_MERGING_REFS, "%d", (int)JL_MERGING_REFS_MAX);
}

static bool refers(const struct finding *finding, const struct jl_field *field,
                   const struct jl_row *row) {
    const struct jl_value *value = jl_row_get(row, field->number);
    return field->kind == JL_KIND_REF && field->ref_type == finding->merging->type_number &&
           value != NULL && jl_value_equal(value, &finding->gone);
}

static enum jl_rc add_rid(struct finding *finding, int64_t rid, struct jl_err *err) {
    if (finding->count == JL_MERGING_REFS_MAX) {
        return too_many(err);
    }
    finding->rids[finding->count++] = rid;
    return JL_OK;
}

struct scanning { /* a sealed reference has no index */
    struct finding *finding;
    const struct jl_field *field;
};

static enum jl_rc scan_one(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct scanning *scanning = context;
    struct jl_book_record record = {0};
    JL_AUTO(jl_arena) arena = {0};
    enum jl_rc rc =
        jl_books_unseal(scanning->finding->merging->desk->books, stored, &arena, &record, err);
    return rc == JL_OK && refers(scanning->finding, scanning->field, &record.row)
               ? add_rid(scanning->finding, stored->head.rid, err)
               : rc;
}

static enum jl_rc find_field(struct finding *finding, const struct jl_field *field,
                             struct jl_err *err) {
    struct jl_merging *merging = finding->merging;
    struct jl_books *books = merging->desk->books;
    JL_AUTO(jl_arena) arena = {0};
    size_t count = 0;
    if (field->sensitive) {
        const struct jl_scan scan = {.type = finding->type->number};
        struct scanning scanning = {.finding = finding, .field = field};
        return jl_records_scan(books->store, &scan, scan_one, &scanning, err);
    }
    /* Tombstones are among them, so the bound may be met a little early. */
    int64_t *rids = jl_arena_zalloc(&arena, JL_MERGING_REFS_MAX + 1, sizeof *rids);
    if (rids == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_books_find(books, finding->type->number, field->number, &finding->gone, 1,
                                  JL_MERGING_REFS_MAX + 1, rids, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = add_rid(finding, rids[i], err);
    }
    return rc;
}

static int by_rid(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return left < right ? -1 : left > right;
}

/* A record that refers twice is one record. */
static void sort_rids(struct finding *finding) {
    size_t kept = 0;
    if (finding->count == 0) {
        return;
    }
    qsort(finding->rids, finding->count, sizeof *finding->rids, by_rid);
    for (size_t i = 1; i < finding->count; i++) {
        if (finding->rids[i] != finding->rids[kept]) {
            finding->rids[++kept] = finding->rids[i];
        }
    }
    finding->count = kept + 1;
}

/* ---- Records whose natural key moves ---- */

/* What refers to the record under its old key would lose it. */
static enum jl_rc refuse_referred(const struct finding *finding,
                                  const struct jl_book_record *record, struct jl_err *err) {
    const struct jl_merging *merging = finding->merging;
    struct jl_books *books = merging->desk->books;
    const struct jl_value value = jl_value_ref(&record->row.id);
    char text[JL_ID_TEXT_BYTES];
    for (size_t t = 0; t < jl_catalogue_type_count(books->catalogue); t++) {
        const struct jl_type *type = jl_catalogue_type_at(books->catalogue, t);
        for (size_t i = 0; i < type->field_count; i++) {
            const struct jl_field *field = &type->fields[i];
            int64_t rid = 0;
            size_t count = 0;
            if (field->kind != JL_KIND_REF || field->ref_type != finding->type->number ||
                field->sensitive) {
                continue;
            }
            enum jl_rc rc =
                jl_books_find(books, type->number, field->number, &value, 1, 1, &rid, &count, err);
            if (rc != JL_OK) {
                return rc;
            }
            if (count > 0) {
                jl_id_format(&record->row.id, text);
                return jl_fault_at(err, JL_CONFLICT, JL_FAULT_MERGING_IDENTITY,
                                   "%s" JL_AND "%s" JL_AND "%s",
                                   jl_desk_label(merging->desk, &finding->type->label), text,
                                   jl_desk_label(merging->desk, &type->label));
            }
        }
    }
    return JL_OK;
}

static bool same_value(const struct jl_row *a, const struct jl_row *b, uint32_t field) {
    const struct jl_value *left = jl_row_get(a, field);
    const struct jl_value *right = jl_row_get(b, field);
    return left != NULL && right != NULL && jl_value_equal(left, right);
}

static enum jl_rc fill_double(struct finding *finding, const struct jl_book_record *target,
                              const struct jl_book_record *old, const struct jl_row *row,
                              struct jl_err *err) {
    struct jl_merging *merging = finding->merging;
    struct jl_change change = {.kind = JL_OP_EDIT, .before = target, .other = old->row.id};
    bool filled = false;
    bool differs = false;
    enum jl_rc rc = jl_row_dup(&merging->arena, &target->row, &change.after, err);
    for (size_t i = 0; rc == JL_OK && i < row->field_count; i++) {
        uint32_t field = row->fields[i].field;
        if (jl_row_get(&target->row, field) == NULL) {
            rc = jl_row_set(&change.after, field, &row->fields[i].value, &merging->arena, err);
            filled = true;
        } else {
            differs = differs || !same_value(&target->row, row, field);
        }
    }
    merging->differing += differs ? 1 : 0;
    return rc == JL_OK && filled ? jl_merging_add(merging, &change, err) : rc;
}

static enum jl_rc make_again(struct finding *finding, const struct jl_book_record *old,
                             const struct jl_book_record *target, const struct jl_row *row,
                             struct jl_err *err) {
    struct jl_merging *merging = finding->merging;
    bool there = target->head.rid != 0 && !jl_merging_at_office(merging);
    const struct jl_change change = {.kind = there ? JL_OP_RESTORE : JL_OP_CREATE,
                                     .before = there ? target : NULL,
                                     .after = *row,
                                     .other = old->row.id};
    enum jl_rc rc = jl_merging_add(merging, &change, err);
    if (rc == JL_OK && there && target->row.owner != row->owner) {
        const struct jl_change move = {.kind = JL_OP_TRANSFER, .before = target, .after = *row};
        rc = jl_merging_add(merging, &move, err);
    }
    return rc;
}

static enum jl_rc move_key(struct finding *finding, const struct jl_book_record *record,
                           struct jl_row *row, struct jl_merging_group *group, struct jl_err *err) {
    struct jl_merging *merging = finding->merging;
    struct jl_books *books = merging->desk->books;
    struct jl_record_key key = {.type = finding->type->number};
    struct jl_book_record *target = jl_arena_zalloc(&merging->arena, 1, sizeof *target);
    if (target == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = refuse_referred(finding, record, err);
    if (rc == JL_OK) {
        rc = jl_natural_key_id(books->hasher, finding->type, row, &key.id, err);
    }
    if (rc == JL_OK) {
        rc = jl_books_load(books, &key, 1, &merging->arena, target, err);
    }
    const struct jl_change change = {
        .kind = JL_OP_DELETE, .before = record, .after = record->row, .other = key.id};
    if (rc == JL_OK) {
        rc = jl_merging_add(merging, &change, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    row->id = key.id;
    if (target->head.rid != 0 && !target->row.deleted) {
        merging->duplicates++;
        group->duplicates++;
        return fill_double(finding, target, record, row, err);
    }
    return make_again(finding, record, target, row, err);
}

/* ---- One record ---- */

static struct jl_merging_group *group_of(struct jl_merging *merging, uint32_t type,
                                         uint32_t office) {
    for (size_t i = 0; i < merging->group_count; i++) {
        if (merging->groups[i].type == type && merging->groups[i].office == office) {
            return &merging->groups[i];
        }
    }
    JL_ASSERT(merging->group_count < JL_MERGING_REFS_MAX);
    struct jl_merging_group *group = &merging->groups[merging->group_count++];
    *group = (struct jl_merging_group){.type = type, .office = office};
    return group;
}

static bool in_key(const struct jl_type *type, uint32_t field) {
    for (size_t i = 0; i < type->natural_key_count; i++) {
        if (type->natural_key[i] == field) {
            return true;
        }
    }
    return false;
}

static bool under_way(const struct jl_type *type, const struct jl_row *row) {
    const struct jl_value *status = jl_row_get(row, type->flow.field);
    return type->transfer_subject != 0 && status != NULL && status->kind == JL_VALUE_INT &&
           jl_transfer_open(type, status->number);
}

/* A transfer is of two offices. */
static void note_elsewhere(struct jl_merging *merging, const struct jl_type *type,
                           const struct jl_row *row) {
    merging->transfer = merging->transfer || under_way(type, row);
    merging->elsewhere =
        merging->elsewhere || type->transfer_subject != 0 || row->owner != merging->desk->owner;
}

static enum jl_rc move_record(struct finding *finding, const struct jl_book_record *record,
                              struct jl_err *err) {
    struct jl_merging *merging = finding->merging;
    const struct jl_type *type = finding->type;
    struct jl_change change = {.kind = JL_OP_EDIT, .before = record, .other = merging->gone_id};
    bool keyed = false;
    if (type->append_only && merging->late) {
        return JL_OK;
    }
    if (merging->references == JL_MERGING_REFS_MAX) {
        return too_many(err);
    }
    merging->references++;
    struct jl_merging_group *group = group_of(merging, type->number, record->row.owner);
    group->references++;
    if (jl_merging_at_office(merging) && !type->append_only) {
        note_elsewhere(merging, type, &record->row);
    }
    if (type->append_only) {
        merging->fixed++;
        group->fixed++;
        return JL_OK;
    }
    enum jl_rc rc = jl_row_dup(&merging->arena, &record->row, &change.after, err);
    for (size_t i = 0; rc == JL_OK && i < type->field_count; i++) {
        const struct jl_field *field = &type->fields[i];
        if (refers(finding, field, &record->row)) {
            rc = jl_row_set(&change.after, field->number, &finding->kept, &merging->arena, err);
            keyed = keyed || in_key(type, field->number);
        }
    }
    if (rc != JL_OK) {
        return rc;
    }
    return keyed ? move_key(finding, record, &change.after, group, err)
                 : jl_merging_add(merging, &change, err);
}

static bool is_one_of_both(const struct jl_merging *merging, const struct jl_row *row) {
    return row->type == merging->type_number &&
           (jl_id_equal(&row->id, &merging->kept_id) || jl_id_equal(&row->id, &merging->gone_id));
}

static enum jl_rc find_in_type(struct finding *finding, struct jl_err *err) {
    struct jl_merging *merging = finding->merging;
    enum jl_rc rc = JL_OK;
    finding->count = 0;
    for (size_t i = 0; rc == JL_OK && i < finding->type->field_count; i++) {
        const struct jl_field *field = &finding->type->fields[i];
        if (field->kind == JL_KIND_REF && field->ref_type == merging->type_number) {
            rc = find_field(finding, field, err);
        }
    }
    if (rc != JL_OK || finding->count == 0) {
        return rc;
    }
    sort_rids(finding);
    struct jl_book_record *records =
        jl_arena_zalloc(&merging->arena, finding->count, sizeof *records);
    if (records == NULL) {
        return jl_fault_memory(err);
    }
    rc = jl_books_load_rids(merging->desk->books, finding->rids, finding->count, &merging->arena,
                            records, err);
    for (size_t i = 0; rc == JL_OK && i < finding->count; i++) {
        bool moves = records[i].head.rid != 0 && !records[i].row.deleted &&
                     records[i].head.state != JL_RECORD_LEFT &&
                     !is_one_of_both(merging, &records[i].row);
        rc = moves ? move_record(finding, &records[i], err) : JL_OK;
    }
    return rc;
}

/* ---- At an office: what else is in its way ---- */

/* Is the one that is kept in a transfer that is under way? */
static enum jl_rc look_at_transfers(struct jl_merging *merging, const struct jl_type *type,
                                    struct jl_err *err) {
    struct jl_books *books = merging->desk->books;
    const struct jl_field *field = jl_type_field(type, type->transfer_subject);
    const struct jl_value kept = jl_value_ref(&merging->kept_id);
    JL_AUTO(jl_arena) arena = {0};
    size_t count = 0;
    if (field == NULL || field->ref_type != merging->type_number || field->sensitive) {
        return JL_OK;
    }
    int64_t *rids = jl_arena_zalloc(&arena, JL_MERGING_REFS_MAX, sizeof *rids);
    struct jl_book_record *records = jl_arena_zalloc(&arena, JL_MERGING_REFS_MAX, sizeof *records);
    if (rids == NULL || records == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_books_find(books, type->number, field->number, &kept, 1, JL_MERGING_REFS_MAX,
                                  rids, &count, err);
    if (rc == JL_OK) {
        rc = jl_books_load_rids(books, rids, count, &arena, records, err);
    }
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        merging->transfer = merging->transfer || (jl_books_head_shown(&records[i].head) &&
                                                  under_way(type, &records[i].row));
    }
    return rc;
}

/* The case that says of a record: another office has the same, the district looks into it. */
static enum jl_rc look_at_case(void *context, const struct jl_open_case *found,
                               struct jl_err *err) {
    struct jl_merging *merging = context;
    struct jl_book_record record = {0};
    JL_AUTO(jl_arena) arena = {0};
    if (found->kind != JL_CASE_DUPLICATE || found->subject_type != merging->type_number ||
        !jl_id_equal(&found->subject, &merging->gone_id)) {
        return JL_OK;
    }
    enum jl_rc rc =
        jl_books_load_rids(merging->desk->books, &found->head->rid, 1, &arena, &record, err);
    merging->checked =
        merging->checked || (rc == JL_OK && jl_row_get(&record.row, JL_CASE_OTHER_ID) == NULL);
    return rc;
}

static enum jl_rc look_around(struct jl_merging *merging, struct jl_err *err) {
    struct jl_books *books = merging->desk->books;
    enum jl_rc rc = jl_books_open_cases(books, look_at_case, merging, err);
    for (size_t i = 0; rc == JL_OK && i < jl_catalogue_type_count(books->catalogue); i++) {
        const struct jl_type *type = jl_catalogue_type_at(books->catalogue, i);
        rc = type->transfer_subject != 0 ? look_at_transfers(merging, type, err) : JL_OK;
    }
    return rc;
}

enum jl_rc jl_merging_find_refs(struct jl_merging *merging, struct jl_err *err) {
    const struct jl_catalogue *catalogue = merging->desk->books->catalogue;
    struct finding finding = {.merging = merging,
                              .gone = jl_value_ref(&merging->gone_id),
                              .kept = jl_value_ref(&merging->kept_id)};
    enum jl_rc rc = JL_OK;
    finding.rids = jl_arena_zalloc(&merging->arena, JL_MERGING_REFS_MAX, sizeof *finding.rids);
    if (finding.rids == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; rc == JL_OK && i < jl_catalogue_type_count(catalogue); i++) {
        finding.type = jl_catalogue_type_at(catalogue, i);
        rc = find_in_type(&finding, err);
    }
    return rc == JL_OK && jl_merging_at_office(merging) ? look_around(merging, err) : rc;
}
