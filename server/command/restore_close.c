/* restore close: nothing more is expected to come back. */
#include "district_commands.h"

#include "server/books/release.h"

#include "jielian/base/fault.h"
#include "jielian/cli/print.h"

#include <inttypes.h>

static enum jl_rc close_restore(struct jl_cli *cli, struct jl_desk_session *session,
                                struct jl_err *err) {
    uint64_t judged = 0;
    enum jl_rc rc = jl_desk_session_open(cli, JL_STORE_WRITE, session, err);
    if (rc == JL_OK) {
        rc = jl_release_close(session->district, &judged, err);
    }
    if (rc == JL_CONFLICT) {
        return jl_fault(err, JL_CONFLICT, JL_FAULT_RESTORE_CLOSE_NONE);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_desk_session_ring(session);
    if (cli->json) {
        return jl_print_answer(json_pack("{s:I}", "judged", (json_int_t)judged), err);
    }
    printf(JL_ZH_EN(cli->language,
                    "恢复已收尾：原先等待的 %" PRIu64
                    " 处改动已按现有内容判定；需要人决定的在待处理里（case list）\n",
                    "the restore is closed: %" PRIu64
                    " held changes were judged as things are; what a person must decide is in "
                    "`case list`\n"),
           judged);
    return JL_OK;
}

int jl_cmd_restore_close(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {.arguments = ""};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_NAMED, close_restore);
}
