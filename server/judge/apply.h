/* Judging one journal entry: its ops in order, each with a verdict, over the records they touch.
 *
 * Nothing is written while it judges; jl_apply_write does that for all of the batch. What it reads
 * is the journal so far and the entry at hand, so that a replay gives the same verdicts.
 * Thread: that of the books, in its write transaction. */
#ifndef JIELIAN_SERVER_JUDGE_APPLY_H
#define JIELIAN_SERVER_JUDGE_APPLY_H

#include "server/books/district.h"
#include "server/books/entry.h"
#include "server/books/journal.h"
#include "server/judge/objection.h"
#include "server/judge/touched.h"

#include "jielian/base/date.h"
#include "jielian/base/map.h"
#include "jielian/base/row.h"
#include "jielian/catalogue/type.h"
#include "jielian/op/merge.h"
#include "jielian/op/op.h"
#include "jielian/record/problems.h"
#include "jielian/store/held_ops.h"

struct jl_duplicates;
struct jl_reason;
struct jl_sight;

/* What lives for one op. A stage writes what its own line names. */
struct jl_judging {
    size_t index;
    const struct jl_op *op;
    struct jl_touched *touched; /* its record */
    enum jl_waits waits;
    /* its record as it stands before it */
    struct jl_row row_was;
    bool row_was_there; /* … if there was one, deleted or not */
    /* screen */
    const struct jl_type *type;
    /* right */
    bool dropped; /* the district writes what the op said of some fields */
    /* merge */
    enum jl_standing standing;
    struct jl_merge_result result;
    struct jl_touched *kept; /* what its record was merged into (M19); NULL: it was not */
    size_t late_from;        /* its conflicts from here on are late references */
    /* any stage that speaks against it */
    struct jl_objection fault;
    /* effects */
    bool lived; /* its record did before */
    enum jl_verdict_code verdict;
    struct jl_id parted_from; /* what its record had been merged into, and comes back from */
    /* the last stage, whichever it is */
    bool settled; /* it has its verdict */
};

/* What lives for the batch. */
struct jl_apply {
    struct jl_district *district;
    struct jl_arena *arena;
    const struct jl_entry_head *head; /* the author, and all else that judging may know */
    enum jl_side author;
    uint32_t origin, device, office; /* 0: the district itself */
    const uint8_t *incarnation;
    uint64_t first_seq;
    const uint64_t *seqs; /* of ops that are released: their numbers when they came; or NULL */
    const struct jl_held *refs; /* … and where they were held */
    int64_t now_ms;             /* when the district received it: replay uses the journal's */
    /* Replay of an entry of older rules: its verdicts as they were given, which are not judged
     * anew. */
    bool given;
    const struct jl_verdict *given_verdicts;
    size_t given_count;
    uint64_t number_before; /* of the author's op before the one under way; 0: not known */
    struct jl_held *held;   /* ops of this batch that wait, by index (n), and for what */
    size_t held_count;
    size_t released; /* ops of a RELEASE that wait no more */
    struct jl_op *ops;
    const struct jl_bytes *op_bytes; /* as they were sent */
    size_t op_count;                 /* once they are judged: of those that were */
    size_t upto; /* replay: so many of them were judged then; 0: not replay, or all */
    bool cuts;   /* district->slice is enough; what is behind comes again */
    int64_t began_ms;
    size_t arena_before; /* bytes in the arena when it began */
    bool again; /* ops may have been delivered before (server/judge/redelivered.c); false: all are
                   new */
    struct jl_map waiting; /* ops that wait, of records that were asked for: again.c */
    struct jl_journal_cached cached;
    uint64_t old_reads;          /* how many lines without authors may still be read for it */
    size_t merge_looks;          /* what offices' merges of the batch have looked at */
    struct jl_judging *now;      /* the op under way; NULL between ops */
    struct jl_touched **touched; /* hash table by key */
    size_t touched_slots;
    struct jl_touched **list; /* in order of first touch */
    size_t list_count, list_capacity;
    struct jl_verdict *verdicts; /* other than APPLIED */
    size_t verdict_count;
    struct jl_problems problems;
    bool echoed;             /* the author's feed got an entry that its device must read */
    uint64_t came_back_upto; /* as in jl_accept */
    uint64_t came_back_ops;
    struct jl_duplicates *duplicates; /* server/judge/unique.c */
    struct jl_sight *sight;           /* server/judge/sight.c */
};

/* The day by which this is judged, yyyymmdd; 0: the district's clock could not be right. */
static inline int64_t jl_apply_today(const struct jl_apply *apply) {
    bool known = apply->head->rules == 0 || apply->head->date_limit != 0;
    return known ? jl_date_of_ms(apply->now_ms) : 0;
}

static inline uint64_t jl_apply_seq(const struct jl_apply *apply, size_t index) {
    return apply->seqs != NULL ? apply->seqs[index] : apply->first_seq + index;
}

/* Is what was judged enough for one turn of the writer? One op always is judged. */
bool jl_apply_enough(const struct jl_apply *apply, size_t judged);
/* Judge the ops in order, as many as one turn is enough for: nothing is written yet, and the books'
 * memory is as it was but for the map of merged records. The transaction is open, the chain is
 * checked. */
JL_MUST_CHECK enum jl_rc jl_apply_batch(struct jl_apply *apply, struct jl_err *err);

/* reason: NULL but for PARKED. */
JL_MUST_CHECK enum jl_rc jl_apply_verdict(struct jl_apply *apply, size_t index,
                                          enum jl_verdict_code code, const struct jl_reason *reason,
                                          struct jl_err *err);

/* Write what the judging changed: rows, feeds, sums (server/judge/apply_write.c). */
JL_MUST_CHECK enum jl_rc jl_apply_write(struct jl_apply *apply, struct jl_err *err);

/* Did an older entry, whose verdicts are not judged anew, give op `index` this one? */
bool jl_apply_was_given(const struct jl_apply *apply, size_t index, enum jl_verdict_code code);

#endif
