/* After a restore: what the admission log knows and the restored books do not.
 *
 *   log of the backup ∪ log in the folder    one history, or two branches of one
 *   offices given out since     made again, with number, code and name: the district's own ops
 *   devices enrolled since      known again, so that their work arrives
 *   states, used invitations    as the log says; revoked stays revoked
 *   no log, or an older one     every PC locked (suspended), unused invitations void, until an
 *                               operator confirms
 *   accounts                    locked, with or without a log: accounts.c
 *   numbers                     go on behind the highest of both, and a gap
 *
 * meta `locked`       numbers of the PCs that wait for that, u32be each
 * meta `readmitted`: known offices devices revoked locked voided until_ms, u64be each. */
#include "readmit.h"
#include "accounts.h"
#include "admissions.h"
#include "admit.h"
#include "district.h"
#include "offices.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/path.h"
#include "jielian/base/reader.h"
#include "jielian/books/meta.h"
#include "jielian/crypto/keys.h"
#include "jielian/crypto/sealer.h"
#include "jielian/store/devices.h"
#include "jielian/store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READMITTED_NUMBERS = 7 };

static const char meta_name[] = "readmitted";

static int64_t now_ms(const struct jl_district *district) {
    return district->clock.wall_ms(district->clock.context);
}

/* ---- The logs ---- */

static enum jl_rc add_log(const char *path, const struct jl_keys *keys, struct jl_sealer *sealer,
                          struct jl_admissions *log, bool *found, struct jl_err *err) {
    JL_AUTO(jl_admissions) one = {0};
    struct jl_admission_event *events = NULL;
    size_t count = 0;
    enum jl_rc rc = jl_admit_read(path, sealer, keys, &one, err);
    if (rc == JL_NOT_FOUND) {
        return JL_OK;
    }
    if (rc == JL_OK && one.whole_bytes == 0) {
        return JL_OK; /* cut off in its first line: as if it were not there */
    }
    if (rc == JL_OK) {
        rc = jl_admissions_list(&one, 0, &events, &count, err);
    }
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = jl_admissions_take(log, &events[i], err);
    }
    free(events);
    *found = *found || rc == JL_OK;
    return rc;
}

enum jl_rc jl_readmit_stage(const char *staged, const char *folder, const char *backup,
                            const struct jl_keys *keys, bool *out_found, struct jl_err *err) {
    char paths[2][JL_PATH_MAX_BYTES];
    char to[JL_PATH_MAX_BYTES];
    JL_AUTO(jl_admissions) log = {0};
    JL_AUTO_PTR(jl_sealer) sealer = NULL;
    *out_found = false;
    int size = snprintf(paths[0], sizeof paths[0], "%s.admissions", backup);
    if (size < 0 || (size_t)size >= sizeof paths[0]) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_PATH_LONG, "%s" JL_AND "%d", backup,
                           JL_PATH_MAX_BYTES - 1);
    }
    enum jl_rc rc = jl_path_join(folder, "admissions", paths[1], sizeof paths[1], err);
    if (rc == JL_OK) {
        rc = jl_path_join(staged, "admissions", to, sizeof to, err);
    }
    if (rc == JL_OK) {
        rc = jl_sealer_new(keys->suite, &keys->data, &sealer, err);
    }
    for (size_t i = 0; rc == JL_OK && i < 2; i++) {
        rc = add_log(paths[i], keys, sealer, &log, out_found, err);
    }
    return rc == JL_OK && *out_found ? jl_admit_write(to, sealer, keys, &log, err) : rc;
}

/* ---- Offices ---- */

/* Living: nothing to do. Deleted: it was taken away before the backup, and stays so. */
static enum jl_rc is_free(struct jl_district *district, const struct jl_given_office *office,
                          bool *out_free, struct jl_err *err) {
    const struct jl_given_office *given = office;
    *out_free = false;
    if (jl_roster_office(district, given->number) != NULL ||
        jl_roster_office_coded(district, given->code) != NULL) {
        return JL_OK;
    }
    bool deleted = false;
    enum jl_rc rc = jl_offices_was(district, given->number, &deleted, err);
    *out_free = rc == JL_OK && !deleted;
    return rc;
}

static enum jl_rc make_offices(struct jl_district *district, const struct jl_admissions *log,
                               struct jl_readmitted *done, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < log->office_count; i++) {
        const struct jl_given_office *office = jl_admissions_office(log, log->offices[i].number);
        bool is_one = false;
        if (office != &log->offices[i] ||
            jl_admissions_coded(log, office->code)->number != office->number) {
            continue; /* a code that it had before, or a number that the code had */
        }
        rc = is_free(district, office, &is_one, err);
        if (rc == JL_OK && is_one) {
            rc = jl_offices_make(district, office->number, office->code, office->name, err);
            done->offices++;
        }
    }
    return rc;
}

