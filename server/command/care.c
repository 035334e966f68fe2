/* backup, restore, verify. */
#include "district_cmd.h"

#include "server/books/verified.h"

#include "jielian/base/date.h"
#include "jielian/base/path.h"
#include "jielian/cli/print.h"
#include "jielian/command/commands.h"
#include "jielian/desk/damage.h"

#include <inttypes.h>
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
        rc = jl_fail(err, JL_NOT_FOUND, "%s",
                     JL_ZH_EN(cli->language, "数据目录是旧程序的，还没有准入记录",
                              "the folder is an earlier program's and has no admission log yet"));
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
        rc = jl_district_backup_keep(session.district, cli->words[0], &why);
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
        rc = jl_district_backup(district, file, err);
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

/* What the backup holds: the newest change of all, and of each device. */
static enum jl_rc tell_restored(struct jl_cli *cli, const char *folder,
                                struct jl_district *district, struct jl_err *err) {
    json_t *devices = NULL;
    json_t *admissions = NULL;
    enum jl_rc rc = jl_readmitted_document(district, &admissions, err);
    if (rc == JL_OK) {
        rc = jl_restored_devices(district, &devices, err);
    }
    if (rc != JL_OK) {
        json_decref(admissions);
        return rc;
    }
    const struct jl_restored *restored = &district->restored;
    if (cli->json) {
        return jl_print_answer(json_pack("{s:s, s:b, s:o, s:I, s:o, s:o, s:o}", "folder", folder,
                                         "restored", 1, "at", jl_json_time(restored->at_ms),
                                         "entries", (json_int_t)restored->journal_seq,
                                         "backup_until", jl_json_time(restored->last_ms), "devices",
                                         devices, "admissions", admissions),
                               err);
    }
    char until[JL_DATE_TIME_BYTES];
    jl_date_format_time(restored->last_ms, until);
    printf(JL_ZH_EN(cli->language, "已恢复到 %s。备份里有 %" PRIu64 " 批改动，最后一批收于 %s：\n",
                    "restored into %s. The backup holds %" PRIu64
                    " batches of changes, the last one received %s:\n"),
           folder, restored->journal_seq, restored->last_ms != 0 ? until : "—");
    rc = jl_restored_print(cli, devices, err);
    jl_readmitted_print(cli, admissions);
    json_decref(devices);
    json_decref(admissions);
    printf("%s", JL_ZH_EN(cli->language,
                          "各镇街下次联系时会补送备份之后的改动，status 里看得到补送了多少条；"
                          "区总工会自己在备份之后录入的不会回来。下一步：verify，然后 serve\n",
                          "Offices offer again what came after the backup; `status` says how much "
                          "came back. What the district's own staff entered since is not among it. "
                          "Next: verify, then serve\n"));
    return rc;
}

/* FILE.keys in the person's words, where it is what hinders the restore. */
static enum jl_rc explain_keys(const struct jl_cli *cli, const char *file, struct jl_err *err) {
    char keys[JL_PATH_MAX_BYTES + 8];
    struct jl_err why = {0};
    snprintf(keys, sizeof keys, "%s.keys", file);
    enum jl_rc seen = jl_file_look(file, &why) == JL_OK ? jl_file_look(keys, &why) : JL_OK;
    if (seen == JL_NOT_FOUND) {
        return jl_fail(
            err, JL_NOT_FOUND,
            JL_ZH_EN(cli->language,
                     "%s 不在：一份备份是两个文件，请把同一份备份的 .keys 放在它旁边",
                     "%s is missing: a backup is two files, FILE and FILE.keys; put both "
                     "side by side"),
            keys);
    }
    if (seen == JL_DENIED) {
        return jl_fail(err, JL_DENIED,
                       JL_ZH_EN(cli->language, "%s：当前用户无权读取；请换有权限的用户运行",
                                "%s: this user may not read it; run the command as one who may"),
                       keys);
    }
    seen = seen == JL_OK ? jl_district_backup_check(file, jl_bytes(NULL, 0), &why) : seen;
    if (seen != JL_DENIED) {
        return err->rc;
    }
    return jl_fail(err, JL_DENIED,
                   JL_ZH_EN(cli->language,
                            "%s 不是 %s 的密钥（是另一份备份的，或有口令保护）；请放回同一份备份的 "
                            ".keys。什么都没有恢复",
                            "%s: not the keys of %s, but of another backup, or under a passphrase; "
                            "put its own .keys beside it. Nothing was restored"),
                   keys, file);
}

