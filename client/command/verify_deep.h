/* A deep proof for `verify`, which leaves no trace in the books.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_CLIENT_COMMAND_VERIFY_DEEP_H
#define JIELIAN_CLIENT_COMMAND_VERIFY_DEEP_H

#include "proto/wire.h"

#include "jielian/base/rc.h"

struct jl_office;

/* A deep proof that leaves no trace in the books, for `verify` (verify_deep.c): Hello and one Proof
 * over a connection of its own, beside whatever else is at work on the folder. office: open for
 * reading. NONE: nothing could be compared (no answer within JL_VERIFY_SILENT_MS, something is
 * unsent or unread, the district is older). */
enum { JL_VERIFY_SILENT_MS = 5000 };
JL_MUST_CHECK enum jl_rc jl_verify_deep(struct jl_office *office, enum jl_deep_result *out_result,
                                        struct jl_err *err);

#endif
