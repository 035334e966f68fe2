/* Mistakes about who may, who is told, and what it costs: what a peer with a good key and none of
 * our rules gets through (sim_rogue.c). Calls are taken over as in planted.c. */
#include "planted_internal.h"

#include "proto/wire.h"
#include "server/books/district.h"
#include "server/books/feed_page.h"
#include "server/books/prove.h"
#include "server/books/visibility.h"
#include "server/judge/apply.h"
#include "server/judge/follow_merge.h"

#include "jielian/base/arena.h"
#include "jielian/base/buf.h"
#include "jielian/base/row.h"
#include "jielian/books/books.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/store/feeds.h"

/* ---- Cost ---- */

static size_t passes; /* over the feed, for the question that is answered */

static enum jl_rc pass_over(void *context, const struct jl_counted *record, struct jl_err *err) {
    (void)context;
    (void)record;
    (void)err;
    return JL_OK;
}

WRAP(enum jl_rc, jl_feeds_counted, struct jl_store *store, uint32_t feed, jl_counted_fn visit,
     void *context, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 1; rc == JL_OK && i < passes; i++) {
        rc = real_jl_feeds_counted(store, feed, pass_over, NULL, err);
    }
    return rc == JL_OK ? real_jl_feeds_counted(store, feed, visit, context, err) : rc;
}

/* ---- Who may ---- */

WRAP(enum jl_rc, jl_follow_merge_into, struct jl_apply *apply, const struct jl_touched *work,
     struct jl_touched **out_kept, struct jl_err *err) {
    if (planted_chosen == MERGE_UNDONE && apply->author == JL_SIDE_OFFICE) {
        *out_kept = NULL;
        return JL_OK;
    }
    return real_jl_follow_merge_into(apply, work, out_kept, err);
}

/* ---- Who is told ---- */

static uint32_t asker; /* the office whose question is answered; 0: none */

WRAP(enum jl_rc, jl_prove_answer, struct jl_district *district, uint32_t office,
     const struct jl_ask *ask, struct jl_arena *arena, struct jl_message *out_message,
     struct jl_err *err) {
    size_t named = ask->buckets.size + ask->part_count + ask->hashes.size / JL_SHORT_SUM_BYTES;
    asker = planted_chosen == ROWS_OF_OTHERS ? office : 0;
    passes = planted_chosen == REPAIR_BY_BUCKET ? named : 0;
    enum jl_rc rc = real_jl_prove_answer(district, office, ask, arena, out_message, err);
    asker = 0;
    passes = 0;
    return rc;
}

WRAP(void, jl_visibility_of, const struct jl_district *district, const struct jl_type *type,
     const struct jl_row *row, struct jl_visibility *out_visible) {
    real_jl_visibility_of(district, type, row, out_visible);
    if (asker != 0 && out_visible->count > 0) {
        out_visible->feeds[0] = asker;
    }
}

WRAP(enum jl_rc, jl_feed_page_row, struct jl_district *district, enum jl_feed_kind kind,
     const struct jl_book_record *record, struct jl_arena *arena, struct jl_buf *scratch,
     struct jl_bytes *out_row, struct jl_err *err) {
    enum { VERIFIER = 5 };
    struct jl_book_record whole = *record;
    const struct jl_value verifier = jl_value_cstr("scrypt:00:00");
    enum jl_rc rc = planted_chosen == VERIFIER_TOLD && record->row.type == JL_TYPE_STAFF
                        ? jl_row_set(&whole.row, VERIFIER, &verifier, arena, err)
                        : JL_OK;
    return rc == JL_OK ? real_jl_feed_page_row(district, kind, &whole, arena, scratch, out_row, err)
                       : rc;
}

static uint64_t journal_at_page; /* the newest entry when a page was made */

WRAP(enum jl_rc, jl_feed_page_read, struct jl_district *district, uint32_t office, uint32_t origin,
     const struct jl_pull *pull, struct jl_arena *arena, struct jl_page *out_page,
     struct jl_err *err) {
    static uint32_t before;
    uint32_t made_for = planted_chosen == PAGE_MIXED && before != 0 ? before : office;
    before = office;
    journal_at_page = district->state.journal_seq;
    return real_jl_feed_page_read(district, made_for, origin, pull, arena, out_page, err);
}

WRAP(enum jl_rc, jl_prove_root, struct jl_district *district, uint32_t office,
     const struct jl_proof *proof, struct jl_proved *out_proved, struct jl_err *err) {
    enum jl_rc rc = real_jl_prove_root(district, office, proof, out_proved, err);
    if (planted_chosen == MOVED_BY_ANYBODY && rc == JL_OK &&
        out_proved->result == JL_PROOF_IDENTICAL &&
        district->state.journal_seq != journal_at_page) {
        out_proved->result = JL_PROOF_MOVED;
        rc = jl_feed_state_heads(district, office, out_proved->head, err);
        journal_at_page = district->state.journal_seq;
    }
    return rc;
}
