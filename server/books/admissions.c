/* The admission log, folded. Arrays ascend by number (offices: by number, then code), so that a
 * lookup is a binary search and events in the order of a log go to the end. */
#include "admissions.h"

#include "jielian/base/fault.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* Offices are renamed now and then; each code that a number ever had takes a place. */
    OFFICES_KNOWN_MAX = 4 * JL_OFFICES_MAX,
    /* Each takes a line of at least 120 bytes. */
    INVITATIONS_KNOWN_MAX = JL_ADMISSIONS_MAX_BYTES / 120,
};

void jl_admissions_fini(struct jl_admissions *log) {
    free(log->offices);
    free(log->invitations);
    free(log->devices);
    *log = (struct jl_admissions){0};
}

/* ---- Places ---- */

/* Room for one more in a list of items of `size` bytes; NULL: no memory, or over `most`. */
static void *with_room(void *list, size_t count, size_t *capacity, size_t size, size_t most,
                       struct jl_err *err) {
    if (count < *capacity) {
        return list;
    }
    size_t more = *capacity * 2 + 16;
    if (count >= most) {
        (void)!jl_fault_at(err, JL_LIMIT, JL_FAULT_ADMISSIONS_MANY, "%zu", most);
        return NULL;
    }
    void *grown = realloc(list, more * size);
    if (grown == NULL) {
        (void)!jl_fault_memory(err);
        return NULL;
    }
    *capacity = more;
    return grown;
}

