/* Endpoints as people write them: tcp://HOST:PORT.
 *
 * Thread: any. */
#ifndef JIELIAN_LIB_NET_ENDPOINT_H
#define JIELIAN_LIB_NET_ENDPOINT_H

#include "jielian/base/rc.h"

#include <stdbool.h>

enum {
    JL_ENDPOINT_BYTES = 320, /* tcp://HOST:PORT with the longest DNS name, and the NUL */
};

/* JL_MISUSE unless text is tcp://HOST:PORT; port 0 only when any_port. */
JL_MUST_CHECK enum jl_rc jl_endpoint_check(const char *text, bool any_port, struct jl_err *err);
bool jl_endpoint_ipv6(const char *text);

#endif
