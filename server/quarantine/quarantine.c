/* Quarantine: holding, looking, judging. Held batches begin where the batch before them ends, or
 * earlier when the device cut its ops anew; the first that goes on counts. */

#include "quarantine.h"
#include "server/books/push.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/store/quarantined.h"

#include <inttypes.h>
#include <string.h>

/* ---- Holding ---- */

static uint64_t last_of(const struct jl_quarantined *batch) {
    return batch->first_seq + batch->op_count - 1;
}

static enum jl_rc count_held(void *context, const struct jl_quarantined *batch,
                             struct jl_err *err) {
    struct jl_held_origin *held = context;
    (void)err;
    held->bytes += batch->body.size;
    if (batch->first_seq <= held->last_seq + 1 && last_of(batch) > held->last_seq) { /* no gap */
        held->last_seq = last_of(batch);
    }
    return JL_OK;
}

static enum jl_rc find_held(struct jl_quarantine *quarantine, struct jl_district *district,
                            const struct jl_origin *origin, struct jl_held_origin **out_held,
                            struct jl_err *err) {
    struct jl_held_origin *held = &quarantine->held[origin->number % JL_QUARANTINED_MAX];
    enum jl_rc rc = JL_OK;
    if (held->origin != origin->number) {
        *held = (struct jl_held_origin){.last_seq = origin->last_seq};
        rc = jl_quarantined_of(district->books->store, origin->number, count_held, held, err);
        held->origin = rc == JL_OK ? origin->number : 0;
    }
    if (held->last_seq < origin->last_seq) {
        held->last_seq = origin->last_seq; /* what is judged needs no place here */
    }
    *out_held = held;
    return rc;
}

void jl_quarantine_forget(struct jl_quarantine *quarantine, uint32_t origin) {
    struct jl_held_origin *held = &quarantine->held[origin % JL_QUARANTINED_MAX];
    if (held->origin == origin) {
        held->origin = 0;
    }
}

static uint64_t place_of(uint32_t origin, uint64_t first_seq) {
    return (uint64_t)origin << 32 ^ first_seq;
}

static enum jl_rc put_held(struct jl_district *district, struct jl_held_origin *held,
                           const struct jl_push *push, struct jl_bytes frame, struct jl_err *err) {
    JL_AUTO(jl_buf) body = {0};
    uint32_t origin = held->origin;
    enum jl_rc rc = jl_books_seal(district->books, "quarantine", place_of(origin, push->first_seq),
                                  frame, &body, err);
    if (rc == JL_OK) {
        rc = jl_quarantined_put(
            district->books->store, origin, push->first_seq, (uint32_t)push->count,
            district->clock.wall_ms(district->clock.context), jl_buf_bytes(&body), err);
    }
    if (rc == JL_OK) {
        held->bytes += body.size;
        held->last_seq = push->first_seq + push->count - 1;
    }
    return rc;
}

/* A held batch from its first op that is not covered yet; what it borrows lives in the arena. */
static enum jl_rc open_batch(struct jl_district *district, const struct jl_quarantined *batch,
                             uint64_t from, struct jl_arena *arena, struct jl_message *out_message,
                             struct jl_err *err) {
    JL_AUTO(jl_buf) plain = {0};
    struct jl_bytes frame = {0};
    enum jl_rc rc =
        jl_books_unseal_bytes(district->books, "quarantine",
                              place_of(batch->origin, batch->first_seq), batch->body, &plain, err);
    if (rc == JL_OK) {
        rc = jl_arena_dup(arena, jl_buf_bytes(&plain), &frame, err);
    }
    jl_buf_wipe(&plain);
    if (rc == JL_OK) {
        rc = jl_wire_decode(district->wire, frame, arena, out_message, err);
    }
    struct jl_push *push = &out_message->as.push;
    if (rc == JL_OK && (out_message->kind != JL_MESSAGE_PUSH ||
                        push->first_seq != batch->first_seq || push->count != batch->op_count)) {
        rc = jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s",
                         "a quarantined batch is not what it was");
    }
    if (rc == JL_OK && from > push->first_seq) {
        size_t known = (size_t)(from - push->first_seq);
        JL_ASSERT(known < push->count);
        push->ops += known;
        push->count -= known;
        push->first_seq = from;
    }
    return rc;
}

