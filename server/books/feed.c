/* Who sees what, pages, proof and the answers that repair needs. */
#include "district_internal.h"

#include "jielian/base/limits.h"

#include <string.h>

void jl_district_visible(const struct jl_district *district, const struct jl_type *type,
                         const struct jl_row *row, struct jl_visibility *out_visible) {
    out_visible->count = 0;
    if (row->deleted) {
        return;
    }
    if (type != NULL && type->owner == JL_SIDE_DISTRICT) {
        out_visible->feeds[out_visible->count++] = 0;
        return;
    }
    if (row->owner == 0) {
        return; /* a record of the district's own stays at the district */
    }
    out_visible->feeds[out_visible->count++] = row->owner;
    if (type == NULL || type->transfer_subject == 0) {
        return;
    }
    const uint32_t fields[] = {type->transfer_from, type->transfer_to};
    for (int i = 0; i < 2; i++) {
        uint32_t office = jl_district_office_of_ref(district, jl_row_get(row, fields[i]));
        if (office != 0 && !jl_visible_in(out_visible, office)) {
            out_visible->feeds[out_visible->count++] = office;
        }
    }
}

enum jl_rc jl_district_heads(struct jl_district *district, uint32_t office,
                             uint64_t out_heads[static 2], struct jl_err *err) {
    const uint32_t feeds[] = {0, office};
    for (int i = 0; i < 2; i++) {
        struct jl_feed_state *state = NULL;
        enum jl_rc rc = jl_district_feed(district, feeds[i], &state, err);
        if (rc != JL_OK) {
            return rc;
        }
        out_heads[i] = state->head;
    }
    return JL_OK;
}

/* ---- Pages ---- */

static enum jl_rc add_row(struct jl_district *district, enum jl_feed_kind kind,
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
            rc = jl_row_title(layout->type, &record->row, JL_LANGUAGE_ZH, &title, err);
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
        return jl_fail(err, JL_NOMEM, "no memory for a page of %zu rows", count);
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
            rc = add_row(build->district, entries[i].kind, &records[r++], arena, &build->scratch,
                         &page->rows[page->count], err);
            build->bytes += rc == JL_OK ? page->rows[page->count].size + 2 : 0;
            page->count++;
        }
        page->to = entries[i].seq;
        *out_full = build->bytes >= build->max_bytes || page->count == build->capacity;
    }
    return rc;
}

enum jl_rc jl_district_page(struct jl_district *district, uint32_t office, uint32_t origin,
                            const struct jl_pull *pull, struct jl_arena *arena,
                            struct jl_page *out_page, struct jl_err *err) {
    enum { CHUNK = 256, ROWS_MAX = 16384 };
    struct jl_feed_state *state = NULL;
    struct jl_feed_entry entries[CHUNK];
    uint32_t feed = pull->feed == 0 ? 0 : office;
    size_t max_bytes = pull->max_bytes < JL_PAGE_MIN_BYTES   ? JL_PAGE_MIN_BYTES
                       : pull->max_bytes > JL_PAGE_MAX_BYTES ? JL_PAGE_MAX_BYTES
                                                             : pull->max_bytes;
    enum jl_rc rc = jl_district_feed(district, feed, &state, err);
    if (rc != JL_OK) {
        return rc;
    }
    *out_page = (struct jl_page){
        .feed = pull->feed, .from = pull->from, .to = pull->from, .head = state->head};
    out_page->rows = jl_arena_alloc(arena, ROWS_MAX * sizeof *out_page->rows);
    if (out_page->rows == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for a page");
    }
    struct page_build build = {.district = district,
                               .arena = arena,
                               .page = out_page,
                               .capacity = ROWS_MAX,
                               .max_bytes = max_bytes};
    bool full = false;
    while (rc == JL_OK && !full && out_page->to < state->head) {
        size_t count = 0;
        rc = jl_store_feed_page(district->books->store, feed, out_page->to, CHUNK, entries, &count,
                                err);
        if (rc == JL_OK && count == 0) {
            out_page->to = state->head; /* what was there has been replaced by later entries */
            break;
        }
        if (rc == JL_OK) {
            rc = add_entries(&build, entries, count, pull->echo ? 0 : origin, &full, err);
        }
    }
    jl_buf_wipe(&build.scratch);
    return rc;
}

/* ---- Proof and repair ---- */

