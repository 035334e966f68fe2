/* Opening, identity, state and transactions of the office's books.
 *
 * What a process writes, others read at their next transaction. */
#include "salvage.h"

#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/path.h"
#include "jielian/base/reader.h"
#include "jielian/catalogue/built_in.h"
#include "jielian/catalogue/built_in_field.h"
#include "jielian/catalogue/catalogue.h"
#include "jielian/crypto/random.h"
#include "jielian/crypto/signer.h"
#include "jielian/record/natural_key.h"
#include "jielian/sync/chain.h"

#include <stdlib.h>
#include <string.h>

/* ---- State ---- */

void jl_office_recount(struct jl_office *office, const struct jl_head *before,
                       const struct jl_head *after) {
    const struct jl_head *heads[] = {before, after};
    for (int side = 0; side < 2; side++) {
        const struct jl_head *head = heads[side];
        if (head == NULL || head->rid == 0 || head->state != JL_RECORD_LIVE) {
            continue;
        }
        unsigned feed = head->owner == 0 ? 0 : 1;
        office->sum_moved[feed] = true;
        if (side == 0) {
            jl_setsum_remove(&office->sums[feed], &head->id, head->hash);
        } else {
            jl_setsum_add(&office->sums[feed], &head->id, head->hash);
        }
    }
}

/* ---- Transactions ---- */

/* The state is read in every transaction: the desk's reads go past this call, so the store's "has
 * another connection committed" may have been answered to them already. */
enum jl_rc jl_office_begin(struct jl_office *office, bool write, struct jl_err *err) {
    enum jl_rc rc = jl_books_begin(office->books, write, NULL, err);
    if (rc == JL_OK) {
        rc = jl_office_state_load(office, err);
        if (rc != JL_OK) {
            jl_office_rollback(office);
        }
    }
    return rc;
}

enum jl_rc jl_office_commit(struct jl_office *office, struct jl_err *err) {
    enum jl_rc rc = jl_office_state_save(office, err);
    if (rc == JL_OK) {
        rc = jl_store_commit(office->books->store, err);
    }
    if (rc != JL_OK) {
        jl_office_rollback(office);
    }
    return rc;
}

/* Memory goes back to what is committed; if even that can't be read, the next begin says so. */
void jl_office_rollback(struct jl_office *office) {
    struct jl_err ignored;
    if (office == NULL || office->books == NULL) {
        return; /* books that never opened */
    }
    jl_store_rollback(office->books->store);
    if (jl_office_state_load(office, &ignored) != JL_OK) {
        office->state.has_epoch = false;
    }
}

/* ---- Life ---- */

static enum jl_rc open_parts(struct jl_office *office, const struct jl_office_options *options,
                             struct jl_err *err) {
    struct jl_books_options books_options = {
        .side = JL_SIDE_OFFICE,
        .mode = options->mode,
        .cache_kib = options->cache_kib,
        /* A first download that a power cut shortens goes on from its cursor. */
        .relaxed = options->staged};
    char staged[JL_PATH_MAX_BYTES];
    const char *books_folder = office->folder;
    enum jl_rc rc = jl_keys_load(office->folder, options->passphrase, &office->keys, err);
    if (rc == JL_OK && options->staged) {
        rc = jl_path_join(office->folder, "staged", staged, sizeof staged, err);
        books_folder = staged;
    }
    if (rc == JL_OK) {
        rc = jl_books_open(books_folder, &books_options, &office->keys, &office->books, err);
        rc = rc == JL_DENIED ? jl_keys_wrap(office->folder, err) : rc;
    }
    if (rc == JL_OK) {
        rc = jl_identity_get(office->books->store, &office->identity, err);
    }
    if (rc == JL_OK) {
        rc = jl_office_state_load(office, err);
    }
    if (rc == JL_OK) {
        rc = jl_signer_new(office->keys.suite, &office->keys.sign, &office->signer, err);
    }
    return rc == JL_OK ? jl_wire_new(office->keys.suite, &office->wire, err) : rc;
}

enum jl_rc jl_office_open(const char *folder, const struct jl_office_options *options,
                          struct jl_office **out_office, struct jl_err *err) {
    JL_AUTO_PTR(jl_office) office = calloc(1, sizeof *office);
    if (office == NULL) {
        return jl_fault_memory(err);
    }
    if (strlen(folder) >= sizeof office->folder) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_PATH_LONG, "%s" JL_AND "%zu", folder,
                           sizeof office->folder - 1);
    }
    memcpy(office->folder, folder, strlen(folder) + 1);
    office->clock = options->clock;
    enum jl_rc rc = open_parts(office, options, err);
    if (rc != JL_OK) {
        return rc;
    }
    *out_office = office;
    office = NULL;
    return JL_OK;
}

void jl_office_close(struct jl_office *office) {
    if (office == NULL) {
        return;
    }
    jl_books_close(office->books);
    jl_wire_free(office->wire);
    jl_signer_free(office->signer);
    jl_keys_fini(&office->keys);
    free(office);
}

/* A fresh incarnation counts its ops from 1 and starts its chain at its own genesis. */
static enum jl_rc fresh_state(struct jl_office *office, struct jl_err *err) {
    struct jl_office_state *state = &office->state;
    enum jl_rc rc = jl_random(state->incarnation, sizeof state->incarnation, err);
    if (rc == JL_OK) {
        rc = jl_chain_genesis(office->books->hasher, state->incarnation, state->head_hash, err);
    }
    memcpy(state->confirmed_hash, state->head_hash, JL_HASH_BYTES);
    office->sum_moved[0] = office->sum_moved[1] = true;
    return rc;
}

