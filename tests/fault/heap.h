/* The program's own heap behind the faults: malloc, calloc, realloc, strdup and strndup of
 * everything that is linked statically (the linker's --wrap), and of jansson, which asks through it
 * (lib/json/json.c); other shared libraries keep theirs. */
#ifndef JIELIAN_TESTS_HEAP_H
#define JIELIAN_TESTS_HEAP_H

#include <stdint.h>

/* Blocks that are allocated and not freed. */
int64_t heap_live(void);

#endif