/* ---- Devices ---- */

static enum jl_rc add_device(struct jl_district *district, const struct jl_given_device *given,
                             struct jl_err *err) {
    struct jl_device device = given->is;
    device.last_seen_ms = given->at_ms; /* heard when it was enrolled, so it is missed now */
    return jl_devices_put(district->books->store, &device, err);
}

/* The state of one that the books have: the log is newer, and never gives a revoked one back. */
static enum jl_rc take_state(struct jl_district *district, struct jl_device *device,
                             const struct jl_given_device *given, struct jl_readmitted *done,
                             struct jl_err *err) {
    if (given->state_event == 0 || device->state == given->is.state ||
        device->state == JL_DEVICE_REVOKED) {
        return JL_OK;
    }
    done->revoked += given->is.state == JL_DEVICE_REVOKED;
    device->state = given->is.state;
    return jl_devices_put(district->books->store, device, err);
}

static enum jl_rc take_devices(struct jl_district *district, const struct jl_admissions *log,
                               struct jl_readmitted *done, struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < log->device_count; i++) {
        const struct jl_given_device *given = &log->devices[i];
        struct jl_device *device = jl_roster_device_to_change(district, given->is.number);
        if (given != jl_admissions_keyed(log, given->is.curve_public)) {
            continue; /* a number that was given to this PC and not committed */
        }
        if (device == NULL && jl_roster_device_keyed(district, given->is.curve_public) == NULL) {
            rc = add_device(district, given, err);
            done->devices++;
        } else if (device != NULL &&
                   memcmp(device->curve_public, given->is.curve_public, 32) == 0) {
            rc = take_state(district, device, given, done, err);
        }
    }
    return rc == JL_OK ? jl_roster_load(district, err) : rc;
}

static enum jl_rc lock_devices(struct jl_district *district, struct jl_readmitted *done,
                               struct jl_err *err) {
    JL_AUTO(jl_buf) locked = {0};
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < district->device_count; i++) {
        struct jl_device *device = &district->devices[i];
        if (device->state == JL_DEVICE_ACTIVE) {
            device->state = JL_DEVICE_SUSPENDED;
            done->locked++;
            rc = jl_devices_put(district->books->store, device, err);
            rc = rc == JL_OK ? jl_buf_put_u32be(&locked, device->number, err) : rc;
        }
    }
    return rc == JL_OK
               ? jl_store_meta_put(district->books->store, "locked", jl_buf_bytes(&locked), err)
               : rc;
}

enum jl_rc jl_readmit_unlock(struct jl_district *district, uint32_t number, bool *out_locked,
                             struct jl_err *err) {
    JL_AUTO(jl_buf) locked = {0};
    JL_AUTO(jl_buf) kept = {0};
    *out_locked = false;
    enum jl_rc rc = jl_store_meta_get(district->books->store, "locked", &locked, err);
    if (rc != JL_OK) {
        return rc == JL_NOT_FOUND ? JL_OK : rc;
    }
    struct jl_reader reader = {.rest = jl_buf_bytes(&locked)};
    while (rc == JL_OK && reader.rest.size > 0) {
        uint32_t each = 0;
        rc = jl_reader_u32be(&reader, &each, err);
        if (rc == JL_OK && each != number) {
            rc = jl_buf_put_u32be(&kept, each, err);
        }
    }
    *out_locked = rc == JL_OK && kept.size < locked.size;
    return *out_locked
               ? jl_store_meta_put(district->books->store, "locked", jl_buf_bytes(&kept), err)
               : rc;
}

/* ---- Invitations ---- */

static bool holds(const struct jl_invitation *list, size_t count, uint32_t number) {
    for (size_t i = 0; i < count; i++) {
        if (list[i].number == number) {
            return true;
        }
    }
    return false;
}

/* Those that the backup lacks, and those that were used since. */
static enum jl_rc take_invitations(struct jl_district *district, const struct jl_admissions *log,
                                   struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_invitation *list = NULL;
    size_t count = 0;
    enum jl_rc rc = jl_devices_invitations(district->books->store, &arena, &list, &count, err);
    for (size_t i = 0; rc == JL_OK && i < log->invitation_count; i++) {
        const struct jl_invitation *given = &log->invitations[i].is;
        if (given->used_ms != 0 || !holds(list, count, given->number)) {
            rc = jl_devices_put_invitation(district->books->store, given, err);
        }
    }
    return rc;
}

