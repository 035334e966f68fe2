/* What the files of this library share. Inside lib/crypto only. */
#ifndef JIELIAN_CRYPTO_INTERNAL_H
#define JIELIAN_CRYPTO_INTERNAL_H

#include "jielian/crypto/suite.h"

/* JL_NOMEM with what did not work: with fixed algorithms and checked sizes, memory is what is left
 * to go wrong. Empties OpenSSL's own error queue, which would otherwise grow with the thread. */
enum jl_rc crypto_fail(struct jl_err *err, const char *what);

/* What comes before all that is hashed or signed under a suite: nothing under suite 1. */
enum { CRYPTO_PREFIX_BYTES = sizeof "jielian " + JL_SUITE_MARK_BYTES };
struct jl_bytes crypto_prefix(const struct jl_suite *suite,
                              char out_text[static CRYPTO_PREFIX_BYTES]);

/* suites.c: all that there are, NULL behind the last; and what new districts are made with. */
extern const struct jl_suite *const crypto_suites[];
extern const struct jl_suite *const crypto_for_new;
extern const struct jl_suite crypto_first;

extern const struct jl_sign_method crypto_ed25519;
enum jl_rc crypto_scrypt(struct jl_bytes passphrase,
                         const uint8_t salt[static JL_PASSPHRASE_SALT_BYTES],
                         struct jl_secret *out_key, struct jl_err *err);

#endif
