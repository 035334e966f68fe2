/* The status of an office, for people. */
#include "status.h"

#include "client/books/office_status.h"

#include "jielian/base/date.h"
#include "jielian/cli/cli.h"
#include "jielian/cli/print.h"
#include "jielian/json/document.h"
#include "proto/wire.h"

#include <inttypes.h>
#include <string.h>

struct state_text {
    const char *state;
    const char *zh;
    const char *en;
};

static const struct state_text state_texts[] = {
    {"in_sync", "与区总工会一致", "identical to the district"},
    {"attention", "与区总工会核对过，但有下列事项需要处理",
     "proven with the district, and what is counted below needs a person"},
    {"unsent", "有改动等待发送；运行 sync，或让 run 常驻",
     "changes wait to be sent; run `sync`, or keep `run` up"},
    {"catching_up", "正在核对新到的记录；运行 sync，或让 run 常驻",
     "new rows are not proven yet; run `sync`, or keep `run` up"},
    {"offline", "没有连上区总工会；改动保存在本机，连上后自动发送。请检查网络",
     "not connected to the district; changes are kept here and go out by themselves. Check the "
     "network"},
    {"bootstrapping", "首次下载还没有完成；运行 sync 继续",
     "the first download is not finished; run `sync` to go on"},
    {"suspended", "本机已被区总工会停用；未发送的改动仍可送达，请联系区总工会",
     "the district has suspended this PC; unsent changes are still taken. Call the district"},
    {"revoked", "本机已被区总工会注销；请联系区总工会",
     "the district has revoked this PC; call the district"},
    {"unknown",
     "区总工会不认识本机（用较早的备份恢复过，或已注销）；请要一份新邀请，在本目录运行 join",
     "the district does not know this PC (restored from an older backup, or revoked); ask for a "
     "new "
     "invitation and run `join` in this folder"},
    {"needs_update", "程序太旧；请安装新版本", "this program is too old; install the new one"},
    {"different", "与区总工会的记录不一致，自动修复没有成功；请联系区总工会运维",
     "the books differ and repair did not help; call the district's operators"},
};

static const char *state_text(const struct jl_cli *cli, const char *state) {
    for (size_t i = 0; i < sizeof state_texts / sizeof *state_texts; i++) {
        if (strcmp(state_texts[i].state, state) == 0) {
            return JL_ZH_EN(cli->language, state_texts[i].zh, state_texts[i].en);
        }
    }
    return state;
}

static void print_age(const struct jl_cli *cli, uint64_t age_s) {
    if (age_s >= 86400) {
        printf(JL_ZH_EN(cli->language, "（最早的已等 %" PRIu64 " 天）",
                        " (the oldest for %" PRIu64 " days)"),
               age_s / 86400);
    } else if (age_s >= 3600) {
        printf(JL_ZH_EN(cli->language, "（最早的已等 %" PRIu64 " 小时）",
                        " (the oldest for %" PRIu64 " hours)"),
               age_s / 3600);
    }
}

static void print_newer(FILE *out, const struct jl_cli *cli, const struct jl_newer *newer,
                        const char *zh, const char *en) {
    bool named = newer->program[0] != '\0';
    fprintf(out, "%s", JL_ZH_EN(cli->language, zh, en));
    fprintf(out,
            JL_ZH_EN(cli->language, "区总工会的目录（版本 %" PRIu64 "）需要%s%s%s；",
                     "the district's catalogue (version %" PRIu64 ") needs %s%s%s; "),
            newer->version,
            JL_ZH_EN(cli->language, named ? "程序 jielian " : "更新的程序",
                     named ? "jielian " : "a newer program"),
            newer->program, named ? JL_ZH_EN(cli->language, " 或更新版本", " or newer") : "");
    fprintf(out, "%s\n",
            newer->state == JL_NEWER_BEYOND
                ? JL_ZH_EN(cli->language,
                           "这里的数据由它写过，本程序只能查看。请安装后再录入和同步",
                           "it has written these books, and this program can only read them. "
                           "Install it to edit and sync")
                : JL_ZH_EN(cli->language,
                           "记录都已收下、不会丢失，其余照常录入和同步。请安装后查看新的内容",
                           "all records are kept, and everything else works and syncs on. Install "
                           "it to see what is new"));
}

