/* The admission log of a district: kept in step with its books, and with its backups.
 *
 *   DIR/admissions          what the tables say and the log does not is put behind it, in the
 *                           transaction that changes them, before it commits
 *   FILE.admissions         of the last JL_PLACES_MAX backups (meta `places`, one path a line):
 * after the commit each gets what it lacks, if it is there and ours. One that can't be reached is
 * no error: the next event brings it up to date meta `admissions`       u64be: newest event when
 * the books were last committed meta `served`           epoch(16): since the restore of this epoch
 * a device was in session
 *
 * A restored folder leaves the backups' logs alone until it has met a device: a restore that is
 * only an exercise changes nothing of what the district in service keeps there. */
#include "admit.h"
#include "admissions.h"
#include "district.h"

#include "jielian/base/arena.h"
#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/file.h"
#include "jielian/base/limits.h"
#include "jielian/base/path.h"
#include "jielian/base/reader.h"
#include "jielian/books/meta.h"
#include "jielian/crypto/keys.h"
#include "jielian/crypto/sealer.h"
#include "jielian/store/devices.h"
#include "jielian/store/store.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES_MAX_BYTES = JL_PLACES_MAX * (JL_PATH_MAX_BYTES + 1) };

static const char file_name[] = "admissions";

static int64_t now_ms(const struct jl_district *district) {
    return district->clock.wall_ms(district->clock.context);
}

/* ---- Reading ---- */

enum jl_rc jl_admit_read(const char *path, struct jl_sealer *sealer, const struct jl_keys *keys,
                         struct jl_admissions *log, struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc = jl_file_read(path, JL_ADMISSIONS_MAX_BYTES, &text, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_admissions_decode(jl_buf_bytes(&text), sealer, keys, log, err);
    if (rc == JL_CORRUPT) {
        return jl_fault_wrap(err, JL_FAULT_ADMISSIONS_UNREADABLE, "%s", path);
    }
    return rc == JL_OK ? JL_OK : jl_fault_wrap(err, JL_FAULT_AT, "%s", path);
}

/* *out_found false: there is none, and the log is empty. */
static enum jl_rc read_own(const struct jl_district *district, struct jl_admissions *log,
                           bool *out_found, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    enum jl_rc rc = jl_path_join(district->folder, file_name, path, sizeof path, err);
    if (rc == JL_OK) {
        rc = jl_admit_read(path, district->books->sealer, &district->keys, log, err);
    }
    *out_found = rc == JL_OK;
    return rc == JL_NOT_FOUND ? JL_OK : rc;
}

/* ---- What the books say and the log does not ---- */

struct diff {
    struct jl_admissions *log; /* the events are taken into it, too */
    struct jl_admission_event *events;
    size_t count, capacity;
    int64_t at_ms;
    uint64_t next; /* number of the next event */
};

static enum jl_rc add_event(struct diff *diff, const struct jl_admission_event *event,
                            struct jl_err *err) {
    if (diff->count == diff->capacity) {
        size_t capacity = diff->capacity * 2 + 16;
        struct jl_admission_event *more = realloc(diff->events, capacity * sizeof *more);
        if (more == NULL) {
            return jl_fault_memory(err);
        }
        diff->events = more;
        diff->capacity = capacity;
    }
    struct jl_admission_event *added = &diff->events[diff->count++];
    *added = *event;
    added->event = diff->next++;
    added->at_ms = diff->at_ms;
    return jl_admissions_take(diff->log, added, err);
}

static enum jl_rc diff_offices(struct diff *diff, const struct jl_district *district,
                               struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < district->office_count; i++) {
        const struct jl_office_entry *office = &district->offices[i];
        const struct jl_given_office *given = jl_admissions_office(diff->log, office->number);
        struct jl_admission_event event = {.kind = JL_ADMISSION_OFFICE, .number = office->number};
        if (office->number == 0 || office->number >= JL_OFFICES_MAX ||
            (given != NULL && strcmp(given->code, office->code) == 0 &&
             strcmp(given->name, office->name) == 0)) {
            continue;
        }
        memcpy(event.code, office->code, sizeof event.code);
        memcpy(event.name, office->name, sizeof event.name);
        rc = add_event(diff, &event, err);
    }
    return rc;
}

