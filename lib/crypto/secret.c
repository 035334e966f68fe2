/* Secrets. */
#include "jielian/crypto/secret.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/random.h>

void jl_secret_wipe(void *data, size_t size) {
    if (size > 0) {
        OPENSSL_cleanse(data, size);
    }
}

void jl_secret_fini(struct jl_secret *secret) {
    jl_secret_wipe(secret->bytes, sizeof secret->bytes);
}

bool jl_secret_equal(const struct jl_secret *a, const struct jl_secret *b) {
    return CRYPTO_memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}