/* The first place whose number is not below; `size` bytes an item, its number at `offset`. */
static size_t place_of(const void *list, size_t count, size_t size, size_t offset,
                       uint32_t number) {
    size_t low = 0;
    for (size_t high = count; low < high;) {
        size_t middle = low + (high - low) / 2;
        uint32_t there = 0;
        memcpy(&there, (const uint8_t *)list + middle * size + offset, sizeof there);
        if (there < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static size_t office_place(const struct jl_admissions *log, uint32_t number) {
    return place_of(log->offices, log->office_count, sizeof *log->offices,
                    offsetof(struct jl_given_office, number), number);
}

static size_t invitation_place(const struct jl_admissions *log, uint32_t number) {
    return place_of(log->invitations, log->invitation_count, sizeof *log->invitations,
                    offsetof(struct jl_given_invitation, is.number), number);
}

static size_t device_place(const struct jl_admissions *log, uint32_t number) {
    return place_of(log->devices, log->device_count, sizeof *log->devices,
                    offsetof(struct jl_given_device, is.number), number);
}

static struct jl_given_invitation *invitation_of(const struct jl_admissions *log, uint32_t number) {
    size_t at = invitation_place(log, number);
    return at < log->invitation_count && log->invitations[at].is.number == number
               ? &log->invitations[at]
               : NULL;
}

static struct jl_given_device *device_of(const struct jl_admissions *log, uint32_t number) {
    size_t at = device_place(log, number);
    return at < log->device_count && log->devices[at].is.number == number ? &log->devices[at]
                                                                          : NULL;
}

/* ---- Taking events ---- */

static enum jl_rc take_office(struct jl_admissions *log, const struct jl_admission_event *event,
                              struct jl_err *err) {
    size_t at = office_place(log, event->number);
    while (at < log->office_count && log->offices[at].number == event->number &&
           strcmp(log->offices[at].code, event->code) < 0) {
        at++;
    }
    bool known = at < log->office_count && log->offices[at].number == event->number &&
                 strcmp(log->offices[at].code, event->code) == 0;
    if (known && log->offices[at].event >= event->event) {
        return JL_OK;
    }
    if (!known) {
        struct jl_given_office *list =
            with_room(log->offices, log->office_count, &log->office_capacity, sizeof *list,
                      OFFICES_KNOWN_MAX, err);
        if (list == NULL) {
            return err->rc;
        }
        log->offices = list;
        memmove(list + at + 1, list + at, (log->office_count - at) * sizeof *list);
        log->office_count++;
    }
    struct jl_given_office *office = &log->offices[at];
    *office = (struct jl_given_office){
        .number = event->number, .event = event->event, .at_ms = event->at_ms};
    memcpy(office->code, event->code, sizeof office->code);
    memcpy(office->name, event->name, sizeof office->name);
    return JL_OK;
}

static enum jl_rc take_invitation(struct jl_admissions *log, const struct jl_admission_event *event,
                                  struct jl_err *err) {
    struct jl_given_invitation *invitation = invitation_of(log, event->number);
    if (invitation != NULL && invitation->event >= event->event) {
        return JL_OK;
    }
    if (invitation == NULL) {
        size_t at = invitation_place(log, event->number);
        struct jl_given_invitation *list =
            with_room(log->invitations, log->invitation_count, &log->invitation_capacity,
                      sizeof *list, INVITATIONS_KNOWN_MAX, err);
        if (list == NULL) {
            return err->rc;
        }
        log->invitations = list;
        memmove(list + at + 1, list + at, (log->invitation_count - at) * sizeof *list);
        log->invitation_count++;
        invitation = &list[at];
    }
    *invitation = (struct jl_given_invitation){
        .is = {.number = event->number, .office = event->office, .expires_ms = event->expires_ms},
        .event = event->event,
        .at_ms = event->at_ms};
    memcpy(invitation->is.curve_public, event->curve_public, 32);
    return JL_OK;
}

static enum jl_rc take_device(struct jl_admissions *log, const struct jl_admission_event *event,
                              struct jl_err *err) {
    struct jl_given_device *device = device_of(log, event->number);
    bool same = device != NULL && memcmp(device->is.curve_public, event->curve_public, 32) == 0;
    if (device != NULL && (same || device->event >= event->event)) {
        return JL_OK; /* a device keeps its keys, office and name */
    }
    if (device == NULL) {
        size_t at = device_place(log, event->number);
        struct jl_given_device *list =
            with_room(log->devices, log->device_count, &log->device_capacity, sizeof *list,
                      JL_DEVICES_MAX, err);
        if (list == NULL) {
            return err->rc;
        }
        log->devices = list;
        memmove(list + at + 1, list + at, (log->device_count - at) * sizeof *list);
        log->device_count++;
        device = &list[at];
    }
    /* Should another PC have had the number, what was said of that one says nothing of this. */
    *device = (struct jl_given_device){.is = {.number = event->number,
                                              .office = event->office,
                                              .state = JL_DEVICE_ACTIVE,
                                              .suite = event->suite,
                                              .sign_public_bytes = event->sign_public_bytes},
                                       .event = event->event,
                                       .at_ms = event->at_ms};
    memcpy(device->is.curve_public, event->curve_public, 32);
    memcpy(device->is.sign_public, event->sign_public, sizeof device->is.sign_public);
    memcpy(device->is.name, event->name, sizeof device->is.name - 1);
    return JL_OK;
}

static enum jl_rc take_used(struct jl_admissions *log, const struct jl_admission_event *event,
                            struct jl_err *err) {
    struct jl_given_invitation *invitation = invitation_of(log, event->number);
    if (invitation == NULL) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_ADMISSIONS_DAMAGED,
                           "invitation %" PRIu32 " was never made", event->number);
    }
    if (invitation->event <= event->event && invitation->used_event < event->event) {
        invitation->used_event = event->event;
        invitation->is.used_ms = event->at_ms;
        invitation->is.device = event->device;
    }
    return JL_OK;
}

static enum jl_rc take_state(struct jl_admissions *log, const struct jl_admission_event *event,
                             struct jl_err *err) {
    struct jl_given_device *device = device_of(log, event->number);
    if (device == NULL) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_ADMISSIONS_DAMAGED,
                           "device %" PRIu32 " was never enrolled", event->number);
    }
    bool of_this = event->event >= device->event; /* or of who had the number before */
    bool newer = event->event > device->state_event;
    if (of_this && device->is.state != JL_DEVICE_REVOKED &&
        (newer || event->state == JL_DEVICE_REVOKED)) {
        device->is.state = event->state;
        device->state_event = event->event;
        device->state_ms = event->at_ms;
    }
    return JL_OK;
}

