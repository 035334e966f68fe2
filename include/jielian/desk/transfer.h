/* What both sides ask about a transfer. Inside an open transaction of the books. */
#ifndef JIELIAN_TRANSFER_H
#define JIELIAN_TRANSFER_H

#include "jielian/books/books.h"

struct jl_catalogue;
struct jl_desk;
struct jl_problems;

/* The catalogue's type that moves records between offices; NULL: none. */
const struct jl_type *jl_transfer_type(const struct jl_catalogue *catalogue);
/* Number of the status code with this key ("requested" …); 0: none. */
uint32_t jl_transfer_code(const struct jl_type *type, const char *key);
/* May anything follow this status? */
bool jl_transfer_open(const struct jl_type *type, int64_t status);
/* The field of the party whose turn it is: transfer_from, transfer_to, or 0. */
uint32_t jl_transfer_turn(const struct jl_type *type, int64_t status);

/* Once for each type that has records about the subject which belong to the office. */
typedef enum jl_rc (*jl_dependants_fn)(void *context, const struct jl_type *type, uint64_t records,
                                       struct jl_err *err);
/* The living records of `owner` that refer to the subject, other transfers left out: they stay when
 * it goes. Cost: an index lookup a type, and a step a record. */
JL_MUST_CHECK enum jl_rc jl_transfer_dependants(struct jl_books *books,
                                                const struct jl_record_key *subject, uint32_t owner,
                                                jl_dependants_fn visit, void *context,
                                                struct jl_err *err);

/* Which office has what a transfer would move: 0 when the text names nothing, which jl_desk_add
 * then says. */
JL_MUST_CHECK enum jl_rc jl_transfer_holder(struct jl_desk *desk, const struct jl_type *transfer,
                                            const char *text, uint32_t *out_owner,
                                            struct jl_err *err);

/* Fill in what a transfer that is new, or comes back, says of itself; problems tells why it can't
 * be asked for here. */
JL_MUST_CHECK enum jl_rc jl_transfer_fill(struct jl_desk *desk, const struct jl_type *type,
                                          struct jl_arena *arena, struct jl_row *row,
                                          struct jl_problems *problems, struct jl_err *err);

#endif
