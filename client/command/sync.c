/* `sync` and `run`: one engine on a folder at a time, guarded by DIR/run.lock. A `sync` that finds
 * the lock taken asks the process that holds it for a fresh proof (state.proof_wanted), rings its
 * bell, and waits. */
#include "cause.h"
#include "data_folder.h"
#include "office_commands.h"
#include "options.h"
#include "passphrase.h"
#include "runner.h"
#include "status.h"
#include "stop.h"

#include "client/books/office.h"
#include "client/books/office_status.h"

#include "jielian/base/fault.h"
#include "jielian/base/log.h"
#include "jielian/command/folder.h"
#include "jielian/net/bell.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum {
    LOCK_WAIT_MS = 2000,
    LOOK_MS = 100,             /* how often a waiting sync looks */
    TRY_LOCK_EVERY = 10,       /* looks: the other process may have gone */
    DAY_MS = 24 * 3600 * 1000, /* between scrubs of `run` */
};

static const struct jl_option sync_options[] = {
    {"timeout", "S", "最多等几秒；不写则 30 秒没有应答就停 / give up after S seconds"},
    {"deep", NULL, "逐条核对全部记录，不只核对汇总 / compare every record, not the sums alone"},
    JL_PASSPHRASE_OPTION,
};
static const struct jl_cli_spec sync_spec = {.arguments = "",
                                             .options = sync_options,
                                             .option_count =
                                                 sizeof sync_options / sizeof *sync_options};

static void nap(int64_t ms) {
    const struct timespec time = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = ms % 1000 * 1000000L};
    nanosleep(&time, NULL);
}

/* ---- Waiting for the process that holds the lock ---- */

struct waiting {
    struct jl_runner *runner;
    int64_t timeout_ms; /* 0: until nothing moves for JL_ENGINE_SILENT_MS, or JL_ENGINE_LOST_MS */
    int64_t start_ms, moved_ms, start_wall_ms;
    uint64_t wanted, deep_wanted, mark;
    int64_t deep_ms; /* of the deep proof before */
    bool asked, looked, moved;
    enum jl_engine_end end;
};

static int64_t steady_ms(void) {
    const struct jl_clock clock = jl_clock_system();
    return clock.steady_ms(clock.context);
}

static enum jl_rc open_to_wait(struct waiting *waiting, struct jl_err *err) {
    struct jl_runner *runner = waiting->runner;
    const struct jl_office_options options = {
        .mode = JL_STORE_WRITE, .passphrase = runner->passphrase, .clock = jl_clock_system()};
    char bell[JL_PATH_MAX_BYTES];
    enum jl_rc rc =
        runner->office == NULL /* else the other program was writing just then */
            ? jl_data_folder_open(runner->cli, runner->folder, &options, &runner->office, err)
            : JL_OK;
    if (rc == JL_OK) {
        rc = jl_runner_wish(runner, err);
    }
    if (rc == JL_OK) {
        const struct jl_office_state *state = &runner->office->state;
        waiting->wanted = state->proof_wanted;
        waiting->deep_wanted = runner->deep ? state->deep_wanted : 0;
        waiting->deep_ms = state->deep_ms;
        waiting->asked = true;
        jl_data_folder_path(runner->folder, "run.bell", bell);
        jl_bell_ring(bell);
    }
    return rc;
}

/* What the other process says for good; it goes on trying, but a person should know now. */
static enum jl_engine_end told(const struct jl_office_state *state) {
    if (state->trouble == JL_REFUSE_REVOKED || state->trouble == JL_REFUSE_VERSION ||
        state->trouble == JL_REFUSE_INVITATION) {
        return JL_ENGINE_REFUSED;
    }
    if (state->trouble == JL_REFUSE_SUSPENDED || state->phase == JL_SESSION_SUSPENDED) {
        return JL_ENGINE_SUSPENDED;
    }
    return 0;
}

