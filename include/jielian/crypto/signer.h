/* Signatures, by a suite's algorithm (suite 1: Ed25519, RFC 8032).
 *
 * Thread: a signer belongs to one thread; make one per thread and keep it. */
#ifndef JIELIAN_CRYPTO_SIGNER_H
#define JIELIAN_CRYPTO_SIGNER_H

#include "jielian/base/bytes.h"
#include "jielian/base/limits.h"

struct jl_secret;
struct jl_suite;

/* Signatures, over the suite's prefix and the message. suite->sign says how many bytes of a public
 * key and of a signature count; those behind them are written as zeros and not read. */
struct jl_signer;
JL_MUST_CHECK enum jl_rc jl_signer_keypair(const struct jl_suite *suite,
                                           uint8_t out_public[static JL_SIGN_PUBLIC_MAX_BYTES],
                                           struct jl_secret *out_secret, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_signer_new(const struct jl_suite *suite, const struct jl_secret *secret,
                                       struct jl_signer **out_signer, struct jl_err *err);
void jl_signer_free(struct jl_signer *signer);
JL_DEFINE_AUTO_PTR(jl_signer, jl_signer_free)
JL_MUST_CHECK enum jl_rc jl_signer_sign(struct jl_signer *signer, struct jl_bytes message,
                                        uint8_t out_signature[static JL_SIGNATURE_MAX_BYTES],
                                        struct jl_err *err);
/* JL_DENIED when the signature is not the key's over these bytes. */
JL_MUST_CHECK enum jl_rc jl_signer_verify(const struct jl_suite *suite, const uint8_t *public_key,
                                          struct jl_bytes message, const uint8_t *signature,
                                          struct jl_err *err);

#endif
