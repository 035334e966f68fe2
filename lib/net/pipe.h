/* What wait.c needs of a pipe. */
#ifndef JIELIAN_LIB_NET_PIPE_H
#define JIELIAN_LIB_NET_PIPE_H

#include "poll_set.h"

struct jl_pipe;

struct jl_poll_set jl_pipe_polls(const struct jl_pipe *pipe);

#endif