enum jl_rc jl_office_create(const char *folder, const struct jl_keys *keys,
                            const struct jl_identity *identity, struct jl_err *err) {
    char staged[JL_PATH_MAX_BYTES];
    struct jl_books_options options = {.side = JL_SIDE_OFFICE, .mode = JL_STORE_CREATE};
    struct jl_office office = {0};
    enum jl_rc rc = jl_path_join(folder, "staged", staged, sizeof staged, err);
    if (rc == JL_OK) {
        rc = jl_file_make_folder(staged, err);
    }
    if (rc == JL_OK) {
        rc = jl_books_open(staged, &options, keys, &office.books, err);
    }
    if (rc == JL_OK) {
        rc = jl_store_begin(office.books->store, true, err);
    }
    if (rc == JL_OK) {
        rc = jl_identity_put(office.books->store, identity, err);
    }
    if (rc == JL_OK) {
        rc = fresh_state(&office, err);
    }
    if (rc == JL_OK) {
        rc = jl_office_state_save(&office, err);
    }
    if (rc == JL_OK) {
        rc = jl_store_commit(office.books->store, err);
    }
    jl_books_close(office.books);
    return rc == JL_OK ? jl_identity_keep(folder, identity, keys, err) : rc;
}

/* Should books have lain here before, their WAL would be taken for that of the new ones. */
static enum jl_rc remove_beside(const char *folder, const char *name, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    enum jl_rc rc = jl_path_join(folder, name, path, sizeof path, err);
    return rc == JL_OK ? jl_file_remove(path, err) : rc;
}

enum jl_rc jl_office_settle(struct jl_office **take_office, struct jl_err *err) {
    char from[JL_PATH_MAX_BYTES];
    char to[JL_PATH_MAX_BYTES];
    char wal[JL_PATH_MAX_BYTES];
    char folder[JL_PATH_MAX_BYTES];
    memcpy(folder, (*take_office)->folder, sizeof folder);
    enum jl_rc rc = jl_path_join(folder, "staged/jielian.db", from, sizeof from, err);
    if (rc == JL_OK) {
        rc = jl_path_join(folder, "jielian.db", to, sizeof to, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    /* Closing the last connection folds the WAL into the file, so one rename moves everything. A
     * WAL that stays says that another program still has the file open: the rename would leave
     * that part of the books behind. */
    jl_office_close(*take_office);
    *take_office = NULL;
    rc = jl_path_join(folder, "staged/jielian.db-wal", wal, sizeof wal, err);
    if (rc == JL_OK && jl_file_exists(wal)) {
        rc = jl_fault_at(err, JL_BUSY, JL_FAULT_FILE_HELD, "%s", from);
    }
    if (rc == JL_OK && !jl_file_exists(to)) {
        rc = remove_beside(folder, "jielian.db-wal", err);
    }
    if (rc == JL_OK && !jl_file_exists(to)) {
        rc = remove_beside(folder, "jielian.db-shm", err);
    }
    if (rc == JL_OK) {
        rc = jl_file_move(from, to, err);
    }
    if (rc == JL_OK) {
        from[strlen(from) - strlen("/jielian.db")] = '\0';
        rc = jl_file_drop_folder(from, err);
    }
    return rc;
}

/* ---- Facts ---- */

uint64_t jl_office_head_seq(const struct jl_office *office) {
    return office->state.head_pos - office->state.seq_base;
}

uint64_t jl_office_confirmed_seq(const struct jl_office *office) {
    return office->state.confirmed_pos - office->state.seq_base;
}

bool jl_office_rereads(const struct jl_office *office, uint32_t feed) {
    return office->state.cursor[feed] < office->state.reread_to[feed];
}

void jl_office_facts(const struct jl_office *office, struct jl_session_facts *out_facts) {
    *out_facts = (struct jl_session_facts){
        .has_epoch = office->state.has_epoch,
        .head = jl_office_head_seq(office),
        .confirmed = jl_office_confirmed_seq(office),
        .cursor = {office->state.cursor[0], office->state.cursor[1]},
        .catalogue = jl_catalogue_version(office->books->catalogue),
        .suite = office->keys.suite->number,
    };
    memcpy(out_facts->epoch, office->state.epoch, sizeof out_facts->epoch);
}

static enum jl_rc read_code(struct jl_office *office, char out_code[static JL_OFFICE_CODE_BYTES],
                            struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    const struct jl_type *type = jl_books_layout(office->books, JL_TYPE_OFFICE)->type;
    const struct jl_value number = jl_value_int(office->identity.office);
    struct jl_row row = {.type = JL_TYPE_OFFICE};
    struct jl_book_record record = {0};
    enum jl_rc rc = jl_row_set(&row, JL_OFFICE_NUMBER, &number, &arena, err);
    if (rc == JL_OK) {
        rc = jl_natural_key_id(office->books->hasher, type, &row, &row.id, err);
    }
    const struct jl_record_key key = {.type = JL_TYPE_OFFICE, .id = row.id};
    if (rc == JL_OK) {
        rc = jl_books_load(office->books, &key, 1, &arena, &record, err);
    }
    const struct jl_value *code =
        rc == JL_OK && record.head.rid != 0 ? jl_row_get(&record.row, JL_OFFICE_CODE) : NULL;
    memset(out_code, 0, JL_OFFICE_CODE_BYTES);
    if (code != NULL && code->bytes.size > 0 && code->bytes.size < JL_OFFICE_CODE_BYTES) {
        memcpy(out_code, code->bytes.data, code->bytes.size);
    }
    return rc;
}

enum jl_rc jl_office_code(struct jl_office *office, char out_code[static JL_OFFICE_CODE_BYTES],
                          struct jl_err *err) {
    enum jl_rc rc = jl_office_begin(office, false, err);
    if (rc == JL_OK) {
        rc = read_code(office, out_code, err);
        jl_store_rollback(office->books->store);
    }
    return rc;
}