static enum jl_rc look(struct waiting *waiting, struct jl_err *err) {
    enum { TELL_AFTER_MS = 2000 }; /* what is told may be from before this wish */
    struct jl_office *office = waiting->runner->office;
    const struct jl_office_state *state = &office->state;
    enum jl_rc rc = jl_office_begin(office, false, err);
    if (rc == JL_BUSY) {
        return JL_OK;
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_store_rollback(office->books->store);
    int64_t now_ms = steady_ms();
    uint64_t mark = state->confirmed_pos + state->cursor[0] + state->cursor[1] + state->proof_done +
                    state->deep_done;
    if (mark != waiting->mark) {
        waiting->mark = mark;
        waiting->moved_ms = now_ms;
        waiting->moved = waiting->looked; /* the first look is no news */
    }
    waiting->looked = true;
    if (state->proof_done >= waiting->wanted && state->deep_done >= waiting->deep_wanted &&
        state->head_pos == state->confirmed_pos) {
        waiting->end = state->deep_result == JL_DEEP_DIFFERENT ? JL_ENGINE_DEEP : JL_ENGINE_PROVEN;
    } else if (now_ms - waiting->start_ms >= TELL_AFTER_MS) {
        waiting->end = told(state);
    }
    if (waiting->end == 0 && now_ms - waiting->moved_ms >= JL_ENGINE_STUCK_MS / 2 &&
        state->trouble == JL_TROUBLE_DIFFERENT) {
        waiting->end = JL_ENGINE_DIFFERENT;
    }
    return JL_OK;
}

static void look_at_time(struct waiting *waiting) {
    int64_t now_ms = steady_ms();
    bool online = waiting->asked && waiting->runner->office->state.phase == JL_SESSION_ACTIVE;
    int64_t silence_ms = online           ? JL_ENGINE_STUCK_MS
                         : waiting->moved ? JL_ENGINE_LOST_MS
                                          : JL_ENGINE_SILENT_MS;
    if (jl_stop) {
        waiting->end = JL_ENGINE_SIGNAL;
    } else if (waiting->timeout_ms > 0 ? now_ms - waiting->start_ms >= waiting->timeout_ms
                                       : now_ms - waiting->moved_ms >= silence_ms) {
        waiting->end = JL_ENGINE_TIME;
    }
}

/* JL_OK with end 0: the lock is ours now, go and sync. */
static enum jl_rc wait_for_other(struct waiting *waiting, struct jl_err *err) {
    struct jl_runner *runner = waiting->runner;
    waiting->start_ms = waiting->moved_ms = steady_ms();
    for (unsigned round = 1; waiting->end == 0; round++) {
        enum jl_rc rc = JL_OK;
        /* Staged books are left alone: a second connection would hinder settling them. */
        if (!waiting->asked && jl_data_folder_has(runner->folder, "jielian.db")) {
            rc = open_to_wait(waiting, err);
            rc = rc == JL_BUSY ? JL_OK : rc;
        }
        if (rc == JL_OK && waiting->asked) {
            rc = look(waiting, err);
        }
        if (rc != JL_OK) {
            return rc;
        }
        if (waiting->end == 0) {
            look_at_time(waiting);
        }
        if (waiting->end == 0 && round % TRY_LOCK_EVERY == 0) {
            rc = jl_runner_lock(runner, 0, err);
            if (rc != JL_BUSY) {
                return rc;
            }
        }
        if (waiting->end == 0) {
            nap(LOOK_MS);
        }
    }
    return JL_OK;
}

static int finish_waiting(const struct waiting *waiting, struct jl_err *err) {
    const struct jl_runner *runner = waiting->runner;
    if (runner->office == NULL) {
        const struct jl_office_status downloading = {.state = "bootstrapping"};
        if (jl_status_print(runner->cli, &downloading, err) != JL_OK) {
            return -1;
        }
        jl_cli_note(runner->cli, "%s",
                    JL_ZH_EN(runner->cli->language,
                             "另一个程序正在做首次下载，还没有完成；请稍后再看 status",
                             "another program is at the first download and has not finished; look "
                             "at `status` later"));
        return JL_EXIT_ATTENTION;
    }
    const struct jl_office_state *state = &runner->office->state;
    struct jl_office_status status;
    enum jl_rc rc = jl_runner_status(runner, false, true, &status, err);
    if (rc == JL_OK && waiting->end != JL_ENGINE_PROVEN) {
        jl_office_status_unproven(&status);
    }
    if (rc == JL_OK) {
        rc = jl_status_print(runner->cli, &status, err);
    }
    if (rc != JL_OK) {
        return -1;
    }
    if (runner->cli->json) { /* else it stands among what was printed */
        jl_status_note_newer(runner->cli, &status.newer);
    }
    if (waiting->end == JL_ENGINE_PROVEN && runner->deep) {
        jl_runner_note_not_deep(runner->cli, waiting->deep_ms, status.deep_ms);
    }
    if (waiting->end == JL_ENGINE_PROVEN) {
        return jl_runner_proven(runner->cli, &status);
    }
    bool differs = waiting->end == JL_ENGINE_TIME && state->trouble == JL_TROUBLE_DIFFERENT;
    const struct jl_cause cause = {.end = differs ? JL_ENGINE_DIFFERENT : waiting->end,
                                   .endpoint = runner->office->identity.endpoint,
                                   .since_ms = waiting->start_wall_ms,
                                   .heard = state->phase == JL_SESSION_ACTIVE,
                                   .refused = state->trouble,
                                   .version_needed = state->version_needed,
                                   .suite_needed = state->suite_needed,
                                   .key = jl_short_key(&runner->office->keys),
                                   .unsent = status.counts.unsent};
    jl_cause_note(runner->cli, &cause);
    return JL_EXIT_ATTENTION;
}

/* ---- sync ---- */

static int sync_here(struct jl_runner *runner, int64_t timeout_ms, struct jl_err *err) {
    const struct jl_engine_limits limits = {
        .until_proven = true,
        .overall_ms = timeout_ms,
        .silent_ms = timeout_ms > 0 ? 0 : JL_ENGINE_SILENT_MS,
        .lost_ms = timeout_ms > 0 ? 0 : JL_ENGINE_LOST_MS,
        .stuck_ms = timeout_ms > 0 ? 0 : JL_ENGINE_STUCK_MS,
        .stop = &jl_stop,
    };
    jl_office_close(runner->office);
    runner->office = NULL;
    enum jl_engine_end end = 0;
    enum jl_rc rc = jl_runner_open(runner, err);
    return rc == JL_OK ? jl_runner_sync(runner, &limits, &end, err) : -1;
}

static int sync_somehow(struct jl_runner *runner, int64_t timeout_ms, struct jl_err *err) {
    struct waiting waiting = {.runner = runner, .timeout_ms = timeout_ms};
    const struct jl_clock clock = jl_clock_system();
    waiting.start_wall_ms = clock.wall_ms(clock.context);
    enum jl_rc rc = jl_folder_check(runner->cli, JL_SIDE_OFFICE, runner->folder, err);
    if (rc != JL_OK) {
        return -1;
    }
    rc = jl_runner_lock(runner, 0, err);
    if (rc == JL_BUSY) {
        rc = wait_for_other(&waiting, err);
    }
    if (rc != JL_OK) {
        return -1;
    }
    return waiting.end != 0 ? finish_waiting(&waiting, err) : sync_here(runner, timeout_ms, err);
}

static enum jl_rc prepare(struct jl_cli *cli, struct jl_runner *runner, struct jl_buf *passphrase,
                          struct jl_err *err) {
    *runner = (struct jl_runner){.cli = cli, .lock = {.fd = -1}};
    enum jl_rc rc = jl_cli_folder(cli, &runner->folder, err);
    if (rc == JL_OK) {
        rc = jl_passphrase_read(cli, passphrase, err);
    }
    runner->passphrase = jl_buf_bytes(passphrase);
    return rc == JL_OK ? jl_stop_on_signals(err) : rc;
}

int jl_cmd_sync(struct jl_cli *cli) {
    int exit_code = 0;
    struct jl_err err = {0};
    struct jl_buf passphrase = {0};
    struct jl_runner runner = {.lock = {.fd = -1}};
    int64_t timeout_s = 0;
    const int64_t range[2] = {1, 86400};
    if (!jl_cli_parse(cli, &sync_spec, &exit_code)) {
        return exit_code;
    }
    jl_log_set(JL_LOG_ERROR, 2);
    enum jl_rc rc = jl_cli_number(cli, "timeout", range, 0, &timeout_s, &err);
    if (rc == JL_OK) {
        rc = prepare(cli, &runner, &passphrase, &err);
    }
    runner.deep = jl_cli_has(cli, "deep");
    exit_code = rc == JL_OK ? sync_somehow(&runner, timeout_s * 1000, &err) : -1;
    jl_runner_fini(&runner);
    jl_buf_wipe(&passphrase);
    return exit_code >= 0 ? exit_code : jl_cli_fail(cli, &err);
}

/* ---- run ---- */

static const struct jl_option run_options[] = {JL_PASSPHRASE_OPTION};
static const struct jl_cli_spec run_spec = {.arguments = "",
                                            .options = run_options,
                                            .option_count =
                                                sizeof run_options / sizeof *run_options};

static enum jl_rc finish_download(struct jl_runner *runner, struct jl_err *err) {
    const struct jl_engine_limits limits = {
        .until_proven = true, .patient = true, .stop = &jl_stop};
    enum jl_engine_end end = 0;
    enum jl_rc rc = jl_engine_run(runner->engine, &limits, &end, err);
    if (rc == JL_OK && end == JL_ENGINE_PROVEN) {
        rc = jl_runner_settle(runner, err);
        if (rc == JL_OK) {
            jl_log(JL_LOG_INFO, "first_download_done", "%s", "");
        }
    }
    return rc;
}

static enum jl_rc serve(struct jl_runner *runner, struct jl_err *err) {
    const struct jl_engine_limits limits = {
        .patient = true, .overall_ms = DAY_MS, .stop = &jl_stop};
    enum jl_rc rc = JL_OK;
    if (runner->staged) {
        rc = finish_download(runner, err);
    }
    while (rc == JL_OK && !jl_stop) {
        enum jl_engine_end end = 0;
        rc = jl_runner_scrub(runner, err);
        if (rc == JL_BUSY) {
            rc = JL_OK; /* a long import holds the file; the next day looks again */
        }
        if (rc == JL_OK) {
            rc = jl_engine_run(runner->engine, &limits, &end, err);
        }
    }
    return rc == JL_OK ? jl_engine_hang_up(runner->engine, JL_ENGINE_SIGNAL, err) : rc;
}

static enum jl_rc run(struct jl_runner *runner, struct jl_err *err) {
    enum jl_rc rc = jl_folder_check(runner->cli, JL_SIDE_OFFICE, runner->folder, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_runner_lock(runner, LOCK_WAIT_MS, err);
    if (rc == JL_BUSY) {
        return jl_fault_at(err, JL_BUSY, JL_FAULT_SYNC_RUNS, "%s", runner->folder);
    }
    if (rc == JL_OK) {
        rc = jl_runner_open(runner, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_log(JL_LOG_INFO, "started", "device=%" PRIu32 " office=%" PRIu32 " version=%s",
           runner->office->identity.device, runner->office->identity.office, JIELIAN_VERSION);
    rc = serve(runner, err);
    if (rc == JL_OK) {
        jl_log(JL_LOG_INFO, "stopped", "%s", "");
    }
    return rc;
}

int jl_cmd_sync_run(struct jl_cli *cli) {
    int exit_code = 0;
    struct jl_err err = {0};
    struct jl_buf passphrase = {0};
    struct jl_runner runner = {.lock = {.fd = -1}};
    if (!jl_cli_parse(cli, &run_spec, &exit_code)) {
        return exit_code;
    }
    enum jl_rc rc = prepare(cli, &runner, &passphrase, &err);
    if (rc == JL_OK) {
        rc = run(&runner, &err);
    }
    jl_runner_fini(&runner);
    jl_buf_wipe(&passphrase);
    return rc == JL_OK ? JL_EXIT_DONE : jl_cli_fail(cli, &err);
}
