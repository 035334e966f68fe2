/* The running district: sync over CURVE, and HTTP for supervisors, until it is asked to stop.
 *
 *                        ┌── jobs ──> writer   own books, group commit
 *   devices <── ROUTER ──┤                       │ answers, heads that moved
 *   commands ── bell ───>│  router  <────────────┘
 *                        └── jobs ──> reader   own books, pages, proofs, looks for changes
 *   supervisors ──────────── HTTP     own books, reads only
 *
 * Threads share nothing but messages (job.h) and the counters of metrics.h. The router
 * never waits for the disk; a job belongs to one thread at a time.
 *
 * Thread: the caller's becomes the router's. */
#ifndef JIELIAN_SERVER_SERVE_H
#define JIELIAN_SERVER_SERVE_H

#include "server/books/district.h"

struct jl_serve_options {
    const char *folder;
    const char *sync;      /* tcp://0.0.0.0:7800; port 0 picks a free one */
    const char *http;      /* 127.0.0.1:7880; NULL: no HTTP */
    const char *endpoints; /* what Welcome announces, separated by blanks; NULL: nothing */
    uint32_t cache_kib;    /* page cache of the writer; 0: the store's default */
    struct jl_bytes passphrase;
    struct jl_clock clock;
    /* Listening: the endpoint with its real port, and the HTTP port (0: none). May be NULL. */
    void (*ready)(void *context, const char *endpoint, unsigned http_port);
    bool (*stop)(void *context); /* asked several times a second; true ends */
    void *context;
};

/* JL_OK: was asked to stop, and everything answered is on disk.
 * JL_BUSY: another `serve` holds the folder, or a port is in use.
 * Others: could not start, or a thread met a fault that it can't go on from; the log says more. */
JL_MUST_CHECK enum jl_rc jl_serve(const struct jl_serve_options *options, struct jl_err *err);

#endif
