/* The last cycles of a device and how they ended: kept by the office, told in Hello, kept by the
 * district (docs/protocol.md section 5).
 *
 * Cycles that ended alike, one after another, are one entry: its count, the beginning of the first,
 * the end of the last, the longest. So eight entries reach back far, and a PC that meets the same
 * trouble every minute writes nothing new.
 * Pure. Thread: values; any. */
#ifndef JIELIAN_CYCLES_H
#define JIELIAN_CYCLES_H

#include "proto/wire.h"

#include "jielian/base/buf.h"

enum {
    /* Entries that the district keeps of a device: some days of a bad line, 3.6 KB at most. An
     * office keeps JL_CYCLES_MAX. */
    JL_CYCLES_KEPT = 32,
};
struct jl_cycles {
    struct jl_cycle items[JL_CYCLES_KEPT]; /* oldest first */
    size_t count;
};

/* The office: one more cycle. true: it ended otherwise than the one before, which makes a new
 * entry; of more than JL_CYCLES_MAX the oldest gives way. */
bool jl_cycles_note(struct jl_cycles *cycles, const struct jl_cycle *cycle);
/* The district: what a Hello tells. An entry that is there already (by its beginning and end) has
 * grown and is replaced; of more than JL_CYCLES_KEPT the oldest give way. */
void jl_cycles_merge(struct jl_cycles *cycles, const struct jl_cycle *told, size_t count);

/* Lines "3 4 12 1790000000000 1790000060000 20000": end, why, count, began_ms, ended_ms,
 * longest_ms. */
JL_MUST_CHECK enum jl_rc jl_cycles_encode(const struct jl_cycles *cycles, struct jl_buf *out,
                                          struct jl_err *err);
/* JL_CORRUPT: not such lines, or more than JL_CYCLES_KEPT. */
JL_MUST_CHECK enum jl_rc jl_cycles_decode(struct jl_bytes text, struct jl_cycles *out_cycles,
                                          struct jl_err *err);

/* "proven", "silent", "refused", "different", "stopped", "gave_up", "trouble": the names in JSON;
 * "other" of what only a later program knows. */
const char *jl_cycle_end_word(uint32_t end);

#endif
