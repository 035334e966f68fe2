/* One message as it came from a socket.
 *
 * Thread: that of the socket it came from. */
#ifndef JIELIAN_NET_FRAME_H
#define JIELIAN_NET_FRAME_H

#include "jielian/base/bytes.h"

/* A received frame; release it with jl_frame_fini. */
struct jl_frame {
    struct jl_bytes bytes; /* borrowed from the frame; 1 to JL_FRAME_MAX_BYTES */
    void *message;         /* zmq_msg_t, owned */
};
void jl_frame_fini(struct jl_frame *frame);

#endif
