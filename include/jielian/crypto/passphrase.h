/* Keys of passphrases, by a suite's algorithm (suite 1: scrypt, RFC 7914, N = 2^15, r = 8, p = 1:
 * 32 MiB, about 0.1 s).  Thread: any. */
#ifndef JIELIAN_CRYPTO_PASSPHRASE_H
#define JIELIAN_CRYPTO_PASSPHRASE_H

#include "jielian/base/bytes.h"
#include "jielian/crypto/suite.h"

struct jl_secret;

/* A key of a passphrase: slow and large on purpose. */
JL_MUST_CHECK enum jl_rc jl_passphrase_key(const struct jl_suite *suite, struct jl_bytes passphrase,
                                           const uint8_t salt[static JL_PASSPHRASE_SALT_BYTES],
                                           struct jl_secret *out_key, struct jl_err *err);

#endif
