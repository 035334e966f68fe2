/* Signals that end a program in order.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_CLIENT_COMMAND_STOP_H
#define JIELIAN_CLIENT_COMMAND_STOP_H

#include "jielian/base/rc.h"

#include <signal.h>

/* The same flag for all: set by SIGTERM and SIGINT after jl_stop_on_signals. */
extern volatile sig_atomic_t jl_stop;
JL_MUST_CHECK enum jl_rc jl_stop_on_signals(struct jl_err *err);

#endif
