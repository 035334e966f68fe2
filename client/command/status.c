/* `status`: is this office in step with the district, and what needs a person? */

#include "status.h"
#include "data_folder.h"
#include "office_commands.h"
#include "options.h"
#include "passphrase.h"
#include "runner.h"

#include "client/books/office.h"
#include "client/books/office_status.h"

#include "jielian/base/file.h"
#include "jielian/cli/cli.h"
#include "jielian/command/folder.h"

#include <string.h>

static const struct jl_option options[] = {JL_PASSPHRASE_OPTION};
static const struct jl_cli_spec spec = {
    .arguments = "", .options = options, .option_count = sizeof options / sizeof *options};

/* While another process downloads for the first time, its file is left alone: a second connection
 * would keep it from folding its WAL before the rename. */
static enum jl_rc read_place(struct jl_runner *runner, struct jl_office_status *status,
                             struct jl_err *err) {
    bool staged = !jl_data_folder_has(runner->folder, "jielian.db") &&
                  jl_data_folder_has(runner->folder, "staged/jielian.db");
    bool alive = false;
    enum jl_rc rc = jl_folder_check(runner->cli, JL_SIDE_OFFICE, runner->folder, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_runner_lock(runner, 0, err);
    alive = rc == JL_BUSY;
    if (staged && alive) {
        *status = (struct jl_office_status){.state = "bootstrapping"};
        return JL_OK;
    }
    if (!staged) {
        jl_file_unlock(&runner->lock);
    }
    /* Staged books are ours alone now; a download that was cut off may have left tables unmade. */
    const struct jl_office_options office_options = {.mode =
                                                         staged ? JL_STORE_WRITE : JL_STORE_READ,
                                                     .passphrase = runner->passphrase,
                                                     .staged = staged,
                                                     .clock = jl_clock_system()};
    rc = rc == JL_OK || alive ? jl_data_folder_open(runner->cli, runner->folder, &office_options,
                                                    &runner->office, err)
                              : rc;
    return rc == JL_OK ? jl_runner_status(runner, staged, alive, status, err) : rc;
}

int jl_cmd_status(struct jl_cli *cli) {
    int exit_code = 0;
    struct jl_err err = {0};
    struct jl_buf passphrase = {0};
    struct jl_office_status status = {0};
    struct jl_runner runner = {.cli = cli, .lock = {.fd = -1}};
    if (!jl_cli_parse(cli, &spec, &exit_code)) {
        return exit_code;
    }
    enum jl_rc rc = jl_cli_folder(cli, &runner.folder, &err);
    if (rc == JL_OK) {
        rc = jl_passphrase_read(cli, &passphrase, &err);
    }
    if (rc == JL_OK) {
        runner.passphrase = jl_buf_bytes(&passphrase);
        rc = read_place(&runner, &status, &err);
    }
    if (rc == JL_OK) {
        rc = jl_status_print(cli, &status, &err);
    }
    jl_runner_fini(&runner);
    jl_buf_wipe(&passphrase);
    return rc == JL_OK ? jl_status_exit(&status) : jl_cli_fail(cli, &err);
}
