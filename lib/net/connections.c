/* Who is connected: the TCP connections of a server, by what libzmq's monitor says of them.
 *
 *                     ┌─ HANDSHAKE_IVL, garbage, a key that ZAP refuses ─> libzmq closes it
 *   accepted ─> stranger ── first message, with its key ─> known ─────────> libzmq closes it
 *                     └─ too many strangers: the oldest is cut        └─ too many with one key: the
 *                                                                       oldest is cut; a message
 *                                                                       that never ends: it is cut
 *
 * libzmq accepts whatever comes, and when the process is out of files it asks for the same
 * connection again and again (tcp_listener.cpp: no handling of EMFILE), so that its I/O thread
 * spins and nobody gets in. Strangers are therefore kept few: below JL_STRANGERS_MAX, and below
 * what the process's limit leaves beside the devices and JL_FILES_KEPT. Cutting the oldest lets an
 * honest device in, whose handshake takes a few round trips, while thousands sit and wait.
 *
 * What nobody has taken yet stays in libzmq's memory, and no option bounds it: the queue has no
 * high-water mark (server.c), a message of many parts waits for its last one, and the properties of
 * a handshake become a map of thirty times their size that lives as long as the connection. So a
 * connection is cut when JL_UNREAD_MAX_BYTES of it wait, and all of a key's when so many of theirs
 * wait together, those included that have gone and left their messages. Before its first message
 * the bound is JL_STRANGER_MAX_BYTES. What waits is TCP's count less what was taken; the two start
 * anew together when the server's queue has run empty, since pings are in the one and not in the
 * other.
 *
 * libzmq numbers connections with 32 bits and asserts that the next number is free. So a connection
 * after which JL_NEWER_MAX others have come is cut: in months, and its device is back in a second.
 *
 * Cutting is shutdown(2): libzmq sees the end of the stream and closes the file itself. The file
 * could have been closed and used anew between the monitor's word and the cut; the peer's address
 * and port are compared before, and what is left of the race costs somebody a reconnect. */
#include "connections.h"
#include "endpoint.h"
#include "frame.h"
#include "socket.h"

#include "jielian/base/clock.h"
#include "jielian/base/fault.h"
#include "jielian/net/curve.h"
#include "jielian/net/net.h"
#include "jielian/net/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <zmq.h>

enum {
    EVENTS = ZMQ_EVENT_LISTENING | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED |
             ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
             ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH,
    EVENTS_PER_CALL = 4096, /* then messages get their turn */
    CHECK_MS = 100,         /* how often the limit and unfinished messages are looked at */
    TIMEOUT_SLACK_MS = 200, /* libzmq's timer is not exact; short of the interval all the same */
    USUAL_FILES = 1024,
    MESSAGE_EXTRA_BYTES = 2 + JL_CURVE_EXTRA_BYTES, /* at least; ZMTP's own are 2 or 9 */
    NOBODY = -1,                                    /* ends the list of strangers */
};

struct line { /* by its file */
    int64_t since_ms;
    uint64_t serial;   /* of all that were accepted */
    uint64_t taken;    /* bytes of TCP's count that wait no more */
    uint64_t added;    /* … that its owner has to answer for */
    size_t owner;      /* known: in connections->owners */
    int before, after; /* list of strangers, oldest first */
    bool open, known, cut;
    bool progress; /* a whole message came since the last check */
    bool has_address;
    uint16_t port;
    int family;
    uint8_t address[16];
    uint8_t key[JL_CURVE_KEY_BYTES]; /* known */
};

struct owner { /* a key, over all its connections */
    uint8_t key[JL_CURVE_KEY_BYTES];
    size_t lines;
    int64_t waiting; /* bytes; below 0 what was taken and not counted yet */
};

struct jl_connections {
    void *monitor;
    const struct jl_server_options *options; /* borrowed: the server's copy */
    int64_t handshake_ms;
    struct line *lines;
    int line_count;
    struct owner *owners;
    size_t owner_count;
    int first, last; /* strangers */
    size_t strangers, known;
    size_t files_max;
    int64_t checked_ms;
    bool drained; /* no message waited at some time since then */
    uint64_t accepted;
    uint64_t unheard; /* handshakes that succeeded, of which no message has come yet */
    int listener;     /* the file that listens */
    int failure;      /* the event that came just before a DISCONNECTED, 0: none */
    struct jl_strangers counts;
};

