/* scrypt: slow and large on purpose, so that guessing passphrases of a stolen PC is dear. */

#include "scrypt.h"
#include "openssl.h"

#include "jielian/base/bytes.h"
#include "jielian/crypto/secret.h"
#include "jielian/crypto/suite.h"

#include <openssl/evp.h>
#include <string.h>

enum {
    COST = 1 << 15,
    BLOCK_FACTOR = 8,
    LANES = 1,
    MEMORY_MAX_BYTES = 40 * 1024 * 1024, /* 128 × r × (N + p) and a little; the default is less */
};

enum jl_rc jl_scrypt(struct jl_bytes passphrase,
                     const uint8_t salt[static JL_PASSPHRASE_SALT_BYTES], struct jl_secret *out_key,
                     struct jl_err *err) {
    JL_AUTO(jl_secret) key = {0};
    const char *text = passphrase.size == 0 ? "" : (const char *)passphrase.data;
    if (EVP_PBE_scrypt(text, passphrase.size, salt, JL_PASSPHRASE_SALT_BYTES, COST, BLOCK_FACTOR,
                       LANES, MEMORY_MAX_BYTES, key.bytes, sizeof key.bytes) != 1) {
        return jl_openssl_fail(err);
    }
    *out_key = key;
    return JL_OK;
}
