/* Base rows: what lies under local changes, and the record that shows on top of it. */
#include "base_rows.h"
#include "office.h"
#include "office_outbox.h"

#include "jielian/base/fault.h"
#include "jielian/base/reader.h"
#include "jielian/record/fields.h"
#include "jielian/store/bases.h"

#include <string.h>

enum jl_rc jl_base_row_put(struct jl_office *office, int64_t rid, const struct jl_row *row,
                           struct jl_err *err) {
    JL_AUTO(jl_buf) plain = {0};
    JL_AUTO(jl_buf) sealed = {0};
    enum jl_rc rc = jl_buf_put_varint(&plain, row->owner, err);
    if (rc == JL_OK) {
        rc = jl_fields_encode(row->fields, row->field_count, &plain, err);
    }
    if (rc == JL_OK) {
        rc =
            jl_books_seal(office->books, "base", (uint64_t)rid, jl_buf_bytes(&plain), &sealed, err);
    }
    return rc == JL_OK ? jl_bases_put(office->books->store, rid, jl_buf_bytes(&sealed), err) : rc;
}

enum jl_rc jl_base_row_get(struct jl_office *office, const struct jl_head *head,
                           struct jl_arena *arena, struct jl_row *out_row, bool *out_found,
                           struct jl_err *err) {
    JL_AUTO(jl_buf) sealed = {0};
    JL_AUTO(jl_buf) plain = {0};
    struct jl_bytes copy = {0};
    *out_row = (struct jl_row){.type = head->type, .id = head->id, .owner = head->owner};
    enum jl_rc rc = jl_bases_get(office->books->store, head->rid, &sealed, out_found, err);
    if (rc != JL_OK || !*out_found) {
        return rc;
    }
    rc = jl_books_unseal_bytes(office->books, "base", (uint64_t)head->rid, jl_buf_bytes(&sealed),
                               &plain, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(arena, jl_buf_bytes(&plain), &copy, err);
    }
    uint64_t owner = 0;
    struct jl_reader reader = {.rest = copy};
    if (rc == JL_OK) {
        rc = jl_reader_varint(&reader, &owner, err);
    }
    if (rc == JL_OK) {
        out_row->owner = (uint32_t)owner;
        rc = jl_fields_decode(reader.rest, false, arena, &out_row->fields, &out_row->field_count,
                              err);
    }
    return rc;
}

/* While a batch's verdicts are taken, the ops that it applied are not in the base yet. */
static bool counts_still(const struct jl_office *office, const struct jl_outbox_entry *entry) {
    return entry->pos > office->state.confirmed_pos &&
           (entry->state == JL_OUTBOX_PENDING || entry->state == JL_OUTBOX_APPLIED);
}

/* Has it the whole row? A restored record whose making was refused is made by that. */
static bool makes(const struct jl_op *op) {
    return op->kind == JL_OP_CREATE || op->kind == JL_OP_RESTORE;
}

/* A record that a merge made anew under its new key, and the district refused: while the one under
 * its old key is there, it is no record. */
static enum jl_rc is_copy(struct jl_office *office, const struct jl_op *op, bool *out_copy,
                          struct jl_err *err) {
    const struct jl_record_key key = {.type = op->type, .id = op->other};
    JL_AUTO(jl_arena) arena = {0};
    struct jl_head head = {0};
    *out_copy = false;
    if (!makes(op) || jl_id_is_zero(&op->other)) {
        return JL_OK;
    }
    enum jl_rc rc = jl_records_heads(office->books->store, &key, 1, &arena, &head, err);
    *out_copy = rc == JL_OK && head.rid != 0 && head.state == JL_RECORD_LIVE;
    return rc;
}

/* Without a base: was the op that makes the record taken all the same, just now? And was the record
 * deleted here, or does it stand as deleted because the district says so? */
struct baseless {
    bool made, deleted_here, copy;
};

static enum jl_rc look_without_base(struct jl_office *office, int64_t rid, struct jl_arena *arena,
                                    struct baseless *out, struct jl_err *err) {
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    *out = (struct baseless){0};
    enum jl_rc rc = jl_outbox_of(office->books->store, rid, arena, &entries, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        struct jl_op op;
        rc = jl_office_outbox_op(office, &entries[i], arena, &op, err);
        if (rc == JL_OK) {
            out->made = out->made || (counts_still(office, &entries[i]) && makes(&op));
            out->deleted_here = out->deleted_here || op.kind == JL_OP_DELETE;
            rc = is_copy(office, &op, &out->copy, err);
        }
    }
    return rc;
}

