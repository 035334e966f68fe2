/* Ed25519 signs and verifies in one shot: the message is needed twice, so there is no streaming. */
#include "fail.h"
#include "jielian/crypto/crypto.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct jl_signer {
    EVP_PKEY *key;
    EVP_MD_CTX *context;
};

enum jl_rc jl_signer_new(const struct jl_secret *secret, struct jl_signer **out_signer,
                         struct jl_err *err) {
    JL_AUTO_PTR(jl_signer) signer = calloc(1, sizeof *signer);
    if (signer == NULL) {
        return jl_fail(err, JL_NOMEM, "no memory for a signer");
    }
    signer->key =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret->bytes, JL_SIGN_SECRET_BYTES);
    signer->context = EVP_MD_CTX_new();
    if (signer->key == NULL || signer->context == NULL) {
        return crypto_fail(err, "set up Ed25519");
    }
    *out_signer = signer;
    signer = NULL;
    return JL_OK;
}

void jl_signer_free(struct jl_signer *signer) {
    if (signer != NULL) {
        EVP_MD_CTX_free(signer->context);
        EVP_PKEY_free(signer->key);
        free(signer);
    }
}

enum jl_rc jl_sign_keypair(uint8_t out_public[static JL_SIGN_PUBLIC_BYTES],
                           struct jl_secret *out_secret, struct jl_err *err) {
    JL_AUTO(jl_secret) secret = {0};
    JL_AUTO_PTR(jl_signer) signer = NULL;
    uint8_t public_key[JL_SIGN_PUBLIC_BYTES];
    size_t size = sizeof public_key;
    enum jl_rc rc = jl_random(secret.bytes, sizeof secret.bytes, err);
    if (rc == JL_OK) {
        rc = jl_signer_new(&secret, &signer, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    if (EVP_PKEY_get_raw_public_key(signer->key, public_key, &size) != 1 ||
        size != sizeof public_key) {
        return crypto_fail(err, "make an Ed25519 key");
    }
    memcpy(out_public, public_key, sizeof public_key);
    *out_secret = secret;
    return JL_OK;
}

enum jl_rc jl_sign(struct jl_signer *signer, struct jl_bytes message,
                   uint8_t out_signature[static JL_SIGNATURE_BYTES], struct jl_err *err) {
    uint8_t signature[JL_SIGNATURE_BYTES];
    size_t size = sizeof signature;
    if (EVP_DigestSignInit(signer->context, NULL, NULL, NULL, signer->key) != 1 ||
        EVP_DigestSign(signer->context, signature, &size, message.data, message.size) != 1 ||
        size != sizeof signature) {
        return crypto_fail(err, "sign");
    }
    memcpy(out_signature, signature, sizeof signature);
    return JL_OK;
}

enum jl_rc jl_verify(const uint8_t public_key[static JL_SIGN_PUBLIC_BYTES], struct jl_bytes message,
                     const uint8_t signature[static JL_SIGNATURE_BYTES], struct jl_err *err) {
    EVP_PKEY *key =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, JL_SIGN_PUBLIC_BYTES);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    enum jl_rc rc = JL_OK;
    if (key == NULL || context == NULL ||
        EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) != 1) {
        rc = crypto_fail(err, "set up a signature check");
    } else if (EVP_DigestVerify(context, signature, JL_SIGNATURE_BYTES, message.data,
                                message.size) != 1) {
        ERR_clear_error();
        rc = jl_fail(err, JL_DENIED, "the signature is not this key's over these bytes");
    }
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return rc;
}
