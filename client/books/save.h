/* Local changes: record, op, sums and counters in one transaction.
 *
 * Thread: that of the office. */
#ifndef JIELIAN_CLIENT_BOOKS_SAVE_H
#define JIELIAN_CLIENT_BOOKS_SAVE_H

#include "jielian/base/rc.h"

#include <stddef.h>

struct jl_change;
struct jl_id;
struct jl_office;
struct jl_op;

/* A jl_save_fn: context is the office. Local changes → records, ops, sums: one commit. */
JL_MUST_CHECK enum jl_rc jl_save_changes(void *context, const struct jl_id *change_set,
                                         const struct jl_change *changes, size_t count,
                                         struct jl_err *err);

/* save.c: one change inside the open write transaction. again: the refused op that goes out once
 * more, with what it said; the record then looks as change->after says while it lives here, and
 * stays as change->before has it when it is gone. NULL: an op is made of the change, as saving
 * does. change_set zero: a single change. */
JL_MUST_CHECK enum jl_rc jl_save_one(struct jl_office *office, const struct jl_id *change_set,
                                     const struct jl_change *change, const struct jl_op *again,
                                     struct jl_err *err);
/* The same of an op whose record is not in these books. */
JL_MUST_CHECK enum jl_rc jl_save_alone(struct jl_office *office, const struct jl_id *change_set,
                                       const struct jl_op *again, struct jl_err *err);

#endif
