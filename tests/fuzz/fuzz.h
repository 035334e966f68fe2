/* The entry that libFuzzer calls and that replay.c calls for every file of a corpus. */
#ifndef JIELIAN_FUZZ_H
#define JIELIAN_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Always 0. A broken promise of the decoder ends the program (JL_ASSERT, a sanitizer). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
