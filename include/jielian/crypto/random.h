/* Random bytes of the system.  Thread: any. */
#ifndef JIELIAN_CRYPTO_RANDOM_H
#define JIELIAN_CRYPTO_RANDOM_H

#include "jielian/base/rc.h"

#include <stddef.h>

/* Fill from the system's generator; JL_IO if it has none to give. */
JL_MUST_CHECK enum jl_rc jl_random(void *out_data, size_t size, struct jl_err *err);

#endif
