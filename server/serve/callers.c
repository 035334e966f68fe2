/* Sessions by routing id: a hash table of chains. libzmq's ids count upwards, so their last bytes
 * spread well, and no peer chooses its own (net.h). */
#include "callers.h"

#include "jielian/base/assert.h"
#include "jielian/net/curve.h"
#include "jielian/net/server.h"

#include <stdlib.h>
#include <string.h>

static size_t slot_of(const struct jl_peer_id *peer) {
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < peer->size; i++) {
        hash = (hash ^ peer->bytes[i]) * 16777619u;
    }
    return hash % JL_CALLER_SLOTS;
}

struct jl_caller *jl_callers_find(const struct jl_callers *callers, const struct jl_peer_id *peer) {
    struct jl_caller *caller = callers->slots[slot_of(peer)];
    while (caller != NULL && (caller->peer.size != peer->size ||
                              memcmp(caller->peer.bytes, peer->bytes, peer->size) != 0)) {
        caller = caller->next;
    }
    return caller;
}

/* A device that comes again and again must not fill the table for the others. */
static void make_room(struct jl_callers *callers, const uint8_t key[static JL_CURVE_KEY_BYTES]) {
    struct jl_caller *oldest = NULL;      /* of all */
    struct jl_caller *oldest_same = NULL; /* of this key */
    size_t same = 0;
    for (size_t i = 0; i < JL_CALLER_SLOTS; i++) {
        for (struct jl_caller *caller = callers->slots[i]; caller != NULL; caller = caller->next) {
            if (oldest == NULL || caller->heard_ms < oldest->heard_ms) {
                oldest = caller;
            }
            if (memcmp(caller->key, key, JL_CURVE_KEY_BYTES) == 0) {
                same++;
                oldest_same = oldest_same == NULL || caller->heard_ms < oldest_same->heard_ms
                                  ? caller
                                  : oldest_same;
            }
        }
    }
    if (same >= JL_CONNECTIONS_PER_KEY) {
        jl_callers_drop(callers, oldest_same);
    } else if (callers->count >= JL_CALLERS_MAX) {
        jl_callers_drop(callers, oldest);
    }
}

struct jl_caller *jl_callers_add(struct jl_callers *callers, const struct jl_peer_id *peer,
                                 const uint8_t key[static JL_CURVE_KEY_BYTES]) {
    make_room(callers, key);
    struct jl_caller *caller = calloc(1, sizeof *caller);
    if (caller == NULL) {
        return NULL;
    }
    size_t slot = slot_of(peer);
    caller->peer = *peer;
    caller->serial = ++callers->serial;
    memcpy(caller->key, key, sizeof caller->key);
    caller->next = callers->slots[slot];
    callers->slots[slot] = caller;
    callers->count++;
    return caller;
}

void jl_callers_drop(struct jl_callers *callers, struct jl_caller *caller) {
    struct jl_caller **place = &callers->slots[slot_of(&caller->peer)];
    while (*place != caller) {
        JL_ASSERT(*place != NULL);
        place = &(*place)->next;
    }
    *place = caller->next;
    callers->count--;
    free(caller);
}

void jl_callers_fini(struct jl_callers *callers) {
    for (size_t i = 0; i < JL_CALLER_SLOTS; i++) {
        while (callers->slots[i] != NULL) {
            jl_callers_drop(callers, callers->slots[i]);
        }
    }
}
