/* `history TYPE ID`: every op that reached the record, from the journal. */
#include "district_commands.h"

#include "server/books/district_history.h"

#include "jielian/command/history_print.h"
#include "jielian/desk/history.h"

static enum jl_rc history(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    JL_AUTO(jl_history) history = {.desk = &session->desk};
    struct jl_id id;
    enum jl_rc rc = jl_cli_id(cli, 1, &id, err);
    if (rc == JL_OK) {
        rc = jl_desk_session_open_type(cli, JL_STORE_READ, session, &history.type, err);
    }
    if (rc == JL_OK) {
        rc = jl_district_history(session->district, &id, &history, err);
    }
    return rc == JL_OK ? jl_history_print(cli, &history, err) : rc;
}

int jl_cmd_history(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {.arguments = "TYPE ID", .least = 2, .most = 2};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_LOOKS, history);
}
