/* Why the books are not in sync, and what to do next. */
#include "cause.h"

#include "client/engine/engine.h"

#include "jielian/base/date.h"
#include "jielian/cli/cli.h"

#include <inttypes.h>
#include <string.h>

struct jl_suite_text jl_cause_suite(const struct jl_cli *cli, uint32_t number) {
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
        jl_cli_note(cli, "%s", jl_cause_suite(cli, cause->suite_needed).text);
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
