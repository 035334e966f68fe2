/* The first bytes of this PC's transport key, as text. */
#include "short_key.h"

#include "jielian/base/hex.h"
#include "jielian/crypto/keys.h"
#include "jielian/net/curve.h"

#include <string.h>

struct jl_short_key jl_short_key(const struct jl_keys *keys) {
    struct jl_short_key key = {.text = "?"};
    uint8_t curve_public[JL_CURVE_KEY_BYTES];
    struct jl_err ignored; /* a hint for people */
    if (jl_curve_public(&keys->curve, curve_public, &ignored) == JL_OK) {
        jl_hex_encode(jl_bytes(curve_public, sizeof key.text / 2), key.text);
    }
    return key;
}
