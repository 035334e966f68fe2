/* A refusal of a message: what the device shall do, why, and when to try again.
 *
 * Thread: values; any. */
#ifndef JIELIAN_SERVER_SERVE_REFUSING_H
#define JIELIAN_SERVER_SERVE_REFUSING_H

#include "proto/wire.h"

#include "jielian/base/rc.h"
#include "jielian/message/say.h"

struct jl_wire;

enum {
    JL_RETRY_MS = 1000,            /* Refuse BUSY: a passing crowd */
    JL_RETRY_FAULT_MS = 30 * 1000, /* Refuse BUSY: disk full, a broken row */
    JL_RETRY_SUSPENDED_MS = 60 * 1000,
};

struct jl_refusing {
    enum jl_refuse_code code; /* what the device shall do */
    enum jl_say_code cause;   /* why, in particular; JL_SAY_NOTHING: not said */
    uint64_t retry_ms;
    uint32_t suite; /* VERSION: the one that this district is in; 0: it is the version */
    const struct jl_err *fault; /* for the cause's place and as the text; borrowed, or NULL */
};
/* Because of err: its own cause and text, where it has one. */
struct jl_refusing jl_refusing_of(enum jl_refuse_code code, uint64_t retry_ms,
                                  const struct jl_err *err);
/* Append the Refuse to out. */
JL_MUST_CHECK enum jl_rc jl_refusing_encode(const struct jl_refusing *refusing,
                                            struct jl_wire *wire, struct jl_buf *out,
                                            struct jl_err *err);

#endif
