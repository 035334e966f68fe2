/* `resend [ID…] [--state parked|set_aside] [--dry-run]`: everything that the district refused or
 * does not have goes out once more, as one change set. What still does not fit comes back parked,
 * with its reason. */
#include "office_commands.h"

#include "client/books/resend_report.h"

#include "jielian/base/fault.h"
#include "jielian/cli/cli.h"
#include "jielian/cli/print.h"
#include "jielian/cli/terminal.h"
#include "jielian/command/desk_session.h"
#include "jielian/json/document.h"

#include <inttypes.h>
#include <string.h>

static enum jl_rc take_states(const struct jl_cli *cli, unsigned *out_states, struct jl_err *err) {
    const char *state = jl_cli_value(cli, "state");
    *out_states = JL_RESEND_PARKED | JL_RESEND_SET_ASIDE;
    if (state == NULL) {
        return JL_OK;
    }
    if (strcmp(state, "parked") == 0) {
        *out_states = JL_RESEND_PARKED;
    } else if (strcmp(state, "set_aside") == 0) {
        *out_states = JL_RESEND_SET_ASIDE;
    } else {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_RESEND_STATE, "%s", state);
    }
    return JL_OK;
}

static enum jl_rc print_rows(const struct jl_resend_report *report, bool kept, struct jl_err *err) {
    for (size_t i = 0; i < report->count; i++) {
        const struct jl_resend_row *row = &report->rows[i];
        JL_AUTO(jl_buf) title = {0};
        char id[JL_ID_TEXT_BYTES];
        if (row->kept != kept) {
            continue;
        }
        enum jl_rc rc = jl_terminal_fit(row->title, 0, &title, err);
        if (rc != JL_OK) {
            return rc;
        }
        jl_id_format(&row->id, id);
        printf("  %s %s %.*s\n", row->label, id, (int)title.size,
               title.size > 0 ? (const char *)title.data : "");
    }
    return JL_OK;
}

static enum jl_rc print_text(enum jl_language language, const struct jl_resend_report *report,
                             struct jl_err *err) {
    enum jl_rc rc = JL_OK;
    if (report->dry_run) {
        printf(JL_ZH_EN(language,
                        "预览：将重新报送 %" PRIu64 " 条（被退回 %" PRIu64 "，已搁置 %" PRIu64
                        "），未作任何修改\n",
                        "would send %" PRIu64 " again (%" PRIu64 " parked, %" PRIu64
                        " set aside); nothing is changed\n"),
               report->resent, report->parked, report->set_aside);
        rc = print_rows(report, false, err);
    } else if (report->resent == 0) {
        printf("%s\n", JL_ZH_EN(language, "没有要重新报送的", "nothing to send again"));
    } else {
        char set[JL_ID_TEXT_BYTES];
        jl_id_format(&report->change_set, set);
        printf(JL_ZH_EN(language,
                        "重新报送 %" PRIu64 " 条（被退回 %" PRIu64 "，已搁置 %" PRIu64
                        "），变更集 %s；下次同步时送出\n",
                        "%" PRIu64 " are sent again (%" PRIu64 " parked, %" PRIu64
                        " set aside) as change set %s; they go out with the next sync\n"),
               report->resent, report->parked, report->set_aside, set);
    }
    if (rc == JL_OK && report->kept > 0) {
        printf(JL_ZH_EN(language,
                        "另有 %" PRIu64
                        " 条只能由区总工会重新登记，仍搁置在本机；请告诉区总工会：\n",
                        "%" PRIu64 " more can only be made again by the district and stay set "
                        "aside here; tell the district:\n"),
               report->kept);
        rc = print_rows(report, true, err);
    }
    return rc;
}

static enum jl_rc print(const struct jl_cli *cli, const struct jl_resend_report *report,
                        struct jl_err *err) {
    JL_AUTO(jl_document) document = {0};
    if (!cli->json) {
        return print_text(cli->language, report, err);
    }
    jl_document_object(&document, NULL);
    jl_resend_report_write(report, &document);
    jl_document_end(&document);
    return jl_print_document(&document, err);
}

static enum jl_rc resend(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    struct jl_resend_report report;
    struct jl_id ids[JL_CLI_WORDS_MAX];
    struct jl_resend_options options = {
        .ids = ids, .id_count = cli->word_count, .dry_run = jl_cli_has(cli, "dry-run")};
    enum jl_rc rc = take_states(cli, &options.states, err);
    for (size_t i = 0; rc == JL_OK && i < cli->word_count; i++) {
        rc = jl_cli_id(cli, i, &ids[i], err);
    }
    if (rc == JL_OK) {
        rc = jl_desk_session_open(cli, options.dry_run ? JL_STORE_READ : JL_STORE_WRITE, session,
                                  err);
    }
    if (rc == JL_OK) {
        rc = jl_resend_report(session->office, &session->desk, &options, &arena, &report, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    if (!options.dry_run) {
        jl_desk_session_ring(session);
    }
    session->attention = report.kept > 0;
    return print(cli, &report, err);
}

int jl_cmd_resend(struct jl_cli *cli) {
    static const struct jl_option options[] = {
        {"state", "STATE", "只重发这一种：parked、set_aside / only these"},
        {"dry-run", NULL, "只预览，不修改 / say what it would do, change nothing"},
    };
    static const struct jl_cli_spec spec = {.arguments = "[ID…]",
                                            .most = JL_CLI_WORDS_MAX,
                                            .options = options,
                                            .option_count = sizeof options / sizeof *options};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_NAMED, resend);
}
