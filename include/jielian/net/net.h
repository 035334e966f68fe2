/* Transport: ZeroMQ ROUTER (district) and DEALER (device) over CURVE, one frame per message.
 *
 * Every socket sets finite high-water marks (JL_SOCKET_QUEUE_FRAMES), MAXMSGSIZE
 * (JL_FRAME_MAX_BYTES), heartbeats, LINGER 0, HANDSHAKE_IVL and reconnect intervals; ROUTER sets
 * ROUTER_MANDATORY, DEALER sets IMMEDIATE, so that a message is refused rather than dropped unseen.
 * What comes to the ROUTER is bounded by bytes instead (JL_UNREAD_MAX_BYTES; server.c says why).
 *
 * A server answers ZAP (RFC 27) itself, in the thread that waits on it: during a handshake it calls
 * `admit` with the device's CURVE key. Admission guards the handshake only; the caller checks the
 * key that comes with every message again. The ZAP endpoint belongs to the whole context, so a
 * jl_net holds one server.
 *
 * Threads talk through pipes (inproc pairs) that carry one pointer per message.
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
    JL_CURVE_KEY_BYTES = 32,
    JL_PEER_BYTES = 16, /* a ROUTER routing id: 5 bytes, libzmq's own choice; room to spare */

    /* A silent peer is given up after the timeout. It is long because a frame counts only once it
     * has come whole: a page of 64 KiB may take a minute on the worst line that still works. */
    JL_HEARTBEAT_MS = 15 * 1000,
    JL_HEARTBEAT_TIMEOUT_MS = 60 * 1000,
    JL_CONNECT_MS =
        10 * 1000, /* TCP alone: four tries, the last one seven seconds after the first */
    /* A connection that has not said who it is by then is closed. ZMTP and CURVE need three and a
     * half round trips, 14 s on a line that holds each packet for 2 s. */
    JL_HANDSHAKE_MS = 30 * 1000,
    /* What a TCP segment carries at most, both ways: with 60 bytes of IPv6 and TCP headers an IP
     * packet stays within 1,200 bytes. Tunnels that lose larger ones and don't say so are common;
     * the price is 1 % more bytes than with full packets. */
    JL_SEGMENT_BYTES = 1140,
    JL_SERVER_BACKLOG = 1024, /* connections the system holds while the server is busy */
    /* Connections that have not brought a message yet. One costs 4 KB while it shakes hands, so all
     * cost 16 MB; a district's 150 devices never come near it, not even all at once. */
    JL_STRANGERS_MAX = 4096,
    /* A device has one; after a broken line the old ones may stand until their heartbeats fail. */
    JL_CONNECTIONS_PER_KEY = 8,
    /* Files that stay free for books, HTTP (256) and connections that are being closed. */
    JL_FILES_KEPT = 512,
    JL_FILES_MAX = 65536, /* more are not asked for and not counted on */
    /* Bytes of a connection, and of all connections of a key, that wait to be taken. What an honest
     * device has under way stays below: two batches of JL_BODY_MAX_BYTES at the most, a pull, a
     * proof. */
    JL_UNREAD_MAX_BYTES = 8 * 1024 * 1024,
    /* Bytes of a connection up to its first message: 600 of handshake and a Hello or an Enrol,
     * which goes alone. */
    JL_STRANGER_MAX_BYTES = 16 * 1024,
    /* Connections accepted after one before it is cut: a quarter of libzmq's 2^32 numbers. At 650
     * handshakes a second, all that a core can do, that takes 19 days. */
    JL_NEWER_MAX = 1 << 30,
    /* Reconnecting starts here and doubles; a district's 150 devices are back within seconds. */
    JL_RECONNECT_MS = 250,
    JL_RECONNECT_MAX_MS = 8 * 1000,
    JL_FAREWELL_MS = 1000, /* a person who ends a program does not wait longer */
    JL_SOCKETS_MAX = 8192, /* ZeroMQ sockets in one context: a benchmark's 1,000 clients fit */
    /* Endpoints of one district that a device tries in turn: the one that it was given, and those
     * that the district announces (JL_WELCOME_ENDPOINTS_MAX); room to spare. With none of them
     * there, a round takes 80 s. */
    JL_CLIENT_ENDPOINTS_MAX = 8,
    JL_BELL_PATH_MAX = 107, /* bytes of a Unix socket's path, without the NUL */
};

