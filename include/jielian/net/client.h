/* The device's end: a DEALER socket that connects to the district and goes on trying.
 *
 * Thread: the one that opened it. */
#ifndef JIELIAN_NET_CLIENT_H
#define JIELIAN_NET_CLIENT_H

#include "jielian/base/bytes.h"
#include "jielian/crypto/secret.h"
#include "jielian/net/link.h"

struct jl_frame;
struct jl_net;

enum {
    JL_CONNECT_MS =
        10 * 1000, /* TCP alone: four tries, the last one seven seconds after the first */
    /* Reconnecting starts here and doubles; a district's 150 devices are back within seconds. */
    JL_RECONNECT_MS = 250,
    JL_RECONNECT_MAX_MS = 8 * 1000,
    JL_FAREWELL_MS = 1000, /* a person who ends a program does not wait longer */
    /* Endpoints of one district that a device tries in turn: the one that it was given, and those
     * that the district announces (JL_WELCOME_ENDPOINTS_MAX); room to spare. With none of them
     * there, a round takes 80 s. */
    JL_CLIENT_ENDPOINTS_MAX = 8,
};

struct jl_client_options {
    const char *endpoint;
    const uint8_t *server_public;         /* 32 bytes: whoever has not this key is not talked to */
    const struct jl_secret *curve_secret; /* both keys must outlive the client */
    uint32_t connect_ms;                  /* 0: 10 s */
    uint32_t jitter_seed;                 /* spreads reconnects */
};

struct jl_client;
/* Starts to connect and goes on trying in the background. */
JL_MUST_CHECK enum jl_rc jl_client_open(struct jl_net *net, const struct jl_client_options *options,
                                        struct jl_client **out_client, struct jl_err *err);
void jl_client_close(struct jl_client *client);
JL_DEFINE_AUTO_PTR(jl_client, jl_client_close)
/* From now on try these in turn, in this order: after a try that failed at once the next one, and a
 * pause of JL_RECONNECT_MS, doubling up to JL_RECONNECT_MAX_MS, when all have failed. A connection
 * that stands stays, and comes first when it is lost. What is no endpoint, is there already, or is
 * over JL_CLIENT_ENDPOINTS_MAX is passed over; with nothing left all stays as it was. */
void jl_client_endpoints(struct jl_client *client, const char *const *endpoints, size_t count);
/* The one that is connected, or tried; valid until the next call. */
const char *jl_client_endpoint(const struct jl_client *client);
size_t jl_client_endpoint_count(const struct jl_client *client); /* that it tries in turn */
JL_MUST_CHECK enum jl_rc jl_client_receive(struct jl_client *client, struct jl_frame *out_frame,
                                           struct jl_err *err); /* JL_NOT_FOUND: none now */
/* JL_BUSY: not connected or the queue is full; nothing was kept, send again by timer. JL_LIMIT: the
 * frame is over JL_FRAME_MAX_BYTES. JL_OK means queued, not delivered. */
JL_MUST_CHECK enum jl_rc jl_client_send(struct jl_client *client, struct jl_bytes frame,
                                        struct jl_err *err);
/* As jl_client_send, for the last frame: it may still go out while the client and then its jl_net
 * are closed, which wait for it JL_FAREWELL_MS at most. */
JL_MUST_CHECK enum jl_rc jl_client_send_last(struct jl_client *client, struct jl_bytes frame,
                                             struct jl_err *err);
/* Give this connection up and make a new one: its peer may have forgotten it without a word, and
 * TCP alone takes a quarter of an hour to notice. To the next endpoint if no message ever came over
 * it. What was queued is lost. */
JL_MUST_CHECK enum jl_rc jl_client_reconnect(struct jl_client *client, struct jl_err *err);

enum jl_link jl_client_link(struct jl_client *client);
/* Has TCP ever connected? Then somebody is there, and it may be the line that is slow. */
bool jl_client_met(const struct jl_client *client);

#endif
