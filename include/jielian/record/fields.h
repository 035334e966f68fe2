/* The fields of a row as bytes: the one encoding of ops, stored extras and content hashes.
 *
 * Byte layout (varint: LEB128, shortest form; everything ascending by field number):
 *
 *   fields    := { varint(field << 2 | kind) payload }        kind: 0 NULL 1 INT 2 TEXT 3 BYTES
 *   payload   := NULL: nothing | INT: varint(zigzag) | TEXT, BYTES: varint(size) bytes
 *
 * Pure.  Thread: any. */
#ifndef JIELIAN_RECORD_FIELDS_H
#define JIELIAN_RECORD_FIELDS_H

#include "jielian/base/bytes.h"

struct jl_arena;
struct jl_buf;
struct jl_field_value;

/* Append the fields; they must be ascending (JL_MISUSE otherwise). */
JL_MUST_CHECK enum jl_rc jl_fields_encode(const struct jl_field_value *fields, size_t count,
                                          struct jl_buf *out, struct jl_err *err);
/* Decode borrowing text from `bytes`; the array comes from the arena. JL_PROTO for anything but the
 * one shortest, ascending form, text that is not UTF-8, more than JL_FIELDS_PER_TYPE_MAX fields, or
 * (nulls_allowed false) a NULL. */
JL_MUST_CHECK enum jl_rc jl_fields_decode(struct jl_bytes bytes, bool nulls_allowed,
                                          struct jl_arena *arena,
                                          struct jl_field_value **out_fields, size_t *out_count,
                                          struct jl_err *err);

#endif
