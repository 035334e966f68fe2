/* The server: collects one request within its bounds, calls the handler, sends the answer.
 *
 *   head read ──> refuse at once: 400, 405, 413 by Content-Length
 *       │
 *   body pieces ──> kept until a bound is met; then passed over, the answer is 413 or 503
 *       │
 *   end ──> the handler, or the refusal
 *
 * libmicrohttpd takes an answer only after the head and at the end. A body without a declared
 * length that goes on past the bound is therefore read to its end, but no further than the bound
 * again. */
#include "http.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct jl_http {
    struct MHD_Daemon *daemon;
    jl_http_fn handler;
    void *context;
    unsigned port;
    size_t held_bytes; /* bodies of the requests under way; the server's thread only */
};

/* One request. */
struct exchange {
    bool seen;        /* the head has been judged */
    bool nul_in_uri;  /* %00 would cut the path short */
    unsigned refusal; /* status, or 0 */
    size_t passed_over_bytes;
    size_t held_bytes;
    struct jl_buf body;
};

/* Called with the request line as it came, before anything is decoded. */
static void *begin(void *context, const char *uri, struct MHD_Connection *connection) {
    (void)context;
    (void)connection;
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange != NULL) {
        exchange->nul_in_uri = strstr(uri, "%00") != NULL;
    }
    return exchange;
}

static void drop_body(struct jl_http *http, struct exchange *exchange) {
    http->held_bytes -= exchange->held_bytes;
    exchange->held_bytes = 0;
    jl_buf_wipe(&exchange->body); /* passwords and records come in by it */
}

static void end(void *context, struct MHD_Connection *connection, void **state,
                enum MHD_RequestTerminationCode code) {
    (void)connection;
    (void)code;
    struct exchange *exchange = *state;
    if (exchange != NULL) {
        drop_body(context, exchange);
        free(exchange);
        *state = NULL;
    }
}

