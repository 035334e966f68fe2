/* `sync` and `run`: one engine on a folder at a time, guarded by DIR/run.lock. A `sync` that finds
 * the lock taken asks the process that holds it for a fresh proof (state.proof_wanted), rings its
 * bell, and waits. */
#include "office_cmd.h"

#include "jielian/base/log.h"

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
    struct jl_line *line;
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
    struct jl_line *line = waiting->line;
    const struct jl_office_options options = {
        .mode = JL_STORE_WRITE, .passphrase = line->passphrase, .clock = jl_clock_system()};
    char bell[JL_PATH_MAX_BYTES];
    enum jl_rc rc = line->office == NULL /* else the other program was writing just then */
                        ? jl_place_open(line->cli, line->folder, &options, &line->office, err)
                        : JL_OK;
    if (rc == JL_OK) {
        rc = jl_line_wish(line, err);
    }
    if (rc == JL_OK) {
        const struct jl_office_state *state = &line->office->state;
        waiting->wanted = state->proof_wanted;
        waiting->deep_wanted = line->deep ? state->deep_wanted : 0;
        waiting->deep_ms = state->deep_ms;
        waiting->asked = true;
        jl_place_path(line->folder, "run.bell", bell);
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
    struct jl_office *office = waiting->line->office;
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
    bool online = waiting->asked && waiting->line->office->state.phase == JL_SESSION_ACTIVE;
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
    struct jl_line *line = waiting->line;
    waiting->start_ms = waiting->moved_ms = steady_ms();
    for (unsigned round = 1; waiting->end == 0; round++) {
        enum jl_rc rc = JL_OK;
        /* Staged books are left alone: a second connection would hinder settling them. */
        if (!waiting->asked && jl_place_has(line->folder, "jielian.db")) {
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
            rc = jl_line_lock(line, 0, err);
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
    const struct jl_line *line = waiting->line;
    if (line->office == NULL) {
        const struct jl_status downloading = {.state = "bootstrapping"};
        if (jl_status_print(line->cli, &downloading, err) != JL_OK) {
            return -1;
        }
        jl_cli_note(line->cli, "%s",
                    JL_ZH_EN(line->cli->language,
                             "另一个程序正在做首次下载，还没有完成；请稍后再看 status",
                             "another program is at the first download and has not finished; look "
                             "at `status` later"));
        return JL_EXIT_ATTENTION;
    }
    const struct jl_office_state *state = &line->office->state;
    struct jl_status status;
    enum jl_rc rc = jl_status_read(line->office, false, true, &status, err);
    if (rc == JL_OK && waiting->end != JL_ENGINE_PROVEN) {
        jl_status_unproven(&status);
    }
    if (rc == JL_OK) {
        rc = jl_status_print(line->cli, &status, err);
    }
    if (rc != JL_OK) {
        return -1;
    }
    if (line->cli->json) { /* else it stands among what was printed */
        jl_status_note_newer(line->cli, &status.newer);
    }
    if (waiting->end == JL_ENGINE_PROVEN && line->deep) {
        jl_line_note_not_deep(line->cli, waiting->deep_ms, status.deep_ms);
    }
    if (waiting->end == JL_ENGINE_PROVEN) {
        return jl_line_proven(line->cli, &status);
    }
    bool differs = waiting->end == JL_ENGINE_TIME && state->trouble == JL_TROUBLE_DIFFERENT;
    const struct jl_cause cause = {.end = differs ? JL_ENGINE_DIFFERENT : waiting->end,
                                   .endpoint = line->office->identity.endpoint,
                                   .since_ms = waiting->start_wall_ms,
                                   .heard = state->phase == JL_SESSION_ACTIVE,
                                   .refused = state->trouble,
                                   .version_needed = state->version_needed,
                                   .suite_needed = state->suite_needed,
                                   .key = jl_short_key(&line->office->keys),
                                   .unsent = status.counts.unsent};
    jl_cause_note(line->cli, &cause);
    return JL_EXIT_ATTENTION;
}

/* ---- sync ---- */

static int sync_here(struct jl_line *line, int64_t timeout_ms, struct jl_err *err) {
    const struct jl_engine_limits limits = {
        .until_proven = true,
        .overall_ms = timeout_ms,
        .silent_ms = timeout_ms > 0 ? 0 : JL_ENGINE_SILENT_MS,
        .lost_ms = timeout_ms > 0 ? 0 : JL_ENGINE_LOST_MS,
        .stuck_ms = timeout_ms > 0 ? 0 : JL_ENGINE_STUCK_MS,
        .stop = &jl_stop,
    };
    jl_office_close(line->office);
    line->office = NULL;
    enum jl_engine_end end = 0;
    enum jl_rc rc = jl_line_open(line, err);
    return rc == JL_OK ? jl_line_sync(line, &limits, &end, err) : -1;
}

static int sync_somehow(struct jl_line *line, int64_t timeout_ms, struct jl_err *err) {
    struct waiting waiting = {.line = line, .timeout_ms = timeout_ms};
    const struct jl_clock clock = jl_clock_system();
    waiting.start_wall_ms = clock.wall_ms(clock.context);
    enum jl_rc rc = jl_folder_check(line->cli, JL_SIDE_OFFICE, line->folder, err);
    if (rc != JL_OK) {
        return -1;
    }
    rc = jl_line_lock(line, 0, err);
    if (rc == JL_BUSY) {
        rc = wait_for_other(&waiting, err);
    }
    if (rc != JL_OK) {
        return -1;
    }
    return waiting.end != 0 ? finish_waiting(&waiting, err) : sync_here(line, timeout_ms, err);
}

static enum jl_rc prepare(struct jl_cli *cli, struct jl_line *line, struct jl_buf *passphrase,
                          struct jl_err *err) {
    *line = (struct jl_line){.cli = cli, .lock = {.fd = -1}};
    enum jl_rc rc = jl_cli_folder(cli, &line->folder, err);
    if (rc == JL_OK) {
        rc = jl_passphrase_read(cli, passphrase, err);
    }
    line->passphrase = jl_buf_bytes(passphrase);
    return rc == JL_OK ? jl_stop_on_signals(err) : rc;
}

int jl_cmd_sync(struct jl_cli *cli) {
    int exit_code = 0;
    struct jl_err err = {0};
    struct jl_buf passphrase = {0};
    struct jl_line line = {.lock = {.fd = -1}};
    int64_t timeout_s = 0;
    const int64_t range[2] = {1, 86400};
    if (!jl_cli_parse(cli, &sync_spec, &exit_code)) {
        return exit_code;
    }
    jl_log_set(JL_LOG_ERROR, 2);
    enum jl_rc rc = jl_cli_number(cli, "timeout", range, 0, &timeout_s, &err);
    if (rc == JL_OK) {
        rc = prepare(cli, &line, &passphrase, &err);
    }
    line.deep = jl_cli_has(cli, "deep");
    exit_code = rc == JL_OK ? sync_somehow(&line, timeout_s * 1000, &err) : -1;
    jl_line_fini(&line);
    jl_buf_wipe(&passphrase);
    return exit_code >= 0 ? exit_code : jl_cli_fail(cli, &err);
}

/* ---- run ---- */

static const struct jl_option run_options[] = {JL_PASSPHRASE_OPTION};
static const struct jl_cli_spec run_spec = {.arguments = "",
                                            .options = run_options,
                                            .option_count =
                                                sizeof run_options / sizeof *run_options};

static enum jl_rc finish_download(struct jl_line *line, struct jl_err *err) {
    const struct jl_engine_limits limits = {
        .until_proven = true, .patient = true, .stop = &jl_stop};
    enum jl_engine_end end = 0;
    enum jl_rc rc = jl_engine_run(line->engine, &limits, &end, err);
    if (rc == JL_OK && end == JL_ENGINE_PROVEN) {
        rc = jl_line_settle(line, err);
        if (rc == JL_OK) {
            jl_log(JL_LOG_INFO, "first_download_done", "%s", "");
        }
    }
    return rc;
}

static enum jl_rc serve(struct jl_line *line, struct jl_err *err) {
    const struct jl_engine_limits limits = {
        .patient = true, .overall_ms = DAY_MS, .stop = &jl_stop};
    enum jl_rc rc = JL_OK;
    if (line->staged) {
        rc = finish_download(line, err);
    }
    while (rc == JL_OK && !jl_stop) {
        enum jl_engine_end end = 0;
        rc = jl_line_scrub(line, err);
        if (rc == JL_BUSY) {
            rc = JL_OK; /* a long import holds the file; the next day looks again */
        }
        if (rc == JL_OK) {
            rc = jl_engine_run(line->engine, &limits, &end, err);
        }
    }
    return rc == JL_OK ? jl_engine_hang_up(line->engine, JL_ENGINE_SIGNAL, err) : rc;
}

static enum jl_rc run(struct jl_line *line, struct jl_err *err) {
    enum jl_rc rc = jl_folder_check(line->cli, JL_SIDE_OFFICE, line->folder, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_line_lock(line, LOCK_WAIT_MS, err);
    if (rc == JL_BUSY) {
        return jl_fail(err, JL_BUSY, "%s: %s", line->folder,
                       JL_ZH_EN(line->cli->language,
                                "已在运行（另一个 run 或 sync 正在用这个目录）",
                                "already running (another run or sync uses this folder)"));
    }
    if (rc == JL_OK) {
        rc = jl_line_open(line, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_log(JL_LOG_INFO, "started", "device=%" PRIu32 " office=%" PRIu32 " version=%s",
           line->office->identity.device, line->office->identity.office, JIELIAN_VERSION);
    rc = serve(line, err);
    if (rc == JL_OK) {
        jl_log(JL_LOG_INFO, "stopped", "%s", "");
    }
    return rc;
}

int jl_cmd_run(struct jl_cli *cli) {
    int exit_code = 0;
    struct jl_err err = {0};
    struct jl_buf passphrase = {0};
    struct jl_line line = {.lock = {.fd = -1}};
    if (!jl_cli_parse(cli, &run_spec, &exit_code)) {
        return exit_code;
    }
    enum jl_rc rc = prepare(cli, &line, &passphrase, &err);
    if (rc == JL_OK) {
        rc = run(&line, &err);
    }
    jl_line_fini(&line);
    jl_buf_wipe(&passphrase);
    return rc == JL_OK ? JL_EXIT_DONE : jl_cli_fail(cli, &err);
}
