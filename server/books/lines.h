/* The history of one record, as an office's device may ask for it (docs/protocol.md, section 5).
 *
 *   which record   one of the catalogue's types that lives and is at this office now. Every other
 *                  question has one and the same answer: not held. Built-in types have none: a
 *                  case, for one, may have held what its office may not know
 *   which lines    back to the CREATE that made it, and no further: what a deleted record of the
 *                  same natural key was is not this one's past
 *   what of them   jielian/op/told.h. "Here" is from the move that brought the record on: a
 *                  TRANSFER, the last change of a transfer to this office, or the last op of
 *                  another office, whichever is the latest
 *
 * An answer reads the record's lines from the newest on, up to JL_LINES_MAX of them or
 * JL_LINES_READ_BYTES of journal, whatever their number. Where it ends is told as a sealed place,
 * with what later lines have shown: so a device can't begin where it was not told to, and learns
 * nothing from it. Nobody's memory is needed to go on.
 *
 * Thread: that of the district; inside an open transaction. */
#ifndef JIELIAN_SERVER_LINES_H
#define JIELIAN_SERVER_LINES_H

#include "district.h"

enum {
    /* Bodies of journal entries that one answer opens, beside the last: some 10 ms. An import's
     * takes up to JL_BATCH_MAX_BYTES, a desk's a few hundred. */
    JL_LINES_READ_BYTES = 1024 * 1024,
};

/* Everything lives in the arena. JL_PROTO: ask->from is no place of this record for this office.
 * Cost: a look-up, and for each line its journal entry and two look-ups at most. */
JL_MUST_CHECK enum jl_rc jl_lines_read(struct jl_district *district, uint32_t office,
                                       const struct jl_history_ask *ask, struct jl_arena *arena,
                                       struct jl_lines *out_lines, struct jl_err *err);

#endif
