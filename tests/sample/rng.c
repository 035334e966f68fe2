#include "rng.h"

#include "jielian/base/clock.h"
#include "jielian/base/date.h"
#include "window.h"

static uint64_t splitmix64(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void jl_rng_init(struct jl_rng *rng, uint64_t seed, uint64_t office, uint64_t purpose) {
    uint64_t state = seed;
    state = splitmix64(&state) + office;
    state = splitmix64(&state) + purpose;
    for (int i = 0; i < 4; i++) {
        rng->state[i] = splitmix64(&state);
    }
}

static uint64_t rotate(uint64_t value, unsigned bits) {
    return value << bits | value >> (64 - bits);
}

uint64_t jl_rng_next(struct jl_rng *rng) {
    uint64_t *s = rng->state;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint32_t jl_rng_below(struct jl_rng *rng, uint32_t bound) {
    /* Draws below the threshold would make small results likelier (Lemire 2019). */
    uint32_t threshold = (0U - bound) % bound;
    for (;;) {
        uint64_t product = (jl_rng_next(rng) >> 32) * bound;
        if ((uint32_t)product >= threshold) {
            return (uint32_t)(product >> 32);
        }
    }
}

int64_t jl_rng_between(struct jl_rng *rng, int64_t lowest, int64_t highest) {
    return lowest + jl_rng_below(rng, (uint32_t)(highest - lowest + 1));
}

bool jl_rng_chance(struct jl_rng *rng, uint32_t per_mille) {
    return jl_rng_below(rng, 1000) < per_mille;
}

int32_t jl_rng_date(struct jl_rng *rng, int32_t first, int32_t last) {
    return (int32_t)jl_date_from_days(
        jl_rng_between(rng, jl_date_to_days(first), jl_date_to_days(last)));
}

int32_t jl_rng_date_inside(struct jl_rng *rng) {
    switch (jl_rng_below(rng, 64)) {
    case 0:
        return JL_WINDOW_FIRST;
    case 1:
        return JL_WINDOW_LAST;
    default:
        return jl_rng_date(rng, JL_WINDOW_FIRST, JL_WINDOW_LAST);
    }
}

int32_t jl_rng_date_outside(struct jl_rng *rng) {
    switch (jl_rng_below(rng, 8)) {
    case 0:
        return JL_WINDOW_BEFORE;
    case 1:
        return JL_WINDOW_AFTER;
    case 2:
    case 3:
        return jl_rng_date(rng, JL_WINDOW_AFTER, JL_DATA_LAST);
    default:
        return jl_rng_date(rng, JL_DATA_FIRST, JL_WINDOW_BEFORE);
    }
}

/* Part i gets what the running sum of weights passes: exact, without a remainder to hand out. */
struct share {
    uint64_t rest;
    uint64_t weights_total;
    uint64_t weights_before;
    uint64_t given;
};

static uint64_t next_part(struct share *share, uint32_t weight) {
    share->weights_before += weight;
    uint64_t until =
        share->rest / share->weights_total * share->weights_before +
        share->rest % share->weights_total * share->weights_before / share->weights_total;
    uint64_t part = until - share->given;
    share->given = until;
    return part;
}

static uint64_t rest_over_least(uint64_t total, size_t count, uint64_t least) {
    return total > least * count ? total - least * count : 0;
}

void jl_share(uint64_t total, const uint32_t *weights, size_t count, uint64_t least,
              uint64_t *out_parts) {
    struct share share = {.rest = rest_over_least(total, count, least)};
    for (size_t i = 0; i < count; i++) {
        share.weights_total += weights[i];
    }
    for (size_t i = 0; i < count; i++) {
        out_parts[i] = least + next_part(&share, weights[i]);
    }
}

void jl_rng_share(struct jl_rng *rng, uint64_t total, size_t count, uint64_t least,
                  uint64_t *out_parts) {
    struct share share = {.rest = rest_over_least(total, count, least)};
    struct jl_rng again = *rng; /* the weights are drawn twice instead of being kept */
    for (size_t i = 0; i < count; i++) {
        share.weights_total += 8 + jl_rng_below(rng, 25);
    }
    for (size_t i = 0; i < count; i++) {
        out_parts[i] = least + next_part(&share, 8 + jl_rng_below(&again, 25));
    }
}
