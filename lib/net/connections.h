/* The connections of a server's port: who has not said yet who it is, who has too many, who sends
 * more than can be taken. What the ROUTER's monitor says is counted here, and the oldest of too
 * many is cut off.
 *
 * Thread: the server's. */
#ifndef JIELIAN_LIB_NET_CONNECTIONS_H
#define JIELIAN_LIB_NET_CONNECTIONS_H

#include "jielian/base/rc.h"
#include "jielian/net/curve.h"

#include <stddef.h>

struct jl_connections;
struct jl_net;
struct jl_server_options;
struct jl_strangers;

/* Before the router binds. options stay the caller's and must outlive the connections. */
JL_MUST_CHECK enum jl_rc jl_connections_open(struct jl_net *net, void *router,
                                             const struct jl_server_options *options,
                                             struct jl_connections **out_connections,
                                             struct jl_err *err);
void jl_connections_close(struct jl_connections *connections);
JL_DEFINE_AUTO_PTR(jl_connections, jl_connections_close)
/* The listening socket's descriptor, which stays libzmq's; after the router has bound. */
JL_MUST_CHECK enum jl_rc jl_connections_listener(struct jl_connections *connections, int *out_fd,
                                                 struct jl_err *err);
/* Read what the monitor says and cut off who is too many. */
JL_MUST_CHECK enum jl_rc jl_connections_tend(struct jl_connections *connections,
                                             struct jl_err *err);
/* A whole message of a connection was taken, the first part of which had so many bytes; fd may be
 * −1 (not known). */
void jl_connections_heard(struct jl_connections *connections, int fd, size_t bytes,
                          const uint8_t key[static JL_CURVE_KEY_BYTES]);
/* No message waits now. */
void jl_connections_drained(struct jl_connections *connections);
const struct jl_strangers *jl_connections_strangers(const struct jl_connections *connections);
void *jl_connections_socket(const struct jl_connections *connections);

#endif
