/* Hello, and the incarnation and epoch of the office's books. */
#include "identity.h"
#include "office.h"
#include "office_about.h"
#include "office_counts.h"
#include "office_outbox.h"
#include "retention.h"

#include "jielian/base/fault.h"
#include "jielian/base/reader.h"
#include "jielian/books/meta.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/crypto/random.h"
#include "jielian/store/migrate.h"
#include "jielian/store/upkeep.h"
#include "jielian/sync/chain.h"

#include <string.h>

/* meta `confirmed`   u64be: position of the newest op that any books had confirmed when this PC met
 *                    restored ones. A second restore before all is offered again must not make old
 *                    work look new. */
static const char confirmed_mark[] = "confirmed";

static enum jl_rc get_confirmed(struct jl_office *office, uint64_t *out_pos, struct jl_err *err) {
    uint8_t bytes[8] = {0};
    struct jl_reader reader = {.rest = jl_bytes(bytes, sizeof bytes)};
    uint64_t marked = 0;
    enum jl_rc rc =
        jl_meta_get_bytes(office->books->store, confirmed_mark, bytes, sizeof bytes, err);
    if (rc == JL_OK) {
        rc = jl_reader_u64be(&reader, &marked, err);
    }
    *out_pos = marked > office->state.confirmed_pos ? marked : office->state.confirmed_pos;
    return rc == JL_NOT_FOUND ? JL_OK : rc;
}

static enum jl_rc mark_confirmed(struct jl_office *office, struct jl_err *err) {
    JL_AUTO(jl_buf) buf = {0};
    uint64_t pos = 0;
    enum jl_rc rc = get_confirmed(office, &pos, err);
    if (rc == JL_OK) {
        rc = jl_buf_put_u64be(&buf, pos, err);
    }
    return rc == JL_OK
               ? jl_store_meta_put(office->books->store, confirmed_mark, jl_buf_bytes(&buf), err)
               : rc;
}

enum jl_rc jl_office_hello(struct jl_office *office, struct jl_hello *out_hello,
                           struct jl_err *err) {
    struct jl_office_counts counts = {0};
    uint64_t free_bytes = 0;
    uint64_t confirmed = 0;
    uint32_t told = 0;
    struct jl_office_state *state = &office->state;
    enum jl_rc rc = jl_office_counts_get(office, &counts, err);
    if (rc == JL_OK) {
        rc = jl_office_about_mark(office, &told, err);
    }
    if (rc == JL_OK) {
        rc = get_confirmed(office, &confirmed, err);
    }
    if (rc == JL_OK) {
        rc = jl_upkeep_disk_free(office->books->store, &free_bytes, err);
    }
    *out_hello = (struct jl_hello){
        .knows = JL_MESSAGE_KNOWN,
        .version = JL_PROTOCOL_VERSION,
        .oldest = JL_PROTOCOL_OLDEST,
        .has_epoch = state->has_epoch,
        .head = jl_office_head_seq(office),
        .confirmed = jl_office_confirmed_seq(office),
        .confirmed_number = confirmed,
        .cursor = {state->cursor[0], state->cursor[1]},
        .catalogue = jl_catalogue_version(office->books->catalogue),
        .oldest_unsent_s = counts.oldest_unsent_s,
        .parked = counts.parked + counts.set_aside,
        .cases = counts.cases + counts.held,
        .repairs = state->repairs,
        .disk_free_mib = free_bytes >> 20,
        .wall_ms = office->clock.wall_ms(office->clock.context),
        .program = JIELIAN_VERSION,
        .suites = jl_suite_offered(),
        .told = told,
    };
    memcpy(out_hello->incarnation, state->incarnation, sizeof out_hello->incarnation);
    memcpy(out_hello->epoch, state->epoch, sizeof out_hello->epoch);
    memcpy(out_hello->confirmed_hash, state->confirmed_hash, sizeof out_hello->confirmed_hash);
    return rc;
}

/* ---- A new incarnation: what has no verdict is numbered and chained anew ---- */