struct jl_net; /* a ZeroMQ context */
JL_MUST_CHECK enum jl_rc jl_net_new(struct jl_net **out_net, struct jl_err *err);
/* Waits until every socket is closed, so close them first; after it the ports are free again. */
void jl_net_free(struct jl_net *net);
JL_DEFINE_AUTO_PTR(jl_net, jl_net_free)

JL_MUST_CHECK enum jl_rc jl_curve_keypair(uint8_t out_public[static JL_CURVE_KEY_BYTES],
                                          struct jl_secret *out_secret, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_curve_public(const struct jl_secret *secret,
                                         uint8_t out_public[static JL_CURVE_KEY_BYTES],
                                         struct jl_err *err);

/* A received frame; release it with jl_frame_fini. */
struct jl_frame {
    struct jl_bytes bytes; /* borrowed from the frame; 1 to JL_FRAME_MAX_BYTES */
    void *message;         /* zmq_msg_t, owned */
};
void jl_frame_fini(struct jl_frame *frame);

/* ---- District ---- */

struct jl_peer_id {
    uint8_t size;
    uint8_t bytes[JL_PEER_BYTES];
};

enum jl_admit {
    JL_ADMIT_UNKNOWN = 0, /* refused: never enrolled, or forgotten by a restore */
    JL_ADMIT_YES,
    JL_ADMIT_REVOKED, /* refused: known, and shut out for good */
};
typedef enum jl_admit (*jl_admit_fn)(void *context,
                                     const uint8_t curve_public[static JL_CURVE_KEY_BYTES]);

/* What was done to a connection of an admitted key. */
enum jl_drop {
    JL_DROP_MALFORMED = 1, /* a message of several parts, an empty one */
    JL_DROP_CROWD,         /* cut: the oldest of more than JL_CONNECTIONS_PER_KEY */
    JL_DROP_ENDLESS,       /* cut: over JL_UNREAD_MAX_BYTES that nobody could take yet, or over
                              JL_STRANGER_MAX_BYTES with its first message */
};
typedef void (*jl_drop_fn)(void *context, const uint8_t curve_public[static JL_CURVE_KEY_BYTES],
                           enum jl_drop why);

struct jl_server_options {
    const char *endpoint; /* tcp://127.0.0.1:7800; port 0 picks a free one */
    const struct jl_secret *curve_secret;
    jl_admit_fn admit;
    jl_drop_fn dropped; /* NULL: not told. Called from within the calls below */
    void *context;
    uint32_t handshake_ms; /* 0: 30 s */
    uint32_t backlog;      /* 0: 1024 */
    uint32_t newer;        /* 0: JL_NEWER_MAX */
};

struct jl_server;
/* JL_MISUSE: the endpoint is not one, or this jl_net has a server; JL_BUSY: the port is in use;
 * JL_DENIED: may not bind it. */
JL_MUST_CHECK enum jl_rc jl_server_open(struct jl_net *net, const struct jl_server_options *options,
                                        struct jl_server **out_server, struct jl_err *err);
void jl_server_close(struct jl_server *server);
JL_DEFINE_AUTO_PTR(jl_server, jl_server_close)
const char *jl_server_endpoint(const struct jl_server *server); /* with the real port */
/* Next message without waiting: JL_NOT_FOUND when there is none. out_key is the CURVE key of the
 * connection it came by. Multipart or empty messages are dropped and counted. out_peer is the
 * server's own choice, whatever routing id the peer claims. Answers waiting ZAP requests and sees
 * to the door first. */
JL_MUST_CHECK enum jl_rc jl_server_receive(struct jl_server *server, struct jl_peer_id *out_peer,
                                           uint8_t out_key[static JL_CURVE_KEY_BYTES],
                                           struct jl_frame *out_frame, struct jl_err *err);
/* JL_NOT_FOUND: the peer is gone; JL_BUSY: its queue is full (it asked for more than its credit).
 */
JL_MUST_CHECK enum jl_rc jl_server_send(struct jl_server *server, const struct jl_peer_id *peer,
                                        struct jl_bytes frame, struct jl_err *err);
/* Answer waiting ZAP requests and cut off who is too many; call whenever jl_net_wait says that the
 * server is ready, and several times a second. */
JL_MUST_CHECK enum jl_rc jl_server_admit(struct jl_server *server, struct jl_err *err);
struct jl_server_counts {
    uint64_t admitted, refused, malformed;
};
struct jl_server_counts jl_server_counts(const struct jl_server *server);

/* Connections that never became a device's, by how they ended; who hung up by himself is not
 * counted. */
enum jl_stranger {
    JL_STRANGER_KEY = 0,  /* its key is not admitted */
    JL_STRANGER_PROTOCOL, /* did not speak the protocol */
    JL_STRANGER_TIMEOUT,  /* had not finished the handshake in time */
    JL_STRANGER_CROWD,    /* cut: the oldest of too many */
    JL_STRANGER_KINDS,
};
enum { JL_ADDRESS_BYTES = 46 }; /* an IPv6 address as text, and the NUL */
struct jl_strangers {
    uint64_t count[JL_STRANGER_KINDS];
    char address[JL_STRANGER_KINDS][JL_ADDRESS_BYTES]; /* of the last of each kind; a hint,
                                                         "" when it was gone too soon */
};
void jl_server_strangers(const struct jl_server *server, struct jl_strangers *out_strangers);

/* ---- Device ---- */

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
/* What the socket's monitor said since the last call; a hint for people's messages only. */
enum jl_link {
    JL_LINK_DOWN = 0,
    JL_LINK_UP,
    JL_LINK_UNKNOWN, /* refused in the handshake: the district does not know this key (or, if its
                        program is an older one, has revoked it) */
    JL_LINK_REVOKED, /* … it knows the key, and has revoked it */
};
static inline bool jl_link_refused(enum jl_link link) {
    return link == JL_LINK_UNKNOWN || link == JL_LINK_REVOKED;
}
enum jl_link jl_client_link(struct jl_client *client);
/* Has TCP ever connected? Then somebody is there, and it may be the line that is slow. */
bool jl_client_met(const struct jl_client *client);

/* ---- Between threads and processes ---- */

struct jl_pipe; /* one end */
JL_MUST_CHECK enum jl_rc jl_pipe_pair(struct jl_net *net, struct jl_pipe **out_a,
                                      struct jl_pipe **out_b, struct jl_err *err);
void jl_pipe_close(struct jl_pipe *pipe);
JL_DEFINE_AUTO_PTR(jl_pipe, jl_pipe_close)
/* JL_BUSY: the other end lags by about 2 × JL_SOCKET_QUEUE_FRAMES items, or is closed; the item is
 * still the caller's. An item nobody took when the pipe closes is nobody's: drain before closing.
 */
JL_MUST_CHECK enum jl_rc jl_pipe_send(struct jl_pipe *pipe, void *item, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_pipe_receive(struct jl_pipe *pipe, void **out_item,
                                         struct jl_err *err); /* JL_NOT_FOUND: none now */

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

/* ---- Waiting ---- */

struct jl_wait_item {
    struct jl_server *server; /* set exactly one of these */
    struct jl_client *client;
    struct jl_pipe *pipe;
    struct jl_bell *bell;
    bool ready; /* out */
};
/* Wait for any; timeout_ms −1: for ever. A signal ends the wait with JL_OK and nothing ready. A
 * client is ready when a message waits or its link has changed (time to say Hello). */
JL_MUST_CHECK enum jl_rc jl_net_wait(struct jl_wait_item *items, size_t count, long timeout_ms,
                                     struct jl_err *err);

#endif
