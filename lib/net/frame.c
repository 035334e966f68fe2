/* Frames: one ZeroMQ message part each, kept on the heap so that its bytes stay where they are. */
#include "frame.h"

#include "jielian/base/assert.h"
#include "jielian/base/bytes.h"
#include "jielian/base/fault.h"
#include "jielian/base/limits.h"
#include "jielian/net/frame.h"

#include <stdlib.h>
#include <zmq.h>

enum jl_rc jl_frame_check(struct jl_bytes frame, struct jl_err *err) {
    if (frame.size == 0) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_NET, "%s", "an empty frame");
    }
    if (frame.size > JL_FRAME_MAX_BYTES) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_NET, "a frame of %zu bytes; at most %d",
                           frame.size, JL_FRAME_MAX_BYTES);
    }
    return JL_OK;
}

enum jl_rc jl_frame_init(struct jl_frame *out_frame, struct jl_err *err) {
    zmq_msg_t *message = malloc(sizeof *message);
    if (message == NULL) {
        return jl_fault_memory(err);
    }
    JL_ASSERT(zmq_msg_init(message) == 0); /* documented to return 0 always */
    out_frame->bytes = jl_bytes(NULL, 0);
    out_frame->message = message;
    return JL_OK;
}

void jl_frame_fini(struct jl_frame *frame) {
    if (frame == NULL || frame->message == NULL) {
        return;
    }
    zmq_msg_close(frame->message);
    free(frame->message);
    frame->message = NULL;
    frame->bytes = jl_bytes(NULL, 0);
}

void jl_frame_skip_parts(void *socket) {
    zmq_msg_t part;
    zmq_msg_init(&part);
    bool more = true;
    while (more && zmq_msg_recv(&part, socket, ZMQ_DONTWAIT) >= 0) {
        more = zmq_msg_more(&part) != 0;
    }
    zmq_msg_close(&part);
}
