/* The status of this office on a terminal and as JSON: `status`, and the end of `sync`.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_CLIENT_COMMAND_STATUS_H
#define JIELIAN_CLIENT_COMMAND_STATUS_H

#include "jielian/base/rc.h"

struct jl_cli;
struct jl_newer;
struct jl_office_status;

JL_MUST_CHECK enum jl_rc jl_status_print(const struct jl_cli *cli,
                                         const struct jl_office_status *status, struct jl_err *err);
/* A line for stderr when this program is too old for the district's catalogue; else nothing. */
void jl_status_note_newer(const struct jl_cli *cli, const struct jl_newer *newer);
/* 0: in sync, nothing needs a person, and the program understands the catalogue; 3 otherwise. */
int jl_status_exit(const struct jl_office_status *status);

#endif
