#include "sites.h"

#include "faults.h"

#include "jielian/base/assert.h"
#include "jielian/base/rc.h"

#include <execinfo.h>
#include <stdlib.h>
#include <string.h>

enum { OWN_FRAMES = 3, SLOTS = 1 << 18 }; /* slots: far more than a program of ours has ways */

static struct {
    uint64_t *seen; /* hashes of ways; 0: free */
    uint64_t *numbers;
    size_t count;
} sites;

static uint64_t way_here(void) {
    void *frames[OWN_FRAMES + SITES_DEPTH];
    int count = backtrace(frames, OWN_FRAMES + SITES_DEPTH);
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a, by words */
    for (int i = OWN_FRAMES; i < count; i++) {
        hash = (hash ^ (uint64_t)(uintptr_t)frames[i]) * 0x100000001b3u;
        hash ^= hash >> 29;
    }
    return hash | 1;
}

static void look(uint64_t number) {
    uint64_t way = way_here();
    size_t slot = way % SLOTS;
    while (sites.seen[slot] != 0 && sites.seen[slot] != way) {
        slot = (slot + 1) % SLOTS;
    }
    if (sites.seen[slot] == way) {
        return;
    }
    JL_ASSERT(sites.count < SLOTS / 2);
    sites.seen[slot] = way;
    sites.numbers[sites.count++] = number;
}

void sites_begin(void) {
    sites.seen = calloc(SLOTS, sizeof *sites.seen);
    sites.numbers = calloc(SLOTS / 2, sizeof *sites.numbers);
    JL_ASSERT(sites.seen != NULL && sites.numbers != NULL);
    sites.count = 0;
    (void)way_here(); /* the first backtrace loads what it needs, and asks for memory itself */
    faults_watch(look);
}

uint64_t *sites_end(size_t *out_count) {
    faults_watch(NULL);
    free(sites.seen);
    *out_count = sites.count;
    return sites.numbers;
}
