/* Reading the outbox: batches for the wire, chain hashes, single ops.
 *
 * Thread: that of the office. */
#ifndef JIELIAN_CLIENT_BOOKS_OFFICE_OUTBOX_H
#define JIELIAN_CLIENT_BOOKS_OFFICE_OUTBOX_H

#include "jielian/base/rc.h"
#include "jielian/crypto/hasher.h"

#include <stdbool.h>

struct jl_arena;
struct jl_bytes;
struct jl_office;
struct jl_op;
struct jl_outbox_entry;
struct jl_push;

/* Load a batch from first_seq and sign it. *out_next: the seq after its last op. JL_NOT_FOUND: no
 * such ops. The push borrows from the arena. */
JL_MUST_CHECK enum jl_rc jl_office_outbox_batch(struct jl_office *office, uint64_t first_seq,
                                                size_t max_bytes, struct jl_arena *arena,
                                                struct jl_push *out_push, uint64_t *out_next,
                                                struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_outbox_chain_is(struct jl_office *office, uint64_t seq,
                                                   const uint8_t hash[static JL_HASH_BYTES],
                                                   bool *out_same, struct jl_err *err);

/* The op behind an outbox entry, in the clear. */
JL_MUST_CHECK enum jl_rc jl_office_outbox_op(struct jl_office *office,
                                             const struct jl_outbox_entry *entry,
                                             struct jl_arena *arena, struct jl_op *out_op,
                                             struct jl_err *err);

/* Chain hash (32 bytes) and op bytes of an outbox entry. */
JL_MUST_CHECK enum jl_rc jl_office_outbox_body(struct jl_office *office,
                                               const struct jl_outbox_entry *entry,
                                               struct jl_arena *arena, struct jl_bytes *out_hash,
                                               struct jl_bytes *out_op, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_outbox_hash_at(struct jl_office *office, uint64_t pos,
                                                  uint8_t out_hash[static JL_HASH_BYTES],
                                                  struct jl_err *err);

#endif