enum jl_rc jl_admissions_take(struct jl_admissions *log, const struct jl_admission_event *event,
                              struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    switch (event->kind) {
    case JL_ADMISSION_OFFICE:
        rc = take_office(log, event, err);
        break;
    case JL_ADMISSION_INVITATION:
        rc = take_invitation(log, event, err);
        break;
    case JL_ADMISSION_USED:
        rc = take_used(log, event, err);
        break;
    case JL_ADMISSION_DEVICE:
        rc = take_device(log, event, err);
        break;
    case JL_ADMISSION_STATE:
        rc = take_state(log, event, err);
        break;
    case JL_ADMISSION_RESTORED:
        for (int what = 0; what < JL_NUMBERED; what++) {
            log->floors[what] =
                event->floors[what] > log->floors[what] ? event->floors[what] : log->floors[what];
        }
        if (event->event > log->restored_event) {
            log->restored_event = event->event;
            log->restored_ms = event->at_ms;
        }
        break;
    }
    if (rc == JL_OK && event->event > log->last) {
        log->last = event->event;
        log->last_ms = event->at_ms;
    }
    return rc;
}

/* ---- Listing ---- */

/* By number; what one event number stands for twice (logs of two branches, put together) in the
 * order in which it was listed: what is made stands before what is said of it. */
static int compare_events(const void *a, const void *b) {
    const struct jl_admission_event *first = a;
    const struct jl_admission_event *second = b;
    if (first->event != second->event) {
        return first->event < second->event ? -1 : 1;
    }
    return (int)first->kind - (int)second->kind;
}

static void list_invitations(const struct jl_admissions *log, struct jl_admission_event *events,
                             size_t *count) {
    for (size_t i = 0; i < log->invitation_count; i++) {
        const struct jl_given_invitation *from = &log->invitations[i];
        struct jl_admission_event *event = &events[(*count)++];
        *event = (struct jl_admission_event){.event = from->event,
                                             .at_ms = from->at_ms,
                                             .kind = JL_ADMISSION_INVITATION,
                                             .number = from->is.number,
                                             .office = from->is.office,
                                             .expires_ms = from->is.expires_ms};
        memcpy(event->curve_public, from->is.curve_public, 32);
        if (from->used_event != 0) {
            events[(*count)++] = (struct jl_admission_event){.event = from->used_event,
                                                             .at_ms = from->is.used_ms,
                                                             .kind = JL_ADMISSION_USED,
                                                             .number = from->is.number,
                                                             .device = from->is.device};
        }
    }
}

static void list_devices(const struct jl_admissions *log, struct jl_admission_event *events,
                         size_t *count) {
    for (size_t i = 0; i < log->device_count; i++) {
        const struct jl_given_device *from = &log->devices[i];
        struct jl_admission_event *event = &events[(*count)++];
        *event = (struct jl_admission_event){.event = from->event,
                                             .at_ms = from->at_ms,
                                             .kind = JL_ADMISSION_DEVICE,
                                             .number = from->is.number,
                                             .office = from->is.office,
                                             .suite = from->is.suite,
                                             .sign_public_bytes = from->is.sign_public_bytes};
        memcpy(event->curve_public, from->is.curve_public, 32);
        memcpy(event->sign_public, from->is.sign_public, sizeof event->sign_public);
        memcpy(event->name, from->is.name, sizeof from->is.name);
        if (from->state_event != 0) {
            events[(*count)++] = (struct jl_admission_event){.event = from->state_event,
                                                             .at_ms = from->state_ms,
                                                             .kind = JL_ADMISSION_STATE,
                                                             .number = from->is.number,
                                                             .state = from->is.state};
        }
    }
}

enum jl_rc jl_admissions_list(const struct jl_admissions *log, uint64_t after,
                              struct jl_admission_event **out_events, size_t *out_count,
                              struct jl_err *err) {
    size_t most = log->office_count + 2 * log->invitation_count + 2 * log->device_count + 1;
    struct jl_admission_event *events = calloc(most, sizeof *events);
    size_t count = 0;
    if (events == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < log->office_count; i++) {
        const struct jl_given_office *from = &log->offices[i];
        struct jl_admission_event *event = &events[count++];
        *event = (struct jl_admission_event){.event = from->event,
                                             .at_ms = from->at_ms,
                                             .kind = JL_ADMISSION_OFFICE,
                                             .number = from->number};
        memcpy(event->code, from->code, sizeof event->code);
        memcpy(event->name, from->name, sizeof event->name);
    }
    list_invitations(log, events, &count);
    list_devices(log, events, &count);
    if (log->restored_event != 0) {
        events[count] = (struct jl_admission_event){
            .event = log->restored_event, .at_ms = log->restored_ms, .kind = JL_ADMISSION_RESTORED};
        memcpy(events[count++].floors, log->floors, sizeof log->floors);
    }
    qsort(events, count, sizeof *events, compare_events);
    size_t skipped = 0;
    while (skipped < count && events[skipped].event <= after) {
        skipped++;
    }
    memmove(events, events + skipped, (count - skipped) * sizeof *events);
    *out_events = events;
    *out_count = count - skipped;
    return JL_OK;
}