static int64_t steady_ms(void) {
    const struct jl_clock clock = jl_clock_system();
    return clock.steady_ms(clock.context);
}

/* ---- Lines ---- */

static struct line *line_of(struct jl_connections *connections, int fd) {
    return fd >= 0 && fd < connections->line_count && connections->lines[fd].open
               ? &connections->lines[fd]
               : NULL;
}

static void unlink_stranger(struct jl_connections *connections, int fd) {
    const struct line *line = &connections->lines[fd];
    *(line->before != NOBODY ? &connections->lines[line->before].after : &connections->first) =
        line->after;
    *(line->after != NOBODY ? &connections->lines[line->after].before : &connections->last) =
        line->before;
    connections->strangers--;
}

static bool grow(struct jl_connections *connections, int fd) {
    if (fd < connections->line_count) {
        return true;
    }
    const int count = fd + 64 + connections->line_count / 2;
    struct line *lines = realloc(connections->lines, (size_t)count * sizeof *lines);
    if (lines == NULL) {
        return false;
    }
    memset(lines + connections->line_count, 0,
           (size_t)(count - connections->line_count) * sizeof *lines);
    connections->lines = lines;
    connections->line_count = count;
    return true;
}

/* false: the peer is gone, or it is no TCP connection. */
static bool peer_address(int fd, struct line *out) {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address;
    socklen_t size = sizeof address;
    if (getpeername(fd, &address.any, &size) != 0) {
        return false;
    }
    memset(out->address, 0, sizeof out->address);
    out->family = address.any.sa_family;
    if (out->family == AF_INET) {
        memcpy(out->address, &address.v4.sin_addr, sizeof address.v4.sin_addr);
        out->port = address.v4.sin_port;
    } else if (out->family == AF_INET6) {
        memcpy(out->address, &address.v6.sin6_addr, sizeof address.v6.sin6_addr);
        out->port = address.v6.sin6_port;
    }
    return out->family == AF_INET || out->family == AF_INET6;
}

static void cut(struct jl_connections *connections, int fd) {
    struct line *line = &connections->lines[fd];
    struct line now = {0};
    line->cut = true;
    if (line->has_address && peer_address(fd, &now) && now.port == line->port &&
        now.family == line->family && memcmp(now.address, line->address, sizeof now.address) == 0) {
        (void)shutdown(fd, SHUT_RDWR); /* fails when the peer was quicker, which is as good */
    }
}

static void count_stranger(struct jl_connections *connections, const struct line *line,
                           enum jl_stranger kind) {
    connections->counts.count[kind]++;
    if (line->has_address) {
        (void)inet_ntop(line->family, line->address, connections->counts.address[kind],
                        sizeof connections->counts.address[kind]);
    }
}

/* ---- What the monitor says ---- */

static void accepted(struct jl_connections *connections, int fd) {
    if (fd < 0 || !grow(connections, fd)) {
        return; /* out of memory: this one is not counted, the next may be */
    }
    if (connections->lines[fd].open && !connections->lines[fd].known &&
        !connections->lines[fd].cut) {
        unlink_stranger(connections, fd);
    }
    struct line *line = &connections->lines[fd];
    *line = (struct line){.open = true,
                          .since_ms = steady_ms(),
                          .serial = connections->accepted++,
                          .before = connections->last,
                          .after = NOBODY};
    line->has_address = peer_address(fd, line);
    *(connections->last != NOBODY ? &connections->lines[connections->last].after
                                  : &connections->first) = fd;
    connections->last = fd;
    connections->strangers++;
}

static void disconnected(struct jl_connections *connections, int fd, int failure) {
    struct line *line = line_of(connections, fd);
    if (line == NULL) {
        return;
    }
    if (line->known) {
        connections->known--;
        connections->owners[line->owner].lines--;
    } else if (!line->cut) {
        const int64_t age_ms = steady_ms() - line->since_ms;
        unlink_stranger(connections, fd);
        if (failure == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
            /* ZAP has counted it. */
        } else if (age_ms >= connections->handshake_ms - TIMEOUT_SLACK_MS) {
            count_stranger(connections, line, JL_STRANGER_TIMEOUT);
        } else if (failure == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL) {
            /* It hung up by itself: a probe, or a device whose line broke. */
        } else if (failure == 0 && connections->unheard > 0) {
            connections->unheard--; /* a device that came in and left without a word */
        } else {
            count_stranger(connections, line, JL_STRANGER_PROTOCOL);
        }
    }
    line->open = false;
}

