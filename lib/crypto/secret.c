/* Secrets, and the system's random generator. */
#include "crypto_internal.h"
#include "jielian/crypto/crypto.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/random.h>

enum jl_rc crypto_fail(struct jl_err *err, const char *what) {
    ERR_clear_error();
    return jl_fail(err, JL_NOMEM, "OpenSSL could not %s; is there memory left?", what);
}

void jl_wipe(void *data, size_t size) {
    if (size > 0) {
        OPENSSL_cleanse(data, size);
    }
}

void jl_secret_fini(struct jl_secret *secret) {
    jl_wipe(secret->bytes, sizeof secret->bytes);
}

bool jl_secret_equal(const struct jl_secret *a, const struct jl_secret *b) {
    return CRYPTO_memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

enum jl_rc jl_random(void *out_data, size_t size, struct jl_err *err) {
    uint8_t *data = out_data;
    while (size > 0) {
        ssize_t got = getrandom(data, size, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return jl_fail(err, JL_IO, "the system gives no random bytes");
        }
        data += got;
        size -= (size_t)got;
    }
    return JL_OK;
}
