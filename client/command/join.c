/* `join INVITATION`: from an empty folder to proven books.
 *
 *   joining/keys      this device's keys before the district has answered; the proof key in it is
 *                     zero. It is made before Enrol goes out and used again by every further try,
 *                     so that a lost answer can be asked for once more
 *   keys              joining/keys with the district's proof key
 *   staged/           the books of the first download
 *   jielian.db        the proven books
 *
 * A step is done when its file is there and what came before is gone, so `join` after an
 * interruption goes on where it stood. Until Enrol has gone out, a failed try leaves nothing. */
#include "data_folder.h"
#include "enrolment.h"
#include "office_commands.h"
#include "options.h"
#include "passphrase.h"
#include "rejoin.h"
#include "runner.h"
#include "stop.h"

#include "client/books/identity.h"
#include "client/books/office.h"

#include "jielian/base/date.h"
#include "jielian/base/fault.h"
#include "jielian/base/log.h"
#include "jielian/base/path.h"
#include "jielian/crypto/random.h"
#include "jielian/crypto/signer.h"
#include "jielian/net/curve.h"

#include <inttypes.h>
#include <string.h>

enum { TIMEOUT_DEFAULT_S = JL_ENGINE_SILENT_MS / 1000 };

static const struct jl_option options[] = {
    {"timeout", "S", "多久连不上区总工会就放弃，默认 30 秒 / give up without an answer"},
    {"name", "NAME", "这台电脑的名称，默认主机名 / this PC's name for the operators"},
    JL_PASSPHRASE_OPTION,
};
static const struct jl_cli_spec spec = {.arguments = "INVITATION",
                                        .least = 1,
                                        .most = 1,
                                        .options = options,
                                        .option_count = sizeof options / sizeof *options};

struct jl_joining {
    struct jl_cli *cli;
    struct jl_runner runner;
    struct jl_buf passphrase;
    struct jl_invitation_text invitation;
    struct jl_keys keys;
    struct jl_enrolment enrolment;
    bool made_folder, made_lock, made_draft;
    bool again; /* the district had forgotten this PC */
};

static void jl_joining_fini(struct jl_joining *joining) {
    jl_runner_fini(&joining->runner);
    jl_invitation_text_fini(&joining->invitation);
    jl_keys_fini(&joining->keys);
    jl_buf_wipe(&joining->passphrase);
}

/* Books are here that no draft of keys says to be half-made. */
static bool is_joined(const char *folder) {
    return jl_data_folder_has(folder, "jielian.db") ||
           (jl_data_folder_has(folder, "keys") && jl_data_folder_has(folder, "staged/jielian.db") &&
            !jl_data_folder_has(folder, "joining/keys"));
}

/* ---- The invitation ---- */

static enum jl_rc read_invitation(struct jl_joining *joining, struct jl_err *err) {
    const struct jl_clock clock = jl_clock_system();
    const char *path = joining->cli->words[0];
    struct jl_buf text = {0};
    enum jl_rc rc = jl_file_read(path, JL_INVITATION_MAX_BYTES + 1, &text, err);
    if (rc == JL_OK) {
        rc = jl_invitation_decode(jl_buf_bytes(&text), &joining->invitation, err);
        if (rc != JL_OK) {
            rc = jl_fault_wrap(err, JL_FAULT_AT, "%s", path);
        }
    }
    jl_buf_wipe(&text);
    if (rc != JL_OK) {
        return rc == JL_LIMIT ? jl_fault_at(err, JL_PROTO, JL_FAULT_JOIN_NO_INVITATION, "%s", path)
                              : rc;
    }
    const char *folder = joining->runner.folder;
    bool resuming =
        jl_data_folder_has(folder, "jielian.db")
            ? jl_rejoin_begun(folder)
            : jl_data_folder_has(folder, "keys") || jl_data_folder_has(folder, "joining/keys");
    if (!resuming && joining->invitation.expires_ms <= clock.wall_ms(clock.context)) {
        char when[JL_DATE_TIME_BYTES];
        jl_date_format_time(joining->invitation.expires_ms, when);
        return jl_fault_at(err, JL_DENIED, JL_FAULT_JOIN_EXPIRED, "%s", when);
    }
    return JL_OK;
}

