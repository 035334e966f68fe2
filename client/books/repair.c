/* What differs from the district's books, asked part by part (jielian/sync/parts.h).
 *
 *   one pass over our heads   sums of the parts told by sums; what of the lists we have, and which
 *                             of our records are in none
 *   part told by sums         those of its parts whose sums differ are asked for next
 *   part told as a list       hashes that we lack are asked for as rows; when we lack none, records
 *                             that are not in it are only ours: set aside
 *
 * A record that was changed is in both: its new hash is asked for, and the old one is not there any
 * more when the row has come. Other records that only we have then wait for the next round.
 *
 * Whatever is dropped because a question is full is still counted: `stands_for` says for how many
 * parts each of those that were asked stands. */
#include "repair.h"
#include "office.h"

#include "jielian/base/fault.h"
#include "jielian/store/feeds.h"

#include <stdlib.h>
#include <string.h>

enum { ASIDE_MAX = 4096 }; /* records set aside in one transaction; more in the next round */

/* ---- Asking ---- */

static void begin_feed(struct jl_repair *repair, uint32_t feed) {
    repair->feed = feed;
    repair->parts[0] = (struct jl_part){0};
    repair->part_count = 1;
    repair->hash_count = 0;
    repair->bucket_count = 0;
    repair->known_count = 0;
    repair->stands_for = 1;
    repair->missing = 0;
}

void jl_repair_ask(struct jl_repair *repair, const struct jl_action *action,
                   struct jl_ask *out_ask) {
    *out_ask = (struct jl_ask){.feed = action->feed, .step = JL_ASK_BUCKETS};
    if (action->kind == JL_ACTION_ASK_BUCKETS) {
        begin_feed(repair, action->feed);
    }
    if (action->kind == JL_ACTION_ASK_IDS) {
        out_ask->step = JL_ASK_IDS;
        out_ask->buckets = jl_bytes(repair->buckets, repair->bucket_count);
    } else if (action->kind != JL_ACTION_ASK_ROWS) {
        out_ask->parts = repair->parts;
        out_ask->part_count = repair->part_count;
    } else {
        out_ask->step = JL_ASK_ROWS;
        out_ask->records = repair->known;
        out_ask->record_count = repair->known_count;
        out_ask->hashes =
            jl_bytes(repair->hashes,
                     repair->known_count > 0 ? 0 : repair->hash_count * (size_t)JL_SHORT_SUM_BYTES);
    }
}

/* ---- One pass over our own ---- */

struct own_part {
    struct jl_part_sum sum;
    uint32_t found;   /* bits: which hashes of the list we have */
    uint32_t unknown; /* our records that are not in the list */
};

struct aside {
    size_t part;
    int64_t rid;
};

struct pass {
    const struct jl_repair *repair;
    const struct jl_told_part *told;
    struct own_part *own;
    struct jl_buf unknown; /* struct aside */
    bool cut;              /* there are more of them */
};

static enum jl_rc look_up(struct pass *pass, size_t p, const struct jl_counted *record,
                          struct jl_err *err) {
    const struct jl_told_part *told = &pass->told[p];
    struct own_part *own = &pass->own[p];
    for (size_t i = 0; i < told->count; i++) {
        if (memcmp(told->sums + i * JL_SHORT_SUM_BYTES, record->hash, JL_SHORT_SUM_BYTES) == 0) {
            own->found |= 1U << i;
            return JL_OK;
        }
    }
    const struct aside aside = {.part = p, .rid = record->rid};
    own->unknown++;
    if (pass->unknown.size >= ASIDE_MAX * sizeof aside) {
        pass->cut = true;
        return JL_OK;
    }
    return jl_buf_put(&pass->unknown, &aside, sizeof aside, err);
}

static enum jl_rc pass_record(void *context, const struct jl_counted *record, struct jl_err *err) {
    struct pass *pass = context;
    const struct jl_place place = jl_part_place(record->type, &record->id);
    size_t p = jl_part_find(pass->repair->parts, pass->repair->part_count, &place);
    if (p == SIZE_MAX) {
        return JL_OK;
    }
    if (pass->told[p].count <= JL_PART_LIST_MAX) {
        return look_up(pass, p, record, err);
    }
    jl_part_add(&pass->own[p].sum, &pass->told[p].part, &place, record->hash);
    return JL_OK;
}