enum jl_rc jl_district_prove(struct jl_district *district, uint32_t office,
                             const struct jl_proof *proof, struct jl_proved *out_proved,
                             struct jl_err *err) {
    struct jl_feed_state *shared = NULL;
    struct jl_feed_state *own = NULL;
    uint8_t root[JL_SUM_BYTES];
    enum jl_rc rc = jl_district_feed(district, 0, &shared, err);
    if (rc == JL_OK) {
        rc = jl_district_feed(district, office, &own, err);
    }
    if (rc == JL_OK) {
        rc = jl_proof_root(district->books->hasher, &shared->sum, &own->sum, root, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    *out_proved = (struct jl_proved){.wall_ms = district->clock.wall_ms(district->clock.context)};
    if (proof->cursor[0] != shared->head || proof->cursor[1] != own->head) {
        out_proved->result = JL_PROOF_MOVED;
        out_proved->head[0] = shared->head;
        out_proved->head[1] = own->head;
    } else {
        out_proved->result =
            memcmp(root, proof->root, sizeof root) == 0 ? JL_PROOF_IDENTICAL : JL_PROOF_DIFFERENT;
    }
    return JL_OK;
}

static enum jl_rc answer_buckets(struct jl_district *district, uint32_t feed,
                                 struct jl_arena *arena, struct jl_message *out_message,
                                 struct jl_err *err) {
    struct jl_feed_state *state = NULL;
    uint8_t *sums = jl_arena_alloc(arena, JL_BUCKETS * JL_SHORT_SUM_BYTES);
    if (sums == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for a bucket list");
    }
    enum jl_rc rc = jl_district_feed(district, feed, &state, err);
    for (unsigned bucket = 0; rc == JL_OK && bucket < JL_BUCKETS; bucket++) {
        uint8_t sum[JL_SUM_BYTES];
        jl_setsum_bucket(&state->sum, bucket, sum);
        memcpy(sums + bucket * JL_SHORT_SUM_BYTES, sum, JL_SHORT_SUM_BYTES);
    }
    out_message->kind = JL_MESSAGE_BUCKETS;
    out_message->as.buckets.sums = jl_bytes(sums, JL_BUCKETS * JL_SHORT_SUM_BYTES);
    return rc;
}

static enum jl_rc answer_ids(struct jl_district *district, uint32_t feed, const struct jl_ask *ask,
                             struct jl_arena *arena, struct jl_message *out_message,
                             struct jl_err *err) {
    struct jl_head *heads[JL_BUCKETS];
    size_t counts[JL_BUCKETS];
    size_t total = 0;
    enum jl_rc rc = JL_OK;
    for (size_t b = 0; rc == JL_OK && b < ask->buckets.size; b++) {
        rc = jl_store_feed_bucket(district->books->store, feed, ask->buckets.data[b], arena,
                                  &heads[b], &counts[b], err);
        total += rc == JL_OK ? counts[b] : 0;
    }
    struct jl_known *records = jl_arena_zalloc(arena, total + 1, sizeof *records);
    if (rc == JL_OK && records == NULL) {
        rc = jl_fail(err, JL_NOMEM, "no memory for %zu ids", total);
    }
    size_t count = 0;
    for (size_t b = 0; rc == JL_OK && b < ask->buckets.size; b++) {
        for (size_t i = 0; i < counts[b]; i++) {
            records[count].type = heads[b][i].type;
            records[count].id = heads[b][i].id;
            memcpy(records[count++].hash, heads[b][i].hash, JL_SHORT_SUM_BYTES);
        }
    }
    out_message->kind = JL_MESSAGE_IDS;
    out_message->as.ids.buckets = ask->buckets;
    out_message->as.ids.records = records;
    out_message->as.ids.record_count = count;
    return rc;
}

/* Only rows that this office's feed shows: asking is no way around visibility. */
static enum jl_rc answer_rows(struct jl_district *district, uint32_t feed, const struct jl_ask *ask,
                              struct jl_arena *arena, struct jl_message *out_message,
                              struct jl_err *err) {
    size_t count = ask->record_count;
    struct jl_record_key *keys = jl_arena_zalloc(arena, count + 1, sizeof *keys);
    struct jl_book_record *records = jl_arena_zalloc(arena, count + 1, sizeof *records);
    struct jl_page *page = &out_message->as.page;
    page->rows = jl_arena_zalloc(arena, count + 1, sizeof *page->rows);
    if (keys == NULL || records == NULL || page->rows == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for %zu rows", count);
    }
    for (size_t i = 0; i < count; i++) {
        keys[i] = (struct jl_record_key){.type = ask->records[i].type, .id = ask->records[i].id};
    }
    struct jl_buf scratch = {0};
    size_t bytes = 0;
    enum jl_rc rc = jl_books_load(district->books, keys, count, arena, records, err);
    for (size_t i = 0; rc == JL_OK && i < count && bytes < JL_PAGE_MAX_BYTES; i++) {
        struct jl_visibility visible;
        const struct jl_layout *layout = jl_books_layout(district->books, keys[i].type);
        jl_district_visible(district, layout != NULL ? layout->type : NULL, &records[i].row,
                            &visible);
        if (records[i].head.rid == 0 || !jl_visible_in(&visible, feed)) {
            continue;
        }
        rc = add_row(district, JL_FEED_UPDATE, &records[i], arena, &scratch,
                     &page->rows[page->count], err);
        bytes += rc == JL_OK ? page->rows[page->count++].size : 0;
    }
    jl_buf_wipe(&scratch);
    out_message->kind = JL_MESSAGE_PAGE;
    page->repair = true;
    return rc;
}

enum jl_rc jl_district_answer(struct jl_district *district, uint32_t office,
                              const struct jl_ask *ask, struct jl_arena *arena,
                              struct jl_message *out_message, struct jl_err *err) {
    uint32_t feed = ask->feed == 0 ? 0 : office;
    *out_message = (struct jl_message){0};
    enum jl_rc rc = JL_OK;
    switch (ask->step) {
    case JL_ASK_BUCKETS:
        rc = answer_buckets(district, feed, arena, out_message, err);
        out_message->as.buckets.feed = ask->feed;
        return rc;
    case JL_ASK_IDS:
        rc = answer_ids(district, feed, ask, arena, out_message, err);
        out_message->as.ids.feed = ask->feed;
        return rc;
    case JL_ASK_ROWS:
        rc = answer_rows(district, feed, ask, arena, out_message, err);
        out_message->as.page.feed = ask->feed;
        return rc;
    }
    return jl_fail(err, JL_PROTO, "an Ask of an unknown step");
}
