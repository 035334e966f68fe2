/* Invariant: count = Σ counts, and each bucket's sum is the sum of the hashes of exactly the
 * records that were added to it and not removed since. Removing what was never there (a damaged
 * stored sum) wraps around: the next proof then differs and repair recounts, where an assert would
 * end the program for good. */
#include "jielian/sync/setsum.h"
#include "jielian/base/assert.h"
#include "jielian/base/bytes.h"
#include "jielian/base/fault.h"
#include "jielian/base/id.h"
#include "jielian/base/limits.h"
#include "jielian/crypto/hasher.h"

#include <string.h>

static uint64_t load_le(const uint8_t *bytes) {
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--) {
        value = value << 8 | bytes[i];
    }
    return value;
}

static void store_le(uint8_t *bytes, uint64_t value) {
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
}

static void add128(uint64_t sum[static 2], uint64_t low, uint64_t high) {
    sum[0] += low;
    sum[1] += high + (sum[0] < low ? 1 : 0);
}

static void subtract128(uint64_t sum[static 2], uint64_t low, uint64_t high) {
    uint64_t borrow = sum[0] < low ? 1 : 0;
    sum[0] -= low;
    sum[1] -= high + borrow;
}

void jl_setsum_init(struct jl_setsum *sum) {
    memset(sum, 0, sizeof *sum);
}

void jl_setsum_add(struct jl_setsum *sum, const struct jl_id *id,
                   const uint8_t hash[static JL_SUM_BYTES]) {
    unsigned bucket = jl_id_bucket(id);
    add128(sum->sums[bucket], load_le(hash), load_le(hash + 8));
    sum->counts[bucket]++;
    sum->count++;
}

void jl_setsum_remove(struct jl_setsum *sum, const struct jl_id *id,
                      const uint8_t hash[static JL_SUM_BYTES]) {
    unsigned bucket = jl_id_bucket(id);
    subtract128(sum->sums[bucket], load_le(hash), load_le(hash + 8));
    sum->counts[bucket]--;
    sum->count--;
}

void jl_setsum_bucket(const struct jl_setsum *sum, unsigned bucket,
                      uint8_t out_sum[static JL_SUM_BYTES]) {
    JL_ASSERT(bucket < JL_BUCKETS);
    store_le(out_sum, sum->sums[bucket][0]);
    store_le(out_sum + 8, sum->sums[bucket][1]);
}

bool jl_setsum_equal(const struct jl_setsum *a, const struct jl_setsum *b) {
    return a->count == b->count && memcmp(a->counts, b->counts, sizeof a->counts) == 0 &&
           memcmp(a->sums, b->sums, sizeof a->sums) == 0;
}

void jl_setsum_encode(const struct jl_setsum *sum, uint8_t out_bytes[static JL_SETSUM_BYTES]) {
    uint8_t *at = out_bytes;
    for (int i = 0; i < 8; i++) {
        *at++ = (uint8_t)(sum->count >> (56 - 8 * i));
    }
    for (unsigned bucket = 0; bucket < JL_BUCKETS; bucket++) {
        for (int i = 0; i < 4; i++) {
            *at++ = (uint8_t)(sum->counts[bucket] >> (24 - 8 * i));
        }
        jl_setsum_bucket(sum, bucket, at);
        at += JL_SUM_BYTES;
    }
}

enum jl_rc jl_setsum_decode(struct jl_bytes bytes, struct jl_setsum *out_sum, struct jl_err *err) {
    if (bytes.size != JL_SETSUM_BYTES) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_BYTES, "a set sum has %zu bytes instead of %d",
                           bytes.size, (int)JL_SETSUM_BYTES);
    }
    const uint8_t *at = bytes.data;
    out_sum->count = 0;
    for (int i = 0; i < 8; i++) {
        out_sum->count = out_sum->count << 8 | *at++;
    }
    for (unsigned bucket = 0; bucket < JL_BUCKETS; bucket++) {
        uint32_t count = 0;
        for (int i = 0; i < 4; i++) {
            count = count << 8 | *at++;
        }
        out_sum->counts[bucket] = count;
        out_sum->sums[bucket][0] = load_le(at);
        out_sum->sums[bucket][1] = load_le(at + 8);
        at += JL_SUM_BYTES;
    }
    return JL_OK;
}

enum jl_rc jl_setsum_root(struct jl_hasher *hasher, const struct jl_setsum *shared,
                          const struct jl_setsum *office, uint8_t out_root[static JL_SUM_BYTES],
                          struct jl_err *err) {
    static const char label[] = "jielian proof v1";
    const struct jl_setsum *sums[] = {shared, office};
    uint8_t totals[2][8 + JL_SUM_BYTES];
    for (int feed = 0; feed < 2; feed++) {
        uint64_t total[2] = {0, 0};
        for (unsigned bucket = 0; bucket < JL_BUCKETS; bucket++) {
            add128(total, sums[feed]->sums[bucket][0], sums[feed]->sums[bucket][1]);
        }
        for (int i = 0; i < 8; i++) {
            totals[feed][i] = (uint8_t)(sums[feed]->count >> (56 - 8 * i));
        }
        store_le(totals[feed] + 8, total[0]);
        store_le(totals[feed] + 16, total[1]);
    }
    uint8_t hash[JL_HASH_BYTES];
    struct jl_bytes parts[] = {jl_bytes(label, sizeof label - 1), jl_bytes(totals, sizeof totals)};
    enum jl_rc rc = jl_hasher_digest(hasher, parts, 2, hash, err);
    if (rc == JL_OK) {
        memcpy(out_root, hash, JL_SUM_BYTES);
    }
    return rc;
}
