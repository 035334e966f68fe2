/* Pages of a feed: what a device reads.
 *
 * Thread: that of the books; inside a transaction. */
#ifndef JIELIAN_SERVER_BOOKS_FEED_PAGE_H
#define JIELIAN_SERVER_BOOKS_FEED_PAGE_H

#include "jielian/base/rc.h"
#include "jielian/store/feeds.h"

struct jl_book_record;
struct jl_buf;
struct jl_district;
struct jl_page;
struct jl_pull;

/* One page for a device of `office` whose origin is `origin`. Everything lives in the arena. */
JL_MUST_CHECK enum jl_rc jl_feed_page_read(struct jl_district *district, uint32_t office,
                                           uint32_t origin, const struct jl_pull *pull,
                                           struct jl_arena *arena, struct jl_page *out_page,
                                           struct jl_err *err);

/* One row of a page, in the arena. */
JL_MUST_CHECK enum jl_rc jl_feed_page_row(struct jl_district *district, enum jl_feed_kind kind,
                                          const struct jl_book_record *record,
                                          struct jl_arena *arena, struct jl_buf *scratch,
                                          struct jl_bytes *out_row, struct jl_err *err);

#endif