static enum jl_rc diff_devices(struct diff *diff, const struct jl_district *district,
                               struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < district->device_count; i++) {
        const struct jl_device *device = &district->devices[i];
        const struct jl_given_device *given = jl_admissions_device(diff->log, device->number);
        if (given == NULL || memcmp(given->is.curve_public, device->curve_public, 32) != 0) {
            struct jl_admission_event event = {.kind = JL_ADMISSION_DEVICE,
                                               .number = device->number,
                                               .office = device->office,
                                               .suite = device->suite,
                                               .sign_public_bytes = device->sign_public_bytes};
            memcpy(event.curve_public, device->curve_public, 32);
            memcpy(event.sign_public, device->sign_public, sizeof event.sign_public);
            memcpy(event.name, device->name, sizeof device->name);
            rc = add_event(diff, &event, err);
            given = rc == JL_OK ? jl_admissions_device(diff->log, device->number) : NULL;
        }
        /* A log that says revoked is believed for good: there is nothing to add. */
        if (rc == JL_OK && given->is.state != device->state &&
            given->is.state != JL_DEVICE_REVOKED) {
            rc = add_event(diff,
                           &(struct jl_admission_event){.kind = JL_ADMISSION_STATE,
                                                        .number = device->number,
                                                        .state = device->state},
                           err);
        }
    }
    return rc;
}

static enum jl_rc diff_invitations(struct diff *diff, struct jl_district *district,
                                   struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_invitation *list = NULL;
    size_t count = 0;
    enum jl_rc rc = jl_devices_invitations(district->books->store, &arena, &list, &count, err);
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        const struct jl_given_invitation *given =
            jl_admissions_invitation(diff->log, list[i].number);
        if (given == NULL || memcmp(given->is.curve_public, list[i].curve_public, 32) != 0) {
            struct jl_admission_event event = {.kind = JL_ADMISSION_INVITATION,
                                               .number = list[i].number,
                                               .office = list[i].office,
                                               .expires_ms = list[i].expires_ms};
            memcpy(event.curve_public, list[i].curve_public, 32);
            rc = add_event(diff, &event, err);
            given = rc == JL_OK ? jl_admissions_invitation(diff->log, list[i].number) : NULL;
        }
        if (rc == JL_OK && list[i].used_ms != 0 &&
            (given->used_event == 0 || given->is.device != list[i].device)) {
            rc = add_event(diff,
                           &(struct jl_admission_event){.kind = JL_ADMISSION_USED,
                                                        .number = list[i].number,
                                                        .device = list[i].device},
                           err);
        }
    }
    return rc;
}

static enum jl_rc compare(struct diff *diff, struct jl_district *district, struct jl_err *err) {
    enum jl_rc rc = diff_offices(diff, district, err);
    if (rc == JL_OK) {
        rc = diff_devices(diff, district, err);
    }
    return rc == JL_OK ? diff_invitations(diff, district, err) : rc;
}

enum jl_rc jl_admit_load(struct jl_district *district, struct jl_admissions *log,
                         struct jl_err *err) {
    bool found = false;
    enum jl_rc rc = read_own(district, log, &found, err);
    if (rc != JL_OK) {
        return rc;
    }
    struct diff diff = {.log = log, .at_ms = now_ms(district), .next = log->last + 1};
    rc = compare(&diff, district, err);
    free(diff.events);
    return rc;
}

/* ---- Writing ---- */

/* Behind a log that was read; or all of it into a new file. */
static enum jl_rc write_events(const char *path, struct jl_sealer *sealer,
                               const struct jl_keys *keys, size_t whole_bytes,
                               uint8_t tag[static JL_TAG_BYTES], bool is_new,
                               const struct jl_admission_event *events, size_t count,
                               struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    enum jl_rc rc =
        jl_admissions_encode(events, count, whole_bytes == 0, sealer, keys, tag, &text, err);
    if (rc == JL_OK && text.size > JL_ADMISSIONS_MAX_BYTES - whole_bytes) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_ADMISSIONS_FULL, "%s" JL_AND "%d", path,
                           (int)JL_ADMISSIONS_MAX_BYTES);
    }
    if (rc != JL_OK) {
        return rc;
    }
    return is_new ? jl_file_write(path, jl_buf_bytes(&text), 0600, false, err)
                  : jl_file_append(path, whole_bytes, jl_buf_bytes(&text), err);
}

enum jl_rc jl_admit_write(const char *path, struct jl_sealer *sealer, const struct jl_keys *keys,
                          const struct jl_admissions *log, struct jl_err *err) {
    struct jl_admission_event *events = NULL;
    size_t count = 0;
    uint8_t tag[JL_TAG_BYTES];
    enum jl_rc rc = jl_admissions_list(log, 0, &events, &count, err);
    if (rc == JL_OK) {
        rc = write_events(path, sealer, keys, 0, tag, true, events, count, err);
    }
    free(events);
    return rc;
}

/* As it is, and no correction of its own: an event has the same number in every log, or a later one
 * would be taken for known. Without a log: what the next command will write. */
