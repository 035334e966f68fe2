/* What the router knows of a device whatever connections it comes by: its patience, and what was
 * refused to it and is not in the books yet. Number 0 stands for everybody without a device.
 *
 *   patience   JL_PATIENCE tokens, one more every JL_PATIENCE_MS. Each refusal and each Hello takes
 *              one, a new incarnation JL_PATIENCE_INCARNATION. When they are used up, the device is
 *              slow for JL_SLOW_MS: its messages are passed over unread.
 *
 * An honest device says Hello every five minutes and meets a refusal now and then, so it never
 * comes near the end; one that keeps making mistakes, or makes them on purpose, costs the district
 * a fixed share, and the other devices of its office nothing. */
#include "serve_internal.h"

#include "jielian/base/assert.h"

#include <stdlib.h>
#include <string.h>

struct jl_guest *jl_guests_of(struct jl_guests *guests, uint32_t device) {
    JL_ASSERT(device < JL_DEVICES_MAX);
    if (device >= guests->count) {
        size_t count = device + 8 + guests->count / 2;
        struct jl_guest *list = realloc(guests->list, count * sizeof *list);
        if (list == NULL) {
            return NULL;
        }
        memset(list + guests->count, 0, (count - guests->count) * sizeof *list);
        for (size_t i = guests->count; i < count; i++) {
            list[i].tokens = JL_PATIENCE;
        }
        guests->list = list;
        guests->count = count;
    }
    return &guests->list[device];
}

void jl_guests_fini(struct jl_guests *guests) {
    for (size_t i = 0; i < guests->count; i++) {
        free(guests->list[i].fresh);
    }
    free(guests->list);
    *guests = (struct jl_guests){0};
}

void jl_guest_charge(struct jl_guest *guest, uint32_t tokens, int64_t now_ms) {
    int64_t more = (now_ms - guest->refilled_ms) / JL_PATIENCE_MS;
    if (more > 0) {
        int64_t room = JL_PATIENCE - (int64_t)guest->tokens;
        guest->tokens += (uint32_t)(more < room ? more : room);
        guest->refilled_ms = more < room ? guest->refilled_ms + more * JL_PATIENCE_MS : now_ms;
    }
    if (tokens == 0 || guest->tokens > tokens) {
        guest->tokens -= tokens;
        return;
    }
    guest->tokens = 0;
    guest->slow_until_ms = now_ms + JL_SLOW_MS;
}

int64_t jl_guest_slow_ms(const struct jl_guest *guest, int64_t now_ms) {
    return guest->slow_until_ms > now_ms ? guest->slow_until_ms - now_ms : 0;
}

void jl_guest_note(struct jl_guest *guest, enum jl_refusal kind, uint64_t count, int64_t wall_ms,
                   const char *address) {
    if (guest->fresh == NULL) {
        guest->fresh = calloc(1, sizeof *guest->fresh);
    }
    if (guest->fresh != NULL) { /* else this one goes uncounted: no memory */
        jl_refusals_note(guest->fresh, kind, count, wall_ms, address);
    }
}
