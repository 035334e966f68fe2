/* Pipes between threads: inproc pairs that carry one pointer per message.
 *
 * Thread: each end belongs to one thread. */
#ifndef JIELIAN_NET_PIPE_H
#define JIELIAN_NET_PIPE_H

#include "jielian/base/rc.h"

struct jl_net;

struct jl_pipe; /* one end */
JL_MUST_CHECK enum jl_rc jl_pipe_pair(struct jl_net *net, struct jl_pipe **out_a,
                                      struct jl_pipe **out_b, struct jl_err *err);
void jl_pipe_close(struct jl_pipe *pipe);
JL_DEFINE_AUTO_PTR(jl_pipe, jl_pipe_close)
/* JL_BUSY: the other end lags by about 2 × JL_SOCKET_QUEUE_FRAMES items, or is closed; the item is
 * still the caller's. An item nobody took when the pipe closes is nobody's: drain before closing.
 */
JL_MUST_CHECK enum jl_rc jl_pipe_send(struct jl_pipe *pipe, void *item, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_pipe_receive(struct jl_pipe *pipe, void **out_item,
                                         struct jl_err *err); /* JL_NOT_FOUND: none now */

#endif
