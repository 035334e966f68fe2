/* A small HTTP server over libmicrohttpd: one handler, bounded requests.
 *
 * The handler runs in the server's own thread, one request at a time, and must not keep what it is
 * given. Requests over the bounds are answered 413/431 before the handler sees them, as are methods
 * other than GET, HEAD, POST, PUT and DELETE (405). HEAD reaches the handler as GET; the body it
 * makes is left out. Every answer says `X-Content-Type-Options: nosniff` and
 * `Cache-Control: no-store`. The thread takes no signals.
 * Thread: start and stop from one thread; the handler from the server's. */
#ifndef JIELIAN_HTTP_H
#define JIELIAN_HTTP_H

#include "jielian/base/buf.h"
#include "jielian/base/bytes.h"

enum {
    JL_HTTP_BODY_MAX_BYTES = 64 * 1024 * 1024,
    JL_HTTP_CONNECTIONS_MAX = 256,
    /* Of one address: a proxy needs some, and who opens many and says little holds no more. */
    JL_HTTP_CONNECTIONS_PER_ADDRESS_MAX = 64,
    JL_HTTP_TIMEOUT_S = 30,
    /* Bodies of all requests together; over it a request is answered 503. */
    JL_HTTP_BODIES_MAX_BYTES = 256 * 1024 * 1024,
    JL_HTTP_HEAD_MAX_BYTES = 32 * 1024, /* request line and header fields */
};

struct jl_http_request {
    const char *method; /* "GET", … */
    const char *path;   /* decoded, starts with '/', no query */
    struct jl_bytes body;
    void *connection; /* for jl_http_query and jl_http_header */
};

struct jl_http_response {
    unsigned status;          /* set before return; default 200 */
    const char *content_type; /* static text; default text/plain; charset=utf-8 */
    struct jl_buf body;       /* freed by the server */
    struct jl_buf fields;     /* filled by jl_http_field; freed by the server */
};

typedef void (*jl_http_fn)(void *context, const struct jl_http_request *request,
                           struct jl_http_response *response);

const char *jl_http_query(const struct jl_http_request *request, const char *name);  /* or NULL */
const char *jl_http_header(const struct jl_http_request *request, const char *name); /* or NULL */

/* Add a header field to the answer (Content-Disposition, Set-Cookie, …); a Cache-Control takes the
 * place of the usual one. JL_MISUSE: the name is no token, or the value has a control character. */
JL_MUST_CHECK enum jl_rc jl_http_field(struct jl_http_response *response, const char *name,
                                       const char *value, struct jl_err *err);

struct jl_http;
/* address: "127.0.0.1:7880" or "[::1]:7880"; port 0 picks one. JL_MISUSE: no such address;
 * JL_BUSY: the port is in use; JL_DENIED: may not bind it. */
JL_MUST_CHECK enum jl_rc jl_http_start(const char *address, jl_http_fn handler, void *context,
                                       struct jl_http **out_http, struct jl_err *err);
void jl_http_stop(struct jl_http *http); /* waits for the running request */
JL_DEFINE_AUTO_PTR(jl_http, jl_http_stop)
unsigned jl_http_port(const struct jl_http *http);

#endif
