/* The first bytes of this PC's transport key, as the district's `status` shows those that it does
 * not know.
 *
 * Thread: any. */
#ifndef JIELIAN_CLIENT_ENGINE_SHORT_KEY_H
#define JIELIAN_CLIENT_ENGINE_SHORT_KEY_H

struct jl_keys;

/* The first bytes of this PC's transport key, as the district's `status` shows those that it does
 * not know. */
struct jl_short_key {
    char text[17];
};
struct jl_short_key jl_short_key(const struct jl_keys *keys);

#endif
