/* What a journal entry says of itself: who sent its ops, by which rules it is judged, and all that
 * judging may know beside the journal before it. With this, replay gives the same verdicts for
 * ever, whatever devices, clocks and restores there are by then.
 *
 *   head := varint(rules) u8(kind) varint(device) varint(office) bytes(incarnation, 16)
 *           varint(size) bytes(sign_public, size) varint(date_limit) varint(came_back_upto)
 *
 * Entries of schema 1 have no head: their rules are number 0, and their author is looked up among
 * the devices of now.
 *
 * A change of the judge, of a validator or of what follows from an op raises JL_RULES. Entries of
 * older rules are not judged anew: their stored verdicts say which ops took effect, and code that
 * changes rows keeps a branch for them.
 *
 *   rules   since then
 *   0       no head; verdicts are not covered by the chain
 *   1       op numbers are dense; a natural key is free after deletion, and names only what its
 *           author sees; tombstones remember their office and status; dates ahead are cases; ops
 *           that came back after a restore are held
 *   2       two records of different offices that may be one are the district's case; unique texts,
 *           and texts that are a natural key, are the same that fold to the same (base/fold.h,
 *           JL_FOLD_VERSION 1); each two records of a batch with one value are a pair;
 *           an office's op says only what may.h lets it; what the district fills in of a transfer
 *           is the district's; a case is closed once, in its author's name; who wrote a field is
 *           the last op whose value of it stood (table `author`)
 *   3       an office merges two records of its own, and undoes that (own_merge.c); before, its
 *           MERGE was refused, and `other` of its other ops said nothing; who closes a case that is
 *           closed hears so of a case of one's own office only, and waits no more; an office's case
 *           of a value with more holders than are looked at stays open, and a record that comes
 *           back from a merge opens the pair's case again only while the other one lives (pair.c)
 *
 * Thread: any. */
#ifndef JIELIAN_SERVER_ENTRY_H
#define JIELIAN_SERVER_ENTRY_H

#include "jielian/base/bytes.h"
#include "jielian/base/limits.h"
#include "jielian/crypto/suite.h"
#include "jielian/store/store.h"

struct jl_district;

enum { JL_RULES = 3 };

enum jl_entry_kind {
    JL_ENTRY_BATCH = 1, /* ops as their author signed them */
    JL_ENTRY_RELEASE,   /* held ops that are judged again; their author is that of the head */
    JL_ENTRY_RESTORED,  /* the books were restored: ops may be held from here on */
    JL_ENTRY_CLOSED,    /* … until here: what is still held is judged as it is */
    JL_ENTRY_PART,      /* the first ops of a BATCH that took too long to be judged in one turn */
};

struct jl_entry_head {
    uint32_t rules;
    enum jl_entry_kind kind;
    uint32_t device, office; /* 0: the district itself */
    uint8_t incarnation[16];
    uint8_t sign_public[JL_SIGN_PUBLIC_MAX_BYTES]; /* of the device; zero: the district's own */
    int64_t date_limit;      /* yyyymmdd: a date after it is ahead; 0: not judged */
    uint64_t came_back_upto; /* ops up to this number were confirmed by lost books; 0: none */
};

static inline bool jl_entry_of_author(enum jl_entry_kind kind) { /* signed by who made the ops */
    return kind == JL_ENTRY_BATCH || kind == JL_ENTRY_PART;
}

/* suite: the journal's, which says how long the key is. Appends. */
JL_MUST_CHECK enum jl_rc jl_entry_encode(const struct jl_suite *suite,
                                         const struct jl_entry_head *head, struct jl_buf *out,
                                         struct jl_err *err);
/* JL_CORRUPT: not a head; JL_MISUSE: of rules or a kind that a newer program made: install it.
 * Empty bytes give rules 0. */
JL_MUST_CHECK enum jl_rc jl_entry_decode(const struct jl_suite *suite, struct jl_bytes bytes,
                                         struct jl_entry_head *out_head, struct jl_err *err);
/* The head of an entry of the district's own, as of now. */
struct jl_entry_head jl_entry_own_head(const struct jl_district *district, enum jl_entry_kind kind,
                                       int64_t now_ms);

/* The latest date that is not ahead, yyyymmdd: the day after today; 0: this clock judges no dates.
 */
int64_t jl_entry_date_limit(const struct jl_district *district, int64_t now_ms);

#endif
