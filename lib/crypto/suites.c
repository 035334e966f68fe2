/* The suites that this program knows. A file of its own, so that the tests can put a second one in
 * its place (tests/suite). */
#include "crypto_internal.h"

const struct jl_suite *const crypto_suites[] = {&crypto_first, NULL};
const struct jl_suite *const crypto_for_new = &crypto_first;