static enum jl_rc restore(struct jl_cli *cli, struct jl_err *err) {
    const char *folder = NULL;
    const struct jl_district_options options = {.mode = JL_STORE_READ, .clock = jl_clock_system()};
    JL_AUTO_PTR(jl_district) district = NULL;
    enum jl_rc rc = jl_cli_folder(cli, &folder, err);
    if (rc == JL_OK) {
        rc = jl_district_restore(folder, cli->words[0], jl_bytes(NULL, 0), err);
        if (rc != JL_OK) {
            rc = explain_keys(cli, cli->words[0], err);
        }
    }
    if (rc == JL_OK) {
        rc = jl_district_open(folder, &options, &district, err);
    }
    return rc == JL_OK ? tell_restored(cli, folder, district, err) : rc;
}

/* ---- verify ---- */

/* district.h gives progress no context; a command verifies once. */
static void show_progress(uint64_t done, uint64_t total) {
    fprintf(stderr, "\r%" PRIu64 " / %" PRIu64, done, total);
}

/* Damage is an answer here: what is affected, and what to do. */
static enum jl_rc look(struct jl_cli *cli, const char *folder, struct jl_verify_result *out_result,
                       json_t **out_findings, struct jl_err *err) {
    struct jl_desk_session session = {0};
    struct jl_err why = {0};
    bool shown = !cli->json && isatty(STDERR_FILENO) != 0;
    enum jl_rc rc = jl_desk_session_open(cli, JL_STORE_READ_COPY, &session, &why);
    bool opened = rc == JL_OK;
    if (opened) {
        rc = jl_district_verify(session.district, shown ? show_progress : NULL, out_result, &why);
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
            snprintf(out_result->difference, sizeof out_result->difference, "%.*s",
                     (int)sizeof out_result->difference - 1, why.text);
        }
        rc = jl_damage_find(cli, folder, JL_STORE_DISTRICT_ID,
                            opened ? session.desk.books->catalogue : NULL, out_findings, err);
    }
    jl_desk_session_fini(&session);
    return rc;
}

static enum jl_rc tell(struct jl_cli *cli, const char *folder,
                       const struct jl_verify_result *result, const json_t *findings, bool good,
                       struct jl_err *err) {
    char next[2 * JL_PATH_MAX_BYTES];
    snprintf(next, sizeof next, "jielian-district restore BACKUP --data %s-new", folder);
    if (cli->json) {
        return jl_print_answer(json_pack("{s:b, s:I, s:I, s:s?, s:O, s:s?}", "same", good,
                                         "entries", (json_int_t)result->entries, "ops",
                                         (json_int_t)result->ops, "difference",
                                         result->same ? NULL : result->difference, "findings",
                                         findings, "next", good ? NULL : next),
                               err);
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
                    result->difference);
    }
    jl_damage_note(cli, folder, findings);
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
    json_t *findings = NULL;
    bool good = false;
    enum jl_rc rc = jl_cli_folder(cli, &folder, err);
    if (rc == JL_OK) {
        rc = look(cli, folder, &result, &findings, err);
    }
    if (rc == JL_OK) {
        good = result.same && json_array_size(findings) == 0;
        rc = tell(cli, folder, &result, findings, good, err);
    }
    json_decref(findings);
    if (rc != JL_OK) {
        return jl_cli_fail(cli, err);
    }
    return good ? JL_EXIT_DONE : JL_EXIT_FAILED;
}

/* ---- Commands ---- */

static const struct jl_cli_spec file_spec = {.arguments = "FILE", .least = 1, .most = 1};

int jl_cmd_backup(struct jl_cli *cli) {
    return jl_run_seated(cli, &file_spec, JL_STORE_READ, backup);
}

/* One word: a backup, into an empty folder. Two: a record, in the books that are there. */
static enum jl_rc restore_either(struct jl_cli *cli, struct jl_desk_session *session,
                                 struct jl_err *err) {
    return cli->word_count == 1 ? restore(cli, err) : jl_cmd_record_do_restore(cli, session, err);
}

int jl_cmd_restore(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {.arguments = "FILE | TYPE ID", .least = 1, .most = 2};
    return jl_desk_session_run(cli, &spec, JL_DESK_SESSION_NAMED, restore_either);
}

int jl_cmd_verify(struct jl_cli *cli) {
    static const struct jl_cli_spec spec = {.arguments = ""};
    int exit_code = 0;
    struct jl_err err = {0};
    if (!jl_cli_parse(cli, &spec, &exit_code)) {
        return exit_code;
    }
    return verify(cli, &err);
}
