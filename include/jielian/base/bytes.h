/* Borrowed byte ranges: they never own what they point to.
 *
 * Thread: an object belongs to one thread at a time. */
#ifndef JIELIAN_BYTES_H
#define JIELIAN_BYTES_H

#include "jielian/base/rc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jl_bytes {
    const uint8_t *data; /* may be NULL when size is 0 */
    size_t size;
};

static inline struct jl_bytes jl_bytes(const void *data, size_t size) {
    struct jl_bytes bytes = {.data = data, .size = size};
    return bytes;
}
/* Numbers in layouts that are hashed, sealed or stored: big-endian, in `size` bytes (1 to 8). put
 * returns the place behind. */
static inline uint8_t *jl_bytes_put_be(uint8_t *at, uint64_t number, size_t size) {
    for (size_t i = 0; i < size; i++) {
        at[i] = (uint8_t)(number >> (8 * (size - 1 - i)));
    }
    return at + size;
}
static inline uint64_t jl_bytes_get_be(const uint8_t *at, size_t size) {
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++) {
        number = number << 8 | at[i];
    }
    return number;
}
enum { JL_VARINT_MAX_BYTES = 10 }; /* of 64 bits, as LEB128 */

struct jl_bytes jl_bytes_text(const char *text); /* without the NUL; NULL gives an empty range */
bool jl_bytes_equal(struct jl_bytes a, struct jl_bytes b); /* not for secrets */
bool jl_bytes_is(struct jl_bytes a, const char *text);
int jl_bytes_compare(struct jl_bytes a, struct jl_bytes b); /* memcmp order, shorter first */

#endif
