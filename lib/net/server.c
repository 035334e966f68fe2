/* The district's socket: a ROUTER over CURVE, and the ZAP handler that guards it.
 *
 * Opened ZAP first and closed ZAP last, so that no handshake meets a missing handler.
 *
 * Routing ids are libzmq's: 5 bytes, a zero and a counter. A peer may claim one of its own in the
 * handshake, where nobody but libzmq can read it; with a claim of the counter's form it would end
 * the process, since libzmq asserts that the next number is free (router.cpp, identify_peer; the
 * counter starts at an unseeded rand(), so the number is known beforehand). So the socket is made
 * to give out every id itself: ROUTER_RAW, set when it listens already. The listener took its
 * options when it was bound and goes on to speak ZMTP and CURVE; the socket numbers connections as
 * raw ones, and passes over the claim, which comes as a message with the flag of one.
 *
 * The queue from a connection has no high-water mark. At one libzmq stops reading, and a
 * connection that is reset then ends the process: with a PING in what was read already, or with
 * the next heartbeat (stream_engine_base.cpp, out_event asserts that there was no error). The
 * connections bounds the queue instead, by bytes. */
#include "server.h"
#include "connections.h"
#include "endpoint.h"
#include "frame.h"
#include "poll_set.h"
#include "socket.h"
#include "zap.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/hex.h"
#include "jielian/net/curve.h"
#include "jielian/net/frame.h"
#include "jielian/net/net.h"
#include "jielian/net/server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <zmq.h>

#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93 /* in libzmq since 4.3, in its header as a draft */
#endif

enum {
    ROUTING_ID_BYTES = 5, /* router.cpp: a zero and a u32be */
    DROPS_PER_CALL = 64,  /* malformed messages passed over before the caller gets its turn */
};

struct jl_server {
    void *router;
    struct jl_zap zap;
    struct jl_connections *connections;
    struct jl_server_options options; /* endpoint and secret are the caller's: not read again */
    uint64_t malformed;
    char endpoint[JL_ENDPOINT_BYTES];
};

static enum jl_rc set_up(struct jl_server *server, const struct jl_server_options *options,
                         struct jl_err *err) {
    enum jl_rc rc = jl_socket_bound(server->router, options->handshake_ms,
                                    jl_endpoint_ipv6(options->endpoint), err);
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_socket_option numbers[] = {
        {ZMQ_ROUTER_MANDATORY, 1},
        {ZMQ_RCVHWM, 0},
        {ZMQ_BACKLOG, options->backlog != 0 ? (int)options->backlog : JL_SERVER_BACKLOG},
        {ZMQ_CURVE_SERVER, 1},
        {ZMQ_ZAP_ENFORCE_DOMAIN, 1},
    };
    rc = jl_socket_set_all(server->router, numbers, sizeof numbers / sizeof numbers[0], err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_socket_set(server->router, ZMQ_ZAP_DOMAIN, jl_zap_domain, strlen(jl_zap_domain), err);
    if (rc != JL_OK) {
        return rc;
    }
    return jl_socket_set(server->router, ZMQ_CURVE_SECRETKEY, options->curve_secret->bytes,
                         sizeof options->curve_secret->bytes, err);
}

/* ---- Listening ---- */

static enum jl_rc fail_bind(const char *endpoint, struct jl_err *err) {
    switch (zmq_errno()) {
    case EADDRINUSE:
        return jl_fault_at(err, JL_BUSY, JL_FAULT_ADDRESS_IN_USE, "%s", endpoint);
    case EACCES:
        return jl_fault_at(err, JL_DENIED, JL_FAULT_ADDRESS_DENIED, "%s", endpoint);
    case EADDRNOTAVAIL:
    case ENODEV:
    case EINVAL:
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_ADDRESS_FOREIGN, "%s", endpoint);
    default:
        jl_socket_fail(err, "listen");
        return jl_fault_wrap(err, JL_FAULT_AT, "%s", endpoint);
    }
}

/* Connections take their segment size from the socket that accepts them, and tell it to the device
 * while they are made: set here, it holds for both ends. No connection has an id before its ids are
 * the socket's to give: that happens in calls that receive or poll, not in these two. */
