/* Proof, and the answers that repair needs (docs/protocol.md, section 9).
 *
 * A question costs one pass over the feed, however many parts, buckets or hashes it names, and
 * memory for these: it is bounded by what a device may ask for (wire.h). */
#include "prove.h"
#include "clock_check.h"
#include "district.h"
#include "feed_page.h"
#include "visibility.h"

#include "jielian/base/fault.h"
#include "jielian/base/limits.h"
#include "jielian/store/feeds.h"
#include "jielian/sync/parts.h"
#include "jielian/sync/session.h"

#include <stdlib.h>
#include <string.h>

/* ---- Proof ---- */

enum jl_rc jl_prove_root(struct jl_district *district, uint32_t office,
                         const struct jl_proof *proof, struct jl_proved *out_proved,
                         struct jl_err *err) {
    struct jl_feed_state *shared = NULL;
    struct jl_feed_state *own = NULL;
    uint8_t root[JL_SUM_BYTES];
    enum jl_rc rc = jl_feed_state_get(district, 0, &shared, err);
    if (rc == JL_OK) {
        rc = jl_feed_state_get(district, office, &own, err);
    }
    if (rc == JL_OK) {
        rc = jl_setsum_root(district->books->hasher, &shared->sum, &own->sum, root, err);
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

enum jl_rc jl_prove_deep(struct jl_district *district, uint32_t office,
                         const struct jl_proof *proof, size_t records, struct jl_deep *deep,
                         struct jl_proved *out_proved, struct jl_err *err) {
    const bool begun = deep->after.type != 0;
    enum jl_rc rc = jl_prove_root(district, office, proof, out_proved, err);
    if (rc != JL_OK || out_proved->result != JL_PROOF_IDENTICAL) {
        return rc; /* whatever was read before is about books that are no more */
    }
    if (!begun) {
        rc = jl_deep_begin(district->books, deep, err);
    }
    if (rc == JL_OK) {
        rc = jl_deep_step(district->books, office, records, deep, err);
    }
    if (rc == JL_OK && deep->done) {
        bool same = memcmp(deep->hash, proof->deep, sizeof deep->hash) == 0;
        out_proved->deep = same ? JL_DEEP_IDENTICAL : JL_DEEP_DIFFERENT;
    }
    return rc;
}

/* ---- Parts ---- */

struct parting {
    const struct jl_ask *ask;
    struct jl_part_sum *sums; /* as ask->parts */
};

static enum jl_rc count_part(void *context, const struct jl_counted *record, struct jl_err *err) {
    struct parting *parting = context;
    const struct jl_ask *ask = parting->ask;
    const struct jl_place place = jl_part_place(record->type, &record->id);
    size_t part = jl_part_find(ask->parts, ask->part_count, &place);
    (void)err;
    if (part != SIZE_MAX) {
        jl_part_add(&parting->sums[part], &ask->parts[part], &place, record->hash);
    }
    return JL_OK;
}

static enum jl_rc answer_parts(struct jl_district *district, uint32_t feed,
                               const struct jl_ask *ask, struct jl_arena *arena,
                               struct jl_message *out_message, struct jl_err *err) {
    enum { TOLD_BYTES = JL_PART_WAYS * JL_SHORT_SUM_BYTES };
    const size_t count = ask->part_count;
    struct jl_told_part *told = jl_arena_zalloc(arena, count, sizeof *told);
    uint8_t *bytes = jl_arena_alloc(arena, count * TOLD_BYTES);
    struct parting parting = {.ask = ask};
    parting.sums = jl_arena_zalloc(arena, count, sizeof *parting.sums);
    if (told == NULL || bytes == NULL || parting.sums == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_feeds_counted(district->books->store, feed, count_part, &parting, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        told[i] = jl_part_tell(&ask->parts[i], &parting.sums[i], bytes + i * TOLD_BYTES);
    }
    out_message->kind = JL_MESSAGE_BUCKETS;
    out_message->as.buckets.parts = told;
    out_message->as.buckets.part_count = count;
    return rc;
}

/* ---- Buckets and their ids: what a device asks for that knows no parts ---- */

static enum jl_rc answer_buckets(struct jl_district *district, uint32_t feed,
                                 struct jl_arena *arena, struct jl_message *out_message,
                                 struct jl_err *err) {
    struct jl_feed_state *state = NULL;
    uint8_t *sums = jl_arena_alloc(arena, JL_BUCKETS * JL_SHORT_SUM_BYTES);
    if (sums == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_feed_state_get(district, feed, &state, err);
    for (unsigned bucket = 0; rc == JL_OK && bucket < JL_BUCKETS; bucket++) {
        uint8_t sum[JL_SUM_BYTES];
        jl_setsum_bucket(&state->sum, bucket, sum);
        memcpy(sums + bucket * JL_SHORT_SUM_BYTES, sum, JL_SHORT_SUM_BYTES);
    }
    out_message->kind = JL_MESSAGE_BUCKETS;
    out_message->as.buckets.sums = jl_bytes(sums, JL_BUCKETS * JL_SHORT_SUM_BYTES);
    return rc;
}

/* By bucket, then type, then id. */
static int compare_listed(const void *left, const void *right) {
    const struct jl_known *a = left;
    const struct jl_known *b = right;
    unsigned buckets[] = {jl_id_bucket(&a->id), jl_id_bucket(&b->id)};
    if (buckets[0] != buckets[1]) {
        return buckets[0] < buckets[1] ? -1 : 1;
    }
    if (a->type != b->type) {
        return a->type < b->type ? -1 : 1;
    }
    return jl_id_compare(&a->id, &b->id);
}

struct listing {
    bool asked[JL_BUCKETS];
    struct jl_buf records; /* struct jl_known */
};

static enum jl_rc list_record(void *context, const struct jl_counted *counted, struct jl_err *err) {
    struct listing *listing = context;
    struct jl_known known = {.type = counted->type, .id = counted->id};
    if (!listing->asked[jl_id_bucket(&counted->id)]) {
        return JL_OK;
    }
    if (listing->records.size / sizeof known >= JL_IDS_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_BYTES,
                           "more than %d ids in the buckets asked for", (int)JL_IDS_MAX);
    }
    memcpy(known.hash, counted->hash, sizeof known.hash);
    return jl_buf_put(&listing->records, &known, sizeof known, err);
}

static enum jl_rc answer_ids(struct jl_district *district, uint32_t feed, const struct jl_ask *ask,
                             struct jl_arena *arena, struct jl_message *out_message,
                             struct jl_err *err) {
    struct listing listing = {0};
    for (size_t i = 0; i < ask->buckets.size; i++) {
        listing.asked[ask->buckets.data[i]] = true;
    }
    enum jl_rc rc = jl_feeds_counted(district->books->store, feed, list_record, &listing, err);
    size_t count = listing.records.size / sizeof(struct jl_known);
    if (rc == JL_OK && count > 0) {
        qsort(listing.records.data, count, sizeof(struct jl_known), compare_listed);
    }
    struct jl_known *records = jl_arena_alloc(arena, (count + 1) * sizeof *records);
    if (rc == JL_OK && records == NULL) {
        rc = jl_fault_memory(err);
    }
    if (rc == JL_OK && count > 0) {
        memcpy(records, listing.records.data, count * sizeof *records);
    }
    jl_buf_fini(&listing.records);
    out_message->kind = JL_MESSAGE_IDS;
    out_message->as.ids.buckets = ask->buckets;
    out_message->as.ids.records = records;
    out_message->as.ids.record_count = count;
    return rc;
}

/* ---- Rows ---- */

/* Only rows that this office's feed shows: asking is no way around visibility. */
static enum jl_rc put_rows(struct jl_district *district, uint32_t feed,
                           const struct jl_book_record *records, size_t count,
                           struct jl_arena *arena, struct jl_message *out_message,
                           struct jl_err *err) {
    struct jl_page *page = &out_message->as.page;
    struct jl_buf scratch = {0};
    size_t bytes = 0;
    enum jl_rc rc = JL_OK;
    page->rows = jl_arena_zalloc(arena, count + 1, sizeof *page->rows);
    if (page->rows == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; rc == JL_OK && i < count && bytes < JL_PAGE_MAX_BYTES; i++) {
        struct jl_visibility visible;
        const struct jl_layout *layout = jl_books_layout(district->books, records[i].row.type);
        jl_visibility_of(district, layout != NULL ? layout->type : NULL, &records[i].row, &visible);
        if (records[i].head.rid == 0 || !jl_visibility_in(&visible, feed)) {
            continue;
        }
        rc = jl_feed_page_row(district, JL_FEED_UPDATE, &records[i], arena, &scratch,
                              &page->rows[page->count], err);
        bytes += rc == JL_OK ? page->rows[page->count++].size : 0;
    }
    jl_buf_wipe(&scratch);
    out_message->kind = JL_MESSAGE_PAGE;
    page->repair = true;
    return rc;
}

struct finding {
    struct jl_bytes hashes;
    int64_t rids[JL_ASK_ROWS_MAX];
    size_t count;
};

static int compare_hashes(const void *left, const void *right) {
    return memcmp(left, right, JL_SHORT_SUM_BYTES);
}

/* Two records with one short hash: the second is for the next round. */
static enum jl_rc find_row(void *context, const struct jl_counted *record, struct jl_err *err) {
    struct finding *finding = context;
    (void)err;
    if (finding->count < JL_ASK_ROWS_MAX &&
        bsearch(record->hash, finding->hashes.data, finding->hashes.size / JL_SHORT_SUM_BYTES,
                JL_SHORT_SUM_BYTES, compare_hashes) != NULL) {
        finding->rids[finding->count++] = record->rid;
    }
    return JL_OK;
}

static enum jl_rc answer_hashes(struct jl_district *district, uint32_t feed,
                                const struct jl_ask *ask, struct jl_arena *arena,
                                struct jl_message *out_message, struct jl_err *err) {
    struct finding finding = {.hashes = ask->hashes};
    enum jl_rc rc = jl_feeds_counted(district->books->store, feed, find_row, &finding, err);
    struct jl_book_record *records = jl_arena_zalloc(arena, finding.count + 1, sizeof *records);
    if (rc == JL_OK && records == NULL) {
        rc = jl_fault_memory(err);
    }
    if (rc == JL_OK) {
        rc = jl_books_load_rids(district->books, finding.rids, finding.count, arena, records, err);
    }
    return rc == JL_OK ? put_rows(district, feed, records, finding.count, arena, out_message, err)
                       : rc;
}

static enum jl_rc answer_rows(struct jl_district *district, uint32_t feed, const struct jl_ask *ask,
                              struct jl_arena *arena, struct jl_message *out_message,
                              struct jl_err *err) {
    size_t count = ask->record_count;
    struct jl_record_key *keys = jl_arena_zalloc(arena, count + 1, sizeof *keys);
    struct jl_book_record *records = jl_arena_zalloc(arena, count + 1, sizeof *records);
    if (keys == NULL || records == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        keys[i] = (struct jl_record_key){.type = ask->records[i].type, .id = ask->records[i].id};
    }
    enum jl_rc rc = jl_books_load(district->books, keys, count, arena, records, err);
    return rc == JL_OK ? put_rows(district, feed, records, count, arena, out_message, err) : rc;
}

enum jl_rc jl_prove_answer(struct jl_district *district, uint32_t office, const struct jl_ask *ask,
                           struct jl_arena *arena, struct jl_message *out_message,
                           struct jl_err *err) {
    uint32_t feed = ask->feed == 0 ? 0 : office;
    *out_message = (struct jl_message){0};
    enum jl_rc rc = JL_OK;
    switch (ask->step) {
    case JL_ASK_BUCKETS:
        rc = ask->part_count > 0 ? answer_parts(district, feed, ask, arena, out_message, err)
                                 : answer_buckets(district, feed, arena, out_message, err);
        out_message->as.buckets.feed = ask->feed;
        return rc;
    case JL_ASK_IDS:
        rc = answer_ids(district, feed, ask, arena, out_message, err);
        out_message->as.ids.feed = ask->feed;
        return rc;
    case JL_ASK_ROWS:
        rc = ask->hashes.size > 0 ? answer_hashes(district, feed, ask, arena, out_message, err)
                                  : answer_rows(district, feed, ask, arena, out_message, err);
        out_message->as.page.feed = ask->feed;
        return rc;
    }
    return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES, "%s", "an Ask of an unknown step");
}

static int64_t now_ms(const struct jl_district *district) {
    return district->clock.wall_ms(district->clock.context);
}

/* A device in session greets every JL_SESSION_GREET_MS, so a longer silence before its proof, or a
 * negative one, is a leap of this clock: what was measured before the leap moves by it. The next
 * Hello measures anew. */
static void hear_proof(struct jl_device *device, int64_t wall_ms) {
    int64_t silent_ms = jl_clock_check_minus(wall_ms, device->last_seen_ms);
    if (silent_ms < -JL_SESSION_GREET_MS || silent_ms > 2 * JL_SESSION_GREET_MS) {
        device->clock_offset_ms = jl_clock_check_minus(device->clock_offset_ms, silent_ms);
    }
    device->proven_ms = device->last_seen_ms = wall_ms;
}

enum jl_rc jl_prove_note(struct jl_district *district, uint32_t number, uint32_t origin_number,
                         const struct jl_proof *proof, struct jl_err *err) {
    struct jl_device *device = jl_roster_device_to_change(district, number);
    struct jl_origin *origin = jl_roster_origin(district, origin_number);
    if (device == NULL || origin == NULL) {
        return JL_OK; /* removed meanwhile */
    }
    hear_proof(device, now_ms(district));
    device->unsent = device->oldest_unsent_s = 0;
    origin->cursor[0] = proof->cursor[0];
    origin->cursor[1] = proof->cursor[1];
    enum jl_rc rc = jl_devices_put(district->books->store, device, err);
    return rc == JL_OK ? jl_devices_put_origin(district->books->store, origin, err) : rc;
}
