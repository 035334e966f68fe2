/* The runner of join, sync and run: lock, office, engine, the way from staged to settled books. */
#include "runner.h"
#include "cause.h"
#include "data_folder.h"
#include "status.h"
#include "stop.h"

#include "client/books/office_counts.h"
#include "client/books/office_past.h"
#include "client/books/office_status.h"
#include "client/books/salvage.h"

#include "jielian/base/date.h"
#include "jielian/base/hex.h"
#include "jielian/base/log.h"
#include "jielian/base/path.h"
#include "jielian/net/bell.h"
#include "jielian/net/curve.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

/* ---- Lock, open, close ---- */

enum jl_rc jl_runner_lock(struct jl_runner *runner, int64_t wait_ms, struct jl_err *err) {
    enum { STEP_MS = 50 };
    char path[JL_PATH_MAX_BYTES];
    enum jl_rc rc = jl_path_join(runner->folder, "run.lock", path, sizeof path, err);
    if (rc == JL_OK) {
        rc = jl_file_lock(path, &runner->lock, err);
    }
    for (int64_t waited_ms = 0; rc == JL_BUSY && waited_ms < wait_ms && !jl_stop;
         waited_ms += STEP_MS) {
        const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
        nanosleep(&step, NULL);
        rc = jl_file_lock(path, &runner->lock, err);
    }
    return rc;
}

static enum jl_rc open_office(struct jl_runner *runner, struct jl_err *err) {
    runner->staged = (runner->rebuilding || !jl_data_folder_has(runner->folder, "jielian.db")) &&
                     jl_data_folder_has(runner->folder, "staged/jielian.db");
    const struct jl_office_options options = {.mode = JL_STORE_WRITE,
                                              .passphrase = runner->passphrase,
                                              .staged = runner->staged,
                                              .clock = jl_clock_system()};
    enum jl_rc rc =
        jl_data_folder_open(runner->cli, runner->folder, &options, &runner->office, err);
    if (rc == JL_OK) {
        rc =
            jl_identity_keep(runner->folder, &runner->office->identity, &runner->office->keys, err);
        if (rc == JL_IO && jl_data_folder_has(runner->folder, "identity")) {
            jl_log_err(JL_LOG_WARN, "identity_not_kept",
                       err); /* a full disk: what is there stays */
            rc = JL_OK;
        }
    }
    if (rc == JL_OK) {
        rc = jl_engine_new(runner->office, runner->net, runner->bell, runner->staged,
                           &runner->engine, err);
    }
    if (rc == JL_OK && !runner->at_work) {
        rc = jl_office_past_begin(runner->office, &runner->past, err);
        runner->at_work = rc == JL_OK;
    }
    if (rc == JL_OK) {
        runner->engine->past = runner->past;
    }
    return rc;
}

enum jl_rc jl_runner_open(struct jl_runner *runner, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    enum jl_rc rc = runner->net == NULL ? jl_net_new(&runner->net, err) : JL_OK;
    if (rc == JL_OK) {
        rc = jl_path_join(runner->folder, "run.bell", path, sizeof path, err);
    }
    if (rc == JL_OK && runner->bell == NULL) {
        rc = jl_bell_open(path, &runner->bell, err);
        if (rc == JL_LIMIT) {
            /* A folder whose path is too long for a socket: the store is looked at every second. */
            jl_log_err(JL_LOG_WARN, "no_bell", err);
            rc = JL_OK;
        }
    }
    return rc == JL_OK ? open_office(runner, err) : rc;
}

enum jl_rc jl_runner_settle(struct jl_runner *runner, struct jl_err *err) {
    runner->past = runner->engine->past;
    jl_engine_free(runner->engine);
    runner->engine = NULL;
    enum jl_rc rc = jl_office_settle(&runner->office, err);
    return rc == JL_OK ? open_office(runner, err) : rc;
}

