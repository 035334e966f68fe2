/* A deep proof for `verify`, which leaves no trace in the books.
 *
 * Thread: that of the office. */
#ifndef JIELIAN_CLIENT_ENGINE_DEEP_ASK_H
#define JIELIAN_CLIENT_ENGINE_DEEP_ASK_H

#include "proto/wire.h"

#include "jielian/base/rc.h"

#include <signal.h>

struct jl_office;

/* A deep proof that leaves no trace in the books,: Hello and one Proof
 * over a connection of its own, beside whatever else is at work on the folder. office: open for
 * reading. stop: a person ended it. NONE: nothing could be compared (no answer within
 * JL_DEEP_SILENT_MS, something is unsent or unread, the district is older). */
enum { JL_DEEP_SILENT_MS = 5000 };
JL_MUST_CHECK enum jl_rc jl_deep_ask(struct jl_office *office, const volatile sig_atomic_t *stop,
                                     enum jl_deep_result *out_result, struct jl_err *err);

#endif
