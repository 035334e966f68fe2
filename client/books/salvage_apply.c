/* Salvaged changes into new books.
 *
 *   verdict known   at their old positions, so that `history` and `undo` find them
 *   no verdict      at the end, dense, chained anew, and laid over the district's rows
 *
 * The newest position is at least the highest number that an op carries: the next op gets one that
 * none has. */
#include "base_rows.h"
#include "salvage.h"

#include "jielian/base/fault.h"
#include "jielian/op/merge.h"
#include "jielian/sync/chain.h"

#include <string.h>

struct apply {
    struct jl_office *office;
    struct jl_arena arena; /* of one entry */
};

static enum jl_rc highest(const struct jl_salvage *salvage, struct jl_arena *arena,
                          uint64_t *out_pos, struct jl_err *err) {
    *out_pos = salvage->state_read ? salvage->state.head_pos : 0;
    for (size_t i = 0; i < salvage->count; i++) {
        struct jl_op op;
        jl_arena_reset(arena);
        enum jl_rc rc = jl_wire_op_decode(salvage->entries[i].op, arena, &op, err);
        if (rc != JL_OK) {
            return rc;
        }
        uint64_t pos = salvage->entries[i].entry.pos;
        *out_pos = op.number > *out_pos ? op.number : *out_pos;
        *out_pos = pos > *out_pos ? pos : *out_pos;
    }
    return JL_OK;
}

static enum jl_rc append(struct apply *apply, const struct jl_salvaged *salvaged, uint64_t pos,
                         struct jl_bytes hash, int64_t rid, struct jl_err *err) {
    JL_AUTO(jl_buf) plain = {0};
    JL_AUTO(jl_buf) sealed = {0};
    struct jl_books *books = apply->office->books;
    struct jl_outbox_entry entry = salvaged->entry;
    enum jl_rc rc = jl_buf_put(&plain, hash.data, hash.size, err);
    if (rc == JL_OK) {
        rc = jl_buf_put(&plain, salvaged->op.data, salvaged->op.size, err);
    }
    if (rc == JL_OK) {
        rc = jl_books_seal(books, "outbox", pos, jl_buf_bytes(&plain), &sealed, err);
    }
    entry.pos = pos;
    entry.rid = rid;
    entry.body = jl_buf_bytes(&sealed);
    return rc == JL_OK ? jl_outbox_append(books->store, &entry, 1, err) : rc;
}

static uint32_t owner_of(const struct jl_office *office, const struct jl_op *op) {
    const struct jl_layout *layout = jl_books_layout(office->books, op->type);
    bool shared = layout != NULL && layout->type->owner == JL_SIDE_DISTRICT;
    return shared ? 0 : office->identity.office;
}

/* Show the record with the op laid over it. One that is gone at the district stays gone here: the
 * op goes up all the same, and the district opens a case. */
static enum jl_rc lay(struct apply *apply, const struct jl_op *op, uint64_t pos, int64_t *out_rid,
                      struct jl_err *err) {
    struct jl_office *office = apply->office;
    const struct jl_record_key key = {.type = op->type, .id = op->id};
    struct jl_book_record record = {0};
    struct jl_row before = {0};
    *out_rid = 0;
    enum jl_rc rc = jl_books_load(office->books, &key, 1, &apply->arena, &record, err);
    struct jl_head head = record.head;
    if (rc != JL_OK || (head.rid == 0 && op->kind != JL_OP_CREATE)) {
        return rc;
    }
    before = record.row;
    if (head.rid == 0) {
        record.row = (struct jl_row){.type = op->type, .id = op->id, .owner = owner_of(office, op)};
    } else if (head.state == JL_RECORD_LIVE && !jl_office_pending(office, &head)) {
        rc = jl_base_row_put(office, head.rid, &record.row, err);
    }
    if (rc == JL_OK) {
        rc = jl_op_lay(op, &record.row, &apply->arena, err);
    }
    record.head.state = record.row.deleted ? JL_RECORD_DELETED : JL_RECORD_LIVE;
    record.head.changed_ms = op->made_ms;
    record.head.by_device = office->identity.device;
    record.head.by_staff = op->staff;
    record.head.last = pos;
    struct jl_book_write write = {.record = &record, .before = head.rid != 0 ? &before : NULL};
    if (rc == JL_OK) {
        rc = jl_books_write(office->books, &write, 1, &apply->arena, err);
    }
    if (rc == JL_OK) {
        jl_office_recount(office, &head, &record.head);
        *out_rid = record.head.rid;
    }
    return rc;
}

