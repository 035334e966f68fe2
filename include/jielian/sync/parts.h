/* Parts of a feed: how a repair finds the few records that differ among many (docs/protocol.md,
 * section 9). Both sides use this code over their own records.
 *
 *   place    id(16) with its last byte first ‖ type (u32be): every record has its own
 *   part     the records whose place begins with `depth` half bytes; depth 0 is the whole feed
 *   told     a part of up to JL_PART_LIST_MAX records: the short hash of each
 *            a larger one: the sums of the JL_PART_WAYS parts that its next half byte makes
 *
 * So a question goes deeper only where something differs, and ends at single records: one row among
 * n costs log16(n) answers of 128 bytes. The number of steps is chosen by what the part holds and
 * nothing is stored; ids count upwards within an import, so their last bytes spread evenly. Ids
 * that somebody chose to share their ends make a repair deeper, never larger a step, and end at
 * JL_PLACE_DEPTH. Sums are those of the proof, cut to their low 64 bits: they find accidents.
 * Pure. Thread: any. Cost of a record: one search among the parts asked for. */
#ifndef JIELIAN_PARTS_H
#define JIELIAN_PARTS_H

#include "proto/wire.h"

/* What a part holds, as one pass over the feed finds it. */
struct jl_part_sum {
    uint64_t count;
    uint64_t ways[JL_PART_WAYS];                          /* sums of its own parts */
    uint8_t hashes[JL_PART_LIST_MAX][JL_SHORT_SUM_BYTES]; /* the first ones, as they came */
};

struct jl_place {
    uint8_t bytes[JL_PLACE_BYTES];
};
struct jl_place jl_part_place(uint32_t type, const struct jl_id *id);

/* The part of parts (ascending, none within another: as a checked Ask has them) that has this
 * place; SIZE_MAX: none. */
size_t jl_part_find(const struct jl_part *parts, size_t count, const struct jl_place *place);
/* 0 .. JL_PART_WAYS − 1: which of the part's own parts has this place. depth < JL_PLACE_DEPTH. */
unsigned jl_part_way(const struct jl_part *part, const struct jl_place *place);
struct jl_part jl_part_split(const struct jl_part *part, unsigned way);

/* hash: at least the first JL_SHORT_SUM_BYTES of the content hash. */
void jl_part_add(struct jl_part_sum *sum, const struct jl_part *part, const struct jl_place *place,
                 const uint8_t *hash);
/* What is told of the part: sums has room for JL_PART_WAYS × JL_SHORT_SUM_BYTES and must live as
 * long as the answer. Sorts the list of hashes. */
struct jl_told_part jl_part_tell(const struct jl_part *part, struct jl_part_sum *sum,
                                 uint8_t *sums);
/* Is the sum of this way what is told? Of a part that is told by sums only. */
bool jl_part_same(const struct jl_told_part *told, const struct jl_part_sum *own, unsigned way);

#endif
