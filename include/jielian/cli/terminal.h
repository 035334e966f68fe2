/* Texts on a terminal: how wide they are, and made fit for it.
 *
 * Thread: any. */
#ifndef JIELIAN_CLI_TERMINAL_H
#define JIELIAN_CLI_TERMINAL_H

#include "jielian/base/bytes.h"

struct jl_buf;

/* Places a text takes on a terminal: Han characters two, combining marks none. */
size_t jl_terminal_width(struct jl_bytes text);
/* Append `text` made fit for a terminal and cut to `width` places (0: uncut): control characters
 * and marks that reorder text become spaces, so that no value can drive the terminal. */
JL_MUST_CHECK enum jl_rc jl_terminal_fit(struct jl_bytes text, size_t width, struct jl_buf *out,
                                         struct jl_err *err);

#endif
