/* Endpoints as people write them: tcp://HOST:PORT, an IPv6 address in brackets. */
#include "endpoint.h"

#include "jielian/base/fault.h"
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
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_ENDPOINT_LONG, "%d", JL_ENDPOINT_BYTES - 1);
    }
    if (strncmp(text, scheme, sizeof scheme - 1) != 0) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_ENDPOINT_HOST_PORT, "%s", text);
    }
    const char *host = text + sizeof scheme - 1;
    const char *colon = strrchr(host, ':');
    if (colon == NULL || colon == host) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_ENDPOINT_HOST_PORT, "%s", text);
    }
    const size_t host_size = (size_t)(colon - host);
    const bool brackets = host[0] == '[' && colon[-1] == ']';
    if (!brackets && memchr(host, ':', host_size) != NULL) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_ENDPOINT_BRACKETS, "%s", text);
    }
    unsigned port = 0;
    if (!port_number(colon + 1, &port) || (port == 0 && !any_port)) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_ENDPOINT_PORT, "%s" JL_AND "%d", text,
                           any_port ? 0 : 1);
    }
    return JL_OK;
}

bool jl_endpoint_ipv6(const char *text) {
    return strchr(text, '[') != NULL;
}
