/* What a Welcome tells beyond the session: this program, where the district can be reached, and the
 * PCs of the device's own office. */
#include "about.h"

#include "jielian/base/fault.h"
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
        return jl_fault_memory(err);
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
        return jl_fault_memory(err);
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

enum { MARK_MAX = (1 << 28) - 1 }; /* four bytes on the wire */

/* What the device does by itself moves no mark: it knows when it was here and what it has sent. */
static enum jl_rc put_mark(struct jl_district *district, uint32_t device, struct jl_arena *arena,
                           struct jl_welcome *welcome, struct jl_err *err) {
    JL_AUTO(jl_buf) frame = {0};
    uint8_t hash[JL_HASH_BYTES];
    struct jl_message message = {.kind = JL_MESSAGE_WELCOME};
    struct jl_welcome *told = &message.as.welcome;
    struct jl_pc *pcs = jl_arena_zalloc(arena, JL_WELCOME_PCS_MAX, sizeof *pcs);
    if (pcs == NULL) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; i < welcome->pc_count; i++) {
        pcs[i] = welcome->pcs[i];
        if (pcs[i].device == device) {
            pcs[i].last_seen_ms = pcs[i].proven_ms = 0;
            pcs[i].unsent = 0;
        }
    }
    *told = (struct jl_welcome){.version = welcome->version,
                                .program = welcome->program,
                                .endpoints = welcome->endpoints,
                                .endpoint_count = welcome->endpoint_count,
                                .pcs = pcs,
                                .pc_count = welcome->pc_count};
    enum jl_rc rc = jl_wire_encode(district->wire, &message, &frame, err);
    const struct jl_bytes parts[] = {jl_buf_bytes(&frame)};
    if (rc == JL_OK) {
        rc = jl_hasher_digest(district->books->hasher, parts, 1, hash, err);
    }
    if (rc == JL_OK) {
        memcpy(&welcome->mark, hash, sizeof welcome->mark);
        welcome->mark &= MARK_MAX;
        welcome->mark += welcome->mark == 0; /* 0 is none */
    }
    return rc;
}

enum jl_rc jl_about(struct jl_district *district, uint32_t device, uint32_t told,
                    const char *endpoints, struct jl_arena *arena, struct jl_welcome *welcome,
                    struct jl_err *err) {
    const struct jl_device *known = jl_roster_device_to_change(district, device);
    welcome->program = jl_bytes_text(JIELIAN_VERSION);
    enum jl_rc rc = endpoints != NULL ? list_endpoints(endpoints, arena, welcome, err) : JL_OK;
    if (rc == JL_OK && known != NULL && known->state == JL_DEVICE_ACTIVE) {
        rc = list_pcs(district, known->office, arena, welcome, err); /* a suspended one: no data */
    }
    if (rc == JL_OK) {
        rc = put_mark(district, device, arena, welcome, err);
    }
    if (rc == JL_OK && welcome->mark == told) {
        welcome->program = jl_bytes(NULL, 0);
        welcome->endpoint_count = welcome->pc_count = 0;
    }
    return rc;
}
