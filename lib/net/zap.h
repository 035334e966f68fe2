/* The answers to ZAP requests (RFC 27): who may finish a CURVE handshake.
 *
 * Thread: the server's. */
#ifndef JIELIAN_LIB_NET_ZAP_H
#define JIELIAN_LIB_NET_ZAP_H

#include "jielian/base/rc.h"
#include "jielian/net/curve.h"
#include "jielian/net/server.h"

struct jl_net;

enum {
    JL_USER_ID_BYTES = 2 * JL_CURVE_KEY_BYTES + 1,
};

/* Statuses of a refusal (RFC 27 has 300, 400 and 500; 300 would never reach the peer). */
#define JL_ZAP_UNKNOWN "400"
#define JL_ZAP_REVOKED "500"
enum { JL_ZAP_REVOKED_VALUE = 500 };
struct jl_zap {
    void *socket;
    jl_admit_fn admit;
    void *context;
    uint64_t admitted, refused;
    char refused_address[JL_ADDRESS_BYTES]; /* of the last one */
};
JL_MUST_CHECK enum jl_rc jl_zap_open(struct jl_net *net, struct jl_zap *zap, struct jl_err *err);
void jl_zap_close(struct jl_zap *zap);
JL_MUST_CHECK enum jl_rc jl_zap_answer(struct jl_zap *zap, struct jl_err *err);
extern const char jl_zap_domain[];

#endif
