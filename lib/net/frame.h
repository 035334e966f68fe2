/* How a frame is checked and received, for server.c and client.c.
 *
 * Thread: that of the socket. */
#ifndef JIELIAN_LIB_NET_FRAME_H
#define JIELIAN_LIB_NET_FRAME_H

#include "jielian/base/bytes.h"

struct jl_frame;

/* JL_MISUSE when empty, JL_LIMIT when over JL_FRAME_MAX_BYTES. */
JL_MUST_CHECK enum jl_rc jl_frame_check(struct jl_bytes frame, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_frame_init(struct jl_frame *out_frame, struct jl_err *err);
/* Take the rest of a message whose last part had ZMQ_MORE. */
void jl_frame_skip_parts(void *socket);

#endif
