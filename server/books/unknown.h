/* Keys that called and that the district does not know: a PC that a restore has forgotten, or a
 * stranger. For people who run it: such a PC says its own key, and joins again in the same folder.
 *
 * Kept in the store's meta as `unknown`, one line a key: "<64 hex> 12 1790000000123". The list is
 * short: a new key takes the place of the one that called least, and among these longest ago, so
 * strangers who make up a key for each call push each other out and not a PC that goes on calling.
 * Thread: values; any. */
#ifndef JIELIAN_SERVER_UNKNOWN_H
#define JIELIAN_SERVER_UNKNOWN_H

#include "jielian/base/buf.h"
#include "jielian/base/bytes.h"

struct jl_district;

enum {
    JL_UNKNOWN_MAX = 32, /* more than a district loses in one restore */
    JL_UNKNOWN_KEY_BYTES = 32,
};

struct jl_unknown_key {
    uint8_t key[JL_UNKNOWN_KEY_BYTES]; /* CURVE public key */
    uint64_t count;
    int64_t last_ms; /* wall */
};
struct jl_unknown {
    struct jl_unknown_key of[JL_UNKNOWN_MAX];
    size_t count;
};

void jl_unknown_note(struct jl_unknown *unknown, const uint8_t key[static JL_UNKNOWN_KEY_BYTES],
                     uint64_t count, int64_t at_ms);
/* The last one that called first. */
void jl_unknown_sort(struct jl_unknown *unknown);
JL_MUST_CHECK enum jl_rc jl_unknown_encode(const struct jl_unknown *unknown, struct jl_buf *out,
                                           struct jl_err *err);
/* JL_CORRUPT: not such lines, or too many. */
JL_MUST_CHECK enum jl_rc jl_unknown_decode(struct jl_bytes text, struct jl_unknown *out_unknown,
                                           struct jl_err *err);

/* Keep who called with a key that is not known. One write, however many they were. */
JL_MUST_CHECK enum jl_rc jl_unknown_keep(struct jl_district *district,
                                         const struct jl_unknown *more, struct jl_err *err);

/* Keys that called and are not those of a device, the last one first. */
JL_MUST_CHECK enum jl_rc jl_unknown_read(struct jl_district *district,
                                         struct jl_unknown *out_unknown, struct jl_err *err);

#endif
