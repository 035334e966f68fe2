/* `verify`: is what lies on this PC's disk whole, and if not, what is affected and what to do.
 *
 *   findings     tables that SQLite can't read, or that are not what their indexes say → rebuild
 *   rows         records whose content is not what their checksum says                 → sync
 *   sums         the sums over all records are not those of the records                → sync
 *   outbox       own changes that can't be read; they follow each other                → rebuild
 *
 *   deep         all whole, but the records are not the district's                     → rebuild
 *
 * Nothing is changed. The last is asked of the district when all else is whole, unless --local says
 * not to; no answer is no finding. Ends 0 when all is well, 1 when something has to be done. */
#include "data_folder.h"
#include "office_commands.h"
#include "options.h"
#include "passphrase.h"
#include "stop.h"

#include "client/books/salvage.h"
#include "client/engine/deep_ask.h"

#include "jielian/base/fault.h"
#include "jielian/cli/print.h"
#include "jielian/command/folder.h"
#include "jielian/desk/damage.h"

#include <inttypes.h>
#include <string.h>

static const struct jl_option options[] = {
    {"local", NULL, "只检查本机，不与区总工会核对 / look at this PC alone"},
    JL_PASSPHRASE_OPTION,
};
static const struct jl_cli_spec spec = {
    .arguments = "", .options = options, .option_count = sizeof options / sizeof *options};

struct check {
    struct jl_cli *cli;
    const char *folder;
    json_t *findings;
    bool opened;
    struct jl_setsum sums[2];
    uint64_t rows;
    bool sums_same;
    struct jl_salvage salvage;
    enum jl_deep_result deep; /* NONE: not compared with the district */
};

static enum jl_rc count_head(void *context, const struct jl_head *head, struct jl_err *err) {
    struct check *check = context;
    (void)err;
    jl_setsum_add(&check->sums[head->owner == 0 ? 0 : 1], &head->id, head->hash);
    return JL_OK;
}

