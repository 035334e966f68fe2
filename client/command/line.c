/* The line of join, sync and run: lock, office, engine, the way from staged to settled books, and
 * plain words about why the books are not in sync. */
#include "office_cmd.h"

#include "client/books/salvage.h"

#include "jielian/base/date.h"
#include "jielian/base/hex.h"
#include "jielian/base/log.h"
#include "jielian/base/path.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

volatile sig_atomic_t jl_stop;

static void on_signal(int signal_number) {
    (void)signal_number;
    jl_stop = 1;
}

/* Without SA_RESTART, so that a wait ends at once. */
enum jl_rc jl_stop_on_signals(struct jl_err *err) {
    struct sigaction action = {.sa_handler = on_signal};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&action.sa_mask);
    sigemptyset(&ignore.sa_mask);
    if (sigaction(SIGTERM, &action, NULL) != 0 || sigaction(SIGINT, &action, NULL) != 0 ||
        sigaction(SIGPIPE, &ignore, NULL) != 0) {
        return jl_fail(err, JL_IO, "signals: %s", strerror(errno));
    }
    return JL_OK;
}

/* ---- Lock, open, close ---- */

enum jl_rc jl_line_lock(struct jl_line *line, int64_t wait_ms, struct jl_err *err) {
    enum { STEP_MS = 50 };
    char path[JL_PATH_MAX_BYTES];
    enum jl_rc rc = jl_path_join(line->folder, "run.lock", path, sizeof path, err);
    if (rc == JL_OK) {
        rc = jl_file_lock(path, &line->lock, err);
    }
    for (int64_t waited_ms = 0; rc == JL_BUSY && waited_ms < wait_ms && !jl_stop;
         waited_ms += STEP_MS) {
        const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
        nanosleep(&step, NULL);
        rc = jl_file_lock(path, &line->lock, err);
    }
    return rc;
}

static enum jl_rc open_office(struct jl_line *line, struct jl_err *err) {
    line->staged = (line->rebuilding || !jl_place_has(line->folder, "jielian.db")) &&
                   jl_place_has(line->folder, "staged/jielian.db");
    const struct jl_office_options options = {.mode = JL_STORE_WRITE,
                                              .passphrase = line->passphrase,
                                              .staged = line->staged,
                                              .clock = jl_clock_system()};
    enum jl_rc rc = jl_place_open(line->cli, line->folder, &options, &line->office, err);
    if (rc == JL_OK) {
        rc = jl_identity_keep(line->folder, &line->office->identity, &line->office->keys, err);
        if (rc == JL_IO && jl_place_has(line->folder, "identity")) {
            jl_log_err(JL_LOG_WARN, "identity_not_kept",
                       err); /* a full disk: what is there stays */
            rc = JL_OK;
        }
    }
    if (rc == JL_OK) {
        rc = jl_engine_new(line->office, line->net, line->bell, line->staged, &line->engine, err);
    }
    if (rc == JL_OK && !line->at_work) {
        rc = jl_office_past_begin(line->office, &line->past, err);
        line->at_work = rc == JL_OK;
    }
    if (rc == JL_OK) {
        line->engine->past = line->past;
    }
    return rc;
}

enum jl_rc jl_line_open(struct jl_line *line, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    enum jl_rc rc = line->net == NULL ? jl_net_new(&line->net, err) : JL_OK;
    if (rc == JL_OK) {
        rc = jl_path_join(line->folder, "run.bell", path, sizeof path, err);
    }
    if (rc == JL_OK && line->bell == NULL) {
        rc = jl_bell_open(path, &line->bell, err);
        if (rc == JL_LIMIT) {
            /* A folder whose path is too long for a socket: the store is looked at every second. */
            jl_log_err(JL_LOG_WARN, "no_bell", err);
            rc = JL_OK;
        }
    }
    return rc == JL_OK ? open_office(line, err) : rc;
}

enum jl_rc jl_line_settle(struct jl_line *line, struct jl_err *err) {
    line->past = line->engine->past;
    jl_engine_free(line->engine);
    line->engine = NULL;
    enum jl_rc rc = jl_office_settle(&line->office, err);
    return rc == JL_OK ? open_office(line, err) : rc;
}

