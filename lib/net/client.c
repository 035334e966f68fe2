/* The device's socket: a DEALER over CURVE that goes on trying to connect.
 *
 * With IMMEDIATE a message is taken only while a connection with a finished handshake is there, so
 * "sent" never means "parked for a district that cannot be reached".
 *
 * libzmq reconnects by itself after a lost connection, but gives up for good after a protocol
 * error, and a refused handshake is one about every second time. Its monitor tells the two apart:
 * after a loss it either says CONNECT_RETRIED or nothing. If it says nothing until retry_at_ms, the
 * client connects again itself.
 *
 *   DISCONNECTED, HANDSHAKE_FAILED_*      stranded, retry_at_ms = now + retry_ms
 *   CONNECT_RETRIED, _DELAYED, CONNECTED  libzmq is at it: not stranded
 *   HANDSHAKE_SUCCEEDED                   not stranded, retry_ms starts over, link UP
 *   retry_at_ms passes while stranded     connect again, retry_ms doubles
 *
 * With several endpoints a try that fails (no TCP connection, or a handshake that does not end)
 * leads to the next one at once. When all of them have failed, one after another, the round is
 * over: the next begins after retry_ms, which doubles. A connection that stood and is lost is tried
 * again first where it was.
 *
 * Another connection means other sockets, so that nothing that is still said of the old one is
 * taken for news of the new one. All endpoints are held to the same server key. */
#include "client.h"
#include "endpoint.h"
#include "frame.h"
#include "socket.h"
#include "zap.h"

#include "jielian/base/assert.h"
#include "jielian/base/bytes.h"
#include "jielian/base/clock.h"
#include "jielian/base/fault.h"
#include "jielian/crypto/secret.h"
#include "jielian/net/client.h"
#include "jielian/net/curve.h"
#include "jielian/net/frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum {
    EVENTS = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CONNECT_DELAYED | ZMQ_EVENT_CONNECT_RETRIED |
             ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
             ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
             ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL,
};

struct jl_client {
    struct jl_net *net;
    void *dealer;
    void *monitor;
    char endpoint[JL_ENDPOINT_BYTES]; /* of these sockets */
    char ring[JL_CLIENT_ENDPOINTS_MAX][JL_ENDPOINT_BYTES];
    size_t count, at;     /* of the ring; where the next connection goes */
    size_t failures;      /* tries that failed, one after another */
    enum jl_link refusal; /* what a try of this round was refused with; DOWN: none was */
    enum jl_link link;
    bool news; /* the link has changed and nobody has been notified */
    bool met;
    bool heard;  /* a message came over these sockets */
    bool failed; /* one of several endpoints: on to the next */
    bool lost;   /* a connection that stood: libzmq says that it tries again */
    bool idle;   /* these sockets are not connected yet */
    bool stranded;
    int64_t retry_at_ms;
    int64_t retry_ms;
    uint32_t jitter_ms; /* below JL_RECONNECT_MS */
    int connect_ms;
    const uint8_t *server_public;
    const struct jl_secret *curve_secret;
};

static int64_t steady_ms(void) {
    const struct jl_clock clock = jl_clock_system();
    return clock.steady_ms(clock.context);
}

