/* The suites that this program knows. A file of its own, so that the tests can put a second one in
 * its place (tests/suite). */
#include "suites.h"
#include "suite.h"

#include "jielian/crypto/suite.h"

const struct jl_suite *const jl_suites_known[] = {&jl_suite_first, NULL};
const struct jl_suite *const jl_suites_for_new = &jl_suite_first;
