/* A change to one record, before it is an op: what the record was and what it should be.
 *
 * Thread: any. */
#ifndef JIELIAN_OP_CHANGE_H
#define JIELIAN_OP_CHANGE_H

#include "jielian/base/bytes.h"
#include "jielian/base/id.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"
#include "jielian/op/op.h"

struct jl_book_record;

struct jl_change {
    enum jl_op_kind kind;
    const struct jl_book_record *before; /* as loaded; NULL for CREATE */
    struct jl_row after;                 /* the whole row as it should be; owner set */
    struct jl_bytes reason;              /* why a warning was overridden; may be empty */
    struct jl_id other; /* RESOLVE: the case; of a merge, or its undo: as in op.h */
};

/* Give the op its old and new fields: what an op of its kind says (op.h) about a record that goes
 * from change->before to change->after. The lists live in the arena, the values are borrowed. */
JL_MUST_CHECK enum jl_rc jl_change_op(const struct jl_change *change, struct jl_arena *arena,
                                      struct jl_op *op, struct jl_err *err);

/* Commit all changes in one durable transaction, or none. changes were validated. change_set: NULL
 * for single changes. Opens its own transaction; none is open when it is called. JL_CONFLICT when a
 * record is no longer as `before` says (reload and try again). */
typedef enum jl_rc (*jl_save_fn)(void *context, const struct jl_id *change_set,
                                 const struct jl_change *changes, size_t count, struct jl_err *err);

#endif
