/* Quarantine: what suspended devices deliver, and what the district decides about it, op by op.
 *
 *   delivered ─> held, as it came, sealed; the device's chain is not advanced
 *                  │ a person admits or refuses ops, in any order; each decision is a record of the
 *                  │ district's own (built-in type quarantine_decision), so the journal has it
 *                  v
 *                judged, batch by batch, once every op of the batch is decided: the batch goes into
 *                the journal as the device signed it, admitted ops get the verdict that they would
 *                have got, refused ones PARKED with the reason
 *
 * A batch is the unit because the device's signature covers it as a whole: judged in part, replay
 * could not check who said it. An op is known by its bytes: held under several incarnations of its
 * device, it has one decision in all of these places, and the place that is judged first settles
 * it. A refused one stays refused when the device is let in again and sends it itself.
 *
 * Thread: that of the district. */
#ifndef JIELIAN_SERVER_DISTRICT_QUARANTINE_H
#define JIELIAN_SERVER_DISTRICT_QUARANTINE_H

#include "server/books/decisions.h"
#include "server/books/district.h"

enum {
    JL_QUARANTINED_MAX = 256, /* origins remembered; others are read from the store again */
    /* Of one origin, about a million ops: a device that never stops can't fill the disk. */
    JL_QUARANTINE_MAX_BYTES = 64 * 1024 * 1024,
};

/* ---- Holding: inside an open write transaction ---- */

struct jl_held_origin { /* what waits of one origin */
    uint32_t origin;    /* 0: free */
    uint64_t last_seq, bytes;
};
struct jl_quarantine { /* what the store says, remembered; all zero is right at any time */
    struct jl_held_origin held[JL_QUARANTINED_MAX];
};
/* Is what a device says of numbers that are held what is held? Otherwise it is another chain. */
JL_MUST_CHECK enum jl_rc jl_quarantine_same(struct jl_quarantine *quarantine,
                                            struct jl_district *district, uint32_t origin,
                                            const struct jl_push *push, bool *out_same,
                                            struct jl_err *err);
/* Keep a batch. *out_verdicts is the answer: "go on behind what is held", but no further than the
 * end of this batch: what is held behind that was not compared. *out_new: ops that were not held
 * before. JL_LIMIT: JL_QUARANTINE_MAX_BYTES are held; nothing is kept. JL_CONFLICT: the
 * incarnation is not known, or its numbers hold other ops; it has to begin a new one. */
JL_MUST_CHECK enum jl_rc jl_quarantine_hold(struct jl_quarantine *quarantine,
                                            struct jl_district *district, uint32_t origin,
                                            const struct jl_push *push, struct jl_bytes frame,
                                            struct jl_verdicts *out_verdicts, uint64_t *out_new,
                                            struct jl_err *err);
/* What was held has been judged: drop it, once that holds for all of the origin's. */
JL_MUST_CHECK enum jl_rc jl_quarantine_settle(struct jl_quarantine *quarantine,
                                              struct jl_district *district, uint32_t origin,
                                              struct jl_err *err);
void jl_quarantine_forget(struct jl_quarantine *quarantine, uint32_t origin);

/* ---- Looking: inside any open transaction ---- */

struct jl_held_op { /* one op that is not judged yet */
    const struct jl_origin *origin;
    uint64_t seq;
    uint64_t batch_last; /* seq of the last op of its batch: they are judged together */
    int64_t at_ms;       /* delivered */
    struct jl_bytes bytes;
    const struct jl_op *op;
    enum jl_decision decision;
    const char *reason;  /* of a refusal */
    uint64_t decided_at; /* journal entry of the decision; 0: none */
};
/* In order of seq, origin by origin; what it gets is valid during the call. */
typedef enum jl_rc (*jl_held_fn)(void *context, const struct jl_held_op *held, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_quarantine_each(struct jl_district *district, uint32_t device,
                                            jl_held_fn visit, void *context, struct jl_err *err);
/* How many ops of the device wait to be judged. */
JL_MUST_CHECK enum jl_rc jl_quarantine_count(struct jl_district *district, uint32_t device,
                                             uint64_t *out_ops, struct jl_err *err);

/* ---- Deciding: each call a transaction of its own ---- */

struct jl_run { /* ops in a row, of one origin: at most JL_BATCH_OPS_MAX */
    uint32_t origin;
    uint64_t first_seq, last_seq;
};
struct jl_ruling {
    enum jl_decision decision;
    const char *reason;    /* what the clerk reads of a refusal; "" for an admission */
    struct jl_run *judged; /* out: the op of JL_CONFLICT; NULL: not asked */
};
/* Write a decision down. A later one about the same op, in whatever place it is held, replaces it
 * until the op is judged in one of them. Nothing is decided: JL_NOT_FOUND: some of the ops are not
 * held (any more). JL_CONFLICT: one was judged as decided, in another place. */
JL_MUST_CHECK enum jl_rc jl_quarantine_decide(struct jl_district *district, uint32_t device,
                                              const struct jl_ruling *wanted,
                                              const struct jl_run *runs, size_t run_count,
                                              struct jl_err *err);

struct jl_judged {
    uint64_t ops, applied, merged, cases, parked;
    uint64_t broken_seq; /* the batch from here on is not the device's own; 0: none */
};
/* Judge every batch of the origin that is wholly decided, up to the first that is not; each, or as
 * much of it as one turn is enough for, in a transaction of its own, so that others have theirs.
 * Cut off, what was judged stays, and the next call goes on behind it. A batch
 * whose chain or signature does not hold can't be judged: nothing behind it is, and broken_seq
 * names it. */
JL_MUST_CHECK enum jl_rc jl_quarantine_judge(struct jl_district *district, uint32_t origin,
                                             struct jl_judged *out_judged, struct jl_err *err);
/* Drop all that is held of an origin without judging it: the device sends again what is its own. */
JL_MUST_CHECK enum jl_rc jl_quarantine_discard(struct jl_district *district, uint32_t origin,
                                               struct jl_err *err);

#endif
