/* One entry of the journal: judged, written, and what the books keep of it beside the rows. */
#include "accept_entry.h"
#include "apply.h"
#include "author.h"
#include "redelivered.h"

#include "server/books/decisions.h"
#include "server/books/entry.h"
#include "server/books/holding.h"
#include "server/books/journal.h"
#include "server/books/verdicts.h"

#include "jielian/base/fault.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/sync/chain.h"

#include <string.h>

static bool waits(const struct jl_apply *apply, size_t index) {
    for (size_t i = 0; i < apply->held_count; i++) {
        if (apply->held[i].n == index) {
            return true;
        }
    }
    return false;
}

/* One history line per op that reached a record; one that waits has not. */
static enum jl_rc append_history(struct jl_apply *apply, struct jl_err *err) {
    struct jl_history_entry *entries =
        jl_arena_zalloc(apply->arena, apply->op_count + 1, sizeof *entries);
    size_t count = 0;
    if (entries == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < apply->op_count; i++) {
        struct jl_touched *touched = NULL;
        uint32_t tag = 0;
        enum jl_rc rc = jl_touched_get(apply, apply->ops[i].type, &apply->ops[i].id, &touched, err);
        bool reached = rc == JL_OK && touched->record.head.rid != 0 && !waits(apply, i);
        if (reached) {
            rc = jl_redelivered_tag(apply, i, &tag, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
        if (reached) {
            entries[count++] =
                (struct jl_history_entry){.rid = touched->record.head.rid,
                                          .journal_seq = apply->district->state.journal_seq,
                                          .index = (uint32_t)i,
                                          .tag = tag};
        }
    }
    return jl_history_index_append(apply->district->books->store, entries, count, err);
}

/* Did the batch bring a new catalogue? Then the tables follow in the same transaction. */
static enum jl_rc take_catalogue(struct jl_apply *apply, struct jl_err *err) {
    for (size_t i = 0; i < apply->op_count; i++) {
        if (apply->ops[i].type == JL_TYPE_CATALOGUE && apply->author == JL_SIDE_DISTRICT) {
            return jl_books_take_catalogue(apply->district->books, err);
        }
    }
    return JL_OK;
}

static bool touches(const struct jl_apply *apply, uint32_t type) {
    for (size_t i = 0; i < apply->op_count; i++) {
        if (apply->ops[i].type == type) {
            return true;
        }
    }
    return false;
}

/* The number of the author's op before this batch. A batch mostly follows on the one before it, so
 * the number is remembered; else that one is read. */
static enum jl_rc find_number_before(struct jl_district *district, const struct jl_origin *origin,
                                     struct jl_arena *arena, uint64_t *out_number,
                                     struct jl_err *err) {
    struct jl_number_mark *mark = &district->numbers[origin->number % JL_NUMBER_MARKS];
    struct jl_journal_entry entry;
    struct jl_journal_opened opened;
    struct jl_op op;
    *out_number = 0;
    if (mark->origin == origin->number && mark->seq == origin->last_seq) {
        *out_number = mark->number;
        return JL_OK;
    }
    if (origin->last_seq == 0) {
        return JL_OK;
    }
    enum jl_rc rc = jl_journal_entry_find(district->books->store, origin->number, origin->last_seq,
                                          arena, &entry, err);
    if (rc == JL_OK) {
        rc = jl_journal_open(district, &entry, arena, &opened, err);
    }
    if (rc == JL_OK) {
        rc = jl_wire_op_decode(opened.push.ops[origin->last_seq - entry.first_op], arena, &op, err);
    }
    *out_number = rc == JL_OK ? op.number : 0;
    return rc;
}

static void mark_number(struct jl_district *district, const struct jl_origin *origin,
                        const struct jl_apply *apply) {
    district->numbers[origin->number % JL_NUMBER_MARKS] =
        (struct jl_number_mark){.origin = origin->number,
                                .seq = origin->last_seq,
                                .number = apply->ops[apply->op_count - 1].number};
}

static enum jl_rc open_apply(struct jl_apply *apply, const struct jl_accept *accept,
                             struct jl_err *err) {
    struct jl_district *district = apply->district;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < apply->op_count; i++) {
        rc = jl_wire_op_decode(accept->push->ops[i], apply->arena, &apply->ops[i], err);
    }
    if (rc == JL_OK && apply->given) {
        struct jl_verdict *given = NULL;
        rc = jl_verdicts_decode(accept->given, apply->arena, &given, &apply->given_count, err);
        apply->given_verdicts = given;
    }
    const struct jl_origin *origin =
        apply->origin != 0 ? jl_roster_origin(district, apply->origin) : NULL;
    if (rc == JL_OK && origin != NULL && !apply->given) {
        rc = find_number_before(district, origin, apply->arena, &apply->number_before, err);
    }
    if (rc == JL_OK) {
        jl_redelivered_look(apply);
    }
    return rc;
}

static enum jl_rc put_entry(struct jl_apply *apply, const struct jl_accept *accept,
                            struct jl_err *err) {
    JL_AUTO(jl_buf) verdicts = {0};
    struct jl_journal_append append = {.head = &accept->head,
                                       .origin = accept->origin,
                                       .first_op = apply->first_seq,
                                       .op_count = (uint32_t)apply->op_count,
                                       .at_ms = accept->now_ms,
                                       .body = accept->frame};
    enum jl_rc rc = apply->given
                        ? JL_OK
                        : jl_verdicts_encode(apply->verdicts, apply->verdict_count, &verdicts, err);
    append.verdicts = apply->given ? accept->given : jl_buf_bytes(&verdicts);
    return rc == JL_OK ? jl_journal_put(apply->district, &append, err) : rc;
}

/* What waits from now on, and what does no more. */
static enum jl_rc keep_held(struct jl_apply *apply, const struct jl_accept *accept,
                            struct jl_err *err) {
    struct jl_district *district = apply->district;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; i < apply->held_count; i++) {
        struct jl_held *held = &apply->held[i];
        held->device = accept->head.device;
        held->office = accept->head.office;
        held->journal_seq =
            accept->refs != NULL ? accept->refs[held->n].journal_seq : district->state.journal_seq;
        held->n = accept->refs != NULL ? accept->refs[held->n].n : held->n;
    }
    if (accept->refs != NULL) {
        rc = jl_held_ops_drop(district->books->store, accept->refs, apply->op_count, err);
        district->holding.held -= rc == JL_OK ? apply->op_count : 0;
    }
    if (rc == JL_OK && apply->held_count > 0) {
        rc = jl_held_ops_put(district->books->store, apply->held, apply->held_count, err);
        district->holding.held += rc == JL_OK ? apply->held_count : 0;
    }
    return rc;
}

