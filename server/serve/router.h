/* The router: all connections, and who of the workers gets what. It never waits for the disk.
 *
 * Thread: that of jl_serve's caller. */
#ifndef JIELIAN_SERVER_SERVE_ROUTER_H
#define JIELIAN_SERVER_SERVE_ROUTER_H

#include "allowlist.h"
#include "budgets.h"
#include "job.h"
#include "serve.h"
#include "worker.h"

#include "proto/wire.h"
#include "server/books/refusals.h"
#include "server/books/unknown.h"

#include "jielian/base/bytes.h"
#include "jielian/base/limits.h"
#include "jielian/net/curve.h"
#include "jielian/net/server.h"

struct jl_allowlist;
struct jl_bell;
struct jl_pipe;
struct jl_refusing;
struct jl_server;
struct jl_wire;

enum {
    JL_POKE_GAP_MS = 100,          /* a burst of commits is one Poke to a device, not hundreds */
    JL_REFUSALS_GAP_MS = 5 * 1000, /* a flood of refusals is one commit in so long */
    JL_TURN_MS = 200,              /* the router's longest wait: bounds how soon it stops */
};

struct jl_router {
    const struct jl_serve_options *options;
    struct jl_metrics *metrics;
    struct jl_server *server;
    struct jl_bell *bell;
    struct jl_pipe *writer, *reader; /* the router's ends */
    struct jl_wire *wire;
    struct jl_callers callers;
    struct jl_budgets budgets;
    struct jl_strangers strangers; /* as counted into budget 0 */
    struct jl_unknown *unknown;    /* keys that called and are not known; NULL: none since */
    struct jl_allowlist *allowlist;
    struct jl_admitted *joined; /* enrolled since the allowlist was made */
    size_t joined_count, joined_capacity;
    uint64_t heads[JL_OFFICES_MAX]; /* by feed */
    bool heads_moved, pokes_due;
    struct jl_job *late; /* notes that the writer's pipe had no room for */
    size_t jobs_bytes;
    int64_t swept_ms, refusals_ms;
    bool runs[JL_WORKERS];
    int started; /* workers that have their books open */
    bool failed; /* a worker gave up; err says why */
    struct jl_err err;
};
/* What devices say. */
void jl_router_receive(struct jl_router *router);
enum jl_admit jl_router_admits(void *router, const uint8_t curve_public[static JL_CURVE_KEY_BYTES]);
const struct jl_admitted *jl_router_device(const struct jl_router *router,
                                           const uint8_t key[static JL_CURVE_KEY_BYTES]);
/* What the workers say, Pokes and time. */
void jl_router_deliver(struct jl_router *router, struct jl_job *job);
void jl_router_poke(struct jl_router *router);
void jl_router_sweep(struct jl_router *router, int64_t now_ms);
/* Refuse to a peer; caller may be NULL. */
void jl_router_refuse(struct jl_router *router, const struct jl_peer_id *peer,
                      struct jl_caller *caller, const struct jl_refusing *refusing);
/* Count a refusal, in the metrics and for the books, and charge the device for it. caller may be
 * NULL. */
void jl_router_count(struct jl_router *router, struct jl_caller *caller, enum jl_refuse_code code);
/* Charge and count for a device; 0: everybody without one. */
void jl_router_note_refusal(struct jl_router *router, uint32_t device, enum jl_refusal kind,
                            uint64_t count, uint32_t tokens);
void jl_router_charge(struct jl_router *router, uint32_t device, uint32_t tokens);
void jl_router_dropped(void *router, const uint8_t curve_public[static JL_CURVE_KEY_BYTES],
                       enum jl_drop why); /* a jl_drop_fn */
/* Hand what was refused to the writer, all of it; at the end, and by jl_router_sweep. false: there
 * was nothing. */
bool jl_router_flush_refusals(struct jl_router *router);
/* false: the peer is gone, and caller (may be NULL) with it. */
bool jl_router_send(struct jl_router *router, const struct jl_peer_id *peer,
                    struct jl_caller *caller, struct jl_bytes frame);
/* A note for the writer; waits in `late` when the pipe is full. */
void jl_router_note(struct jl_router *router, struct jl_job *job);
int64_t jl_router_now(const struct jl_router *router); /* steady */

/* Notes that the writer's pipe had no room for, again. */
void jl_router_send_late(struct jl_router *router);

#endif
