/* `verify`: is what lies on this PC's disk whole, and if not, what is affected and what to do
 * (client/books/office_verify.h). The district is asked for a deep proof when all else is whole,
 * unless --local says not to; no answer is no finding. Ends 0 when all is well, 1 when something
 * has to be done. */
#include "data_folder.h"
#include "office_commands.h"
#include "options.h"
#include "passphrase.h"
#include "stop.h"

#include "client/books/office_verify.h"
#include "client/engine/deep_ask.h"

#include "jielian/base/fault.h"
#include "jielian/cli/print.h"
#include "jielian/command/damage_note.h"
#include "jielian/command/folder.h"
#include "jielian/json/document.h"

#include <inttypes.h>
#include <string.h>

static const struct jl_option options[] = {
    {"local", NULL, "只检查本机，不与区总工会核对 / look at this PC alone"},
    JL_PASSPHRASE_OPTION,
};
static const struct jl_cli_spec spec = {
    .arguments = "", .options = options, .option_count = sizeof options / sizeof *options};

/* ---- Against the district ---- */

/* Not being able to ask is no fault of what lies here. */
static enum jl_rc compare(const struct jl_cli *cli, const char *folder, struct jl_bytes passphrase,
                          struct jl_office_verify *verify, struct jl_err *err) {
    const struct jl_office_options office_options = {
        .mode = JL_STORE_READ, .passphrase = passphrase, .clock = jl_clock_system()};
    JL_AUTO_PTR(jl_office) office = NULL;
    enum jl_rc rc = jl_data_folder_open(cli, folder, &office_options, &office, err);
    if (rc == JL_OK) {
        rc = jl_stop_on_signals(err);
    }
    return rc == JL_OK ? jl_deep_ask(office, &jl_stop, &verify->deep, err) : rc;
}

static enum jl_rc look(const struct jl_cli *cli, const char *folder, struct jl_bytes passphrase,
                       struct jl_office_verify *verify, struct jl_err *err) {
    enum jl_rc rc = jl_office_verify_read(folder, passphrase, verify, err);
    if (rc != JL_OK) {
        return jl_folder_explain(cli, JL_SIDE_OFFICE, folder, passphrase, err);
    }
    rc = jl_office_verify_look(folder, passphrase, cli->language, verify, err);
    return rc == JL_OK && !jl_cli_has(cli, "local") &&
                   jl_office_verify_next(verify) == JL_OFFICE_VERIFY_GOOD
               ? compare(cli, folder, passphrase, verify, err)
               : rc;
}

/* ---- Saying it ---- */

static void print_good(const struct jl_cli *cli, const struct jl_office_verify *verify) {
    const struct jl_salvage *salvage = &verify->salvage;
    printf(JL_ZH_EN(cli->language, "完好：%" PRIu64 " 条记录与校验值一致，发件箱 %zu 条都读得出\n",
                    "whole: %" PRIu64 " records match their checksums, all %zu changes of the "
                    "outbox can be read\n"),
           verify->sums[0].count + verify->sums[1].count, salvage->count);
    printf("%s\n",
           verify->deep != JL_DEEP_NONE
               ? JL_ZH_EN(cli->language, "与区总工会逐条核对一致", "every record is the district's")
               : JL_ZH_EN(cli->language, "没有与区总工会逐条核对；连上后运行 sync --deep",
                          "not compared with the district; once it answers, run sync --deep"));
}

