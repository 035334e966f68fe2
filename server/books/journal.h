/* The journal: one entry for each batch that was accepted, and for what the district itself decides
 * about ops that it held. Inside an open transaction; the writer's thread, readers read.
 *
 *   kind       origin      body, sealed
 *   BATCH      its author  the Push message as received, so that replay reads what was signed
 *   RELEASE    0           { u64be(entry) u32be(n) } of held ops of one batch, in order
 *   RESTORED   0           the new epoch (16)
 *   CLOSED     0           empty
 *
 * Verdicts are kept as { varint(seq) u8(code) varint(size) reason } for every op that was not
 * plainly APPLIED; what ALREADY answers is read back from there. In a RELEASE op n has the seq n
 * + 1. */
#ifndef JIELIAN_SERVER_JOURNAL_H
#define JIELIAN_SERVER_JOURNAL_H

#include "district.h"
#include "entry.h"

#include "jielian/store/held_ops.h"
#include "jielian/store/history_index.h"
#include "jielian/store/journal.h"

struct jl_history_line;

struct jl_journal_opened { /* lives in the arena that it was opened with */
    struct jl_entry_head head;
    struct jl_push push;   /* first_seq and ops; no signature but in a BATCH or PART */
    size_t signed_count;   /* … which is of so many ops: of a PART, more lie behind push.count */
    struct jl_bytes frame; /* the body in the clear */
    struct jl_held *refs;  /* RELEASE: where each op was held … */
    uint64_t *seqs;        /* … and its number there */
};

/* JL_CORRUPT: the body can't be read; JL_MISUSE: a newer program's entry. The author of an entry
 * without a head is looked up among the devices of now. */
JL_MUST_CHECK enum jl_rc jl_journal_open(struct jl_district *district,
                                         const struct jl_journal_entry *entry,
                                         struct jl_arena *arena,
                                         struct jl_journal_opened *out_opened, struct jl_err *err);
/* An entry that stays open, for whoever asks for several ops of it in turn; zero to begin with. */
struct jl_journal_cached {
    uint64_t seq; /* 0: none */
    struct jl_arena arena;
    struct jl_journal_entry entry;
    struct jl_journal_opened opened;
    struct jl_verdict *verdicts;
    size_t verdict_count;
};
JL_MUST_CHECK enum jl_rc jl_journal_fetch(struct jl_district *district,
                                          struct jl_journal_cached *cached, uint64_t seq,
                                          struct jl_err *err);
void jl_journal_cached_fini(struct jl_journal_cached *cached);
/* The op of a history line; lives in the arena and in cached. */
JL_MUST_CHECK enum jl_rc jl_journal_line(struct jl_district *district,
                                         struct jl_journal_cached *cached,
                                         const struct jl_history_entry *at, struct jl_arena *arena,
                                         struct jl_history_line *out_line, struct jl_err *err);
/* Only whose it is and by which rules. */
JL_MUST_CHECK enum jl_rc jl_journal_head_of(struct jl_district *district,
                                            const struct jl_journal_entry *entry,
                                            struct jl_entry_head *out_head, struct jl_err *err);

struct jl_journal_append {
    const struct jl_entry_head *head; /* rules 0: the entry gets no head */
    uint32_t origin;
    uint64_t first_op;
    uint32_t op_count;
    int64_t at_ms;
    struct jl_bytes body;     /* in the clear */
    struct jl_bytes verdicts; /* encoded */
};
/* Chains, seals, signs and stores it; moves district->state on. */
JL_MUST_CHECK enum jl_rc jl_journal_put(struct jl_district *district,
                                        const struct jl_journal_append *append, struct jl_err *err);
/* The ops that a RELEASE of this body, to be entry `seq`, is about. */
JL_MUST_CHECK enum jl_rc jl_journal_release(struct jl_district *district, struct jl_bytes body,
                                            uint64_t seq, struct jl_arena *arena,
                                            struct jl_journal_opened *out_opened,
                                            struct jl_err *err);
/* Body of a RELEASE. Appends. */
JL_MUST_CHECK enum jl_rc jl_journal_refs_encode(const struct jl_held *refs, size_t count,
                                                struct jl_buf *out, struct jl_err *err);

/* One line of a record's history, oldest first. */
struct jl_history_line {
    uint64_t journal_seq;
    uint32_t device, office; /* 0: the district */
    int64_t received_ms;
    enum jl_verdict_code verdict;
    struct jl_op op;
};
typedef enum jl_rc (*jl_history_fn)(void *context, const struct jl_history_line *line,
                                    struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_journal_history(struct jl_district *district, int64_t rid,
                                            jl_history_fn visit, void *context, struct jl_err *err);

#endif
