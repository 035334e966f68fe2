/* import, export, template: spreadsheets. */
#include "jielian/base/fault.h"
#include "jielian/cli/meter.h"
#include "jielian/cli/print.h"
#include "jielian/command/commands.h"
#include "jielian/command/desk_session.h"
#include "jielian/sheet/export.h"
#include "jielian/sheet/import.h"

#include <inttypes.h>
#include <string.h>

enum { SHOWN_PROBLEMS = 20 }; /* lines of problems printed without --json */

/* ---- import ---- */

static enum jl_rc take_policy(const struct jl_cli *cli, enum jl_import_policy *out_policy,
                              struct jl_err *err) {
    static const char *const names[] = {"overwrite", "skip", "fill", "no_match"};
    const char *given = jl_cli_value(cli, "policy");
    *out_policy = JL_IMPORT_OVERWRITE;
    for (size_t i = 0; given != NULL && i < sizeof names / sizeof *names; i++) {
        if (strcmp(given, names[i]) == 0) {
            *out_policy = (enum jl_import_policy)i;
            return JL_OK;
        }
    }
    return given == NULL ? JL_OK : jl_fault_at(err, JL_MISUSE, JL_FAULT_SHEET_POLICY, "%s", given);
}

static enum jl_rc print_json(const struct jl_import_result *result, struct jl_err *err) {
    char change_set[JL_ID_TEXT_BYTES];
    bool has_set = !jl_id_is_zero(&result->change_set);
    jl_id_format(&result->change_set, change_set);
    json_t *problems = json_array();
    bool made = problems != NULL;
    for (size_t i = 0; made && i < result->problem_count; i++) {
        const struct jl_import_problem *problem = &result->problems[i];
        made = json_array_append_new(
                   problems, json_pack("{s:I, s:s, s:s}", "row", (json_int_t)problem->row, "field",
                                       problem->field, "message", problem->message)) == 0;
    }
    if (!made) {
        json_decref(problems);
        return jl_fault_memory(err);
    }
    return jl_print_answer(
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:s?}", "rows",
                  (json_int_t)result->rows, "added", (json_int_t)result->added, "updated",
                  (json_int_t)result->updated, "unchanged", (json_int_t)result->unchanged,
                  "doubtful", (json_int_t)result->doubtful, "failed", (json_int_t)result->failed,
                  "problems", problems, "problems_dropped", (json_int_t)result->problems_dropped,
                  "change_set", has_set ? change_set : NULL),
        err);
}

/* Row 0 is a note about the file as a whole. */
static void print_problem(const struct jl_cli *cli, const struct jl_import_problem *problem) {
    bool en = cli->language == JL_LANGUAGE_EN;
    if (problem->row == 0) {
        printf("%s", en ? "note  " : "提示　");
    } else {
        printf(en ? "row %" PRIu64 "  " : "第 %" PRIu64 " 行　", problem->row);
    }
    printf("%s%s%s\n", problem->field, problem->field[0] != '\0' ? ": " : "", problem->message);
}

static void print_text(const struct jl_cli *cli, const struct jl_import_result *result) {
    bool en = cli->language == JL_LANGUAGE_EN;
    printf(en ? "%" PRIu64 " rows: %" PRIu64 " added, %" PRIu64 " updated, %" PRIu64
                " unchanged, %" PRIu64 " doubtful, %" PRIu64 " failed\n"
              : "共 %" PRIu64 " 行：新增 %" PRIu64 "，更新 %" PRIu64 "，未变 %" PRIu64
                "，待定 %" PRIu64 "，错误 %" PRIu64 "\n",
           result->rows, result->added, result->updated, result->unchanged, result->doubtful,
           result->failed);
    for (size_t i = 0; i < result->problem_count && i < SHOWN_PROBLEMS; i++) {
        print_problem(cli, &result->problems[i]);
    }
    uint64_t all = result->problem_count + result->problems_dropped;
    if (all > SHOWN_PROBLEMS) {
        printf(en ? "… and %" PRIu64 " more (--problems FILE writes them all)\n"
                  : "……另有 %" PRIu64 " 处（--problems FILE 可全部写出）\n",
               all - SHOWN_PROBLEMS);
    }
    if (!jl_id_is_zero(&result->change_set)) {
        char text[JL_ID_TEXT_BYTES];
        jl_id_format(&result->change_set, text);
        printf(en ? "take back with: undo %s\n" : "如需撤销：undo %s\n", text);
    }
}

static enum jl_rc run_import(struct jl_cli *cli, struct jl_desk_session *session,
                             const struct jl_type *type, struct jl_import_options *options,
                             struct jl_err *err) {
    struct jl_meter meter;
    struct jl_import_result result = {0};
    options->progress = jl_meter_step;
    options->progress_context = &meter;
    jl_meter_init(&meter, cli);
    enum jl_rc rc = jl_import_run(&session->desk, type, cli->words[1], options, &result, err);
    jl_meter_end(&meter);
    if (!options->dry_run) {
        jl_desk_session_ring(session); /* after a failure too: chunks before it are saved */
    }
    session->attention = result.failed > 0 || result.doubtful > 0;
    if (rc == JL_OK && cli->json) {
        rc = print_json(&result, err);
    } else if (rc == JL_OK) {
        print_text(cli, &result);
    }
    jl_import_result_fini(&result);
    return rc;
}