struct comparing {
    struct jl_district *district;
    const struct jl_push *push;
    bool same;
};

static enum jl_rc compare_held(void *context, const struct jl_quarantined *batch,
                               struct jl_err *err) {
    struct comparing *comparing = context;
    const struct jl_push *push = comparing->push;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_message held;
    uint64_t end = push->first_seq + push->count;
    if (last_of(batch) < push->first_seq || batch->first_seq >= end) {
        return JL_OK;
    }
    enum jl_rc rc = open_batch(comparing->district, batch, batch->first_seq, &arena, &held, err);
    for (uint64_t seq = push->first_seq; rc == JL_OK && seq < end; seq++) {
        if (seq >= batch->first_seq && seq <= last_of(batch) &&
            !jl_bytes_equal(held.as.push.ops[seq - batch->first_seq],
                            push->ops[seq - push->first_seq])) {
            comparing->same = false;
        }
    }
    return rc;
}

enum jl_rc jl_quarantine_same(struct jl_quarantine *quarantine, struct jl_district *district,
                              uint32_t number, const struct jl_push *push, bool *out_same,
                              struct jl_err *err) {
    const struct jl_origin *origin = jl_roster_origin(district, number);
    struct comparing comparing = {.district = district, .push = push, .same = true};
    struct jl_held_origin *held = NULL;
    enum jl_rc rc = origin != NULL ? find_held(quarantine, district, origin, &held, err) : JL_OK;
    if (rc == JL_OK && held != NULL && held->bytes > 0 && push->first_seq <= held->last_seq) {
        rc = jl_quarantined_of(district->books->store, number, compare_held, &comparing, err);
    }
    *out_same = comparing.same;
    return rc;
}

enum jl_rc jl_quarantine_hold(struct jl_quarantine *quarantine, struct jl_district *district,
                              uint32_t origin_number, const struct jl_push *push,
                              struct jl_bytes frame, struct jl_verdicts *out_verdicts,
                              uint64_t *out_new, struct jl_err *err) {
    const struct jl_origin *origin = jl_roster_origin(district, origin_number);
    struct jl_held_origin *held = NULL;
    bool same = false;
    uint64_t last = push->first_seq + push->count - 1;
    *out_new = 0;
    if (origin == NULL) {
        return jl_fault_at(err, JL_CONFLICT, JL_SAY_CHAIN_UNKNOWN, "%s",
                           "this incarnation is not known");
    }
    enum jl_rc rc = jl_quarantine_same(quarantine, district, origin_number, push, &same, err);
    if (rc == JL_OK && !same) {
        rc = jl_fault_at(err, JL_CONFLICT, JL_SAY_CHAIN_HELD, "%s",
                         "other ops are held under these numbers");
    }
    if (rc == JL_OK) {
        rc = find_held(quarantine, district, origin, &held, err);
    }
    if (rc == JL_OK && push->first_seq <= held->last_seq + 1 && last > held->last_seq) {
        if (held->bytes + frame.size > JL_QUARANTINE_MAX_BYTES) {
            return jl_fault(err, JL_LIMIT, JL_SAY_QUARANTINE_FULL);
        }
        *out_new = last - held->last_seq;
        rc = put_held(district, held, push, frame, err);
    }
    if (rc == JL_OK) {
        /* No further than what was compared: behind it another copy of the device may have put ops
         * that this one does not have. */
        uint64_t known = held->last_seq < last ? held->last_seq : last;
        *out_verdicts = (struct jl_verdicts){.first_seq = known + 1, .last_seq = known};
    }
    return rc;
}

