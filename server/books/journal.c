#include "journal.h"
#include "verdicts.h"

#include "jielian/base/fault.h"
#include "jielian/base/reader.h"
#include "jielian/crypto/signer.h"
#include "jielian/sync/chain.h"

#include <inttypes.h>
#include <string.h>

/* ---- Opening ---- */

enum jl_rc jl_journal_head_of(struct jl_district *district, const struct jl_journal_entry *entry,
                              struct jl_entry_head *out_head, struct jl_err *err) {
    enum jl_rc rc = jl_entry_decode(district->keys.suite, entry->head, out_head, err);
    if (rc != JL_OK || out_head->rules > 0 || entry->origin == 0) {
        if (rc == JL_OK && out_head->rules == 0) {
            memcpy(out_head->incarnation, district->state.own_incarnation, 16);
        }
        return rc;
    }
    const struct jl_origin *origin = jl_roster_origin(district, entry->origin);
    const struct jl_device *device =
        origin != NULL ? jl_roster_device(district, origin->device) : NULL;
    if (device == NULL) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED,
                           "origin %" PRIu32 " has no device", entry->origin);
    }
    out_head->device = device->number;
    out_head->office = device->office;
    memcpy(out_head->incarnation, origin->incarnation, sizeof out_head->incarnation);
    memcpy(out_head->sign_public, device->sign_public, sizeof out_head->sign_public);
    return JL_OK;
}

static enum jl_rc unseal(struct jl_district *district, const struct jl_journal_entry *entry,
                         struct jl_arena *arena, struct jl_bytes *out_frame, struct jl_err *err) {
    struct jl_buf plain = {0};
    enum jl_rc rc =
        jl_books_unseal_bytes(district->books, "journal", entry->seq, entry->body, &plain, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(arena, jl_buf_bytes(&plain), out_frame, err);
    }
    jl_buf_wipe(&plain);
    return rc;
}

static enum jl_rc open_batch(struct jl_district *district, struct jl_arena *arena,
                             struct jl_journal_opened *opened, struct jl_err *err) {
    struct jl_message message;
    enum jl_rc rc = jl_wire_decode(district->wire, opened->frame, arena, &message, err);
    if (rc == JL_OK && message.kind != JL_MESSAGE_PUSH) {
        rc = jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s", "not a batch");
    }
    if (rc == JL_OK) {
        opened->push = message.as.push;
        opened->signed_count = message.as.push.count;
    }
    return rc;
}

/* The frame has the whole batch: its signature can't be checked without. */
static enum jl_rc open_part(struct jl_district *district, const struct jl_journal_entry *entry,
                            struct jl_arena *arena, struct jl_journal_opened *opened,
                            struct jl_err *err) {
    enum jl_rc rc = open_batch(district, arena, opened, err);
    if (rc == JL_OK && (entry->op_count == 0 || entry->op_count >= opened->signed_count)) {
        rc = jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s", "no part of its batch");
    }
    opened->push.count = rc == JL_OK ? entry->op_count : 0;
    return rc;
}

enum { REF_BYTES = 8 + 4 };

enum jl_rc jl_journal_refs_encode(const struct jl_held *refs, size_t count, struct jl_buf *out,
                                  struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = jl_buf_put_u64be(out, refs[i].journal_seq, err);
        if (rc == JL_OK) {
            rc = jl_buf_put_u32be(out, refs[i].n, err);
        }
    }
    return rc;
}

static enum jl_rc read_refs(struct jl_arena *arena, uint64_t before,
                            struct jl_journal_opened *opened, struct jl_err *err) {
    struct jl_reader reader = {.rest = opened->frame};
    size_t count = opened->frame.size / REF_BYTES;
    opened->refs = jl_arena_zalloc(arena, count + 1, sizeof *opened->refs);
    opened->seqs = jl_arena_zalloc(arena, count + 1, sizeof *opened->seqs);
    opened->push.ops = jl_arena_zalloc(arena, count + 1, sizeof *opened->push.ops);
    if (opened->refs == NULL || opened->seqs == NULL || opened->push.ops == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = opened->frame.size % REF_BYTES == 0 && count > 0 ? JL_OK : JL_CORRUPT;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = jl_reader_u64be(&reader, &opened->refs[i].journal_seq, err);
        if (rc == JL_OK) {
            rc = jl_reader_u32be(&reader, &opened->refs[i].n, err);
        }
        bool fits = opened->refs[i].journal_seq == opened->refs[0].journal_seq &&
                    opened->refs[i].journal_seq < before;
        rc = rc == JL_OK && !fits ? JL_CORRUPT : rc;
    }
    opened->push.count = count;
    opened->push.first_seq = 1;
    return rc == JL_OK ? JL_OK
                       : jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s",
                                     "the list of released ops is damaged");
}

