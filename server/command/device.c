/* device list|suspend|resume|revoke. */
#include "district_commands.h"
#include "run.h"

#include "server/books/device.h"
#include "server/books/roster_list.h"

#include "jielian/base/fault.h"
#include "jielian/cli/print.h"

#include <stdlib.h>
#include <string.h>

static const struct jl_cli_spec none_spec = {.arguments = ""};

static enum jl_rc list_devices(struct jl_cli *cli, struct jl_desk_session *session,
                               struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_rows rows;
    enum jl_rc rc = jl_roster_list_devices(session->district, &arena, &rows, err);
    return rc == JL_OK ? jl_print_rows(cli, &rows, err) : rc;
}

static enum jl_rc set_state(struct jl_cli *cli, struct jl_desk_session *session,
                            enum jl_device_state state, struct jl_err *err) {
    char *end = NULL;
    unsigned long number = strtoul(cli->words[0], &end, 10);
    if (cli->words[0][0] < '0' || cli->words[0][0] > '9' || *end != '\0' ||
        number >= JL_DEVICES_MAX) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_DEVICE_NUMBER, "%s", cli->words[0]);
    }
    enum jl_rc rc = jl_device_set_state(session->district, (uint32_t)number, state, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_desk_session_ring(session);
    if (cli->json) {
        return jl_print_answer(
            json_pack("{s:I, s:s}", "id", (json_int_t)number, "state", jl_roster_list_state(state)),
            err);
    }
    printf(JL_ZH_EN(cli->language, "设备 %lu：%s\n", "device %lu: %s\n"), number,
           jl_roster_list_state(state));
    return JL_OK;
}

static enum jl_rc suspend(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    return set_state(cli, session, JL_DEVICE_SUSPENDED, err);
}

static enum jl_rc resume_all(struct jl_cli *cli, struct jl_desk_session *session,
                             struct jl_err *err) {
    size_t count = 0;
    enum jl_rc rc = jl_device_resume_all(session->district, &count, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_desk_session_ring(session);
    if (cli->json) {
        return jl_print_answer(json_pack("{s:I, s:s}", "resumed", (json_int_t)count, "state",
                                         jl_roster_list_state(JL_DEVICE_ACTIVE)),
                               err);
    }
    printf(JL_ZH_EN(cli->language, "放行了 %zu 台因恢复备份而锁定的设备\n",
                    "%zu devices that a restore had locked are let in\n"),
           count);
    return JL_OK;
}

static enum jl_rc resume(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    if (strcmp(cli->words[0], "all") == 0) {
        return resume_all(cli, session, err);
    }
    return set_state(cli, session, JL_DEVICE_ACTIVE, err);
}
static enum jl_rc revoke(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    return set_state(cli, session, JL_DEVICE_REVOKED, err);
}

static const struct jl_cli_spec number_spec = {.arguments = "N", .least = 1, .most = 1};
static const struct jl_cli_spec resume_spec = {.arguments = "N | all", .least = 1, .most = 1};

int jl_cmd_device_list(struct jl_cli *cli) {
    return jl_run_command(cli, &none_spec, JL_STORE_READ, list_devices);
}
int jl_cmd_device_suspend(struct jl_cli *cli) {
    return jl_run_command(cli, &number_spec, JL_STORE_WRITE, suspend);
}
int jl_cmd_device_resume(struct jl_cli *cli) {
    return jl_run_command(cli, &resume_spec, JL_STORE_WRITE, resume);
}
int jl_cmd_device_revoke(struct jl_cli *cli) {
    return jl_run_command(cli, &number_spec, JL_STORE_WRITE, revoke);
}
