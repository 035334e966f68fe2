/* Local changes: record, op, sums and counters in one transaction, synchronous=FULL.
 *
 * A change of a parked record is sent as a whole create again, because the district has no row that
 * an edit could build on; the parked ops behind it are then superseded. */
#include "save.h"
#include "base_rows.h"
#include "office.h"

#include "jielian/base/fault.h"
#include "jielian/sync/chain.h"

#include <string.h>

enum {
    /* A transaction's changes are made in steps of so many, an import's chunk in one: working
     * memory is about 4 KiB each. */
    STEP_CHANGES = JL_IMPORT_CHUNK_ROWS,
};

struct save {
    struct jl_office *office;
    struct jl_id change_set;
    struct jl_arena arena; /* of one step */
    struct jl_buf op_bytes;
    struct jl_buf plain;
    struct jl_buf sealed;
    struct jl_outbox_entry *entries;
    struct jl_book_record *records;
    struct jl_book_write *writes;
    struct jl_bytes staff;
    int64_t now_ms;
    uint64_t parked;           /* ops in the outbox that the district has refused */
    const struct jl_op *again; /* the refused op to send once more; NULL: one is made */
};

static void save_fini(struct save *save) {
    jl_arena_fini(&save->arena);
    jl_buf_wipe(&save->op_bytes);
    jl_buf_wipe(&save->plain);
    jl_buf_fini(&save->sealed);
}

/* What the op said when it was refused. Its old values stay, so that the district sees what moved
 * since; and it is judged by what its author had read, but never by more than is read now (a
 * restored district numbers its feed anew). */
static struct jl_op once_more(const struct save *save) {
    const struct jl_office_state *state = &save->office->state;
    struct jl_op op = *save->again;
    op.made_ms = save->now_ms;
    op.staff = save->staff;
    op.number = state->head_pos + 1;
    op.change_set = save->change_set;
    op.cursor = op.cursor < state->cursor[1] ? op.cursor : state->cursor[1];
    return op;
}

static enum jl_rc make_op(struct save *save, const struct jl_change *change, struct jl_op *out_op,
                          struct jl_err *err) {
    struct jl_office_state *state = &save->office->state;
    if (save->again != NULL) {
        *out_op = once_more(save);
        return JL_OK;
    }
    *out_op = (struct jl_op){.kind = change->kind,
                             .type = change->after.type,
                             .id = change->after.id,
                             .made_ms = save->now_ms,
                             .staff = save->staff,
                             .cursor = state->cursor[1],
                             .number = state->head_pos + 1,
                             .change_set = save->change_set,
                             .other = change->other,
                             .reason = change->reason};
    bool parked = change->before != NULL && change->before->head.state == JL_RECORD_PARKED;
    if (parked && change->kind == JL_OP_EDIT) {
        out_op->kind = JL_OP_CREATE;
        out_op->other = (struct jl_id){{0}}; /* of a merge it is no part: the district has no row */
    }
    if (out_op->kind == JL_OP_TRANSFER) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_SAVE_DISTRICTS);
    }
    return jl_change_op(change, &save->arena, out_op, err);
}

/* The record must be as the change's author saw it. */
static enum jl_rc check_before(const struct jl_change *change, const struct jl_head *now,
                               struct jl_err *err) {
    bool create = change->kind == JL_OP_CREATE;
    bool there = now->rid != 0 && now->state != JL_RECORD_DELETED && now->state != JL_RECORD_LEFT;
    if (create && there) {
        return jl_fault(err, JL_CONFLICT, JL_FAULT_SAVE_EXISTS);
    }
    if (create || change->kind == JL_OP_RESTORE) {
        return JL_OK;
    }
    if (!there) {
        return jl_fault(err, JL_CONFLICT, JL_FAULT_SAVE_GONE);
    }
    if (now->last != change->before->head.last ||
        memcmp(now->hash, change->before->head.hash, sizeof now->hash) != 0) {
        return jl_fault(err, JL_CONFLICT, JL_FAULT_SAVE_CHANGED);
    }
    return JL_OK;
}

