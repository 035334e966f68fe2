/* Sealing and tagging, by a suite's algorithms (suite 1: AES-256-GCM, NIST SP 800-38D, and
 * HMAC-SHA-256, RFC 2104). No scheme of our own.
 *
 * Sealing uses a synthetic nonce: the first 12 bytes of HMAC(nonce key, size of associated data
 * (8, big-endian) ‖ associated data ‖ plain text). The same value in the same place seals to the
 * same bytes; a nonce repeats only where key, associated data and plain text all repeat, so GCM's
 * nonce rule holds without a random source. Tags are made of the same input under the tag key.
 *
 *   sealed = nonce (12) ‖ cipher text (n) ‖ GCM tag (16)
 *
 * Thread: a sealer belongs to one thread; make one per thread and keep it. */
#ifndef JIELIAN_CRYPTO_SEALER_H
#define JIELIAN_CRYPTO_SEALER_H

#include "jielian/base/bytes.h"

struct jl_buf;
struct jl_secret;
struct jl_suite;

enum {
    JL_SEAL_EXTRA_BYTES = 28, /* nonce and GCM tag */
    JL_TAG_BYTES = 16,        /* keyed tag for equality search: HMAC cut to 128 bits */
};

/* Sealing and tagging with keys derived from one data key (HMAC of a label: "seal", "nonce",
 * "tag", each with the suite's mark behind it). */
struct jl_sealer;
JL_MUST_CHECK enum jl_rc jl_sealer_new(const struct jl_suite *suite,
                                       const struct jl_secret *data_key,
                                       struct jl_sealer **out_sealer, struct jl_err *err);
void jl_sealer_free(struct jl_sealer *sealer);
JL_DEFINE_AUTO_PTR(jl_sealer, jl_sealer_free)
/* Append the sealed form of plain to out. */
JL_MUST_CHECK enum jl_rc jl_sealer_seal(struct jl_sealer *sealer, struct jl_bytes associated,
                                        struct jl_bytes plain, struct jl_buf *out,
                                        struct jl_err *err);
/* Append the plain form to out; JL_CORRUPT when a single bit, the place or the key is wrong. */
JL_MUST_CHECK enum jl_rc jl_sealer_unseal(struct jl_sealer *sealer, struct jl_bytes associated,
                                          struct jl_bytes sealed, struct jl_buf *out,
                                          struct jl_err *err);
/* Same inputs, same tag: finds equal values without showing them. */
JL_MUST_CHECK enum jl_rc jl_sealer_tag(struct jl_sealer *sealer, struct jl_bytes associated,
                                       struct jl_bytes plain, uint8_t out_tag[static JL_TAG_BYTES],
                                       struct jl_err *err);

#endif
