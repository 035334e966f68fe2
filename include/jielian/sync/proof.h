/* Chains and set hashes: what is hashed, signed and compared (docs/design.md sections 4 and 6).
 *
 *   genesis     SHA-256("jielian chain v1" ‖ incarnation(16))
 *   hash[n]     SHA-256(hash[n-1](32) ‖ op bytes)
 *   batch text  "jielian batch v1" ‖ incarnation(16) ‖ last seq (u64be) ‖ hash[last](32)
 *   enrol text  "jielian enrol v1" ‖ curve key(32) ‖ sign key(32) ‖ invitation key(32)
 *   J[0]        32 zero bytes
 *   J[n]        SHA-256(J[n-1](32) ‖ "jielian journal v1" ‖ n (u64be) ‖ origin (u32be) ‖
 *               first op (u64be) ‖ count (u32be) ‖ at_ms (u64be) ‖ SHA-256(body)(32))
 *               of entries without a head; with one, "jielian journal v2" in its place, and
 *               SHA-256(head)(32) ‖ SHA-256(verdicts)(32) behind it
 *   case id     SHA-256("jielian case v1" ‖ incarnation(16) ‖ seq (u64be))[0..15]: of what one op
 *               left undecided
 *   pair id     SHA-256("jielian pair v1" ‖ type (u32be) ‖ smaller id(16) ‖ larger id(16))[0..15]:
 *               the case of two records that may be one
 *   set sum     Σ content hash(16), as little-endian integers, mod 2^128, per feed and bucket
 *               (AdHash; Bellare and Micciancio 1997, "A new paradigm for collision-free hashing")
 *   root        SHA-256("jielian proof v1" ‖ for feed 0, then the office's: count (u64be) ‖
 *               Σ of its bucket sums (16, little-endian))[0..15]
 *
 * The texts of batch and enrolment, and J[n], are signed with Ed25519. Where keys are of another
 * suite than 1, hashes and signatures are of its algorithms (crypto/suite.h); hashes have 32 bytes
 * in all of them, a sign key has as many as the suite says.
 * Adding and removing commute, so a sum can be kept up to date in the transaction of each change.
 * Against accident 128 bits are ample. It is no defence against a holder of the proof key, who
 * finds two sets of 64 records with one sum in seconds (Wagner 2002, "A generalized birthday
 * problem"): the deep proof is (jielian/books/deep.h). Pure. Thread: an object belongs to one
 * thread. */
#ifndef JIELIAN_PROOF_H
#define JIELIAN_PROOF_H

#include "jielian/base/id.h"
#include "jielian/base/limits.h"
#include "jielian/crypto/crypto.h"

JL_MUST_CHECK enum jl_rc jl_chain_genesis(struct jl_hasher *hasher,
                                          const uint8_t incarnation[static 16],
                                          uint8_t out_hash[static JL_HASH_BYTES],
                                          struct jl_err *err);
/* hash is replaced by the next one. */
JL_MUST_CHECK enum jl_rc jl_chain_step(struct jl_hasher *hasher, uint8_t hash[static JL_HASH_BYTES],
                                       struct jl_bytes op, struct jl_err *err);

enum { JL_BATCH_TEXT_BYTES = 16 + 16 + 8 + JL_HASH_BYTES };
void jl_batch_text(const uint8_t incarnation[static 16], uint64_t last_seq,
                   const uint8_t last_hash[static JL_HASH_BYTES],
                   uint8_t out_text[static JL_BATCH_TEXT_BYTES]);
enum { JL_ENROL_TEXT_MAX_BYTES = 16 + 32 + JL_SIGN_PUBLIC_MAX_BYTES + 32 };
/* Returns its size: the suite says how long its sign key is. */
size_t jl_enrol_text(const struct jl_suite *suite, const uint8_t curve_public[static 32],
                     const uint8_t sign_public[static JL_SIGN_PUBLIC_MAX_BYTES],
                     const uint8_t invitation_public[static 32],
                     uint8_t out_text[static JL_ENROL_TEXT_MAX_BYTES]);

struct jl_journal_head {
    uint64_t seq;
    uint32_t origin;
    uint64_t first_op;
    uint32_t op_count;
    int64_t at_ms;
    struct jl_bytes head, verdicts; /* covered where there is a head */
};
/* hash is J[n-1] and becomes J[n]. */
JL_MUST_CHECK enum jl_rc jl_journal_step(struct jl_hasher *hasher,
                                         uint8_t hash[static JL_HASH_BYTES],
                                         const struct jl_journal_head *head, struct jl_bytes body,
                                         struct jl_err *err);

/* Version 8 and variant 2 are set, as in every id made of a hash. */
JL_MUST_CHECK enum jl_rc jl_case_id(struct jl_hasher *hasher, const uint8_t incarnation[static 16],
                                    uint64_t seq, struct jl_id *out_id, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_pair_id(struct jl_hasher *hasher, uint32_t type, const struct jl_id *a,
                                    const struct jl_id *b, struct jl_id *out_id,
                                    struct jl_err *err);
/* Two records of different offices: the district's own case of the two, … */
JL_MUST_CHECK enum jl_rc jl_apart_id(struct jl_hasher *hasher, uint32_t type, const struct jl_id *a,
                                     const struct jl_id *b, struct jl_id *out_id,
                                     struct jl_err *err);
/* … and what the office of one is told, which is the same however many others there are. */
JL_MUST_CHECK enum jl_rc jl_elsewhere_id(struct jl_hasher *hasher, uint32_t type,
                                         const struct jl_id *of, struct jl_id *out_id,
                                         struct jl_err *err);

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
JL_MUST_CHECK enum jl_rc jl_proof_root(struct jl_hasher *hasher, const struct jl_setsum *shared,
                                       const struct jl_setsum *office,
                                       uint8_t out_root[static JL_SUM_BYTES], struct jl_err *err);

#endif