enum jl_rc jl_base_rows_lay_pending(struct jl_office *office, int64_t rid, struct jl_arena *arena,
                                    struct jl_row *row, size_t *out_laid, struct jl_err *err) {
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    *out_laid = 0;
    enum jl_rc rc = jl_outbox_of(office->books->store, rid, arena, &entries, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        struct jl_op op;
        if (!counts_still(office, &entries[i])) {
            continue;
        }
        rc = jl_office_outbox_op(office, &entries[i], arena, &op, err);
        if (rc == JL_OK) {
            rc = jl_op_lay(&op, row, arena, err);
            ++*out_laid;
        }
    }
    return rc;
}

enum jl_rc jl_base_rows_show(struct jl_office *office, int64_t rid, struct jl_arena *arena,
                             struct jl_err *err) {
    struct jl_book_record record = {0};
    bool found = false;
    size_t laid = 0;
    enum jl_rc rc = jl_books_load_rids(office->books, &rid, 1, arena, &record, err);
    struct jl_head before = record.head;
    struct jl_row shown = {0};
    if (rc == JL_OK && before.rid == 0) {
        return JL_OK; /* purged meanwhile: nothing to show */
    }
    if (rc == JL_OK && before.state == JL_RECORD_LEFT) {
        return JL_OK; /* it went to another office: a refused late change does not bring it back */
    }
    if (rc == JL_OK) {
        rc = jl_base_row_get(office, &before, arena, &shown, &found, err);
    }
    if (rc == JL_OK && !found) {
        struct baseless without;
        rc = look_without_base(office, rid, arena, &without, err);
        if (rc == JL_OK && !without.made && !without.deleted_here &&
            before.state == JL_RECORD_DELETED) {
            return JL_OK; /* the district has deleted it: a refused change does not bring it back */
        }
        found = rc == JL_OK && (without.made || without.copy);
        shown.deleted = without.copy && !without.made;
    }
    if (rc == JL_OK && !found) {
        /* The district has no such row: keep what the clerk typed, not counted, to be corrected. */
        record.head.state = JL_RECORD_PARKED;
        shown = record.row;
    } else if (rc == JL_OK) {
        rc = jl_base_rows_lay_pending(office, rid, arena, &shown, &laid, err);
        record.head.state = shown.deleted ? JL_RECORD_DELETED : JL_RECORD_LIVE;
    }
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_row previous = record.row;
    record.row = shown;
    struct jl_book_write write = {.record = &record, .before = &previous};
    rc = jl_books_write(office->books, &write, 1, arena, err);
    if (rc == JL_OK) {
        jl_office_recount(office, &before, &record.head);
    }
    return rc;
}

/* A confirmed op of a record that has others on their way: what these lie on has it from now on. */
static enum jl_rc follow(struct jl_office *office, const struct jl_outbox_entry *entry,
                         const struct jl_head *head, struct jl_arena *arena, struct jl_err *err) {
    struct jl_row base = {0};
    struct jl_op op;
    bool found = false;
    enum jl_rc rc = jl_office_outbox_op(office, entry, arena, &op, err);
    if (rc == JL_OK && op.kind == JL_OP_DELETE) {
        return jl_bases_drop(office->books->store, head->rid, err);
    }
    if (rc == JL_OK) {
        rc = jl_base_row_get(office, head, arena, &base, &found, err);
    }
    if (rc != JL_OK || (!found && !makes(&op))) {
        return rc;
    }
    rc = jl_op_lay(&op, &base, arena, err);
    return rc == JL_OK ? jl_base_row_put(office, head->rid, &base, err) : rc;
}

enum jl_rc jl_base_rows_follow(struct jl_office *office, uint64_t first, uint64_t last,
                               struct jl_arena *arena, struct jl_err *err) {
    struct jl_store *store = office->books->store;
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    if (last >= office->state.head_pos) {
        return JL_OK; /* nothing is on its way behind them */
    }
    enum jl_rc rc = jl_outbox_range(store, first, (size_t)(last - first + 1), SIZE_MAX, arena,
                                    &entries, &count, err);
    if (rc != JL_OK) {
        return rc;
    }
    int64_t *rids = jl_arena_alloc(arena, (count + 1) * sizeof *rids);
    struct jl_stored *records = jl_arena_zalloc(arena, count + 1, sizeof *records);
    if (rids == NULL || records == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        rids[i] = entries[i].rid;
    }
    rc = jl_records_load_rids(store, rids, count, arena, records, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        /* What is not plainly applied is refused, or the district sends the row as it is now. */
        bool applied = entries[i].state == JL_OUTBOX_APPLIED;
        if (applied && records[i].head.rid != 0 && records[i].head.last > last) {
            rc = follow(office, &entries[i], &records[i].head, arena, err);
        }
    }
    return rc;
}
