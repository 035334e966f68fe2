/* `rebuild`: new books from the district in place of damaged ones, with the outbox kept
 * (docs/design.md section 5).
 *
 *   read what can be read of DIR/jielian.db   nothing there is changed
 *   DIR/staged: new books, every page from 0, until proven
 *   own changes and records that only this PC has go into them
 *   DIR/jielian.db* → DIR/damaged-TIME.db*    the books first, their WAL after them
 *   DIR/staged/jielian.db → DIR/jielian.db
 *   sync: what was unsent goes up
 *
 * Cut off before the damaged books are moved, it is as if it had never begun. Cut off behind it,
 * the staged books are all there is, and `sync` goes on with them. */
#include "cause.h"
#include "data_folder.h"
#include "office_commands.h"
#include "options.h"
#include "passphrase.h"
#include "runner.h"
#include "status.h"
#include "stop.h"

#include "client/books/office_status.h"
#include "client/books/salvage.h"

#include "jielian/base/fault.h"
#include "jielian/base/log.h"
#include "jielian/cli/print.h"
#include "jielian/command/folder.h"
#include "jielian/json/document.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

static const struct jl_option options[] = {JL_PASSPHRASE_OPTION};
static const struct jl_cli_spec spec = {
    .arguments = "", .options = options, .option_count = sizeof options / sizeof *options};

struct jl_rebuild {
    struct jl_cli *cli;
    struct jl_runner runner;
    struct jl_buf passphrase;
    struct jl_keys keys;
    struct jl_salvage salvage;
    char aside[32]; /* what the damaged books are called now */
};

static void jl_rebuild_fini(struct jl_rebuild *rebuild) {
    jl_runner_fini(&rebuild->runner);
    jl_salvage_fini(&rebuild->salvage);
    jl_keys_fini(&rebuild->keys);
    jl_buf_wipe(&rebuild->passphrase);
}

/* ---- The damaged books ---- */

static enum jl_rc read_damaged(struct jl_rebuild *rebuild, struct jl_err *err) {
    struct jl_runner *runner = &rebuild->runner;
    enum jl_rc rc = jl_runner_lock(runner, 0, err);
    if (rc == JL_BUSY) {
        return jl_fault_at(err, JL_BUSY, JL_FAULT_REBUILD_IN_USE, "%s", runner->folder);
    }
    if (rc == JL_OK) {
        rc = jl_keys_load(runner->folder, runner->passphrase, &rebuild->keys, err);
    }
    if (rc == JL_OK) {
        rc = jl_salvage_read(runner->folder, &rebuild->keys, &rebuild->salvage, err);
    }
    if (rc != JL_OK) {
        return jl_folder_explain(rebuild->cli, JL_SIDE_OFFICE, runner->folder, runner->passphrase,
                                 err);
    }
    if (!rebuild->salvage.identity_read) {
        return jl_fault_at(err, JL_CORRUPT, JL_FAULT_REBUILD_IDENTITY, "%s", runner->folder);
    }
    return JL_OK;
}

/* ---- New books ---- */

static enum jl_rc clear_staged(struct jl_rebuild *rebuild, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    jl_data_folder_path(rebuild->runner.folder, "staged/jielian.db", path);
    return path[0] == '\0' ? JL_OK : jl_store_remove(path, err);
}

static enum jl_rc prove(struct jl_rebuild *rebuild, enum jl_engine_end *out_end,
                        struct jl_err *err) {
    const struct jl_engine_limits limits = {.until_proven = true,
                                            .silent_ms = JL_ENGINE_SILENT_MS,
                                            .stuck_ms = JL_ENGINE_STUCK_MS,
                                            .stop = &jl_stop};
    enum jl_rc rc = jl_engine_run(rebuild->runner.engine, &limits, out_end, err);
    return rc == JL_OK ? jl_engine_hang_up(rebuild->runner.engine, *out_end, err) : rc;
}

static enum jl_rc download(struct jl_rebuild *rebuild, enum jl_engine_end *out_end,
                           struct jl_err *err) {
    struct jl_runner *runner = &rebuild->runner;
    enum jl_rc rc = clear_staged(rebuild, err);
    if (rc == JL_OK) {
        rc = jl_office_create(runner->folder, &rebuild->keys, &rebuild->salvage.identity, err);
    }
    if (rc == JL_OK) {
        runner->rebuilding = true;
        rc = jl_runner_open(runner, err);
    }
    return rc == JL_OK ? prove(rebuild, out_end, err) : rc;
}

