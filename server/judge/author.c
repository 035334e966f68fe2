/* Who wrote what stands in a field: asked for each conflict, so it must cost the same however long
 * the record's history is.
 *
 *   ops of this batch ─> touched->wrote ─> (after the batch) table `author`, one line for each
 * field
 *
 * A line says who last set the field to a value that stood; field 0 says who made the record, or
 * brought it back, and stands for all fields without a line. An offer that did not stand leaves
 * none. Entries of rules 0 and 1 have no lines: for them, and for what was written by them, the
 * journal is read from the newest line back, which JL_OLD_READS bounds for each batch. */
#include "author.h"
#include "apply.h"

#include "server/books/journal.h"

#include "jielian/base/fault.h"
#include "jielian/store/authors.h"

#include <string.h>

enum { WHOLE_RECORD = 0 };

static void put_staff(struct jl_author *author, struct jl_bytes staff) {
    size_t size = staff.size < JL_STAFF_MAX_BYTES ? staff.size : JL_STAFF_MAX_BYTES;
    if (size > 0) {
        memcpy(author->staff, staff.data, size);
    }
}

void jl_author_of_op(const struct jl_apply *apply, const struct jl_op *op,
                     struct jl_author *out_author) {
    *out_author = (struct jl_author){.journal_seq = UINT64_MAX,
                                     .side = apply->author,
                                     .office = apply->office,
                                     .made_ms = op->made_ms};
    put_staff(out_author, op->staff);
}

/* ---- Noting ---- */

static struct jl_wrote *find_wrote(const struct jl_touched *touched, uint32_t field) {
    for (size_t i = 0; i < touched->wrote_count; i++) {
        if (touched->wrote[i].field == field) {
            return &touched->wrote[i];
        }
    }
    return NULL;
}

static enum jl_rc note(struct jl_apply *apply, struct jl_touched *touched, uint32_t field,
                       size_t index, struct jl_err *err) {
    enum { FIRST = 4 };
    struct jl_wrote *wrote = find_wrote(touched, field);
    if (wrote == NULL && touched->wrote_count == touched->wrote_capacity) {
        size_t capacity = touched->wrote_capacity > 0 ? 2 * touched->wrote_capacity : FIRST;
        struct jl_wrote *list = jl_arena_zalloc(apply->arena, capacity, sizeof *list);
        if (list == NULL) {
            return jl_fault_memory(err);
        }
        for (size_t i = 0; i < touched->wrote_count; i++) {
            list[i] = touched->wrote[i];
        }
        touched->wrote = list;
        touched->wrote_capacity = capacity;
    }
    if (wrote == NULL) {
        wrote = &touched->wrote[touched->wrote_count++];
    }
    *wrote = (struct jl_wrote){.field = field, .op = index};
    return JL_OK;
}

/* What the catalogue does not know may stand, but its absence is nobody's. */
static bool stands(const struct jl_type *type, const struct jl_row *row,
                   const struct jl_field_value *set) {
    const struct jl_value *value = jl_row_get(row, set->field);
    return value != NULL
               ? jl_value_equal(value, &set->value)
               : set->value.kind == JL_VALUE_NULL && jl_type_field(type, set->field) != NULL;
}

enum jl_rc jl_author_note(struct jl_apply *apply, size_t index, const struct jl_type *type,
                          struct jl_touched *touched, enum jl_merge_effect effect,
                          struct jl_err *err) {
    const struct jl_op *op = &apply->ops[index];
    bool lived = apply->now->row_was_there && !apply->now->row_was.deleted;
    enum jl_rc rc = JL_OK;
    if (apply->head->rules < 2) {
        return JL_OK;
    }
    if ((op->kind == JL_OP_CREATE || op->kind == JL_OP_RESTORE) && effect != JL_EFFECT_NONE &&
        !lived) {
        touched->wrote_count = 0;
        return note(apply, touched, WHOLE_RECORD, index, err);
    }
    for (size_t i = 0; rc == JL_OK && i < op->new_count; i++) {
        if (stands(type, &touched->record.row, &op->new_fields[i])) {
            rc = note(apply, touched, op->new_fields[i].field, index, err);
        }
    }
    return rc;
}

static enum jl_rc keep_of(struct jl_apply *apply, const struct jl_touched *touched,
                          struct jl_err *err) {
    struct jl_store *store = apply->district->books->store;
    int64_t rid = touched->record.head.rid;
    bool anew = touched->was_there && find_wrote(touched, WHOLE_RECORD) != NULL;
    enum jl_rc rc = anew ? jl_authors_forget(store, rid, err) : JL_OK;
    for (size_t i = 0; rc == JL_OK && i < touched->wrote_count; i++) {
        const struct jl_op *op = &apply->ops[touched->wrote[i].op];
        const struct jl_author_entry author = {.rid = rid,
                                               .field = touched->wrote[i].field,
                                               .journal_seq = apply->district->state.journal_seq,
                                               .device = apply->device,
                                               .office = apply->office,
                                               .made_ms = op->made_ms,
                                               .staff = op->staff};
        rc = jl_authors_put(store, &author, err);
    }
    return rc;
}

enum jl_rc jl_author_keep(struct jl_apply *apply, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < apply->list_count; i++) {
        const struct jl_touched *touched = apply->list[i];
        rc = touched->wrote_count > 0 && touched->record.head.rid != 0
                 ? keep_of(apply, touched, err)
                 : JL_OK;
    }
    return rc;
}

/* ---- Written before there were authors ---- */

/* By the rules of number 0 the last one that set the field; since then the last one that set it to
 * this value, for an offer that did not stand is in the history, too; if there is none, the last
 * one that set it to any. */
