/* One index walk in the order of type and id, and the rows of what the two feeds count. */
#include "jielian/books/deep.h"
#include "jielian/base/fault.h"
#include "jielian/store/feeds.h"

#include <string.h>

enum { CHUNK = 256 }; /* records read at a time */

enum jl_rc jl_deep_begin(struct jl_books *books, struct jl_deep *out_deep, struct jl_err *err) {
    *out_deep = (struct jl_deep){0};
    enum jl_rc rc = jl_content_deep_start(books->hasher, out_deep->hash[0], err);
    memcpy(out_deep->hash[1], out_deep->hash[0], JL_HASH_BYTES);
    return rc;
}

static enum jl_rc add(struct jl_books *books, const struct jl_ordered *head,
                      const struct jl_row *row, struct jl_deep *deep, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (unsigned feed = 0; rc == JL_OK && feed < 2; feed++) {
        if ((head->feeds & (feed == 0 ? JL_IN_SHARED_FEED : JL_IN_OFFICE_FEED)) != 0) {
            rc = jl_content_deep_add(books->hasher, row, &books->scratch, deep->hash[feed], err);
        }
    }
    deep->rows++;
    return rc;
}

static bool is_damage(enum jl_rc rc) {
    return rc == JL_CORRUPT || rc == JL_PROTO;
}

/* A row that can't be read is one that the other side does not have. */
static enum jl_rc add_alone(struct jl_books *books, const struct jl_ordered *head,
                            struct jl_arena *arena, struct jl_deep *deep, struct jl_err *err) {
    struct jl_book_record record = {0};
    enum jl_rc rc = jl_books_load_rids(books, &head->rid, 1, arena, &record, err);
    bool damaged = is_damage(rc);
    deep->unreadable += damaged ? 1 : 0;
    return rc == JL_OK || damaged ? add(books, head, damaged ? NULL : &record.row, deep, err) : rc;
}

static enum jl_rc add_all(struct jl_books *books, const struct jl_ordered *heads, size_t count,
                          struct jl_deep *deep, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record *records = jl_arena_zalloc(&arena, count + 1, sizeof *records);
    int64_t rids[CHUNK];
    for (size_t i = 0; i < count; i++) {
        rids[i] = heads[i].rid;
    }
    if (records == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_books_load_rids(books, rids, count, &arena, records, err);
    bool damaged = is_damage(rc);
    rc = damaged ? JL_OK : rc;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = damaged ? add_alone(books, &heads[i], &arena, deep, err)
                     : add(books, &heads[i], &records[i].row, deep, err);
    }
    return rc;
}

enum jl_rc jl_deep_step(struct jl_books *books, uint32_t office, size_t records,
                        struct jl_deep *deep, struct jl_err *err) {
    struct jl_ordered heads[CHUNK];
    if (books->newer.state == JL_NEWER_BEYOND) {
        return jl_books_too_old(&books->newer, err);
    }
    while (!deep->done && records > 0) {
        size_t limit = records < CHUNK ? records : CHUNK;
        size_t count = 0;
        size_t counted = 0;
        enum jl_rc rc =
            jl_feeds_ordered(books->store, office, &deep->after, limit, heads, &count, err);
        if (rc != JL_OK) {
            return rc;
        }
        deep->done = count < limit;
        records -= limit;
        if (count > 0) {
            deep->after = heads[count - 1].key;
        }
        for (size_t i = 0; i < count; i++) {
            if (heads[i].feeds != 0) {
                heads[counted++] = heads[i];
            }
        }
        rc = add_all(books, heads, counted, deep, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}
