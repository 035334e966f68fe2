/* What the district sends: verdicts and pages. Rows, cursor, sums and counters move together in one
 * transaction, so a crash leaves either all of a message's effect or none. */
#include "take.h"
#include "base_rows.h"
#include "office.h"
#include "office_expected.h"
#include "office_outbox.h"

#include "jielian/base/fault.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/store/bases.h"
#include "jielian/store/feeds.h"
#include "jielian/store/received.h"

#include <stdlib.h>
#include <string.h>

/* ---- Verdicts ---- */

static enum jl_outbox_state outbox_state(enum jl_verdict_code code) {
    switch (code) {
    case JL_VERDICT_MERGED:
        return JL_OUTBOX_MERGED;
    case JL_VERDICT_CASE:
        return JL_OUTBOX_CASE;
    case JL_VERDICT_PARKED:
        return JL_OUTBOX_PARKED;
    case JL_VERDICT_APPLIED:
    case JL_VERDICT_ALREADY:
        break;
    }
    return JL_OUTBOX_APPLIED;
}

static enum jl_rc take_exception(struct jl_office *office, const struct jl_verdict *verdict,
                                 struct jl_arena *arena, struct jl_err *err) {
    struct jl_store *store = office->books->store;
    uint64_t pos = office->state.seq_base + verdict->seq;
    JL_AUTO(jl_buf) said = {0};
    enum jl_rc rc = jl_remark_encode(&verdict->said, &said, err);
    if (rc == JL_OK) {
        rc = jl_outbox_set(store, pos, outbox_state(verdict->code), verdict->reason,
                           jl_buf_bytes(&said), err);
    }
    if (rc != JL_OK || verdict->code != JL_VERDICT_PARKED) {
        return rc;
    }
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    rc = jl_outbox_range(store, pos, 1, SIZE_MAX, arena, &entries, &count, err);
    if (rc == JL_OK && count == 1 && entries[0].pos == pos) {
        rc = jl_base_rows_show(office, entries[0].rid, arena, err);
    }
    return rc;
}

