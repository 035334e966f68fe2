/* How this library reports what OpenSSL refused. Inside lib/crypto only. */
#ifndef JIELIAN_CRYPTO_FAIL_H
#define JIELIAN_CRYPTO_FAIL_H

#include "jielian/base/rc.h"

/* JL_NOMEM with what did not work: with fixed algorithms and checked sizes, memory is what is left
 * to go wrong. Empties OpenSSL's own error queue, which would otherwise grow with the thread. */
enum jl_rc crypto_fail(struct jl_err *err, const char *what);

#endif
