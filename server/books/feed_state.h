/* The feeds' states: head, sum and counts of each, loaded when first needed and stored by the
 * commit.
 *
 * Thread: that of the books; inside a transaction. */
#ifndef JIELIAN_SERVER_BOOKS_FEED_STATE_H
#define JIELIAN_SERVER_BOOKS_FEED_STATE_H

#include "proto/wire.h"

#include "jielian/base/rc.h"
#include "jielian/sync/setsum.h"

struct jl_district;

struct jl_feed_state { /* meta `feed<N>` */
    bool loaded, moved;
    uint64_t head;
    struct jl_setsum sum;
    /* How many records of each type it has, counted when its head was types_head; so a device that
     * asks for the first page again and again costs one count. */
    struct jl_type_count *types; /* owned; NULL: not counted */
    size_t type_count;
    uint64_t types_head;
};

JL_MUST_CHECK enum jl_rc jl_feed_state_heads(struct jl_district *district, uint32_t office,
                                             uint64_t out_heads[static 2], struct jl_err *err);

JL_MUST_CHECK enum jl_rc jl_feed_state_get(struct jl_district *district, uint32_t feed,
                                           struct jl_feed_state **out_state, struct jl_err *err);

/* Store it if it moved: before the commit. */
JL_MUST_CHECK enum jl_rc jl_feed_state_save(struct jl_district *district, uint32_t feed,
                                            struct jl_err *err);

#endif