/* ---- What it says ---- */

static uint32_t missing_of(const struct pass *pass, size_t p) {
    const struct jl_told_part *told = &pass->told[p];
    uint32_t all = (1U << told->count) - 1;
    return all & ~pass->own[p].found;
}

static void want_hashes(struct pass *pass, size_t p, struct jl_repair *repair, bool *out_full) {
    uint32_t missing = missing_of(pass, p);
    for (size_t i = 0; i < pass->told[p].count; i++) {
        if ((missing & 1U << i) == 0) {
            continue;
        }
        repair->missing += repair->stands_for;
        if (repair->hash_count == JL_ASK_ROWS_MAX) {
            *out_full = true;
            continue;
        }
        memcpy(repair->hashes[repair->hash_count++], pass->told[p].sums + i * JL_SHORT_SUM_BYTES,
               JL_SHORT_SUM_BYTES);
    }
}

/* The next parts, in ascending order as those before them. */
static void split(const struct pass *pass, size_t p, struct jl_part *next, size_t *count,
                  size_t *dropped) {
    for (unsigned way = 0; way < JL_PART_WAYS; way++) {
        if (jl_part_same(&pass->told[p], &pass->own[p].sum, way)) {
            continue;
        }
        if (*count == JL_ASK_PARTS_MAX) {
            (*dropped)++;
        } else {
            next[(*count)++] = jl_part_split(&pass->told[p].part, way);
        }
    }
}

static enum jl_rc set_unknown_aside(struct jl_office *office, struct pass *pass,
                                    struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    enum jl_rc rc = JL_OK;
    for (size_t at = 0; rc == JL_OK && at < pass->unknown.size; at += sizeof(struct aside)) {
        struct aside aside;
        memcpy(&aside, pass->unknown.data + at, sizeof aside);
        if (missing_of(pass, aside.part) == 0) {
            jl_arena_reset(&arena);
            rc = jl_repair_set_aside(office, aside.rid, &arena, err);
        }
    }
    return rc;
}

static int compare_hashes(const void *left, const void *right) {
    return memcmp(left, right, JL_SHORT_SUM_BYTES);
}

/* Ascending, each once. */
static void order_hashes(struct jl_repair *repair) {
    size_t kept = 0;
    qsort(repair->hashes, repair->hash_count, sizeof *repair->hashes, compare_hashes);
    for (size_t i = 0; i < repair->hash_count; i++) {
        if (kept == 0 ||
            memcmp(repair->hashes[kept - 1], repair->hashes[i], sizeof *repair->hashes) != 0) {
            memmove(repair->hashes[kept++], repair->hashes[i], sizeof *repair->hashes);
        }
    }
    repair->hash_count = kept;
}

static enum jl_rc learn(struct jl_office *office, struct jl_repair *repair, struct pass *pass,
                        struct jl_compared *out_compared, struct jl_err *err) {
    static const size_t next_bytes = JL_ASK_PARTS_MAX * sizeof(struct jl_part);
    JL_AUTO(jl_arena) arena = {0};
    struct jl_part *next = jl_arena_alloc(&arena, next_bytes);
    size_t count = 0;
    size_t dropped = 0;
    bool full = false;
    if (next == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t p = 0; p < repair->part_count; p++) {
        if (pass->told[p].count <= JL_PART_LIST_MAX) {
            want_hashes(pass, p, repair, &full);
        } else {
            split(pass, p, next, &count, &dropped);
        }
    }
    memcpy(repair->parts, next, count * sizeof *next);
    repair->part_count = count;
    if (count > 0) {
        repair->stands_for *= (double)(count + dropped) / (double)count;
    }
    order_hashes(repair);
    out_compared->parts = count;
    out_compared->different = repair->hash_count;
    out_compared->more = full || dropped > 0 || pass->cut;
    return set_unknown_aside(office, pass, err);
}

/* ---- Too much for a repair ---- */

