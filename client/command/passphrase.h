/* The passphrase of the keys, from the file that an option or the environment names.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_CLIENT_COMMAND_PASSPHRASE_H
#define JIELIAN_CLIENT_COMMAND_PASSPHRASE_H

#include "jielian/base/rc.h"

struct jl_buf;
struct jl_cli;

enum { JL_PASSPHRASE_MAX_BYTES = 1024 };

/* Append the passphrase's bytes without the line end; nothing when none is given. Wipe it. */
JL_MUST_CHECK enum jl_rc jl_passphrase_read(const struct jl_cli *cli, struct jl_buf *out,
                                            struct jl_err *err);

#endif
