/* Moves of a status: which there are, and who may make them.
 *
 * Pure.  Thread: any. */
#ifndef JIELIAN_RECORD_FLOW_H
#define JIELIAN_RECORD_FLOW_H

#include <stdbool.h>
#include <stdint.h>

struct jl_check_context;
struct jl_problems;
struct jl_row;
struct jl_type;

/* Is the status move allowed, and for this mover? before: NULL when the record is new; a deleted
 * row when it comes back, which goes on from the status that it had or starts anew. Adds an error
 * that names the allowed next states otherwise. movers: a bit per enum jl_mover (1 << mover). A
 * status that only the district may give is no start for others (unless context->old_books), and a
 * deleted record that had one does not start anew. */
void jl_flow_check(const struct jl_check_context *context, const struct jl_type *type,
                   const struct jl_row *before, const struct jl_row *after, unsigned movers,
                   struct jl_problems *problems);
/* Is this status reached by moves of the district only? What a record may start with says nothing
 * of that. */
bool jl_flow_is_districts(const struct jl_type *type, uint32_t status);
/* Is there this move, and may one of these make it? */
bool jl_flow_may_move(const struct jl_type *type, int64_t from, int64_t to, unsigned movers);
/* Does a record come from one status to the other, by at most two moves: one that somebody makes,
 * and what the district makes of it? */
bool jl_flow_leads(const struct jl_type *type, int64_t from, int64_t to);
/* Whose turn a transfer in this status is: JL_MOVER_FROM or JL_MOVER_TO; 0: neither's. */
unsigned jl_flow_turn(const struct jl_type *type, int64_t status);

#endif
