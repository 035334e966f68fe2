/* ZeroMQ sockets: checked calls, bounds that every socket has, and the context they are made in.
 *
 * Thread: a socket belongs to the thread that made it. */
#ifndef JIELIAN_LIB_NET_SOCKET_H
#define JIELIAN_LIB_NET_SOCKET_H

#include "endpoint.h"

#include "jielian/base/rc.h"

#include <stdatomic.h>
#include <stddef.h>

enum {
    /* CURVE's envelope: "\x07MESSAGE" (8), nonce (8), authenticator (16), flags (1). */
    JL_CURVE_EXTRA_BYTES = 33,
    JL_EVENT_BYTES = 6, /* a monitor's: u16 event, u32 value, both in the machine's byte order */
};

struct jl_net {
    void *context;
    atomic_uint next_name; /* inproc endpoints need a name each */
};

/* Report a failed ZeroMQ call by its errno: "what: reason". */
enum jl_rc jl_socket_fail(struct jl_err *err, const char *what);
JL_MUST_CHECK enum jl_rc jl_socket_open(struct jl_net *net, int type, void **out_socket,
                                        struct jl_err *err);
void jl_socket_close(void *socket);
JL_MUST_CHECK enum jl_rc jl_socket_set(void *socket, int option, const void *value, size_t size,
                                       struct jl_err *err);

struct jl_socket_option {
    int name;
    int value;
};
JL_MUST_CHECK enum jl_rc jl_socket_set_all(void *socket, const struct jl_socket_option *options,
                                           size_t count, struct jl_err *err);
/* The bounds of a socket that talks to the network. */
JL_MUST_CHECK enum jl_rc jl_socket_bound(void *socket, uint32_t handshake_ms, bool ipv6,
                                         struct jl_err *err);
/* zmq_send without waiting, surely: libzmq looks only now and then whether a full queue has room
 * again, so after EAGAIN it is made to look. Returns as zmq_send does. */
int jl_socket_send(void *socket, const void *data, size_t size, int flags);
/* "inproc://PREFIX-1", a new name each time. */
void jl_socket_name(struct jl_net *net, const char *prefix,
                    char out_name[static JL_ENDPOINT_BYTES]);

#endif