static enum jl_rc rechain_entry(struct jl_office *office, const struct jl_outbox_entry *entry,
                                struct jl_arena *arena, struct jl_err *err) {
    JL_AUTO(jl_buf) plain = {0};
    JL_AUTO(jl_buf) sealed = {0};
    struct jl_bytes old_hash;
    struct jl_bytes op = {0};
    uint8_t *hash = office->state.head_hash;
    enum jl_rc rc = jl_office_outbox_body(office, entry, arena, &old_hash, &op, err);
    if (rc == JL_OK) {
        rc = jl_chain_step(office->books->hasher, hash, op, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put(&plain, hash, JL_HASH_BYTES, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put(&plain, op.data, op.size, err);
    }
    if (rc == JL_OK) {
        rc = jl_books_seal(office->books, "outbox", entry->pos, jl_buf_bytes(&plain), &sealed, err);
    }
    return rc == JL_OK
               ? jl_outbox_body(office->books->store, entry->pos, jl_buf_bytes(&sealed), err)
               : rc;
}

static enum jl_rc rechain(struct jl_office *office, struct jl_err *err) {
    enum { CHUNK = 256 };
    JL_AUTO(jl_arena) arena = {0};
    uint64_t next = office->state.confirmed_pos + 1;
    while (next <= office->state.head_pos) {
        struct jl_outbox_entry *entries = NULL;
        size_t count = 0;
        jl_arena_reset(&arena);
        enum jl_rc rc = jl_outbox_range(office->books->store, next, CHUNK, SIZE_MAX, &arena,
                                        &entries, &count, err);
        for (size_t i = 0; rc == JL_OK && i < count; i++) {
            rc = rechain_entry(office, &entries[i], &arena, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
        if (count == 0) {
            return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED,
                               "outbox entry %llu is missing", (unsigned long long)next);
        }
        next = entries[count - 1].pos + 1;
    }
    return JL_OK;
}

/* Inside an open transaction: everything without a verdict gets a number and hash in a new chain.
 */
static enum jl_rc renumber(struct jl_office *office, struct jl_err *err) {
    struct jl_office_state *state = &office->state;
    enum jl_rc rc = jl_random(state->incarnation, sizeof state->incarnation, err);
    if (rc == JL_OK) {
        rc = jl_chain_genesis(office->books->hasher, state->incarnation, state->head_hash, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    memcpy(state->confirmed_hash, state->head_hash, JL_HASH_BYTES);
    state->seq_base = state->confirmed_pos;
    return rechain(office, err);
}

/* identity NULL: as it is. */
static enum jl_rc begin_anew(struct jl_office *office, const struct jl_identity *identity,
                             struct jl_err *err) {
    enum jl_rc rc = jl_office_begin(office, true, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = renumber(office, err);
    if (rc == JL_OK && identity != NULL) {
        office->state.trouble = 0;
        rc = jl_identity_put(office->books->store, identity, err);
    }
    if (rc != JL_OK) {
        jl_office_rollback(office);
        return rc;
    }
    /* Changes that the lost incarnation had read are read again: the feed tells all of them. */
    office->state.cursor[0] = office->state.cursor[1] = 0;
    return jl_office_commit(office, err);
}

enum jl_rc jl_office_new_incarnation(struct jl_office *office, struct jl_err *err) {
    return begin_anew(office, NULL, err);
}

enum jl_rc jl_office_rejoin(struct jl_office *office, const struct jl_identity *identity,
                            struct jl_err *err) {
    enum jl_rc rc = begin_anew(office, identity, err);
    if (rc == JL_OK) {
        office->identity = *identity;
    }
    return rc;
}

static enum jl_rc offer_all(struct jl_office *office, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_office_state *state = &office->state;
    struct jl_outbox_entry *entries = NULL;
    size_t count = 0;
    enum jl_rc rc =
        jl_outbox_range(office->books->store, 1, 1, SIZE_MAX, &arena, &entries, &count, err);
    if (rc != JL_OK || count == 0) {
        return rc;
    }
    rc = jl_outbox_reopen(office->books->store, entries[0].pos, state->confirmed_pos, err);
    state->confirmed_pos = entries[0].pos - 1;
    return rc == JL_OK ? renumber(office, err) : rc;
}

enum jl_rc jl_office_take_epoch(struct jl_office *office, const uint8_t epoch[static 16],
                                uint64_t last_seq, struct jl_err *err) {
    struct jl_office_state *state = &office->state;
    uint8_t hash[JL_HASH_BYTES];
    enum jl_rc rc = jl_office_begin(office, true, err);
    if (rc != JL_OK) {
        return rc;
    }
    uint64_t pos = state->seq_base + last_seq;
    bool first = !state->has_epoch;
    if (!first) {
        rc = mark_confirmed(office, err);
    }
    memcpy(state->epoch, epoch, sizeof state->epoch);
    state->has_epoch = true;
    if (rc == JL_OK && !first && state->seq_base > 0) {
        /* The restored district may lack ops of our earlier incarnations too, and their numbers
         * mean nothing to this one: offer again all that is kept. It knows its own by their bytes.
         */
        rc = offer_all(office, err);
        pos = state->confirmed_pos;
    }
    if (rc == JL_OK) {
        rc = jl_office_outbox_hash_at(office, pos, hash, err);
    }
    if (rc == JL_OK && pos < state->confirmed_pos) {
        /* The district was restored: offer again what it once confirmed and now lacks. */
        rc = jl_outbox_reopen(office->books->store, pos + 1, state->confirmed_pos, err);
        memcpy(state->confirmed_hash, hash, sizeof hash);
        state->confirmed_pos = pos;
    }
    if (!first) {
        state->cursor[0] = state->cursor[1] = 0;
    }
    if (rc == JL_OK && !first) {
        rc = jl_retention_restart(office, err);
    }
    if (rc != JL_OK) {
        jl_office_rollback(office);
        return rc;
    }
    return jl_office_commit(office, err);
}