enum jl_rc jl_line_scrub(struct jl_line *line, struct jl_err *err) {
    uint64_t damaged = 0;
    enum jl_rc rc = jl_office_scrub(line->office, &damaged, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_log(damaged > 0 ? JL_LOG_WARN : JL_LOG_DEBUG, "scrubbed", "damaged=%" PRIu64, damaged);
    if (damaged > 0) {
        jl_cli_note(line->cli,
                    JL_ZH_EN(line->cli->language,
                             "发现 %" PRIu64 " 行数据损坏，将从区总工会取回；请检查这台电脑的硬盘",
                             "%" PRIu64 " damaged rows found; they are fetched from the district. "
                             "Have this PC's disk checked"),
                    damaged);
    }
    jl_engine_prove_again(line->engine);
    return JL_OK;
}

void jl_line_fini(struct jl_line *line) {
    jl_engine_free(line->engine);
    jl_office_close(line->office);
    jl_bell_close(line->bell);
    jl_net_free(line->net);
    jl_file_unlock(&line->lock);
    *line = (struct jl_line){.lock = {.fd = -1}};
}

/* ---- Why not ---- */

struct jl_short_key jl_short_key(const struct jl_keys *keys) {
    struct jl_short_key key = {.text = "?"};
    uint8_t curve_public[JL_CURVE_KEY_BYTES];
    struct jl_err ignored; /* a hint for people */
    if (jl_curve_public(&keys->curve, curve_public, &ignored) == JL_OK) {
        jl_hex_encode(jl_bytes(curve_public, sizeof key.text / 2), key.text);
    }
    return key;
}

struct jl_suite_text jl_suite_note(const struct jl_cli *cli, uint32_t number) {
    struct jl_suite_text note;
    const char *why =
        jl_suite_find(number) == NULL
            ? JL_ZH_EN(cli->language, "本程序不认识；请安装新版本",
                       "which this program does not know; install the new version")
            : JL_ZH_EN(cli->language, "本目录的密钥是另一种；请换一个目录，用新邀请重新加入",
                       "and the keys of this folder are of another; join in a new folder with a "
                       "new invitation");
    (void)snprintf(note.text, sizeof note.text,
                   JL_ZH_EN(cli->language, "区总工会使用第 %" PRIu32 " 号密码套件，%s",
                            "the district works with cipher suite %" PRIu32 ", %s"),
                   number, why);
    return note;
}

static void note_refused(const struct jl_cli *cli, const struct jl_cause *cause) {
    if (cause->refused == JL_REFUSE_VERSION && cause->suite_needed != 0) {
        jl_cli_note(cli, "%s", jl_suite_note(cli, cause->suite_needed).text);
        return;
    }
    if (cause->refused == JL_REFUSE_VERSION) {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language,
                             "程序太旧：区总工会要求协议版本 %" PRIu32
                             "，本程序支持到 %d；请安装新版本后再同步",
                             "this program is too old: the district needs protocol %" PRIu32
                             ", this one knows up to %d; install the new version and sync again"),
                    cause->version_needed, JL_PROTOCOL_VERSION);
        return;
    }
    if (cause->refused == JL_REFUSE_INVITATION) {
        jl_cli_note(
            cli,
            JL_ZH_EN(cli->language,
                     "区总工会不认识本机（它用较早的备份恢复过，或已把本机注销）；本机数据"
                     "和未发送的改动都在。下一步：请区总工会开一份新邀请（本机密钥 %s），"
                     "在同一个目录运行 join 新邀请",
                     "the district does not know this PC (restored from an older backup, or "
                     "revoked); its data and unsent changes are kept. Next: ask the "
                     "district for a new invitation (this PC's key is %s) and run join "
                     "NEW.invite in the same folder"),
            cause->key.text);
        return;
    }
    jl_cli_note(cli, "%s",
                JL_ZH_EN(cli->language,
                         "本机已被区总工会注销，不能再同步；本机数据未动。请联系区总工会，"
                         "需要时用新的邀请在新目录加入",
                         "the district has revoked this PC and does not sync with it any more; "
                         "nothing here was changed. Call the district; with a new invitation this "
                         "PC can join in a new folder"));
}

static void note_silent(const struct jl_cli *cli, const struct jl_cause *cause) {
    char since[JL_DATE_TIME_BYTES];
    char others[64] = "";
    jl_date_format_time(cause->since_ms, since);
    if (cause->others > 0) {
        (void)snprintf(others, sizeof others,
                       JL_ZH_EN(cli->language, "（及区总工会的另外 %zu 个地址）",
                                " (and %zu other addresses of the district)"),
                       cause->others);
    }
    jl_cli_note(cli,
                JL_ZH_EN(cli->language,
                         "%s%s 自 %s 起没有应答；请检查网络，以及区总工会的程序是否在运行",
                         "no answer from %s%s since %s; check the network, and whether the "
                         "district's program runs"),
                cause->endpoint, others, since);
}

static void note_stuck(const struct jl_cli *cli, const struct jl_cause *cause) {
    if (cause->trouble != NULL && cause->trouble[0] != '\0') {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language, "同步没有进展：%s", "the sync does not advance: %s"),
                    cause->trouble);
        return;
    }
    jl_cli_note(cli,
                JL_ZH_EN(cli->language,
                         "%s 有应答，但还没有同步完；线路可能太慢，请再运行 sync 继续",
                         "%s answers, but the sync is not finished; the line may be slow. Run "
                         "sync again to go on"),
                cause->endpoint);
}

