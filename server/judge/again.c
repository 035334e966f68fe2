/* Ops that come a second time under another incarnation: a device that met a restored district, or
 * was itself put back, offers again what it keeps. The bytes of an op never change and no two ops
 * have the same, so an op whose bytes stand in its record's history is known: it gets the verdict
 * it got then, and nothing happens twice.
 *
 * Only devices with more than one incarnation are asked for this; all others pay nothing. */
#include "server/books/district_internal.h"

#include <string.h>

struct jl_again { /* the journal entry that was opened last: a batch mostly repeats one batch */
    uint64_t journal_seq;
    struct jl_arena arena;
    struct jl_journal_entry entry;
    struct jl_push push;
    struct jl_verdict *verdicts;
    size_t verdict_count;
};

void jl_again_fini(struct jl_again *again) {
    if (again != NULL) {
        jl_arena_fini(&again->arena);
    }
}

enum jl_rc jl_again_new(struct jl_apply *apply, struct jl_err *err) {
    const struct jl_district *district = apply->district;
    size_t incarnations = 0;
    for (size_t i = 0; i < district->origin_count; i++) {
        incarnations += district->origins[i].device == apply->device ? 1 : 0;
    }
    if (apply->origin == 0 || incarnations < 2) {
        return JL_OK;
    }
    apply->again = jl_arena_zalloc(apply->arena, 1, sizeof *apply->again);
    return apply->again != NULL ? JL_OK : jl_fail(err, JL_NOMEM, "no memory for a batch");
}

static enum jl_rc open_entry(struct jl_apply *apply, uint64_t journal_seq, struct jl_err *err) {
    struct jl_again *again = apply->again;
    struct jl_bytes frame;
    if (again->journal_seq == journal_seq) {
        return JL_OK;
    }
    again->journal_seq = 0;
    jl_arena_reset(&again->arena);
    enum jl_rc rc = jl_store_journal_get(apply->district->books->store, journal_seq, &again->arena,
                                         &again->entry, err);
    if (rc == JL_OK) {
        rc = jl_journal_open(apply->district, &again->entry, &again->arena, &again->push, &frame,
                             err);
    }
    if (rc == JL_OK) {
        rc = jl_verdicts_decode(again->entry.verdicts, &again->arena, &again->verdicts,
                                &again->verdict_count, err);
    }
    again->journal_seq = rc == JL_OK ? journal_seq : 0;
    return rc;
}

enum jl_rc jl_again_known(struct jl_apply *apply, size_t index, const struct jl_work *work,
                          bool *out_known, struct jl_verdict *out_verdict, struct jl_err *err) {
    struct jl_again *again = apply->again;
    struct jl_history_entry *entries = NULL;
    size_t count = 0;
    *out_known = false;
    if (again == NULL || !work->was_there) {
        return JL_OK;
    }
    enum jl_rc rc = jl_store_history_of(apply->district->books->store, work->before.rid,
                                        apply->arena, &entries, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count && !*out_known; i++) {
        rc = open_entry(apply, entries[i].journal_seq, err);
        if (rc != JL_OK || entries[i].index >= again->push.count ||
            !jl_bytes_equal(again->push.ops[entries[i].index], apply->op_bytes[index])) {
            continue;
        }
        uint64_t seq = again->entry.first_op + entries[i].index;
        *out_known = true;
        *out_verdict = (struct jl_verdict){.code = JL_VERDICT_APPLIED};
        for (size_t v = 0; v < again->verdict_count; v++) {
            if (again->verdicts[v].seq == seq) {
                *out_verdict = again->verdicts[v];
            }
        }
        if (out_verdict->code == JL_VERDICT_PARKED) {
            *out_known = false; /* it may fit by now: judge it anew */
        }
    }
    return rc;
}
