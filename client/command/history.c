/* `history TYPE ID`: this device's own ops and what the district sent; with --district what its
 * journal has, also what was done elsewhere, and before this PC joined. */
#include "office_commands.h"
#include "stop.h"

#include "client/books/office_history.h"
#include "client/engine/history_ask.h"

#include "jielian/cli/cli.h"
#include "jielian/command/desk_session.h"
#include "jielian/command/history_print.h"
#include "jielian/desk/history.h"

static enum jl_rc history(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    JL_AUTO(jl_history) history = {.desk = &session->desk};
    struct jl_id id;
    bool more = false;
    enum jl_rc rc = jl_cli_id(cli, 1, &id, err);
    if (rc == JL_OK) {
        rc = jl_desk_session_open_type(cli, JL_STORE_READ, session, &history.type, err);
    }
    if (rc == JL_OK) {
        rc = jl_cli_has(cli, "district")
                 ? jl_history_ask(session->office, &id, &jl_stop, &history, &more, err)
                 : jl_office_history(session->office, &id, &history, err);
    }
    if (rc == JL_OK) {
        rc = jl_history_print(cli, &history, err);
    }
    if (rc == JL_OK && more) {
        jl_cli_note(cli, "%s",
                    JL_ZH_EN(cli->language, "更早的没有列出；请向区总工会查询",
                             "older changes are not listed; ask the district for them"));
    }
    return rc;
}

int jl_cmd_history(struct jl_cli *cli) {
    static const struct jl_option options[] = {
        {"district", NULL,
         "向区总工会查询：包括别处的改动，和本机加入以前的 / ask the district: changes made "
         "elsewhere, and before this PC joined, too"}};
    static const struct jl_cli_spec spec = {.arguments = "TYPE ID",
                                            .least = 2,
                                            .most = 2,
                                            .options = options,
                                            .option_count = sizeof options / sizeof *options};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_LOOKS, history);
}
