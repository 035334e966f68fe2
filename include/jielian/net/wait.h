/* Waiting for servers, clients, pipes and bells together.
 *
 * Thread: the one that the objects belong to. */
#ifndef JIELIAN_NET_WAIT_H
#define JIELIAN_NET_WAIT_H

#include "jielian/base/rc.h"

#include <stdbool.h>
#include <stddef.h>

struct jl_bell;
struct jl_client;
struct jl_pipe;
struct jl_server;

struct jl_wait_item {
    struct jl_server *server; /* set exactly one of these */
    struct jl_client *client;
    struct jl_pipe *pipe;
    struct jl_bell *bell;
    bool ready; /* out */
};
/* Wait for any; timeout_ms −1: for ever. A signal ends the wait with JL_OK and nothing ready. A
 * client is ready when a message waits or its link has changed (time to say Hello). */
JL_MUST_CHECK enum jl_rc jl_wait_any(struct jl_wait_item *items, size_t count, long timeout_ms,
                                     struct jl_err *err);

#endif
