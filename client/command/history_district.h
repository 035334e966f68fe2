/* `history TYPE ID --district`: what the district's journal has of a record.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_CLIENT_COMMAND_HISTORY_DISTRICT_H
#define JIELIAN_CLIENT_COMMAND_HISTORY_DISTRICT_H

#include "jielian/base/rc.h"

struct jl_cli;
struct jl_desk_session;

/* `history TYPE ID --district` (history_district.c). */
JL_MUST_CHECK enum jl_rc
jl_history_district_ask(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err);

#endif