static enum jl_rc import_file(struct jl_cli *cli, struct jl_desk_session *session,
                              struct jl_err *err) {
    const struct jl_type *type = NULL;
    struct jl_import_options options = {.dry_run = jl_cli_has(cli, "dry-run"),
                                        .problems_path = jl_cli_value(cli, "problems")};
    enum jl_rc rc = take_policy(cli, &options.policy, err);
    if (rc == JL_OK) {
        rc = jl_desk_session_open_type(cli, JL_STORE_WRITE, session, &type, err);
    }
    if (rc == JL_OK && type->owner == JL_SIDE_OFFICE && session->desk.owner == 0) {
        rc = jl_fault_at(err, JL_MISUSE, JL_FAULT_SHEET_OFFICE, "%s",
                         cli->language == JL_LANGUAGE_EN ? type->name : type->label.zh);
    }
    return rc == JL_OK ? run_import(cli, session, type, &options, err) : rc;
}

int jl_cmd_sheet_import(struct jl_cli *cli) {
    static const struct jl_option options[] = {
        {"dry-run", NULL, "只预演，不改数据 / rehearse, change nothing"},
        {"policy", "overwrite|skip|fill|no_match",
         "已有记录：覆盖、跳过、只补空白、不查重；默认覆盖 / what to do with known records"},
        {"problems", "FILE", "把有问题的行连同原因写到文件 / write failed rows with the reason"},
    };
    static const struct jl_cli_spec spec = {.arguments = "TYPE FILE",
                                            .least = 2,
                                            .most = 2,
                                            .options = options,
                                            .option_count = sizeof options / sizeof *options};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_FILES, import_file);
}

/* ---- export, template ---- */

static enum jl_rc answer_file(struct jl_cli *cli, const char *path, bool counted, uint64_t rows,
                              struct jl_err *err) {
    if (cli->json) {
        return jl_print_answer(json_pack("{s:s, s:I}", "file", path, "rows", (json_int_t)rows),
                               err);
    }
    if (counted) {
        printf(JL_ZH_EN(cli->language, "已导出 %" PRIu64 " 行到 %s\n",
                        "%" PRIu64 " rows exported to %s\n"),
               rows, path);
    } else {
        printf(JL_ZH_EN(cli->language, "模板已写到 %s\n", "template written to %s\n"), path);
    }
    return JL_OK;
}

/* The log entry comes first: an export that nobody wrote down must not exist. */
static enum jl_rc export_file(struct jl_cli *cli, struct jl_desk_session *session,
                              struct jl_err *err) {
    const struct jl_type *type = NULL;
    const char *reason = jl_cli_value(cli, "reason");
    bool unmask = jl_cli_has(cli, "unmask");
    char subject[128];
    uint64_t rows = 0;
    if (unmask && (reason == NULL || reason[0] == '\0')) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_SHEET_REASON);
    }
    enum jl_rc rc = jl_desk_session_open_type(cli, JL_STORE_WRITE, session, &type, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (unmask && type->confined && session->desk.books->side == JL_SIDE_DISTRICT) {
        return jl_fault_at(err, JL_DENIED, JL_FAULT_SHEET_UNMASK, "%s",
                           cli->language == JL_LANGUAGE_EN ? type->name : type->label.zh);
    }
    snprintf(subject, sizeof subject, "%s%s", type->name, unmask ? " unmasked" : "");
    rc = jl_desk_session_log_access(session, "export", subject, reason != NULL ? reason : "", err);
    if (rc == JL_OK) {
        rc = jl_desk_session_type(session, cli->words[0], &type, err);
    }
    if (rc == JL_OK) {
        rc = jl_export_records(&session->desk, type, cli->words[1], unmask, &rows, err);
    }
    jl_desk_session_ring(session); /* after a failure too: the log entry is made */
    return rc == JL_OK ? answer_file(cli, cli->words[1], true, rows, err) : rc;
}

static enum jl_rc write_template(struct jl_cli *cli, struct jl_desk_session *session,
                                 struct jl_err *err) {
    const struct jl_type *type = NULL;
    enum jl_rc rc = jl_desk_session_open_type(cli, JL_STORE_READ, session, &type, err);
    if (rc == JL_OK) {
        rc = jl_export_template(&session->desk, type, cli->words[1], err);
    }
    return rc == JL_OK ? answer_file(cli, cli->words[1], false, 0, err) : rc;
}

int jl_cmd_sheet_export(struct jl_cli *cli) {
    static const struct jl_option options[] = {
        {"unmask", NULL,
         "导出完整证件号和电话，须写事由 / sensitive values in full; needs --reason"},
        {"reason", "TEXT", "事由，记入访问记录 / why; goes into the access log"},
    };
    static const struct jl_cli_spec spec = {.arguments = "TYPE FILE",
                                            .least = 2,
                                            .most = 2,
                                            .options = options,
                                            .option_count = sizeof options / sizeof *options};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_FILES, export_file);
}

int jl_cmd_sheet_template(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {.arguments = "TYPE FILE", .least = 2, .most = 2};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_LOOKS, write_template);
}
