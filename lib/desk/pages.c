/* A scan cut into pages, each of a snapshot that is not old (jl_store_renew). Each page is copied
 * out before anything else is read, so the statement behind it has ended; after_rid carries on, and
 * rids never change, so no record comes twice. */
#include "jielian/desk/pages.h"
#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"

struct filling {
    struct jl_pages *pages;
    int64_t last_rid;
};

static enum jl_rc copy_record(struct jl_books *books, const struct jl_stored *stored,
                              struct jl_arena *arena, struct jl_book_record *out_record,
                              struct jl_err *err) {
    struct jl_book_record borrowed;
    enum jl_rc rc = jl_books_unseal(books, stored, arena, &borrowed, err);
    if (rc == JL_OK) {
        rc = jl_row_dup(arena, &borrowed.row, &out_record->row, err);
    }
    out_record->head = stored->head;
    if (rc == JL_OK) {
        rc = jl_arena_dup(arena, stored->head.by_staff, &out_record->head.by_staff, err);
    }
    return rc == JL_OK ? jl_arena_dup(arena, stored->head.title, &out_record->head.title, err) : rc;
}

static enum jl_rc take_record(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct filling *filling = context;
    struct jl_pages *pages = filling->pages;
    enum jl_rc rc =
        copy_record(pages->books, stored, &pages->arena, &pages->records[pages->count], err);
    if (rc == JL_OK) {
        filling->last_rid = stored->head.rid;
        pages->count++;
    }
    return rc;
}

enum jl_rc jl_pages_next(struct jl_pages *pages, struct jl_err *err) {
    struct filling filling = {.pages = pages, .last_rid = pages->scan.after_rid};
    struct jl_scan scan = pages->scan;
    pages->count = 0;
    jl_arena_reset(&pages->arena);
    uint64_t left = scan.limit == 0 ? UINT64_MAX : scan.limit - pages->handed;
    if (pages->ended || left == 0) {
        return JL_OK;
    }
    scan.limit = left < JL_PAGE_RECORDS ? (size_t)left : JL_PAGE_RECORDS;
    pages->records = jl_arena_zalloc(&pages->arena, scan.limit, sizeof *pages->records);
    if (pages->records == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_store_renew(pages->books->store, err);
    if (rc == JL_OK) {
        rc = jl_records_scan(pages->books->store, &scan, take_record, &filling, err);
    }
    pages->ended = pages->count < scan.limit;
    pages->handed += pages->count;
    pages->scan.after_rid = filling.last_rid;
    return rc;
}

void jl_pages_fini(struct jl_pages *pages) {
    jl_arena_fini(&pages->arena);
}