struct search {
    uint32_t field;
    const struct jl_value *value; /* NULL: any */
    struct jl_author *author;
    bool found; /* one that set it */
    bool exact; /* … to the value: no other is asked for */
};

static bool sets_field(const struct jl_op *op, uint32_t field) {
    for (size_t i = 0; i < op->new_count; i++) {
        if (op->new_fields[i].field == field) {
            return true;
        }
    }
    return op->kind == JL_OP_CREATE || op->kind == JL_OP_RESTORE;
}

static bool sets_value(const struct jl_op *op, const struct search *search) {
    const struct jl_value none = jl_value_null();
    const struct jl_value *set = &none; /* a field that a CREATE does not name */
    for (size_t i = 0; i < op->new_count; i++) {
        if (op->new_fields[i].field == search->field) {
            set = &op->new_fields[i].value;
        }
    }
    return search->value == NULL || jl_value_equal(set, search->value);
}

/* The op being judged may have touched the record already; it is not the one asked for. */
static void search_batch(const struct jl_apply *apply, const struct jl_touched *touched,
                         struct search *search) {
    size_t newest = touched->last_op < apply->now->index ? touched->last_op : apply->now->index;
    for (size_t i = newest; i > 0 && !search->exact; i--) {
        const struct jl_op *op = &apply->ops[i - 1];
        if (op->type == touched->key.type && jl_id_equal(&op->id, &touched->key.id) &&
            sets_field(op, search->field) && sets_value(op, search)) {
            jl_author_of_op(apply, op, search->author);
            search->found = search->exact = true;
        }
    }
}

static void look_at(const struct jl_history_line *line, struct search *search) {
    if (!sets_field(&line->op, search->field) || line->verdict == JL_VERDICT_PARKED) {
        return;
    }
    search->exact = sets_value(&line->op, search);
    if (!search->exact && search->found) {
        return;
    }
    search->found = true;
    *search->author =
        (struct jl_author){.journal_seq = line->journal_seq,
                           .side = line->device == 0 ? JL_SIDE_DISTRICT : JL_SIDE_OFFICE,
                           .office = line->office,
                           .made_ms = line->op.made_ms};
    put_staff(search->author, line->op.staff);
}

static enum jl_rc search_lines(struct jl_apply *apply, struct jl_touched *touched,
                               struct search *search, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    enum jl_rc rc = search->exact ? JL_OK : jl_touched_lines(apply, touched, err);
    for (size_t i = touched->line_count; rc == JL_OK && !search->exact && i > 0; i--) {
        struct jl_history_line line = {0};
        if (apply->old_reads == 0) {
            return JL_OK; /* what is older is not asked: nobody is named, or who set it last */
        }
        apply->old_reads--;
        jl_arena_reset(&arena);
        rc = jl_journal_line(apply->district, &apply->cached, &touched->lines[i - 1], &arena, &line,
                             err);
        if (rc == JL_OK) {
            look_at(&line, search);
        }
    }
    return rc;
}

/* ---- Asking ---- */

static enum jl_rc load_authors(struct jl_apply *apply, struct jl_touched *touched,
                               struct jl_err *err) {
    if (touched->authors_read || !touched->was_there) {
        return JL_OK;
    }
    enum jl_rc rc = jl_authors_of(apply->district->books->store, touched->before.rid, apply->arena,
                                  &touched->authors, &touched->author_count, err);
    touched->authors_read = rc == JL_OK;
    return rc;
}

static const struct jl_author_entry *find_author(const struct jl_touched *touched, uint32_t field) {
    for (size_t i = 0; i < touched->author_count; i++) {
        if (touched->authors[i].field == field) {
            return &touched->authors[i];
        }
    }
    return NULL;
}

static enum jl_rc find_noted(struct jl_apply *apply, struct jl_touched *touched, uint32_t field,
                             bool *out_found, struct jl_author *out_author, struct jl_err *err) {
    const struct jl_wrote *wrote = find_wrote(touched, field);
    wrote = wrote != NULL ? wrote : find_wrote(touched, WHOLE_RECORD);
    *out_found = wrote != NULL;
    if (wrote != NULL) {
        jl_author_of_op(apply, &apply->ops[wrote->op], out_author);
        return JL_OK;
    }
    enum jl_rc rc = load_authors(apply, touched, err);
    const struct jl_author_entry *author = rc == JL_OK ? find_author(touched, field) : NULL;
    author = author != NULL || rc != JL_OK ? author : find_author(touched, WHOLE_RECORD);
    *out_found = author != NULL;
    if (author != NULL) {
        *out_author =
            (struct jl_author){.journal_seq = author->journal_seq,
                               .side = author->device == 0 ? JL_SIDE_DISTRICT : JL_SIDE_OFFICE,
                               .office = author->office,
                               .made_ms = author->made_ms};
        put_staff(out_author, author->staff);
    }
    return rc;
}

enum jl_rc jl_author_of(struct jl_apply *apply, struct jl_touched *touched, uint32_t field,
                        const struct jl_value *value, struct jl_author *out_author,
                        struct jl_err *err) {
    struct search search = {
        .field = field, .value = apply->head->rules > 0 ? value : NULL, .author = out_author};
    bool noted = false;
    *out_author = (struct jl_author){.side = JL_SIDE_DISTRICT};
    if (apply->head->rules < 2) {
        search_batch(apply, touched, &search);
        return search_lines(apply, touched, &search, err);
    }
    enum jl_rc rc = find_noted(apply, touched, field, &noted, out_author, err);
    return rc == JL_OK && !noted ? search_lines(apply, touched, &search, err) : rc;
}