static enum jl_reread may_reread(const struct jl_office *office, int64_t now_ms) {
    int64_t past_ms = now_ms - office->state.reread_ms;
    bool spent = office->state.reread_ms != 0 && past_ms > -JL_REREAD_GAP_MS &&
                 past_ms < JL_REREAD_GAP_MS; /* clocks go back, too */
    return spent ? JL_REREAD_SPENT : JL_REREAD_DUE;
}

/* Of what only we have nothing is read by starting anew: it does not count here. */
static bool is_too_much(const struct jl_office *office, const struct jl_repair *repair) {
    uint64_t all = repair->told_count + office->sums[repair->feed == 0 ? 1 : 0].count;
    return repair->missing >= JL_REREAD_LEAST_ROWS &&
           repair->missing * JL_REREAD_SHARE > (double)all;
}

enum jl_rc jl_repair_reread(struct jl_office *office, int64_t wall_ms, struct jl_err *err) {
    enum jl_rc rc = jl_office_begin(office, true, err);
    if (rc != JL_OK) {
        return rc;
    }
    for (int feed = 0; feed < 2; feed++) {
        if (office->state.cursor[feed] > office->state.reread_to[feed]) {
            office->state.reread_to[feed] = office->state.cursor[feed];
        }
        office->state.cursor[feed] = 0;
    }
    office->state.reread_ms = wall_ms;
    return jl_office_commit(office, err);
}

/* ---- Comparing ---- */

static bool is_asked(const struct jl_repair *repair, const struct jl_buckets *told) {
    bool same = told->part_count == repair->part_count;
    for (size_t p = 0; same && p < repair->part_count; p++) {
        same = memcmp(&told->parts[p].part, &repair->parts[p], sizeof *repair->parts) == 0;
    }
    return same;
}

static enum jl_rc compare_parts(struct jl_office *office, struct jl_repair *repair,
                                const struct jl_buckets *told, struct jl_compared *out_compared,
                                struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct pass pass = {.repair = repair, .told = told->parts};
    if (!is_asked(repair, told)) {
        out_compared->more = true; /* a late answer to another question: begin again */
        return JL_OK;
    }
    if (repair->part_count == 1 && repair->parts[0].depth == 0) {
        repair->told_count = told->parts[0].count;
    }
    pass.own = jl_arena_zalloc(&arena, repair->part_count, sizeof *pass.own);
    if (pass.own == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_feeds_counted(office->books->store, told->feed == 0 ? 0 : UINT32_MAX,
                                     pass_record, &pass, err);
    if (rc == JL_OK) {
        rc = learn(office, repair, &pass, out_compared, err);
    }
    jl_buf_fini(&pass.unknown);
    if (rc == JL_OK && out_compared->parts == 0 && is_too_much(office, repair)) {
        out_compared->reread = may_reread(office, repair->wall_ms);
    }
    return rc;
}

static enum jl_rc compare(struct jl_office *office, struct jl_repair *repair,
                          const struct jl_message *message, struct jl_compared *out_compared,
                          struct jl_err *err) {
    if (message->kind == JL_MESSAGE_IDS) {
        enum jl_rc rc = jl_repair_ids(office, repair, &message->as.ids, err);
        out_compared->different = repair->known_count;
        return rc;
    }
    if (message->as.buckets.part_count > 0) {
        return compare_parts(office, repair, &message->as.buckets, out_compared, err);
    }
    jl_repair_buckets(office, repair, &message->as.buckets);
    out_compared->different = repair->bucket_count;
    return JL_OK;
}

enum jl_rc jl_repair_compare(struct jl_office *office, struct jl_repair *repair,
                             const struct jl_message *message, struct jl_compared *out_compared,
                             struct jl_err *err) {
    *out_compared = (struct jl_compared){0};
    enum jl_rc rc = jl_office_begin(office, true, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (office->state.head_pos != office->state.confirmed_pos) {
        jl_store_rollback(office->books->store);
        return JL_OK; /* a local change came in between: compare again after its verdict */
    }
    rc = compare(office, repair, message, out_compared, err);
    if (rc != JL_OK) {
        jl_office_rollback(office);
        return rc;
    }
    return jl_office_commit(office, err);
}
