/* One entry to be folded into the books: of a push, the own desk's ops, a release or a replay.
 *
 * Thread: that of the books; inside an open write transaction. */
#ifndef JIELIAN_SERVER_BOOKS_ACCEPT_H
#define JIELIAN_SERVER_BOOKS_ACCEPT_H

#include "entry.h"

#include "proto/wire.h"

#include "jielian/base/bytes.h"
#include "jielian/store/held_ops.h"

struct jl_district;

struct jl_accept {
    struct jl_entry_head head;
    uint32_t origin;
    const struct jl_push *push; /* ops of a BATCH, PART or RELEASE; none of the others */
    struct jl_bytes frame;      /* the body */
    const struct jl_held *refs; /* RELEASE: where each op was held, */
    const uint64_t *seqs;       /* … and its number there */
    const uint8_t *chain_hash;  /* of a device: its chain behind the last op of push */
    struct jl_bytes given;      /* head.rules is older than ours: the verdicts as they were given */
    int64_t now_ms;
    size_t upto;            /* replay: of push, so many ops were judged; 0: all */
    bool cuts;              /* district->slice is enough */
    size_t taken;           /* out: ops of push that were judged */
    bool echoed;            /* out: the author's feed got an entry that its device must read */
    uint64_t came_back_ops; /* out: ops that came back and were not here */
    bool progress; /* out, RELEASE: at least one op waits no more; else nothing was written */
    struct jl_record_key *touched; /* out: records that were changed, in the arena */
    size_t touched_count;
};
/* The judge, which stands above the books and is handed in when they are opened
 * (server/judge/accept_entry.h). Codes as jl_books_write; JL_DENIED for books that are made for a
 * newer program. *out_verdicts: others than APPLIED, in the arena. */
typedef enum jl_rc (*jl_judge_fn)(struct jl_district *district, struct jl_accept *accept,
                                  struct jl_arena *arena, struct jl_verdict **out_verdicts,
                                  size_t *out_count, struct jl_err *err);

#endif
