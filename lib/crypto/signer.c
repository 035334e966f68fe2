/* Signatures by the suite's algorithm, over its prefix and the message. Arrays are as long as the
 * longest suite's keys and signatures; what is behind this one's is zero. */
#include "suite.h"

#include "jielian/base/buf.h"
#include "jielian/base/fault.h"
#include "jielian/base/limits.h"
#include "jielian/crypto/secret.h"
#include "jielian/crypto/signer.h"
#include "jielian/crypto/suite.h"

#include <stdlib.h>
#include <string.h>

struct jl_signer {
    const struct jl_suite *suite;
    void *key;
    struct jl_buf text; /* prefix and message, where there is a prefix */
};

enum jl_rc jl_signer_new(const struct jl_suite *suite, const struct jl_secret *secret,
                         struct jl_signer **out_signer, struct jl_err *err) {
    JL_AUTO_PTR(jl_signer) signer = calloc(1, sizeof *signer);
    if (signer == NULL) {
        return jl_fault_memory(err);
    }
    signer->suite = suite;
    enum jl_rc rc = suite->sign->open(secret, &signer->key, err);
    if (rc != JL_OK) {
        return rc;
    }
    *out_signer = signer;
    signer = NULL;
    return JL_OK;
}

void jl_signer_free(struct jl_signer *signer) {
    if (signer != NULL) {
        signer->suite->sign->close(signer->key);
        jl_buf_fini(&signer->text);
        free(signer);
    }
}

enum jl_rc jl_signer_keypair(const struct jl_suite *suite,
                             uint8_t out_public[static JL_SIGN_PUBLIC_MAX_BYTES],
                             struct jl_secret *out_secret, struct jl_err *err) {
    uint8_t public_key[JL_SIGN_PUBLIC_MAX_BYTES] = {0};
    enum jl_rc rc = suite->sign->make(out_secret, public_key, err);
    if (rc == JL_OK) {
        memcpy(out_public, public_key, sizeof public_key);
    }
    return rc;
}

/* message, with the suite's prefix before it; text is for where both stand together. */
static enum jl_rc with_prefix(const struct jl_suite *suite, struct jl_bytes message,
                              struct jl_buf *text, struct jl_bytes *out_text, struct jl_err *err) {
    char place[JL_SUITE_PREFIX_BYTES];
    struct jl_bytes prefix = jl_suite_prefix(suite, place);
    if (prefix.size == 0) {
        *out_text = message;
        return JL_OK;
    }
    jl_buf_reset(text);
    enum jl_rc rc = jl_buf_put(text, prefix.data, prefix.size, err);
    if (rc == JL_OK) {
        rc = jl_buf_put(text, message.data, message.size, err);
    }
    *out_text = jl_buf_bytes(text);
    return rc;
}

enum jl_rc jl_signer_sign(struct jl_signer *signer, struct jl_bytes message,
                          uint8_t out_signature[static JL_SIGNATURE_MAX_BYTES],
                          struct jl_err *err) {
    uint8_t signature[JL_SIGNATURE_MAX_BYTES] = {0};
    struct jl_bytes text;
    enum jl_rc rc = with_prefix(signer->suite, message, &signer->text, &text, err);
    if (rc == JL_OK) {
        rc = signer->suite->sign->sign(signer->key, text, signature, err);
    }
    if (rc == JL_OK) {
        memcpy(out_signature, signature, sizeof signature);
    }
    return rc;
}

enum jl_rc jl_signer_verify(const struct jl_suite *suite, const uint8_t *public_key,
                            struct jl_bytes message, const uint8_t *signature, struct jl_err *err) {
    JL_AUTO(jl_buf) place = {0};
    struct jl_bytes text;
    enum jl_rc rc = with_prefix(suite, message, &place, &text, err);
    return rc == JL_OK ? suite->sign->verify(public_key, text, signature, err) : rc;
}
