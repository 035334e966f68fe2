/* The program's own heap behind the faults: malloc, calloc, realloc, strdup and strndup of
 * everything that is linked statically (the linker's --wrap; shared libraries keep theirs). */
#ifndef JIELIAN_TESTS_HEAP_H
#define JIELIAN_TESTS_HEAP_H

#include <stdint.h>

/* Jansson too; before it is used. */
void heap_install(void);
/* Blocks that are allocated and not freed. */
int64_t heap_live(void);

#endif
