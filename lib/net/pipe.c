/* Pipes: two PAIR sockets over inproc, a pointer a message.
 *
 * The counter in `joint` is raised before each send and read after each receive, so that what the
 * sender wrote is visible to the receiver by C11's own rules and not only by libzmq's. */
#include "pipe.h"
#include "endpoint.h"
#include "socket.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/limits.h"
#include "jielian/base/rc.h"
#include "jielian/net/pipe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

struct joint {
    atomic_uint sent;
    atomic_uint ends; /* the last one to close frees it */
};

struct jl_pipe {
    void *socket;
    struct joint *joint;
};

static enum jl_rc end_new(struct jl_net *net, struct joint *joint, struct jl_pipe **out_pipe,
                          struct jl_err *err) {
    JL_AUTO_PTR(jl_pipe) pipe = calloc(1, sizeof *pipe);
    if (pipe == NULL) {
        return jl_fault_memory(err);
    }
    atomic_fetch_add(&joint->ends, 1);
    pipe->joint = joint;
    enum jl_rc rc = jl_socket_open(net, ZMQ_PAIR, &pipe->socket, err);
    if (rc != JL_OK) {
        return rc;
    }
    const struct jl_socket_option options[] = {
        {ZMQ_LINGER, 0},
        {ZMQ_SNDHWM, JL_SOCKET_QUEUE_FRAMES},
        {ZMQ_RCVHWM, JL_SOCKET_QUEUE_FRAMES},
    };
    rc = jl_socket_set_all(pipe->socket, options, sizeof options / sizeof options[0], err);
    if (rc != JL_OK) {
        return rc;
    }
    *out_pipe = pipe;
    pipe = NULL;
    return JL_OK;
}

static void joint_leave(struct joint *joint) {
    if (atomic_fetch_sub(&joint->ends, 1) == 1) {
        free(joint);
    }
}

static enum jl_rc join(struct jl_net *net, struct joint *joint, struct jl_pipe **out_a,
                       struct jl_pipe **out_b, struct jl_err *err) {
    JL_AUTO_PTR(jl_pipe) a = NULL;
    JL_AUTO_PTR(jl_pipe) b = NULL;
    enum jl_rc rc = end_new(net, joint, &a, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = end_new(net, joint, &b, err);
    if (rc != JL_OK) {
        return rc;
    }
    char name[JL_ENDPOINT_BYTES];
    jl_socket_name(net, "jl-pipe", name);
    if (zmq_bind(a->socket, name) != 0 || zmq_connect(b->socket, name) != 0) {
        return jl_socket_fail(err, "join the ends of a pipe");
    }
    *out_a = a;
    *out_b = b;
    a = NULL;
    b = NULL;
    return JL_OK;
}

enum jl_rc jl_pipe_pair(struct jl_net *net, struct jl_pipe **out_a, struct jl_pipe **out_b,
                        struct jl_err *err) {
    struct joint *joint = malloc(sizeof *joint);
    if (joint == NULL) {
        return jl_fault_memory(err);
    }
    atomic_init(&joint->sent, 0);
    atomic_init(&joint->ends, 1); /* ours, until the ends have theirs */
    const enum jl_rc rc = join(net, joint, out_a, out_b, err);
    joint_leave(joint);
    return rc;
}

void jl_pipe_close(struct jl_pipe *pipe) {
    if (pipe == NULL) {
        return;
    }
    jl_socket_close(pipe->socket);
    joint_leave(pipe->joint);
    free(pipe);
}

enum jl_rc jl_pipe_send(struct jl_pipe *pipe, void *item, struct jl_err *err) {
    atomic_fetch_add_explicit(&pipe->joint->sent, 1, memory_order_acq_rel);
    if (jl_socket_send(pipe->socket, &item, sizeof item, 0) < 0) {
        if (zmq_errno() == EAGAIN) {
            return jl_fault_at(err, JL_BUSY, JL_FAULT_NET, "%s", "the other thread lags behind");
        }
        return jl_socket_fail(err, "send to another thread");
    }
    return JL_OK;
}

enum jl_rc jl_pipe_receive(struct jl_pipe *pipe, void **out_item, struct jl_err *err) {
    void *item = NULL;
    const int size = zmq_recv(pipe->socket, &item, sizeof item, ZMQ_DONTWAIT);
    if (size < 0) {
        if (zmq_errno() == EAGAIN || zmq_errno() == EINTR) {
            return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_NET, "%s", "nothing waits");
        }
        return jl_socket_fail(err, "receive from another thread");
    }
    JL_ASSERT(size == (int)sizeof item);
    (void)atomic_load_explicit(&pipe->joint->sent, memory_order_acquire);
    *out_item = item;
    return JL_OK;
}

struct jl_poll_set jl_pipe_polls(const struct jl_pipe *pipe) {
    struct jl_poll_set polls = {.sockets = {pipe->socket, NULL}, .fd = -1};
    return polls;
}
