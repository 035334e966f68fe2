/* Four contexts that keep their keys: one cipher context each way, so that a call only sets the
 * nonce, and one MAC context for nonces and one for tags, started again without the key.
 *
 *   seal key, nonce key, tag key = HMAC(data key, "seal"), …, "nonce"), …, "tag"); under suite n >
 * 1 of "seal s<n>", … MAC input                    = size of associated (8, big-endian) ‖
 * associated ‖ plain
 *
 * The size in front keeps pairs apart: associated data holds numbers, so a zero byte between the
 * two could as well belong to either side, and two different pairs would share a nonce. */
#include "openssl.h"

#include "jielian/base/assert.h"
#include "jielian/base/buf.h"
#include "jielian/base/fault.h"
#include "jielian/crypto/hasher.h"
#include "jielian/crypto/sealer.h"
#include "jielian/crypto/secret.h"
#include "jielian/crypto/suite.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

enum {
    NONCE_BYTES = 12,
    GCM_TAG_BYTES = JL_SEAL_EXTRA_BYTES - NONCE_BYTES,
    SIZE_BYTES = 8,
};

struct jl_sealer {
    const struct jl_suite *suite;
    EVP_CIPHER *cipher;
    EVP_MAC *mac;
    EVP_CIPHER_CTX *encrypt;
    EVP_CIPHER_CTX *decrypt;
    EVP_MAC_CTX *nonce;
    EVP_MAC_CTX *tag;
};

/* A new MAC context under a key. */
static enum jl_rc new_mac(const struct jl_sealer *sealer, const struct jl_secret *key,
                          EVP_MAC_CTX **out_context, struct jl_err *err) {
    char digest[64] = "";
    JL_ASSERT(strlen(sealer->suite->digest) < sizeof digest);
    memcpy(digest, sealer->suite->digest, strlen(sealer->suite->digest));
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(sealer->mac);
    if (context == NULL || EVP_MAC_init(context, key->bytes, sizeof key->bytes, params) != 1) {
        EVP_MAC_CTX_free(context);
        return jl_openssl_fail(err);
    }
    *out_context = context;
    return JL_OK;
}

static enum jl_rc finish_mac(EVP_MAC_CTX *context, uint8_t out_mac[static JL_HASH_BYTES],
                             struct jl_err *err) {
    size_t size = 0;
    if (EVP_MAC_final(context, out_mac, &size, JL_HASH_BYTES) != 1 || size != JL_HASH_BYTES) {
        return jl_openssl_fail(err);
    }
    return JL_OK;
}

