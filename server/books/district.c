/* Opening, state, tables and transactions of the district's books.
 *
 * meta `state`   epoch(16) journal_hash(32) own_hash(32) own_incarnation(16) journal_seq own_seq
 * (u64be) meta `journal_ms` u64be, the latest time of an entry; meta `feed<N>` head (u64be), set
 * sum; meta `restored`, `back<N>`: back.c; meta `merged`: merged.h
 */
#include "district_internal.h"

#include "jielian/base/file.h"
#include "jielian/base/path.h"
#include "jielian/books/meta.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/crypto/random.h"
#include "jielian/crypto/signer.h"
#include "jielian/net/net.h"
#include "jielian/sync/chain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATE_BYTES = 16 + 32 + 32 + 16 + 8 + 8, FEED_NAME_BYTES = 24 };

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
        return rc == JL_NOT_FOUND ? jl_fail(err, JL_CORRUPT, "the district's state is missing")
                                  : rc;
    }
    memcpy(state->epoch, bytes, 16);
    memcpy(state->journal_hash, bytes + 16, JL_HASH_BYTES);
    memcpy(state->own_hash, bytes + 48, JL_HASH_BYTES);
    memcpy(state->own_incarnation, bytes + 80, 16);
    state->journal_seq = load_u64(bytes + 96);
    state->own_seq = load_u64(bytes + 104);
    memset(district->numbers, 0, sizeof district->numbers);
    jl_district_merged_forget(district);
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

enum jl_rc jl_district_feed(struct jl_district *district, uint32_t feed,
                            struct jl_feed_state **out_state, struct jl_err *err) {
    char name[FEED_NAME_BYTES];
    JL_AUTO(jl_buf) buf = {0};
    if (feed >= JL_OFFICES_MAX) {
        return jl_fail(err, JL_LIMIT, "office number %" PRIu32 " is over %d", feed,
                       (int)JL_OFFICES_MAX - 1);
    }
    if (district->feeds[feed] == NULL) {
        district->feeds[feed] = calloc(1, sizeof **district->feeds);
    }
    struct jl_feed_state *state = district->feeds[feed];
    if (state == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for a feed");
    }
    *out_state = state;
    if (state->loaded) {
        return JL_OK;
    }
    snprintf(name, sizeof name, "feed%" PRIu32, feed);
    enum jl_rc rc = jl_store_meta_get(district->books->store, name, &buf, err);
    if (rc == JL_NOT_FOUND) {
        state->head = 0;
        jl_setsum_init(&state->sum);
        rc = JL_OK;
    } else if (rc == JL_OK && buf.size == 8 + JL_SETSUM_BYTES) {
        state->head = load_u64(buf.data);
        rc = jl_setsum_decode(jl_bytes(buf.data + 8, JL_SETSUM_BYTES), &state->sum, err);
    } else if (rc == JL_OK) {
        rc = jl_fail(err, JL_CORRUPT, "the state of feed %" PRIu32 " is cut off", feed);
    }
    state->loaded = rc == JL_OK;
    return rc;
}

static enum jl_rc save_feed(struct jl_district *district, uint32_t feed, struct jl_err *err) {
    struct jl_feed_state *state = district->feeds[feed];
    uint8_t bytes[8 + JL_SETSUM_BYTES];
    char name[FEED_NAME_BYTES];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(state->head >> (56 - 8 * i));
    }
    jl_setsum_encode(&state->sum, bytes + 8);
    snprintf(name, sizeof name, "feed%" PRIu32, feed);
    state->moved = false;
    return jl_store_meta_put(district->books->store, name, jl_bytes(bytes, sizeof bytes), err);
}

/* ---- Tables ---- */

static enum jl_rc copy_text(const struct jl_row *row, const struct jl_field *field, char *out_text,
                            size_t capacity, struct jl_err *err) {
    const struct jl_value *value = jl_row_get(row, field->number);
    size_t size = value != NULL ? value->bytes.size : 0;
    if (size >= capacity) {
        return jl_fail(err, JL_LIMIT, "an office's %s is longer than %zu bytes", field->name,
                       capacity - 1);
    }
    memcpy(out_text, value != NULL ? (const char *)value->bytes.data : "", size);
    out_text[size] = '\0';
    return JL_OK;
}

