/* Byte layouts: chain.h. Every hashed or signed text starts with its own label, so that bytes made
 * for one purpose never pass for another. */
#include "jielian/sync/chain.h"
#include "jielian/base/bytes.h"
#include "jielian/base/limits.h"
#include "jielian/crypto/hasher.h"
#include "jielian/crypto/suite.h"

#include <string.h>

static const char chain_label[] = "jielian chain v1";
static const char batch_label[] = "jielian batch v1";
static const char enrol_label[] = "jielian enrol v1";
static const char journal_label[] = "jielian journal v1";
static const char headed_label[] = "jielian journal v2";

_Static_assert(sizeof batch_label - 1 == 16, "JL_CHAIN_BATCH_TEXT_BYTES counts the label");
_Static_assert(sizeof enrol_label - 1 == 16, "JL_CHAIN_ENROL_TEXT_MAX_BYTES counts the label");

static uint8_t *put(uint8_t *at, const void *data, size_t size) {
    memcpy(at, data, size);
    return at + size;
}

enum jl_rc jl_chain_genesis(struct jl_hasher *hasher, const uint8_t incarnation[static 16],
                            uint8_t out_hash[static JL_HASH_BYTES], struct jl_err *err) {
    struct jl_bytes parts[] = {jl_bytes(chain_label, sizeof chain_label - 1),
                               jl_bytes(incarnation, 16)};
    return jl_hasher_digest(hasher, parts, 2, out_hash, err);
}

enum jl_rc jl_chain_step(struct jl_hasher *hasher, uint8_t hash[static JL_HASH_BYTES],
                         struct jl_bytes op, struct jl_err *err) {
    struct jl_bytes parts[] = {jl_bytes(hash, JL_HASH_BYTES), op};
    return jl_hasher_digest(hasher, parts, 2, hash, err);
}

void jl_chain_batch_text(const uint8_t incarnation[static 16], uint64_t last_seq,
                         const uint8_t last_hash[static JL_HASH_BYTES],
                         uint8_t out_text[static JL_CHAIN_BATCH_TEXT_BYTES]) {
    uint8_t *at = put(out_text, batch_label, sizeof batch_label - 1);
    at = put(at, incarnation, 16);
    at = jl_bytes_put_be(at, last_seq, 8);
    put(at, last_hash, JL_HASH_BYTES);
}

size_t jl_chain_enrol_text(const struct jl_suite *suite, const uint8_t curve_public[static 32],
                           const uint8_t sign_public[static JL_SIGN_PUBLIC_MAX_BYTES],
                           const uint8_t invitation_public[static 32],
                           uint8_t out_text[static JL_CHAIN_ENROL_TEXT_MAX_BYTES]) {
    uint8_t *at = put(out_text, enrol_label, sizeof enrol_label - 1);
    at = put(at, curve_public, 32);
    at = put(at, sign_public, suite->sign->public_bytes);
    at = put(at, invitation_public, 32);
    return (size_t)(at - out_text);
}

enum jl_rc jl_chain_journal_step(struct jl_hasher *hasher, uint8_t hash[static JL_HASH_BYTES],
                                 const struct jl_chain_journal_head *head, struct jl_bytes body,
                                 struct jl_err *err) {
    const struct jl_bytes texts[] = {body, head->head, head->verdicts};
    size_t count = head->head.size > 0 ? 3 : 1;
    const char *label = count > 1 ? headed_label : journal_label;
    uint8_t hashes[3][JL_HASH_BYTES];
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < count; i++) {
        rc = jl_hasher_digest(hasher, &texts[i], 1, hashes[i], err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    uint8_t numbers[8 + 4 + 8 + 4 + 8];
    uint8_t *at = jl_bytes_put_be(numbers, head->seq, 8);
    at = jl_bytes_put_be(at, head->origin, 4);
    at = jl_bytes_put_be(at, head->first_op, 8);
    at = jl_bytes_put_be(at, head->op_count, 4);
    jl_bytes_put_be(at, (uint64_t)head->at_ms, 8);
    struct jl_bytes parts[] = {jl_bytes(hash, JL_HASH_BYTES), jl_bytes_text(label),
                               jl_bytes(numbers, sizeof numbers),
                               jl_bytes(hashes, count * JL_HASH_BYTES)};
    return jl_hasher_digest(hasher, parts, 4, hash, err);
}
