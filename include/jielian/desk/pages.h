/* Records of a scan, page by page. Inside the caller's transaction.
 *
 * Thread: that of the books. */
#ifndef JIELIAN_DESK_PAGES_H
#define JIELIAN_DESK_PAGES_H

#include "jielian/base/arena.h"
#include "jielian/books/books.h"

enum { JL_PAGE_RECORDS = 500 };

/* Records of a scan, page by page, in the clear; other statements may run between pages. */
struct jl_pages {
    struct jl_books *books;
    struct jl_scan scan; /* limit: of all pages together; 0: no bound */
    struct jl_book_record *records;
    size_t count;
    struct jl_arena arena; /* of the page */
    uint64_t handed;
    bool ended;
};
/* The next page into records and count; count 0 at the end. */
JL_MUST_CHECK enum jl_rc jl_pages_next(struct jl_pages *pages, struct jl_err *err);
void jl_pages_fini(struct jl_pages *pages);

#endif