enum jl_rc jl_admit_copy(struct jl_district *district, const char *to, struct jl_err *err) {
    JL_AUTO(jl_admissions) log = {0};
    bool found = false;
    enum jl_rc rc = read_own(district, &log, &found, err);
    struct diff diff = {.log = &log, .at_ms = now_ms(district), .next = log.last + 1};
    if (rc == JL_OK && !found) {
        rc = compare(&diff, district, err);
    }
    free(diff.events);
    return rc == JL_OK ? jl_admit_write(to, district->books->sealer, &district->keys, &log, err)
                       : rc;
}

static enum jl_rc put_last(struct jl_district *district, uint64_t last, struct jl_err *err) {
    JL_AUTO(jl_buf) bytes = {0};
    enum jl_rc rc = jl_buf_put_u64be(&bytes, last, err);
    return rc == JL_OK
               ? jl_store_meta_put(district->books->store, file_name, jl_buf_bytes(&bytes), err)
               : rc;
}

enum jl_rc jl_admit_last(struct jl_district *district, uint64_t *out_last, struct jl_err *err) {
    uint8_t bytes[8] = {0};
    struct jl_reader reader = {.rest = jl_bytes(bytes, sizeof bytes)};
    enum jl_rc rc = jl_meta_get_bytes(district->books->store, file_name, bytes, sizeof bytes, err);
    return rc == JL_OK || rc == JL_NOT_FOUND ? jl_reader_u64be(&reader, out_last, err) : rc;
}

/* floors NULL: nothing but what the books say. */
static enum jl_rc note(struct jl_district *district, const uint32_t *floors, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    JL_AUTO(jl_admissions) log = {0};
    bool found = false;
    enum jl_rc rc = jl_path_join(district->folder, file_name, path, sizeof path, err);
    if (rc == JL_OK) {
        rc = read_own(district, &log, &found, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    struct diff diff = {.log = &log, .at_ms = now_ms(district), .next = log.last + 1};
    if (floors != NULL) {
        struct jl_admission_event restored = {.kind = JL_ADMISSION_RESTORED};
        memcpy(restored.floors, floors, sizeof restored.floors);
        diff.next = (log.last / JL_ADMISSION_GAP_EVENTS + 1) * JL_ADMISSION_GAP_EVENTS;
        rc = add_event(&diff, &restored, err);
    }
    if (rc == JL_OK) {
        rc = compare(&diff, district, err);
    }
    if (rc == JL_OK && (diff.count > 0 || !found)) {
        rc = write_events(path, district->books->sealer, &district->keys, log.whole_bytes, log.tag,
                          !found, diff.events, diff.count, err);
    }
    if (rc == JL_OK && (diff.count > 0 || !found)) {
        rc = put_last(district, log.last, err);
        district->admissions_moved = true;
    }
    free(diff.events);
    return rc;
}

enum jl_rc jl_admit_note(struct jl_district *district, struct jl_err *err) {
    return note(district, NULL, err);
}

enum jl_rc jl_admit_restored(struct jl_district *district,
                             const uint32_t floors[static JL_NUMBERED], struct jl_err *err) {
    return note(district, floors, err);
}

/* ---- Beside backups ---- */

enum jl_rc jl_admit_load_places(struct jl_district *district, struct jl_err *err) {
    JL_AUTO(jl_buf) text = {0};
    district->place_count = 0;
    enum jl_rc rc = jl_store_meta_get(district->books->store, "places", &text, err);
    if (rc != JL_OK) {
        return rc == JL_NOT_FOUND ? JL_OK : rc;
    }
    struct jl_bytes rest = jl_buf_bytes(&text);
    while (rest.size > 0 && district->place_count < JL_PLACES_MAX) {
        const uint8_t *end = memchr(rest.data, '\n', rest.size);
        size_t size = end != NULL ? (size_t)(end - rest.data) : rest.size;
        if (end == NULL || size == 0 || size >= sizeof *district->places) {
            return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BOOKS_DAMAGED, "%s",
                               "the list of the last backups can't be read");
        }
        memcpy(district->places[district->place_count], rest.data, size);
        district->places[district->place_count++][size] = '\0';
        rest = jl_bytes(end + 1, rest.size - size - 1);
    }
    return JL_OK;
}

enum jl_rc jl_admit_add_place(struct jl_district *district, const char *path, struct jl_err *err) {
    char whole[PATH_MAX];
    JL_AUTO(jl_buf) text = {0};
    if (realpath(path, whole) == NULL) {
        return jl_fault_system(err, JL_NOT_FOUND, JL_FAULT_FILE_LOOK, errno, "%s", path);
    }
    if (strlen(whole) >= JL_PATH_MAX_BYTES || strchr(whole, '\n') != NULL) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_PATH_LONG, "%s" JL_AND "%d", whole,
                           JL_PATH_MAX_BYTES - 1);
    }
    enum jl_rc rc = jl_buf_printf(&text, err, "%s\n", whole);
    size_t kept = 1;
    for (size_t i = 0; rc == JL_OK && i < district->place_count && kept < JL_PLACES_MAX; i++) {
        if (strcmp(district->places[i], whole) != 0) {
            rc = jl_buf_printf(&text, err, "%s\n", district->places[i]);
            kept++;
        }
    }
    JL_ASSERT(text.size <= PLACES_MAX_BYTES);
    if (rc == JL_OK) {
        rc = jl_store_meta_put(district->books->store, "places", jl_buf_bytes(&text), err);
    }
    district->admissions_moved = true;
    return rc == JL_OK ? jl_admit_load_places(district, err) : rc;
}

