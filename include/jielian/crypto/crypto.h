/* Cryptography: thin, context-reusing calls over OpenSSL 3. No scheme of our own. The algorithms
 * are those of a suite (suite.h); of suite 1:
 *
 *   hashes     SHA-256 (FIPS 180-4)            signatures Ed25519 (RFC 8032)
 *   sealing    AES-256-GCM (NIST SP 800-38D)   tags       HMAC-SHA-256 (RFC 2104)
 *   passphrase scrypt (RFC 7914), N = 2^15, r = 8, p = 1 (32 MiB, about 0.1 s)
 *
 * Sealing uses a synthetic nonce: the first 12 bytes of HMAC(nonce key, size of associated data
 * (8, big-endian) ‖ associated data ‖ plain text). The same value in the same place seals to the
 * same bytes; a nonce repeats only where key, associated data and plain text all repeat, so GCM's
 * nonce rule holds without a random source. Tags are made of the same input under the tag key.
 *
 *   sealed = nonce (12) ‖ cipher text (n) ‖ GCM tag (16)
 *
 * Thread: a context belongs to one thread; make one per thread and keep it (a one-shot OpenSSL call
 * costs three to six times as much). */
#ifndef JIELIAN_CRYPTO_H
#define JIELIAN_CRYPTO_H

#include "jielian/base/bytes.h"
#include "jielian/base/limits.h"
#include "jielian/crypto/suite.h"

enum {
    JL_HASH_BYTES = 32,
    JL_KEY_BYTES = 32,
    JL_SEAL_EXTRA_BYTES = 28, /* nonce and GCM tag */
    JL_TAG_BYTES = 16,        /* keyed tag for equality search: HMAC cut to 128 bits */
};

/* A secret has no printer and is wiped by fini. */
struct jl_secret {
    uint8_t bytes[JL_KEY_BYTES];
};
void jl_secret_fini(struct jl_secret *secret);
bool jl_secret_equal(const struct jl_secret *a, const struct jl_secret *b); /* constant time */
void jl_wipe(void *data, size_t size);

/* Fill from the system's generator; JL_IO if it has none to give. */
JL_MUST_CHECK enum jl_rc jl_random(void *out_data, size_t size, struct jl_err *err);

/* Hashes with a context that is reused. */
struct jl_hasher;
JL_MUST_CHECK enum jl_rc jl_hasher_new(const struct jl_suite *suite, struct jl_hasher **out_hasher,
                                       struct jl_err *err);
void jl_hasher_free(struct jl_hasher *hasher);
JL_DEFINE_AUTO_PTR(jl_hasher, jl_hasher_free)
/* Over the suite's prefix and the concatenation of the parts. Cost: about 0.25 µs for a row. */
JL_MUST_CHECK enum jl_rc jl_hash(struct jl_hasher *hasher, const struct jl_bytes *parts,
                                 size_t part_count, uint8_t out_hash[static JL_HASH_BYTES],
                                 struct jl_err *err);

/* Sealing and tagging with keys derived from one data key (HMAC of a label: "seal", "nonce",
 * "tag", each with the suite's mark behind it). */
struct jl_sealer;
JL_MUST_CHECK enum jl_rc jl_sealer_new(const struct jl_suite *suite,
                                       const struct jl_secret *data_key,
                                       struct jl_sealer **out_sealer, struct jl_err *err);
void jl_sealer_free(struct jl_sealer *sealer);
JL_DEFINE_AUTO_PTR(jl_sealer, jl_sealer_free)
/* Append the sealed form of plain to out. */
JL_MUST_CHECK enum jl_rc jl_seal(struct jl_sealer *sealer, struct jl_bytes associated,
                                 struct jl_bytes plain, struct jl_buf *out, struct jl_err *err);
/* Append the plain form to out; JL_CORRUPT when a single bit, the place or the key is wrong. */
JL_MUST_CHECK enum jl_rc jl_unseal(struct jl_sealer *sealer, struct jl_bytes associated,
                                   struct jl_bytes sealed, struct jl_buf *out, struct jl_err *err);
/* Same inputs, same tag: finds equal values without showing them. */
JL_MUST_CHECK enum jl_rc jl_keyed_tag(struct jl_sealer *sealer, struct jl_bytes associated,
                                      struct jl_bytes plain, uint8_t out_tag[static JL_TAG_BYTES],
                                      struct jl_err *err);

/* Signatures, over the suite's prefix and the message. suite->sign says how many bytes of a public
 * key and of a signature count; those behind them are written as zeros and not read. */
struct jl_signer;
JL_MUST_CHECK enum jl_rc jl_sign_keypair(const struct jl_suite *suite,
                                         uint8_t out_public[static JL_SIGN_PUBLIC_MAX_BYTES],
                                         struct jl_secret *out_secret, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_signer_new(const struct jl_suite *suite, const struct jl_secret *secret,
                                       struct jl_signer **out_signer, struct jl_err *err);
void jl_signer_free(struct jl_signer *signer);
JL_DEFINE_AUTO_PTR(jl_signer, jl_signer_free)
JL_MUST_CHECK enum jl_rc jl_sign(struct jl_signer *signer, struct jl_bytes message,
                                 uint8_t out_signature[static JL_SIGNATURE_MAX_BYTES],
                                 struct jl_err *err);
/* JL_DENIED when the signature is not the key's over these bytes. */
JL_MUST_CHECK enum jl_rc jl_verify(const struct jl_suite *suite, const uint8_t *public_key,
                                   struct jl_bytes message, const uint8_t *signature,
                                   struct jl_err *err);

/* A key of a passphrase: slow and large on purpose. */
JL_MUST_CHECK enum jl_rc jl_passphrase_key(const struct jl_suite *suite, struct jl_bytes passphrase,
                                           const uint8_t salt[static JL_PASSPHRASE_SALT_BYTES],
                                           struct jl_secret *out_key, struct jl_err *err);

#endif