static enum jl_rc list_touched(struct jl_apply *apply, struct jl_accept *accept,
                               struct jl_err *err) {
    if (apply->district->holding.held == 0) {
        return JL_OK;
    }
    accept->touched = jl_arena_zalloc(apply->arena, apply->list_count + 1, sizeof *accept->touched);
    if (accept->touched == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < apply->list_count; i++) {
        if (apply->list[i]->dirty) {
            accept->touched[accept->touched_count++] = apply->list[i]->key;
        }
    }
    return JL_OK;
}

/* The author's chain moves on: here, so that a replay does what the writer did. */
static enum jl_rc advance_origin(struct jl_apply *apply, const struct jl_accept *accept,
                                 struct jl_err *err) {
    struct jl_origin *origin =
        accept->chain_hash != NULL ? jl_roster_origin(apply->district, accept->origin) : NULL;
    if (origin == NULL) {
        return JL_OK;
    }
    bool whole = accept->taken == accept->push->count;
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && !whole && i < accept->taken; i++) {
        rc = jl_chain_step(apply->district->books->hasher, origin->last_hash, accept->push->ops[i],
                           err);
    }
    if (whole) {
        memcpy(origin->last_hash, accept->chain_hash, sizeof origin->last_hash);
    }
    origin->last_seq = accept->push->first_seq + accept->taken - 1;
    mark_number(apply->district, origin, apply);
    return rc == JL_OK ? jl_devices_put_origin(apply->district->books->store, origin, err) : rc;
}

static void count_cases(struct jl_apply *apply) {
    for (size_t i = 0; i < apply->list_count; i++) {
        const struct jl_touched *touched = apply->list[i];
        for (size_t k = 0; touched->dirty && touched->key.type == JL_TYPE_CASE &&
                           k < touched->record.row.field_count;
             k++) {
            const struct jl_value *value = &touched->record.row.fields[k].value;
            apply->district->case_bytes += value->kind == JL_VALUE_TEXT ? value->bytes.size : 0;
        }
    }
}