static bool method_served(const char *method) {
    static const char *const served[] = {"GET", "HEAD", "POST", "PUT", "DELETE"};
    for (size_t i = 0; i < sizeof served / sizeof served[0]; i++) {
        if (strcmp(method, served[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Only a length that libmicrohttpd has understood gets here, so a wrong one counts as none. */
static bool declared_too_large(struct MHD_Connection *connection) {
    const char *text =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    if (text == NULL) {
        return false;
    }
    errno = 0;
    const unsigned long long bytes = strtoull(text, NULL, 10);
    return errno != 0 || bytes > JL_HTTP_BODY_MAX_BYTES;
}

static unsigned judge_head(struct MHD_Connection *connection, const struct exchange *exchange,
                           const char *path, const char *method) {
    if (!method_served(method)) {
        return MHD_HTTP_METHOD_NOT_ALLOWED;
    }
    if (path[0] != '/' || exchange->nul_in_uri) {
        return MHD_HTTP_BAD_REQUEST;
    }
    if (declared_too_large(connection)) {
        return MHD_HTTP_CONTENT_TOO_LARGE;
    }
    return 0;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status) {
    static const struct {
        unsigned status;
        const char *text;
    } texts[] = {
        {MHD_HTTP_BAD_REQUEST, "bad request: the path starts with / and has no zero byte\n"},
        {MHD_HTTP_METHOD_NOT_ALLOWED, "method not allowed\n"},
        {MHD_HTTP_CONTENT_TOO_LARGE, "the body is too large; send it in smaller parts\n"},
        {MHD_HTTP_SERVICE_UNAVAILABLE, "too much to do at once; try again in a moment\n"},
    };
    struct jl_http_response response = {.status = status};
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i].status == status) {
            rc = jl_buf_put_text(&response.body, texts[i].text, NULL);
        }
    }
    if (rc == JL_OK && status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        rc = jl_http_field(&response, "Allow", "GET, HEAD, POST, PUT, DELETE", NULL);
    }
    if (rc == JL_OK && status == MHD_HTTP_SERVICE_UNAVAILABLE) {
        rc = jl_http_field(&response, "Retry-After", "1", NULL);
    }
    /* Out of memory for one sentence: closing the connection is all that is left. */
    const enum MHD_Result result = rc == JL_OK ? jl_http_answer(connection, &response) : MHD_NO;
    jl_buf_fini(&response.fields);
    jl_buf_fini(&response.body);
    return result;
}

static enum MHD_Result collect(struct jl_http *http, struct exchange *exchange, const char *data,
                               size_t size) {
    if (exchange->refusal == 0) {
        if (size > JL_HTTP_BODY_MAX_BYTES - exchange->body.size) {
            exchange->refusal = MHD_HTTP_CONTENT_TOO_LARGE;
        } else if (size > JL_HTTP_BODIES_MAX_BYTES - http->held_bytes ||
                   jl_buf_put(&exchange->body, data, size, NULL) != JL_OK) {
            exchange->refusal = MHD_HTTP_SERVICE_UNAVAILABLE;
        } else {
            exchange->held_bytes += size;
            http->held_bytes += size;
            return MHD_YES;
        }
        drop_body(http, exchange);
    }
    exchange->passed_over_bytes += size;
    return exchange->passed_over_bytes <= JL_HTTP_BODY_MAX_BYTES ? MHD_YES : MHD_NO;
}

static enum MHD_Result handle(struct jl_http *http, struct MHD_Connection *connection,
                              const struct exchange *exchange, const char *path,
                              const char *method) {
    const struct jl_http_request request = {
        .method = strcmp(method, "HEAD") == 0 ? "GET" : method,
        .path = path,
        .body = jl_buf_bytes(&exchange->body),
        .connection = connection,
    };
    struct jl_http_response response = {.status = MHD_HTTP_OK};
    http->handler(http->context, &request, &response);
    const enum MHD_Result result = jl_http_answer(connection, &response);
    jl_buf_fini(&response.fields);
    jl_buf_wipe(&response.body);
    return result;
}

static enum MHD_Result serve(void *context, struct MHD_Connection *connection, const char *path,
                             const char *method, const char *version, const char *upload_data,
                             size_t *upload_data_size, void **state) {
    (void)version;
    struct jl_http *http = context;
    struct exchange *exchange = *state;
    if (exchange == NULL) {
        return MHD_NO; /* no memory for it */
    }
    if (!exchange->seen) {
        exchange->seen = true;
        exchange->refusal = judge_head(connection, exchange, path, method);
        return exchange->refusal != 0 ? refuse(connection, exchange->refusal) : MHD_YES;
    }
    if (*upload_data_size > 0) {
        const size_t size = *upload_data_size;
        *upload_data_size = 0;
        return collect(http, exchange, upload_data, size);
    }
    if (exchange->refusal != 0) {
        return refuse(connection, exchange->refusal);
    }
    return handle(http, connection, exchange, path, method);
}

const char *jl_http_query(const struct jl_http_request *request, const char *name) {
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

const char *jl_http_header(const struct jl_http_request *request, const char *name) {
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

/* Signals are for the program's own thread, which waits for them; the server's inherits this mask.
 */
static struct MHD_Daemon *start_without_signals(struct jl_http *http, int fd) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    JL_ASSERT(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, serve, http,
                         MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
                         (unsigned)JL_HTTP_CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
                         (unsigned)JL_HTTP_CONNECTIONS_PER_ADDRESS_MAX,
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)JL_HTTP_TIMEOUT_S,
                         MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)JL_HTTP_HEAD_MAX_BYTES,
                         MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, begin, NULL,
                         MHD_OPTION_NOTIFY_COMPLETED, end, http, MHD_OPTION_END);
    JL_ASSERT(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    return daemon;
}

enum jl_rc jl_http_start(const char *address, jl_http_fn handler, void *context,
                         struct jl_http **out_http, struct jl_err *err) {
    JL_ASSERT(address != NULL && handler != NULL);
    JL_AUTO_PTR(jl_http) http = calloc(1, sizeof *http);
    if (http == NULL) {
        return jl_fault_memory(err);
    }
    http->handler = handler;
    http->context = context;
    int fd = -1;
    const enum jl_rc rc = jl_http_listen(address, &fd, &http->port, err);
    if (rc != JL_OK) {
        return rc;
    }
    http->daemon = start_without_signals(http, fd);
    if (http->daemon == NULL) {
        /* Depending on how far it got, libmicrohttpd has closed fd or not; closing it a second time
         * could hit another thread's file, so it is left to the end of the program. */
        return jl_fault_system(err, JL_IO, JL_FAULT_HTTP_START, errno, "%s", address);
    }
    *out_http = http;
    http = NULL;
    return JL_OK;
}

void jl_http_stop(struct jl_http *http) {
    if (http == NULL) {
        return;
    }
    if (http->daemon != NULL) {
        MHD_stop_daemon(http->daemon); /* closes the listening socket too */
    }
    free(http);
}

unsigned jl_http_port(const struct jl_http *http) {
    return http->port;
}