/* ---- Looking up ---- */

const struct jl_given_office *jl_admissions_office(const struct jl_admissions *log,
                                                   uint32_t number) {
    const struct jl_given_office *found = NULL;
    for (size_t at = office_place(log, number);
         at < log->office_count && log->offices[at].number == number; at++) {
        found = found == NULL || log->offices[at].event > found->event ? &log->offices[at] : found;
    }
    return found;
}

const struct jl_given_office *jl_admissions_coded(const struct jl_admissions *log,
                                                  const char *code) {
    const struct jl_given_office *found = NULL;
    for (size_t i = 0; i < log->office_count; i++) {
        const struct jl_given_office *office = &log->offices[i];
        if (strcmp(office->code, code) == 0 && (found == NULL || office->event > found->event)) {
            found = office;
        }
    }
    return found;
}

const struct jl_given_invitation *jl_admissions_invitation(const struct jl_admissions *log,
                                                           uint32_t number) {
    return invitation_of(log, number);
}

const struct jl_given_device *jl_admissions_device(const struct jl_admissions *log,
                                                   uint32_t number) {
    return device_of(log, number);
}

const struct jl_given_device *jl_admissions_keyed(const struct jl_admissions *log,
                                                  const uint8_t curve_public[static 32]) {
    const struct jl_given_device *found = NULL;
    for (size_t i = 0; i < log->device_count; i++) {
        const struct jl_given_device *device = &log->devices[i];
        if (memcmp(device->is.curve_public, curve_public, 32) == 0 &&
            (found == NULL || device->event > found->event)) {
            found = device;
        }
    }
    return found;
}

/* ---- Numbers ---- */

uint32_t jl_admissions_next(const struct jl_admissions *log, enum jl_numbered what,
                            uint32_t highest_in_books) {
    uint32_t in_log = 0;
    switch (what) {
    case JL_NUMBER_OFFICE:
        in_log = log->office_count > 0 ? log->offices[log->office_count - 1].number : 0;
        break;
    case JL_NUMBER_DEVICE:
        in_log = log->device_count > 0 ? log->devices[log->device_count - 1].is.number : 0;
        break;
    case JL_NUMBER_INVITATION:
        in_log =
            log->invitation_count > 0 ? log->invitations[log->invitation_count - 1].is.number : 0;
        break;
    case JL_NUMBERED:
        break;
    }
    uint32_t highest = in_log > highest_in_books ? in_log : highest_in_books;
    return highest + 1 > log->floors[what] ? highest + 1 : log->floors[what];
}

uint32_t jl_admissions_floor(enum jl_numbered what, uint32_t next,
                             const uint8_t epoch[static JL_NUMBERED]) {
    static const uint32_t gaps[JL_NUMBERED] = {[JL_NUMBER_OFFICE] = JL_OFFICES_GAP,
                                               [JL_NUMBER_DEVICE] = JL_DEVICES_GAP,
                                               [JL_NUMBER_INVITATION] = JL_INVITATIONS_GAP};
    static const uint32_t ends[JL_NUMBERED] = {[JL_NUMBER_OFFICE] = JL_OFFICES_MAX,
                                               [JL_NUMBER_DEVICE] = JL_DEVICES_MAX,
                                               [JL_NUMBER_INVITATION] = JL_INVITATIONS_MAX};
    uint32_t last = ends[what] - 1;
    if (next >= last) {
        return next; /* the last number, or none, is left: no gap */
    }
    uint32_t gap = gaps[what] + epoch[what] % ((JL_GAP_TIMES_MAX - 1) * gaps[what]);
    return last - next < gap ? last : next + gap;
}