/* What the books keep of the entry beside the rows. */
static enum jl_rc finish(struct jl_apply *apply, struct jl_accept *accept, struct jl_err *err) {
    struct jl_district *district = apply->district;
    enum jl_rc rc = put_entry(apply, accept, err);
    count_cases(apply);
    if (rc == JL_OK) {
        rc = append_history(apply, err);
    }
    if (rc == JL_OK) {
        rc = jl_author_keep(apply, err);
    }
    if (rc == JL_OK) {
        rc = keep_held(apply, accept, err);
    }
    if (rc == JL_OK) {
        rc = take_catalogue(apply, err);
    }
    if (rc == JL_OK && touches(apply, JL_TYPE_OFFICE)) {
        rc = jl_roster_load(district, err);
    }
    if (rc == JL_OK) {
        rc = advance_origin(apply, accept, err);
    }
    if (rc == JL_OK && apply->author == JL_SIDE_DISTRICT && touches(apply, JL_TYPE_DECISION)) {
        jl_decisions_forget(district->decisions);
    }
    if (rc == JL_OK &&
        (accept->head.kind == JL_ENTRY_RESTORED || accept->head.kind == JL_ENTRY_CLOSED)) {
        rc = jl_holding_set(district, district->state.journal_seq,
                            accept->head.kind == JL_ENTRY_RESTORED, err);
    }
    return rc == JL_OK ? list_touched(apply, accept, err) : rc;
}

enum jl_rc jl_accept_entry(struct jl_district *district, struct jl_accept *accept,
                           struct jl_arena *arena, struct jl_verdict **out_verdicts,
                           size_t *out_count, struct jl_err *err) {
    size_t count = accept->push != NULL ? accept->push->count : 0;
    if (district->books->newer.state != JL_NEWER_NONE) {
        /* Judged by older rules, what was right would be refused; verify comes here, too. */
        return jl_books_too_old(&district->books->newer, err);
    }
    struct jl_apply *apply = jl_arena_zalloc(arena, 1, sizeof *apply);
    struct jl_op *ops = jl_arena_zalloc(arena, count + 1, sizeof *ops);
    if (apply == NULL || ops == NULL) {
        return jl_fault_memory(err);
    }
    *apply = (struct jl_apply){
        .district = district,
        .arena = arena,
        .head = &accept->head,
        .author = accept->head.device == 0 ? JL_SIDE_DISTRICT : JL_SIDE_OFFICE,
        .origin = accept->origin,
        .device = accept->head.device,
        .office = accept->head.office,
        .incarnation = accept->head.incarnation,
        .first_seq = accept->push != NULL ? accept->push->first_seq : 0,
        .seqs = accept->seqs,
        .refs = accept->refs,
        .now_ms = accept->now_ms,
        .given = accept->head.rules < JL_RULES,
        .ops = ops,
        .op_bytes = accept->push != NULL ? accept->push->ops : NULL,
        .old_reads = accept->head.rules < 2 ? UINT64_MAX
                                            : JL_OLD_READS + JL_OLD_READS_PER_OP * (uint64_t)count,
        .op_count = count,
        .upto = accept->upto,
        .cuts = accept->cuts,
        .began_ms = district->clock.steady_ms(district->clock.context),
        .arena_before = arena->used_bytes};
    enum jl_rc rc = open_apply(apply, accept, err);
    if (rc == JL_OK) {
        rc = jl_apply_batch(apply, err);
    }
    jl_journal_cached_fini(&apply->cached);
    jl_map_fini(&apply->waiting);
    accept->taken = apply->op_count;
    if (accept->head.kind == JL_ENTRY_BATCH && accept->taken < count) {
        accept->head.kind = JL_ENTRY_PART;
    }
    accept->progress = accept->refs == NULL || apply->released > 0;
    if (rc == JL_OK && accept->progress) {
        rc = jl_apply_write(apply, err);
    }
    if (rc == JL_OK && accept->progress) {
        rc = finish(apply, accept, err);
    }
    accept->echoed = apply->echoed;
    accept->came_back_ops = apply->came_back_ops;
    *out_verdicts = apply->verdicts;
    *out_count = apply->verdict_count;
    return rc;
}
