/* The district's own desk: its changes are ops of origin 0 and go the way of all others. */
#include "own_ops.h"
#include "accept.h"
#include "admissions.h"
#include "admit.h"
#include "district.h"
#include "offices.h"
#include "release.h"

#include "proto/wire.h"

#include "jielian/base/arena.h"
#include "jielian/base/buf.h"
#include "jielian/base/fault.h"
#include "jielian/base/id.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/built_in_field.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/crypto/signer.h"
#include "jielian/message/remark.h"
#include "jielian/op/change.h"
#include "jielian/sync/chain.h"

#include <inttypes.h>
#include <string.h>

static enum jl_rc make_op(struct jl_district *district, const struct jl_id *change_set,
                          const struct jl_change *change, int64_t now_ms, struct jl_arena *arena,
                          struct jl_op *out_op, struct jl_err *err) {
    *out_op = (struct jl_op){.kind = change->kind,
                             .type = change->after.type,
                             .id = change->after.id,
                             .made_ms = now_ms,
                             .staff = district->staff,
                             .other = change->other,
                             .owner = change->after.owner,
                             .reason = change->reason};
    if (change_set != NULL) {
        out_op->change_set = *change_set;
    }
    return jl_change_op(change, arena, out_op, err);
}

/* Ops → a signed Push message of origin 0, as every journal entry holds one. */
static enum jl_rc make_frame(struct jl_district *district, const struct jl_push *push,
                             struct jl_buf *out_frame, struct jl_err *err) {
    struct jl_message message = {.kind = JL_MESSAGE_PUSH, .as.push = *push};
    struct jl_district_state *state = &district->state;
    uint8_t text[JL_CHAIN_BATCH_TEXT_BYTES];
    for (size_t i = 0; i < push->count; i++) {
        enum jl_rc rc = jl_chain_step(district->books->hasher, state->own_hash, push->ops[i], err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    state->own_seq = push->first_seq + push->count - 1;
    jl_chain_batch_text(state->own_incarnation, state->own_seq, state->own_hash, text);
    enum jl_rc rc = jl_signer_sign(district->signer, jl_bytes(text, sizeof text),
                                   message.as.push.signature, err);
    return rc == JL_OK ? jl_wire_encode(district->wire, &message, out_frame, err) : rc;
}

/* As many of the changes as fit one batch. */
static enum jl_rc encode_ops(struct jl_district *district, const struct jl_id *change_set,
                             const struct jl_change *changes, size_t count, struct jl_arena *arena,
                             struct jl_push *out_push, struct jl_err *err) {
    int64_t now_ms = district->clock.wall_ms(district->clock.context);
    struct jl_buf bytes = {0};
    size_t total = 0;
    *out_push = (struct jl_push){.first_seq = district->state.own_seq + 1};
    out_push->ops = jl_arena_zalloc(arena, count, sizeof *out_push->ops);
    enum jl_rc rc = out_push->ops != NULL ? JL_OK : jl_fault_memory(err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        struct jl_op op;
        bytes.size = 0;
        rc = make_op(district, change_set, &changes[i], now_ms, arena, &op, err);
        op.number = out_push->first_seq + i;
        if (rc == JL_OK) {
            rc = jl_wire_op_encode(&op, &bytes, err);
        }
        total += bytes.size;
        if (i > 0 && total > JL_BATCH_MAX_BYTES) {
            break; /* one op always fits; the others go into the next batch */
        }
        if (rc == JL_OK) {
            rc = jl_arena_dup(arena, jl_buf_bytes(&bytes), &out_push->ops[i], err);
            out_push->count = i + 1;
        }
    }
    jl_buf_wipe(&bytes);
    return rc;
}

/* At the district's own desk a refusal is reported at once, and nothing is changed. */
static enum jl_rc refused(const struct jl_district *district, const struct jl_change *changes,
                          const struct jl_verdict *verdicts, size_t count, uint64_t first_seq,
                          struct jl_err *err) {
    for (size_t i = 0; i < count; i++) {
        if (verdicts[i].code == JL_VERDICT_PARKED) {
            const struct jl_change *change = &changes[verdicts[i].seq - first_seq];
            const struct jl_listener listener = {
                .language = district->language,
                .type = jl_catalogue_type(district->books->catalogue, change->after.type)};
            struct jl_sentence sentence;
            struct jl_bytes text =
                jl_remark_text(&verdicts[i].said, verdicts[i].reason, &listener, &sentence);
            return jl_fault_at(err, JL_MISUSE, JL_FAULT_TEXT, "%.*s", (int)text.size,
                               (const char *)text.data);
        }
    }
    return JL_OK;
}

/* *count: of the changes that are left, at most; out: how many were saved. */
static enum jl_rc save_chunk(struct jl_district *district, const struct jl_id *change_set,
                             const struct jl_change *changes, size_t *count, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_buf) frame = {0};
    struct jl_push push;
    struct jl_verdict *verdicts = NULL;
    size_t verdict_count = 0;
    enum jl_rc rc = encode_ops(district, change_set, changes, *count, &arena, &push, err);
    *count = push.count;
    if (rc == JL_OK) {
        rc = make_frame(district, &push, &frame, err);
    }
    int64_t now_ms = district->clock.wall_ms(district->clock.context);
    struct jl_accept accept = {.head = jl_entry_own_head(district, JL_ENTRY_BATCH, now_ms),
                               .push = &push,
                               .frame = jl_buf_bytes(&frame),
                               .now_ms = now_ms};
    if (rc == JL_OK) {
        rc = jl_release_accept(district, &accept, &arena, &verdicts, &verdict_count, err);
    }
    return rc == JL_OK ? refused(district, changes, verdicts, verdict_count, push.first_seq, err)
                       : rc;
}

/* The records must be as the author of the changes saw them. */
static enum jl_rc check_before(struct jl_district *district, const struct jl_change *changes,
                               size_t count, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_record_key *keys = jl_arena_zalloc(&arena, count + 1, sizeof *keys);
    struct jl_head *heads = jl_arena_zalloc(&arena, count + 1, sizeof *heads);
    if (keys == NULL || heads == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        keys[i] = (struct jl_record_key){.type = changes[i].after.type, .id = changes[i].after.id};
    }
    enum jl_rc rc = jl_records_heads(district->books->store, keys, count, &arena, heads, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        const struct jl_book_record *before = changes[i].before;
        if (before != NULL &&
            (heads[i].last != before->head.last ||
             memcmp(heads[i].hash, before->head.hash, sizeof heads[i].hash) != 0)) {
            return jl_fault(err, JL_CONFLICT, JL_FAULT_SAVE_CHANGED);
        }
    }
    return rc;
}

/* A code belongs to one office for ever, also when an office is called otherwise later. */
static enum jl_rc check_code(struct jl_district *district, const struct jl_row *row,
                             struct jl_err *err) {
    JL_AUTO(jl_admissions) log = {0};
    char code[sizeof district->offices->code] = "";
    const struct jl_value *number = jl_row_get(row, JL_OFFICE_NUMBER);
    const struct jl_value *text = jl_row_get(row, JL_OFFICE_CODE);
    if (number == NULL || text == NULL || text->bytes.size >= sizeof code) {
        return JL_OK;
    }
    memcpy(code, text->bytes.data, text->bytes.size);
    enum jl_rc rc = jl_admit_load(district, &log, err);
    const struct jl_given_office *given = rc == JL_OK ? jl_admissions_coded(&log, code) : NULL;
    return given == NULL || given->number == (uint32_t)number->number
               ? rc
               : jl_fault_at(err, JL_CONFLICT, JL_FAULT_OFFICE_CODE_GIVEN, "%s" JL_AND "%" PRIu32,
                             code, given->number);
}

static enum jl_rc check_offices(struct jl_district *district, const struct jl_change *changes,
                                size_t count, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        const struct jl_row *row = &changes[i].after;
        if (row->type == JL_TYPE_OFFICE) {
            rc = row->deleted ? jl_offices_check_unused(district, row, err)
                              : check_code(district, row, err);
        }
    }
    return rc;
}

