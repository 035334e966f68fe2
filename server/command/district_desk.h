/* What the district's program brings to a desk session (jielian/command/desk_session.h).
 *
 * Thread: the main thread. */
#ifndef JIELIAN_SERVER_COMMAND_DISTRICT_DESK_H
#define JIELIAN_SERVER_COMMAND_DISTRICT_DESK_H

#include "jielian/command/desk_session.h"

extern const struct jl_desk_program jl_district_desk;

#endif
