/* Where a cycle asks for memory: the calls that come by another way than any before them. To fail
 * each of those is to fail every way once, without failing the same one ten thousand times.
 *
 *   sites_begin → (a cycle without faults) → sites_end → the calls' numbers */
#ifndef JIELIAN_TESTS_SITES_H
#define JIELIAN_TESTS_SITES_H

#include <stddef.h>
#include <stdint.h>

/* A way is the innermost so many return addresses. */
enum { SITES_DEPTH = 12 };

void sites_begin(void);
/* Numbers of the first call by each way, upwards; the caller frees it. */
uint64_t *sites_end(size_t *out_count);

#endif