/* ---- Into place ---- */

static enum jl_rc move_aside(struct jl_rebuild *rebuild, struct jl_err *err) {
    static const char *const endings[] = {"", "-wal", "-shm"};
    const time_t now = time(NULL);
    struct tm local;
    char name[sizeof rebuild->aside];
    if (localtime_r(&now, &local) == NULL ||
        strftime(name, sizeof name, "damaged-%Y%m%d-%H%M%S.db", &local) == 0) {
        return jl_fault(err, JL_IO, JL_FAULT_CLOCK);
    }
    memcpy(rebuild->aside, name, sizeof name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char from[JL_PATH_MAX_BYTES];
        char to[JL_PATH_MAX_BYTES];
        char old[32];
        char new[48];
        snprintf(old, sizeof old, "jielian.db%s", endings[i]);
        snprintf(new, sizeof new, "%s%s", name, endings[i]);
        jl_data_folder_path(rebuild->runner.folder, old, from);
        jl_data_folder_path(rebuild->runner.folder, new, to);
        if (jl_data_folder_has(rebuild->runner.folder, old)) {
            enum jl_rc rc = jl_file_move(from, to, err);
            if (rc != JL_OK) {
                return rc;
            }
        }
    }
    return JL_OK;
}

static enum jl_rc put_in_place(struct jl_rebuild *rebuild, struct jl_err *err) {
    struct jl_runner *runner = &rebuild->runner;
    enum jl_rc rc = jl_salvage_apply(runner->office, &rebuild->salvage, err);
    if (rc == JL_OK) {
        rc = move_aside(rebuild, err);
    }
    if (rc == JL_OK) {
        runner->rebuilding = false;
        rc = jl_runner_settle(runner, err);
    }
    return rc;
}

/* ---- Saying it ---- */

static void note(const struct jl_rebuild *rebuild) {
    const struct jl_salvage *salvage = &rebuild->salvage;
    const struct jl_cli *cli = rebuild->cli;
    jl_cli_note(cli,
                JL_ZH_EN(cli->language,
                         "已重建：保留未发送的改动 %" PRIu64 " 条、已确认的 %" PRIu64
                         " 条、被退回的记录 %zu 条；原文件留作 %s",
                         "rebuilt: %" PRIu64 " unsent changes, %" PRIu64
                         " confirmed ones and %zu records that were not taken are kept; the "
                         "damaged file is %s now"),
                salvage->unsent, (uint64_t)salvage->count - salvage->unsent, salvage->parked_count,
                rebuild->aside);
    if (salvage->unreadable > 0 || !salvage->state_read || salvage->parked_unread) {
        jl_cli_note(
            cli,
            JL_ZH_EN(cli->language,
                     "读不出的改动 %" PRIu64 " 条，其中未发送 %" PRIu64
                     " 条%s；请对照纸面材料补录，%s 请保留到核对完",
                     "%" PRIu64 " changes could not be read, %" PRIu64
                     " of them unsent%s; enter them again from paper, and keep %s until "
                     "that is done"),
            salvage->unreadable, salvage->unsent_unreadable,
            salvage->state_read && salvage->opened
                ? ""
                : JL_ZH_EN(cli->language, "，末尾可能还有", ", and perhaps more at the end"),
            rebuild->aside);
    }
}

static enum jl_rc answer(struct jl_rebuild *rebuild, const struct jl_office_status *status,
                         struct jl_err *err) {
    const struct jl_salvage *salvage = &rebuild->salvage;
    JL_AUTO(jl_document) document = {0};
    jl_document_object(&document, NULL);
    jl_document_string(&document, "state", status->state);
    jl_document_count(&document, "kept_unsent", salvage->unsent);
    jl_document_count(&document, "kept_confirmed", salvage->count - salvage->unsent);
    jl_document_count(&document, "kept_parked", salvage->parked_count);
    jl_document_count(&document, "unreadable", salvage->unreadable);
    if (salvage->state_read && salvage->opened) {
        jl_document_count(&document, "unsent_unreadable", salvage->unsent_unreadable);
    } else {
        jl_document_null(&document, "unsent_unreadable");
    }
    jl_document_bool(&document, "parked_unreadable", salvage->parked_unread);
    jl_document_string(&document, "damaged_file", rebuild->aside);
    jl_document_count(&document, "unsent", status->counts.unsent);
    jl_document_count(&document, "parked", status->counts.parked);
    jl_document_end(&document);
    return jl_print_document(&document, err);
}