struct load_offices {
    struct jl_district *district;
    const struct jl_type *type;
    size_t capacity;
};

static enum jl_rc load_office(void *context, const struct jl_stored *stored, struct jl_err *err) {
    struct load_offices *load = context;
    struct jl_district *district = load->district;
    JL_AUTO(jl_arena) arena = {0};
    struct jl_book_record record;
    enum jl_rc rc = jl_books_unseal(district->books, stored, &arena, &record, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (district->office_count == load->capacity) {
        return jl_fail(err, JL_LIMIT, "more than %zu offices", load->capacity);
    }
    struct jl_office_entry *entry = &district->offices[district->office_count++];
    const struct jl_value *number =
        jl_row_get(&record.row, jl_type_field_named(load->type, "number")->number);
    entry->id = record.row.id;
    entry->number = number != NULL ? (uint32_t)number->number : 0;
    rc = copy_text(&record.row, jl_type_field_named(load->type, "code"), entry->code,
                   sizeof entry->code, err);
    return rc == JL_OK ? copy_text(&record.row, jl_type_field_named(load->type, "name"),
                                   entry->name, sizeof entry->name, err)
                       : rc;
}

enum jl_rc jl_district_load_tables(struct jl_district *district, struct jl_err *err) {
    enum { OFFICES_FIRST = JL_OFFICES_MAX };
    struct jl_arena *arena = &district->table_arena;
    struct load_offices load = {.district = district, .capacity = OFFICES_FIRST};
    struct jl_scan scan = {.type = JL_TYPE_OFFICE};
    jl_decisions_forget(district->decisions);
    jl_arena_reset(arena);
    load.type = jl_books_layout(district->books, JL_TYPE_OFFICE)->type;
    district->office_count = district->device_count = district->origin_count = 0;
    district->offices = jl_arena_zalloc(arena, OFFICES_FIRST, sizeof *district->offices);
    if (district->offices == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for the offices");
    }
    enum jl_rc rc = jl_devices_all(district->books->store, arena, &district->devices,
                                   &district->device_count, err);
    if (rc == JL_OK) {
        rc = jl_devices_origins(district->books->store, arena, &district->origins,
                                &district->origin_count, err);
    }
    return rc == JL_OK ? jl_records_scan(district->books->store, &scan, load_office, &load, err)
                       : rc;
}

struct jl_origin *jl_district_origin(struct jl_district *district, uint32_t number) {
    for (size_t i = 0; i < district->origin_count; i++) {
        if (district->origins[i].number == number) {
            return &district->origins[i];
        }
    }
    return NULL;
}

const struct jl_device *jl_district_device(const struct jl_district *district, uint32_t number) {
    for (size_t i = 0; i < district->device_count; i++) {
        if (district->devices[i].number == number) {
            return &district->devices[i];
        }
    }
    return NULL;
}

const struct jl_device *jl_district_device_keyed(const struct jl_district *district,
                                                 const uint8_t curve_public[static 32]) {
    for (size_t i = 0; i < district->device_count; i++) {
        if (memcmp(district->devices[i].curve_public, curve_public, 32) == 0) {
            return &district->devices[i];
        }
    }
    return NULL;
}

const struct jl_office_entry *jl_district_office(const struct jl_district *district,
                                                 uint32_t number) {
    for (size_t i = 0; i < district->office_count; i++) {
        if (district->offices[i].number == number) {
            return &district->offices[i];
        }
    }
    return NULL;
}

const struct jl_office_entry *jl_district_office_coded(const struct jl_district *district,
                                                       const char *code) {
    for (size_t i = 0; i < district->office_count; i++) {
        if (strcmp(district->offices[i].code, code) == 0) {
            return &district->offices[i];
        }
    }
    return NULL;
}

uint32_t jl_district_office_of_ref(const struct jl_district *district,
                                   const struct jl_value *value) {
    for (size_t i = 0; value != NULL && i < district->office_count; i++) {
        if (value->bytes.size == JL_ID_BYTES &&
            memcmp(district->offices[i].id.bytes, value->bytes.data, JL_ID_BYTES) == 0) {
            return district->offices[i].number;
        }
    }
    return 0;
}

/* ---- Transactions ---- */

static enum jl_rc load_all(struct jl_district *district, struct jl_err *err) {
    district->stale = true;
    enum jl_rc rc = jl_district_load_state(district, err);
    if (rc == JL_OK) {
        rc = jl_district_load_tables(district, err);
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
            rc = save_feed(district, feed, err);
        }
    }
    if (rc == JL_OK) {
        rc = jl_district_merged_save(district, err);
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
        rc = jl_fail(err, JL_CONFLICT, "%s holds jielian data already; choose another folder",
                     folder);
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

static enum jl_rc open_parts(struct jl_district *district,
                             const struct jl_district_options *options, struct jl_err *err) {
    struct jl_books_options books_options = {
        .side = JL_SIDE_DISTRICT, .mode = options->mode, .cache_kib = options->cache_kib};
    enum jl_rc rc = JL_OK;
    if (options->keys != NULL) {
        district->keys = *options->keys;
    } else {
        rc = jl_keys_load(district->folder, options->passphrase, &district->keys, err);
    }
    if (rc == JL_OK) {
        rc =
            jl_books_open(district->folder, &books_options, &district->keys, &district->books, err);
        rc = rc == JL_DENIED ? jl_keys_wrap(district->folder, err) : rc;
    }
    if (rc == JL_OK && !district->books->read_only &&
        district->books->newer.state != JL_NEWER_NONE) {
        rc = jl_books_too_old(&district->books->newer, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_load_state(district, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_load_tables(district, err);
    }
    if (rc == JL_OK) {
        rc = jl_signer_new(district->keys.suite, &district->keys.sign, &district->signer, err);
    }
    return rc == JL_OK ? jl_wire_new(district->keys.suite, &district->wire, err) : rc;
}

enum jl_rc jl_district_open(const char *folder, const struct jl_district_options *options,
                            struct jl_district **out_district, struct jl_err *err) {
    JL_AUTO_PTR(jl_district) district = calloc(1, sizeof *district);
    if (district == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for the district");
    }
    if (strlen(folder) >= sizeof district->folder) {
        return jl_fail(err, JL_MISUSE, "the folder's name is longer than %zu bytes",
                       sizeof district->folder - 1);
    }
    memcpy(district->folder, folder, strlen(folder) + 1);
    district->clock = options->clock;
    district->slice =
        (struct jl_slice){.ms = JL_SLICE_MS, .bytes = JL_SLICE_BYTES, .ops = JL_BATCH_OPS_MAX};
    district->staff = jl_bytes_text("district");
    enum jl_rc rc = open_parts(district, options, err);
    if (rc == JL_OK && options->mode == JL_STORE_WRITE) {
        rc = jl_admit_begin(district, err);
        rc = rc == JL_OK ? jl_district_upgrade(district, err) : rc;
    }
    if (rc != JL_OK) {
        return rc;
    }
    *out_district = district;
    district = NULL;
    return JL_OK;
}

void jl_district_close(struct jl_district *district) {
    if (district == NULL) {
        return;
    }
    for (size_t feed = 0; feed < JL_OFFICES_MAX; feed++) {
        if (district->feeds[feed] != NULL) {
            free(district->feeds[feed]->types);
        }
        free(district->feeds[feed]);
    }
    jl_books_close(district->books);
    jl_turn_done(&district->turn);
    jl_wire_free(district->wire);
    jl_signer_free(district->signer);
    jl_merged_fini(&district->merged);
    jl_decisions_free(district->decisions);
    jl_arena_fini(&district->table_arena);
    jl_keys_fini(&district->keys);
    free(district);
}
