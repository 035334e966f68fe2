/* ZeroMQ sockets: checked calls, and the bounds that every socket has.
 *
 * Every option is set before bind or connect: later settings do not reach what is already there. */
#include "socket.h"
#include "endpoint.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/limits.h"
#include "jielian/base/rc.h"
#include "jielian/net/net.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

enum jl_rc jl_socket_fail(struct jl_err *err, const char *what) {
    const int code = zmq_errno();
    switch (code) {
    case EAGAIN:
        return jl_fault_system(err, JL_BUSY, JL_FAULT_SOCKET, code, "%s", what);
    case ENOMEM:
        return jl_fault_memory(err);
    case EMFILE:
    case ENFILE:
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_SOCKET_FILES, "%s", what);
    case EINVAL:
        return jl_fault_system(err, JL_MISUSE, JL_FAULT_SOCKET, code, "%s", what);
    default:
        return jl_fault_system(err, JL_IO, JL_FAULT_SOCKET, code, "%s", what);
    }
}

void jl_socket_name(struct jl_net *net, const char *prefix,
                    char out_name[static JL_ENDPOINT_BYTES]) {
    const unsigned number = atomic_fetch_add(&net->next_name, 1);
    snprintf(out_name, JL_ENDPOINT_BYTES, "inproc://%s-%u", prefix, number);
}

enum jl_rc jl_socket_open(struct jl_net *net, int type, void **out_socket, struct jl_err *err) {
    void *socket = zmq_socket(net->context, type);
    if (socket == NULL) {
        return jl_socket_fail(err, "open a socket");
    }
    *out_socket = socket;
    return JL_OK;
}

void jl_socket_close(void *socket) {
    if (socket != NULL) {
        JL_ASSERT(zmq_close(socket) == 0); /* fails only for what is no socket */
    }
}

enum jl_rc jl_socket_set(void *socket, int option, const void *value, size_t size,
                         struct jl_err *err) {
    if (zmq_setsockopt(socket, option, value, size) != 0) {
        jl_socket_fail(err, "set");
        return jl_fault_wrap(err, JL_FAULT_PART, "socket option %d", option);
    }
    return JL_OK;
}

enum jl_rc jl_socket_set_all(void *socket, const struct jl_socket_option *options, size_t count,
                             struct jl_err *err) {
    for (size_t i = 0; i < count; i++) {
        const enum jl_rc rc =
            jl_socket_set(socket, options[i].name, &options[i].value, sizeof options[i].value, err);
        if (rc != JL_OK) {
            return rc;
        }
    }
    return JL_OK;
}

enum jl_rc jl_socket_bound(void *socket, uint32_t handshake_ms, bool ipv6, struct jl_err *err) {
    const struct jl_socket_option options[] = {
        {ZMQ_LINGER, 0},
        {ZMQ_SNDHWM, JL_SOCKET_QUEUE_FRAMES},
        {ZMQ_RCVHWM, JL_SOCKET_QUEUE_FRAMES},
        {ZMQ_HEARTBEAT_IVL, JL_HEARTBEAT_MS},
        {ZMQ_HEARTBEAT_TIMEOUT, JL_HEARTBEAT_TIMEOUT_MS},
        {ZMQ_HEARTBEAT_TTL, JL_HEARTBEAT_TIMEOUT_MS},
        {ZMQ_HANDSHAKE_IVL, handshake_ms != 0 ? (int)handshake_ms : JL_HANDSHAKE_MS},
        {ZMQ_IPV6, ipv6 ? 1 : 0},
    };
    const enum jl_rc rc =
        jl_socket_set_all(socket, options, sizeof options / sizeof options[0], err);
    if (rc != JL_OK) {
        return rc;
    }
    /* ZeroMQ compares the size on the wire, which includes CURVE's envelope. */
    const int64_t wire_max = (int64_t)JL_FRAME_MAX_BYTES + JL_CURVE_EXTRA_BYTES;
    return jl_socket_set(socket, ZMQ_MAXMSGSIZE, &wire_max, sizeof wire_max, err);
}

int jl_socket_send(void *socket, const void *data, size_t size, int flags) {
    const int sent = zmq_send(socket, data, size, flags | ZMQ_DONTWAIT);
    if (sent >= 0 || zmq_errno() != EAGAIN) {
        return sent;
    }
    int events = 0;
    size_t events_size = sizeof events;
    if (zmq_getsockopt(socket, ZMQ_EVENTS, &events, &events_size) != 0) {
        return -1;
    }
    return zmq_send(socket, data, size, flags | ZMQ_DONTWAIT);
}