enum jl_rc jl_quarantine_settle(struct jl_quarantine *quarantine, struct jl_district *district,
                                uint32_t number, struct jl_err *err) {
    const struct jl_origin *origin = jl_roster_origin(district, number);
    struct jl_held_origin *held = NULL;
    JL_ASSERT(origin != NULL);
    enum jl_rc rc = find_held(quarantine, district, origin, &held, err);
    if (rc != JL_OK || held->bytes == 0 || held->last_seq > origin->last_seq) {
        return rc;
    }
    held->bytes = 0;
    return jl_quarantined_drop(district->books->store, number, err);
}

/* ---- Looking ---- */

struct look {
    struct jl_district *district;
    const struct jl_origin *origin;
    uint64_t next_seq;
    jl_held_fn visit;
    void *context;
};

static enum jl_rc look_at(struct look *look, const struct jl_quarantined *batch,
                          struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_message message;
    enum jl_rc rc = open_batch(look->district, batch, look->next_seq, &arena, &message, err);
    for (size_t i = 0; rc == JL_OK && i < message.as.push.count; i++) {
        struct jl_op op;
        struct jl_held_op held = {.origin = look->origin,
                                  .seq = look->next_seq++,
                                  .batch_last = last_of(batch),
                                  .at_ms = batch->at_ms,
                                  .bytes = message.as.push.ops[i]};
        struct jl_decided decided;
        rc = jl_decision_of(look->district, look->origin, held.seq, held.bytes, &decided, err);
        if (rc == JL_OK) {
            held.decision = decided.decision;
            held.reason = decided.reason;
            held.decided_at = decided.journal_seq;
            /* Bytes that are no op are shown as such: a person can still refuse them. */
            held.op = jl_wire_op_decode(held.bytes, &arena, &op, err) == JL_OK ? &op : NULL;
            rc = look->visit(look->context, &held, err);
        }
    }
    return rc;
}

static enum jl_rc look_batch(void *context, const struct jl_quarantined *batch,
                             struct jl_err *err) {
    struct look *look = context;
    if (batch->first_seq > look->next_seq || last_of(batch) < look->next_seq) {
        return JL_OK;
    }
    return look_at(look, batch, err);
}

enum jl_rc jl_quarantine_each(struct jl_district *district, uint32_t device, jl_held_fn visit,
                              void *context, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < district->origin_count; i++) {
        struct look look = {.district = district,
                            .origin = &district->origins[i],
                            .next_seq = district->origins[i].last_seq + 1,
                            .visit = visit,
                            .context = context};
        if (look.origin->device == device) {
            rc = jl_quarantined_of(district->books->store, look.origin->number, look_batch, &look,
                                   err);
        }
    }
    return rc;
}

enum jl_rc jl_quarantine_count(struct jl_district *district, uint32_t device, uint64_t *out_ops,
                               struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    *out_ops = 0;
    for (size_t i = 0; rc == JL_OK && i < district->origin_count; i++) {
        const struct jl_origin *origin = &district->origins[i];
        struct jl_held_origin held = {.last_seq = origin->last_seq};
        if (origin->device == device) {
            rc = jl_quarantined_of(district->books->store, origin->number, count_held, &held, err);
            *out_ops += held.last_seq - origin->last_seq;
        }
    }
    return rc;
}

/* ---- Judging ---- */

struct next_batch {
    struct jl_district *district;
    uint64_t from; /* the first op that is not judged */
    struct jl_arena *arena;
    struct jl_message message;
    bool found, decided;
};

static enum jl_rc take_next(void *context, const struct jl_quarantined *batch, struct jl_err *err) {
    struct next_batch *next = context;
    if (next->found || batch->first_seq > next->from || last_of(batch) < next->from) {
        return JL_OK;
    }
    const struct jl_origin *origin = jl_roster_origin(next->district, batch->origin);
    const struct jl_push *push = &next->message.as.push;
    next->found = next->decided = true;
    enum jl_rc rc = open_batch(next->district, batch, next->from, next->arena, &next->message, err);
    for (size_t i = 0; rc == JL_OK && next->decided && i < push->count; i++) {
        struct jl_decided decided;
        rc = jl_decision_of(next->district, origin, push->first_seq + i, push->ops[i], &decided,
                            err);
        next->decided = decided.decision != JL_DECISION_NONE;
    }
    return rc;
}