static void take_event(struct jl_connections *connections, uint16_t event, uint32_t value) {
    switch (event) {
    case ZMQ_EVENT_LISTENING:
        connections->listener = (int)value;
        break;
    case ZMQ_EVENT_ACCEPTED:
        accepted(connections, (int)value);
        break;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        connections->unheard++;
        break;
    case ZMQ_EVENT_DISCONNECTED:
        disconnected(connections, (int)value, connections->failure);
        connections->failure = 0;
        break;
    default: /* a handshake failed; DISCONNECTED of the same connection follows */
        connections->failure = event;
        break;
    }
}

static enum jl_rc read_events(struct jl_connections *connections, struct jl_err *err) {
    for (unsigned i = 0; i < EVENTS_PER_CALL; i++) {
        uint8_t bytes[JL_EVENT_BYTES];
        if (zmq_recv(connections->monitor, bytes, sizeof bytes, ZMQ_DONTWAIT) < 0) {
            return zmq_errno() == EAGAIN || zmq_errno() == EINTR
                       ? JL_OK
                       : jl_socket_fail(err, "watch the connections");
        }
        uint16_t event = 0;
        uint32_t value = 0;
        memcpy(&event, bytes, sizeof event);
        memcpy(&value, bytes + sizeof event, sizeof value);
        jl_frame_skip_parts(connections->monitor); /* our own endpoint */
        take_event(connections, event, value);
    }
    return JL_OK;
}

/* ---- Bounds ---- */

static void tell(const struct jl_connections *connections, const struct line *line,
                 enum jl_drop why) {
    if (connections->options->dropped != NULL) {
        connections->options->dropped(connections->options->context, line->key, why);
    }
}

static void shed_stranger(struct jl_connections *connections, int fd, enum jl_stranger kind) {
    unlink_stranger(connections, fd);
    count_stranger(connections, &connections->lines[fd], kind);
    cut(connections, fd);
}

static void shed_strangers(struct jl_connections *connections) {
    const size_t room = connections->files_max > connections->known
                            ? connections->files_max - connections->known
                            : 0;
    const size_t most = room < JL_STRANGERS_MAX ? room : JL_STRANGERS_MAX;
    while (connections->strangers > most) {
        shed_stranger(connections, connections->first, JL_STRANGER_CROWD);
    }
}

/* Bytes that TCP has brought so far; 0: just closed. */
static uint64_t received(int fd) {
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    const int failed = getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size);
    return failed == 0 ? info.tcpi_bytes_received : 0;
}

/* What TCP has brought of a known connection since the last time, its owner answers for. */
static void add_to_owner(struct jl_connections *connections, int fd, uint64_t count) {
    struct line *line = &connections->lines[fd];
    if (count > line->added) {
        connections->owners[line->owner].waiting += (int64_t)(count - line->added);
        line->added = count;
    }
}

static void shed_known(struct jl_connections *connections, int fd, enum jl_drop why) {
    add_to_owner(connections, fd, received(fd)); /* the last look: what it leaves goes on waiting */
    tell(connections, &connections->lines[fd], why);
    cut(connections, fd);
}

/* NULL: no memory. */
static struct owner *owner_of(struct jl_connections *connections,
                              const uint8_t key[static JL_CURVE_KEY_BYTES]) {
    struct owner *idle = NULL;
    for (size_t i = 0; i < connections->owner_count; i++) {
        struct owner *owner = &connections->owners[i];
        if (memcmp(owner->key, key, JL_CURVE_KEY_BYTES) == 0) {
            return owner;
        }
        idle = owner->lines == 0 && owner->waiting <= 0 ? owner : idle;
    }
    if (idle == NULL) {
        const size_t count = 2 * connections->owner_count + 8;
        struct owner *owners = realloc(connections->owners, count * sizeof *owners);
        if (owners == NULL) {
            return NULL;
        }
        memset(owners + connections->owner_count, 0,
               (count - connections->owner_count) * sizeof *owners);
        idle = &owners[connections->owner_count];
        connections->owners = owners;
        connections->owner_count = count;
    }
    memcpy(idle->key, key, JL_CURVE_KEY_BYTES);
    idle->waiting = 0;
    return idle;
}

