/* The ZeroMQ context. */
#include "socket.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/base/rc.h"
#include "jielian/net/net.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum jl_rc jl_net_new(struct jl_net **out_net, struct jl_err *err) {
    JL_AUTO_PTR(jl_net) net = calloc(1, sizeof *net);
    if (net == NULL) {
        return jl_fault_memory(err);
    }
    atomic_init(&net->next_name, 1);
    net->context = zmq_ctx_new();
    if (net->context == NULL) {
        return jl_socket_fail(err, "a ZeroMQ context");
    }
    if (zmq_ctx_set(net->context, ZMQ_MAX_SOCKETS, JL_SOCKETS_MAX) != 0) {
        return jl_socket_fail(err, "room for sockets");
    }
    *out_net = net;
    net = NULL;
    return JL_OK;
}

void jl_net_free(struct jl_net *net) {
    if (net == NULL) {
        return;
    }
    if (net->context != NULL) {
        while (zmq_ctx_term(net->context) != 0 && zmq_errno() == EINTR) {
        }
    }
    free(net);
}
