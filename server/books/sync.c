/* Batches from the wire to the journal: chain, signature, ALREADY, verdicts, history.
 *
 * A journal entry's body is the sealed Push message as it was received, so replay reads exactly
 * what the device signed. Its verdicts are kept as { varint(seq − first) u8(code) varint(size)
 * reason } for every op that was not plainly APPLIED; what ALREADY answers is read back from there.
 */
#include "district_internal.h"

#include <inttypes.h>
#include <string.h>

/* ---- Verdict lists ---- */

enum jl_rc jl_verdicts_encode(const struct jl_verdict *verdicts, size_t count, struct jl_buf *out,
                              struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = jl_buf_put_varint(out, verdicts[i].seq, err);
        if (rc == JL_OK) {
            rc = jl_buf_put_u8(out, (uint8_t)verdicts[i].code, err);
        }
        if (rc == JL_OK) {
            rc = jl_buf_put_varint(out, verdicts[i].reason.size, err);
        }
        if (rc == JL_OK && verdicts[i].reason.size > 0) {
            rc = jl_buf_put(out, verdicts[i].reason.data, verdicts[i].reason.size, err);
        }
    }
    return rc;
}

enum jl_rc jl_verdicts_decode(struct jl_bytes bytes, struct jl_arena *arena,
                              struct jl_verdict **out_verdicts, size_t *out_count,
                              struct jl_err *err) {
    size_t most = bytes.size / 3 + 1; /* seq, code, size: at least three bytes each */
    struct jl_verdict *verdicts = jl_arena_zalloc(arena, most, sizeof *verdicts);
    struct jl_reader reader = {.rest = bytes};
    size_t count = 0;
    if (verdicts == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for verdicts");
    }
    while (reader.rest.size > 0) {
        uint8_t code = 0;
        uint64_t size = 0;
        enum jl_rc rc = jl_reader_varint(&reader, &verdicts[count].seq, err);
        if (rc == JL_OK) {
            rc = jl_reader_u8(&reader, &code, err);
        }
        if (rc == JL_OK) {
            rc = jl_reader_varint(&reader, &size, err);
        }
        if (rc == JL_OK) {
            rc = jl_reader_take(&reader, (size_t)size, &verdicts[count].reason, err);
        }
        if (rc != JL_OK) {
            return jl_fail(err, JL_CORRUPT, "the verdicts of a journal entry are cut off");
        }
        verdicts[count++].code = (enum jl_verdict_code)code;
    }
    *out_verdicts = verdicts;
    *out_count = count;
    return JL_OK;
}

/* ---- Journal ---- */

enum jl_rc jl_journal_open(struct jl_district *district, const struct jl_journal_entry *entry,
                           struct jl_arena *arena, struct jl_push *out_push,
                           struct jl_bytes *out_frame, struct jl_err *err) {
    struct jl_buf plain = {0};
    struct jl_message message;
    struct jl_bytes frame = {0};
    enum jl_rc rc =
        jl_books_unseal_bytes(district->books, "journal", entry->seq, entry->body, &plain, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(arena, jl_buf_bytes(&plain), &frame, err);
    }
    if (rc == JL_OK) {
        rc = jl_wire_decode(district->wire, frame, arena, &message, err);
    }
    jl_buf_wipe(&plain);
    if (rc == JL_OK && message.kind != JL_MESSAGE_PUSH) {
        rc = jl_fail(err, JL_CORRUPT, "not a batch");
    }
    if (rc != JL_OK) {
        return jl_wrap(err, "journal entry %" PRIu64, entry->seq);
    }
    *out_push = message.as.push;
    *out_frame = frame;
    return JL_OK;
}

