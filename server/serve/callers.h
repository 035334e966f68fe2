/* Callers: the connections of the router, each with what it is known by and what it got.
 *
 * Thread: the router's. */
#ifndef JIELIAN_SERVER_SERVE_CALLERS_H
#define JIELIAN_SERVER_SERVE_CALLERS_H

#include "jielian/net/curve.h"
#include "jielian/net/server.h"

enum {
    JL_CALLERS_MAX = 8192, /* connections; memory of one is about 200 bytes */
    /* A device has JL_SESSION_PUSHES batches in flight; after "resend from" or a silence it may
     * send as many again while the first are still on their way. */
    JL_CALLER_PUSHES_MAX = 4,
    JL_CALLER_READS_MAX = 6,            /* pulls, proofs and asks that wait in the reader */
    JL_CALLER_IDLE_MS = 15 * 60 * 1000, /* devices greet every 5 minutes */
    JL_CALLER_SILENT_MS = 60 * 1000,    /* connected, but never said Hello */
};

struct jl_caller { /* a connected device */
    struct jl_caller *next;
    struct jl_peer_id peer;
    uint64_t serial;
    uint8_t key[JL_CURVE_KEY_BYTES];
    uint32_t device, office, origin;
    bool greeted, suspended;
    int64_t heard_ms, poked_ms; /* steady */
    uint64_t told[2];           /* the heads that the device knows of */
    uint32_t pushes, reads;     /* jobs under way */
    int64_t told_ms;            /* when it last heard "malformed" or that it is slow */
    int64_t malformed_log_ms;
};
enum { JL_CALLER_SLOTS = 2048 };
struct jl_callers {
    struct jl_caller *slots[JL_CALLER_SLOTS];
    size_t count;
    uint64_t serial;
};
struct jl_caller *jl_callers_find(const struct jl_callers *callers, const struct jl_peer_id *peer);
/* At most JL_CONNECTIONS_PER_KEY of a key, and JL_CALLERS_MAX of all: those that have been silent
 * longest make room, and are asked to say Hello should they still be there. NULL: no memory. */
struct jl_caller *jl_callers_add(struct jl_callers *callers, const struct jl_peer_id *peer,
                                 const uint8_t key[static JL_CURVE_KEY_BYTES]);
void jl_callers_drop(struct jl_callers *callers, struct jl_caller *caller);
void jl_callers_fini(struct jl_callers *callers);

#endif
