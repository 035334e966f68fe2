/* Reading the outbox: batches for the wire, chain hashes, single ops. */
#include "office_outbox.h"
#include "office.h"

#include "jielian/base/fault.h"
#include "jielian/base/reader.h"
#include "jielian/crypto/signer.h"
#include "jielian/op/merge.h"
#include "jielian/record/fields.h"
#include "jielian/store/bases.h"
#include "jielian/sync/chain.h"

#include <string.h>

enum jl_rc jl_office_outbox_body(struct jl_office *office, const struct jl_outbox_entry *entry,
                                 struct jl_arena *arena, struct jl_bytes *out_hash,
                                 struct jl_bytes *out_op, struct jl_err *err) {
    JL_AUTO(jl_buf) plain = {0};
    struct jl_bytes copy = {0};
    enum jl_rc rc =
        jl_books_unseal_bytes(office->books, "outbox", entry->pos, entry->body, &plain, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(arena, jl_buf_bytes(&plain), &copy, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    if (copy.size < JL_HASH_BYTES) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "outbox entry %llu is cut off",
                           (unsigned long long)entry->pos);
    }
    *out_hash = jl_bytes(copy.data, JL_HASH_BYTES);
    *out_op = jl_bytes(copy.data + JL_HASH_BYTES, copy.size - JL_HASH_BYTES);
    return JL_OK;
}

enum jl_rc jl_office_outbox_op(struct jl_office *office, const struct jl_outbox_entry *entry,
                               struct jl_arena *arena, struct jl_op *out_op, struct jl_err *err) {
    struct jl_bytes hash;
    struct jl_bytes op;
    enum jl_rc rc = jl_office_outbox_body(office, entry, arena, &hash, &op, err);
    return rc == JL_OK ? jl_wire_op_decode(op, arena, out_op, err) : rc;
}

enum jl_rc jl_office_outbox_hash_at(struct jl_office *office, uint64_t pos,
                                    uint8_t out_hash[static JL_HASH_BYTES], struct jl_err *err) {
    const struct jl_office_state *state = &office->state;
    if (pos == state->head_pos || pos == state->confirmed_pos) {
        memcpy(out_hash, pos == state->head_pos ? state->head_hash : state->confirmed_hash,
               JL_HASH_BYTES);
        return JL_OK;
    }
    if (pos == state->seq_base) {
        return jl_chain_genesis(office->books->hasher, state->incarnation, out_hash, err);
    }
    JL_AUTO(jl_arena) arena = {0};
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    enum jl_rc rc =
        jl_outbox_range(office->books->store, pos, 1, SIZE_MAX, &arena, &entries, &count, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (count == 0 || entries[0].pos != pos) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_STORE_NO_POSITION, "%llu",
                           (unsigned long long)pos);
    }
    struct jl_bytes hash;
    struct jl_bytes op;
    rc = jl_office_outbox_body(office, &entries[0], &arena, &hash, &op, err);
    if (rc == JL_OK) {
        memcpy(out_hash, hash.data, JL_HASH_BYTES);
    }
    return rc;
}

/* What is kept has no gaps: so the first entry tells. */
static enum jl_rc keeps_all_from(struct jl_office *office, uint64_t pos, bool *out_keeps,
                                 struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    enum jl_rc rc =
        jl_outbox_range(office->books->store, 1, 1, SIZE_MAX, &arena, &entries, &count, err);
    *out_keeps = rc == JL_OK && count == 1 && entries[0].pos <= pos;
    return rc;
}

enum jl_rc jl_office_outbox_chain_is(struct jl_office *office, uint64_t seq,
                                     const uint8_t hash[static JL_HASH_BYTES], bool *out_same,
                                     struct jl_err *err) {
    uint8_t own[JL_HASH_BYTES];
    *out_same = false;
    if (seq > jl_office_head_seq(office)) {
        return JL_OK;
    }
    enum jl_rc rc = jl_office_outbox_hash_at(office, office->state.seq_base + seq, own, err);
    if (rc == JL_NOT_FOUND) {
        /* The district was restored from a backup older than what an outbox keeps: a new
         * incarnation re-offers all that is still here. */
        return JL_OK;
    }
    *out_same = rc == JL_OK && memcmp(own, hash, sizeof own) == 0;
    if (*out_same && seq < jl_office_confirmed_seq(office)) {
        rc = keeps_all_from(office, office->state.seq_base + seq + 1, out_same, err);
    }
    return rc;
}

static enum jl_rc sign_batch(struct jl_office *office, uint64_t last_seq, struct jl_bytes last_hash,
                             struct jl_push *push, struct jl_err *err) {
    uint8_t text[JL_CHAIN_BATCH_TEXT_BYTES];
    jl_chain_batch_text(office->state.incarnation, last_seq, last_hash.data, text);
    return jl_signer_sign(office->signer, jl_bytes(text, sizeof text), push->signature, err);
}

enum jl_rc jl_office_outbox_batch(struct jl_office *office, uint64_t first_seq, size_t max_bytes,
                                  struct jl_arena *arena, struct jl_push *out_push,
                                  uint64_t *out_next, struct jl_err *err) {
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    uint64_t first_pos = office->state.seq_base + first_seq;
    enum jl_rc rc = jl_outbox_range(office->books->store, first_pos, JL_BATCH_OPS_MAX, max_bytes,
                                    arena, &entries, &count, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (count == 0 || entries[0].pos != first_pos) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_STORE_NO_POSITION, "%llu",
                           (unsigned long long)first_seq);
    }
    struct jl_bytes hash = {0};
    out_push->first_seq = first_seq;
    out_push->ops = jl_arena_zalloc(arena, count, sizeof *out_push->ops);
    if (out_push->ops == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = jl_office_outbox_body(office, &entries[i], arena, &hash, &out_push->ops[i], err);
    }
    out_push->count = count;
    *out_next = first_seq + count;
    return rc == JL_OK ? sign_batch(office, first_seq + count - 1, hash, out_push, err) : rc;
}
