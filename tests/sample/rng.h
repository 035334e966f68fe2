/* Random numbers that are the same on every machine: xoshiro256** seeded by splitmix64 (David
 * Blackman and Sebastiano Vigna, prng.di.unimi.it, public domain).
 *
 * Each office and purpose has a stream of its own, so that more members don't change the
 * activities. Integer arithmetic only. */
#ifndef JIELIAN_SAMPLE_RNG_H
#define JIELIAN_SAMPLE_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jl_rng {
    uint64_t state[4];
};

void jl_rng_init(struct jl_rng *rng, uint64_t seed, uint64_t office, uint64_t purpose);
uint64_t jl_rng_next(struct jl_rng *rng);
/* 0 .. bound-1, each equally likely; bound > 0. */
uint32_t jl_rng_below(struct jl_rng *rng, uint32_t bound);
/* lowest .. highest, both included. */
int64_t jl_rng_between(struct jl_rng *rng, int64_t lowest, int64_t highest);
bool jl_rng_chance(struct jl_rng *rng, uint32_t per_mille);
/* A day (yyyymmdd) of first .. last, both included. */
int32_t jl_rng_date(struct jl_rng *rng, int32_t first, int32_t last);
/* A day of the five-year window, now and then its very first or last; and one outside of it. */
int32_t jl_rng_date_inside(struct jl_rng *rng);
int32_t jl_rng_date_outside(struct jl_rng *rng);

/* Share total among count parts in proportion to the weights, each at least `least`; the parts add
 * up to total, or to least × count when that is more. */
void jl_share(uint64_t total, const uint32_t *weights, size_t count, uint64_t least,
              uint64_t *out_parts);
/* The same with random weights (1 to 4). */
void jl_rng_share(struct jl_rng *rng, uint64_t total, size_t count, uint64_t least,
                  uint64_t *out_parts);

#endif
