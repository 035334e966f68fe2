/* What the office's program brings to a desk session (jielian/command/desk_session.h).
 *
 * Thread: the main thread. */
#ifndef JIELIAN_CLIENT_COMMAND_OFFICE_DESK_H
#define JIELIAN_CLIENT_COMMAND_OFFICE_DESK_H

#include "jielian/command/desk_session.h"

extern const struct jl_desk_program jl_office_desk;

#endif