/* ---- The folder ---- */

static enum jl_rc remove_file(const char *folder, const char *name, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    jl_data_folder_path(folder, name, path);
    return path[0] == '\0' ? JL_OK : jl_file_remove(path, err);
}

static enum jl_rc remove_draft(struct jl_joining *joining, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    enum jl_rc rc = remove_file(joining->runner.folder, "joining/keys", err);
    if (rc == JL_OK) {
        rc = jl_path_join(joining->runner.folder, "joining", path, sizeof path, err);
    }
    return rc == JL_OK ? jl_file_drop_folder(path, err) : rc;
}

/* Nothing was asked of the district yet: leave the place as it was found. */
static void clean_up(struct jl_joining *joining) {
    struct jl_err ignored;
    const char *folder = joining->runner.folder;
    if (joining->made_draft && !joining->enrolment.asked &&
        remove_draft(joining, &ignored) != JL_OK) {
        jl_log_err(JL_LOG_WARN, "left_behind", &ignored);
    }
    if (joining->made_lock && !joining->enrolment.asked &&
        remove_file(folder, "run.lock", &ignored) != JL_OK) {
        jl_log_err(JL_LOG_WARN, "left_behind", &ignored);
    }
    if (joining->made_folder && !joining->enrolment.asked &&
        jl_file_drop_folder(folder, &ignored) != JL_OK) {
        jl_log_err(JL_LOG_WARN, "left_behind", &ignored);
    }
}

static enum jl_rc refuse_keyless(const struct jl_joining *joining, struct jl_err *err) {
    const char *folder = joining->runner.folder;
    /* A new enrolment would clear away what an earlier one, or a rebuild, has downloaded. */
    if (jl_data_folder_has(folder, "staged/jielian.db") && !jl_data_folder_has(folder, "keys") &&
        !jl_data_folder_has(folder, "joining/keys")) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_JOIN_KEYS_GONE, "%s", folder);
    }
    return JL_OK;
}

static enum jl_rc prepare_folder(struct jl_joining *joining, struct jl_err *err) {
    struct jl_runner *runner = &joining->runner;
    joining->made_folder = !jl_file_exists(runner->folder);
    enum jl_rc rc = jl_file_make_folder(runner->folder, err);
    if (rc == JL_NOT_FOUND) {
        return jl_fault_at(err, JL_MISUSE, JL_FAULT_JOIN_NO_PARENT, "%s", runner->folder);
    }
    bool had_lock = jl_data_folder_has(runner->folder, "run.lock");
    if (rc == JL_OK) {
        rc = jl_runner_lock(runner, 0, err);
    }
    joining->made_lock = rc == JL_OK && !had_lock;
    if (rc == JL_BUSY) {
        return jl_fault_at(err, JL_BUSY, JL_FAULT_FOLDER_IN_USE, "%s", runner->folder);
    }
    return rc == JL_OK ? refuse_keyless(joining, err) : rc;
}

/* ---- Keys ---- */

static enum jl_rc make_keys(struct jl_joining *joining, struct jl_err *err) {
    struct jl_keys *keys = &joining->keys;
    uint8_t curve_public[JL_CURVE_KEY_BYTES];
    keys->suite = joining->invitation.suite;
    enum jl_rc rc = jl_curve_keypair(curve_public, &keys->curve, err);
    if (rc == JL_OK) {
        rc = jl_signer_keypair(keys->suite, keys->sign_public, &keys->sign, err);
    }
    return rc == JL_OK ? jl_random(keys->data.bytes, sizeof keys->data.bytes, err) : rc;
}

