/* Secrets: no printer, compared in constant time, wiped by fini.  Thread: any. */
#ifndef JIELIAN_CRYPTO_SECRET_H
#define JIELIAN_CRYPTO_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    JL_KEY_BYTES = 32,
};

/* A secret has no printer and is wiped by fini. */
struct jl_secret {
    uint8_t bytes[JL_KEY_BYTES];
};
void jl_secret_fini(struct jl_secret *secret);
bool jl_secret_equal(const struct jl_secret *a, const struct jl_secret *b); /* constant time */
void jl_secret_wipe(void *data, size_t size);

#endif
