/* invite: an invitation file for one PC. */
#include "district_commands.h"
#include "run.h"

#include "server/books/clock_check.h"
#include "server/books/enrol.h"

#include "jielian/base/fault.h"
#include "jielian/cli/print.h"

#include <inttypes.h>
#include <string.h>

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static enum jl_rc write_invitation(struct jl_cli *cli, struct jl_desk_session *session,
                                   const char *path, int64_t days, struct jl_err *err) {
    struct jl_buf text = {0};
    const struct jl_office_entry *office = jl_roster_office_coded(session->district, cli->words[0]);
    if (office == NULL) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_OFFICE_CODE_UNKNOWN, "%s", cli->words[0]);
    }
    if (jl_file_exists(path)) { /* before the invitation is made */
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_INVITE_EXISTS, "%s", path);
    }
    enum jl_rc rc = jl_enrol_invite(session->district, office, jl_cli_value(cli, "endpoint"),
                                    days * DAY_MS, &text, err);
    if (rc == JL_OK) {
        rc = jl_file_write(path, jl_buf_bytes(&text), 0600, false, err);
    }
    jl_buf_wipe(&text);
    return rc;
}

/* When it expires is this clock's word. */
static void note_clock(const struct jl_cli *cli, const struct jl_district *district) {
    struct jl_clock_state clock;
    jl_clock_check(district, &clock);
    if (!jl_clock_check_trusted(&clock)) {
        jl_cli_note(
            cli, "%s",
            JL_ZH_EN(cli->language,
                     "本服务器的时钟不对（见 status）；这份邀请的有效期按它计算，可能提前失效",
                     "this server's clock is wrong (see `status`); by it the invitation "
                     "expires, perhaps too early"));
    }
}

static enum jl_rc invite(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    const char *path = jl_cli_value(cli, "out");
    const int64_t range[2] = {1, 365};
    int64_t days = 0;
    if (path == NULL || jl_cli_value(cli, "endpoint") == NULL) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_INVITE_OPTIONS);
    }
    enum jl_rc rc = jl_cli_number(cli, "valid-days", range, 7, &days, err);
    if (rc == JL_OK) {
        rc = write_invitation(cli, session, path, days, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_desk_session_ring(session);
    note_clock(cli, session->district);
    if (cli->json) {
        return jl_print_answer(json_pack("{s:s, s:s, s:I}", "file", path, "office", cli->words[0],
                                         "valid_days", (json_int_t)days),
                               err);
    }
    printf(JL_ZH_EN(cli->language,
                    "邀请文件 %s：可加入一台电脑，%" PRId64
                    " 天内有效。请当面交付，像钥匙一样保管。\n",
                    "%s: good for one PC, for %" PRId64
                    " days. Hand it over in person; keep it like a key.\n"),
           path, days);
    return JL_OK;
}

int jl_cmd_invite(struct jl_cli *cli) {
    static const struct jl_option options[] = {
        {"endpoint", "ENDPOINT", "镇街连接的地址 / where the office connects"},
        {"out", "FILE", "邀请文件 / the invitation file"},
        {"valid-days", "N", "有效天数，默认 7 / days until it expires, default 7"}};
    static const struct jl_cli_spec spec = {.arguments = "CODE",
                                            .least = 1,
                                            .most = 1,
                                            .options = options,
                                            .option_count = sizeof options / sizeof *options};
    return jl_run_command(cli, &spec, JL_STORE_WRITE, invite);
}