void jl_cause_note(const struct jl_cli *cli, const struct jl_cause *cause) {
    switch (cause->end) {
    case JL_ENGINE_PROVEN:
        return;
    case JL_ENGINE_REFUSED:
        note_refused(cli, cause);
        break;
    case JL_ENGINE_SUSPENDED:
        jl_cli_note(
            cli, "%s",
            JL_ZH_EN(cli->language,
                     "本机已被区总工会停用：未发送的改动已尽量送达，但收不到数据。请联系区总工会",
                     "the district has suspended this PC: unsent changes were offered, but "
                     "no data comes. Call the district"));
        break;
    case JL_ENGINE_DIFFERENT:
        jl_cli_note(cli, "%s",
                    JL_ZH_EN(cli->language,
                             "与区总工会的记录不一致，自动修复没有成功；请联系区总工会运维",
                             "the books differ from the district's and repair failed; call the "
                             "district's operators"));
        break;
    case JL_ENGINE_DEEP:
        jl_cli_note(cli, "%s",
                    JL_ZH_EN(cli->language,
                             "逐条核对：汇总一致，记录内容却与区总工会不同。请运行 rebuild 重新下载"
                             "（未发送的改动都会保留），再运行 sync --deep；仍不一致就联系区总工会"
                             "运维",
                             "deep proof: the sums are the same, and the records are not. Run "
                             "rebuild (unsent changes are kept), then sync --deep; if they still "
                             "differ, call the district's operators"));
        break;
    case JL_ENGINE_SIGNAL:
        jl_cli_note(cli, "%s",
                    JL_ZH_EN(cli->language, "同步被中断；再运行 sync 会接着做",
                             "the sync was interrupted; run sync again to go on"));
        break;
    case JL_ENGINE_TIME:
    case JL_ENGINE_SILENT:
    case JL_ENGINE_STUCK:
        if (cause->heard) {
            note_stuck(cli, cause);
        } else {
            note_silent(cli, cause);
        }
        break;
    }
    bool sendable = cause->end != JL_ENGINE_REFUSED && cause->end != JL_ENGINE_SUSPENDED;
    if (cause->unsent > 0 && sendable) {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language, "%" PRIu64 " 条改动保存在本机，下次同步时发送",
                             "%" PRIu64 " changes are kept here and go out with the next sync"),
                    cause->unsent);
    } else if (cause->unsent > 0) {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language, "%" PRIu64 " 条改动还没有被区总工会采纳，仍保存在本机",
                             "%" PRIu64 " changes were not taken by the district yet; they are "
                             "kept here"),
                    cause->unsent);
    }
}

static void note_cause(const struct jl_line *line, enum jl_engine_end end, int64_t start_wall_ms) {
    const struct jl_engine *engine = line->engine;
    const struct jl_office *office = line->office;
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
    jl_cause_note(line->cli, &cause);
}

int jl_line_proven(const struct jl_cli *cli, const struct jl_status *status) {
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
    return jl_office_needs_person(counts) ? JL_EXIT_ATTENTION : JL_EXIT_DONE;
}

enum jl_rc jl_line_wish(const struct jl_line *line, struct jl_err *err) {
    struct jl_office *office = line->office;
    enum jl_rc rc = jl_office_begin(office, true, err);
    if (rc != JL_OK) {
        return rc;
    }
    office->state.proof_wanted++;
    office->state.deep_wanted += line->deep ? 1 : 0;
    return jl_office_commit(office, err);
}

static enum jl_rc run_sync(struct jl_line *line, const struct jl_engine_limits *limits,
                           enum jl_engine_end *out_end, struct jl_err *err) {
    enum jl_rc rc = line->staged ? JL_OK : jl_line_wish(line, err);
    if (rc == JL_OK && !line->staged) {
        rc = jl_line_scrub(line, err);
    }
    if (rc == JL_OK) {
        rc = jl_engine_run(line->engine, limits, out_end, err);
    }
    if (rc == JL_OK) {
        rc = jl_engine_hang_up(line->engine, *out_end, err);
    }
    return rc == JL_OK && *out_end == JL_ENGINE_PROVEN && line->staged ? jl_line_settle(line, err)
                                                                       : rc;
}

void jl_line_note_not_deep(const struct jl_cli *cli, int64_t before_ms, int64_t deep_ms) {
    if (before_ms == deep_ms) {
        jl_cli_note(cli, "%s",
                    JL_ZH_EN(cli->language,
                             "没有做逐条核对：区总工会的程序较旧，或首次下载才完成；汇总核对已一致",
                             "there was no deep proof: the district's program is older, or the "
                             "first download has just ended. The sums are identical"));
    }
}

int jl_line_sync(struct jl_line *line, const struct jl_engine_limits *limits,
                 enum jl_engine_end *out_end, struct jl_err *err) {
    struct jl_status status;
    int64_t start_wall_ms = line->office->clock.wall_ms(line->office->clock.context);
    int64_t deep_ms = line->office->state.deep_ms;
    *out_end = 0;
    enum jl_rc rc = run_sync(line, limits, out_end, err);
    if (rc == JL_OK) {
        rc = jl_status_read(line->office, line->staged, false, &status, err);
    }
    if (rc == JL_OK && *out_end != JL_ENGINE_PROVEN) {
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
    if (*out_end == JL_ENGINE_PROVEN && line->deep) {
        jl_line_note_not_deep(line->cli, deep_ms, status.deep_ms);
    }
    if (*out_end == JL_ENGINE_PROVEN) {
        return jl_line_proven(line->cli, &status);
    }
    note_cause(line, *out_end, start_wall_ms);
    return JL_EXIT_ATTENTION;
}
