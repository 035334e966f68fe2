/* Batches from the wire to the journal: chain, signature, ALREADY, verdicts. */
#include "push.h"
#include "accept.h"
#include "clock_check.h"
#include "journal.h"
#include "release.h"
#include "verdicts.h"

#include "decisions.h"
#include "district.h"

#include "jielian/base/fault.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/crypto/signer.h"
#include "jielian/message/fault_text.h"
#include "jielian/store/journal.h"
#include "jielian/sync/chain.h"

#include <inttypes.h>
#include <string.h>

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
        return jl_fault_memory(err);
    }
    for (uint64_t seq = push->first_seq; seq <= last;) {
        struct jl_journal_entry entry;
        struct jl_journal_opened known;
        struct jl_verdict *verdicts = NULL;
        size_t verdict_count = 0;
        enum jl_rc rc =
            jl_journal_entry_find(district->books->store, origin->number, seq, arena, &entry, err);
        if (rc == JL_OK) {
            rc = jl_journal_open(district, &entry, arena, &known, err);
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
                                known.push.ops[seq - entry.first_op])) {
                return jl_fault_at(err, JL_CONFLICT, JL_SAY_CHAIN_OTHER_OP,
                                   "op %" PRIu64 " is not the one we know", seq);
            }
            const struct jl_verdict *verdict = jl_verdict_of(verdicts, verdict_count, seq);
            if (verdict != NULL) {
                list[count++] = *verdict;
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
    const struct jl_device *device = jl_roster_device(district, origin->device);
    uint8_t text[JL_CHAIN_BATCH_TEXT_BYTES];
    memcpy(out_hash, origin->last_hash, JL_HASH_BYTES);
    for (size_t i = 0; i < push->count; i++) {
        enum jl_rc rc = jl_chain_step(district->books->hasher, out_hash, push->ops[i], err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    jl_chain_batch_text(origin->incarnation, push->first_seq + push->count - 1, out_hash, text);
    enum jl_rc rc = jl_signer_verify(district->keys.suite, device->sign_public,
                                     jl_bytes(text, sizeof text), push->signature, err);
    if (rc == JL_DENIED) {
        /* Forged, or chained on something else than what we hold: a copied device looks like this.
         */
        return jl_fault_at(err, JL_CONFLICT, JL_SAY_SIGNATURE,
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
        uint32_t cause = JL_SAY_OP_NOT_CANONICAL;
        enum jl_rc rc = jl_wire_op_canonical(push->ops[i], err);
        if (rc == JL_OK) {
            cause = JL_SAY_OP_NOT_DECODED;
            rc = jl_wire_op_decode(push->ops[i], arena, &op, err);
        }
        if (rc == JL_PROTO || rc == JL_LIMIT) { /* no honest program makes one over a bound */
            char why[JL_FAULT_TEXT_BYTES];
            return jl_fault_at(err, JL_PROTO, cause, "op %" PRIu64 ": %s", push->first_seq + i,
                               jl_fault_text_detail(err, why));
        }
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

static struct jl_entry_head head_of(const struct jl_district *district,
                                    const struct jl_origin *origin, uint64_t came_back_upto,
                                    int64_t now_ms) {
    const struct jl_device *device = jl_roster_device(district, origin->device);
    struct jl_entry_head head = {.rules = JL_RULES,
                                 .kind = JL_ENTRY_BATCH,
                                 .device = device->number,
                                 .office = device->office,
                                 .date_limit = jl_entry_date_limit(district, now_ms),
                                 .came_back_upto = came_back_upto};
    memcpy(head.incarnation, origin->incarnation, sizeof head.incarnation);
    memcpy(head.sign_public, device->sign_public, sizeof head.sign_public);
    return head;
}

static enum jl_rc push_next(struct jl_district *district, struct jl_origin *origin,
                            const struct jl_push *push, struct jl_bytes frame,
                            struct jl_arena *arena, struct jl_verdicts *out_verdicts,
                            struct jl_err *err) {
    uint8_t hash[JL_HASH_BYTES];
    uint32_t device = origin->device;
    struct jl_feed_state *state = NULL;
    struct jl_returned back;
    struct jl_accept accept = {.origin = origin->number,
                               .push = push,
                               .frame = frame,
                               .chain_hash = hash,
                               .cuts = true,
                               .now_ms = district->clock.wall_ms(district->clock.context)};
    enum jl_rc rc = check_chain(district, origin, push, hash, err);
    if (rc == JL_OK) {
        rc = check_ops(push, arena, err);
    }
    if (rc == JL_OK) {
        rc = jl_restored_returned(district, device, &back, err);
    }
    if (rc == JL_OK) {
        accept.head = head_of(district, origin, back.upto, accept.now_ms);
        rc = jl_feed_state_get(district, accept.head.office, &state, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    *out_verdicts = (struct jl_verdicts){.first_seq = push->first_seq, .own_from = state->head};
    rc = jl_release_accept(district, &accept, arena, &out_verdicts->exceptions,
                           &out_verdicts->exception_count, err);
    if (rc != JL_OK) {
        /* The transaction rolls back; "malformed" would be a lie here. */
        return rc == JL_PROTO || rc == JL_CONFLICT ? JL_CORRUPT : rc;
    }
    out_verdicts->last_seq = push->first_seq + accept.taken - 1;
    out_verdicts->office_head = state->head;
    if (accept.echoed) {
        out_verdicts->own_from = 0; /* there is something for the device to read */
    } else {
        out_verdicts->own_to = state->head;
    }
    return accept.came_back_ops > 0 ? jl_restored_add(district, device, accept.came_back_ops, err)
                                    : JL_OK;
}

enum jl_rc jl_push_judge(struct jl_district *district, uint32_t origin_number,
                         const struct jl_push *push, struct jl_bytes frame, struct jl_arena *arena,
                         struct jl_verdicts *out_verdicts, struct jl_err *err) {
    struct jl_origin *origin = jl_roster_origin(district, origin_number);
    if (origin == NULL) {
        return jl_fault_at(err, JL_CONFLICT, JL_SAY_CHAIN_UNKNOWN, "%s",
                           "this incarnation is not known");
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