static enum jl_rc take_range(struct jl_office *office, const struct jl_verdicts *verdicts,
                             struct jl_arena *arena, struct jl_err *err) {
    struct jl_office_state *state = &office->state;
    uint64_t first = jl_office_confirmed_seq(office) + 1;
    uint64_t last = verdicts->last_seq;
    uint8_t hash[JL_HASH_BYTES];
    enum jl_rc rc = jl_outbox_confirm(office->books->store, state->seq_base + first,
                                      state->seq_base + last, err);
    for (size_t i = 0; rc == JL_OK && i < verdicts->exception_count; i++) {
        const struct jl_verdict *verdict = &verdicts->exceptions[i];
        if (verdict->seq >= first && verdict->seq <= last) {
            rc = take_exception(office, verdict, arena, err);
        }
    }
    if (rc == JL_OK) {
        rc = jl_base_rows_follow(office, state->seq_base + first, state->seq_base + last, arena,
                                 err);
    }
    if (rc == JL_OK) {
        rc = jl_office_outbox_hash_at(office, state->seq_base + last, hash, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    memcpy(state->confirmed_hash, hash, sizeof hash);
    state->confirmed_pos = state->seq_base + last;
    if (verdicts->own_to > verdicts->own_from && verdicts->own_from == state->cursor[1]) {
        state->cursor[1] = verdicts->own_to;
    }
    return jl_bases_trim(office->books->store, state->confirmed_pos, err);
}

enum jl_rc jl_take_verdicts(struct jl_office *office, const struct jl_verdicts *verdicts,
                            struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    enum jl_rc rc = jl_office_begin(office, true, err);
    if (rc != JL_OK) {
        return rc;
    }
    uint64_t confirmed = jl_office_confirmed_seq(office);
    bool known = verdicts->last_seq <= confirmed;
    bool gap = verdicts->first_seq > confirmed + 1;
    if (known || gap || verdicts->last_seq > jl_office_head_seq(office)) {
        jl_store_rollback(office->books->store);
        return JL_OK; /* late, doubled, or about ops that we never made: nothing to learn */
    }
    rc = take_range(office, verdicts, &arena, err);
    if (rc != JL_OK) {
        jl_office_rollback(office);
        return rc;
    }
    return jl_office_commit(office, err);
}

/* ---- Pages ---- */

struct take {
    struct jl_office *office;
    const struct jl_page *page;
    struct jl_arena arena;
    struct jl_feed_row *rows;
    struct jl_head *before;
    struct jl_book_record *records;
    struct jl_book_write *writes;
    size_t write_count;
    size_t *write_of; /* write index → row index */
};

static int compare_keys(const void *left, const void *right) {
    const struct jl_record_key *a = left;
    const struct jl_record_key *b = right;
    if (a->type != b->type) {
        return a->type < b->type ? -1 : 1;
    }
    return jl_id_compare(&a->id, &b->id);
}

/* A feed holds each record once (docs/design.md section 5). Were one here twice, the sum would
 * count both: what a row replaces is read before the first is written. */
static enum jl_rc check_once(const struct jl_record_key *keys, size_t count, struct jl_arena *arena,
                             struct jl_err *err) {
    struct jl_record_key *sorted = jl_arena_alloc(arena, (count + 1) * sizeof *sorted);
    if (sorted == NULL) {
        return jl_fault_memory(err);
    }
    memcpy(sorted, keys, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_keys);
    for (size_t i = 1; i < count; i++) {
        if (compare_keys(&sorted[i - 1], &sorted[i]) == 0) {
            return jl_fault_at(err, JL_PROTO, JL_FAULT_BYTES,
                               "a page names a record of type %u twice", (unsigned)sorted[i].type);
        }
    }
    return JL_OK;
}

static enum jl_rc decode_rows(struct take *take, struct jl_err *err) {
    const struct jl_page *page = take->page;
    size_t count = page->count + 1;
    take->rows = jl_arena_zalloc(&take->arena, count, sizeof *take->rows);
    take->before = jl_arena_zalloc(&take->arena, count, sizeof *take->before);
    take->records = jl_arena_zalloc(&take->arena, count, sizeof *take->records);
    take->writes = jl_arena_zalloc(&take->arena, count, sizeof *take->writes);
    take->write_of = jl_arena_zalloc(&take->arena, count, sizeof *take->write_of);
    struct jl_record_key *keys = jl_arena_zalloc(&take->arena, count, sizeof *keys);
    if (take->rows == NULL || take->before == NULL || take->records == NULL ||
        take->writes == NULL || take->write_of == NULL || keys == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < page->count; i++) {
        enum jl_rc rc = jl_wire_row_decode(page->rows[i], &take->arena, &take->rows[i], err);
        if (rc != JL_OK) {
            return jl_fault_wrap(err, JL_FAULT_TAKE_ROW, "%zu", i);
        }
        keys[i] =
            (struct jl_record_key){.type = take->rows[i].row.type, .id = take->rows[i].row.id};
    }
    enum jl_rc rc = check_once(keys, page->count, &take->arena, err);
    return rc == JL_OK ? jl_records_heads(take->office->books->store, keys, page->count,
                                          &take->arena, take->before, err)
                       : rc;
}

static enum jl_rc flush(struct take *take, struct jl_err *err) {
    enum jl_rc rc =
        jl_books_write(take->office->books, take->writes, take->write_count, &take->arena, err);
    for (size_t i = 0; rc == JL_OK && i < take->write_count; i++) {
        jl_office_recount(take->office, &take->before[take->write_of[i]],
                          &take->writes[i].record->head);
    }
    take->write_count = 0;
    return rc;
}

/* What the district changed in a record that was here: kept for `history`. */
static enum jl_rc keep_received(struct take *take, size_t i, struct jl_err *err) {
    const struct jl_feed_row *row = &take->rows[i];
    struct jl_books *books = take->office->books;
    JL_AUTO(jl_buf) plain = {0};
    JL_AUTO(jl_buf) sealed = {0};
    enum jl_rc rc = jl_wire_row_encode(row, &plain, err);
    if (rc == JL_OK) {
        rc = jl_books_seal(books, "received", (uint64_t)take->before[i].rid, jl_buf_bytes(&plain),
                           &sealed, err);
    }
    return rc == JL_OK ? jl_received_append(books->store, take->before[i].rid, row->changed_ms,
                                            jl_buf_bytes(&sealed), err)
                       : rc;
}

static enum jl_rc lay_over(struct take *take, size_t i, struct jl_book_record *record,
                           struct jl_err *err) {
    struct jl_office *office = take->office;
    int64_t rid = take->before[i].rid;
    size_t laid = 0;
    enum jl_rc rc = jl_base_row_put(office, rid, &take->rows[i].row, err);
    if (rc == JL_OK) {
        rc = jl_base_rows_lay_pending(office, rid, &take->arena, &record->row, &laid, err);
    }
    if (rc == JL_OK && record->row.deleted) {
        record->head.state = JL_RECORD_DELETED;
    }
    return rc;
}

/* Is it the row that is here already? So it is for nearly all that is read anew. */
static enum jl_rc is_same(struct take *take, size_t i, bool *out_same, struct jl_err *err) {
    struct jl_books *books = take->office->books;
    uint8_t hash[JL_CONTENT_HASH_BYTES];
    enum jl_rc rc = jl_content_hash(books->hasher, &books->proof_key, &take->rows[i].row,
                                    &books->scratch, hash, err);
    *out_same = rc == JL_OK && memcmp(hash, take->before[i].hash, sizeof hash) == 0;
    return rc;
}

/* ENTER and UPDATE. */
static enum jl_rc take_row(struct take *take, size_t i, struct jl_book_record *record,
                           struct jl_err *err) {
    const struct jl_head *before = &take->before[i];
    record->head.state = JL_RECORD_LIVE;
    record->row = take->rows[i].row;
    bool same = take->page->repair; /* what a repair brings is no news */
    enum jl_rc rc = JL_OK;
    if (!same && jl_office_rereads(take->office, take->page->feed)) {
        rc = is_same(take, i, &same, err);
    }
    if (rc == JL_OK && before->rid != 0 && before->state == JL_RECORD_LIVE && !same) {
        rc = keep_received(take, i, err);
    }
    return rc == JL_OK && jl_office_pending(take->office, before) ? lay_over(take, i, record, err)
                                                                  : rc;
}

/* LEAVE and DELETE: the record goes; with local changes on the way, their verdict tells the rest,
 * and there is nothing any more that they lie on. */
static enum jl_rc take_end(struct take *take, size_t i, struct jl_book_record *record,
                           struct jl_err *err) {
    const struct jl_head *before = &take->before[i];
    bool left = take->rows[i].kind == JL_FEED_LEAVE;
    record->head.state = left ? JL_RECORD_LEFT : JL_RECORD_DELETED;
    record->head.title = left ? take->rows[i].title : jl_bytes(NULL, 0);
    record->row = take->rows[i].row;
    record->row.deleted = !left;
    return jl_office_pending(take->office, before)
               ? jl_bases_drop(take->office->books->store, before->rid, err)
               : JL_OK;
}

static enum jl_rc take_one(struct take *take, size_t i, struct jl_err *err) {
    const struct jl_feed_row *row = &take->rows[i];
    struct jl_book_record *record = &take->records[i];
    bool end = row->kind == JL_FEED_LEAVE || row->kind == JL_FEED_DELETE;
    record->head = take->before[i];
    record->head.changed_ms = row->changed_ms;
    record->head.by_device = row->by_device;
    record->head.by_staff = row->by_staff;
    if (row->kind == JL_FEED_DELETE && take->before[i].rid == 0) {
        return JL_OK; /* never was here; what left another office leaves a stub all the same */
    }
    enum jl_rc rc = end ? take_end(take, i, record, err) : take_row(take, i, record, err);
    take->write_of[take->write_count] = i;
    take->writes[take->write_count++] = (struct jl_book_write){.record = record};
    if (rc == JL_OK && row->row.type == JL_TYPE_CATALOGUE) {
        rc = flush(take, err);
        if (rc == JL_OK) {
            rc = jl_books_take_catalogue(take->office->books, err);
        }
    }
    return rc;
}

static enum jl_rc take_rows(struct take *take, struct jl_err *err) {
    enum jl_rc rc = decode_rows(take, err);
    for (size_t i = 0; rc == JL_OK && i < take->page->count; i++) {
        rc = take_one(take, i, err);
    }
    return rc == JL_OK ? flush(take, err) : rc;
}

enum jl_rc jl_take_page(struct jl_office *office, const struct jl_page *page, bool *out_taken,
                        struct jl_err *err) {
    struct take take = {.office = office, .page = page};
    *out_taken = false;
    enum jl_rc rc = jl_office_begin(office, true, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (!page->repair &&
        (page->from != office->state.cursor[page->feed] || page->to < page->from)) {
        jl_store_rollback(office->books->store);
        return JL_OK;
    }
    rc = take_rows(&take, err);
    if (rc == JL_OK) {
        rc = jl_office_expected_take(office, page, err);
    }
    jl_arena_fini(&take.arena);
    if (rc != JL_OK) {
        jl_office_rollback(office);
        return rc;
    }
    if (page->repair) {
        office->state.repairs += page->count;
    } else {
        office->state.cursor[page->feed] = page->to;
    }
    *out_taken = true;
    return jl_office_commit(office, err);
}