static enum jl_rc append_journal(struct jl_district *district, const struct jl_accept *accept,
                                 const struct jl_verdict *verdicts, size_t verdict_count,
                                 struct jl_err *err) {
    struct jl_district_state *state = &district->state;
    JL_AUTO(jl_buf) body = {0};
    JL_AUTO(jl_buf) list = {0};
    uint8_t seal[JL_HASH_BYTES + JL_SIGNATURE_BYTES];
    struct jl_journal_head head = {.seq = state->journal_seq + 1,
                                   .origin = accept->origin,
                                   .first_op = accept->push->first_seq,
                                   .op_count = (uint32_t)accept->push->count,
                                   .at_ms = accept->now_ms};
    enum jl_rc rc = jl_books_seal(district->books, "journal", head.seq, accept->frame, &body, err);
    if (rc == JL_OK) {
        rc = jl_verdicts_encode(verdicts, verdict_count, &list, err);
    }
    if (rc == JL_OK) {
        rc = jl_journal_step(district->books->hasher, state->journal_hash, &head,
                             jl_buf_bytes(&body), err);
    }
    if (rc == JL_OK) {
        memcpy(seal, state->journal_hash, JL_HASH_BYTES);
        rc = jl_sign(district->signer, jl_bytes(seal, JL_HASH_BYTES), seal + JL_HASH_BYTES, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_journal_entry entry = {.seq = head.seq,
                                     .origin = head.origin,
                                     .first_op = head.first_op,
                                     .op_count = head.op_count,
                                     .at_ms = head.at_ms,
                                     .body = jl_buf_bytes(&body),
                                     .verdicts = jl_buf_bytes(&list),
                                     .seal = jl_bytes(seal, sizeof seal)};
    state->journal_seq = head.seq;
    return jl_store_journal_append(district->books->store, &entry, err);
}

/* One history line per op that reached a record. */
static enum jl_rc append_history(struct jl_apply *apply, struct jl_err *err) {
    struct jl_history_entry *entries =
        jl_arena_zalloc(apply->arena, apply->op_count + 1, sizeof *entries);
    size_t count = 0;
    if (entries == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for history");
    }
    for (size_t i = 0; i < apply->op_count; i++) {
        struct jl_work *work = NULL;
        enum jl_rc rc = jl_apply_work(apply, apply->ops[i].type, &apply->ops[i].id, &work, err);
        if (rc != JL_OK) {
            return rc;
        }
        if (work->record.head.rid != 0) {
            entries[count++] =
                (struct jl_history_entry){.rid = work->record.head.rid,
                                          .journal_seq = apply->district->state.journal_seq,
                                          .index = (uint32_t)i};
        }
    }
    return jl_store_history_append(apply->district->books->store, entries, count, err);
}

/* Did the batch bring a new catalogue? Then the tables follow in the same transaction. */
static enum jl_rc take_catalogue(struct jl_apply *apply, struct jl_err *err) {
    for (size_t i = 0; i < apply->op_count; i++) {
        if (apply->ops[i].type == JL_TYPE_CATALOGUE && apply->author == JL_SIDE_DISTRICT) {
            return jl_books_take_catalogue(apply->district->books, err);
        }
    }
    return JL_OK;
}

static bool touches(const struct jl_apply *apply, uint32_t type) {
    for (size_t i = 0; i < apply->op_count; i++) {
        if (apply->ops[i].type == type) {
            return true;
        }
    }
    return false;
}

static enum jl_rc set_author(struct jl_apply *apply, struct jl_err *err) {
    struct jl_district *district = apply->district;
    if (apply->origin == 0) {
        apply->author = JL_SIDE_DISTRICT;
        apply->incarnation = district->state.own_incarnation;
        return JL_OK;
    }
    const struct jl_origin *origin = jl_district_origin(district, apply->origin);
    const struct jl_device *device =
        origin != NULL ? jl_district_device(district, origin->device) : NULL;
    if (device == NULL) {
        return jl_fail(err, JL_CORRUPT, "origin %" PRIu32 " has no device", apply->origin);
    }
    apply->author = JL_SIDE_OFFICE;
    apply->device = device->number;
    apply->office = device->office;
    apply->incarnation = origin->incarnation;
    return JL_OK;
}

enum jl_rc jl_district_accept(struct jl_district *district, struct jl_accept *accept,
                              struct jl_arena *arena, struct jl_verdict **out_verdicts,
                              size_t *out_count, struct jl_err *err) {
    struct jl_apply *apply = jl_arena_zalloc(arena, 1, sizeof *apply);
    struct jl_op *ops = jl_arena_zalloc(arena, accept->push->count + 1, sizeof *ops);
    if (apply == NULL || ops == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for a batch of %zu ops", accept->push->count);
    }
    *apply = (struct jl_apply){.district = district,
                               .arena = arena,
                               .origin = accept->origin,
                               .first_seq = accept->push->first_seq,
                               .now_ms = accept->now_ms,
                               .back_upto = accept->back_upto,
                               .ops = ops,
                               .op_bytes = accept->push->ops,
                               .op_count = accept->push->count};
    enum jl_rc rc = set_author(apply, err);
    if (rc == JL_OK) {
        rc = jl_again_new(apply, err);
    }
    for (size_t i = 0; rc == JL_OK && i < apply->op_count; i++) {
        rc = jl_wire_op_decode(accept->push->ops[i], arena, &ops[i], err);
    }
    if (rc == JL_OK) {
        rc = jl_apply_batch(apply, err);
    }
    jl_again_fini(apply->again);
    if (rc == JL_OK) {
        rc = append_journal(district, accept, apply->verdicts, apply->verdict_count, err);
    }
    if (rc == JL_OK) {
        rc = append_history(apply, err);
    }
    if (rc == JL_OK) {
        rc = take_catalogue(apply, err);
    }
    if (rc == JL_OK && touches(apply, JL_TYPE_OFFICE)) {
        rc = jl_district_load_tables(district, err);
    }
    if (rc == JL_OK && apply->origin == 0 && touches(apply, JL_TYPE_DECISION)) {
        jl_decisions_forget(district->decisions);
    }
    accept->echoed = apply->echoed;
    accept->back_ops = apply->back_ops;
    *out_verdicts = apply->verdicts;
    *out_count = apply->verdict_count;
    return rc;
}

/* ---- Push ---- */

/* Known ops must be the very same bytes: two copies of one device would differ here. */
static enum jl_rc answer_known(struct jl_district *district, const struct jl_origin *origin,
                               const struct jl_push *push, struct jl_arena *arena,
                               struct jl_verdicts *out_verdicts, struct jl_err *err) {
    uint64_t end = push->first_seq + push->count - 1;
    uint64_t last = end < origin->last_seq ? end : origin->last_seq;
    struct jl_verdict *list = jl_arena_zalloc(arena, push->count + 1, sizeof *list);
    size_t count = 0;
    if (list == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for verdicts");
    }
    for (uint64_t seq = push->first_seq; seq <= last;) {
        struct jl_journal_entry entry;
        struct jl_push known;
        struct jl_bytes frame;
        struct jl_verdict *verdicts = NULL;
        size_t verdict_count = 0;
        enum jl_rc rc =
            jl_store_journal_find(district->books->store, origin->number, seq, arena, &entry, err);
        if (rc == JL_OK) {
            rc = jl_journal_open(district, &entry, arena, &known, &frame, err);
        }
        if (rc == JL_OK) {
            rc = jl_verdicts_decode(entry.verdicts, arena, &verdicts, &verdict_count, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
        uint64_t entry_last = entry.first_op + entry.op_count - 1;
        for (; seq <= last && seq <= entry_last; seq++) {
            if (!jl_bytes_equal(push->ops[seq - push->first_seq],
                                known.ops[seq - entry.first_op])) {
                return jl_fail(err, JL_CONFLICT, "op %" PRIu64 " is not the one we know", seq);
            }
            for (size_t i = 0; i < verdict_count; i++) {
                if (verdicts[i].seq == seq) {
                    list[count++] = verdicts[i];
                }
            }
        }
    }
    *out_verdicts = (struct jl_verdicts){.first_seq = push->first_seq,
                                         .last_seq = last,
                                         .exceptions = list,
                                         .exception_count = count};
    return JL_OK;
}

static enum jl_rc check_chain(struct jl_district *district, const struct jl_origin *origin,
                              const struct jl_push *push, uint8_t out_hash[static JL_HASH_BYTES],
                              struct jl_err *err) {
    const struct jl_device *device = jl_district_device(district, origin->device);
    uint8_t text[JL_BATCH_TEXT_BYTES];
    memcpy(out_hash, origin->last_hash, JL_HASH_BYTES);
    for (size_t i = 0; i < push->count; i++) {
        enum jl_rc rc = jl_chain_step(district->books->hasher, out_hash, push->ops[i], err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    jl_batch_text(origin->incarnation, push->first_seq + push->count - 1, out_hash, text);
    enum jl_rc rc =
        jl_verify(device->sign_public, jl_bytes(text, sizeof text), push->signature, err);
    if (rc == JL_DENIED) {
        /* Forged, or chained on something else than what we hold: a copied device looks like this.
         */
        return jl_fail(err, JL_CONFLICT,
                       "the batch from op %" PRIu64 " is not signed for our chain",
                       push->first_seq);
    }
    return rc;
}

/* Every op must decode before the first is judged. */
static enum jl_rc check_ops(const struct jl_push *push, struct jl_arena *arena,
                            struct jl_err *err) {
    for (size_t i = 0; i < push->count; i++) {
        struct jl_op op;
        enum jl_rc rc = jl_wire_op_decode(push->ops[i], arena, &op, err);
        if (rc == JL_PROTO || rc == JL_LIMIT) { /* no honest program makes one over a bound */
            return jl_fail(err, JL_PROTO, "op %" PRIu64 ": %s", push->first_seq + i, err->text);
        }
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

static enum jl_rc push_next(struct jl_district *district, struct jl_origin *origin,
                            const struct jl_push *push, struct jl_bytes frame,
                            struct jl_arena *arena, struct jl_verdicts *out_verdicts,
                            struct jl_err *err) {
    uint8_t hash[JL_HASH_BYTES];
    uint32_t number = origin->number;
    uint32_t device = origin->device;
    uint32_t office = jl_district_device(district, device)->office;
    struct jl_feed_state *state = NULL;
    struct jl_came_back back;
    struct jl_accept accept = {.origin = number,
                               .push = push,
                               .frame = frame,
                               .now_ms = district->clock.wall_ms(district->clock.context)};
    enum jl_rc rc = check_chain(district, origin, push, hash, err);
    if (rc == JL_OK) {
        rc = check_ops(push, arena, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_feed(district, office, &state, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_came_back(district, device, &back, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    accept.back_upto = back.upto;
    *out_verdicts = (struct jl_verdicts){.first_seq = push->first_seq,
                                         .last_seq = push->first_seq + push->count - 1,
                                         .own_from = state->head};
    rc = jl_district_accept(district, &accept, arena, &out_verdicts->exceptions,
                            &out_verdicts->exception_count, err);
    if (rc != JL_OK) {
        /* The transaction rolls back; "malformed" would be a lie here. */
        return rc == JL_PROTO || rc == JL_CONFLICT ? JL_CORRUPT : rc;
    }
    origin = jl_district_origin(district, number);
    origin->last_seq = out_verdicts->last_seq;
    memcpy(origin->last_hash, hash, sizeof hash);
    out_verdicts->office_head = state->head;
    if (accept.echoed) {
        out_verdicts->own_from = 0; /* there is something for the device to read */
    } else {
        out_verdicts->own_to = state->head;
    }
    rc = jl_store_origin_put(district->books->store, origin, err);
    return rc == JL_OK && accept.back_ops > 0 ? jl_back_add(district, device, accept.back_ops, err)
                                              : rc;
}

enum jl_rc jl_district_push(struct jl_district *district, uint32_t origin_number,
                            const struct jl_push *push, struct jl_bytes frame,
                            struct jl_arena *arena, struct jl_verdicts *out_verdicts,
                            struct jl_err *err) {
    struct jl_origin *origin = jl_district_origin(district, origin_number);
    if (origin == NULL) {
        return jl_fail(err, JL_CONFLICT, "this incarnation is not known");
    }
    if (push->first_seq > origin->last_seq + 1) { /* resend from */
        *out_verdicts =
            (struct jl_verdicts){.first_seq = origin->last_seq + 1, .last_seq = origin->last_seq};
        return JL_OK;
    }
    if (push->first_seq <= origin->last_seq) {
        return answer_known(district, origin, push, arena, out_verdicts, err);
    }
    return push_next(district, origin, push, frame, arena, out_verdicts, err);
}

/* ---- History ---- */

static enum jl_rc history_line(struct jl_district *district, const struct jl_history_entry *at,
                               struct jl_arena *arena, struct jl_history_line *out_line,
                               struct jl_err *err) {
    struct jl_journal_entry entry;
    struct jl_push push;
    struct jl_bytes frame;
    struct jl_verdict *verdicts = NULL;
    size_t count = 0;
    enum jl_rc rc =
        jl_store_journal_get(district->books->store, at->journal_seq, arena, &entry, err);
    if (rc == JL_OK) {
        rc = jl_journal_open(district, &entry, arena, &push, &frame, err);
    }
    if (rc == JL_OK) {
        rc = jl_verdicts_decode(entry.verdicts, arena, &verdicts, &count, err);
    }
    if (rc == JL_OK && at->index >= push.count) {
        rc = jl_fail(err, JL_CORRUPT, "journal entry %" PRIu64 " has no op %" PRIu32,
                     at->journal_seq, at->index);
    }
    if (rc == JL_OK) {
        rc = jl_wire_op_decode(push.ops[at->index], arena, &out_line->op, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_origin *origin = jl_district_origin(district, entry.origin);
    const struct jl_device *device =
        origin != NULL ? jl_district_device(district, origin->device) : NULL;
    out_line->journal_seq = at->journal_seq;
    out_line->received_ms = entry.at_ms;
    out_line->device = device != NULL ? device->number : 0;
    out_line->office = device != NULL ? device->office : 0;
    out_line->verdict = JL_VERDICT_APPLIED;
    for (size_t i = 0; i < count; i++) {
        if (verdicts[i].seq == entry.first_op + at->index) {
            out_line->verdict = verdicts[i].code;
        }
    }
    return JL_OK;
}

enum jl_rc jl_district_history(struct jl_district *district, int64_t rid, jl_history_fn visit,
                               void *context, struct jl_err *err) {
    JL_AUTO(jl_arena) list = {0};
    JL_AUTO(jl_arena) arena = {0};
    struct jl_history_entry *entries = NULL;
    size_t count = 0;
    enum jl_rc rc = jl_store_history_of(district->books->store, rid, &list, &entries, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        struct jl_history_line line = {0};
        jl_arena_reset(&arena);
        rc = history_line(district, &entries[i], &arena, &line, err);
        if (rc == JL_OK) {
            rc = visit(context, &line, err);
        }
    }
    return rc;
}
