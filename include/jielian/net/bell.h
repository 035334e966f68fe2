/* The bell between processes that work on one data folder: who commits rings, who runs hears it.
 *
 * Thread: the one that opened it; anybody may ring. */
#ifndef JIELIAN_NET_BELL_H
#define JIELIAN_NET_BELL_H

#include "jielian/base/rc.h"

enum {
    JL_BELL_PATH_MAX = 107, /* bytes of a Unix socket's path, without the NUL */
};

/* A doorbell in a data folder (a Unix datagram socket, 0600): a command rings it after a commit,
 * the running program hears it at once instead of polling. Ringing without a listener is fine. */
struct jl_bell;
/* Replaces a stale socket file. JL_LIMIT: the path is over JL_BELL_PATH_MAX; JL_BUSY: another
 * program listens there; JL_MISUSE: there is a file that is no socket. */
JL_MUST_CHECK enum jl_rc jl_bell_open(const char *path, struct jl_bell **out_bell,
                                      struct jl_err *err);
void jl_bell_close(struct jl_bell *bell); /* removes its socket file */
JL_DEFINE_AUTO_PTR(jl_bell, jl_bell_close)
void jl_bell_clear(struct jl_bell *bell); /* take what has rung */
void jl_bell_ring(const char *path);

#endif
