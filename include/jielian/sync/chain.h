/* Chains: what is hashed and signed of ops and of the journal (docs/design.md section 4).
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
 *
 * The texts of batch and enrolment, and J[n], are signed with Ed25519. Where keys are of another
 * suite than 1, hashes and signatures are of its algorithms (crypto/suite.h); hashes have 32 bytes
 * in all of them, a sign key has as many as the suite says.
 * Pure. Thread: an object belongs to one thread. */
#ifndef JIELIAN_SYNC_CHAIN_H
#define JIELIAN_SYNC_CHAIN_H

#include "jielian/base/bytes.h"
#include "jielian/base/limits.h"
#include "jielian/crypto/hasher.h"

struct jl_hasher;
struct jl_suite;

JL_MUST_CHECK enum jl_rc jl_chain_genesis(struct jl_hasher *hasher,
                                          const uint8_t incarnation[static 16],
                                          uint8_t out_hash[static JL_HASH_BYTES],
                                          struct jl_err *err);
/* hash is replaced by the next one. */
JL_MUST_CHECK enum jl_rc jl_chain_step(struct jl_hasher *hasher, uint8_t hash[static JL_HASH_BYTES],
                                       struct jl_bytes op, struct jl_err *err);

enum { JL_CHAIN_BATCH_TEXT_BYTES = 16 + 16 + 8 + JL_HASH_BYTES };
void jl_chain_batch_text(const uint8_t incarnation[static 16], uint64_t last_seq,
                         const uint8_t last_hash[static JL_HASH_BYTES],
                         uint8_t out_text[static JL_CHAIN_BATCH_TEXT_BYTES]);
enum { JL_CHAIN_ENROL_TEXT_MAX_BYTES = 16 + 32 + JL_SIGN_PUBLIC_MAX_BYTES + 32 };
/* Returns its size: the suite says how long its sign key is. */
size_t jl_chain_enrol_text(const struct jl_suite *suite, const uint8_t curve_public[static 32],
                           const uint8_t sign_public[static JL_SIGN_PUBLIC_MAX_BYTES],
                           const uint8_t invitation_public[static 32],
                           uint8_t out_text[static JL_CHAIN_ENROL_TEXT_MAX_BYTES]);

struct jl_chain_journal_head {
    uint64_t seq;
    uint32_t origin;
    uint64_t first_op;
    uint32_t op_count;
    int64_t at_ms;
    struct jl_bytes head, verdicts; /* covered where there is a head */
};
/* hash is J[n-1] and becomes J[n]. */
JL_MUST_CHECK enum jl_rc jl_chain_journal_step(struct jl_hasher *hasher,
                                               uint8_t hash[static JL_HASH_BYTES],
                                               const struct jl_chain_journal_head *head,
                                               struct jl_bytes body, struct jl_err *err);

#endif
