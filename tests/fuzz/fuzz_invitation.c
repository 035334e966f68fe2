/* Any bytes as an invitation file; once as they are, once with the sum that they should have. What
 * is taken can be made again, and that reads alike. */
#include "fuzz.h"

#include "jielian/base/assert.h"
#include "jielian/base/hex.h"
#include "jielian/crypto/hasher.h"
#include "jielian/crypto/invitation.h"

#include <string.h>

static void check(struct jl_bytes text) {
    JL_AUTO(jl_buf) made = {0};
    struct jl_invitation_text read;
    struct jl_invitation_text again;
    if (jl_invitation_decode(text, &read, NULL) == JL_OK) {
        JL_ASSERT(jl_invitation_encode(&read, &made, NULL) == JL_OK);
        JL_ASSERT(jl_invitation_decode(jl_buf_bytes(&made), &again, NULL) == JL_OK);
        JL_ASSERT(memcmp(&read, &again, sizeof read) == 0);
    }
}

static void put_sum(struct jl_buf *text) {
    static struct jl_hasher *hasher;
    uint8_t hash[JL_HASH_BYTES];
    char hex[2 * 8 + 1];
    struct jl_bytes all = jl_buf_bytes(text);
    if (hasher == NULL) {
        JL_ASSERT(jl_hasher_new(jl_suite_find(JL_SUITE_FIRST), &hasher, NULL) == JL_OK);
    }
    JL_ASSERT(jl_hasher_digest(hasher, &all, 1, hash, NULL) == JL_OK);
    jl_hex_encode(jl_bytes(hash, 8), hex);
    JL_ASSERT(jl_buf_printf(text, NULL, "sum=%s\n", hex) == JL_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct jl_buf text;
    struct jl_bytes all = jl_bytes(data, size);
    check(all);
    /* Without its own last line, if that is a sum. */
    const uint8_t *sum = memmem(data, size, "\nsum=", 5);
    size_t above = sum != NULL ? (size_t)(sum - data) + 1 : size;
    jl_buf_reset(&text);
    JL_ASSERT(jl_buf_put(&text, data, above, NULL) == JL_OK);
    put_sum(&text);
    check(jl_buf_bytes(&text));
    return 0;
}
