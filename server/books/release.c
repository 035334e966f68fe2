/* Held ops: whether a restore is open, and judging them again.
 *
 *   meta `holding`   restored_seq (u64be) open (u8): a fold over RESTORED and CLOSED entries
 *
 * Whenever a transaction has changed records, what waits for these is judged again, as RELEASE
 * entries of the same transaction: one for each batch that held ops came in, until none of them
 * leads on. An attempt that releases nothing leaves no trace. */
#include "release.h"
#include "accept.h"
#include "district.h"
#include "entry.h"
#include "journal.h"

#include "jielian/base/fault.h"
#include "jielian/base/reader.h"
#include "jielian/books/meta.h"

#include <string.h>

enum { CLOSE_EACH = 256 };

/* ---- Judging again ---- */

struct releasing {
    struct jl_district *district;
    struct jl_arena arena;
    struct jl_record_key *keys; /* whose waiting ops are to be judged; grows */
    size_t count, capacity, next;
    uint64_t released;
};

static enum jl_rc add_keys(struct releasing *releasing, const struct jl_record_key *keys,
                           size_t count, struct jl_err *err) {
    if (releasing->count + count > releasing->capacity) {
        size_t capacity = 2 * (releasing->count + count);
        struct jl_record_key *more = jl_arena_zalloc(&releasing->arena, capacity, sizeof *more);
        if (more == NULL) {
            return jl_fault_memory(err);
        }
        if (releasing->count > 0) {
            memcpy(more, releasing->keys, releasing->count * sizeof *more);
        }
        releasing->keys = more;
        releasing->capacity = capacity;
    }
    if (count > 0) {
        memcpy(releasing->keys + releasing->count, keys, count * sizeof *keys);
    }
    releasing->count += count;
    return JL_OK;
}

/* The head under which the ops came: so they are judged as their author's. */
static enum jl_rc head_of_held(struct jl_district *district, const struct jl_held *held,
                               int64_t now_ms, struct jl_entry_head *out_head, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_journal_entry entry;
    enum jl_rc rc =
        jl_journal_entry_get(district->books->store, held->journal_seq, &arena, &entry, err);
    if (rc == JL_OK) {
        rc = jl_journal_head_of(district, &entry, out_head, err);
    }
    out_head->rules = JL_RULES;
    out_head->kind = JL_ENTRY_RELEASE;
    out_head->date_limit = jl_entry_own_head(district, JL_ENTRY_RELEASE, now_ms).date_limit;
    return rc;
}

/* Ops that one batch brought, in its order. */
static enum jl_rc release_batch(struct releasing *releasing, const struct jl_held *refs,
                                size_t count, struct jl_err *err) {
    struct jl_district *district = releasing->district;
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_buf) body = {0};
    struct jl_journal_opened opened;
    struct jl_verdict *verdicts = NULL;
    size_t verdict_count = 0;
    struct jl_accept accept = {.now_ms = district->clock.wall_ms(district->clock.context)};
    enum jl_rc rc = head_of_held(district, refs, accept.now_ms, &accept.head, err);
    if (rc == JL_OK) {
        rc = jl_journal_refs_encode(refs, count, &body, err);
    }
    accept.frame = jl_buf_bytes(&body);
    if (rc == JL_OK) {
        rc = jl_journal_release(district, accept.frame, district->state.journal_seq + 1, &arena,
                                &opened, err);
    }
    accept.push = &opened.push;
    accept.refs = opened.refs;
    accept.seqs = opened.seqs;
    if (rc == JL_OK) {
        rc = district->judge(district, &accept, &arena, &verdicts, &verdict_count, err);
    }
    if (rc != JL_OK || !accept.progress) {
        return rc;
    }
    releasing->released += count;
    return add_keys(releasing, accept.touched, accept.touched_count, err);
}

/* Held ops in journal order → runs of one batch. */
static enum jl_rc release_list(struct releasing *releasing, const struct jl_held *list,
                               size_t count, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t first = 0; rc == JL_OK && first < count;) {
        size_t last = first + 1;
        while (last < count && list[last].journal_seq == list[first].journal_seq) {
            last++;
        }
        rc = release_batch(releasing, &list[first], last - first, err);
        first = last;
    }
    return rc;
}

static enum jl_rc release_keys(struct releasing *releasing, struct jl_err *err) {
    struct jl_district *district = releasing->district;
    enum jl_rc rc = JL_OK;
    while (rc == JL_OK && releasing->next < releasing->count && district->holding.held > 0) {
        JL_AUTO(jl_arena) arena = {0};
        struct jl_held *list = NULL;
        size_t count = 0;
        struct jl_record_key key = releasing->keys[releasing->next++];
        rc = jl_held_ops_of(district->books->store, &key, &arena, &list, &count, err);
        if (rc == JL_OK && count > 0) {
            rc = release_list(releasing, list, count, err);
        }
    }
    return rc;
}

