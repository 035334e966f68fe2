/* Endpoints as people write them: tcp://HOST:PORT, an IPv6 address in brackets. */
#include "endpoint.h"

#include "jielian/base/rc.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char scheme[] = "tcp://";

static bool port_number(const char *text, unsigned *out_port) {
    const size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 5 || text[digits] != '\0') {
        return false;
    }
    const unsigned long port = strtoul(text, NULL, 10);
    if (port > UINT16_MAX) {
        return false;
    }
    *out_port = (unsigned)port;
    return true;
}

enum jl_rc jl_endpoint_check(const char *text, bool any_port, struct jl_err *err) {
    if (strlen(text) >= JL_ENDPOINT_BYTES) {
        return jl_fail(err, JL_MISUSE, "the endpoint is longer than %d bytes",
                       JL_ENDPOINT_BYTES - 1);
    }
    if (strncmp(text, scheme, sizeof scheme - 1) != 0) {
        return jl_fail(err, JL_MISUSE, "endpoint %s: write it as tcp://HOST:PORT", text);
    }
    const char *host = text + sizeof scheme - 1;
    const char *colon = strrchr(host, ':');
    if (colon == NULL || colon == host) {
        return jl_fail(err, JL_MISUSE, "endpoint %s: write it as tcp://HOST:PORT", text);
    }
    const size_t host_size = (size_t)(colon - host);
    const bool brackets = host[0] == '[' && colon[-1] == ']';
    if (!brackets && memchr(host, ':', host_size) != NULL) {
        return jl_fail(err, JL_MISUSE,
                       "endpoint %s: put an IPv6 address in brackets, as in tcp://[::1]:7800",
                       text);
    }
    unsigned port = 0;
    if (!port_number(colon + 1, &port) || (port == 0 && !any_port)) {
        return jl_fail(err, JL_MISUSE, "endpoint %s: the port is a number from %d to 65535", text,
                       any_port ? 0 : 1);
    }
    return JL_OK;
}

bool jl_endpoint_ipv6(const char *text) {
    return strchr(text, '[') != NULL;
}
