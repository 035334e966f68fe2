/* Who may talk: a snapshot of the device table and the invitations.
 *
 * An invitation that was used stays in until it expires: when the answer to its Enrol was lost, the
 * device asks again and must be able to hear what became of it. */
#include "allowlist.h"

#include "server/books/clock_check.h"
#include "server/books/district.h"

#include "jielian/base/arena.h"
#include "jielian/base/fault.h"
#include "jielian/net/curve.h"
#include "jielian/store/devices.h"

#include <stdlib.h>
#include <string.h>

struct invited {
    uint8_t key[JL_CURVE_KEY_BYTES];
    int64_t expires_ms;
};

struct jl_allowlist {
    struct jl_admitted *devices; /* ascending by key */
    size_t device_count;
    struct invited *invitations; /* ascending by key */
    size_t invitation_count;
};

static int compare_keys(const void *a, const void *b) {
    return memcmp(a, b, JL_CURVE_KEY_BYTES); /* the key stands first in both structs */
}

void jl_allowlist_free(struct jl_allowlist *allowlist) {
    if (allowlist != NULL) {
        free(allowlist->devices);
        free(allowlist->invitations);
        free(allowlist);
    }
}
JL_DEFINE_AUTO_PTR(jl_allowlist, jl_allowlist_free)

static enum jl_rc take_invitations(struct jl_district *district, struct jl_allowlist *allowlist,
                                   struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_invitation *list = NULL;
    size_t count = 0;
    int64_t now_ms = district->clock.wall_ms(district->clock.context);
    struct jl_clock_state clock;
    jl_clock_check(district, &clock);
    bool doubted = !jl_clock_check_trusted(&clock);
    enum jl_rc rc = jl_devices_invitations(district->books->store, &arena, &list, &count, err);
    if (rc != JL_OK) {
        return rc;
    }
    allowlist->invitations = calloc(count + 1, sizeof *allowlist->invitations);
    if (allowlist->invitations == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        /* A clock that is doubted closes no door: enrolling is where it says that it is. */
        bool heard_out = doubted && list[i].used_ms == 0;
        if (heard_out || list[i].expires_ms > now_ms) {
            struct invited *invited = &allowlist->invitations[allowlist->invitation_count++];
            memcpy(invited->key, list[i].curve_public, sizeof invited->key);
            invited->expires_ms = heard_out ? INT64_MAX : list[i].expires_ms;
        }
    }
    qsort(allowlist->invitations, allowlist->invitation_count, sizeof *allowlist->invitations,
          compare_keys);
    return JL_OK;
}

enum jl_rc jl_allowlist_new(struct jl_district *district, struct jl_allowlist **out_allowlist,
                            struct jl_err *err) {
    JL_AUTO_PTR(jl_allowlist) allowlist = calloc(1, sizeof *allowlist);
    if (allowlist != NULL) {
        allowlist->devices = calloc(district->device_count + 1, sizeof *allowlist->devices);
    }
    if (allowlist == NULL || allowlist->devices == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < district->device_count; i++) {
        const struct jl_device *device = &district->devices[i];
        struct jl_admitted *admitted = &allowlist->devices[allowlist->device_count++];
        memcpy(admitted->key, device->curve_public, sizeof admitted->key);
        admitted->number = device->number;
        admitted->office = device->office;
        admitted->state = device->state;
    }
    qsort(allowlist->devices, allowlist->device_count, sizeof *allowlist->devices, compare_keys);
    enum jl_rc rc = take_invitations(district, allowlist, err);
    if (rc != JL_OK) {
        return rc;
    }
    *out_allowlist = allowlist;
    allowlist = NULL;
    return JL_OK;
}

const struct jl_admitted *jl_allowlist_device(const struct jl_allowlist *allowlist,
                                              const uint8_t key[static JL_CURVE_KEY_BYTES]) {
    return bsearch(key, allowlist->devices, allowlist->device_count, sizeof *allowlist->devices,
                   compare_keys);
}

bool jl_allowlist_invited(const struct jl_allowlist *allowlist,
                          const uint8_t key[static JL_CURVE_KEY_BYTES], int64_t now_ms) {
    const struct invited *invited =
        bsearch(key, allowlist->invitations, allowlist->invitation_count,
                sizeof *allowlist->invitations, compare_keys);
    return invited != NULL && now_ms < invited->expires_ms;
}

size_t jl_allowlist_devices(const struct jl_allowlist *allowlist) {
    return allowlist->device_count;
}