static void note_bad(const struct jl_cli *cli, const char *folder,
                     const struct jl_office_verify *verify, const char *next) {
    const struct jl_salvage *salvage = &verify->salvage;
    if (verify->deep == JL_DEEP_DIFFERENT) {
        jl_cli_note(cli, "%s",
                    JL_ZH_EN(cli->language, "本机完好，但记录内容与区总工会不同",
                             "what lies here is whole, but the records are not the district's"));
    }
    jl_damage_note(cli, folder, &verify->damage);
    if (verify->rows > 0) {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language, "%" PRIu64 " 条记录的内容与校验值不符",
                             "%" PRIu64 " records do not match their checksums"),
                    verify->rows);
    } else if (verify->opened && !verify->sums_same) {
        jl_cli_note(cli, "%s",
                    JL_ZH_EN(cli->language, "记录的总校验值不符",
                             "the sum over all records is not theirs"));
    }
    if (salvage->breaks > 0) {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language, "发件箱有 %" PRIu64 " 处前后不衔接",
                             "the outbox does not follow in %" PRIu64 " places"),
                    salvage->breaks);
    }
    if (jl_office_verify_next(verify) == JL_OFFICE_VERIFY_REBUILD &&
        verify->deep != JL_DEEP_DIFFERENT) {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language,
                             "未发送的改动 %" PRIu64 " 条读得出；另有 %" PRIu64 " 条改动读不出%s",
                             "%" PRIu64 " unsent changes can be read; %" PRIu64 " changes can't%s"),
                    salvage->unsent, salvage->unreadable,
                    salvage->state_read ? ""
                                        : JL_ZH_EN(cli->language, "，末尾是否还缺，已无从知道",
                                                   ", and whether more are missing at the end is "
                                                   "not known"));
    }
    jl_cli_note(cli, JL_ZH_EN(cli->language, "下一步：%s", "next: %s"), next);
}

static enum jl_rc tell(const struct jl_cli *cli, const char *folder,
                       const struct jl_office_verify *verify, struct jl_err *err) {
    static const char *const commands[] = {
        [JL_OFFICE_VERIFY_SYNC] = "sync", [JL_OFFICE_VERIFY_REBUILD] = "rebuild"};
    const enum jl_office_verify_next next = jl_office_verify_next(verify);
    const bool good = next == JL_OFFICE_VERIFY_GOOD;
    char text[JL_PATH_MAX_BYTES + 64];
    JL_AUTO(jl_document) document = {0};
    snprintf(text, sizeof text, "jielian-office %s --data %s", good ? "" : commands[next], folder);
    if (cli->json) {
        jl_document_object(&document, NULL);
        jl_office_verify_write(verify, folder, good ? NULL : text, &document);
        jl_document_end(&document);
        return jl_print_document(&document, err);
    }
    if (good) {
        print_good(cli, verify);
    } else {
        note_bad(cli, folder, verify, text);
    }
    return JL_OK;
}

/* Sound books of the district would look like damaged ones of an office. */
static enum jl_rc check_side(const char *folder, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    const struct jl_store_options as_district = {.mode = JL_STORE_READ,
                                                 .application_id = JL_STORE_DISTRICT_ID};
    JL_AUTO_PTR(jl_store) store = NULL;
    struct jl_err ignored; /* whatever it is then, what follows looks closer */
    jl_data_folder_path(folder, "jielian.db", path);
    if (jl_store_open(path, &as_district, &store, &ignored) != JL_OK) {
        return JL_OK;
    }
    return jl_fault_at(err, JL_MISUSE, JL_FAULT_VERIFY_DISTRICTS, "%s", folder);
}

static enum jl_rc check_place(const struct jl_cli *cli, const char *folder, struct jl_err *err) {
    enum jl_rc rc = jl_folder_check(cli, JL_SIDE_OFFICE, folder, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (jl_data_folder_has(folder, "jielian.db")) {
        return check_side(folder, err);
    }
    return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_VERIFY_NOT_READY, "%s", folder);
}

int jl_cmd_verify(struct jl_cli *cli) {
    int exit_code = 0;
    const char *folder = NULL;
    struct jl_err err = {0};
    struct jl_buf passphrase = {0};
    JL_AUTO(jl_office_verify) verify = {0};
    if (!jl_cli_parse(cli, &spec, &exit_code)) {
        return exit_code;
    }
    enum jl_rc rc = jl_cli_folder(cli, &folder, &err);
    if (rc == JL_OK) {
        rc = check_place(cli, folder, &err);
    }
    if (rc == JL_OK) {
        rc = jl_passphrase_read(cli, &passphrase, &err);
    }
    if (rc == JL_OK) {
        rc = look(cli, folder, jl_buf_bytes(&passphrase), &verify, &err);
    }
    if (rc == JL_OK) {
        rc = tell(cli, folder, &verify, &err);
    }
    jl_buf_wipe(&passphrase);
    if (rc != JL_OK) {
        return jl_cli_fail(cli, &err);
    }
    return jl_office_verify_next(&verify) == JL_OFFICE_VERIFY_GOOD ? JL_EXIT_DONE : JL_EXIT_FAILED;
}
