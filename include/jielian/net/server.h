/* The district's end: a ROUTER socket to which all devices connect.
 *
 * A server answers ZAP (RFC 27) itself, in the thread that waits on it: during a handshake it calls
 * `admit` with the device's CURVE key. Admission guards the handshake only; the caller checks the
 * key that comes with every message again. The ZAP endpoint belongs to the whole context, so a
 * jl_net holds one server.
 *
 * Thread: the one that opened it. */
#ifndef JIELIAN_NET_SERVER_H
#define JIELIAN_NET_SERVER_H

#include "jielian/base/bytes.h"
#include "jielian/crypto/secret.h"
#include "jielian/net/curve.h"

struct jl_frame;
struct jl_net;

enum {
    JL_PEER_BYTES = 16,       /* a ROUTER routing id: 5 bytes, libzmq's own choice; room to spare */
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
};

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
 * server's own choice, whatever routing id the peer claims. Answers waiting ZAP requests and looks
 * after the connections first. */
JL_MUST_CHECK enum jl_rc jl_server_receive(struct jl_server *server, struct jl_peer_id *out_peer,
                                           uint8_t out_key[static JL_CURVE_KEY_BYTES],
                                           struct jl_frame *out_frame, struct jl_err *err);
/* JL_NOT_FOUND: the peer is gone; JL_BUSY: its queue is full (it asked for more than its credit).
 */
JL_MUST_CHECK enum jl_rc jl_server_send(struct jl_server *server, const struct jl_peer_id *peer,
                                        struct jl_bytes frame, struct jl_err *err);
/* Answer waiting ZAP requests and cut off who is too many; call whenever jl_wait_any says that the
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

#endif
