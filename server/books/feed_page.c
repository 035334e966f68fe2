/* Who sees what, and pages. */
#include "feed_page.h"
#include "district.h"

#include "proto/wire.h"

#include "jielian/base/arena.h"
#include "jielian/base/buf.h"
#include "jielian/base/fault.h"
#include "jielian/base/limits.h"
#include "jielian/books/books.h"
#include "jielian/op/op.h"
#include "jielian/record/format.h"
#include "jielian/store/feeds.h"

#include <stdlib.h>
#include <string.h>

/* ---- Pages ---- */

enum jl_rc jl_feed_page_row(struct jl_district *district, enum jl_feed_kind kind,
                            const struct jl_book_record *record, struct jl_arena *arena,
                            struct jl_buf *scratch, struct jl_bytes *out_row, struct jl_err *err) {
    struct jl_feed_row row = {.kind = (int)kind,
                              .row = record->row,
                              .changed_ms = record->head.changed_ms,
                              .by_device = record->head.by_device,
                              .by_staff = record->head.by_staff};
    JL_AUTO(jl_buf) title = {0};
    enum jl_rc rc = JL_OK;
    if (kind == JL_FEED_LEAVE || kind == JL_FEED_DELETE) {
        const struct jl_layout *layout = jl_books_layout(district->books, record->row.type);
        if (kind == JL_FEED_LEAVE && layout != NULL) {
            rc = jl_format_title(layout->type, &record->row, JL_LANGUAGE_ZH, &title, err);
            row.title = jl_buf_bytes(&title);
        }
        row.row.fields = NULL;
        row.row.field_count = 0;
    }
    scratch->size = 0;
    if (rc == JL_OK) {
        rc = jl_wire_row_encode(&row, scratch, err);
    }
    return rc == JL_OK ? jl_arena_dup(arena, jl_buf_bytes(scratch), out_row, err) : rc;
}

struct page_build {
    struct jl_district *district;
    struct jl_arena *arena;
    struct jl_page *page;
    size_t capacity, bytes, max_bytes;
    struct jl_buf scratch;
};

/* Entries of one chunk, in feed order, until the page is full. *out_full: stop. */
static enum jl_rc add_entries(struct page_build *build, const struct jl_feed_entry *entries,
                              size_t count, uint32_t skip_origin, bool *out_full,
                              struct jl_err *err) {
    struct jl_arena *arena = build->arena;
    int64_t *rids = jl_arena_alloc(arena, (count + 1) * sizeof *rids);
    struct jl_book_record *records = jl_arena_zalloc(arena, count + 1, sizeof *records);
    size_t wanted = 0;
    if (rids == NULL || records == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        if (entries[i].origin == 0 || entries[i].origin != skip_origin) {
            rids[wanted++] = entries[i].rid;
        }
    }
    enum jl_rc rc = jl_books_load_rids(build->district->books, rids, wanted, arena, records, err);
    size_t r = 0;
    for (size_t i = 0; rc == JL_OK && i < count && !*out_full; i++) {
        struct jl_page *page = build->page;
        if (r < wanted && entries[i].rid == rids[r]) {
            rc = jl_feed_page_row(build->district, entries[i].kind, &records[r++], arena,
                                  &build->scratch, &page->rows[page->count], err);
            build->bytes += rc == JL_OK ? page->rows[page->count].size + 2 : 0;
            page->count++;
        }
        page->to = entries[i].seq;
        *out_full = build->bytes >= build->max_bytes || page->count == build->capacity;
    }
    return rc;
}

static enum jl_rc count_types(struct jl_district *district, uint32_t feed,
                              struct jl_feed_state *state, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_feeds_type_count *counts = NULL;
    size_t count = 0;
    enum jl_rc rc = jl_feeds_types(district->books->store, feed, &arena, &counts, &count, err);
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_type_count *types = calloc(count + 1, sizeof *types);
    if (types == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        types[i] = (struct jl_type_count){.type = counts[i].type, .count = counts[i].count};
    }
    free(state->types);
    state->types = types;
    state->type_count = count;
    state->types_head = state->head;
    return JL_OK;
}

static enum jl_rc tell_types(struct jl_district *district, uint32_t feed,
                             struct jl_feed_state *state, struct jl_page *page,
                             struct jl_err *err) {
    bool fresh = state->types != NULL && state->types_head == state->head;
    enum jl_rc rc = fresh ? JL_OK : count_types(district, feed, state, err);
    if (rc == JL_OK && state->type_count <= JL_PAGE_TYPES_MAX) {
        page->types = state->types;
        page->type_count = state->type_count;
    }
    return rc;
}

enum jl_rc jl_feed_page_read(struct jl_district *district, uint32_t office, uint32_t origin,
                             const struct jl_pull *pull, struct jl_arena *arena,
                             struct jl_page *out_page, struct jl_err *err) {
    enum { CHUNK = 256, ROWS_MAX = 16384 };
    struct jl_feed_state *state = NULL;
    struct jl_feed_entry entries[CHUNK];
    uint32_t feed = pull->feed == 0 ? 0 : office;
    size_t max_bytes = pull->max_bytes < JL_PAGE_MIN_BYTES   ? JL_PAGE_MIN_BYTES
                       : pull->max_bytes > JL_PAGE_MAX_BYTES ? JL_PAGE_MAX_BYTES
                                                             : pull->max_bytes;
    enum jl_rc rc = jl_feed_state_get(district, feed, &state, err);
    if (rc != JL_OK) {
        return rc;
    }
    *out_page = (struct jl_page){
        .feed = pull->feed, .from = pull->from, .to = pull->from, .head = state->head};
    out_page->rows = jl_arena_alloc(arena, ROWS_MAX * sizeof *out_page->rows);
    if (out_page->rows == NULL) {
        return jl_fault_memory(err);
    }
    struct page_build build = {.district = district,
                               .arena = arena,
                               .page = out_page,
                               .capacity = ROWS_MAX,
                               .max_bytes = max_bytes};
    bool full = false;
    while (rc == JL_OK && !full && out_page->to < state->head) {
        size_t count = 0;
        rc = jl_feeds_page(district->books->store, feed, out_page->to, CHUNK, entries, &count, err);
        if (rc == JL_OK && count == 0) {
            out_page->to = state->head; /* what was there has been replaced by later entries */
            break;
        }
        if (rc == JL_OK) {
            rc = add_entries(&build, entries, count, pull->echo ? 0 : origin, &full, err);
        }
    }
    jl_buf_wipe(&build.scratch);
    return rc == JL_OK && pull->from == 0 ? tell_types(district, feed, state, out_page, err) : rc;
}
