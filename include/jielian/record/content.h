/* A record's content: its canonical bytes and the hashes that both sides compare.
 *
 *   canonical := 0x01 varint(type) id(16) varint(owner) fields          (fields.h; no NULL kinds)
 *   hash      := SHA-256(proof_key(32) ‖ canonical)[0..15]
 *
 * The hash is keyed, so that a stored hash does not let anyone guess an ID number.
 * Pure.  Thread: any; hashers belong to one thread. */
#ifndef JIELIAN_RECORD_CONTENT_H
#define JIELIAN_RECORD_CONTENT_H

#include "jielian/base/rc.h"
#include "jielian/crypto/hasher.h"

struct jl_buf;
struct jl_hasher;
struct jl_row;
struct jl_secret;

enum {
    JL_CONTENT_HASH_BYTES = 16,
};

JL_MUST_CHECK enum jl_rc jl_content_encode(const struct jl_row *row, struct jl_buf *out,
                                           struct jl_err *err);
/* scratch is reset and used. A deleted row hashes too; callers don't count it. Cost: ~0.4 µs. */
JL_MUST_CHECK enum jl_rc jl_content_hash(struct jl_hasher *hasher,
                                         const struct jl_secret *proof_key,
                                         const struct jl_row *row, struct jl_buf *scratch,
                                         uint8_t out_hash[static JL_CONTENT_HASH_BYTES],
                                         struct jl_err *err);
/* The deep hash of a set of rows, in the order of type and id (docs/protocol.md, 6.8):
 *   deep[0] = SHA-256("jielian deep v1"), deep[n] = SHA-256(deep[n−1](32) ‖ canonical of row n)
 * It takes whole rows, one after the other, so no other set has it; the sum of content hashes can
 * be met by whoever may choose some hundred rows. Cost: ~0.4 µs a row. */
JL_MUST_CHECK enum jl_rc jl_content_deep_start(struct jl_hasher *hasher,
                                               uint8_t out_hash[static JL_HASH_BYTES],
                                               struct jl_err *err);
/* hash is replaced. row NULL: one that can't be read; no row's canonical form is empty. scratch is
 * reset and used. */
JL_MUST_CHECK enum jl_rc jl_content_deep_add(struct jl_hasher *hasher, const struct jl_row *row,
                                             struct jl_buf *scratch,
                                             uint8_t hash[static JL_HASH_BYTES],
                                             struct jl_err *err);

#endif
