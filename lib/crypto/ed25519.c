/* Ed25519 signs and verifies in one shot: the message is needed twice, so there is no streaming. */
#include "ed25519.h"
#include "openssl.h"

#include "jielian/base/bytes.h"
#include "jielian/base/fault.h"
#include "jielian/crypto/random.h"
#include "jielian/crypto/secret.h"
#include "jielian/crypto/suite.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>

enum {
    PUBLIC_BYTES = 32,
    SIGNATURE_BYTES = 64,
    SEED_BYTES = 32, /* the RFC 8032 seed */
};
_Static_assert((int)SEED_BYTES == (int)JL_KEY_BYTES, "a secret is a seed");

struct key {
    EVP_PKEY *key;
    EVP_MD_CTX *context;
};

static void close_key(void *opened) {
    struct key *key = opened;
    if (key != NULL) {
        EVP_MD_CTX_free(key->context);
        EVP_PKEY_free(key->key);
        free(key);
    }
}

static enum jl_rc open_key(const struct jl_secret *secret, void **out_key, struct jl_err *err) {
    struct key *key = calloc(1, sizeof *key);
    if (key == NULL) {
        return jl_fault_memory(err);
    }
    key->key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret->bytes, SEED_BYTES);
    key->context = EVP_MD_CTX_new();
    if (key->key == NULL || key->context == NULL) {
        close_key(key);
        return jl_openssl_fail(err);
    }
    *out_key = key;
    return JL_OK;
}

static enum jl_rc make(struct jl_secret *out_secret, uint8_t *out_public, struct jl_err *err) {
    JL_AUTO(jl_secret) secret = {0};
    void *opened = NULL;
    size_t size = PUBLIC_BYTES;
    enum jl_rc rc = jl_random(secret.bytes, sizeof secret.bytes, err);
    if (rc == JL_OK) {
        rc = open_key(&secret, &opened, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    const struct key *key = opened;
    if (EVP_PKEY_get_raw_public_key(key->key, out_public, &size) != 1 || size != PUBLIC_BYTES) {
        rc = jl_openssl_fail(err);
    }
    close_key(opened);
    if (rc == JL_OK) {
        *out_secret = secret;
    }
    return rc;
}

static enum jl_rc sign(void *opened, struct jl_bytes message, uint8_t *out_signature,
                       struct jl_err *err) {
    const struct key *key = opened;
    size_t size = SIGNATURE_BYTES;
    if (EVP_DigestSignInit(key->context, NULL, NULL, NULL, key->key) != 1 ||
        EVP_DigestSign(key->context, out_signature, &size, message.data, message.size) != 1 ||
        size != SIGNATURE_BYTES) {
        return jl_openssl_fail(err);
    }
    return JL_OK;
}

static enum jl_rc verify(const uint8_t *public_key, struct jl_bytes message,
                         const uint8_t *signature, struct jl_err *err) {
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, PUBLIC_BYTES);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    enum jl_rc rc = JL_OK;
    if (key == NULL || context == NULL ||
        EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) != 1) {
        rc = jl_openssl_fail(err);
    } else if (EVP_DigestVerify(context, signature, SIGNATURE_BYTES, message.data, message.size) !=
               1) {
        ERR_clear_error();
        rc = jl_fault(err, JL_DENIED, JL_FAULT_SIGNATURE);
    }
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return rc;
}

const struct jl_sign_method jl_ed25519 = {
    .name = "Ed25519",
    .public_bytes = PUBLIC_BYTES,
    .signature_bytes = SIGNATURE_BYTES,
    .make = make,
    .open = open_key,
    .close = close_key,
    .sign = sign,
    .verify = verify,
};