static int finish(struct jl_rebuild *rebuild, struct jl_err *err) {
    const struct jl_salvage *salvage = &rebuild->salvage;
    struct jl_runner *runner = &rebuild->runner;
    struct jl_office_status status;
    enum jl_engine_end end = 0;
    enum jl_rc rc = prove(rebuild, &end, err);
    if (rc == JL_OK) {
        rc = jl_runner_status(runner, false, false, &status, err);
    }
    if (rc == JL_OK && end != JL_ENGINE_PROVEN) {
        jl_office_status_unproven(&status);
    }
    if (rc == JL_OK) {
        rc = rebuild->cli->json ? answer(rebuild, &status, err)
                                : jl_status_print(rebuild->cli, &status, err);
    }
    if (rc != JL_OK) {
        return -1;
    }
    bool whole = salvage->opened && salvage->state_read && salvage->unreadable == 0 &&
                 !salvage->parked_unread;
    return whole ? jl_status_exit(&status) : JL_EXIT_ATTENTION;
}

static int run(struct jl_rebuild *rebuild, struct jl_err *err) {
    enum jl_engine_end end = 0;
    enum jl_rc rc = read_damaged(rebuild, err);
    if (rc == JL_OK) {
        rc = download(rebuild, &end, err);
    }
    if (rc == JL_OK && end != JL_ENGINE_PROVEN) {
        const struct jl_cause cause = {.end = end,
                                       .endpoint = rebuild->salvage.identity.endpoint,
                                       .since_ms = rebuild->runner.engine->heard_wall_ms,
                                       .heard = rebuild->runner.engine->heard_wall_ms != 0,
                                       .refused = (uint32_t)rebuild->runner.engine->session.refused,
                                       .key = jl_short_key(&rebuild->keys)};
        jl_cause_note(rebuild->cli, &cause);
        jl_cli_note(rebuild->cli, "%s",
                    JL_ZH_EN(rebuild->cli->language, "原有数据未动；能连上区总工会后再运行 rebuild",
                             "nothing was changed; run rebuild again once the district answers"));
        return JL_EXIT_ATTENTION;
    }
    if (rc == JL_OK) {
        rc = put_in_place(rebuild, err);
    }
    if (rc != JL_OK) {
        return -1;
    }
    note(rebuild);
    return finish(rebuild, err);
}

int jl_cmd_rebuild(struct jl_cli *cli) {
    int exit_code = 0;
    struct jl_err err = {0};
    JL_AUTO(jl_rebuild) rebuild = {.cli = cli, .runner = {.cli = cli, .lock = {.fd = -1}}};
    if (!jl_cli_parse(cli, &spec, &exit_code)) {
        return exit_code;
    }
    jl_log_set(JL_LOG_ERROR, 2);
    enum jl_rc rc = jl_cli_folder(cli, &rebuild.runner.folder, &err);
    if (rc == JL_OK) {
        rc = jl_folder_check(cli, JL_SIDE_OFFICE, rebuild.runner.folder, &err);
    }
    if (rc == JL_OK && !jl_data_folder_has(rebuild.runner.folder, "jielian.db")) {
        rc = jl_fault_at(&err, JL_NOT_FOUND, JL_FAULT_REBUILD_NOTHING, "%s", rebuild.runner.folder);
    }
    if (rc == JL_OK) {
        rc = jl_passphrase_read(cli, &rebuild.passphrase, &err);
    }
    if (rc == JL_OK) {
        rebuild.runner.passphrase = jl_buf_bytes(&rebuild.passphrase);
        rc = jl_stop_on_signals(&err);
    }
    exit_code = rc == JL_OK ? run(&rebuild, &err) : -1;
    return exit_code >= 0 ? exit_code : jl_cli_fail(cli, &err);
}
