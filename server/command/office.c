/* office add|list, invite, device list|suspend|resume|revoke. */
#include "district_cmd.h"

#include "server/books/clock_check.h"

#include "jielian/base/assert.h"
#include "jielian/cli/print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static const struct jl_cli_spec none_spec = {.arguments = ""};

/* ---- office ---- */

static enum jl_rc add_office(struct jl_cli *cli, struct jl_desk_session *session,
                             struct jl_err *err) {
    const int64_t range[2] = {1, JL_OFFICES_MAX - 1};
    int64_t said = 0;
    enum jl_rc rc = jl_cli_number(cli, "number", range, 0, &said, err);
    uint32_t number = (uint32_t)said;
    if (rc == JL_OK) {
        rc = jl_district_office_add(session->district, cli->words[0], cli->words[1],
                                    said != 0 ? &number : NULL, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_desk_session_ring(session);
    const struct jl_office_entry *office =
        jl_district_office_coded(session->district, cli->words[0]);
    JL_ASSERT(office != NULL);
    if (cli->json) {
        char id[JL_ID_TEXT_BYTES];
        jl_id_format(&office->id, id);
        return jl_print_answer(json_pack("{s:s, s:I, s:s, s:s}", "id", id, "number",
                                         (json_int_t)office->number, "code", office->code, "name",
                                         office->name),
                               err);
    }
    printf(JL_ZH_EN(cli->language, "已登记 %s %s。下一步：invite %s --endpoint … --out 文件\n",
                    "%s %s is here. Next: invite %s --endpoint … --out FILE\n"),
           office->code, office->name, office->code);
    return JL_OK;
}

static size_t devices_of(const struct jl_district *district, uint32_t office) {
    size_t count = 0;
    for (size_t i = 0; i < district->device_count; i++) {
        count += district->devices[i].office == office &&
                 district->devices[i].state != JL_DEVICE_REVOKED;
    }
    return count;
}

static enum jl_rc list_offices(struct jl_cli *cli, struct jl_desk_session *session,
                               struct jl_err *err) {
    static const struct jl_print_column columns[] = {{"number", "编号", "number", true},
                                                     {"code", "代码", "code", false},
                                                     {"name", "名称", "name", false},
                                                     {"devices", "设备", "devices", true}};
    const struct jl_district *district = session->district;
    json_t *rows = json_array();
    enum jl_rc rc = rows != NULL ? JL_OK : jl_fail(err, JL_NOMEM, "no memory for the offices");
    for (size_t i = 0; rc == JL_OK && i < district->office_count; i++) {
        const struct jl_office_entry *office = &district->offices[i];
        json_t *row = json_pack("{s:I, s:s, s:s, s:I}", "number", (json_int_t)office->number,
                                "code", office->code, "name", office->name, "devices",
                                (json_int_t)devices_of(district, office->number));
        if (row == NULL || json_array_append_new(rows, row) != 0) {
            rc = jl_fail(err, JL_NOMEM, "no memory for the offices");
        }
    }
    if (rc == JL_OK) {
        rc = cli->json ? jl_print_json(rows, stdout, err)
                       : jl_print_table(cli, rows, columns, sizeof columns / sizeof *columns, err);
    }
    json_decref(rows);
    return rc;
}

int jl_cmd_office_add(struct jl_cli *cli) {
    static const struct jl_option options[] = {JL_STAFF_OPTION,
                                               {"number", "N",
                                                "恢复后补登记：这个镇街原来的编号，见其电脑的 "
                                                "status / after a restore: the number that its "
                                                "PCs show in `status`"}};
    static const struct jl_cli_spec spec = {.arguments = "CODE NAME",
                                            .least = 2,
                                            .most = 2,
                                            .options = options,
                                            .option_count = sizeof options / sizeof *options};
    return jl_run_seated(cli, &spec, JL_STORE_WRITE, add_office);
}

int jl_cmd_office_list(struct jl_cli *cli) {
    return jl_run_seated(cli, &none_spec, JL_STORE_READ, list_offices);
}

/* ---- invite ---- */

static enum jl_rc write_invitation(struct jl_cli *cli, struct jl_desk_session *session,
                                   const char *path, int64_t days, struct jl_err *err) {
    struct jl_buf text = {0};
    const struct jl_office_entry *office =
        jl_district_office_coded(session->district, cli->words[0]);
    if (office == NULL) {
        return jl_fail(err, JL_NOT_FOUND,
                       JL_ZH_EN(cli->language, "没有代码为 %s 的镇街；请用 office list 查看",
                                "there is no office %s; see `office list`"),
                       cli->words[0]);
    }
    if (jl_file_exists(path)) { /* before the invitation is made */
        return jl_fail(err, JL_CONFLICT,
                       JL_ZH_EN(cli->language, "%s 已存在；请换一个文件名",
                                "%s exists already; choose another name"),
                       path);
    }
    enum jl_rc rc = jl_district_invite(session->district, office, jl_cli_value(cli, "endpoint"),
                                       days * DAY_MS, &text, err);
    if (rc == JL_OK) {
        rc = jl_file_write(path, jl_buf_bytes(&text), 0600, false, err);
    }
    jl_buf_wipe(&text);
    return rc;
}

/* When it expires is this clock's word. */
static void note_clock(const struct jl_cli *cli, const struct jl_district *district) {
    struct jl_clock_state clock;
    jl_clock_check(district, &clock);
    if (!jl_clock_check_trusted(&clock)) {
        jl_cli_note(
            cli, "%s",
            JL_ZH_EN(cli->language,
                     "本服务器的时钟不对（见 status）；这份邀请的有效期按它计算，可能提前失效",
                     "this server's clock is wrong (see `status`); by it the invitation "
                     "expires, perhaps too early"));
    }
}

static enum jl_rc invite(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    const char *path = jl_cli_value(cli, "out");
    const int64_t range[2] = {1, 365};
    int64_t days = 0;
    if (path == NULL || jl_cli_value(cli, "endpoint") == NULL) {
        return jl_fail(err, JL_MISUSE, "%s",
                       JL_ZH_EN(cli->language,
                                "请写 --endpoint（镇街连接的地址，如 tcp://192.168.1.10:7800）和 "
                                "--out 文件",
                                "say --endpoint (where the office connects, for example "
                                "tcp://192.168.1.10:7800) and --out FILE"));
    }
    enum jl_rc rc = jl_cli_number(cli, "valid-days", range, 7, &days, err);
    if (rc == JL_OK) {
        rc = write_invitation(cli, session, path, days, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    jl_desk_session_ring(session);
    note_clock(cli, session->district);
    if (cli->json) {
        return jl_print_answer(json_pack("{s:s, s:s, s:I}", "file", path, "office", cli->words[0],
                                         "valid_days", (json_int_t)days),
                               err);
    }
    printf(JL_ZH_EN(cli->language,
                    "邀请文件 %s：可加入一台电脑，%" PRId64
                    " 天内有效。请当面交付，像钥匙一样保管。\n",
                    "%s: good for one PC, for %" PRId64
                    " days. Hand it over in person; keep it like a key.\n"),
           path, days);
    return JL_OK;
}

int jl_cmd_invite(struct jl_cli *cli) {
    static const struct jl_option options[] = {
        {"endpoint", "ENDPOINT", "镇街连接的地址 / where the office connects"},
        {"out", "FILE", "邀请文件 / the invitation file"},
        {"valid-days", "N", "有效天数，默认 7 / days until it expires, default 7"}};
    static const struct jl_cli_spec spec = {.arguments = "CODE",
                                            .least = 1,
                                            .most = 1,
                                            .options = options,
                                            .option_count = sizeof options / sizeof *options};
    return jl_run_seated(cli, &spec, JL_STORE_WRITE, invite);
}

/* ---- device ---- */

static const char *state_word(enum jl_device_state state) {
    switch (state) {
    case JL_DEVICE_ACTIVE:
        return "active";
    case JL_DEVICE_SUSPENDED:
        return "suspended";
    case JL_DEVICE_REVOKED:
        break;
    }
    return "revoked";
}

static json_t *device_json(const struct jl_district *district, const struct jl_device *device) {
    const struct jl_office_entry *office = jl_district_office(district, device->office);
    return json_pack("{s:I, s:s, s:s, s:s, s:o, s:s}", "id", (json_int_t)device->number, "office",
                     office != NULL ? office->code : "", "state", state_word(device->state), "name",
                     device->name, "last_seen", jl_json_time(device->last_seen_ms), "version",
                     device->version);
}

static enum jl_rc list_devices(struct jl_cli *cli, struct jl_desk_session *session,
                               struct jl_err *err) {
    static const struct jl_print_column columns[] = {
        {"id", "设备", "device", true},           {"office", "镇街", "office", false},
        {"state", "状态", "state", false},        {"name", "名称", "name", false},
        {"last_seen", "最近联系", "seen", false}, {"version", "版本", "version", false}};
    json_t *rows = json_array();
    enum jl_rc rc = rows != NULL ? JL_OK : jl_fail(err, JL_NOMEM, "no memory for the devices");
    for (size_t i = 0; rc == JL_OK && i < session->district->device_count; i++) {
        json_t *row = device_json(session->district, &session->district->devices[i]);
        if (row == NULL || json_array_append_new(rows, row) != 0) {
            rc = jl_fail(err, JL_NOMEM, "no memory for the devices");
        }
    }
    if (rc == JL_OK) {
        rc = cli->json ? jl_print_json(rows, stdout, err)
                       : jl_print_table(cli, rows, columns, sizeof columns / sizeof *columns, err);
    }
    json_decref(rows);
    return rc;
}

static enum jl_rc set_state(struct jl_cli *cli, struct jl_desk_session *session,
                            enum jl_device_state state, struct jl_err *err) {
    char *end = NULL;
    unsigned long number = strtoul(cli->words[0], &end, 10);
    if (cli->words[0][0] < '0' || cli->words[0][0] > '9' || *end != '\0' ||
        number >= JL_DEVICES_MAX) {
        return jl_fail(err, JL_MISUSE,
                       JL_ZH_EN(cli->language, "“%s”不是设备编号；请用 device list 查看",
                                "\"%s\" is no device number; see `device list`"),
                       cli->words[0]);
    }
    enum jl_rc rc = jl_district_device_state(session->district, (uint32_t)number, state, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_desk_session_ring(session);
    if (cli->json) {
        return jl_print_answer(
            json_pack("{s:I, s:s}", "id", (json_int_t)number, "state", state_word(state)), err);
    }
    printf(JL_ZH_EN(cli->language, "设备 %lu：%s\n", "device %lu: %s\n"), number,
           state_word(state));
    return JL_OK;
}

static enum jl_rc suspend(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    return set_state(cli, session, JL_DEVICE_SUSPENDED, err);
}

static enum jl_rc resume_all(struct jl_cli *cli, struct jl_desk_session *session,
                             struct jl_err *err) {
    size_t count = 0;
    enum jl_rc rc = jl_district_resume_all(session->district, &count, err);
    if (rc != JL_OK) {
        return rc;
    }
    jl_desk_session_ring(session);
    if (cli->json) {
        return jl_print_answer(json_pack("{s:I, s:s}", "resumed", (json_int_t)count, "state",
                                         state_word(JL_DEVICE_ACTIVE)),
                               err);
    }
    printf(JL_ZH_EN(cli->language, "放行了 %zu 台因恢复备份而锁定的设备\n",
                    "%zu devices that a restore had locked are let in\n"),
           count);
    return JL_OK;
}

static enum jl_rc resume(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    if (strcmp(cli->words[0], "all") == 0) {
        return resume_all(cli, session, err);
    }
    return set_state(cli, session, JL_DEVICE_ACTIVE, err);
}
static enum jl_rc revoke(struct jl_cli *cli, struct jl_desk_session *session, struct jl_err *err) {
    return set_state(cli, session, JL_DEVICE_REVOKED, err);
}

static const struct jl_cli_spec number_spec = {.arguments = "N", .least = 1, .most = 1};
static const struct jl_cli_spec resume_spec = {.arguments = "N | all", .least = 1, .most = 1};

int jl_cmd_device_list(struct jl_cli *cli) {
    return jl_run_seated(cli, &none_spec, JL_STORE_READ, list_devices);
}
int jl_cmd_device_suspend(struct jl_cli *cli) {
    return jl_run_seated(cli, &number_spec, JL_STORE_WRITE, suspend);
}
int jl_cmd_device_resume(struct jl_cli *cli) {
    return jl_run_seated(cli, &resume_spec, JL_STORE_WRITE, resume);
}
int jl_cmd_device_revoke(struct jl_cli *cli) {
    return jl_run_seated(cli, &number_spec, JL_STORE_WRITE, revoke);
}
