/* What most commands of jielian-district do around their work, and the options that they share.
 *
 * Thread: the main thread. */
#ifndef JIELIAN_SERVER_COMMAND_RUN_H
#define JIELIAN_SERVER_COMMAND_RUN_H

#include "jielian/command/desk_session.h"

#define JL_STAFF_OPTION                                                                            \
    { "as", "LOGIN", "经办人登录名，也可用环境变量 JIELIAN_STAFF / login of who does it" }
#define JL_OFFICE_OPTION                                                                           \
    { "office", "CODE", "归属的镇街代码 / code of the office that owns the records" }

/* What most commands of this program are: parse, open, work, close. Returns the exit code. spec has
 * all options; --as and --office count where it has them. */
int jl_run_command(struct jl_cli *cli, const struct jl_cli_spec *spec, enum jl_store_mode mode,
                   jl_desk_session_fn work);

#endif
