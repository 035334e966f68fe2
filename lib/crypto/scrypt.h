/* scrypt (RFC 7914) as a suite's way from a passphrase to a key.  Thread: any. Inside lib/crypto
 * only. */
#ifndef JIELIAN_LIB_CRYPTO_SCRYPT_H
#define JIELIAN_LIB_CRYPTO_SCRYPT_H

#include "jielian/base/bytes.h"
#include "jielian/crypto/suite.h"

struct jl_secret;

enum jl_rc jl_scrypt(struct jl_bytes passphrase,
                     const uint8_t salt[static JL_PASSPHRASE_SALT_BYTES], struct jl_secret *out_key,
                     struct jl_err *err);

#endif
