/* The deep proof: SHA-256 over every record of two feeds, recomputed from the rows (docs/design.md
 * section 6). Stored hashes and sums play no part in it.
 *
 * It goes in steps, so that nobody has to hold a snapshot for the whole of it: the caller sees to
 * it that the books stand as they did at the first step (the heads of both feeds, the cursors), and
 * begins anew when they don't.
 *
 *   jl_deep_begin → jl_deep_step until done → hash[0] of feed 0, hash[1] of the office's
 *
 * Thread: that of the books. */
#ifndef JIELIAN_DEEP_H
#define JIELIAN_DEEP_H

#include "jielian/books/books.h"
#include "jielian/crypto/hasher.h"

enum { JL_DEEP_HASHES_BYTES = 2 * JL_HASH_BYTES };

struct jl_deep {
    uint8_t hash[2][JL_HASH_BYTES];
    struct jl_record_key after; /* the last record that was looked at */
    uint64_t rows;              /* that are in the hashes */
    uint64_t unreadable;        /* of these; no other side can have the same */
    bool done;
};

JL_MUST_CHECK enum jl_rc jl_deep_begin(struct jl_books *books, struct jl_deep *out_deep,
                                       struct jl_err *err);
/* Look at up to `records` more, inside any transaction. office: the number of its feed; of no
 * meaning in an office's own books. JL_DENIED: a newer program wrote these books, whose cells this
 * one can't read. Cost: about 12 µs a record of these feeds, 1 µs one of others (a debug build,
 * 7,012 records of 58,412); memory for 256. */
JL_MUST_CHECK enum jl_rc jl_deep_step(struct jl_books *books, uint32_t office, size_t records,
                                      struct jl_deep *deep, struct jl_err *err);

#endif