/* The ops themselves stand in the batch that brought them. */
static enum jl_rc open_refs(struct jl_district *district, uint64_t seq, struct jl_arena *arena,
                            struct jl_journal_opened *opened, struct jl_err *err) {
    struct jl_journal_entry entry;
    struct jl_journal_opened batch;
    enum jl_rc rc = read_refs(arena, seq, opened, err);
    if (rc == JL_OK) {
        rc = jl_journal_entry_get(district->books->store, opened->refs[0].journal_seq, arena,
                                  &entry, err);
    }
    if (rc == JL_OK) {
        rc = jl_entry_decode(district->keys.suite, entry.head, &batch.head, err);
    }
    if (rc == JL_OK && (batch.head.rules == 0 || !jl_entry_of_author(batch.head.kind))) {
        rc = jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s",
                         "it releases what was never held");
    }
    if (rc == JL_OK) {
        rc = unseal(district, &entry, arena, &batch.frame, err);
    }
    if (rc == JL_OK) {
        rc = open_batch(district, arena, &batch, err);
    }
    for (size_t i = 0; rc == JL_OK && i < opened->push.count; i++) {
        uint32_t n = opened->refs[i].n;
        if (n >= batch.push.count || n >= entry.op_count) {
            return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED,
                               "entry %" PRIu64 " has no op %" PRIu32, entry.seq, n);
        }
        opened->push.ops[i] = batch.push.ops[n];
        opened->seqs[i] = entry.first_op + n;
    }
    return rc;
}

enum jl_rc jl_journal_release(struct jl_district *district, struct jl_bytes body, uint64_t seq,
                              struct jl_arena *arena, struct jl_journal_opened *out_opened,
                              struct jl_err *err) {
    *out_opened = (struct jl_journal_opened){.frame = body};
    return open_refs(district, seq, arena, out_opened, err);
}

enum jl_rc jl_journal_open(struct jl_district *district, const struct jl_journal_entry *entry,
                           struct jl_arena *arena, struct jl_journal_opened *out_opened,
                           struct jl_err *err) {
    *out_opened = (struct jl_journal_opened){0};
    district->entries_opened++;
    enum jl_rc rc = jl_journal_head_of(district, entry, &out_opened->head, err);
    if (rc == JL_OK) {
        rc = unseal(district, entry, arena, &out_opened->frame, err);
    }
    if (rc == JL_OK) {
        switch (out_opened->head.kind) {
        case JL_ENTRY_BATCH:
            rc = open_batch(district, arena, out_opened, err);
            break;
        case JL_ENTRY_PART:
            rc = open_part(district, entry, arena, out_opened, err);
            break;
        case JL_ENTRY_RELEASE:
            rc = open_refs(district, entry->seq, arena, out_opened, err);
            break;
        case JL_ENTRY_RESTORED:
        case JL_ENTRY_CLOSED:
            break;
        }
    }
    return rc == JL_OK ? JL_OK : jl_fault_wrap(err, JL_FAULT_JOURNAL_ENTRY, "%" PRIu64, entry->seq);
}

/* ---- Appending ---- */

