/* What an office is told of an op that the journal has about a record that it holds now.
 *
 *   whose op         told                    staff   device, reason,   op->other   sealed values
 *                                                    change set
 *   its own          always                  yes     yes               yes         yes
 *   the district's   always                  yes     no                if its own  while it was
 * here another's        what was taken          no      no                no          no
 *
 *   taken       APPLIED or MERGED; a CREATE also as CASE (both records stay). What another office
 *               offered in vain is in no record, or in a case that says what may be known of it.
 *   sealed      the sensitive fields of the catalogue, and fields that it does not know; of a
 *               confined type, and another's op, all of them
 *   hidden      values of hidden fields are told to nobody
 *
 * Values that are not told are named by their field, so that a page can say that something was
 * changed. Old values are told of the fields that have a new one, so a DELETE tells none. Which
 * records an office may ask about, and where the life of a record begins, is the caller's to know
 * (server/books/lines.h).
 *
 * Pure: no clock, file, socket or randomness.  Thread: any. */
#ifndef JIELIAN_TOLD_H
#define JIELIAN_TOLD_H

#include "jielian/base/arena.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/op/op.h"

enum jl_told_whose { JL_TOLD_OWN = 1, JL_TOLD_DISTRICT, JL_TOLD_OTHER };

struct jl_told_ask {
    const struct jl_type *type; /* of the op */
    const struct jl_op *op;
    enum jl_told_whose whose; /* as the office that asks sees it */
    enum jl_verdict_code verdict;
    bool here;      /* the record was at that office then, as far as is known */
    bool other_own; /* op->other is a record of that office */
};

struct jl_told {
    struct jl_op op; /* what is told of it: borrows from the op asked about, lists from the arena */
    uint32_t *withheld; /* fields that were set, and to what is not told; ascending */
    size_t withheld_count;
};

/* Was it taken, so that the record is as it says? */
bool jl_told_taken(enum jl_op_kind kind, enum jl_verdict_code verdict);
/* *out_any false: nothing of it is told. Cost: a pass over the op's fields. */
JL_MUST_CHECK enum jl_rc jl_told_op(const struct jl_told_ask *ask, struct jl_arena *arena,
                                    bool *out_any, struct jl_told *out_told, struct jl_err *err);

#endif
