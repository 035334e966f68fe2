/* What the files of lib/http share: the listening socket, and the way an answer is sent.
 *
 * Thread: jl_http_listen that of the caller, jl_http_answer the server's. */
#ifndef JIELIAN_LIB_HTTP_HTTP_H
#define JIELIAN_LIB_HTTP_HTTP_H

#include "jielian/http/http.h"

#include <microhttpd.h>

/* Open a listening socket on "127.0.0.1:7880" or "[::1]:7880". */
JL_MUST_CHECK enum jl_rc jl_http_listen(const char *address, int *out_fd, unsigned *out_port,
                                        struct jl_err *err);

/* Send the answer; its body's memory is taken. MHD_NO: the connection ends. */
enum MHD_Result jl_http_answer(struct MHD_Connection *connection,
                               struct jl_http_response *response);

#endif
