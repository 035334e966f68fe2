/* `undo CHANGESET [--dry-run]`: take back one import, merge or bulk edit, or say what that would
 * do. */
#include "jielian/base/fault.h"
#include "jielian/cli/meter.h"
#include "jielian/cli/print.h"
#include "jielian/cli/terminal.h"
#include "jielian/command/commands.h"
#include "jielian/command/desk_session.h"

#include <inttypes.h>
#include <string.h>

struct action_text {
    const char *what, *zh, *en;
};
static const struct action_text action_texts[] = {
    {"delete", "删除", "deleted"},
    {"edit", "改回原值", "set back"},
    {"restore", "恢复", "restored"},
    {"transfer", "转回原镇街", "moved back"},
};

static const char *text_of(const json_t *item, const char *name) {
    return json_string_value(json_object_get(item, name));
}

static const char *in_words(const struct jl_cli *cli, const char *what) {
    for (size_t i = 0; i < sizeof action_texts / sizeof *action_texts; i++) {
        if (strcmp(action_texts[i].what, what) == 0) {
            return JL_ZH_EN(cli->language, action_texts[i].zh, action_texts[i].en);
        }
    }
    return what;
}

/* ---- Answers ---- */

static enum jl_rc print_kept(const struct jl_undo_result *result, struct jl_err *err) {
    size_t index = 0;
    const json_t *item = NULL;
    JL_AUTO(jl_buf) title = {0};
    json_array_foreach(result->kept_records, index, item) {
        jl_buf_reset(&title);
        enum jl_rc rc = jl_terminal_fit(jl_bytes_text(text_of(item, "title")), 0, &title, err);
        if (rc != JL_OK) {
            return rc;
        }
        printf("  %s %s %.*s：%s\n", text_of(item, "label"), text_of(item, "id"), (int)title.size,
               title.size > 0 ? (const char *)title.data : "", text_of(item, "why"));
    }
    return JL_OK;
}

static enum jl_rc print_text(const struct jl_cli *cli, const struct jl_undo_result *result,
                             bool dry_run, struct jl_err *err) {
    size_t index = 0;
    const json_t *item = NULL;
    if (dry_run) {
        printf(JL_ZH_EN(cli->language,
                        "预览：将撤销 %" PRIu64 " 条，保留 %" PRIu64 " 条（未作任何修改）\n",
                        "would take back %" PRIu64 " and keep %" PRIu64 "; nothing is changed\n"),
               result->undone, result->kept);
    } else {
        printf(JL_ZH_EN(cli->language, "已撤销 %" PRIu64 " 条，保留 %" PRIu64 " 条\n",
                        "%" PRIu64 " taken back, %" PRIu64 " kept\n"),
               result->undone, result->kept);
    }
    json_array_foreach(result->actions, index, item) {
        printf(JL_ZH_EN(cli->language, "  %s：%s %" JSON_INTEGER_FORMAT " 条\n",
                        "  %s: %s %" JSON_INTEGER_FORMAT "\n"),
               text_of(item, "label"), in_words(cli, text_of(item, "what")),
               json_integer_value(json_object_get(item, "records")));
    }
    if (result->kept > 0) {
        printf("%s\n", JL_ZH_EN(cli->language, "保留的：", "kept:"));
    }
    return print_kept(result, err);
}

static enum jl_rc print_json(const struct jl_undo_result *result, bool dry_run,
                             struct jl_err *err) {
    char set[JL_ID_TEXT_BYTES];
    jl_id_format(&result->change_set, set);
    return jl_print_answer(
        json_pack("{s:I, s:I, s:O, s:O, s:s?, s:b}", "undone", (json_int_t)result->undone, "kept",
                  (json_int_t)result->kept, "actions", result->actions, "kept_records",
                  result->kept_records, "change_set",
                  jl_id_is_zero(&result->change_set) ? NULL : set, "dry_run", (int)dry_run),
        err);
}

/* ---- The command ---- */

static enum jl_rc read_id(const struct jl_cli *cli, struct jl_id *out_id, struct jl_err *err) {
    if (jl_id_parse(cli->words[0], out_id, err) == JL_OK) {
        return JL_OK;
    }
    return jl_fault_at(err, JL_MISUSE, JL_FAULT_UNDO_ID, "%s", cli->words[0]);
}

static enum jl_rc run_undo(struct jl_cli *cli, struct jl_desk_session *session,
                           struct jl_undo_options *options, struct jl_err *err) {
    JL_AUTO(jl_undo_result) result = {0};
    struct jl_meter meter;
    options->progress = jl_meter_step;
    options->progress_context = &meter;
    jl_meter_init(&meter, cli);
    enum jl_rc rc = jl_undo_run(&session->desk, options, &result, err);
    jl_meter_end(&meter);
    if (!options->dry_run) {
        jl_desk_session_ring(session); /* after a failure too: chunks before it are saved */
    }
    if (rc != JL_OK) {
        return rc;
    }
    session->attention = result.kept > 0;
    return cli->json ? print_json(&result, options->dry_run, err)
                     : print_text(cli, &result, options->dry_run, err);
}

static enum jl_rc undo(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    JL_AUTO(jl_arena) kept = {0};
    struct jl_undo_options options = {.dry_run = jl_cli_has(cli, "dry-run")};
    enum jl_rc rc = read_id(cli, &options.change_set, err);
    if (rc == JL_OK) {
        rc = jl_desk_session_open(cli, options.dry_run ? JL_STORE_READ : JL_STORE_WRITE, session,
                                  err);
    }
    if (rc == JL_OK) {
        rc = jl_desk_session_change_set(session, &options.change_set, &kept, &options.ops,
                                        &options.op_count, err);
    }
    return rc == JL_OK ? run_undo(cli, session, &options, err) : rc;
}

int jl_cmd_undo(struct jl_cli *cli) {
    static const struct jl_option options[] = {
        {"dry-run", NULL, "只预览，不修改 / say what it would do, change nothing"}};
    static const struct jl_cli_spec spec = {
        .arguments = "CHANGESET", .least = 1, .most = 1, .options = options, .option_count = 1};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_NAMED, undo);
}
