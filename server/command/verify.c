/* verify: replay the journal and compare. */
#include "district_commands.h"

#include "server/books/backup.h"
#include "server/books/verified.h"
#include "server/books/verify.h"

#include "jielian/base/date.h"
#include "jielian/base/path.h"
#include "jielian/cli/print.h"
#include "jielian/command/commands.h"
#include "jielian/command/damage_note.h"
#include "jielian/desk/damage.h"
#include "jielian/json/document.h"
#include "jielian/message/fault_text.h"

#include <inttypes.h>
#include <unistd.h>

/* ---- verify ---- */

/* district.h gives progress no context; a command verifies once. */
static void show_progress(uint64_t done, uint64_t total) {
    fprintf(stderr, "\r%" PRIu64 " / %" PRIu64, done, total);
}

/* Damage is an answer here: what is affected, and what to do. */
static enum jl_rc look(struct jl_cli *cli, const char *folder, struct jl_verify_result *out_result,
                       struct jl_arena *arena, struct jl_damage *out_damage, struct jl_err *err) {
    struct jl_desk_session session = {0};
    struct jl_err why = {0};
    bool shown = !cli->json && isatty(STDERR_FILENO) != 0;
    enum jl_rc rc = jl_desk_session_open(cli, JL_STORE_READ_COPY, &session, &why);
    bool opened = rc == JL_OK;
    if (opened) {
        rc = jl_verify_replay(session.district, shown ? show_progress : NULL, out_result, &why);
    }
    if (opened && shown) {
        fprintf(stderr, "\r\033[K");
    }
    bool damaged = rc == JL_CORRUPT || rc == JL_PROTO || (opened && rc == JL_NOT_FOUND);
    if (rc != JL_OK && !damaged) {
        *err = why;
    } else {
        if (damaged) {
            out_result->same = false;
            out_result->difference = why;
        }
        rc = jl_damage_find(folder, JL_STORE_DISTRICT_ID,
                            opened ? session.desk.books->catalogue : NULL, cli->language, arena,
                            out_damage, err);
    }
    jl_desk_session_fini(&session);
    return rc;
}

static enum jl_rc tell(struct jl_cli *cli, const char *folder,
                       const struct jl_verify_result *result, const struct jl_damage *damage,
                       bool good, struct jl_err *err) {
    char next[2 * JL_PATH_MAX_BYTES];
    char difference[JL_FAULT_TEXT_BYTES];
    (void)jl_fault_text(&result->difference, cli->language, difference);
    snprintf(next, sizeof next, "jielian-district restore BACKUP --data %s-new", folder);
    if (cli->json) {
        JL_AUTO(jl_document) document = {0};
        jl_document_object(&document, NULL);
        jl_document_bool(&document, "same", good);
        jl_document_count(&document, "entries", result->entries);
        jl_document_count(&document, "ops", result->ops);
        jl_document_string(&document, "difference", result->same ? NULL : difference);
        jl_damage_write(damage, "findings", &document);
        jl_document_string(&document, "next", good ? NULL : next);
        jl_document_end(&document);
        return jl_print_document(&document, err);
    }
    if (good) {
        printf(JL_ZH_EN(cli->language,
                        "一致：%" PRIu64 " 批，%" PRIu64 " 条改动，重放后与现有数据完全相同\n",
                        "identical: %" PRIu64 " entries, %" PRIu64
                        " ops give exactly these books\n"),
               result->entries, result->ops);
        return JL_OK;
    }
    if (!result->same) {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language, "与日志不一致：%s", "the journal says otherwise: %s"),
                    difference);
    }
    jl_damage_note(cli, folder, damage);
    jl_cli_note(cli,
                JL_ZH_EN(cli->language,
                         "下一步：停掉 serve，原目录保留不动，用最近一份好的备份恢复到空目录：%s；"
                         "备份之后的改动由各镇街补送",
                         "next: stop serve, keep this folder as it is, and restore the latest good "
                         "backup into an empty one: %s; offices offer again what came after it"),
                next);
    return JL_OK;
}

static int verify(struct jl_cli *cli, struct jl_err *err) {
    const char *folder = NULL;
    struct jl_verify_result result = {0};
    JL_AUTO(jl_arena) arena = {0};
    struct jl_damage damage = {0};
    bool good = false;
    enum jl_rc rc = jl_cli_folder(cli, &folder, err);
    if (rc == JL_OK) {
        rc = look(cli, folder, &result, &arena, &damage, err);
    }
    if (rc == JL_OK) {
        good = result.same && damage.count == 0;
        rc = tell(cli, folder, &result, &damage, good, err);
    }
    if (rc != JL_OK) {
        return jl_cli_fail(cli, err);
    }
    return good ? JL_EXIT_DONE : JL_EXIT_FAILED;
}

/* ---- Commands ---- */

int jl_cmd_verify(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {.arguments = ""};
    int exit_code = 0;
    struct jl_err err = {0};
    if (!jl_cli_parse(cli, &spec, &exit_code)) {
        return exit_code;
    }
    return verify(cli, &err);
}
