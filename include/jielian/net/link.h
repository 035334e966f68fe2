/* Is a device connected, and if not, was it refused? A hint for people's messages only.
 *
 * Thread: any. */
#ifndef JIELIAN_NET_LINK_H
#define JIELIAN_NET_LINK_H

#include <stdbool.h>

/* What the socket's monitor said since the last call; a hint for people's messages only. */
enum jl_link {
    JL_LINK_DOWN = 0,
    JL_LINK_UP,
    JL_LINK_UNKNOWN, /* refused in the handshake: the district does not know this key (or, if its
                        program is an older one, has revoked it) */
    JL_LINK_REVOKED, /* … it knows the key, and has revoked it */
};
static inline bool jl_link_refused(enum jl_link link) {
    return link == JL_LINK_UNKNOWN || link == JL_LINK_REVOKED;
}

#endif