static void count_verdicts(struct jl_judged *judged, const struct jl_verdicts *verdicts) {
    uint64_t ops = verdicts->last_seq + 1 - verdicts->first_seq;
    judged->ops += ops;
    judged->applied += ops - verdicts->exception_count;
    for (size_t i = 0; i < verdicts->exception_count; i++) {
        switch (verdicts->exceptions[i].code) {
        case JL_VERDICT_MERGED:
            judged->merged++;
            break;
        case JL_VERDICT_CASE:
            judged->cases++;
            break;
        case JL_VERDICT_PARKED:
            judged->parked++;
            break;
        case JL_VERDICT_APPLIED:
        case JL_VERDICT_ALREADY:
            judged->applied++;
            break;
        }
    }
}

/* *out_more: a batch was judged, so another may follow. */
static enum jl_rc judge_next(struct jl_district *district, uint32_t origin,
                             struct jl_judged *judged, bool *out_more, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_buf) frame = {0};
    struct jl_verdicts verdicts = {0};
    struct next_batch next = {.district = district,
                              .from = jl_roster_origin(district, origin)->last_seq + 1,
                              .arena = &arena};
    *out_more = false;
    enum jl_rc rc = jl_quarantined_of(district->books->store, origin, take_next, &next, err);
    if (rc != JL_OK || !next.found || !next.decided) {
        return rc;
    }
    rc = jl_wire_encode(district->wire, &next.message, &frame, err);
    if (rc == JL_OK) {
        rc = jl_push_judge(district, origin, &next.message.as.push, jl_buf_bytes(&frame), &arena,
                           &verdicts, err);
    }
    if (rc == JL_CONFLICT || rc == JL_PROTO) { /* nothing has changed */
        judged->broken_seq = next.from;
        return JL_OK;
    }
    if (rc == JL_OK) {
        count_verdicts(judged, &verdicts);
        *out_more = true;
    }
    return rc;
}

/* One batch, and what is left to drop behind it. */
static enum jl_rc judge_one(struct jl_district *district, uint32_t origin, struct jl_judged *judged,
                            bool *out_more, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_quarantine *quarantine = jl_arena_zalloc(&arena, 1, sizeof *quarantine);
    enum jl_rc rc = quarantine != NULL ? JL_OK : jl_fault_memory(err);
    if (rc == JL_OK && jl_roster_origin(district, origin) == NULL) {
        rc = jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_ORIGIN_UNKNOWN, "%" PRIu32, origin);
    }
    if (rc == JL_OK) {
        rc = judge_next(district, origin, judged, out_more, err);
    }
    return rc == JL_OK && *out_more ? jl_quarantine_settle(quarantine, district, origin, err) : rc;
}

enum jl_rc jl_quarantine_judge(struct jl_district *district, uint32_t origin,
                               struct jl_judged *out_judged, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    *out_judged = (struct jl_judged){0};
    for (bool more = true; rc == JL_OK && more;) {
        struct jl_judged judged = *out_judged;
        more = false;
        rc = jl_district_begin(district, true, NULL, err);
        if (rc != JL_OK) {
            return rc;
        }
        rc = judge_one(district, origin, &judged, &more, err);
        if (rc != JL_OK) {
            jl_district_rollback(district);
            return rc;
        }
        rc = jl_district_commit(district, err);
        *out_judged = rc == JL_OK ? judged : *out_judged;
    }
    return rc;
}

enum jl_rc jl_quarantine_discard(struct jl_district *district, uint32_t origin,
                                 struct jl_err *err) {
    enum jl_rc rc = jl_district_begin(district, true, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_quarantined_drop(district->books->store, origin, err);
    if (rc != JL_OK) {
        jl_district_rollback(district);
        return rc;
    }
    return jl_district_commit(district, err);
}
