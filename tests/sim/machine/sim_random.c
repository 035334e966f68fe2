/* The system's generator as a function of the seed, so that keys, ids and incarnations of a run are
 * the same each time: the linker takes this getrandom before the C library's. The same for the wall
 * clock, which a restore asks itself. */
#include "sim_random.h"

#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static uint64_t random_state = 1;
static int64_t clock_ms;

uint64_t sim_random_next(uint64_t *state) {
    /* splitmix64 (Steele, Lea and Flood 2014) */
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void sim_random_seed(uint64_t seed) {
    random_state = seed;
}

ssize_t getrandom(void *data, size_t size, unsigned flags) {
    uint8_t *out = data;
    (void)flags;
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)(sim_random_next(&random_state) >> 17);
    }
    return (ssize_t)size;
}

void sim_random_set_clock(int64_t wall_ms) {
    clock_ms = wall_ms;
}

int clock_gettime(clockid_t clock, struct timespec *out) {
    if (clock != CLOCK_REALTIME || clock_ms == 0) {
        return (int)syscall(SYS_clock_gettime, clock, out);
    }
    *out = (struct timespec){.tv_sec = clock_ms / 1000, .tv_nsec = clock_ms % 1000 * 1000000};
    return 0;
}
