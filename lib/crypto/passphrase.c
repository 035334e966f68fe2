/* The key of a passphrase, by the suite. */
#include "jielian/crypto/passphrase.h"
#include "jielian/base/bytes.h"
#include "jielian/crypto/secret.h"

#include <openssl/evp.h>

enum jl_rc jl_passphrase_key(const struct jl_suite *suite, struct jl_bytes passphrase,
                             const uint8_t salt[static JL_PASSPHRASE_SALT_BYTES],
                             struct jl_secret *out_key, struct jl_err *err) {
    return suite->passphrase_key(passphrase, salt, out_key, err);
}
