/* Replay.
 *
 * The books are a fold over the journal: replaying it into an empty store must give the same rows,
 * feeds and sums, and for entries of the present rules the same verdicts. Offices and the catalogue
 * are records, so the journal brings them; who sent a batch stands in the entry's head. Of entries
 * without one, the authors are looked up among the devices of the live books. */
#include "verify.h"
#include "accept.h"
#include "journal.h"
#include "verdicts.h"
#include "verified.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/path.h"
#include "jielian/crypto/signer.h"
#include "jielian/store/held_ops.h"
#include "jielian/store/journal.h"
#include "jielian/store/migrate.h"
#include "jielian/store/upkeep.h"
#include "jielian/sync/chain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct replay {
    struct jl_district *live;
    struct jl_district *fresh;
    struct jl_verify_result *result;
    void (*progress)(uint64_t done, uint64_t total);
    uint64_t in_group;
    bool old_rules; /* there are entries of rules 0: where their feeds stood is not compared */
};

enum { GROUP_OPS = 20000 };

/* The device and its incarnation become known with their first entry, as the head says. Where the
 * live books know the device, they must say the same. */
static enum jl_rc meet_author(struct replay *replay, const struct jl_journal_entry *entry,
                              const struct jl_entry_head *head, struct jl_err *err) {
    struct jl_district *fresh = replay->fresh;
    const struct jl_device *live = jl_roster_device(replay->live, head->device);
    const struct jl_origin *known = jl_roster_origin(fresh, entry->origin);
    if (live != NULL &&
        (live->office != head->office || live->suite != fresh->keys.suite->number ||
         memcmp(live->sign_public, head->sign_public, sizeof live->sign_public) != 0)) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_VERIFY_AUTHOR, "%" PRIu32, head->device);
    }
    if (known != NULL) {
        return known->device == head->device &&
                       memcmp(known->incarnation, head->incarnation, sizeof known->incarnation) == 0
                   ? JL_OK
                   : jl_fault_at(err, JL_CORRUPT, JL_FAULT_VERIFY_ORIGIN, "%" PRIu32,
                                 entry->origin);
    }
    struct jl_device device = {.number = head->device,
                               .office = head->office,
                               .state = JL_DEVICE_ACTIVE,
                               .suite = fresh->keys.suite->number,
                               .sign_public_bytes =
                                   (uint32_t)fresh->keys.suite->sign->public_bytes};
    struct jl_origin origin = {.number = entry->origin, .device = head->device};
    memcpy(device.sign_public, head->sign_public, sizeof device.sign_public);
    memcpy(device.curve_public, live != NULL ? live->curve_public : head->sign_public,
           sizeof device.curve_public);
    memcpy(origin.incarnation, head->incarnation, sizeof origin.incarnation);
    enum jl_rc rc =
        jl_chain_genesis(fresh->books->hasher, origin.incarnation, origin.last_hash, err);
    if (rc == JL_OK) {
        rc = jl_devices_put(fresh->books->store, &device, err);
    }
    if (rc == JL_OK) {
        rc = jl_devices_put_origin(fresh->books->store, &origin, err);
    }
    return rc == JL_OK ? jl_roster_load(fresh, err) : rc;
}