static enum jl_rc check_rows(struct check *check, struct jl_office *office, struct jl_err *err) {
    enum jl_rc rc = jl_office_begin(office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    for (int feed = 0; feed < 2; feed++) {
        jl_setsum_init(&check->sums[feed]);
    }
    rc = jl_books_scrub_check(office->books, count_head, check, &check->rows, err);
    check->sums_same = rc == JL_OK && jl_setsum_equal(&check->sums[0], &office->sums[0]) &&
                       jl_setsum_equal(&check->sums[1], &office->sums[1]);
    jl_store_rollback(office->books->store);
    return rc;
}

static bool is_damage(enum jl_rc rc) {
    return rc == JL_CORRUPT || rc == JL_PROTO || rc == JL_NOT_FOUND || rc == JL_MISUSE;
}

/* Damage is an answer here, not an error. */
static enum jl_rc look(struct check *check, struct jl_bytes passphrase, struct jl_err *err) {
    const struct jl_office_options office_options = {
        .mode = JL_STORE_READ, .passphrase = passphrase, .clock = jl_clock_system()};
    JL_AUTO_PTR(jl_office) office = NULL;
    struct jl_keys keys = {0};
    enum jl_rc rc = jl_keys_load(check->folder, passphrase, &keys, err);
    if (rc == JL_OK) {
        rc = jl_salvage_read(check->folder, &keys, &check->salvage, err);
    }
    jl_keys_fini(&keys);
    if (rc != JL_OK) {
        return jl_folder_explain(check->cli, JL_SIDE_OFFICE, check->folder, passphrase, err);
    }
    enum jl_rc opened = jl_office_open(check->folder, &office_options, &office, err);
    if (opened != JL_OK && !is_damage(opened)) {
        return opened;
    }
    rc = jl_damage_find(check->cli, check->folder, JL_STORE_OFFICE_ID,
                        office != NULL ? office->books->catalogue : NULL, &check->findings, err);
    if (rc != JL_OK || opened != JL_OK) {
        return rc;
    }
    rc = check_rows(check, office, err);
    check->opened = rc == JL_OK;
    return is_damage(rc) ? JL_OK : rc;
}

/* ---- Against the district ---- */

/* Not being able to ask is no fault of what lies here. */
static enum jl_rc compare(struct check *check, struct jl_bytes passphrase, struct jl_err *err) {
    const struct jl_office_options office_options = {
        .mode = JL_STORE_READ, .passphrase = passphrase, .clock = jl_clock_system()};
    JL_AUTO_PTR(jl_office) office = NULL;
    enum jl_rc rc = jl_data_folder_open(check->cli, check->folder, &office_options, &office, err);
    if (rc == JL_OK) {
        rc = jl_stop_on_signals(err);
    }
    return rc == JL_OK ? jl_deep_ask(office, &jl_stop, &check->deep, err) : rc;
}

/* ---- Saying it ---- */

static bool must_rebuild(const struct check *check) {
    const struct jl_salvage *salvage = &check->salvage;
    return json_array_size(check->findings) > 0 || !check->opened || salvage->unreadable > 0 ||
           salvage->breaks > 0 || check->deep == JL_DEEP_DIFFERENT;
}

static bool must_sync(const struct check *check) {
    return check->rows > 0 || !check->sums_same;
}

static enum jl_rc answer(const struct check *check, const char *next, struct jl_err *err) {
    const struct jl_salvage *salvage = &check->salvage;
    json_t *lost =
        salvage->state_read ? json_integer((json_int_t)salvage->unsent_unreadable) : json_null();
    return jl_print_answer(
        json_pack("{s:b, s:s, s:O, s:I, s:b, s:{s:I, s:I, s:I, s:o, s:I}, s:o, s:s?}", "good",
                  next == NULL, "folder", check->folder, "findings", check->findings,
                  "damaged_rows", (json_int_t)check->rows, "readable", check->opened, "outbox",
                  "kept", (json_int_t)salvage->count, "unsent", (json_int_t)salvage->unsent,
                  "unreadable", (json_int_t)salvage->unreadable, "unsent_unreadable", lost,
                  "chain_breaks", (json_int_t)salvage->breaks, "deep_equal",
                  check->deep == JL_DEEP_NONE ? json_null()
                                              : json_boolean(check->deep == JL_DEEP_IDENTICAL),
                  "next", next),
        err);
}

static void print(const struct check *check, const char *next) {
    const struct jl_cli *cli = check->cli;
    const struct jl_salvage *salvage = &check->salvage;
    if (next == NULL) {
        printf(JL_ZH_EN(cli->language,
                        "完好：%" PRIu64 " 条记录与校验值一致，发件箱 %zu 条都读得出\n",
                        "whole: %" PRIu64 " records match their checksums, all %zu changes of the "
                        "outbox can be read\n"),
               check->sums[0].count + check->sums[1].count, salvage->count);
        printf("%s\n",
               check->deep != JL_DEEP_NONE
                   ? JL_ZH_EN(cli->language, "与区总工会逐条核对一致",
                              "every record is the district's")
                   : JL_ZH_EN(cli->language, "没有与区总工会逐条核对；连上后运行 sync --deep",
                              "not compared with the district; once it answers, run sync --deep"));
        return;
    }
    if (check->deep == JL_DEEP_DIFFERENT) {
        jl_cli_note(cli, "%s",
                    JL_ZH_EN(cli->language, "本机完好，但记录内容与区总工会不同",
                             "what lies here is whole, but the records are not the district's"));
    }
    jl_damage_note(cli, check->folder, check->findings);
    if (check->rows > 0) {
        jl_cli_note(cli,
                    JL_ZH_EN(cli->language, "%" PRIu64 " 条记录的内容与校验值不符",
                             "%" PRIu64 " records do not match their checksums"),
                    check->rows);
    } else if (check->opened && !check->sums_same) {
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
    if (must_rebuild(check) && check->deep != JL_DEEP_DIFFERENT) {
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

static enum jl_rc tell(const struct check *check, bool *out_good, struct jl_err *err) {
    char text[JL_PATH_MAX_BYTES + 64];
    const char *next = NULL;
    if (must_rebuild(check) || must_sync(check)) {
        snprintf(text, sizeof text, "jielian-office %s --data %s",
                 must_rebuild(check) ? "rebuild" : "sync", check->folder);
        next = text;
    }
    *out_good = next == NULL;
    if (check->cli->json) {
        return answer(check, next, err);
    }
    print(check, next);
    return JL_OK;
}

/* Sound books of the district would look like damaged ones of an office. */
static enum jl_rc check_side(const struct check *check, struct jl_err *err) {
    char path[JL_PATH_MAX_BYTES];
    const struct jl_store_options as_district = {.mode = JL_STORE_READ,
                                                 .application_id = JL_STORE_DISTRICT_ID};
    JL_AUTO_PTR(jl_store) store = NULL;
    struct jl_err ignored; /* whatever it is then, what follows looks closer */
    jl_data_folder_path(check->folder, "jielian.db", path);
    if (jl_store_open(path, &as_district, &store, &ignored) != JL_OK) {
        return JL_OK;
    }
    return jl_fault_at(err, JL_MISUSE, JL_FAULT_VERIFY_DISTRICTS, "%s", check->folder);
}

static enum jl_rc check_place(const struct check *check, struct jl_err *err) {
    enum jl_rc rc = jl_folder_check(check->cli, JL_SIDE_OFFICE, check->folder, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (jl_data_folder_has(check->folder, "jielian.db")) {
        return check_side(check, err);
    }
    return jl_fault_at(err, JL_NOT_FOUND, JL_FAULT_VERIFY_NOT_READY, "%s", check->folder);
}

int jl_cmd_verify(struct jl_cli *cli) {
    int exit_code = 0;
    struct jl_err err = {0};
    struct jl_buf passphrase = {0};
    struct check check = {.cli = cli};
    bool good = false;
    if (!jl_cli_parse(cli, &spec, &exit_code)) {
        return exit_code;
    }
    enum jl_rc rc = jl_cli_folder(cli, &check.folder, &err);
    if (rc == JL_OK) {
        rc = check_place(&check, &err);
    }
    if (rc == JL_OK) {
        rc = jl_passphrase_read(cli, &passphrase, &err);
    }
    if (rc == JL_OK) {
        rc = look(&check, jl_buf_bytes(&passphrase), &err);
    }
    if (rc == JL_OK && !jl_cli_has(cli, "local") && !must_rebuild(&check) && !must_sync(&check)) {
        rc = compare(&check, jl_buf_bytes(&passphrase), &err);
    }
    if (rc == JL_OK) {
        rc = tell(&check, &good, &err);
    }
    json_decref(check.findings);
    jl_salvage_fini(&check.salvage);
    jl_buf_wipe(&passphrase);
    if (rc != JL_OK) {
        return jl_cli_fail(cli, &err);
    }
    return good ? JL_EXIT_DONE : JL_EXIT_FAILED;
}
