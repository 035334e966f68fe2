/* Set hashes: what both sides compare of a feed (docs/design.md section 6).
 *
 *   set sum     Σ content hash(16), as little-endian integers, mod 2^128, per feed and bucket
 *               (AdHash; Bellare and Micciancio 1997, "A new paradigm for collision-free hashing")
 *   root        SHA-256("jielian proof v1" ‖ for feed 0, then the office's: count (u64be) ‖
 *               Σ of its bucket sums (16, little-endian))[0..15]
 *
 * Adding and removing commute, so a sum can be kept up to date in the transaction of each change.
 * Against accident 128 bits are ample. It is no defence against a holder of the proof key, who
 * finds two sets of 64 records with one sum in seconds (Wagner 2002, "A generalized birthday
 * problem"): the deep proof is (jielian/books/deep.h). Pure. Thread: an object belongs to one
 * thread. */
#ifndef JIELIAN_SYNC_SETSUM_H
#define JIELIAN_SYNC_SETSUM_H

#include "jielian/base/bytes.h"
#include "jielian/base/limits.h"

struct jl_hasher;
struct jl_id;

enum { JL_SUM_BYTES = 16 };

struct jl_setsum {
    uint64_t count;
    uint32_t counts[JL_BUCKETS];
    uint64_t sums[JL_BUCKETS][2]; /* low, high */
};
enum { JL_SETSUM_BYTES = 8 + JL_BUCKETS * (4 + JL_SUM_BYTES) };

void jl_setsum_init(struct jl_setsum *sum);
void jl_setsum_add(struct jl_setsum *sum, const struct jl_id *id,
                   const uint8_t hash[static JL_SUM_BYTES]);
void jl_setsum_remove(struct jl_setsum *sum, const struct jl_id *id,
                      const uint8_t hash[static JL_SUM_BYTES]);
/* Bytes of one bucket's sum; the first JL_SHORT_SUM_BYTES of them travel in Buckets. */
void jl_setsum_bucket(const struct jl_setsum *sum, unsigned bucket,
                      uint8_t out_sum[static JL_SUM_BYTES]);
bool jl_setsum_equal(const struct jl_setsum *a, const struct jl_setsum *b);
/* Stored form, big-endian. */
void jl_setsum_encode(const struct jl_setsum *sum, uint8_t out_bytes[static JL_SETSUM_BYTES]);
JL_MUST_CHECK enum jl_rc jl_setsum_decode(struct jl_bytes bytes, struct jl_setsum *out_sum,
                                          struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_setsum_root(struct jl_hasher *hasher, const struct jl_setsum *shared,
                                        const struct jl_setsum *office,
                                        uint8_t out_root[static JL_SUM_BYTES], struct jl_err *err);

#endif
