/* What wait.c needs of a bell. */
#ifndef JIELIAN_LIB_NET_BELL_H
#define JIELIAN_LIB_NET_BELL_H

#include "poll_set.h"

struct jl_bell;

struct jl_poll_set jl_bell_polls(const struct jl_bell *bell);

#endif
