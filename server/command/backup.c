/* backup: books, keys and admission log, and how far the journal was replayed. */
#include "district_commands.h"
#include "json_time.h"
#include "run.h"

#include "server/books/backup.h"
#include "server/books/verified.h"

#include "jielian/base/date.h"
#include "jielian/base/fault.h"
#include "jielian/base/path.h"
#include "jielian/cli/print.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* How much of the journal was replayed, for a copy of damaged books is damaged, too. */
static void tell_verified(const struct jl_cli *cli, const struct jl_district *district,
                          const struct jl_verified *verified) {
    uint64_t since = district->state.journal_seq - verified->journal_seq;
    char at[JL_DATE_TIME_BYTES];
    jl_date_format_time(verified->at_ms, at);
    if (verified->journal_seq == 0) {
        printf("%s",
               JL_ZH_EN(cli->language,
                        "日志没有重放过：备份本身完好，但内容是否与日志一致还没有核对；请运行 "
                        "verify\n",
                        "the journal was never replayed: the copy is sound, but whether the "
                        "books are what the journal says was not checked; run verify\n"));
    } else if (since > 0) {
        printf(JL_ZH_EN(cli->language,
                        "日志在 %s 重放核对过，此后新增的 %" PRIu64
                        " 批没有重放；要核对请运行 verify\n",
                        "the journal was replayed at %s; %" PRIu64
                        " batches since then were not; run verify to check them\n"),
               at, since);
    } else {
        printf(JL_ZH_EN(cli->language, "日志在 %s 全部重放核对过\n",
                        "all of the journal was replayed at %s\n"),
               at);
    }
}

static enum jl_rc find_verified(struct jl_district *district, struct jl_verified *out_verified,
                                struct jl_err *err) {
    enum jl_rc rc = jl_district_begin(district, false, NULL, err);
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_verified_get(district, out_verified, err);
    jl_district_rollback(district);
    return rc;
}

/* Books of an earlier program are only read by a backup: opening them for writing would change
 * their tables. They get their log when `serve` or another command does so. */
static enum jl_rc open_to_keep(struct jl_cli *cli, struct jl_desk_session *session,
                               struct jl_err *err) {
    const char *folder = NULL;
    char path[JL_PATH_MAX_BYTES];
    enum jl_rc rc = jl_cli_folder(cli, &folder, err);
    if (rc == JL_OK) {
        rc = jl_path_join(folder, "admissions", path, sizeof path, err);
    }
    if (rc == JL_OK && !jl_file_exists(path)) {
        rc = jl_fault(err, JL_NOT_FOUND, JL_FAULT_BACKUP_NO_LOG);
    }
    return rc == JL_OK ? jl_desk_session_open(cli, JL_STORE_WRITE, session, err) : rc;
}

/* false: later events won't stand beside this backup; a person reads why. The books may be on a
 * full disk, so the backup was made without writing to them. */
static bool keep_backup(struct jl_cli *cli) {
    struct jl_err why = {0};
    struct jl_desk_session session = {0};
    enum jl_rc rc = open_to_keep(cli, &session, &why);
    if (rc == JL_OK) {
        rc = jl_backup_keep(session.district, cli->words[0], &why);
    }
    jl_desk_session_fini(&session);
    if (rc != JL_OK) {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language,
                             "备份完好，但以后的准入变动（加入、停用、注销、邀请）不会续写到 "
                             "%s.admissions：%s",
                             "the backup is whole, but later admissions (PCs, states, invitations) "
                             "will not be added to %s.admissions: %s"),
                    cli->words[0], why.text);
    }
    return rc == JL_OK;
}

static enum jl_rc backup(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    const char *file = cli->words[0];
    struct jl_district *district = session->district;
    struct jl_verified verified;
    enum jl_rc rc = find_verified(district, &verified, err);
    if (rc == JL_OK) {
        rc = jl_backup_write(district, file, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    bool kept = keep_backup(cli);
    if (cli->json) {
        char keys[JL_PATH_MAX_BYTES + 16];
        char admissions[JL_PATH_MAX_BYTES + 16];
        snprintf(keys, sizeof keys, "%s.keys", file);
        snprintf(admissions, sizeof admissions, "%s.admissions", file);
        return jl_print_answer(
            json_pack("{s:s, s:s, s:s, s:b, s:o, s:I}", "file", file, "keys", keys, "admissions",
                      admissions, "kept", (int)kept, "replayed_at", jl_json_time(verified.at_ms),
                      "not_replayed",
                      (json_int_t)(district->state.journal_seq - verified.journal_seq)),
            err);
    }
    printf(JL_ZH_EN(cli->language,
                    "已备份，副本完好：%s、%s.keys 和 %s.admissions。密钥要与其他两个分开保管；"
                    "恢复时三个放在一起，缺了密钥不行。\n",
                    "backed up, the copy is sound: %s, %s.keys and %s.admissions. Keep the keys "
                    "apart from the others; a restore wants all three side by side, and can't do "
                    "without the keys.\n"),
           file, file, file);
    tell_verified(cli, district, &verified);
    return JL_OK;
}

static const struct jl_cli_spec file_spec = {.arguments = "FILE", .least = 1, .most = 1};

int jl_cmd_backup(struct jl_cli *cli) {
    return jl_run_command(cli, &file_spec, JL_STORE_READ, backup);
}