static bool owner_full(const struct owner *owner) {
    return owner->waiting > JL_UNREAD_MAX_BYTES;
}

static void shed_same_key(struct jl_connections *connections,
                          const uint8_t key[static JL_CURVE_KEY_BYTES]) {
    int oldest = NOBODY;
    size_t count = 0;
    for (int fd = 0; fd < connections->line_count; fd++) {
        const struct line *line = &connections->lines[fd];
        if (line->open && line->known && !line->cut &&
            memcmp(line->key, key, JL_CURVE_KEY_BYTES) == 0) {
            count++;
            oldest = oldest == NOBODY || line->since_ms < connections->lines[oldest].since_ms
                         ? fd
                         : oldest;
        }
    }
    if (count > JL_CONNECTIONS_PER_KEY) {
        shed_known(connections, oldest, JL_DROP_CROWD);
    }
}

static void check_unread(struct jl_connections *connections, int fd) {
    struct line *line = &connections->lines[fd];
    const uint64_t count = received(fd);
    if (!line->known) {
        if (count > JL_STRANGER_MAX_BYTES) {
            shed_stranger(connections, fd, JL_STRANGER_PROTOCOL);
        }
        return;
    }
    if (count == 0) {
        return; /* the word of its end comes next */
    }
    add_to_owner(connections, fd, count);
    if ((line->progress && connections->drained) || count < line->taken) {
        line->taken = count;
    } else if (count - line->taken > JL_UNREAD_MAX_BYTES) {
        shed_known(connections, fd, JL_DROP_ENDLESS);
    }
    line->progress = false;
}

static void check_owners(struct jl_connections *connections) {
    for (size_t i = 0; connections->drained && i < connections->owner_count; i++) {
        connections->owners[i].waiting = 0;
    }
    for (int fd = 0; fd < connections->line_count; fd++) {
        const struct line *line = &connections->lines[fd];
        if (line->open && line->known && !line->cut &&
            owner_full(&connections->owners[line->owner])) {
            shed_known(connections, fd, JL_DROP_ENDLESS);
        }
    }
}

static void check_age(struct jl_connections *connections, int fd) {
    const uint32_t most =
        connections->options->newer != 0 ? connections->options->newer : JL_NEWER_MAX;
    const struct line *line = &connections->lines[fd];
    if (line->cut || connections->accepted - 1 - line->serial < most) {
        return;
    }
    if (line->known) {
        cut(connections, fd);
    } else {
        shed_stranger(connections, fd, JL_STRANGER_CROWD);
    }
}

static void check_lines(struct jl_connections *connections) {
    for (int fd = 0; fd < connections->line_count; fd++) {
        if (connections->lines[fd].open && !connections->lines[fd].cut) {
            check_unread(connections, fd);
            check_age(connections, fd);
        }
    }
    check_owners(connections);
    connections->drained = false;
}

static void measure(struct jl_connections *connections) {
    struct rlimit limit = {.rlim_cur = USUAL_FILES};
    (void)getrlimit(RLIMIT_NOFILE, &limit); /* a sandbox may forbid it: then the usual limit */
    const size_t most = limit.rlim_cur < JL_FILES_MAX ? (size_t)limit.rlim_cur : JL_FILES_MAX;
    connections->files_max = most > 2 * JL_FILES_KEPT ? most - JL_FILES_KEPT : most / 2;
}

/* ---- Life ---- */

