/* Transport: ZeroMQ ROUTER (district) and DEALER (device) over CURVE, one frame per message.
 *
 * Every socket sets finite high-water marks (JL_SOCKET_QUEUE_FRAMES), MAXMSGSIZE
 * (JL_FRAME_MAX_BYTES), heartbeats, LINGER 0, HANDSHAKE_IVL and reconnect intervals; ROUTER sets
 * ROUTER_MANDATORY, DEALER sets IMMEDIATE, so that a message is refused rather than dropped unseen.
 * What comes to the ROUTER is bounded by bytes instead (JL_UNREAD_MAX_BYTES; server.c says why).
 *
 * Here is the context that all sockets of a program share; the sockets are in server.h, client.h,
 * pipe.h and bell.h, and wait.h waits for any of them.
 *
 * Open files: a context 5, a server 4 and one a connection, a client 4, a pipe 2. A program that
 * holds hundreds of them raises its own limit (ulimit -n); out of files is JL_LIMIT.
 *
 * Thread: an object belongs to the thread that made it; pipes' two ends to two threads. */
#ifndef JIELIAN_NET_H
#define JIELIAN_NET_H

#include "jielian/base/bytes.h"
#include "jielian/crypto/secret.h"

enum {
    /* A silent peer is given up after the timeout. It is long because a frame counts only once it
     * has come whole: a page of 64 KiB may take a minute on the worst line that still works. */
    JL_HEARTBEAT_MS = 15 * 1000,
    JL_HEARTBEAT_TIMEOUT_MS = 60 * 1000,
    /* A connection that has not said who it is by then is closed. ZMTP and CURVE need three and a
     * half round trips, 14 s on a line that holds each packet for 2 s. */
    JL_HANDSHAKE_MS = 30 * 1000,
    /* What a TCP segment carries at most, both ways: with 60 bytes of IPv6 and TCP headers an IP
     * packet stays within 1,200 bytes. Tunnels that lose larger ones and don't say so are common;
     * the price is 1 % more bytes than with full packets. */
    JL_SEGMENT_BYTES = 1140,
    JL_SOCKETS_MAX = 8192, /* ZeroMQ sockets in one context: a benchmark's 1,000 clients fit */
};

struct jl_net; /* a ZeroMQ context */
JL_MUST_CHECK enum jl_rc jl_net_new(struct jl_net **out_net, struct jl_err *err);
/* Waits until every socket is closed, so close them first; after it the ports are free again. */
void jl_net_free(struct jl_net *net);
JL_DEFINE_AUTO_PTR(jl_net, jl_net_free)

#endif