void jl_status_note_newer(const struct jl_cli *cli, const struct jl_newer *newer) {
    if (newer->state != JL_NEWER_NONE) {
        print_newer(stderr, cli, newer, "", "");
    }
}

/* What to do stands only where there is something to do. */
static void print_count(const char *label, uint64_t count, const char *next) {
    if (count > 0) {
        printf("%s%" PRIu64 "%s\n", label, count, next);
    } else {
        printf("%s0\n", label);
    }
}

static void print_text(const struct jl_cli *cli, const struct jl_office_status *status) {
    bool en = cli->language == JL_LANGUAGE_EN;
    if (status->known) {
        printf(en ? "office    %s %s (number %" PRIu32 "), device %" PRIu32 "\n"
                  : "镇街　　%s %s（编号 %" PRIu32 "），设备 %" PRIu32 "\n",
               status->office, status->name, status->office_number, status->device);
    }
    printf(en ? "state     %s: %s\n" : "状态　　%s：%s\n", status->state,
           state_text(cli, status->state));
    if (status->proven_ms != 0) {
        char text[JL_DATE_TIME_BYTES];
        jl_date_format_time(status->proven_ms, text);
        printf(en ? "proven    %s\n" : "最近核对一致　%s\n", text);
    }
    if (status->deep_ms != 0) {
        bool equal = status->deep_result == JL_DEEP_IDENTICAL;
        char text[JL_DATE_TIME_BYTES];
        jl_date_format_time(status->deep_ms, text);
        printf(en ? "deep      %s, %s\n" : "逐条核对　%s，%s\n", text,
               JL_ZH_EN(cli->language,
                        equal ? "一致" : "不一致：请运行 rebuild，再运行 sync --deep",
                        equal ? "identical" : "different: run rebuild, then sync --deep"));
    }
    if (!status->known) {
        return;
    }
    printf(en ? "unsent    %" PRIu64 : "未发送　%" PRIu64, status->counts.unsent);
    print_age(cli, status->counts.oldest_unsent_s);
    printf("\n");
    print_count(en ? "parked    " : "被退回　", status->counts.parked,
                JL_ZH_EN(cli->language, "（list --state parked 看原因，改正或 resend）",
                         " (why: list --state parked; correct them, or resend)"));
    print_count(en ? "set aside " : "已搁置　", status->counts.set_aside,
                JL_ZH_EN(cli->language, "（只有本机有：list --state set_aside，resend 重新报送）",
                         " (only this PC has them: list --state set_aside, resend)"));
    print_count(en ? "held      " : "等待中　", status->counts.held,
                JL_ZH_EN(cli->language, "（等前序改动送达后自动办结）",
                         " (close themselves when the change before arrives)"));
    print_count(en ? "cases     " : "待处理　", status->counts.cases,
                JL_ZH_EN(cli->language, "（case list）", " (case list)"));
    if (strcmp(status->state, "unknown") == 0) {
        printf(en ? "key       %s\n" : "本机密钥　%s\n", status->key);
    }
    if (status->endpoint_count > 1) {
        printf(en ? "address   %s (one of %zu)\n" : "区级地址　%s（共 %zu 个）\n", status->endpoint,
               status->endpoint_count);
    }
    if (status->newer.state != JL_NEWER_NONE) {
        print_newer(stdout, cli, &status->newer, "程序　　", "program   ");
    }
    if (status->repairs > 0) {
        printf(en ? "repaired  %" PRIu64 " rows since joining\n"
                  : "已修复　%" PRIu64 " 行（加入以来）\n",
               status->repairs);
    }
}

enum jl_rc jl_status_print(const struct jl_cli *cli, const struct jl_office_status *status,
                           struct jl_err *err) {
    JL_AUTO(jl_document) document = {0};
    if (!cli->json) {
        print_text(cli, status);
        return JL_OK;
    }
    jl_document_object(&document, NULL);
    jl_office_status_write(status, &document);
    jl_document_end(&document);
    return jl_print_document(&document, err);
}

int jl_status_exit(const struct jl_office_status *status) {
    return jl_office_status_is_good(status) ? JL_EXIT_DONE : JL_EXIT_ATTENTION;
}
