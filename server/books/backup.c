/* Backup and restore.
 *
 * A restore works in FOLDER/restoring until the books have their new epoch, and then moves the keys
 * and, last, the books into place: books that serve the old epoch would never be offered what they
 * lack. */
#include "backup.h"
#include "admissions.h"
#include "admit.h"
#include "district.h"
#include "readmit.h"
#include "release.h"

#include "jielian/base/clock.h"
#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/path.h"
#include "jielian/books/books.h"
#include "jielian/crypto/random.h"
#include "jielian/store/devices.h"
#include "jielian/store/journal.h"
#include "jielian/store/migrate.h"
#include "jielian/store/upkeep.h"

#include <stdio.h>
#include <string.h>

static bool same_keys(const struct jl_keys *a, const struct jl_keys *b) {
    return jl_secret_equal(&a->data, &b->data) && jl_secret_equal(&a->proof, &b->proof) &&
           jl_secret_equal(&a->curve, &b->curve) && jl_secret_equal(&a->sign, &b->sign) &&
           a->suite == b->suite;
}

/* The key file as it lies there, so that a wrapped one stays wrapped: JL_DENIED of decode, which
 * has no passphrase here. It may have been changed since the books were opened. */
static enum jl_rc read_own_keys(const struct jl_district *district, struct jl_buf *out,
                                struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    struct jl_keys keys = {0};
    enum jl_rc rc = jl_keys_path(district->folder, path, err);
    if (rc == JL_OK) {
        rc = jl_file_read(path, JL_KEYS_FILE_MAX_BYTES, out, err);
    }
    if (rc == JL_OK) {
        rc = jl_keys_decode(jl_buf_bytes(out), jl_bytes(NULL, 0), &keys, err);
        if (rc == JL_OK && !same_keys(&keys, &district->keys)) {
            rc = jl_fault_at(err, JL_CONFLICT, JL_FAULT_BACKUP_KEYS_CHANGED, "%s", path);
        } else if (rc == JL_DENIED) {
            rc = JL_OK;
        } else if (rc != JL_OK) {
            rc = jl_fault_wrap(err, JL_FAULT_AT, "%s", path);
        }
    }
    jl_keys_fini(&keys);
    return rc;
}

/* ---- The admission log ---- */

static enum jl_rc log_name(const char *path, char out_path[static JL_PATH_MAX_BYTES],
                           struct jl_err *err) {
    int size = snprintf(out_path, JL_PATH_MAX_BYTES, "%s.admissions", path);
    return size > 0 && size < JL_PATH_MAX_BYTES
               ? JL_OK
               : jl_fault_at(err, JL_LIMIT, JL_FAULT_PATH_LONG, "%s" JL_AND "%d", path,
                             JL_PATH_MAX_BYTES - 1);
}

/* Read after the books were copied, so that it is not behind them. */
static enum jl_rc copy_log(struct jl_district *district, const char *to, struct jl_err *err) {
    enum jl_rc rc = jl_district_begin(district, false, NULL, err);
    if (rc == JL_OK) {
        rc = jl_admit_copy(district, to, err);
        jl_store_rollback(district->books->store);
    }
    return rc;
}

/* A log that can't be read is reported before anything is copied. */
static enum jl_rc check_log(struct jl_district *district, const char *to, struct jl_err *err) {
    JL_AUTO(jl_admissions) log = {0};
    if (jl_file_exists(to)) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_FILE_EXISTS, "%s", to);
    }
    enum jl_rc rc = jl_district_begin(district, false, NULL, err);
    if (rc == JL_OK) {
        rc = jl_admit_load(district, &log, err);
        jl_store_rollback(district->books->store);
    }
    return rc;
}

