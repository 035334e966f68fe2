/* The table of jielian/base/fold.h, written by scripts/fold-table. Shared by fold*.c only.
 *
 * Characters that stay as they are and are no marks stand in no range; Hangul syllables don't
 * either, they are decomposed by arithmetic. */
#ifndef JIELIAN_BASE_FOLD_TABLE_H
#define JIELIAN_BASE_FOLD_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum jl_fold_kind {
    JL_FOLD_CLASS = 1, /* a mark of this combining class; stays */
    JL_FOLD_GONE,
    JL_FOLD_BLANK,
    JL_FOLD_MOVE,  /* every step-th character becomes the one `value` further on */
    JL_FOLD_PARTS, /* each becomes its parts; the first one's stand in the pool at `value` */
};

struct jl_fold_range {
    uint32_t first, last;
    uint8_t kind;
    uint8_t step; /* CLASS: the class */
    int32_t value;
};

extern const struct jl_fold_range jl_fold_ranges[]; /* ascending */
extern const size_t jl_fold_range_count;
/* UTF-8. Place v is byte v % JL_FOLD_PIECE_BYTES of piece v / JL_FOLD_PIECE_BYTES; a range stands
 * in one piece. */
enum { JL_FOLD_PIECE_BYTES = 4096 };
extern const char *const jl_fold_pool[];

#endif
