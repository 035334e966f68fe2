/* CURVE key pairs. ZeroMQ speaks Z85 (40 characters); we keep the 32 bytes. */
#include "socket.h"

#include "jielian/base/assert.h"
#include "jielian/base/rc.h"
#include "jielian/crypto/secret.h"
#include "jielian/net/curve.h"

#include <string.h>
#include <zmq.h>

enum {
    Z85_KEY_BYTES = 41, /* a key as text, and the NUL */
};

enum jl_rc jl_curve_keypair(uint8_t out_public[static JL_CURVE_KEY_BYTES],
                            struct jl_secret *out_secret, struct jl_err *err) {
    _Static_assert(sizeof out_secret->bytes == JL_CURVE_KEY_BYTES, "a CURVE key is 32 bytes");
    char public_text[Z85_KEY_BYTES];
    char secret_text[Z85_KEY_BYTES];
    if (zmq_curve_keypair(public_text, secret_text) != 0) {
        return jl_socket_fail(err, "a CURVE key pair");
    }
    const bool decoded = zmq_z85_decode(out_public, public_text) != NULL &&
                         zmq_z85_decode(out_secret->bytes, secret_text) != NULL;
    explicit_bzero(secret_text, sizeof secret_text);
    JL_ASSERT(decoded);
    return JL_OK;
}

enum jl_rc jl_curve_public(const struct jl_secret *secret,
                           uint8_t out_public[static JL_CURVE_KEY_BYTES], struct jl_err *err) {
    char secret_text[Z85_KEY_BYTES];
    char public_text[Z85_KEY_BYTES];
    JL_ASSERT(zmq_z85_encode(secret_text, secret->bytes, sizeof secret->bytes) != NULL);
    const int failed = zmq_curve_public(public_text, secret_text);
    explicit_bzero(secret_text, sizeof secret_text);
    if (failed != 0) {
        return jl_socket_fail(err, "the public half of a CURVE key");
    }
    JL_ASSERT(zmq_z85_decode(out_public, public_text) != NULL);
    return JL_OK;
}
