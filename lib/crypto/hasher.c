/* The digest is fetched once and the context set up once: OpenSSL 3's implicit fetch looks the
 * algorithm up by name on every call and costs more than hashing a row. */
#include "openssl.h"
#include "suite.h"

#include "jielian/base/assert.h"
#include "jielian/base/bytes.h"
#include "jielian/base/fault.h"
#include "jielian/crypto/hasher.h"
#include "jielian/crypto/suite.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct jl_hasher {
    char prefix_text[JL_SUITE_PREFIX_BYTES];
    struct jl_bytes prefix;
    EVP_MD *algorithm;
    EVP_MD_CTX *context;
};

enum jl_rc jl_hasher_new(const struct jl_suite *suite, struct jl_hasher **out_hasher,
                         struct jl_err *err) {
    JL_AUTO_PTR(jl_hasher) hasher = calloc(1, sizeof *hasher);
    if (hasher == NULL) {
        return jl_fault_memory(err);
    }
    hasher->prefix = jl_suite_prefix(suite, hasher->prefix_text);
    hasher->algorithm = EVP_MD_fetch(NULL, suite->digest, NULL);
    hasher->context = EVP_MD_CTX_new();
    if (hasher->algorithm == NULL || hasher->context == NULL ||
        EVP_DigestInit_ex2(hasher->context, hasher->algorithm, NULL) != 1) {
        return jl_openssl_fail(err);
    }
    JL_ASSERT(EVP_MD_get_size(hasher->algorithm) == JL_HASH_BYTES);
    *out_hasher = hasher;
    hasher = NULL;
    return JL_OK;
}

void jl_hasher_free(struct jl_hasher *hasher) {
    if (hasher != NULL) {
        EVP_MD_CTX_free(hasher->context);
        EVP_MD_free(hasher->algorithm);
        free(hasher);
    }
}

enum jl_rc jl_hasher_digest(struct jl_hasher *hasher, const struct jl_bytes *parts,
                            size_t part_count, uint8_t out_hash[static JL_HASH_BYTES],
                            struct jl_err *err) {
    bool done = EVP_DigestInit_ex2(hasher->context, NULL, NULL) == 1;
    if (hasher->prefix.size > 0) {
        done = done &&
               EVP_DigestUpdate(hasher->context, hasher->prefix.data, hasher->prefix.size) == 1;
    }
    for (size_t i = 0; done && i < part_count; i++) {
        done = EVP_DigestUpdate(hasher->context, parts[i].data, parts[i].size) == 1;
    }
    done = done && EVP_DigestFinal_ex(hasher->context, out_hash, NULL) == 1;
    return done ? JL_OK : jl_openssl_fail(err);
}