static enum jl_rc set_up(struct jl_client *client, struct jl_err *err) {
    enum jl_rc rc = jl_socket_bound(client->dealer, 0, jl_endpoint_ipv6(client->endpoint), err);
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_socket_option numbers[] = {
        {ZMQ_IMMEDIATE, 1},
        {ZMQ_CONNECT_TIMEOUT, client->connect_ms},
        {ZMQ_RECONNECT_IVL, JL_RECONNECT_MS + (int)client->jitter_ms},
        {ZMQ_RECONNECT_IVL_MAX, JL_RECONNECT_MAX_MS},
    };
    rc = jl_socket_set_all(client->dealer, numbers, sizeof numbers / sizeof numbers[0], err);
    if (rc != JL_OK) {
        return rc;
    }
    uint8_t own_public[JL_CURVE_KEY_BYTES];
    rc = jl_curve_public(client->curve_secret, own_public, err);
    if (rc != JL_OK) {
        return rc;
    }
    const struct {
        int name;
        const uint8_t *key;
    } keys[] = {
        {ZMQ_CURVE_SERVERKEY, client->server_public},
        {ZMQ_CURVE_PUBLICKEY, own_public},
        {ZMQ_CURVE_SECRETKEY, client->curve_secret->bytes},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        rc = jl_socket_set(client->dealer, keys[i].name, keys[i].key, JL_CURVE_KEY_BYTES, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

static enum jl_rc watch(struct jl_client *client, struct jl_err *err) {
    char name[JL_ENDPOINT_BYTES];
    jl_socket_name(client->net, "jl-monitor", name);
    if (zmq_socket_monitor(client->dealer, name, EVENTS) != 0) {
        return jl_socket_fail(err, "watch the connection");
    }
    enum jl_rc rc = jl_socket_open(client->net, ZMQ_PAIR, &client->monitor, err);
    if (rc != JL_OK) {
        return rc;
    }
    /* No high-water mark here: libzmq's one I/O thread waits when the monitor's queue is full, and
     * every connection of the context with it. Reconnecting paces the events, a few a second. */
    const struct jl_socket_option options[] = {{ZMQ_LINGER, 0}, {ZMQ_RCVHWM, 0}};
    rc = jl_socket_set_all(client->monitor, options, sizeof options / sizeof options[0], err);
    if (rc != JL_OK) {
        return rc;
    }
    if (zmq_connect(client->monitor, name) != 0) {
        return jl_socket_fail(err, "watch the connection");
    }
    return JL_OK;
}

static void close_sockets(struct jl_client *client) {
    if (client->dealer != NULL) {
        /* First of all: a monitor that still sends to a closed reader blocks the I/O thread. */
        (void)zmq_socket_monitor(client->dealer, NULL, 0);
    }
    jl_socket_close(client->monitor);
    jl_socket_close(client->dealer);
    client->monitor = client->dealer = NULL;
}

/* Sockets for the endpoint whose turn it is, not connected yet. */
static enum jl_rc renew(struct jl_client *client, struct jl_err *err) {
    close_sockets(client);
    memcpy(client->endpoint, client->ring[client->at], sizeof client->endpoint);
    client->heard = client->lost = client->failed = false;
    client->idle = true;
    enum jl_rc rc = jl_socket_open(client->net, ZMQ_DEALER, &client->dealer, err);
    if (rc == JL_OK) {
        rc = set_up(client, err);
    }
    return rc == JL_OK ? watch(client, err) : rc;
}

static enum jl_rc connect_anew(struct jl_client *client, struct jl_err *err) {
    enum jl_rc rc = client->idle ? JL_OK : renew(client, err);
    if (rc != JL_OK) {
        return rc;
    }
    client->idle = false;
    if (zmq_connect(client->dealer, client->endpoint) == 0) {
        return JL_OK;
    }
    if (client->count > 1) { /* libzmq takes it for none: another one may do */
        client->failed = true;
        return JL_OK;
    }
    jl_socket_fail(err, "connect");
    return jl_fault_wrap(err, JL_FAULT_AT, "%s", client->endpoint);
}

void jl_client_endpoints(struct jl_client *client, const char *const *endpoints, size_t count) {
    size_t known = 0;
    size_t at = JL_CLIENT_ENDPOINTS_MAX;
    for (size_t i = 0; i < count && known < JL_CLIENT_ENDPOINTS_MAX; i++) {
        bool there = jl_endpoint_check(endpoints[i], false, NULL) != JL_OK;
        for (size_t k = 0; !there && k < known; k++) {
            there = strcmp(client->ring[k], endpoints[i]) == 0;
        }
        if (!there) {
            at = strcmp(endpoints[i], client->endpoint) == 0 ? known : at;
            memcpy(client->ring[known++], endpoints[i], strlen(endpoints[i]) + 1);
        }
    }
    if (known == 0) {
        return; /* nothing of it can be connected to: what was known stays */
    }
    client->count = known;
    client->at = at < known ? at : known - 1; /* after one that is not in it comes the first */
}

enum jl_rc jl_client_open(struct jl_net *net, const struct jl_client_options *options,
                          struct jl_client **out_client, struct jl_err *err) {
    JL_ASSERT(options->endpoint != NULL && options->server_public != NULL &&
              options->curve_secret != NULL);
    enum jl_rc rc = jl_endpoint_check(options->endpoint, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    JL_AUTO_PTR(jl_client) client = calloc(1, sizeof *client);
    if (client == NULL) {
        return jl_fault_memory(err);
    }
    client->net = net;
    client->connect_ms = options->connect_ms != 0 ? (int)options->connect_ms : JL_CONNECT_MS;
    client->jitter_ms = options->jitter_seed % JL_RECONNECT_MS;
    client->retry_ms = JL_RECONNECT_MS;
    client->server_public = options->server_public;
    client->curve_secret = options->curve_secret;
    jl_client_endpoints(client, &options->endpoint, 1);
    rc = renew(client, err);
    if (rc == JL_OK) {
        rc = connect_anew(client, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    *out_client = client;
    client = NULL;
    return JL_OK;
}

void jl_client_close(struct jl_client *client) {
    if (client == NULL) {
        return;
    }
    close_sockets(client);
    free(client);
}

const char *jl_client_endpoint(const struct jl_client *client) {
    return client->endpoint;
}

size_t jl_client_endpoint_count(const struct jl_client *client) {
    return client->count;
}

static void change_link(struct jl_client *client, enum jl_link link) {
    if (client->link != link) {
        client->link = link;
        client->news = true;
    }
}

static void strand(struct jl_client *client) {
    client->stranded = true;
    client->retry_at_ms = steady_ms() + client->retry_ms + client->jitter_ms;
}

static enum jl_link refusal_of(uint32_t value) {
    return value == JL_ZAP_REVOKED_VALUE ? JL_LINK_REVOKED : JL_LINK_UNKNOWN;
}

/* The handshake did not end, or the connection is gone. */
static void note_loss(struct jl_client *client) {
    client->lost = client->link == JL_LINK_UP;
    client->failed = client->count > 1 && !client->lost;
    strand(client);
    if (client->lost) {
        change_link(client, JL_LINK_DOWN);
    } else if (client->refusal == JL_LINK_DOWN) {
        client->refusal = client->link; /* cut before it said why: what was said holds */
    }
}

static void note_event(struct jl_client *client, unsigned event, uint32_t value) {
    switch (event) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        client->stranded = client->lost = false;
        client->retry_ms = JL_RECONNECT_MS;
        client->failures = 0;
        client->refusal = JL_LINK_DOWN;
        change_link(client, JL_LINK_UP);
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        strand(client);
        client->refusal = refusal_of(value);
        client->failed = client->count > 1;
        change_link(client, client->refusal);
        break;
    case ZMQ_EVENT_DISCONNECTED: /* follows a refusal too, and then says nothing new */
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
        note_loss(client);
        break;
    case ZMQ_EVENT_CLOSED: /* could not connect at all */
        client->failed = client->count > 1;
        if (!client->failed) {
            change_link(client, JL_LINK_DOWN); /* an older refusal says no more */
        }
        break;
    case ZMQ_EVENT_CONNECTED:
        client->met = true;
        client->stranded = client->lost = false;
        break;
    case ZMQ_EVENT_CONNECT_RETRIED: /* after a name that was not found it says nothing else */
        client->failed = client->count > 1 && !client->lost;
        client->stranded = client->lost = false;
        break;
    default: /* CONNECT_DELAYED */
        client->stranded = false;
        break;
    }
}

static enum jl_rc read_monitor(struct jl_client *client, struct jl_err *err) {
    while (!client->failed) {
        uint8_t event[JL_EVENT_BYTES];
        const int size = zmq_recv(client->monitor, event, sizeof event, ZMQ_DONTWAIT);
        if (size < 0) {
            if (zmq_errno() == EAGAIN || zmq_errno() == EINTR) {
                return JL_OK;
            }
            return jl_socket_fail(err, "read the connection's state");
        }
        jl_frame_skip_parts(client->monitor); /* the address */
        JL_ASSERT(size == JL_EVENT_BYTES);
        uint16_t number = 0;
        uint32_t value = 0;
        memcpy(&number, event, sizeof number);
        memcpy(&value, event + sizeof number, sizeof value);
        note_event(client, number, value);
    }
    return JL_OK;
}

static void double_retry(struct jl_client *client) {
    if (client->retry_ms < JL_RECONNECT_MAX_MS) {
        client->retry_ms *= 2;
    }
}

/* To the next endpoint: at once, or after a pause when the round is over. A refusal by one of them
 * is said until a round passes without it. */
static enum jl_rc move_on(struct jl_client *client, struct jl_err *err) {
    client->at = (client->at + 1) % client->count;
    client->failures++;
    strand(client);
    if (client->failures % client->count == 0) {
        change_link(client, client->refusal);
        client->refusal = JL_LINK_DOWN;
        double_retry(client);
    } else {
        client->retry_at_ms = 0;
    }
    return renew(client, err);
}

enum jl_rc jl_client_tend(struct jl_client *client, int64_t *out_due_ms, struct jl_err *err) {
    enum jl_rc rc = read_monitor(client, err);
    if (rc == JL_OK && client->failed) {
        rc = move_on(client, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    *out_due_ms = INT64_MAX;
    if (!client->stranded) {
        return JL_OK;
    }
    *out_due_ms = client->retry_at_ms;
    if (steady_ms() < client->retry_at_ms) {
        return JL_OK;
    }
    if (client->count == 1) {
        double_retry(client);
        strand(client);
        *out_due_ms = client->retry_at_ms;
    } else {
        client->stranded = false; /* whatever becomes of it, libzmq says so */
        *out_due_ms = INT64_MAX;
    }
    rc = connect_anew(client, err);
    if (client->failed) {
        *out_due_ms = steady_ms();
    }
    return rc;
}

bool jl_client_take_news(struct jl_client *client) {
    const bool news = client->news;
    client->news = false;
    return news;
}

enum jl_rc jl_client_receive(struct jl_client *client, struct jl_frame *out_frame,
                             struct jl_err *err) {
    JL_AUTO(jl_frame) frame = {0};
    enum jl_rc rc = jl_frame_init(&frame, err);
    if (rc != JL_OK) {
        return rc;
    }
    for (;;) {
        if (zmq_msg_recv(frame.message, client->dealer, ZMQ_DONTWAIT) < 0) {
            if (zmq_errno() != EAGAIN && zmq_errno() != EINTR) {
                return jl_socket_fail(err, "receive");
            }
            int64_t due_ms = 0;
            rc = jl_client_tend(client, &due_ms, err);
            return rc != JL_OK
                       ? rc
                       : jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_NET, "%s", "no message waits");
        }
        if (!zmq_msg_more(frame.message) && zmq_msg_size(frame.message) > 0) {
            break;
        }
        jl_frame_skip_parts(client->dealer); /* the district sends nothing of that kind */
    }
    client->heard = true;
    frame.bytes = jl_bytes(zmq_msg_data(frame.message), zmq_msg_size(frame.message));
    *out_frame = frame;
    frame.message = NULL;
    return JL_OK;
}

enum jl_rc jl_client_send(struct jl_client *client, struct jl_bytes frame, struct jl_err *err) {
    const enum jl_rc rc = jl_frame_check(frame, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (jl_socket_send(client->dealer, frame.data, frame.size, 0) < 0) {
        if (zmq_errno() == EAGAIN) {
            return jl_fault_at(err, JL_BUSY, JL_FAULT_NET, "%s",
                               "not connected, or the queue is full");
        }
        return jl_socket_fail(err, "send");
    }
    return JL_OK;
}

enum jl_rc jl_client_send_last(struct jl_client *client, struct jl_bytes frame,
                               struct jl_err *err) {
    const int linger_ms = JL_FAREWELL_MS;
    const enum jl_rc rc = jl_client_send(client, frame, err);
    return rc == JL_OK
               ? jl_socket_set(client->dealer, ZMQ_LINGER, &linger_ms, sizeof linger_ms, err)
               : rc;
}

/* Not stranded: libzmq tries the new connection until it stands. Where nothing was heard although
 * the connection stood, the next endpoint may be one that answers. */
enum jl_rc jl_client_reconnect(struct jl_client *client, struct jl_err *err) {
    if (!client->heard) {
        client->at = (client->at + 1) % client->count;
    }
    client->idle = client->stranded = false;
    change_link(client, JL_LINK_DOWN);
    return connect_anew(client, err);
}

enum jl_link jl_client_link(struct jl_client *client) {
    int64_t due_ms = 0;
    if (jl_client_tend(client, &due_ms, NULL) != JL_OK) {
        return JL_LINK_DOWN; /* a hint only; jl_wait_any meets the same error and reports it */
    }
    client->news = false;
    return client->link;
}

bool jl_client_met(const struct jl_client *client) {
    return client->met;
}

struct jl_poll_set jl_client_polls(const struct jl_client *client) {
    struct jl_poll_set polls = {.sockets = {client->dealer, client->monitor}, .fd = -1};
    return polls;
}
