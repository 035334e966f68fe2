/* What wait.c needs of a client. */
#ifndef JIELIAN_LIB_NET_CLIENT_H
#define JIELIAN_LIB_NET_CLIENT_H

#include "poll_set.h"

#include "jielian/base/rc.h"

#include <stdbool.h>

struct jl_client;

struct jl_poll_set jl_client_polls(const struct jl_client *client);

/* Read what the monitor said and connect again if it is time. out_due_ms gets the steady time of
 * the next attempt of our own, or INT64_MAX. */
JL_MUST_CHECK enum jl_rc jl_client_tend(struct jl_client *client, int64_t *out_due_ms,
                                        struct jl_err *err);
/* Has the link changed since the last call? */
bool jl_client_take_news(struct jl_client *client);

#endif
