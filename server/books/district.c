/* State and transactions of the district's books.
 *
 * meta `state`   epoch(16) journal_hash(32) own_hash(32) own_incarnation(16) journal_seq own_seq
 * (u64be) meta `journal_ms` u64be, the latest time of an entry; meta `feed<N>` head (u64be), set
 * sum; meta `restored`, `back<N>`: restored.c; meta `merged`: merged.h
 */
#include "admit.h"
#include "holding.h"
#include "restored.h"

#include "decisions.h"
#include "district.h"

#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/path.h"
#include "jielian/books/meta.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/crypto/random.h"
#include "jielian/crypto/signer.h"
#include "jielian/net/net.h"
#include "jielian/store/journal.h"
#include "jielian/sync/chain.h"

#include <inttypes.h>
#include <string.h>

enum { STATE_BYTES = 16 + 32 + 32 + 16 + 8 + 8 };

/* ---- State ---- */

static enum jl_rc save_state(struct jl_district *district, struct jl_err *err) {
    const struct jl_district_state *state = &district->state;
    JL_AUTO(jl_buf) buf = {0};
    enum jl_rc rc = jl_buf_put(&buf, state->epoch, 16, err);
    if (rc == JL_OK) {
        rc = jl_buf_put(&buf, state->journal_hash, JL_HASH_BYTES, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put(&buf, state->own_hash, JL_HASH_BYTES, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put(&buf, state->own_incarnation, 16, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_u64be(&buf, state->journal_seq, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_put_u64be(&buf, state->own_seq, err);
    }
    if (rc == JL_OK) {
        rc = jl_store_meta_put(district->books->store, "state", jl_buf_bytes(&buf), err);
    }
    if (rc == JL_OK && state->journal_ms_moved) {
        rc = jl_meta_put_number(district->books->store, "journal_ms", (uint64_t)state->journal_ms,
                                err);
        district->state.journal_ms_moved = rc != JL_OK;
    }
    return rc;
}

/* Books of before this number have no such setting: one look at the whole journal, until the next
 * commit stores it. */
static enum jl_rc load_journal_time(struct jl_district *district, struct jl_err *err) {
    struct jl_district_state *state = &district->state;
    uint64_t ms = 0;
    state->journal_ms_moved = false;
    enum jl_rc rc = jl_meta_get_number(district->books->store, "journal_ms", UINT64_MAX, &ms, err);
    if (rc != JL_OK || ms != UINT64_MAX) {
        state->journal_ms = (int64_t)ms;
        return rc;
    }
    state->journal_ms_moved = true;
    return jl_journal_entry_latest(district->books->store, &state->journal_ms, err);
}

static uint64_t load_u64(const uint8_t *at) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) {
        value = value << 8 | at[i];
    }
    return value;
}

enum jl_rc jl_district_load_state(struct jl_district *district, struct jl_err *err) {
    struct jl_district_state *state = &district->state;
    uint8_t bytes[STATE_BYTES];
    enum jl_rc rc = jl_meta_get_bytes(district->books->store, "state", bytes, sizeof bytes, err);
    if (rc != JL_OK) {
        return rc == JL_NOT_FOUND ? jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s",
                                                "the district's state is missing")
                                  : rc;
    }
    memcpy(state->epoch, bytes, 16);
    memcpy(state->journal_hash, bytes + 16, JL_HASH_BYTES);
    memcpy(state->own_hash, bytes + 48, JL_HASH_BYTES);
    memcpy(state->own_incarnation, bytes + 80, 16);
    state->journal_seq = load_u64(bytes + 96);
    state->own_seq = load_u64(bytes + 104);
    memset(district->numbers, 0, sizeof district->numbers);
    jl_merged_forget(district);
    for (size_t feed = 0; feed < JL_OFFICES_MAX; feed++) {
        if (district->feeds[feed] != NULL) {
            district->feeds[feed]->loaded = false;
            district->feeds[feed]->moved = false;
        }
    }
    rc = load_journal_time(district, err);
    if (rc == JL_OK) {
        rc = jl_restored_load(district, err);
    }
    if (rc == JL_OK) {
        rc = jl_admit_load_places(district, err);
    }
    return rc == JL_OK ? jl_holding_load(district, err) : rc;
}

/* ---- Transactions ---- */

static enum jl_rc load_all(struct jl_district *district, struct jl_err *err) {
    district->stale = true;
    enum jl_rc rc = jl_district_load_state(district, err);
    if (rc == JL_OK) {
        rc = jl_roster_load(district, err);
    }
    district->stale = rc != JL_OK;
    return rc;
}

enum jl_rc jl_district_begin(struct jl_district *district, bool write, bool *out_changed,
                             struct jl_err *err) {
    bool changed = false;
    if (write) {
        jl_turn_ask(&district->turn, district->folder);
    }
    enum jl_rc rc = jl_books_begin(district->books, write, &changed, err);
    if (rc != JL_OK) {
        jl_turn_done(&district->turn);
        return rc;
    }
    district->stale = district->stale || changed;
    if (write && district->books->newer.state != JL_NEWER_NONE) {
        jl_store_rollback(district->books->store);
        jl_turn_done(&district->turn);
        return jl_books_too_old(&district->books->newer, err);
    }
    if (district->stale) {
        rc = load_all(district, err);
        if (rc != JL_OK) {
            jl_store_rollback(district->books->store);
            jl_turn_done(&district->turn);
            return rc;
        }
    }
    if (out_changed != NULL) {
        *out_changed = changed;
    }
    return JL_OK;
}

enum jl_rc jl_district_commit(struct jl_district *district, struct jl_err *err) {
    enum jl_rc rc = save_state(district, err);
    for (uint32_t feed = 0; rc == JL_OK && feed < JL_OFFICES_MAX; feed++) {
        if (district->feeds[feed] != NULL && district->feeds[feed]->moved) {
            rc = jl_feed_state_save(district, feed, err);
        }
    }
    if (rc == JL_OK) {
        rc = jl_merged_save(district, err);
    }
    if (rc == JL_OK) {
        rc = jl_store_commit(district->books->store, err);
    }
    jl_turn_done(&district->turn);
    if (rc != JL_OK) {
        jl_district_rollback(district);
    } else if (district->admissions_moved) {
        jl_admit_mirror(district);
    }
    return rc;
}

/* Memory goes back to what is committed. If that can't be read now, the next begin has to. */
void jl_district_rollback(struct jl_district *district) {
    struct jl_err ignored;
    if (district == NULL || district->books == NULL) {
        return; /* books that never opened */
    }
    jl_store_rollback(district->books->store);
    jl_turn_done(&district->turn);
    (void)!load_all(district, &ignored); /* stale remembers it */
}

/* ---- Life ---- */

static enum jl_rc make_keys(struct jl_keys *keys, struct jl_err *err) {
    uint8_t curve_public[JL_CURVE_KEY_BYTES];
    keys->suite = jl_suite_for_new();
    enum jl_rc rc = jl_random(keys->data.bytes, sizeof keys->data.bytes, err);
    if (rc == JL_OK) {
        rc = jl_random(keys->proof.bytes, sizeof keys->proof.bytes, err);
    }
    if (rc == JL_OK) {
        rc = jl_curve_keypair(curve_public, &keys->curve, err);
    }
    return rc == JL_OK ? jl_signer_keypair(keys->suite, keys->sign_public, &keys->sign, err) : rc;
}

static enum jl_rc create_books(const char *folder, const struct jl_keys *keys, struct jl_err *err) {
    struct jl_books_options options = {.side = JL_SIDE_DISTRICT, .mode = JL_STORE_CREATE};
    struct jl_district district = {0};
    struct jl_district_state *state = &district.state;
    enum jl_rc rc = jl_books_open(folder, &options, keys, &district.books, err);
    if (rc == JL_OK) {
        rc = jl_random(state->epoch, sizeof state->epoch, err);
    }
    if (rc == JL_OK) {
        rc = jl_random(state->own_incarnation, sizeof state->own_incarnation, err);
    }
    if (rc == JL_OK) {
        rc = jl_chain_genesis(district.books->hasher, state->own_incarnation, state->own_hash, err);
    }
    if (rc == JL_OK) {
        rc = jl_store_begin(district.books->store, true, err);
    }
    if (rc == JL_OK) {
        rc = save_state(&district, err);
    }
    if (rc == JL_OK) {
        rc = jl_store_commit(district.books->store, err);
    }
    jl_books_close(district.books);
    return rc;
}

enum jl_rc jl_district_create(const char *folder, struct jl_bytes passphrase, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    struct jl_keys keys = {0};
    enum jl_rc rc = jl_file_make_folder(folder, err);
    if (rc == JL_OK) {
        rc = jl_path_join(folder, "jielian.db", path, sizeof path, err);
    }
    if (rc == JL_OK && jl_file_exists(path)) {
        rc = jl_fault_at(err, JL_CONFLICT, JL_FAULT_DISTRICT_EXISTS, "%s", folder);
    }
    if (rc == JL_OK) {
        rc = make_keys(&keys, err);
    }
    if (rc == JL_OK) {
        rc = jl_keys_save(folder, &keys, passphrase, err);
    }
    if (rc == JL_OK) {
        rc = create_books(folder, &keys, err);
    }
    jl_keys_fini(&keys);
    return rc;
}

enum jl_rc jl_district_suite_needed(const struct jl_district *district, struct jl_err *err) {
    return jl_fault_at(err, JL_MISUSE, JL_FAULT_DISTRICT_SUITE, "%" PRIu32,
                       district->keys.suite->number);
}
