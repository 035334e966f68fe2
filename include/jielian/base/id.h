/* Record ids: 16 bytes, a UUIDv7 (RFC 9562 section 5.7) or a hash of the natural key (UUIDv8 form).
 *
 * Ids made in a burst count upwards from one random start (RFC 9562 section 6.2, method 2,
 * increment one), so that a thousand new records compress to nearly no id bytes and land side by
 * side in the index. No call here reads a clock or a random source: both come in as values.
 *
 * Text form: 8-4-4-4-12 lower-case hexadecimal.  Thread: any. */
#ifndef JIELIAN_ID_H
#define JIELIAN_ID_H

#include "jielian/base/bytes.h"

enum {
    JL_ID_BYTES = 16,
    JL_ID_TEXT_BYTES = 37, /* 36 characters and the NUL */
};

struct jl_id {
    uint8_t bytes[JL_ID_BYTES];
};

/* Where the next id comes from; init once per process or import, then take ids one by one. */
struct jl_id_source {
    int64_t last_ms;
    uint64_t high; /* 12 random bits: rand_a */
    uint64_t low;  /* 62 random bits: rand_b, counts up within one source */
};

void jl_id_source_init(struct jl_id_source *source, const uint8_t random[static 16]);
/* now_ms: since 1970; a clock that goes back does not make ids go back. */
struct jl_id jl_id_next(struct jl_id_source *source, int64_t now_ms);
/* Bytes 0..15 of a hash with version 8 and the RFC variant set (RFC 9562 section 5.8). */
struct jl_id jl_id_from_hash(const uint8_t hash[static 16]);

bool jl_id_equal(const struct jl_id *a, const struct jl_id *b);
bool jl_id_is_zero(const struct jl_id *id);
int jl_id_compare(const struct jl_id *a, const struct jl_id *b);
void jl_id_format(const struct jl_id *id, char out_text[static JL_ID_TEXT_BYTES]);
/* Accepts the text form in either case; JL_MISUSE otherwise. */
JL_MUST_CHECK enum jl_rc jl_id_parse(const char *text, struct jl_id *out_id, struct jl_err *err);
/* Exactly 16 bytes; JL_PROTO otherwise. */
JL_MUST_CHECK enum jl_rc jl_id_from_bytes(struct jl_bytes bytes, struct jl_id *out_id,
                                          struct jl_err *err);
/* 0..255: the proof bucket of an id (docs/design.md section 6); its last byte. */
static inline unsigned jl_id_bucket(const struct jl_id *id) {
    return id->bytes[JL_ID_BYTES - 1];
}

#endif