enum jl_rc jl_backup_keep(struct jl_district *district, const char *path, struct jl_err *err) {
    char to[JL_PATH_MAX_BYTES];
    enum jl_rc rc = log_name(path, to, err);
    if (rc == JL_OK) {
        rc = jl_district_begin(district, true, NULL, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_admit_add_place(district, to, err);
    if (rc != JL_OK) {
        jl_district_rollback(district);
        return rc;
    }
    return jl_district_commit(district, err);
}

/* ---- Backup ---- */

enum jl_rc jl_backup_write(struct jl_district *district, const char *path, struct jl_err *err) {
    char log[JL_PATH_MAX_BYTES];
    char to[JL_PATH_MAX_BYTES];
    struct jl_buf keys = {0};
    int size = snprintf(to, sizeof to, "%s.keys", path);
    if (size < 0 || (size_t)size >= sizeof to) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_PATH_LONG, "%s" JL_AND "%d", path,
                           JL_PATH_MAX_BYTES - 1);
    }
    if (jl_file_exists(path) || jl_file_exists(to)) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_BACKUP_EXISTS, "%s" JL_AND "%s", path, to);
    }
    enum jl_rc rc = log_name(path, log, err);
    if (rc == JL_OK) {
        rc = check_log(district, log, err);
    }
    if (rc == JL_OK) {
        rc = read_own_keys(district, &keys, err);
    }
    if (rc == JL_OK) {
        rc = jl_upkeep_backup(district->books->store, path, err);
    }
    if (rc == JL_OK) {
        rc = jl_file_write(to, jl_buf_bytes(&keys), 0600, false, err);
    }
    jl_buf_wipe(&keys);
    return rc == JL_OK ? copy_log(district, log, err) : rc;
}

/* ---- Restore ---- */

static enum jl_rc read_keys(const char *path, struct jl_buf *out, struct jl_err *err) {
    char from[JL_PATH_MAX_BYTES];
    int size = snprintf(from, sizeof from, "%s.keys", path);
    if (size < 0 || (size_t)size >= sizeof from) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_PATH_LONG, "%s" JL_AND "%d", path,
                           JL_PATH_MAX_BYTES - 1);
    }
    enum jl_rc rc = jl_file_read(from, JL_KEYS_FILE_MAX_BYTES, out, err);
    return rc == JL_NOT_FOUND ? jl_fault_wrap(err, JL_FAULT_BACKUP_TWO_FILES, "%s", "") : rc;
}

static enum jl_rc open_keys(const char *path, struct jl_bytes passphrase, struct jl_buf *out_text,
                            struct jl_keys *out_keys, struct jl_err *err) {
    enum jl_rc rc = read_keys(path, out_text, err);
    if (rc == JL_OK) {
        rc = jl_keys_decode(jl_buf_bytes(out_text), passphrase, out_keys, err);
        rc = rc == JL_OK ? rc : jl_fault_wrap(err, JL_FAULT_AT, "%s.keys", path);
    }
    return rc;
}

static enum jl_rc check_keys(const char *path, const struct jl_keys *keys, struct jl_err *err) {
    bool held = false;
    enum jl_rc rc = jl_books_check_keys_of(path, JL_SIDE_DISTRICT, keys, &held, err);
    return rc == JL_DENIED ? jl_fault_at(err, JL_DENIED, JL_FAULT_BACKUP_OTHER_KEYS, "%s", path)
                           : rc;
}

enum jl_rc jl_backup_check(const char *path, struct jl_bytes passphrase, struct jl_err *err) {
    struct jl_buf text = {0};
    struct jl_keys keys = {0};
    enum jl_rc rc = open_keys(path, passphrase, &text, &keys, err);
    if (rc == JL_OK) {
        rc = check_keys(path, &keys, err);
    }
    jl_keys_fini(&keys);
    jl_buf_wipe(&text);
    return rc;
}

