/* What HTTP shows to supervisors: does the program run, can it serve, what has it counted?
 *
 * Thread: that of the HTTP server, which its books belong to. */
#ifndef JIELIAN_SERVER_SERVE_MONITOR_H
#define JIELIAN_SERVER_SERVE_MONITOR_H

struct jl_http_request;
struct jl_http_response;
struct jl_metrics;
struct jl_serve_options;

struct jl_monitor; /* what HTTP shows; its books belong to the HTTP server's thread */
struct jl_monitor *jl_monitor_new(const struct jl_serve_options *options,
                                  struct jl_metrics *metrics);
/* After jl_http_stop: nobody asks any more. */
void jl_monitor_free(struct jl_monitor *monitor);
void jl_monitor_answer(void *monitor, const struct jl_http_request *request,
                       struct jl_http_response *response); /* a jl_http_fn */

#endif
