/* Versions of programs, "0.2.0": which of two is newer.
 *
 * A version is one to three numbers of at most five digits with dots between them; what follows
 * after a `-` or `+` ("0.2.0-rc1") is passed over.
 * Thread: any. */
#ifndef JIELIAN_PROGRAM_H
#define JIELIAN_PROGRAM_H

#include <stdbool.h>

enum { JL_PROGRAM_BYTES = 16 }; /* with the NUL; as Hello carries it */

/* Nothing but the numbers. */
bool jl_program_is_version(const char *text);
/* Is `program` that version or newer? A text that is no version is older than every one. */
bool jl_program_at_least(const char *program, const char *version);

#endif