/* A backup is opened by the store and copied by the same API, never by copying files. */
static enum jl_rc copy_books(const char *folder, const char *path, struct jl_err *err) {
    char to[JL_PATH_MAX_BYTES];
    struct jl_store_options options = {.mode = JL_STORE_READ,
                                       .application_id = JL_STORE_DISTRICT_ID};
    JL_AUTO_PTR(jl_store) store = NULL;
    enum jl_rc rc = jl_path_join(folder, "jielian.db", to, sizeof to, err);
    if (rc == JL_OK) {
        rc = jl_store_open(path, &options, &store, err);
    }
    return rc == JL_OK ? jl_upkeep_backup(store, to, err) : rc;
}

/* What a restore that was cut off left behind. */
static enum jl_rc clear(const char *staged, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    enum jl_rc rc = jl_path_join(staged, "jielian.db", path, sizeof path, err);
    if (rc == JL_OK) {
        rc = jl_store_remove(path, err);
    }
    if (rc == JL_OK) {
        rc = jl_path_join(staged, "keys", path, sizeof path, err);
    }
    if (rc == JL_OK) {
        rc = jl_file_remove(path, err);
    }
    if (rc == JL_OK) {
        rc = jl_path_join(staged, "admissions", path, sizeof path, err);
    }
    return rc == JL_OK ? jl_file_remove(path, err) : rc;
}

static enum jl_rc last_received(void *context, const struct jl_journal_entry *entry,
                                struct jl_err *err) {
    (void)err;
    *(int64_t *)context = entry->at_ms;
    return JL_OK;
}

/* What the lost books had proven says nothing of these. */
static enum jl_rc forget_proofs(struct jl_district *district, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < district->device_count; i++) {
        district->devices[i].proven_ms = 0;
        rc = jl_devices_put(district->books->store, &district->devices[i], err);
    }
    return rc;
}

/* A new epoch: devices offer again what they once sent and this backup lacks. known: a log of
 * admissions was found. */
