/* One command: parse, open, work, close. */

#include "run.h"

#include "jielian/base/rc.h"
#include "jielian/cli/cli.h"
#include "jielian/command/desk_session.h"

#include <string.h>

int jl_run_command(struct jl_cli *cli, const struct jl_cli_spec *spec, enum jl_store_mode mode,
                   jl_desk_session_fn work) {
    int exit_code = 0;
    struct jl_err err = {0};
    struct jl_desk_session session = {0};
    if (!jl_cli_parse(cli, spec, &exit_code)) {
        return exit_code;
    }
    enum jl_rc rc = jl_desk_session_open(cli, mode, &session, &err);
    if (rc == JL_OK) {
        rc = work(cli, &session, &err);
    }
    exit_code = rc != JL_OK         ? jl_cli_fail(cli, &err)
                : session.attention ? JL_EXIT_ATTENTION
                                    : JL_EXIT_DONE;
    jl_desk_session_fini(&session);
    return exit_code;
}
