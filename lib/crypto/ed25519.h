/* Ed25519 (RFC 8032) as a suite's way of signing.  Thread: any. Inside lib/crypto only. */
#ifndef JIELIAN_LIB_CRYPTO_ED25519_H
#define JIELIAN_LIB_CRYPTO_ED25519_H

#include "jielian/crypto/suite.h"

extern const struct jl_sign_method jl_ed25519;

#endif