enum jl_rc jl_connections_open(struct jl_net *net, void *router,
                               const struct jl_server_options *options,
                               struct jl_connections **out_connections, struct jl_err *err) {
    char name[JL_ENDPOINT_BYTES];
    JL_AUTO_PTR(jl_connections) connections = calloc(1, sizeof *connections);
    if (connections == NULL) {
        return jl_fault_memory(err);
    }
    connections->options = options;
    connections->handshake_ms =
        options->handshake_ms != 0 ? options->handshake_ms : JL_HANDSHAKE_MS;
    connections->first = connections->last = connections->listener = NOBODY;
    measure(connections);
    jl_socket_name(net, "jl-connections", name);
    if (zmq_socket_monitor(router, name, EVENTS) != 0) {
        return jl_socket_fail(err, "watch the connections");
    }
    enum jl_rc rc = jl_socket_open(net, ZMQ_PAIR, &connections->monitor, err);
    if (rc != JL_OK) {
        return rc;
    }
    /* No high-water mark: libzmq's one I/O thread waits when the monitor's queue is full, and every
     * connection with it. The events of a turn are some hundred bytes for each new connection. */
    const struct jl_socket_option numbers[] = {{ZMQ_LINGER, 0}, {ZMQ_RCVHWM, 0}};
    rc = jl_socket_set_all(connections->monitor, numbers, sizeof numbers / sizeof numbers[0], err);
    if (rc != JL_OK) {
        return rc;
    }
    if (zmq_connect(connections->monitor, name) != 0) {
        return jl_socket_fail(err, "watch the connections");
    }
    *out_connections = connections;
    connections = NULL;
    return JL_OK;
}

void jl_connections_close(struct jl_connections *connections) {
    if (connections != NULL) {
        jl_socket_close(connections->monitor);
        free(connections->lines);
        free(connections->owners);
        free(connections);
    }
}

enum jl_rc jl_connections_listener(struct jl_connections *connections, int *out_fd,
                                   struct jl_err *err) {
    const enum jl_rc rc = read_events(connections, err);
    if (rc == JL_OK && connections->listener == NOBODY) {
        return jl_fault_at(err, JL_IO, JL_FAULT_NET, "%s",
                           "libzmq does not say which socket listens");
    }
    *out_fd = connections->listener;
    return rc;
}

enum jl_rc jl_connections_tend(struct jl_connections *connections, struct jl_err *err) {
    const enum jl_rc rc = read_events(connections, err);
    if (rc != JL_OK) {
        return rc;
    }
    const int64_t now_ms = steady_ms();
    if (now_ms - connections->checked_ms >= CHECK_MS) {
        connections->checked_ms = now_ms;
        measure(connections);
        check_lines(connections);
    }
    shed_strangers(connections);
    return JL_OK;
}

/* The first message of a connection, which has been taken. */
static void meet(struct jl_connections *connections, int fd, const struct owner *owner) {
    struct line *line = &connections->lines[fd];
    const uint64_t count = received(fd);
    unlink_stranger(connections, fd);
    connections->known++;
    connections->unheard -= connections->unheard > 0;
    line->known = true;
    line->owner = (size_t)(owner - connections->owners);
    line->added = count > line->taken ? count - line->taken : 0; /* the handshake */
    memcpy(line->key, owner->key, JL_CURVE_KEY_BYTES);
    connections->owners[line->owner].lines++;
    if (count > JL_STRANGER_MAX_BYTES || owner_full(owner)) {
        shed_known(connections, fd, JL_DROP_ENDLESS);
    } else {
        shed_same_key(connections, owner->key);
    }
}

void jl_connections_heard(struct jl_connections *connections, int fd, size_t bytes,
                          const uint8_t key[static JL_CURVE_KEY_BYTES]) {
    struct line *line = line_of(connections, fd);
    if (line == NULL) {
        /* The message overtook the word of its connection: both wait in queues of their own. What
         * is wrong with the monitor, the next jl_connections_tend says. */
        (void)!read_events(connections, NULL);
        line = line_of(connections, fd);
    }
    const bool same = line != NULL && line->known && memcmp(line->key, key, sizeof line->key) == 0;
    struct owner *owner = same ? &connections->owners[line->owner] : owner_of(connections, key);
    if (owner == NULL) {
        return; /* no memory: it stays a stranger, with a stranger's bounds */
    }
    owner->waiting -= (int64_t)bytes + MESSAGE_EXTRA_BYTES;
    if (line == NULL || line->cut) {
        return;
    }
    line->progress = true;
    line->taken += bytes + MESSAGE_EXTRA_BYTES;
    if (!line->known) {
        meet(connections, fd, owner);
    }
}

void jl_connections_drained(struct jl_connections *connections) {
    connections->drained = true;
}

const struct jl_strangers *jl_connections_strangers(const struct jl_connections *connections) {
    return &connections->counts;
}

void *jl_connections_socket(const struct jl_connections *connections) {
    return connections->monitor;
}