static bool gives_numbers(const struct jl_change *changes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (changes[i].after.type == JL_TYPE_OFFICE) {
            return true;
        }
    }
    return false;
}

enum jl_rc jl_own_ops_save_open(struct jl_district *district, const struct jl_id *change_set,
                                const struct jl_change *changes, size_t count, struct jl_err *err) {
    enum { CHUNK_OPS = 1000 };
    enum jl_rc rc = check_before(district, changes, count, err);
    for (size_t done = 0; rc == JL_OK && done < count;) {
        size_t size = count - done < CHUNK_OPS ? count - done : CHUNK_OPS;
        rc = save_chunk(district, change_set, changes + done, &size, err);
        done += size;
    }
    return rc == JL_OK && gives_numbers(changes, count) ? jl_admit_note(district, err) : rc;
}

enum jl_rc jl_own_ops_save(void *context, const struct jl_id *change_set,
                           const struct jl_change *changes, size_t count, struct jl_err *err) {
    struct jl_district *district = context;
    enum jl_rc rc = jl_district_begin(district, true, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = check_offices(district, changes, count, err);
    if (rc == JL_OK) {
        rc = jl_own_ops_save_open(district, change_set, changes, count, err);
    }
    if (rc != JL_OK) {
        jl_district_rollback(district);
        return rc;
    }
    return jl_district_commit(district, err);
}
