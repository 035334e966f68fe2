/* Ids of records whose type has a natural key: the same key, the same id, whoever makes it.
 *
 * Pure.  Thread: any; hashers belong to one thread. */
#ifndef JIELIAN_RECORD_NATURAL_KEY_H
#define JIELIAN_RECORD_NATURAL_KEY_H

#include "jielian/base/rc.h"

struct jl_hasher;
struct jl_id;
struct jl_row;
struct jl_type;

/* The id of a row whose type has a natural key:
 * SHA-256("jielian key v1" ‖ varint(type) ‖ [varint(owner)] ‖ fields of the key)[0..15], UUIDv8.
 * JL_MISUSE when a key field has no value. */
JL_MUST_CHECK enum jl_rc jl_natural_key_id(struct jl_hasher *hasher, const struct jl_type *type,
                                           const struct jl_row *row, struct jl_id *out_id,
                                           struct jl_err *err);

#endif
