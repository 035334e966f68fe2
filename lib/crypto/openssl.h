/* What OpenSSL's failures mean.  Thread: any. Inside lib/crypto only. */
#ifndef JIELIAN_LIB_CRYPTO_OPENSSL_H
#define JIELIAN_LIB_CRYPTO_OPENSSL_H

#include "jielian/base/rc.h"

/* JL_NOMEM: with fixed algorithms and checked sizes, memory is what is left
 * to go wrong. Empties OpenSSL's own error queue, which would otherwise grow with the thread. */
enum jl_rc jl_openssl_fail(struct jl_err *err);

#endif