enum jl_rc jl_journal_put(struct jl_district *district, const struct jl_journal_append *append,
                          struct jl_err *err) {
    struct jl_district_state *state = &district->state;
    JL_AUTO(jl_buf) body = {0};
    JL_AUTO(jl_buf) head = {0};
    const struct jl_suite *suite = district->keys.suite;
    uint8_t seal[JL_HASH_BYTES + JL_SIGNATURE_MAX_BYTES];
    struct jl_chain_journal_head chained = {.seq = state->journal_seq + 1,
                                            .origin = append->origin,
                                            .first_op = append->first_op,
                                            .op_count = append->op_count,
                                            .at_ms = append->at_ms,
                                            .verdicts = append->verdicts};
    enum jl_rc rc =
        jl_books_seal(district->books, "journal", chained.seq, append->body, &body, err);
    if (rc == JL_OK && append->head->rules > 0) {
        rc = jl_entry_encode(suite, append->head, &head, err);
    }
    chained.head = jl_buf_bytes(&head);
    if (rc == JL_OK) {
        rc = jl_chain_journal_step(district->books->hasher, state->journal_hash, &chained,
                                   jl_buf_bytes(&body), err);
    }
    if (rc == JL_OK) {
        memcpy(seal, state->journal_hash, JL_HASH_BYTES);
        rc = jl_signer_sign(district->signer, jl_bytes(seal, JL_HASH_BYTES), seal + JL_HASH_BYTES,
                            err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_journal_entry entry = {
        .seq = chained.seq,
        .origin = chained.origin,
        .first_op = chained.first_op,
        .op_count = chained.op_count,
        .at_ms = chained.at_ms,
        .body = jl_buf_bytes(&body),
        .verdicts = append->verdicts,
        .seal = jl_bytes(seal, JL_HASH_BYTES + suite->sign->signature_bytes),
        .head = chained.head};
    state->journal_seq = chained.seq;
    if (chained.at_ms > state->journal_ms) {
        state->journal_ms = chained.at_ms;
        state->journal_ms_moved = true;
    }
    return jl_journal_entry_append(district->books->store, &entry, err);
}

/* ---- History ---- */

void jl_journal_cached_fini(struct jl_journal_cached *cached) {
    jl_arena_fini(&cached->arena);
    cached->seq = 0;
}

enum jl_rc jl_journal_fetch(struct jl_district *district, struct jl_journal_cached *cached,
                            uint64_t seq, struct jl_err *err) {
    if (cached->seq == seq) {
        return JL_OK;
    }
    cached->seq = 0;
    jl_arena_reset(&cached->arena);
    enum jl_rc rc =
        jl_journal_entry_get(district->books->store, seq, &cached->arena, &cached->entry, err);
    if (rc == JL_OK) {
        rc = jl_journal_open(district, &cached->entry, &cached->arena, &cached->opened, err);
    }
    if (rc == JL_OK) {
        rc = jl_verdicts_decode(cached->entry.verdicts, &cached->arena, &cached->verdicts,
                                &cached->verdict_count, err);
    }
    cached->seq = rc == JL_OK ? seq : 0;
    return rc;
}

enum jl_rc jl_journal_line(struct jl_district *district, struct jl_journal_cached *cached,
                           const struct jl_history_entry *at, struct jl_arena *arena,
                           struct jl_history_line *out_line, struct jl_err *err) {
    const struct jl_journal_opened *opened = &cached->opened;
    enum jl_rc rc = jl_journal_fetch(district, cached, at->journal_seq, err);
    if (rc == JL_OK && at->index >= opened->push.count) {
        rc =
            jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED,
                        "journal entry %" PRIu64 " has no op %" PRIu32, at->journal_seq, at->index);
    }
    if (rc == JL_OK) {
        rc = jl_wire_op_decode(opened->push.ops[at->index], arena, &out_line->op, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_verdict *verdict =
        jl_verdict_of(cached->verdicts, cached->verdict_count, opened->push.first_seq + at->index);
    out_line->journal_seq = at->journal_seq;
    out_line->received_ms = cached->entry.at_ms;
    out_line->device = opened->head.device;
    out_line->office = opened->head.office;
    out_line->verdict = verdict != NULL ? verdict->code : JL_VERDICT_APPLIED;
    return JL_OK;
}

enum jl_rc jl_journal_history(struct jl_district *district, int64_t rid, jl_history_fn visit,
                              void *context, struct jl_err *err) {
    JL_AUTO(jl_arena) list = {0};
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_journal_cached) cached = {0};
    struct jl_history_entry *entries = NULL;
    size_t count = 0;
    enum jl_rc rc = jl_history_index_of(district->books->store, rid, &list, &entries, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        struct jl_history_line line = {0};
        jl_arena_reset(&arena);
        rc = jl_journal_line(district, &cached, &entries[i], &arena, &line, err);
        if (rc == JL_OK) {
            rc = visit(context, &line, err);
        }
    }
    return rc;
}