enum jl_rc jl_runner_scrub(struct jl_runner *runner, struct jl_err *err) {
    uint64_t damaged = 0;
    enum jl_rc rc = jl_office_scrub(runner->office, &damaged, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_log(damaged > 0 ? JL_LOG_WARN : JL_LOG_DEBUG, "scrubbed", "damaged=%" PRIu64, damaged);
    if (damaged > 0) {
        jl_cli_note(runner->cli,
                    JL_ZH_EN(runner->cli->language,
                             "发现 %" PRIu64 " 行数据损坏，将从区总工会取回；请检查这台电脑的硬盘",
                             "%" PRIu64 " damaged rows found; they are fetched from the district. "
                             "Have this PC's disk checked"),
                    damaged);
    }
    jl_engine_prove_again(runner->engine);
    return JL_OK;
}

void jl_runner_fini(struct jl_runner *runner) {
    jl_engine_free(runner->engine);
    jl_office_close(runner->office);
    jl_bell_close(runner->bell);
    jl_net_free(runner->net);
    jl_file_unlock(&runner->lock);
    *runner = (struct jl_runner){.lock = {.fd = -1}};
}

/* ---- Why not ---- */

static void note_cause(const struct jl_runner *runner, enum jl_engine_end end,
                       int64_t start_wall_ms) {
    const struct jl_engine *engine = runner->engine;
    const struct jl_office *office = runner->office;
    int64_t wall_ms = office->clock.wall_ms(office->clock.context);
    /* A district that was heard once and then fell silent is silent. */
    bool heard = engine->heard_wall_ms != 0 && end != JL_ENGINE_SILENT &&
                 (end == JL_ENGINE_STUCK || wall_ms - engine->heard_wall_ms < JL_SESSION_ANSWER_MS);
    const struct jl_cause cause = {
        .end = end,
        .endpoint = jl_client_endpoint(engine->client),
        .others = jl_client_endpoint_count(engine->client) - 1,
        .since_ms = engine->heard_wall_ms != 0 ? engine->heard_wall_ms : start_wall_ms,
        .heard = heard,
        .refused = (uint32_t)engine->session.refused,
        .version_needed = engine->session.version_needed,
        .suite_needed = engine->session.suite_needed,
        .key = jl_short_key(&office->keys),
        .trouble = engine->trouble.rc != JL_OK ? engine->trouble.text : NULL,
        .unsent = office->state.head_pos - office->state.confirmed_pos};
    jl_cause_note(runner->cli, &cause);
}

int jl_runner_proven(const struct jl_cli *cli, const struct jl_office_status *status) {
    const struct jl_office_counts *counts = &status->counts;
    if (counts->parked > 0) {
        jl_cli_note(
            cli,
            JL_ZH_EN(cli->language,
                     "%" PRIu64
                     " 条改动被区总工会退回；用 list --state parked 看原因，修改后会再次发送，"
                     "也可用 resend 原样重发",
                     "the district did not take %" PRIu64
                     " changes; `list --state parked` says why. A corrected record is sent "
                     "again, and `resend` sends all of them as they are"),
            counts->parked);
    }
    if (counts->set_aside > 0) {
        jl_cli_note(
            cli,
            JL_ZH_EN(cli->language,
                     "%" PRIu64 " 条记录只有本机有（区总工会没有），已搁置；用 list --state "
                     "set_aside 查看，用 resend 重新报送",
                     "%" PRIu64 " records are only on this PC and were set aside; see `list "
                     "--state set_aside`, and `resend` offers them to the district"),
            counts->set_aside);
    }
    if (counts->held > 0 || counts->cases > 0) {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language,
                             "待处理事项 %" PRIu64 " 件（case list），另有 %" PRIu64
                             " 件等前序改动送达后自动办结",
                             "%" PRIu64 " cases wait for a person (`case list`), and %" PRIu64
                             " close themselves when an earlier change arrives"),
                    counts->cases, counts->held);
    }
    return jl_office_counts_need_person(counts) ? JL_EXIT_ATTENTION : JL_EXIT_DONE;
}

enum jl_rc jl_runner_status(const struct jl_runner *runner, bool staged, bool alive,
                            struct jl_office_status *out_status, struct jl_err *err) {
    const struct jl_short_key key = jl_short_key(&runner->office->keys);
    return jl_office_status_read(runner->office, staged, alive, key.text, out_status, err);
}

enum jl_rc jl_runner_wish(const struct jl_runner *runner, struct jl_err *err) {
    struct jl_office *office = runner->office;
    enum jl_rc rc = jl_office_begin(office, true, err);
    if (rc != JL_OK) {
        return rc;
    }
    office->state.proof_wanted++;
    office->state.deep_wanted += runner->deep ? 1 : 0;
    return jl_office_commit(office, err);
}

static enum jl_rc run_sync(struct jl_runner *runner, const struct jl_engine_limits *limits,
                           enum jl_engine_end *out_end, struct jl_err *err) {
    enum jl_rc rc = runner->staged ? JL_OK : jl_runner_wish(runner, err);
    if (rc == JL_OK && !runner->staged) {
        rc = jl_runner_scrub(runner, err);
    }
    if (rc == JL_OK) {
        rc = jl_engine_run(runner->engine, limits, out_end, err);
    }
    if (rc == JL_OK) {
        rc = jl_engine_hang_up(runner->engine, *out_end, err);
    }
    return rc == JL_OK && *out_end == JL_ENGINE_PROVEN && runner->staged
               ? jl_runner_settle(runner, err)
               : rc;
}

void jl_runner_note_not_deep(const struct jl_cli *cli, int64_t before_ms, int64_t deep_ms) {
    if (before_ms == deep_ms) {
        jl_cli_note(cli, "%s",
                    JL_ZH_EN(cli->language,
                             "没有做逐条核对：区总工会的程序较旧，或首次下载才完成；汇总核对已一致",
                             "there was no deep proof: the district's program is older, or the "
                             "first download has just ended. The sums are identical"));
    }
}

int jl_runner_sync(struct jl_runner *runner, const struct jl_engine_limits *limits,
                   enum jl_engine_end *out_end, struct jl_err *err) {
    struct jl_office_status status;
    int64_t start_wall_ms = runner->office->clock.wall_ms(runner->office->clock.context);
    int64_t deep_ms = runner->office->state.deep_ms;
    *out_end = 0;
    enum jl_rc rc = run_sync(runner, limits, out_end, err);
    if (rc == JL_OK) {
        rc = jl_runner_status(runner, runner->staged, false, &status, err);
    }
    if (rc == JL_OK && *out_end != JL_ENGINE_PROVEN) {
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
    if (*out_end == JL_ENGINE_PROVEN && runner->deep) {
        jl_runner_note_not_deep(runner->cli, deep_ms, status.deep_ms);
    }
    if (*out_end == JL_ENGINE_PROVEN) {
        return jl_runner_proven(runner->cli, &status);
    }
    note_cause(runner, *out_end, start_wall_ms);
    return JL_EXIT_ATTENTION;
}
