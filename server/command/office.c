/* office add|list. */
#include "district_commands.h"
#include "run.h"

#include "server/books/clock_check.h"
#include "server/books/device.h"
#include "server/books/enrol.h"
#include "server/books/offices.h"
#include "server/books/roster_list.h"

#include "jielian/base/assert.h"
#include "jielian/base/fault.h"
#include "jielian/cli/print.h"

#include <string.h>

static const struct jl_cli_spec none_spec = {.arguments = ""};

/* ---- office ---- */

static enum jl_rc add_office(struct jl_cli *cli, struct jl_desk_session *session,
                             struct jl_err *err) {
    const int64_t range[2] = {1, JL_OFFICES_MAX - 1};
    int64_t said = 0;
    enum jl_rc rc = jl_cli_number(cli, "number", range, 0, &said, err);
    uint32_t number = (uint32_t)said;
    if (rc == JL_OK) {
        rc = jl_offices_add(session->district, cli->words[0], cli->words[1],
                            said != 0 ? &number : NULL, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_desk_session_ring(session);
    const struct jl_office_entry *office = jl_roster_office_coded(session->district, cli->words[0]);
    JL_ASSERT(office != NULL);
    if (cli->json) {
        char id[JL_ID_TEXT_BYTES];
        jl_id_format(&office->id, id);
        return jl_print_answer(json_pack("{s:s, s:I, s:s, s:s}", "id", id, "number",
                                         (json_int_t)office->number, "code", office->code, "name",
                                         office->name),
                               err);
    }
    printf(JL_ZH_EN(cli->language, "已登记 %s %s。下一步：invite %s --endpoint … --out 文件\n",
                    "%s %s is here. Next: invite %s --endpoint … --out FILE\n"),
           office->code, office->name, office->code);
    return JL_OK;
}

static enum jl_rc list_offices(struct jl_cli *cli, struct jl_desk_session *session,
                               struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_rows rows;
    enum jl_rc rc = jl_roster_list_offices(session->district, &arena, &rows, err);
    return rc == JL_OK ? jl_print_rows(cli, &rows, err) : rc;
}

int jl_cmd_office_add(struct jl_cli *cli) {
    static const struct jl_option options[] = {JL_STAFF_OPTION,
                                               {"number", "N",
                                                "恢复后补登记：这个镇街原来的编号，见其电脑的 "
                                                "status / after a restore: the number that its "
                                                "PCs show in `status`"}};
    static const struct jl_cli_spec spec = {.arguments = "CODE NAME",
                                            .least = 2,
                                            .most = 2,
                                            .options = options,
                                            .option_count = sizeof options / sizeof *options};
    return jl_run_command(cli, &spec, JL_STORE_WRITE, add_office);
}

int jl_cmd_office_list(struct jl_cli *cli) {
    return jl_run_command(cli, &none_spec, JL_STORE_READ, list_offices);
}