static enum jl_rc put_unsent(struct apply *apply, const struct jl_salvaged *entry,
                             struct jl_err *err) {
    struct jl_office_state *state = &apply->office->state;
    struct jl_op op;
    int64_t rid = 0;
    jl_arena_reset(&apply->arena);
    enum jl_rc rc = jl_wire_op_decode(entry->op, &apply->arena, &op, err);
    if (rc == JL_OK) {
        rc = jl_chain_step(apply->office->books->hasher, state->head_hash, entry->op, err);
    }
    if (rc == JL_OK) {
        rc = lay(apply, &op, state->head_pos + 1, &rid, err);
    }
    if (rc == JL_OK) {
        rc = append(apply, entry, state->head_pos + 1, jl_bytes(state->head_hash, JL_HASH_BYTES),
                    rid, err);
    }
    state->head_pos += rc == JL_OK ? 1 : 0;
    return rc;
}

static enum jl_rc put_answered(struct apply *apply, const struct jl_salvaged *entry,
                               struct jl_err *err) {
    struct jl_op op;
    struct jl_head head = {0};
    jl_arena_reset(&apply->arena);
    enum jl_rc rc = jl_wire_op_decode(entry->op, &apply->arena, &op, err);
    if (rc == JL_OK) {
        const struct jl_record_key key = {.type = op.type, .id = op.id};
        rc = jl_records_heads(apply->office->books->store, &key, 1, &apply->arena, &head, err);
    }
    return rc == JL_OK ? append(apply, entry, entry->entry.pos, entry->hash, head.rid, err) : rc;
}

static enum jl_rc put_parked(struct apply *apply, const struct jl_book_record *parked,
                             struct jl_err *err) {
    const struct jl_record_key key = {.type = parked->row.type, .id = parked->row.id};
    struct jl_head head = {0};
    jl_arena_reset(&apply->arena);
    enum jl_rc rc =
        jl_records_heads(apply->office->books->store, &key, 1, &apply->arena, &head, err);
    if (rc != JL_OK || head.rid != 0) {
        return rc; /* the district has it by now */
    }
    struct jl_book_record record = *parked;
    record.head.rid = 0;
    record.head.last = 0;
    struct jl_book_write write = {.record = &record};
    return jl_books_write(apply->office->books, &write, 1, &apply->arena, err);
}

static enum jl_rc put_all(struct apply *apply, struct jl_salvage *salvage, struct jl_err *err) {
    struct jl_office_state *state = &apply->office->state;
    uint64_t head = 0;
    enum jl_rc rc = highest(salvage, &apply->arena, &head, err);
    if (rc == JL_OK && state->head_pos != 0) {
        rc = jl_fault_at(err, JL_MISUSE, JL_FAULT_INTERNAL, "%s",
                         "these books have changes of their own");
    }
    for (size_t i = 0; rc == JL_OK && i < salvage->parked_count; i++) {
        rc = put_parked(apply, &salvage->parked[i], err);
    }
    state->seq_base = state->confirmed_pos = state->head_pos = head - salvage->unsent;
    for (size_t i = 0; rc == JL_OK && i < salvage->count; i++) {
        const struct jl_salvaged *entry = &salvage->entries[i];
        rc = entry->entry.state == JL_OUTBOX_PENDING ? put_unsent(apply, entry, err)
                                                     : put_answered(apply, entry, err);
    }
    return rc;
}

enum jl_rc jl_salvage_apply(struct jl_office *office, struct jl_salvage *salvage,
                            struct jl_err *err) {
    struct apply apply = {.office = office};
    enum jl_rc rc = jl_office_begin(office, true, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = put_all(&apply, salvage, err);
    jl_arena_fini(&apply.arena);
    if (rc != JL_OK) {
        jl_office_rollback(office);
        return rc;
    }
    return jl_office_commit(office, err);
}