enum jl_rc jl_release_touched(struct jl_district *district, const struct jl_record_key *touched,
                              size_t count, struct jl_err *err) {
    struct releasing releasing = {.district = district};
    enum jl_rc rc = add_keys(&releasing, touched, count, err);
    if (rc == JL_OK) {
        rc = release_keys(&releasing, err);
    }
    jl_arena_fini(&releasing.arena);
    return rc;
}

/* ---- Opening and closing ---- */

static enum jl_rc put_mark(struct jl_district *district, enum jl_entry_kind kind,
                           struct jl_bytes body, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_verdict *verdicts = NULL;
    size_t count = 0;
    int64_t now_ms = district->clock.wall_ms(district->clock.context);
    struct jl_accept accept = {
        .head = jl_entry_own_head(district, kind, now_ms), .frame = body, .now_ms = now_ms};
    return district->judge(district, &accept, &arena, &verdicts, &count, err);
}

enum jl_rc jl_release_open(struct jl_district *district, struct jl_err *err) {
    return put_mark(district, JL_ENTRY_RESTORED,
                    jl_bytes(district->state.epoch, sizeof district->state.epoch), err);
}

/* The oldest of what is held, as many as one turn is enough for: what they bring may release
 * others, so the list is read anew each time. */
static enum jl_rc judge_some(struct releasing *releasing, struct jl_err *err) {
    struct jl_district *district = releasing->district;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_held *list = NULL;
    size_t count = 0;
    size_t most = district->slice.ops < CLOSE_EACH ? district->slice.ops : CLOSE_EACH;
    uint64_t before = district->holding.held;
    enum jl_rc rc = jl_held_ops_all(district->books->store, NULL, most, &arena, &list, &count, err);
    if (rc == JL_OK && count > 0) {
        rc = release_list(releasing, list, count, err);
    }
    return rc == JL_OK && count > 0 && district->holding.held >= before
               ? jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s",
                             "held ops wait although the restore is closed")
               : rc;
}

bool jl_release_left(const struct jl_district *district) {
    return !district->holding.open && district->holding.held > 0;
}

static enum jl_rc close_step(struct jl_district *district, struct releasing *releasing,
                             struct jl_err *err) {
    if (!district->holding.open && district->holding.held == 0) {
        return jl_fault(err, JL_CONFLICT, JL_FAULT_RESTORE_NOT_OPEN);
    }
    enum jl_rc rc = district->holding.open
                        ? put_mark(district, JL_ENTRY_CLOSED, jl_bytes(NULL, 0), err)
                        : JL_OK;
    return rc == JL_OK ? judge_some(releasing, err) : rc;
}

enum jl_rc jl_release_close_step(struct jl_district *district, uint64_t *out_judged,
                                 struct jl_err *err) {
    struct releasing releasing = {.district = district};
    enum jl_rc rc = jl_district_begin(district, true, NULL, err);
    *out_judged = 0;
    if (rc != JL_OK) {
        return rc;
    }
    rc = close_step(district, &releasing, err);
    jl_arena_fini(&releasing.arena);
    if (rc != JL_OK) {
        jl_district_rollback(district);
        return rc;
    }
    rc = jl_district_commit(district, err);
    *out_judged = rc == JL_OK ? releasing.released : 0;
    return rc;
}

enum jl_rc jl_release_close(struct jl_district *district, uint64_t *out_judged,
                            struct jl_err *err) {
    enum jl_rc rc = jl_release_close_step(district, out_judged, err);
    while (rc == JL_OK && jl_release_left(district)) {
        uint64_t judged = 0;
        rc = jl_release_close_step(district, &judged, err);
        *out_judged += judged;
        if (rc == JL_CONFLICT) {
            return JL_OK; /* `serve` did the last of it */
        }
    }
    return rc;
}

enum jl_rc jl_release_accept(struct jl_district *district, struct jl_accept *accept,
                             struct jl_arena *arena, struct jl_verdict **out_verdicts,
                             size_t *out_count, struct jl_err *err) {
    enum jl_rc rc = district->judge(district, accept, arena, out_verdicts, out_count, err);
    return rc == JL_OK && accept->touched_count > 0
               ? jl_release_touched(district, accept->touched, accept->touched_count, err)
               : rc;
}
