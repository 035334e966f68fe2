/* A second cipher suite, that differs from the first in all that a suite may differ in: SHA3-256,
 * AES-128-GCM, ECDSA over P-256 (keys of 65 bytes, signatures of up to 72, never twice the same, as
 * those of SM2 are), PBKDF2. For tests only: linked in the place of lib/crypto/suites.c, it makes
 * programs that make new districts with it, and know both. */

#include "jielian/base/bytes.h"
#include "jielian/base/fault.h"
#include "jielian/crypto/random.h"
#include "jielian/crypto/secret.h"
#include "jielian/crypto/suite.h"
#include "lib/crypto/openssl.h"
#include "lib/crypto/suite.h"
#include "lib/crypto/suites.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <string.h>

enum {
    PUBLIC_BYTES = 65,    /* 04, x, y */
    SIGNATURE_BYTES = 72, /* DER, and zeros behind */
    ROUNDS = 1000,        /* of PBKDF2: no secret of anybody hangs on it */
};
static const char digest[] = "SHA3-256";

static enum jl_rc public_of(const struct jl_secret *secret, uint8_t *out_public,
                            struct jl_err *err) {
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *point = group != NULL ? EC_POINT_new(group) : NULL;
    BIGNUM *number = BN_bin2bn(secret->bytes, sizeof secret->bytes, NULL);
    bool done = point != NULL && number != NULL &&
                EC_POINT_mul(group, point, number, NULL, NULL, NULL) == 1 &&
                EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out_public,
                                   PUBLIC_BYTES, NULL) == PUBLIC_BYTES;
    BN_clear_free(number);
    EC_POINT_free(point);
    EC_GROUP_free(group);
    return done ? JL_OK : jl_openssl_fail(err);
}

/* secret NULL: the public half alone. */
static EVP_PKEY *key_of(const struct jl_secret *secret, const uint8_t *public_key) {
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *number = secret != NULL ? BN_bin2bn(secret->bytes, sizeof secret->bytes, NULL) : NULL;
    if (build != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, public_key,
                                         PUBLIC_BYTES) == 1 &&
        (number == NULL || OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, number) == 1)) {
        OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
        if (context == NULL || params == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
            EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, params) != 1) {
            key = NULL;
        }
        OSSL_PARAM_free(params);
    }
    BN_clear_free(number);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(context);
    return key;
}

static enum jl_rc open_key(const struct jl_secret *secret, void **out_key, struct jl_err *err) {
    uint8_t public_key[PUBLIC_BYTES];
    enum jl_rc rc = public_of(secret, public_key, err);
    EVP_PKEY *key = rc == JL_OK ? key_of(secret, public_key) : NULL;
    if (rc == JL_OK && key == NULL) {
        rc = jl_openssl_fail(err);
    }
    if (rc == JL_OK) {
        *out_key = key;
    }
    return rc;
}

static void close_key(void *key) {
    EVP_PKEY_free(key);
}

/* Random bytes are below the order of the curve but for one time in 2^32. */
static enum jl_rc make(struct jl_secret *out_secret, uint8_t *out_public, struct jl_err *err) {
    JL_AUTO(jl_secret) secret = {0};
    enum jl_rc rc = jl_random(secret.bytes, sizeof secret.bytes, err);
    secret.bytes[0] &= 0x7F;
    if (rc == JL_OK) {
        rc = public_of(&secret, out_public, err);
    }
    if (rc == JL_OK) {
        *out_secret = secret;
    }
    return rc;
}

static enum jl_rc sign(void *key, struct jl_bytes message, uint8_t *out_signature,
                       struct jl_err *err) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t size = SIGNATURE_BYTES;
    bool done = context != NULL &&
                EVP_DigestSignInit_ex(context, NULL, digest, NULL, NULL, key, NULL) == 1 &&
                EVP_DigestSign(context, out_signature, &size, message.data, message.size) == 1;
    EVP_MD_CTX_free(context);
    if (!done) {
        return jl_openssl_fail(err);
    }
    memset(out_signature + size, 0, SIGNATURE_BYTES - size);
    return JL_OK;
}

/* A sequence names its size in its second byte; what is behind it must be zeros. */
static bool der_size(const uint8_t *signature, size_t *out_size) {
    *out_size = (size_t)signature[1] + 2;
    for (size_t i = *out_size; i < SIGNATURE_BYTES; i++) {
        if (signature[i] != 0) {
            return false;
        }
    }
    return *out_size <= SIGNATURE_BYTES;
}

static enum jl_rc verify(const uint8_t *public_key, struct jl_bytes message,
                         const uint8_t *signature, struct jl_err *err) {
    EVP_PKEY *key = key_of(NULL, public_key);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t size = 0;
    bool right = key != NULL && context != NULL && der_size(signature, &size) &&
                 EVP_DigestVerifyInit_ex(context, NULL, digest, NULL, NULL, key, NULL) == 1 &&
                 EVP_DigestVerify(context, signature, size, message.data, message.size) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return right ? JL_OK
                 : jl_fault_at(err, JL_DENIED, JL_FAULT_TEXT, "%s",
                               "the signature is not this key's over these bytes");
}

static enum jl_rc pbkdf2(struct jl_bytes passphrase,
                         const uint8_t salt[static JL_PASSPHRASE_SALT_BYTES],
                         struct jl_secret *out_key, struct jl_err *err) {
    return PKCS5_PBKDF2_HMAC((const char *)passphrase.data, (int)passphrase.size, salt,
                             JL_PASSPHRASE_SALT_BYTES, ROUNDS, EVP_sha3_256(),
                             sizeof out_key->bytes, out_key->bytes) == 1
               ? JL_OK
               : jl_openssl_fail(err);
}

static const struct jl_sign_method ecdsa = {
    .name = "ECDSA P-256",
    .public_bytes = PUBLIC_BYTES,
    .signature_bytes = SIGNATURE_BYTES,
    .make = make,
    .open = open_key,
    .close = close_key,
    .sign = sign,
    .verify = verify,
};

static const struct jl_suite second = {
    .number = 2,
    .digest = digest,
    .cipher = "AES-128-GCM",
    .sign = &ecdsa,
    .wrap = "pbkdf2",
    .passphrase_key = pbkdf2,
};

const struct jl_suite *const jl_suites_known[] = {&jl_suite_first, &second, NULL};
const struct jl_suite *const jl_suites_for_new = &second;
