/* The end of the program, for our own mistakes. */
#include "jielian/base/assert.h"

#include <stdio.h>
#include <stdlib.h>

void jl_assert_failed(const char *condition, const char *file, int line) {
    fprintf(stderr, "jielian: assertion failed: %s (%s:%d)\n", condition, file, line);
    abort();
}
