/* What a Welcome tells beyond the session: this program, where the district can be reached, and the
 * PCs of the device's own office. */
#include "about.h"

#include "district_internal.h"

#include "jielian/base/utf8.h"

#include <string.h>

_Static_assert(sizeof((struct jl_device *)0)->name == JL_PC_NAME_MAX_BYTES + 1, "a name fits");

/* A longer name was cut when it was enrolled, perhaps within a character. */
static struct jl_bytes name_of(const struct jl_device *device) {
    struct jl_bytes name = jl_bytes(device->name, strnlen(device->name, sizeof device->name));
    while (name.size > 0 && !jl_utf8_valid(name)) {
        name.size--;
    }
    return name;
}

static struct jl_pc pc_of(const struct jl_device *device) {
    return (struct jl_pc){
        .device = device->number,
        .name = name_of(device),
        .state = (uint32_t)device->state,
        .last_seen_ms = device->last_seen_ms,
        .proven_ms = device->proven_ms,
        .unsent = device->unsent <= INT64_MAX ? device->unsent : INT64_MAX,
        .program = jl_bytes(device->version, strnlen(device->version, sizeof device->version - 1))};
}

/* The newest device numbers, should an office have had more. */
static enum jl_rc list_pcs(struct jl_district *district, uint32_t office, struct jl_arena *arena,
                           struct jl_welcome *welcome, struct jl_err *err) {
    struct jl_pc *pcs = jl_arena_zalloc(arena, JL_WELCOME_PCS_MAX, sizeof *pcs);
    size_t count = 0;
    if (pcs == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for a Welcome");
    }
    for (size_t i = 0; i < district->device_count; i++) {
        if (district->devices[i].office != office) {
            continue;
        }
        if (count == JL_WELCOME_PCS_MAX) {
            memmove(pcs, pcs + 1, (count - 1) * sizeof *pcs);
            count--;
        }
        pcs[count++] = pc_of(&district->devices[i]);
    }
    welcome->pcs = pcs;
    welcome->pc_count = count;
    return JL_OK;
}

static enum jl_rc list_endpoints(const char *text, struct jl_arena *arena,
                                 struct jl_welcome *welcome, struct jl_err *err) {
    struct jl_bytes *endpoints =
        jl_arena_zalloc(arena, JL_WELCOME_ENDPOINTS_MAX, sizeof *endpoints);
    if (endpoints == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for a Welcome");
    }
    size_t count = 0;
    while (*text != '\0' && count < JL_WELCOME_ENDPOINTS_MAX) {
        size_t size = strcspn(text, " ");
        if (size > 0) {
            endpoints[count++] = jl_bytes(text, size);
        }
        text += size + strspn(text + size, " ");
    }
    welcome->endpoints = endpoints;
    welcome->endpoint_count = count;
    return JL_OK;
}

enum jl_rc jl_about(struct jl_district *district, uint32_t device, const char *endpoints,
                    struct jl_arena *arena, struct jl_welcome *welcome, struct jl_err *err) {
    const struct jl_device *known = jl_district_device_of(district, device);
    welcome->program = jl_bytes_text(JIELIAN_VERSION);
    enum jl_rc rc = endpoints != NULL ? list_endpoints(endpoints, arena, welcome, err) : JL_OK;
    if (rc != JL_OK || known == NULL || known->state != JL_DEVICE_ACTIVE) {
        return rc; /* one that is suspended gets no data */
    }
    return list_pcs(district, known->office, arena, welcome, err);
}
