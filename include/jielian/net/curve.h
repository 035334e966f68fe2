/* CURVE key pairs: who is at the other end of a connection.
 *
 * Thread: any. */
#ifndef JIELIAN_NET_CURVE_H
#define JIELIAN_NET_CURVE_H

#include "jielian/base/rc.h"

struct jl_secret;

enum {
    JL_CURVE_KEY_BYTES = 32,
};

JL_MUST_CHECK enum jl_rc jl_curve_keypair(uint8_t out_public[static JL_CURVE_KEY_BYTES],
                                          struct jl_secret *out_secret, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_curve_public(const struct jl_secret *secret,
                                         uint8_t out_public[static JL_CURVE_KEY_BYTES],
                                         struct jl_err *err);

#endif