static enum jl_rc derive(const struct jl_sealer *sealer, const struct jl_secret *data_key,
                         const char *label, struct jl_secret *out_key, struct jl_err *err) {
    EVP_MAC_CTX *context = NULL;
    char mark[JL_SUITE_MARK_BYTES];
    enum jl_rc rc = new_mac(sealer, data_key, &context, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_suite_mark(sealer->suite, mark);
    if (EVP_MAC_update(context, (const uint8_t *)label, strlen(label)) != 1 ||
        EVP_MAC_update(context, (const uint8_t *)mark, strlen(mark)) != 1) {
        rc = jl_openssl_fail(err);
    } else {
        rc = finish_mac(context, out_key->bytes, err);
    }
    EVP_MAC_CTX_free(context);
    return rc;
}

static enum jl_rc derive_mac(const struct jl_sealer *sealer, const struct jl_secret *data_key,
                             const char *label, EVP_MAC_CTX **out_context, struct jl_err *err) {
    JL_AUTO(jl_secret) key = {0};
    enum jl_rc rc = derive(sealer, data_key, label, &key, err);
    return rc != JL_OK ? rc : new_mac(sealer, &key, out_context, err);
}

enum jl_rc jl_sealer_new(const struct jl_suite *suite, const struct jl_secret *data_key,
                         struct jl_sealer **out_sealer, struct jl_err *err) {
    JL_AUTO_PTR(jl_sealer) sealer = calloc(1, sizeof *sealer);
    JL_AUTO(jl_secret) key = {0};
    if (sealer == NULL) {
        return jl_fault_memory(err);
    }
    sealer->suite = suite;
    sealer->cipher = EVP_CIPHER_fetch(NULL, suite->cipher, NULL);
    sealer->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    sealer->encrypt = EVP_CIPHER_CTX_new();
    sealer->decrypt = EVP_CIPHER_CTX_new();
    if (sealer->cipher == NULL || sealer->mac == NULL || sealer->encrypt == NULL ||
        sealer->decrypt == NULL) {
        return jl_openssl_fail(err);
    }
    enum jl_rc rc = derive(sealer, data_key, "seal", &key, err);
    if (rc == JL_OK) {
        rc = derive_mac(sealer, data_key, "nonce", &sealer->nonce, err);
    }
    if (rc == JL_OK) {
        rc = derive_mac(sealer, data_key, "tag", &sealer->tag, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    if (EVP_EncryptInit_ex2(sealer->encrypt, sealer->cipher, key.bytes, NULL, NULL) != 1 ||
        EVP_DecryptInit_ex2(sealer->decrypt, sealer->cipher, key.bytes, NULL, NULL) != 1) {
        return jl_openssl_fail(err);
    }
    *out_sealer = sealer;
    sealer = NULL;
    return JL_OK;
}

void jl_sealer_free(struct jl_sealer *sealer) {
    if (sealer != NULL) { /* OpenSSL wipes the keys in its contexts when it frees them */
        EVP_MAC_CTX_free(sealer->tag);
        EVP_MAC_CTX_free(sealer->nonce);
        EVP_CIPHER_CTX_free(sealer->decrypt);
        EVP_CIPHER_CTX_free(sealer->encrypt);
        EVP_MAC_free(sealer->mac);
        EVP_CIPHER_free(sealer->cipher);
        free(sealer);
    }
}

static enum jl_rc mac_of(EVP_MAC_CTX *context, struct jl_bytes associated, struct jl_bytes plain,
                         uint8_t out_mac[static JL_HASH_BYTES], struct jl_err *err) {
    uint8_t size[SIZE_BYTES];
    (void)jl_bytes_put_be(size, associated.size, SIZE_BYTES);
    if (EVP_MAC_init(context, NULL, 0, NULL) != 1 ||
        EVP_MAC_update(context, size, sizeof size) != 1 ||
        EVP_MAC_update(context, associated.data, associated.size) != 1 ||
        EVP_MAC_update(context, plain.data, plain.size) != 1) {
        return jl_openssl_fail(err);
    }
    return finish_mac(context, out_mac, err);
}

static enum jl_rc check_sizes(struct jl_bytes associated, struct jl_bytes text,
                              struct jl_err *err) {
    if (associated.size > INT_MAX || text.size > INT_MAX) {
        return jl_fault_at(err, JL_LIMIT, JL_FAULT_SEAL_LARGE, "%zu", text.size);
    }
    return JL_OK;
}

enum jl_rc jl_sealer_seal(struct jl_sealer *sealer, struct jl_bytes associated,
                          struct jl_bytes plain, struct jl_buf *out, struct jl_err *err) {
    uint8_t mac[JL_HASH_BYTES];
    enum jl_rc rc = check_sizes(associated, plain, err);
    if (rc == JL_OK) {
        rc = mac_of(sealer->nonce, associated, plain, mac, err);
    }
    if (rc == JL_OK) {
        rc = jl_buf_reserve(out, plain.size + JL_SEAL_EXTRA_BYTES, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    uint8_t *nonce = out->data + out->size;
    uint8_t *text = nonce + NONCE_BYTES;
    uint8_t *tag = text + plain.size;
    int size = 0;
    memcpy(nonce, mac, NONCE_BYTES);
    bool done = EVP_EncryptInit_ex2(sealer->encrypt, NULL, NULL, nonce, NULL) == 1;
    if (done && associated.size > 0) {
        done = EVP_EncryptUpdate(sealer->encrypt, NULL, &size, associated.data,
                                 (int)associated.size) == 1;
    }
    if (done && plain.size > 0) {
        done = EVP_EncryptUpdate(sealer->encrypt, text, &size, plain.data, (int)plain.size) == 1;
    }
    done = done && EVP_EncryptFinal_ex(sealer->encrypt, tag, &size) == 1 &&
           EVP_CIPHER_CTX_ctrl(sealer->encrypt, EVP_CTRL_AEAD_GET_TAG, GCM_TAG_BYTES, tag) == 1;
    if (!done) {
        return jl_openssl_fail(err);
    }
    out->size += plain.size + JL_SEAL_EXTRA_BYTES;
    return JL_OK;
}

enum jl_rc jl_sealer_unseal(struct jl_sealer *sealer, struct jl_bytes associated,
                            struct jl_bytes sealed, struct jl_buf *out, struct jl_err *err) {
    if (sealed.size < JL_SEAL_EXTRA_BYTES) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_SEALED_SHORT, "%zu", sealed.size);
    }
    size_t text_size = sealed.size - JL_SEAL_EXTRA_BYTES;
    enum jl_rc rc = check_sizes(associated, sealed, err);
    if (rc == JL_OK) {
        rc = jl_buf_reserve(out, text_size, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    const uint8_t *text = sealed.data + NONCE_BYTES;
    uint8_t tag[GCM_TAG_BYTES]; /* the call below takes no const pointer */
    uint8_t *plain = out->data == NULL ? NULL : out->data + out->size;
    int size = 0;
    memcpy(tag, text + text_size, sizeof tag);
    bool done = EVP_DecryptInit_ex2(sealer->decrypt, NULL, NULL, sealed.data, NULL) == 1 &&
                EVP_CIPHER_CTX_ctrl(sealer->decrypt, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) == 1;
    if (done && associated.size > 0) {
        done = EVP_DecryptUpdate(sealer->decrypt, NULL, &size, associated.data,
                                 (int)associated.size) == 1;
    }
    if (done && text_size > 0) {
        done = EVP_DecryptUpdate(sealer->decrypt, plain, &size, text, (int)text_size) == 1;
    }
    if (!done) {
        jl_secret_wipe(plain, text_size);
        return jl_openssl_fail(err);
    }
    uint8_t none[GCM_TAG_BYTES]; /* GCM's last call writes nothing, but wants a place */
    if (EVP_DecryptFinal_ex(sealer->decrypt, none, &size) != 1) {
        ERR_clear_error();
        jl_secret_wipe(plain, text_size);
        return jl_fault(err, JL_CORRUPT, JL_FAULT_SEALED_BAD);
    }
    out->size += text_size;
    return JL_OK;
}

enum jl_rc jl_sealer_tag(struct jl_sealer *sealer, struct jl_bytes associated,
                         struct jl_bytes plain, uint8_t out_tag[static JL_TAG_BYTES],
                         struct jl_err *err) {
    uint8_t mac[JL_HASH_BYTES];
    enum jl_rc rc = mac_of(sealer->tag, associated, plain, mac, err);
    if (rc == JL_OK) {
        memcpy(out_tag, mac, JL_TAG_BYTES);
    }
    return rc;
}
