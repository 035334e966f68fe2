/* How long work says how far it is. Called in the thread of the work; total 0: not known. */
#ifndef JIELIAN_BASE_PROGRESS_H
#define JIELIAN_BASE_PROGRESS_H

#include <stdint.h>

typedef void (*jl_progress_fn)(void *context, uint64_t done, uint64_t total);

#endif
