/* Replaying the journal beside the books.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_SERVER_BOOKS_VERIFY_H
#define JIELIAN_SERVER_BOOKS_VERIFY_H

#include "jielian/base/rc.h"

#include <stdbool.h>

struct jl_district;

struct jl_verify_result {
    uint64_t entries, ops;
    bool noted; /* `backup` will know of it: the folder could be written */
    bool same;  /* sums of every feed, and every content hash, are what the journal says */
    struct jl_err difference; /* the first; of no meaning when same */
};
/* Replay the journal into an empty store beside the books and compare (docs/design.md section 7).
 * The live books are only read. JL_CORRUPT: the journal's chain or a signature does not hold; names
 * the entry. */
JL_MUST_CHECK enum jl_rc jl_verify_replay(struct jl_district *district,
                                          void (*progress)(uint64_t done, uint64_t total),
                                          struct jl_verify_result *out_result, struct jl_err *err);

#endif
