/* Batches from the wire to the journal: chain, signature, ALREADY, verdicts. */
#include "clock_check.h"
#include "district_internal.h"

#include "jielian/catalogue/built_in.h"
#include "jielian/crypto/signer.h"
#include "jielian/sync/chain.h"

#include <inttypes.h>
#include <string.h>

/* ---- One entry ---- */

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
        return jl_fail(err, JL_NOMEM, "no memory for history");
    }
    for (size_t i = 0; i < apply->op_count; i++) {
        struct jl_work *work = NULL;
        uint32_t tag = 0;
        enum jl_rc rc = jl_apply_work(apply, apply->ops[i].type, &apply->ops[i].id, &work, err);
        bool reached = rc == JL_OK && work->record.head.rid != 0 && !waits(apply, i);
        if (reached) {
            rc = jl_apply_tag(apply, i, &tag, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
        if (reached) {
            entries[count++] =
                (struct jl_history_entry){.rid = work->record.head.rid,
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
        apply->origin != 0 ? jl_district_origin(district, apply->origin) : NULL;
    if (rc == JL_OK && origin != NULL && !apply->given) {
        rc = find_number_before(district, origin, apply->arena, &apply->number_before, err);
    }
    if (rc == JL_OK) {
        jl_again_look(apply);
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
        return jl_fail(err, JL_NOMEM, "no memory for %zu records", apply->list_count);
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
        accept->chain_hash != NULL ? jl_district_origin(apply->district, accept->origin) : NULL;
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
        const struct jl_work *work = apply->list[i];
        for (size_t k = 0;
             work->dirty && work->key.type == JL_TYPE_CASE && k < work->record.row.field_count;
             k++) {
            const struct jl_value *value = &work->record.row.fields[k].value;
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
        rc = jl_apply_keep_authors(apply, err);
    }
    if (rc == JL_OK) {
        rc = keep_held(apply, accept, err);
    }
    if (rc == JL_OK) {
        rc = take_catalogue(apply, err);
    }
    if (rc == JL_OK && touches(apply, JL_TYPE_OFFICE)) {
        rc = jl_district_load_tables(district, err);
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

enum jl_rc jl_district_accept(struct jl_district *district, struct jl_accept *accept,
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
        return jl_fail(err, JL_NOMEM, "no memory for a batch of %zu ops", count);
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
    accept->back_ops = apply->back_ops;
    *out_verdicts = apply->verdicts;
    *out_count = apply->verdict_count;
    return rc;
}

enum jl_rc jl_district_take(struct jl_district *district, struct jl_accept *accept,
                            struct jl_arena *arena, struct jl_verdict **out_verdicts,
                            size_t *out_count, struct jl_err *err) {
    enum jl_rc rc = jl_district_accept(district, accept, arena, out_verdicts, out_count, err);
    return rc == JL_OK && accept->touched_count > 0
               ? jl_holding_release(district, accept->touched, accept->touched_count, err)
               : rc;
}

/* Dates up to the day after today are taken without a question, so that no zone and no midnight is
 * in the way. A clock that can't be right judges no dates. */
static int64_t date_limit(const struct jl_district *district, int64_t now_ms) {
    struct jl_clock_state clock;
    jl_clock_check(district, &clock);
    return jl_clock_check_trusted(&clock)
               ? jl_date_from_days(jl_date_to_days(jl_date_of_ms(now_ms)) + 1)
               : 0;
}

struct jl_entry_head jl_district_own_head(const struct jl_district *district,
                                          enum jl_entry_kind kind, int64_t now_ms) {
    struct jl_entry_head head = {
        .rules = JL_RULES, .kind = kind, .date_limit = date_limit(district, now_ms)};
    memcpy(head.incarnation, district->state.own_incarnation, sizeof head.incarnation);
    return head;
}

/* ---- Push ---- */

/* Known ops must be the very same bytes: two copies of one device would differ here. */
static enum jl_rc answer_known(struct jl_district *district, const struct jl_origin *origin,
                               const struct jl_push *push, struct jl_arena *arena,
                               struct jl_verdicts *out_verdicts, struct jl_err *err) {
    uint64_t end = push->first_seq + push->count - 1;
    uint64_t last = end < origin->last_seq ? end : origin->last_seq;
    struct jl_verdict *list = jl_arena_zalloc(arena, push->count + 1, sizeof *list);
    size_t count = 0;
    if (list == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for verdicts");
    }
    for (uint64_t seq = push->first_seq; seq <= last;) {
        struct jl_journal_entry entry;
        struct jl_journal_opened known;
        struct jl_verdict *verdicts = NULL;
        size_t verdict_count = 0;
        enum jl_rc rc =
            jl_journal_entry_find(district->books->store, origin->number, seq, arena, &entry, err);
        if (rc == JL_OK) {
            rc = jl_journal_open(district, &entry, arena, &known, err);
        }
        if (rc == JL_OK) {
            rc = jl_verdicts_decode(entry.verdicts, arena, &verdicts, &verdict_count, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
        uint64_t entry_last = entry.first_op + entry.op_count - 1;
        for (; seq <= last && seq <= entry_last; seq++) {
            if (!jl_bytes_equal(push->ops[seq - push->first_seq],
                                known.push.ops[seq - entry.first_op])) {
                return jl_fail_as(err, JL_CONFLICT, JL_SAY_CHAIN_OTHER_OP,
                                  "op %" PRIu64 " is not the one we know", seq);
            }
            const struct jl_verdict *verdict = jl_verdict_of(verdicts, verdict_count, seq);
            if (verdict != NULL) {
                list[count++] = *verdict;
            }
        }
    }
    *out_verdicts = (struct jl_verdicts){.first_seq = push->first_seq,
                                         .last_seq = last,
                                         .exceptions = list,
                                         .exception_count = count};
    return JL_OK;
}

static enum jl_rc check_chain(struct jl_district *district, const struct jl_origin *origin,
                              const struct jl_push *push, uint8_t out_hash[static JL_HASH_BYTES],
                              struct jl_err *err) {
    const struct jl_device *device = jl_district_device(district, origin->device);
    uint8_t text[JL_CHAIN_BATCH_TEXT_BYTES];
    memcpy(out_hash, origin->last_hash, JL_HASH_BYTES);
    for (size_t i = 0; i < push->count; i++) {
        enum jl_rc rc = jl_chain_step(district->books->hasher, out_hash, push->ops[i], err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    jl_chain_batch_text(origin->incarnation, push->first_seq + push->count - 1, out_hash, text);
    enum jl_rc rc = jl_signer_verify(district->keys.suite, device->sign_public,
                                     jl_bytes(text, sizeof text), push->signature, err);
    if (rc == JL_DENIED) {
        /* Forged, or chained on something else than what we hold: a copied device looks like this.
         */
        return jl_fail_as(err, JL_CONFLICT, JL_SAY_SIGNATURE,
                          "the batch from op %" PRIu64 " is not signed for our chain",
                          push->first_seq);
    }
    return rc;
}

/* Every op must decode before the first is judged. */
static enum jl_rc check_ops(const struct jl_push *push, struct jl_arena *arena,
                            struct jl_err *err) {
    for (size_t i = 0; i < push->count; i++) {
        struct jl_op op;
        uint32_t cause = JL_SAY_OP_NOT_CANONICAL;
        enum jl_rc rc = jl_wire_op_canonical(push->ops[i], err);
        if (rc == JL_OK) {
            cause = JL_SAY_OP_NOT_DECODED;
            rc = jl_wire_op_decode(push->ops[i], arena, &op, err);
        }
        if (rc == JL_PROTO || rc == JL_LIMIT) { /* no honest program makes one over a bound */
            return jl_fail_as(err, JL_PROTO, cause, "op %" PRIu64 ": %s", push->first_seq + i,
                              err->text);
        }
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

static struct jl_entry_head head_of(const struct jl_district *district,
                                    const struct jl_origin *origin, uint64_t came_back_upto,
                                    int64_t now_ms) {
    const struct jl_device *device = jl_district_device(district, origin->device);
    struct jl_entry_head head = {.rules = JL_RULES,
                                 .kind = JL_ENTRY_BATCH,
                                 .device = device->number,
                                 .office = device->office,
                                 .date_limit = date_limit(district, now_ms),
                                 .came_back_upto = came_back_upto};
    memcpy(head.incarnation, origin->incarnation, sizeof head.incarnation);
    memcpy(head.sign_public, device->sign_public, sizeof head.sign_public);
    return head;
}

static enum jl_rc push_next(struct jl_district *district, struct jl_origin *origin,
                            const struct jl_push *push, struct jl_bytes frame,
                            struct jl_arena *arena, struct jl_verdicts *out_verdicts,
                            struct jl_err *err) {
    uint8_t hash[JL_HASH_BYTES];
    uint32_t device = origin->device;
    struct jl_feed_state *state = NULL;
    struct jl_came_back back;
    struct jl_accept accept = {.origin = origin->number,
                               .push = push,
                               .frame = frame,
                               .chain_hash = hash,
                               .cuts = true,
                               .now_ms = district->clock.wall_ms(district->clock.context)};
    enum jl_rc rc = check_chain(district, origin, push, hash, err);
    if (rc == JL_OK) {
        rc = check_ops(push, arena, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_came_back(district, device, &back, err);
    }
    if (rc == JL_OK) {
        accept.head = head_of(district, origin, back.upto, accept.now_ms);
        rc = jl_district_feed(district, accept.head.office, &state, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    *out_verdicts = (struct jl_verdicts){.first_seq = push->first_seq, .own_from = state->head};
    rc = jl_district_take(district, &accept, arena, &out_verdicts->exceptions,
                          &out_verdicts->exception_count, err);
    if (rc != JL_OK) {
        /* The transaction rolls back; "malformed" would be a lie here. */
        return rc == JL_PROTO || rc == JL_CONFLICT ? JL_CORRUPT : rc;
    }
    out_verdicts->last_seq = push->first_seq + accept.taken - 1;
    out_verdicts->office_head = state->head;
    if (accept.echoed) {
        out_verdicts->own_from = 0; /* there is something for the device to read */
    } else {
        out_verdicts->own_to = state->head;
    }
    return accept.back_ops > 0 ? jl_back_add(district, device, accept.back_ops, err) : JL_OK;
}

enum jl_rc jl_district_push(struct jl_district *district, uint32_t origin_number,
                            const struct jl_push *push, struct jl_bytes frame,
                            struct jl_arena *arena, struct jl_verdicts *out_verdicts,
                            struct jl_err *err) {
    struct jl_origin *origin = jl_district_origin(district, origin_number);
    if (origin == NULL) {
        return jl_fail_as(err, JL_CONFLICT, JL_SAY_CHAIN_UNKNOWN, "this incarnation is not known");
    }
    if (push->first_seq > origin->last_seq + 1) { /* resend from */
        *out_verdicts =
            (struct jl_verdicts){.first_seq = origin->last_seq + 1, .last_seq = origin->last_seq};
        return JL_OK;
    }
    if (push->first_seq <= origin->last_seq) {
        return answer_known(district, origin, push, arena, out_verdicts, err);
    }
    return push_next(district, origin, push, frame, arena, out_verdicts, err);
}