static enum jl_rc listen_on(struct jl_server *server, const char *endpoint, struct jl_err *err) {
    const int segment_bytes = JL_SEGMENT_BYTES;
    const int raw = 1;
    int fd = -1;
    if (zmq_bind(server->router, endpoint) != 0) {
        return fail_bind(endpoint, err);
    }
    enum jl_rc rc = jl_socket_set(server->router, ZMQ_ROUTER_RAW, &raw, sizeof raw, err);
    if (rc == JL_OK) {
        rc = jl_connections_listener(server->connections, &fd, err);
    }
    if (rc == JL_OK &&
        setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment_bytes, sizeof segment_bytes) != 0) {
        rc = jl_socket_fail(err, "bound the size of TCP segments");
    }
    return rc;
}

enum jl_rc jl_server_open(struct jl_net *net, const struct jl_server_options *options,
                          struct jl_server **out_server, struct jl_err *err) {
    JL_ASSERT(options->endpoint != NULL && options->curve_secret != NULL && options->admit != NULL);
    enum jl_rc rc = jl_endpoint_check(options->endpoint, true, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_AUTO_PTR(jl_server) server = calloc(1, sizeof *server);
    if (server == NULL) {
        return jl_fault_memory(err);
    }
    server->zap.admit = options->admit;
    server->zap.context = options->context;
    rc = jl_zap_open(net, &server->zap, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_socket_open(net, ZMQ_ROUTER, &server->router, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = set_up(server, options, err);
    if (rc != JL_OK) {
        return rc;
    }
    server->options = *options;
    rc = jl_connections_open(net, server->router, &server->options, &server->connections, err);
    if (rc == JL_OK) {
        rc = listen_on(server, options->endpoint, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    size_t size = sizeof server->endpoint;
    if (zmq_getsockopt(server->router, ZMQ_LAST_ENDPOINT, server->endpoint, &size) != 0) {
        return jl_socket_fail(err, "the port that was picked");
    }
    *out_server = server;
    server = NULL;
    return JL_OK;
}

void jl_server_close(struct jl_server *server) {
    if (server == NULL) {
        return;
    }
    jl_socket_close(server->router);
    jl_connections_close(server->connections);
    jl_zap_close(&server->zap);
    free(server);
}

const char *jl_server_endpoint(const struct jl_server *server) {
    return server->endpoint;
}

/* The CURVE key that ZAP answered for, from the metadata libzmq keeps with the message. */
static bool key_of(zmq_msg_t *body, uint8_t out_key[static JL_CURVE_KEY_BYTES]) {
    const char *user_id = zmq_msg_gets(body, "User-Id");
    return user_id != NULL && jl_hex_decode(user_id, out_key, JL_CURVE_KEY_BYTES, NULL) == JL_OK;
}

static bool peer_of(const void *id, size_t size, struct jl_peer_id *out_peer) {
    if (size != ROUTING_ID_BYTES || ((const uint8_t *)id)[0] != 0) {
        return false;
    }
    memset(out_peer, 0, sizeof *out_peer);
    out_peer->size = (uint8_t)size;
    memcpy(out_peer->bytes, id, size);
    return true;
}

/* One whole message, or JL_NOT_FOUND, or JL_PROTO after taking a malformed one. */
static enum jl_rc take_message(struct jl_server *server, struct jl_peer_id *out_peer,
                               uint8_t out_key[static JL_CURVE_KEY_BYTES], zmq_msg_t *body,
                               struct jl_err *err) {
    uint8_t id[UINT8_MAX]; /* libzmq's own bound for routing ids */
    const int id_size = zmq_recv(server->router, id, sizeof id, ZMQ_DONTWAIT);
    if (id_size < 0) {
        if (zmq_errno() == EAGAIN) {
            jl_connections_drained(server->connections);
        }
        if (zmq_errno() == EAGAIN || zmq_errno() == EINTR) {
            return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_NET, "%s", "no message waits");
        }
        return jl_socket_fail(err, "receive");
    }
    if (zmq_msg_recv(body, server->router, ZMQ_DONTWAIT) < 0) {
        return jl_socket_fail(err, "receive"); /* parts come together, so this is no waiting */
    }
    const bool more = zmq_msg_more(body) != 0;
    const int fd = zmq_msg_get(body, ZMQ_SRCFD);
    if (more) {
        jl_frame_skip_parts(server->router);
    }
    if (!key_of(body, out_key)) {
        return jl_fault_at(err, JL_PROTO, JL_FAULT_NET, "%s",
                           "a message from a connection without a key");
    }
    jl_connections_heard(server->connections, fd, zmq_msg_size(body), out_key);
    if (!more && zmq_msg_size(body) > 0 && peer_of(id, (size_t)id_size, out_peer)) {
        return JL_OK;
    }
    if (server->options.dropped != NULL) {
        server->options.dropped(server->options.context, out_key, JL_DROP_MALFORMED);
    }
    return jl_fault_at(err, JL_PROTO, JL_FAULT_NET, "%s",
                       "a message of several parts, or an empty one");
}

enum jl_rc jl_server_receive(struct jl_server *server, struct jl_peer_id *out_peer,
                             uint8_t out_key[static JL_CURVE_KEY_BYTES], struct jl_frame *out_frame,
                             struct jl_err *err) {
    enum jl_rc rc = jl_server_admit(server, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_AUTO(jl_frame) frame = {0};
    rc = jl_frame_init(&frame, err); /* before receiving, so that no message is lost for memory */
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_peer_id peer;
    uint8_t key[JL_CURVE_KEY_BYTES];
    for (unsigned drops = 0; drops < DROPS_PER_CALL; drops++) {
        rc = take_message(server, &peer, key, frame.message, err);
        if (rc != JL_PROTO) {
            break;
        }
        server->malformed++;
    }
    if (rc == JL_PROTO) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_NET, "%s", "only malformed messages so far");
    }
    if (rc != JL_OK) {
        return rc;
    }
    frame.bytes = jl_bytes(zmq_msg_data(frame.message), zmq_msg_size(frame.message));
    *out_peer = peer;
    memcpy(out_key, key, sizeof key);
    *out_frame = frame;
    frame.message = NULL;
    return JL_OK;
}

enum jl_rc jl_server_send(struct jl_server *server, const struct jl_peer_id *peer,
                          struct jl_bytes frame, struct jl_err *err) {
    const enum jl_rc rc = jl_frame_check(frame, err);
    if (rc != JL_OK) {
        return rc;
    }
    zmq_msg_t body; /* made first: once the id is sent, the body has to follow */
    if (zmq_msg_init_size(&body, frame.size) != 0) {
        return jl_fault_memory(err);
    }
    memcpy(zmq_msg_data(&body), frame.data, frame.size);
    if (jl_socket_send(server->router, peer->bytes, peer->size, ZMQ_SNDMORE) < 0) {
        const int code = zmq_errno();
        zmq_msg_close(&body);
        if (code == EHOSTUNREACH) {
            return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_NET, "%s", "the peer is gone");
        }
        if (code == EAGAIN) {
            return jl_fault_at(err, JL_BUSY, JL_FAULT_NET, "%s", "the peer's queue is full");
        }
        errno = code;
        return jl_socket_fail(err, "send");
    }
    if (zmq_msg_send(&body, server->router, ZMQ_DONTWAIT) < 0) {
        const int code = zmq_errno();
        zmq_msg_close(&body);
        errno = code;
        return jl_socket_fail(err, "send");
    }
    return JL_OK;
}

enum jl_rc jl_server_admit(struct jl_server *server, struct jl_err *err) {
    const enum jl_rc rc = jl_zap_answer(&server->zap, err);
    return rc == JL_OK ? jl_connections_tend(server->connections, err) : rc;
}

void jl_server_strangers(const struct jl_server *server, struct jl_strangers *out_strangers) {
    *out_strangers = *jl_connections_strangers(server->connections);
    out_strangers->count[JL_STRANGER_KEY] = server->zap.refused;
    memcpy(out_strangers->address[JL_STRANGER_KEY], server->zap.refused_address, JL_ADDRESS_BYTES);
}

struct jl_server_counts jl_server_counts(const struct jl_server *server) {
    struct jl_server_counts counts = {
        .admitted = server->zap.admitted,
        .refused = server->zap.refused,
        .malformed = server->malformed,
    };
    return counts;
}

struct jl_poll_set jl_server_polls(const struct jl_server *server) {
    struct jl_poll_set polls = {
        .sockets = {server->router, server->zap.socket, jl_connections_socket(server->connections)},
        .fd = -1};
    return polls;
}