enum jl_rc jl_admit_serve(struct jl_district *district, struct jl_err *err) {
    uint8_t epoch[16];
    if (district->restored.at_ms == 0) {
        return JL_OK;
    }
    enum jl_rc rc = jl_meta_get_bytes(district->books->store, "served", epoch, sizeof epoch, err);
    if (rc == JL_OK && memcmp(epoch, district->state.epoch, sizeof epoch) == 0) {
        return JL_OK;
    }
    if (rc != JL_OK && rc != JL_NOT_FOUND) {
        return rc;
    }
    district->admissions_moved = true;
    return jl_store_meta_put(district->books->store, "served",
                             jl_bytes(district->state.epoch, sizeof epoch), err);
}

static bool in_service(struct jl_district *district) {
    uint8_t epoch[16];
    struct jl_err ignored; /* not known: the next event asks again */
    return district->restored.at_ms == 0 ||
           (jl_meta_get_bytes(district->books->store, "served", epoch, sizeof epoch, &ignored) ==
                JL_OK &&
            memcmp(epoch, district->state.epoch, sizeof epoch) == 0);
}

static enum jl_rc bring_up(struct jl_district *district, const struct jl_admissions *log,
                           const char *place, struct jl_err *err) {
    JL_AUTO(jl_admissions) there = {0};
    struct jl_admission_event *events = NULL;
    size_t count = 0;
    struct jl_sealer *sealer = district->books->sealer;
    const struct jl_keys *keys = &district->keys;
    enum jl_rc rc = jl_admit_read(place, sealer, keys, &there, err);
    if (rc == JL_OK) {
        rc = jl_admissions_list(log, there.last, &events, &count, err);
    }
    if (rc == JL_OK && count > 0) {
        rc = write_events(place, sealer, keys, there.whole_bytes, there.tag, false, events, count,
                          err);
    }
    free(events);
    return rc;
}

/* One at a time: two that bring up the same file would both put the same lines there. Who finds
 * another at it leaves it to that one, which looks once more when it is done. */
void jl_admit_mirror(struct jl_district *district) {
    enum { ROUNDS_MAX = 4 };
    char path[JL_PATH_MAX_BYTES];
    struct jl_err ignored; /* shown by `status`, which reads those files */
    struct jl_file_lock lock = {.fd = -1};
    uint64_t done = 0;
    district->admissions_moved = false;
    if (district->place_count == 0 || !in_service(district) ||
        jl_path_join(district->folder, file_name, path, sizeof path, &ignored) != JL_OK ||
        jl_file_lock(path, &lock, &ignored) != JL_OK) {
        return;
    }
    for (int round = 0; round < ROUNDS_MAX; round++) {
        JL_AUTO(jl_admissions) log = {0};
        bool found = false;
        if (read_own(district, &log, &found, &ignored) != JL_OK || !found || log.last == done) {
            break;
        }
        for (size_t i = 0; i < district->place_count; i++) {
            (void)!bring_up(district, &log, district->places[i], &ignored);
        }
        done = log.last;
    }
    jl_file_unlock(&lock);
}

enum jl_rc jl_admit_place(struct jl_district *district, size_t index, int64_t *out_until_ms,
                          struct jl_err *err) {
    JL_AUTO(jl_admissions) there = {0};
    JL_ASSERT(index < district->place_count);
    enum jl_rc rc = jl_admit_read(district->places[index], district->books->sealer, &district->keys,
                                  &there, err);
    *out_until_ms = rc == JL_OK ? there.last_ms : 0;
    return rc == JL_NOMEM ? rc : JL_OK; /* whatever else is wrong: it does not serve a restore */
}
