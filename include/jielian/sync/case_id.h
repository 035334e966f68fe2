/* Ids of cases, made of what the case is about, so that replay and a second try make the same.
 *
 *   case id     SHA-256("jielian case v1" ‖ incarnation(16) ‖ seq (u64be))[0..15]: of what one op
 *               left undecided
 *   pair id     SHA-256("jielian pair v1" ‖ type (u32be) ‖ smaller id(16) ‖ larger id(16))[0..15]:
 *               the case of two records that may be one
 *   step id     SHA-256("jielian transfer case v1" ‖ transfer(16) ‖ status (u32be))[0..15]: a step
 *               of a transfer that is overdue
 *
 * Pure. Thread: a hasher belongs to one thread. */
#ifndef JIELIAN_SYNC_CASE_ID_H
#define JIELIAN_SYNC_CASE_ID_H

#include "jielian/base/rc.h"

#include <stdbool.h>

struct jl_hasher;
struct jl_id;
struct jl_row;

/* Version 8 and variant 2 are set, as in every id made of a hash. */
JL_MUST_CHECK enum jl_rc jl_case_id(struct jl_hasher *hasher, const uint8_t incarnation[static 16],
                                    uint64_t seq, struct jl_id *out_id, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_case_id_of_pair(struct jl_hasher *hasher, uint32_t type,
                                            const struct jl_id *a, const struct jl_id *b,
                                            struct jl_id *out_id, struct jl_err *err);
/* Two records of different offices: the district's own case of the two, … */
JL_MUST_CHECK enum jl_rc jl_case_id_of_two_offices(struct jl_hasher *hasher, uint32_t type,
                                                   const struct jl_id *a, const struct jl_id *b,
                                                   struct jl_id *out_id, struct jl_err *err);
/* … and what the office of one is told, which is the same however many others there are. */
JL_MUST_CHECK enum jl_rc jl_case_id_elsewhere(struct jl_hasher *hasher, uint32_t type,
                                              const struct jl_id *of, struct jl_id *out_id,
                                              struct jl_err *err);
/* The case of a step of a transfer that is overdue. */
JL_MUST_CHECK enum jl_rc jl_case_id_of_step(struct jl_hasher *hasher, const struct jl_id *transfer,
                                            int64_t status, struct jl_id *out_id,
                                            struct jl_err *err);

/* The id of a record that a field of a case names; false: there is none. */
bool jl_case_id_named(const struct jl_row *row, uint32_t field, struct jl_id *out_id);

#endif
