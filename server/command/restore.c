/* restore: a backup, into an empty folder; or a record that was deleted. */
#include "district_commands.h"
#include "json_time.h"
#include "status.h"

#include "server/books/backup.h"
#include "server/judge/accept_entry.h"

#include "jielian/base/date.h"
#include "jielian/base/fault.h"
#include "jielian/cli/print.h"
#include "jielian/command/commands.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* What the backup holds: the newest change of all, and of each device. */
static enum jl_rc tell_restored(struct jl_cli *cli, const char *folder,
                                struct jl_district *district, struct jl_err *err) {
    json_t *devices = NULL;
    json_t *admissions = NULL;
    enum jl_rc rc = jl_status_readmitted(district, &admissions, err);
    if (rc == JL_OK) {
        rc = jl_status_restored_devices(district, &devices, err);
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
    rc = jl_status_print_restored_devices(cli, devices, err);
    jl_status_print_readmitted(cli, admissions);
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
static enum jl_rc explain_keys(const char *file, struct jl_err *err) {
    char keys[JL_PATH_MAX_BYTES + 8];
    struct jl_err why = {0};
    snprintf(keys, sizeof keys, "%s.keys", file);
    enum jl_rc seen = jl_file_look(file, &why) == JL_OK ? jl_file_look(keys, &why) : JL_OK;
    if (seen == JL_NOT_FOUND) {
        return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_RESTORE_KEYS_MISSING, "%s", keys);
    }
    if (seen == JL_DENIED) {
        return jl_fault_at(err, JL_DENIED, JL_FAULT_RESTORE_KEYS_CLOSED, "%s", keys);
    }
    seen = seen == JL_OK ? jl_backup_check(file, jl_bytes(NULL, 0), &why) : seen;
    if (seen != JL_DENIED) {
        return err->rc;
    }
    return jl_fault_at(err, JL_DENIED, JL_FAULT_RESTORE_KEYS_OTHER, "%s" JL_AND "%s", keys, file);
}

static enum jl_rc restore(struct jl_cli *cli, struct jl_err *err) {
    const char *folder = NULL;
    const struct jl_district_options options = {.mode = JL_STORE_READ, .clock = jl_clock_system()};
    JL_AUTO_PTR(jl_district) district = NULL;
    enum jl_rc rc = jl_cli_folder(cli, &folder, err);
    if (rc == JL_OK) {
        rc = jl_backup_restore(folder, cli->words[0], jl_bytes(NULL, 0), jl_accept_entry, err);
        if (rc != JL_OK) {
            rc = explain_keys(cli->words[0], err);
        }
    }
    if (rc == JL_OK) {
        rc = jl_district_open(folder, &options, &district, err);
    }
    return rc == JL_OK ? tell_restored(cli, folder, district, err) : rc;
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