static enum jl_rc append_op(struct save *save, const struct jl_op *op,
                            struct jl_outbox_entry *entry, struct jl_err *err) {
    struct jl_office *office = save->office;
    struct jl_office_state *state = &office->state;
    save->op_bytes.size = 0;
    save->plain.size = 0;
    save->sealed.size = 0;
    enum jl_rc rc = jl_wire_op_encode(op, &save->op_bytes, err);
    if (rc == JL_OK) {
        rc = jl_chain_step(office->books->hasher, state->head_hash, jl_buf_bytes(&save->op_bytes),
                           err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put(&save->plain, state->head_hash, JL_HASH_BYTES, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put(&save->plain, save->op_bytes.data, save->op_bytes.size, err);
    }
    if (rc == JL_OK) {
        rc = jl_books_seal(office->books, "outbox", state->head_pos + 1, jl_buf_bytes(&save->plain),
                           &save->sealed, err);
    }
    *entry = (struct jl_outbox_entry){.pos = state->head_pos + 1,
                                      .change_set = save->change_set,
                                      .made_ms = save->now_ms,
                                      .state = JL_OUTBOX_PENDING};
    if (rc == JL_OK) {
        rc = jl_arena_dup(&save->arena, jl_buf_bytes(&save->sealed), &entry->body, err);
    }
    if (rc == JL_OK) {
        state->head_pos++;
    }
    return rc;
}

static enum jl_rc supersede(struct save *save, int64_t rid, struct jl_err *err) {
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    struct jl_store *store = save->office->books->store;
    enum jl_rc rc = jl_outbox_of(store, rid, &save->arena, &entries, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        if (entries[i].state == JL_OUTBOX_PARKED) {
            rc = jl_outbox_set(store, entries[i].pos, JL_OUTBOX_SUPERSEDED, entries[i].reason,
                               entries[i].said, err);
        }
    }
    return rc;
}

static enum jl_rc save_one(struct save *save, const struct jl_change *change, size_t i,
                           const struct jl_head *now, struct jl_err *err) {
    struct jl_office *office = save->office;
    struct jl_book_record *record = &save->records[i];
    bool was_pending = jl_office_pending(office, now);
    struct jl_op op;
    enum jl_rc rc = save->again == NULL ? check_before(change, now, err) : JL_OK;
    if (rc == JL_OK) {
        rc = make_op(save, change, &op, err);
    }
    if (rc == JL_OK) {
        rc = append_op(save, &op, &save->entries[i], err);
    }
    if (rc == JL_OK && now->rid != 0 && now->state == JL_RECORD_LIVE && !was_pending) {
        rc = jl_base_row_put(office, now->rid, &change->before->row, err);
    }
    if (rc == JL_OK && save->parked > 0 && now->rid != 0) {
        rc = supersede(save, now->rid, err);
    }
    record->head = *now;
    record->row = change->after;
    record->row.deleted = change->kind == JL_OP_DELETE;
    record->head.state = record->row.deleted ? JL_RECORD_DELETED : JL_RECORD_LIVE;
    if (save->again != NULL && now->state != JL_RECORD_LIVE) {
        /* What the op does to a record that is gone is the district's to say. */
        record->row = change->before->row;
        record->head.state = now->state;
    }
    record->head.changed_ms = save->now_ms;
    record->head.by_device = office->identity.device;
    record->head.by_staff = save->staff;
    record->head.last = office->state.head_pos;
    save->writes[i] = (struct jl_book_write){
        .record = record, .before = change->before != NULL ? &change->before->row : NULL};
    return rc;
}

static enum jl_rc save_step(struct save *save, const struct jl_change *changes, size_t count,
                            struct jl_err *err) {
    struct jl_arena *arena = &save->arena;
    struct jl_books *books = save->office->books;
    jl_arena_reset(arena);
    struct jl_record_key *keys = jl_arena_zalloc(arena, count, sizeof *keys);
    struct jl_head *heads = jl_arena_zalloc(arena, count, sizeof *heads);
    save->entries = jl_arena_zalloc(arena, count, sizeof *save->entries);
    save->records = jl_arena_zalloc(arena, count, sizeof *save->records);
    save->writes = jl_arena_zalloc(arena, count, sizeof *save->writes);
    if (keys == NULL || heads == NULL || save->entries == NULL || save->records == NULL ||
        save->writes == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        keys[i] = (struct jl_record_key){.type = changes[i].after.type, .id = changes[i].after.id};
    }
    int64_t oldest_ms = 0;
    enum jl_rc rc = jl_records_heads(books->store, keys, count, arena, heads, err);
    if (rc == JL_OK) {
        rc = jl_outbox_count(books->store, JL_OUTBOX_PARKED, &save->parked, &oldest_ms, err);
    }
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = save_one(save, &changes[i], i, &heads[i], err);
    }
    if (rc == JL_OK) {
        rc = jl_books_write(books, save->writes, count, arena, err);
    }
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        save->entries[i].rid = save->records[i].head.rid;
        jl_office_recount(save->office, &heads[i], &save->records[i].head);
    }
    return rc == JL_OK ? jl_outbox_append(books->store, save->entries, count, err) : rc;
}

static enum jl_rc save_all(struct save *save, const struct jl_change *changes, size_t count,
                           struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t done = 0; rc == JL_OK && done < count; done += STEP_CHANGES) {
        size_t left = count - done;
        rc = save_step(save, changes + done, left < STEP_CHANGES ? left : STEP_CHANGES, err);
    }
    return rc;
}

enum jl_rc jl_save_changes(void *context, const struct jl_id *change_set,
                           const struct jl_change *changes, size_t count, struct jl_err *err) {
    struct jl_office *office = context;
    JL_AUTO(save)
    save = {.office = office,
            .staff = office->staff,
            .now_ms = office->clock.wall_ms(office->clock.context)};
    if (change_set != NULL) {
        save.change_set = *change_set;
    }
    if (count == 0) {
        return JL_OK;
    }
    enum jl_rc rc = jl_office_begin(office, true, err);
    if (rc == JL_OK) {
        rc = save_all(&save, changes, count, err);
        if (rc == JL_OK) {
            rc = jl_office_commit(office, err);
        } else {
            jl_office_rollback(office);
        }
    }
    return rc;
}

/* ---- Sending again (resend.c) ---- */

enum jl_rc jl_save_one(struct jl_office *office, const struct jl_id *change_set,
                       const struct jl_change *change, const struct jl_op *again,
                       struct jl_err *err) {
    JL_AUTO(save)
    save = {.office = office,
            .staff = office->staff,
            .now_ms = office->clock.wall_ms(office->clock.context),
            .change_set = *change_set,
            .again = again};
    return save_step(&save, change, 1, err);
}

enum jl_rc jl_save_alone(struct jl_office *office, const struct jl_id *change_set,
                         const struct jl_op *again, struct jl_err *err) {
    JL_AUTO(save)
    save = {.office = office,
            .staff = office->staff,
            .now_ms = office->clock.wall_ms(office->clock.context),
            .change_set = *change_set,
            .again = again};
    struct jl_outbox_entry entry;
    const struct jl_op op = once_more(&save);
    enum jl_rc rc = append_op(&save, &op, &entry, err);
    return rc == JL_OK ? jl_outbox_append(office->books->store, &entry, 1, err) : rc;
}