static enum jl_rc void_invitations(struct jl_district *district, struct jl_readmitted *done,
                                   struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_invitation *list = NULL;
    size_t count = 0;
    enum jl_rc rc = jl_devices_invitations(district->books->store, &arena, &list, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        if (list[i].used_ms == 0) {
            list[i].used_ms = now_ms(district);
            done->voided += list[i].expires_ms > list[i].used_ms;
            rc = jl_devices_put_invitation(district->books->store, &list[i], err);
        }
    }
    return rc;
}

/* ---- All of it ---- */

static enum jl_rc save_readmitted(struct jl_district *district, const struct jl_readmitted *done,
                                  struct jl_err *err) {
    const uint64_t numbers[READMITTED_NUMBERS] = {
        done->known,  done->offices, done->devices,           done->revoked,
        done->locked, done->voided,  (uint64_t)done->until_ms};
    JL_AUTO(jl_buf) bytes = {0};
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < READMITTED_NUMBERS; i++) {
        rc = jl_buf_put_u64be(&bytes, numbers[i], err);
    }
    return rc == JL_OK
               ? jl_store_meta_put(district->books->store, meta_name, jl_buf_bytes(&bytes), err)
               : rc;
}

enum jl_rc jl_readmit_result(struct jl_district *district, struct jl_readmitted *out_done,
                             struct jl_err *err) {
    uint8_t bytes[8 * READMITTED_NUMBERS] = {0};
    uint64_t numbers[READMITTED_NUMBERS] = {0};
    struct jl_reader reader = {.rest = jl_bytes(bytes, sizeof bytes)};
    enum jl_rc rc = jl_meta_get_bytes(district->books->store, meta_name, bytes, sizeof bytes, err);
    bool there = rc == JL_OK;
    rc = rc == JL_NOT_FOUND ? JL_OK : rc;
    for (size_t i = 0; rc == JL_OK && i < READMITTED_NUMBERS; i++) {
        rc = jl_reader_u64be(&reader, &numbers[i], err);
    }
    *out_done = (struct jl_readmitted){.there = there,
                                       .known = numbers[0] != 0,
                                       .offices = numbers[1],
                                       .devices = numbers[2],
                                       .revoked = numbers[3],
                                       .locked = numbers[4],
                                       .voided = numbers[5],
                                       .until_ms = (int64_t)numbers[6]};
    return rc;
}

static enum jl_rc set_floors(struct jl_district *district, const struct jl_admissions *log,
                             struct jl_err *err) {
    uint32_t floors[JL_NUMBERED];
    enum jl_rc rc = JL_OK;
    for (int what = 0; rc == JL_OK && what < JL_NUMBERED; what++) {
        uint32_t highest = 0;
        rc = jl_roster_highest(district, (enum jl_numbered)what, &highest, err);
        floors[what] = jl_admissions_floor((enum jl_numbered)what,
                                           jl_admissions_next(log, (enum jl_numbered)what, highest),
                                           district->state.epoch);
    }
    return rc == JL_OK ? jl_admit_restored(district, floors, err) : rc;
}

enum jl_rc jl_readmit(struct jl_district *district, bool found, const char *backup,
                      struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    JL_AUTO(jl_admissions) log = {0};
    struct jl_readmitted done = {.there = true};
    uint64_t last = 0;
    enum jl_rc rc = jl_path_join(district->folder, "admissions", path, sizeof path, err);
    if (rc == JL_OK) {
        rc = jl_admit_read(path, district->books->sealer, &district->keys, &log, err);
    }
    if (rc == JL_OK) {
        rc = jl_admit_last(district, &last, err);
    }
    /* A log that ends before the books do is not theirs to the end. */
    done.known = found && log.last >= last;
    done.until_ms = found ? log.last_ms : 0;
    if (rc == JL_OK) {
        rc = make_offices(district, &log, &done, err);
    }
    if (rc == JL_OK) {
        rc = take_devices(district, &log, &done, err);
    }
    if (rc == JL_OK) {
        rc = take_invitations(district, &log, err);
    }
    if (rc == JL_OK && !done.known) {
        rc = lock_devices(district, &done, err);
    }
    if (rc == JL_OK && !done.known) {
        rc = void_invitations(district, &done, err);
    }
    if (rc == JL_OK) {
        rc = jl_accounts_lock(district, err);
    }
    if (rc == JL_OK) {
        rc = set_floors(district, &log, err);
    }
    int size = snprintf(path, sizeof path, "%s.admissions", backup);
    if (rc == JL_OK && size > 0 && (size_t)size < sizeof path && jl_file_exists(path)) {
        rc = jl_admit_add_place(district, path, err);
        rc = rc == JL_NOT_FOUND || rc == JL_LIMIT ? JL_OK : rc; /* it gets no more events */
    }
    return rc == JL_OK ? save_readmitted(district, &done, err) : rc;
}
