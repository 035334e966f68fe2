/* The listening socket. It is made here and handed to libmicrohttpd, which would say of a failure
 * only that it failed. */
#include "http.h"

#include "jielian/base/fault.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HOST_BYTES = INET6_ADDRSTRLEN,
    BACKLOG = 128,
};

struct endpoint {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address;
    socklen_t size;
};

static enum jl_rc fail_address(const char *text, struct jl_err *err) {
    return jl_fault_at(err, JL_MISUSE, JL_FAULT_HTTP_ADDRESS, "%s", text);
}

static bool parse_port(const char *text, in_port_t *out_port) {
    const size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 5 || text[digits] != '\0') {
        return false;
    }
    const unsigned long port = strtoul(text, NULL, 10);
    if (port > UINT16_MAX) {
        return false;
    }
    *out_port = htons((uint16_t)port);
    return true;
}

static enum jl_rc parse(const char *text, struct endpoint *out, struct jl_err *err) {
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text) {
        return fail_address(text, err);
    }
    const bool v6 = text[0] == '[' && colon[-1] == ']';
    const char *host = v6 ? text + 1 : text;
    const size_t host_size = (size_t)(colon - text) - (v6 ? 2 : 0);
    char host_text[HOST_BYTES];
    if (host_size >= sizeof host_text) {
        return fail_address(text, err);
    }
    memcpy(host_text, host, host_size);
    host_text[host_size] = '\0';
    memset(out, 0, sizeof *out);
    in_port_t port = 0;
    if (!parse_port(colon + 1, &port)) {
        return fail_address(text, err);
    }
    if (v6) {
        out->address.v6.sin6_family = AF_INET6;
        out->address.v6.sin6_port = port;
        out->size = sizeof out->address.v6;
        return inet_pton(AF_INET6, host_text, &out->address.v6.sin6_addr) == 1
                   ? JL_OK
                   : fail_address(text, err);
    }
    out->address.v4.sin_family = AF_INET;
    out->address.v4.sin_port = port;
    out->size = sizeof out->address.v4;
    return inet_pton(AF_INET, host_text, &out->address.v4.sin_addr) == 1 ? JL_OK
                                                                         : fail_address(text, err);
}

static enum jl_rc fail_listen(const char *text, int reason, struct jl_err *err) {
    switch (reason) {
    case EADDRINUSE:
        return jl_fault_at(err, JL_BUSY, JL_FAULT_ADDRESS_IN_USE, "%s", text);
    case EACCES:
        return jl_fault_at(err, JL_DENIED, JL_FAULT_ADDRESS_DENIED, "%s", text);
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_ADDRESS_FOREIGN, "%s", text);
    case EMFILE:
    case ENFILE:
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_ADDRESS_FILES, "%s", text);
    default:
        return jl_fault_system(err, JL_IO, JL_FAULT_LISTEN, reason, "%s", text);
    }
}

static bool listen_on(int fd, const struct endpoint *endpoint) {
    const int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) {
        return false;
    }
    if (endpoint->address.any.sa_family == AF_INET6 &&
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) {
        return false;
    }
    return bind(fd, &endpoint->address.any, endpoint->size) == 0 && listen(fd, BACKLOG) == 0;
}

enum jl_rc jl_http_listen(const char *address, int *out_fd, unsigned *out_port,
                          struct jl_err *err) {
    struct endpoint endpoint;
    const enum jl_rc rc = parse(address, &endpoint, err);
    if (rc != JL_OK) {
        return rc;
    }
    const int fd = socket(endpoint.address.any.sa_family,
                          SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
    if (fd < 0) {
        return fail_listen(address, errno, err);
    }
    socklen_t size = sizeof endpoint.address;
    if (!listen_on(fd, &endpoint) || getsockname(fd, &endpoint.address.any, &size) != 0) {
        const int reason = errno;
        close(fd);
        return fail_listen(address, reason, err);
    }
    const in_port_t port = endpoint.address.any.sa_family == AF_INET6
                               ? endpoint.address.v6.sin6_port
                               : endpoint.address.v4.sin_port;
    *out_fd = fd;
    *out_port = ntohs(port);
    return JL_OK;
}
