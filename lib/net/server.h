/* What wait.c needs of a server. */
#ifndef JIELIAN_LIB_NET_SERVER_H
#define JIELIAN_LIB_NET_SERVER_H

#include "poll_set.h"

struct jl_server;

struct jl_poll_set jl_server_polls(const struct jl_server *server);

#endif
