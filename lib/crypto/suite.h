/* What is hashed and signed under a suite.  Thread: any. Inside lib/crypto only. */
#ifndef JIELIAN_LIB_CRYPTO_SUITE_H
#define JIELIAN_LIB_CRYPTO_SUITE_H

#include "jielian/base/bytes.h"
#include "jielian/crypto/suite.h"

/* What comes before all that is hashed or signed under a suite: nothing under suite 1. */
enum { JL_SUITE_PREFIX_BYTES = sizeof "jielian " + JL_SUITE_MARK_BYTES };
struct jl_bytes jl_suite_prefix(const struct jl_suite *suite,
                                char out_text[static JL_SUITE_PREFIX_BYTES]);

extern const struct jl_suite jl_suite_first;

#endif