static enum jl_rc take_draft(struct jl_joining *joining, struct jl_err *err) {
    char draft[JL_PATH_MAX_BYTES];
    struct jl_bytes passphrase = jl_buf_bytes(&joining->passphrase);
    enum jl_rc rc = jl_path_join(joining->runner.folder, "joining", draft, sizeof draft, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (jl_data_folder_has(draft, "keys")) {
        rc = jl_keys_load(draft, passphrase, &joining->keys, err);
    } else {
        joining->made_draft = true;
        rc = jl_file_make_folder(draft, err);
        if (rc == JL_OK) {
            rc = make_keys(joining, err);
        }
        if (rc == JL_OK) {
            rc = jl_keys_save(draft, &joining->keys, passphrase, err);
        }
    }
    return rc;
}

/* ---- Enrolling ---- */

static enum jl_rc enrol(struct jl_joining *joining, struct jl_err *err) {
    bool refused = false;
    struct jl_enrolment *enrolment = &joining->enrolment;
    enum jl_rc rc = jl_net_new(&joining->runner.net, err);
    enrolment->net = joining->runner.net;
    if (rc == JL_OK) {
        rc = take_draft(joining, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    rc = jl_enrolment_ask(enrolment, &joining->invitation.secret, &refused, err);
    bool denied = rc == JL_DENIED || (rc == JL_OK && refused);
    if (denied && !joining->made_draft) {
        /* Perhaps an earlier try was taken and only its answer was lost. */
        rc = jl_enrolment_ask(enrolment, &joining->keys.curve, &refused, err);
    }
    if (rc == JL_OK && refused) {
        rc = jl_fault(err, JL_DENIED, JL_FAULT_JOIN_NOT_ADMITTED);
    }
    return rc;
}

/* ---- What enrolment made ---- */

static enum jl_rc keep(struct jl_joining *joining, struct jl_err *err) {
    const char *folder = joining->runner.folder;
    /* Leftovers of a try that was cut off between these steps; the draft says that it was. */
    char staged[JL_PATH_MAX_BYTES];
    enum jl_rc rc = jl_path_join(folder, "staged/jielian.db", staged, sizeof staged, err);
    if (rc == JL_OK) {
        rc = jl_store_remove(staged, err);
    }
    if (rc == JL_OK) {
        rc = remove_file(folder, "keys", err);
    }
    if (rc == JL_OK) {
        rc = jl_keys_save(folder, &joining->keys, jl_buf_bytes(&joining->passphrase), err);
    }
    if (rc == JL_OK) {
        rc = jl_office_create(folder, &joining->keys, &joining->enrolment.identity, err);
    }
    return rc == JL_OK ? remove_draft(joining, err) : rc;
}

/* Books are here, settled or not: go on with them, or enrol them again. */
static enum jl_rc join_joined(struct jl_joining *joining, struct jl_err *err) {
    struct jl_enrolment *enrolment = &joining->enrolment;
    joining->runner.passphrase = jl_buf_bytes(&joining->passphrase);
    enum jl_rc rc = jl_net_new(&joining->runner.net, err);
    enrolment->net = joining->runner.net;
    if (rc == JL_OK) {
        rc = jl_rejoin(&joining->runner, enrolment, &joining->again, err);
    }
    return rc;
}

static enum jl_rc join(struct jl_joining *joining, struct jl_err *err) {
    const char *folder = joining->runner.folder;
    enum jl_rc rc = prepare_folder(joining, err);
    if (rc != JL_OK) {
        return rc;
    }
    bool enrolled = is_joined(folder);
    if (!enrolled && jl_data_folder_has(folder, "keys") &&
        !jl_data_folder_has(folder, "joining/keys")) {
        return jl_fault_at(err, JL_CONFLICT, JL_FAULT_JOIN_BOOKS_GONE, "%s", folder);
    }
    if (enrolled) {
        rc = join_joined(joining, err);
    } else {
        rc = enrol(joining, err);
        if (rc == JL_OK) {
            rc = keep(joining, err);
        }
    }
    if (rc == JL_OK) {
        joining->enrolment.asked = true;
        joining->runner.passphrase = jl_buf_bytes(&joining->passphrase);
        rc = jl_runner_open(&joining->runner, err);
    }
    return rc;
}

static int download(struct jl_joining *joining, struct jl_err *err) {
    const struct jl_engine_limits limits = {.until_proven = true,
                                            .silent_ms = JL_ENGINE_SILENT_MS,
                                            .lost_ms = JL_ENGINE_LOST_MS,
                                            .stuck_ms = JL_ENGINE_STUCK_MS,
                                            .stop = &jl_stop};
    const struct jl_identity *identity = &joining->runner.office->identity;
    if (!joining->cli->json) {
        jl_cli_note(
            joining->cli,
            joining->again
                ? JL_ZH_EN(joining->cli->language,
                           "已重新加入 %s %s（设备 %" PRIu32 "），本机的改动都在，正在同步…",
                           "joined %s %s again (device %" PRIu32
                           "); all changes of this PC are kept, syncing")
                : JL_ZH_EN(joining->cli->language, "已加入 %s %s（设备 %" PRIu32 "），正在下载…",
                           "joined %s %s (device %" PRIu32 "), downloading"),
            identity->code, identity->name, identity->device);
    }
    enum jl_engine_end end = 0;
    int exit_code = jl_runner_sync(&joining->runner, &limits, &end, err);
    if (exit_code == JL_EXIT_ATTENTION && end == JL_ENGINE_PROVEN) {
        return JL_EXIT_DONE; /* joined and proven: what waits for a person is the office's, as
                                before */
    }
    if (exit_code == JL_EXIT_ATTENTION) {
        jl_cli_note(joining->cli, "%s",
                    JL_ZH_EN(joining->cli->language,
                             "已经加入，首次下载还没有完成：运行 sync 会接着下载",
                             "joined, but the first download is not finished: run sync to go on"));
    }
    return exit_code;
}

int jl_cmd_join(struct jl_cli *cli) {
    int exit_code = 0;
    struct jl_err err = {0};
    JL_AUTO(jl_joining) joining = {.cli = cli, .runner = {.cli = cli, .lock = {.fd = -1}}};
    int64_t timeout_s = 0;
    const int64_t range[2] = {1, 3600};
    if (!jl_cli_parse(cli, &spec, &exit_code)) {
        return exit_code;
    }
    jl_log_set(JL_LOG_ERROR, 2);
    enum jl_rc rc = jl_cli_folder(cli, &joining.runner.folder, &err);
    if (rc == JL_OK) {
        rc = jl_cli_number(cli, "timeout", range, TIMEOUT_DEFAULT_S, &timeout_s, &err);
    }
    joining.enrolment = (struct jl_enrolment){.cli = cli,
                                              .invitation = &joining.invitation,
                                              .keys = &joining.keys,
                                              .timeout_ms = timeout_s * 1000};
    if (jl_cli_value(cli, "timeout") == NULL) {
        joining.enrolment.met_ms = JL_ENGINE_LOST_MS;
    }
    if (rc == JL_OK) {
        rc = jl_passphrase_read(cli, &joining.passphrase, &err);
    }
    if (rc == JL_OK) {
        rc = read_invitation(&joining, &err);
    }
    if (rc == JL_OK) {
        rc = jl_stop_on_signals(&err);
    }
    if (rc != JL_OK) {
        return jl_cli_fail(cli, &err);
    }
    rc = join(&joining, &err);
    if (rc != JL_OK) {
        clean_up(&joining);
        return jl_cli_fail(cli, &err);
    }
    exit_code = download(&joining, &err);
    return exit_code >= 0 ? exit_code : jl_cli_fail(cli, &err);
}