static enum jl_rc renew(struct jl_district *district, bool known, const char *backup,
                        struct jl_err *err) {
    struct jl_restored *restored = &district->restored;
    enum jl_rc rc = jl_district_begin(district, true, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    *restored = (struct jl_restored){.at_ms = district->clock.wall_ms(district->clock.context),
                                     .journal_seq = district->state.journal_seq};
    if (restored->journal_seq > 0) {
        rc = jl_journal_entry_read(district->books->store, restored->journal_seq, 1, last_received,
                                   &restored->last_ms, err);
    }
    if (rc == JL_OK) {
        rc = jl_restored_save(district, err);
    }
    if (rc == JL_OK) {
        rc = jl_random(district->state.epoch, sizeof district->state.epoch, err);
    }
    if (rc == JL_OK) {
        rc = jl_readmit(district, known, backup, err);
    }
    if (rc == JL_OK) {
        rc = forget_proofs(district, err);
    }
    if (rc == JL_OK) {
        rc = jl_release_open(district, err);
    }
    if (rc != JL_OK) {
        jl_district_rollback(district);
        return rc;
    }
    return jl_district_commit(district, err);
}

/* Opened by the backup's own keys, whatever credential the service was given. */
static enum jl_rc make_staged(const char *staged, const char *folder, const char *path,
                              struct jl_bytes keys, const struct jl_keys *opened, jl_judge_fn judge,
                              struct jl_err *err) {
    bool known = false;
    char to[JL_PATH_MAX_BYTES];
    const struct jl_district_options options = {
        .mode = JL_STORE_WRITE, .keys = opened, .clock = jl_clock_system(), .judge = judge};
    JL_AUTO_PTR(jl_district) district = NULL;
    enum jl_rc rc = jl_file_make_folder(staged, err);
    if (rc == JL_OK) {
        rc = clear(staged, err);
    }
    if (rc == JL_OK) {
        rc = jl_readmit_stage(staged, folder, path, opened, &known, err);
    }
    if (rc == JL_OK) {
        rc = copy_books(staged, path, err);
    }
    if (rc == JL_OK) {
        rc = jl_path_join(staged, "keys", to, sizeof to, err);
    }
    if (rc == JL_OK) {
        rc = jl_file_write(to, keys, 0600, false, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_open(staged, &options, &district, err);
    }
    if (rc == JL_OK) { /* an older backup was migrated: the copy from before is the backup itself */
        rc = jl_migrate_forget(district->books->store, err);
    }
    return rc == JL_OK ? renew(district, known, path, err) : rc;
}

static enum jl_rc move_in(const char *staged, const char *folder, const char *name,
                          struct jl_err *err) {
    char from[JL_PATH_MAX_BYTES];
    char to[JL_PATH_MAX_BYTES];
    enum jl_rc rc = jl_path_join(staged, name, from, sizeof from, err);
    if (rc == JL_OK) {
        rc = jl_path_join(folder, name, to, sizeof to, err);
    }
    return rc == JL_OK ? jl_file_move(from, to, err) : rc;
}

/* Nobody's data may be in the way; the same keys are what a restore left that was cut off. */
static enum jl_rc check_empty(const char *folder, struct jl_bytes keys, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    struct jl_buf there = {0};
    enum jl_rc rc = jl_path_join(folder, "jielian.db", path, sizeof path, err);
    if (rc == JL_OK && jl_file_exists(path)) {
        rc = jl_fault_at(err, JL_CONFLICT, JL_FAULT_RESTORE_NOT_EMPTY, "%s", folder);
    }
    if (rc == JL_OK) {
        rc = jl_path_join(folder, "keys", path, sizeof path, err);
    }
    if (rc == JL_OK && jl_file_exists(path)) {
        rc = jl_file_read(path, JL_KEYS_FILE_MAX_BYTES, &there, err);
        if (rc == JL_OK && !jl_bytes_equal(jl_buf_bytes(&there), keys)) {
            rc = jl_fault_at(err, JL_CONFLICT, JL_FAULT_RESTORE_KEYS_HERE, "%s", path);
        }
    }
    jl_buf_wipe(&there);
    return rc;
}

static enum jl_rc restore(const char *folder, const char *path, struct jl_bytes keys,
                          const struct jl_keys *opened, jl_judge_fn judge, struct jl_err *err) {
    char staged[JL_PATH_MAX_BYTES];
    enum jl_rc rc = jl_file_make_folder(folder, err);
    if (rc == JL_OK) {
        rc = check_empty(folder, keys, err);
    }
    if (rc == JL_OK) {
        rc = check_keys(path, opened, err);
    }
    if (rc == JL_OK) {
        rc = jl_path_join(folder, "restoring", staged, sizeof staged, err);
    }
    if (rc == JL_OK) {
        rc = make_staged(staged, folder, path, keys, opened, judge, err);
        if (rc != JL_OK) {
            struct jl_err ignored; /* what went wrong first is what counts */
            (void)!(clear(staged, &ignored) == JL_OK &&
                    jl_file_drop_folder(staged, &ignored) == JL_OK);
            return rc;
        }
    }
    if (rc == JL_OK) {
        rc = move_in(staged, folder, "keys", err);
    }
    if (rc == JL_OK) {
        rc = move_in(staged, folder, "admissions", err);
    }
    if (rc == JL_OK) {
        rc = move_in(staged, folder, "jielian.db", err);
    }
    return rc == JL_OK ? jl_file_drop_folder(staged, err) : rc;
}

enum jl_rc jl_backup_restore(const char *folder, const char *path, struct jl_bytes passphrase,
                             jl_judge_fn judge, struct jl_err *err) {
    struct jl_buf text = {0};
    struct jl_keys keys = {0};
    enum jl_rc rc = open_keys(path, passphrase, &text, &keys, err);
    if (rc == JL_OK) {
        rc = restore(folder, path, jl_buf_bytes(&text), &keys, judge, err);
    }
    jl_keys_fini(&keys);
    jl_buf_wipe(&text);
    return rc;
}