/* out_hash: the author's chain behind the batch, all of it. */
static enum jl_rc check_author(struct replay *replay, const struct jl_journal_entry *entry,
                               const struct jl_journal_opened *opened,
                               uint8_t out_hash[static JL_HASH_BYTES], struct jl_err *err) {
    struct jl_district *fresh = replay->fresh;
    const struct jl_push *push = &opened->push;
    const uint8_t *key = fresh->keys.sign_public;
    uint64_t last = fresh->state.own_seq;
    memcpy(out_hash, fresh->state.own_hash, JL_HASH_BYTES);
    if (entry->origin != 0) {
        const struct jl_origin *origin = jl_roster_origin(fresh, entry->origin);
        key = opened->head.sign_public;
        last = origin->last_seq;
        memcpy(out_hash, origin->last_hash, JL_HASH_BYTES);
    }
    if (push->first_seq != last + 1) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_VERIFY_GAP, "%" PRIu64 JL_AND "%" PRIu64,
                           push->first_seq, last);
    }
    for (size_t i = 0; i < opened->signed_count; i++) {
        enum jl_rc rc = jl_chain_step(fresh->books->hasher, out_hash, push->ops[i], err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    uint8_t text[JL_CHAIN_BATCH_TEXT_BYTES];
    last = push->first_seq + opened->signed_count - 1;
    jl_chain_batch_text(opened->head.incarnation, last, out_hash, text);
    enum jl_rc rc =
        jl_signer_verify(fresh->keys.suite, key, jl_bytes(text, sizeof text), push->signature, err);
    if (rc == JL_OK && entry->origin == 0) {
        fresh->state.own_seq = last;
        memcpy(fresh->state.own_hash, out_hash, JL_HASH_BYTES);
    }
    return rc == JL_DENIED ? jl_fault(err, JL_CORRUPT, JL_FAULT_VERIFY_DEVICE_SIGNATURE) : rc;
}

static enum jl_rc check_seal(struct replay *replay, const struct jl_journal_entry *entry,
                             struct jl_err *err) {
    const struct jl_suite *suite = replay->live->keys.suite;
    uint8_t hash[JL_HASH_BYTES];
    struct jl_chain_journal_head head = {.seq = entry->seq,
                                         .origin = entry->origin,
                                         .first_op = entry->first_op,
                                         .op_count = entry->op_count,
                                         .at_ms = entry->at_ms,
                                         .head = entry->head,
                                         .verdicts = entry->verdicts};
    memcpy(hash, replay->fresh->state.journal_hash, sizeof hash);
    enum jl_rc rc =
        jl_chain_journal_step(replay->fresh->books->hasher, hash, &head, entry->body, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (entry->seq != replay->fresh->state.journal_seq + 1 ||
        entry->seal.size != JL_HASH_BYTES + suite->sign->signature_bytes ||
        memcmp(entry->seal.data, hash, sizeof hash) != 0) {
        return jl_fault(err, JL_CORRUPT, JL_FAULT_VERIFY_CHAIN);
    }
    rc = jl_signer_verify(suite, replay->live->keys.sign_public, jl_bytes(hash, sizeof hash),
                          entry->seal.data + JL_HASH_BYTES, err);
    return rc == JL_DENIED ? jl_fault(err, JL_CORRUPT, JL_FAULT_VERIFY_DISTRICT_SIGNATURE) : rc;
}

static enum jl_rc regroup(struct replay *replay, uint64_t ops, struct jl_err *err) {
    replay->in_group += ops;
    if (replay->in_group < GROUP_OPS) {
        return JL_OK;
    }
    replay->in_group = 0;
    enum jl_rc rc = jl_district_commit(replay->fresh, err);
    return rc == JL_OK ? jl_district_begin(replay->fresh, true, NULL, err) : rc;
}

/* What was judged by the present rules is judged the same again. */
static enum jl_rc check_verdicts(const struct jl_journal_entry *entry,
                                 const struct jl_accept *accept, const struct jl_verdict *verdicts,
                                 size_t count, struct jl_err *err) {
    JL_AUTO(jl_buf) again = {0};
    if (accept->head.rules < JL_RULES) {
        return JL_OK;
    }
    if (!accept->progress) {
        return jl_fault(err, JL_CORRUPT, JL_FAULT_VERIFY_RELEASE);
    }
    enum jl_rc rc = jl_verdicts_encode(verdicts, count, &again, err);
    return rc == JL_OK && !jl_bytes_equal(jl_buf_bytes(&again), entry->verdicts)
               ? jl_fault(err, JL_CORRUPT, JL_FAULT_VERIFY_JUDGED)
               : rc;
}

static enum jl_rc fold(struct replay *replay, const struct jl_journal_entry *entry,
                       struct jl_arena *arena, struct jl_err *err) {
    uint8_t chain_hash[JL_HASH_BYTES];
    struct jl_journal_opened opened;
    struct jl_verdict *verdicts = NULL;
    size_t count = 0;
    struct jl_accept accept = {
        .origin = entry->origin, .now_ms = entry->at_ms, .given = entry->verdicts};
    enum jl_rc rc = jl_journal_open(replay->live, entry, arena, &opened, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (entry->origin != 0) {
        rc = meet_author(replay, entry, &opened.head, err);
    }
    bool batch = rc == JL_OK && jl_entry_of_author(opened.head.kind);
    struct jl_push push = opened.push;
    if (batch) {
        push.count = opened.signed_count;
        rc = check_author(replay, entry, &opened, chain_hash, err);
    }
    accept.head = opened.head;
    accept.push = push.count > 0 ? &push : NULL;
    accept.upto = opened.push.count;
    accept.frame = opened.frame;
    accept.refs = opened.refs;
    accept.seqs = opened.seqs;
    accept.chain_hash = entry->origin != 0 ? chain_hash : NULL;
    if (rc == JL_OK) {
        rc = replay->fresh->judge(replay->fresh, &accept, arena, &verdicts, &count, err);
    }
    replay->result->ops += batch ? opened.push.count : 0;
    replay->old_rules = replay->old_rules || accept.head.rules == 0;
    return rc == JL_OK ? check_verdicts(entry, &accept, verdicts, count, err) : rc;
}

static enum jl_rc replay_entry(void *context, const struct jl_journal_entry *entry,
                               struct jl_err *err) {
    struct replay *replay = context;
    JL_AUTO(jl_arena) arena = {0};
    enum jl_rc rc = check_seal(replay, entry, err);
    if (rc == JL_OK) {
        rc = fold(replay, entry, &arena, err);
    }
    if (rc == JL_OK) {
        rc = regroup(replay, entry->op_count, err);
    }
    if (rc != JL_OK) {
        return jl_fault_wrap(err, JL_FAULT_JOURNAL_ENTRY, "%" PRIu64, entry->seq);
    }
    replay->result->entries++;
    if (replay->progress != NULL) {
        replay->progress(entry->seq, replay->live->state.journal_seq);
    }
    return JL_OK;
}

static enum jl_rc compare_sums(struct replay *replay, struct jl_err *err) {
    struct jl_verify_result *result = replay->result;
    result->same = true;
    for (uint32_t feed = 0; feed < JL_OFFICES_MAX; feed++) {
        if (feed != 0 && jl_roster_office(replay->live, feed) == NULL) {
            continue;
        }
        struct jl_feed_state *live = NULL;
        struct jl_feed_state *fresh = NULL;
        enum jl_rc rc = jl_feed_state_get(replay->live, feed, &live, err);
        if (rc == JL_OK) {
            rc = jl_feed_state_get(replay->fresh, feed, &fresh, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
        bool heads = replay->old_rules || live->head == fresh->head;
        if (!heads || !jl_setsum_equal(&live->sum, &fresh->sum)) {
            const struct jl_office_entry *office = jl_roster_office(replay->live, feed);
            result->same = false;
            (void)jl_fault_at(&result->difference, JL_CORRUPT, JL_FAULT_VERIFY_FEED,
                              "%s" JL_AND "%" PRIu64 JL_AND "%" PRIu64,
                              office != NULL ? office->code : "0", live->sum.count,
                              fresh->sum.count);
            return JL_OK;
        }
    }
    return JL_OK;
}

static enum jl_rc compare_merged(struct replay *replay, struct jl_err *err) {
    const struct jl_merged *live = NULL;
    const struct jl_merged *fresh = NULL;
    JL_AUTO(jl_buf) have = {0};
    JL_AUTO(jl_buf) should = {0};
    enum jl_rc rc = jl_merged_get(replay->live, &live, err);
    if (rc == JL_OK) {
        rc = jl_merged_get(replay->fresh, &fresh, err);
    }
    if (rc == JL_OK) {
        rc = jl_merged_encode(live, &have, err);
    }
    if (rc == JL_OK) {
        rc = jl_merged_encode(fresh, &should, err);
    }
    if (rc == JL_OK && !jl_bytes_equal(jl_buf_bytes(&have), jl_buf_bytes(&should))) {
        replay->result->same = false;
        (void)jl_fault_at(&replay->result->difference, JL_CORRUPT, JL_FAULT_VERIFY_MERGED,
                          "%zu" JL_AND "%zu", live->count, fresh->count);
    }
    return rc;
}

/* Whether a restore is open, and what waits. */
static enum jl_rc compare_holding(struct replay *replay, struct jl_err *err) {
    const struct jl_holding *live = &replay->live->holding;
    const struct jl_holding *fresh = &replay->fresh->holding;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_held *lists[2] = {NULL, NULL};
    size_t counts[2] = {0, 0};
    enum jl_rc rc = jl_held_ops_all(replay->live->books->store, NULL, SIZE_MAX, &arena, &lists[0],
                                    &counts[0], err);
    if (rc == JL_OK) {
        rc = jl_held_ops_all(replay->fresh->books->store, NULL, SIZE_MAX, &arena, &lists[1],
                             &counts[1], err);
    }
    bool same = live->open == fresh->open && live->restored_seq == fresh->restored_seq &&
                counts[0] == counts[1];
    for (size_t i = 0; rc == JL_OK && same && i < counts[0]; i++) {
        same = lists[0][i].journal_seq == lists[1][i].journal_seq && lists[0][i].n == lists[1][i].n;
    }
    if (rc == JL_OK && !same) {
        replay->result->same = false;
        (void)jl_fault_at(&replay->result->difference, JL_CORRUPT, JL_FAULT_VERIFY_HELD,
                          "%zu" JL_AND "%zu", counts[0], counts[1]);
    }
    return rc;
}

static enum jl_rc nothing(void *context, const struct jl_head *head, struct jl_err *err) {
    (void)context;
    (void)head;
    (void)err;
    return JL_OK;
}

/* The sums say what the heads hold; the rows themselves must say the same. */
static enum jl_rc check_rows(struct replay *replay, struct jl_err *err) {
    uint64_t damaged = 0;
    enum jl_rc rc = jl_books_scrub_check(replay->live->books, nothing, NULL, &damaged, err);
    if (rc == JL_OK && damaged > 0) {
        replay->result->same = false;
        (void)jl_fault_at(&replay->result->difference, JL_CORRUPT, JL_FAULT_VERIFY_HASH, "%" PRIu64,
                          damaged);
    }
    return rc;
}

static enum jl_rc run_replay(struct replay *replay, struct jl_err *err) {
    struct jl_district_state *fresh = &replay->fresh->state;
    enum jl_rc rc = jl_district_begin(replay->live, false, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    memcpy(fresh->own_incarnation, replay->live->state.own_incarnation, 16);
    rc = jl_chain_genesis(replay->fresh->books->hasher, fresh->own_incarnation, fresh->own_hash,
                          err);
    if (rc == JL_OK) {
        rc = jl_district_begin(replay->fresh, true, NULL, err);
    }
    if (rc == JL_OK) {
        rc = jl_journal_entry_read(replay->live->books->store, 1, 0, replay_entry, replay, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_commit(replay->fresh, err);
    }
    if (rc == JL_OK) {
        rc = compare_sums(replay, err);
    }
    if (rc == JL_OK && replay->result->same) {
        rc = compare_merged(replay, err);
    }
    if (rc == JL_OK && replay->result->same) {
        rc = compare_holding(replay, err);
    }
    if (rc == JL_OK && replay->result->same) {
        rc = check_rows(replay, err);
    }
    jl_store_rollback(replay->live->books->store);
    return rc;
}

/* For `backup`, which tells how much of the journal was not replayed yet. Whoever may only read the
 * folder verifies all the same. */
static bool note(const struct replay *replay) {
    struct jl_err ignored;
    const struct jl_district *live = replay->live;
    struct jl_verified verified = {.journal_seq = replay->fresh->state.journal_seq,
                                   .at_ms = live->clock.wall_ms(live->clock.context)};
    memcpy(verified.journal_hash, replay->fresh->state.journal_hash, JL_HASH_BYTES);
    return verified.journal_seq == 0 || jl_verified_put(live, &verified, &ignored) == JL_OK;
}

static void remove_fresh(const char *folder) {
    static const char *const names[] = {"jielian.db", "jielian.db-wal", "jielian.db-shm", "keys"};
    char path[JL_PATH_MAX_BYTES];
    struct jl_err ignored;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (jl_path_join(folder, names[i], path, sizeof path, &ignored) == JL_OK) {
            (void)unlink(
                path); /* a leftover is only a nuisance: its folder's name says what it is */
        }
    }
    (void)rmdir(folder);
}

enum jl_rc jl_verify_replay(struct jl_district *district,
                            void (*progress)(uint64_t done, uint64_t total),
                            struct jl_verify_result *out_result, struct jl_err *err) {
    char folder[JL_PATH_MAX_BYTES];
    struct replay replay = {.live = district, .result = out_result, .progress = progress};
    struct jl_books_options books = {.side = JL_SIDE_DISTRICT, .mode = JL_STORE_CREATE};
    JL_ASSERT(district->judge != NULL);
    *out_result = (struct jl_verify_result){0};
    if (district->books->newer.state != JL_NEWER_NONE) {
        return jl_books_too_old(&district->books->newer, err);
    }
    enum jl_rc rc = jl_path_join(district->folder, "verify", folder, sizeof folder, err);
    if (rc == JL_OK) {
        remove_fresh(folder);
        rc = jl_file_make_folder(folder, err);
    }
    replay.fresh = rc == JL_OK ? calloc(1, sizeof *replay.fresh) : NULL;
    if (rc == JL_OK && replay.fresh == NULL) {
        rc = jl_fault_memory(err);
    }
    if (rc == JL_OK) {
        replay.fresh->judge = district->judge;
        replay.fresh->clock = district->clock;
        replay.fresh->keys = district->keys;
        rc = jl_books_open(folder, &books, &district->keys, &replay.fresh->books, err);
    }
    if (rc == JL_OK) {
        rc = jl_signer_new(district->keys.suite, &district->keys.sign, &replay.fresh->signer, err);
    }
    if (rc == JL_OK) {
        rc = jl_wire_new(district->keys.suite, &replay.fresh->wire, err);
    }
    if (rc == JL_OK) {
        rc = jl_upkeep_integrity(district->books->store, err);
    }
    if (rc == JL_OK) {
        rc = run_replay(&replay, err);
    }
    if (rc == JL_OK && out_result->same) {
        rc = jl_migrate_forget(district->books->store, err);
    }
    if (rc == JL_OK && out_result->same) {
        out_result->noted = note(&replay);
    }
    jl_district_close(replay.fresh);
    remove_fresh(folder);
    return rc;
}
