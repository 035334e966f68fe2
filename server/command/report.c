/* report: the figures. */
#include "district_commands.h"
#include "run.h"

#include "jielian/base/fault.h"
#include "jielian/cli/print.h"
#include "jielian/command/report_print.h"
#include "jielian/desk/report.h"
#include "jielian/json/document.h"

#include <string.h>

static enum jl_rc take_options(const struct jl_cli *cli, struct jl_report_options *options,
                               struct jl_err *err) {
    const char *by = jl_cli_value(cli, "by");
    options->by_office = by != NULL && strcmp(by, "office") == 0;
    options->by_year = by != NULL && strcmp(by, "year") == 0;
    if (by != NULL && !options->by_office && !options->by_year) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_REPORT_BY, "%s", by);
    }
    options->by_office = options->by_office || (by == NULL && cli->json);
    enum jl_rc rc = jl_cli_date(cli, "from", 0, &options->d0, err);
    return rc == JL_OK ? jl_cli_date(cli, "to", 0, &options->d1, err) : rc;
}

static enum jl_rc report(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    JL_AUTO(jl_document) document = {0};
    struct jl_report_options options = {.today = jl_desk_today(&session->desk),
                                        .language = cli->language};
    struct jl_report report;
    enum jl_rc rc = take_options(cli, &options, err);
    if (rc == JL_OK) {
        rc = jl_report_run(session->desk.books, &options, &arena, &report, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    session->attention = report.failed > 0;
    if (!cli->json) {
        return jl_report_print(&report, cli->language, stdout, err);
    }
    jl_report_write(&report, NULL, &document);
    return jl_print_document(&document, err);
}

int jl_cmd_report(struct jl_cli *cli) {
    static const struct jl_option options[] = {
        {"from", "DAY", "起始日期，如 2021-01-05 / first day"},
        {"to", "DAY", "截止日期，默认今天 / last day, default today"},
        {"by", "office|year", "按镇街或按年分列 / split by office or by year"}};
    static const struct jl_cli_spec spec = {
        .arguments = "", .options = options, .option_count = sizeof options / sizeof *options};
    return jl_run_command(cli, &spec, JL_STORE_READ_COPY, report);
}
