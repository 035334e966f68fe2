/* Who sees a record: the feeds that it is in.
 *
 * Thread: any; pure but for the roster. */
#ifndef JIELIAN_SERVER_BOOKS_VISIBILITY_H
#define JIELIAN_SERVER_BOOKS_VISIBILITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jl_district;
struct jl_row;
struct jl_type;

enum {
    /* A record is seen by its owner, and a transfer by both offices. */
    JL_FEEDS_PER_RECORD_MAX = 3,
    /* Entries that feeds may still hold of one record: every office it ever left. */
    JL_FEED_ENTRIES_MAX = 64,
};

struct jl_visibility {
    uint32_t feeds[JL_FEEDS_PER_RECORD_MAX];
    size_t count;
};

/* Which feeds see a record as it stands. */
void jl_visibility_of(const struct jl_district *district, const struct jl_type *type,
                      const struct jl_row *row, struct jl_visibility *out_visible);
static inline bool jl_visibility_in(const struct jl_visibility *visible, uint32_t feed) {
    for (size_t i = 0; i < visible->count; i++) {
        if (visible->feeds[i] == feed) {
            return true;
        }
    }
    return false;
}

#endif
