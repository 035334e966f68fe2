/* `status [--watch]`: which office is in step, which is not, and why not.
 *
 *   revoked, suspended   the district said so
 *   never                enrolled, but not heard of since
 *   offline              not heard of for OFFLINE_MS, or since the books were restored; devices
 *                        greet every 5 minutes
 *   unsent               changes wait at the office
 *   behind               changes wait for the office, or the last ones are not proven yet
 *   in_sync              proven identical, and nothing has moved since */
#include "status.h"
#include "district_commands.h"
#include "json_time.h"

#include "server/books/clock_check.h"
#include "server/books/daily.h"
#include "server/books/quota.h"
#include "server/quarantine/quarantine.h"

#include "jielian/base/date.h"
#include "jielian/base/fault.h"
#include "jielian/cli/print.h"
#include "jielian/op/merge.h"
#include "jielian/sync/session.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OFFLINE_MS = 2 * JL_SESSION_GREET_MS + 60 * 1000 };

struct state_text {
    const char *state, *zh, *en;
};
static const struct state_text state_texts[] = {
    {"in_sync", "一致", "in sync"},     {"unsent", "待发送", "unsent"},
    {"behind", "待更新", "behind"},     {"offline", "未联系", "offline"},
    {"suspended", "停用", "suspended"}, {"revoked", "已注销", "revoked"},
    {"never", "未启用", "never"},
};

static const char *in_words(const struct jl_cli *cli, const char *state) {
    for (size_t i = 0; i < sizeof state_texts / sizeof *state_texts; i++) {
        if (strcmp(state_texts[i].state, state) == 0) {
            return JL_ZH_EN(cli->language, state_texts[i].zh, state_texts[i].en);
        }
    }
    return state;
}

/* The device's present incarnation: the newest that is not retired. */
static const struct jl_origin *origin_of(const struct jl_district *district, uint32_t device) {
    const struct jl_origin *found = NULL;
    for (size_t i = 0; i < district->origin_count; i++) {
        const struct jl_origin *origin = &district->origins[i];
        if (origin->device == device && !origin->retired &&
            (found == NULL || origin->number > found->number)) {
            found = origin;
        }
    }
    return found;
}

static enum jl_rc state_of(struct jl_district *district, const struct jl_device *device,
                           const char **out_state, struct jl_err *err) {
    const struct jl_origin *origin = origin_of(district, device->number);
    int64_t now_ms = district->clock.wall_ms(district->clock.context);
    /* Heard in the future: by a clock that was wrong, and not since it is right. */
    int64_t silent_ms = jl_clock_check_minus(now_ms, device->last_seen_ms);
    uint64_t heads[2] = {0};
    struct jl_returned back = {0};
    enum jl_rc rc = jl_feed_state_heads(district, device->office, heads, err);
    if (rc == JL_OK) {
        rc = jl_restored_returned(district, device->number, &back, err);
    }
    bool missing = district->restored.at_ms != 0 && !back.heard;
    bool level = origin != NULL && origin->cursor[0] == heads[0] && origin->cursor[1] == heads[1];
    if (device->state == JL_DEVICE_REVOKED) {
        *out_state = "revoked";
    } else if (device->state == JL_DEVICE_SUSPENDED) {
        *out_state = "suspended";
    } else if (device->last_seen_ms == 0) {
        *out_state = "never";
    } else if (missing || silent_ms > OFFLINE_MS || silent_ms < -OFFLINE_MS) {
        *out_state = "offline";
    } else if (device->unsent > 0) {
        *out_state = "unsent";
    } else {
        *out_state = level && device->proven_ms != 0 ? "in_sync" : "behind";
    }
    return rc;
}

/* ---- Open cases, by the office that owns them ---- */

struct open_cases {
    uint64_t cases, held; /* held: they close themselves */
};

static enum jl_rc count_case(void *context, const struct jl_open_case *found, struct jl_err *err) {
    struct open_cases *open = context;
    uint32_t owner = found->head->owner < JL_OFFICES_MAX ? found->head->owner : 0;
    (void)err;
    if (found->kind == JL_CASE_HELD) {
        open[owner].held++;
    } else {
        open[owner].cases++;
    }
    return JL_OK;
}

/* One for each office number, the district's own under 0; the caller frees. */
static enum jl_rc count_cases(struct jl_district *district, struct open_cases **out_open,
                              struct jl_err *err) {
    struct open_cases *open = calloc(JL_OFFICES_MAX, sizeof *open);
    if (open == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_books_open_cases(district->books, count_case, open, err);
    if (rc != JL_OK) {
        free(open);
        return rc;
    }
    *out_open = open;
    return JL_OK;
}

/* ---- The document ---- */

/* What of its day's quota the device has used up. */
static enum jl_rc quota_of(struct jl_district *district, const struct jl_device *device,
                           json_t **out_quota, struct jl_err *err) {
    struct jl_quota quota;
    enum jl_rc rc = jl_quota_get(district, device->number, &quota, err);
    if (rc != JL_OK) {
        return rc;
    }
    *out_quota = json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "ops", (json_int_t)quota.ops, "ops_most",
        (json_int_t)JL_QUOTA_OPS, "refused_bytes", (json_int_t)quota.refused_bytes,
        "refused_bytes_most", (json_int_t)JL_QUOTA_REFUSED_BYTES, "bytes", (json_int_t)quota.bytes,
        "bytes_most", (json_int_t)JL_QUOTA_BYTES, "over", (int)(jl_quota_over(&quota) != NULL));
    return *out_quota != NULL ? JL_OK : jl_fault_memory(err);
}

static enum jl_rc add_device(const struct jl_cli *cli, struct jl_district *district,
                             const struct jl_device *device, json_t *devices, struct jl_err *err) {
    const char *state = "";
    const struct jl_origin *origin = origin_of(district, device->number);
    json_t *back = NULL;
    json_t *refusals = NULL;
    json_t *quota = NULL;
    uint64_t held = 0;
    enum jl_rc rc = state_of(district, device, &state, err);
    if (rc == JL_OK) {
        rc = jl_quarantine_count(district, device->number, &held, err);
    }
    if (rc == JL_OK) {
        rc = jl_status_returned_of(district, device->number, &back, err);
    }
    if (rc == JL_OK) {
        rc = jl_status_refusals(cli, district, device->number, &refusals, err);
    }
    if (rc == JL_OK) {
        rc = quota_of(district, device, &quota, err);
    }
    if (rc != JL_OK) {
        json_decref(back);
        json_decref(refusals);
        return rc;
    }
    json_t *item = json_pack(
        "{s:I, s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:o, s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:o, "
        "s:I, s:o, s:o}",
        "id", (json_int_t)device->number, "name", device->name, "state", state, "last_seen",
        jl_json_time(device->last_seen_ms), "unsent", (json_int_t)device->unsent, "oldest_unsent_s",
        (json_int_t)device->oldest_unsent_s, "parked", (json_int_t)device->parked, "cases",
        (json_int_t)device->cases, "proven_at", jl_json_time(device->proven_ms), "version",
        device->version, "clock_offset_ms", (json_int_t)device->clock_offset_ms, "repairs",
        (json_int_t)device->repairs, "refused", (json_int_t)device->refused, "disk_free_mib",
        (json_int_t)device->disk_free_mib, "confirmed",
        (json_int_t)(origin != NULL ? origin->last_seq : 0), "came_back", back, "refusals",
        refusals, "quarantined", (json_int_t)held, "clock_is", jl_status_clock_of(district, device),
        "quota", quota);
    if (item == NULL || json_array_append_new(devices, item) != 0) {
        return jl_fault_memory(err);
    }
    return jl_status_said(district, device, item, err);
}

static enum jl_rc add_office(const struct jl_cli *cli, struct jl_district *district,
                             const struct jl_office_entry *office, const struct open_cases *open,
                             json_t *offices, struct jl_err *err) {
    json_t *devices = json_array();
    uint64_t doubles = 0;
    uint64_t asks = 0;
    enum jl_rc rc = jl_daily_pairs(district, office->number, &doubles, err);
    if (rc == JL_OK) {
        rc = jl_daily_asks(district, office->number, &asks, err);
    }
    json_t *item =
        json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:o}", "code", office->code, "name", office->name,
                  "cases", (json_int_t)open->cases, "held", (json_int_t)open->held, "doubles_today",
                  (json_int_t)doubles, "asks_today", (json_int_t)asks, "devices", devices);
    if (item == NULL || json_array_append_new(offices, item) != 0) {
        return jl_fault_memory(err);
    }
    for (size_t i = 0; rc == JL_OK && i < district->device_count; i++) {
        if (district->devices[i].office == office->number) {
            rc = add_device(cli, district, &district->devices[i], devices, err);
        }
    }
    return rc;
}

static enum jl_rc add_offices(const struct jl_cli *cli, struct jl_district *district,
                              json_t *document, struct jl_err *err) {
    struct open_cases *open = NULL;
    struct open_cases all = {0};
    json_t *offices = json_object_get(document, "offices");
    enum jl_rc rc = count_cases(district, &open, err);
    for (size_t i = 0; rc == JL_OK && i < JL_OFFICES_MAX; i++) {
        all.cases += open[i].cases;
        all.held += open[i].held;
    }
    for (size_t i = 0; rc == JL_OK && i < district->office_count; i++) {
        const struct jl_office_entry *office = &district->offices[i];
        rc = add_office(cli, district, office,
                        &open[office->number < JL_OFFICES_MAX ? office->number : 0], offices, err);
    }
    free(open);
    if (rc == JL_OK &&
        (json_object_set_new(document, "cases", json_integer((json_int_t)all.cases)) != 0 ||
         json_object_set_new(document, "held", json_integer((json_int_t)all.held)) != 0)) {
        rc = jl_fault_memory(err);
    }
    return rc;
}

static enum jl_rc add_admissions(struct jl_district *district, json_t *document,
                                 struct jl_err *err) {
    json_t *backups = NULL;
    json_t *unknown = NULL;
    enum jl_rc rc = jl_status_backups(district, &backups, err);
    if (rc == JL_OK) {
        rc = jl_status_unknown(district, &unknown, err);
    }
    /* Both are taken whatever becomes of them; one that is missing makes a failure, too. */
    bool set = json_object_set_new(document, "backups", backups) == 0;
    set = json_object_set_new(document, "unknown_keys", unknown) == 0 && set;
    return rc != JL_OK || set ? rc : jl_fault_memory(err);
}

static enum jl_rc read_status(const struct jl_cli *cli, struct jl_district *district,
                              json_t **out_document, struct jl_err *err) {
    json_t *strangers = NULL;
    json_t *clock = NULL;
    json_t *document = json_pack("{s:o}", "offices", json_array());
    json_t *restored = NULL;
    if (document == NULL) {
        return jl_fault_memory(err);
    }
    enum jl_rc rc = jl_district_begin(district, false, NULL, err);
    if (rc == JL_OK) {
        rc = jl_status_restored(district, &restored, err);
    }
    if (rc == JL_OK && json_object_set_new(document, "restored", restored) != 0) {
        rc = jl_fault_memory(err);
    }
    if (rc == JL_OK) {
        rc = jl_status_clock(district, &clock, err);
    }
    if (rc == JL_OK && json_object_set_new(document, "clock", clock) != 0) {
        rc = jl_fault_memory(err);
    }
    if (rc == JL_OK) {
        rc = add_offices(cli, district, document, err);
    }
    if (rc == JL_OK) {
        rc = add_admissions(district, document, err);
    }
    if (rc == JL_OK) {
        rc = jl_status_refusals(cli, district, 0, &strangers, err);
    }
    if (rc == JL_OK && json_object_set_new(document, "strangers", strangers) != 0) {
        rc = jl_fault_memory(err);
    }
    jl_store_rollback(district->books->store);
    if (rc != JL_OK) {
        json_decref(document);
        return rc;
    }
    *out_document = document;
    return JL_OK;
}

/* ---- For people ---- */

static void age_text(int64_t age_s, char out_text[static 32]) {
    if (age_s <= 0) {
        snprintf(out_text, 32, "%s", "");
    } else if (age_s < 3600) {
        snprintf(out_text, 32, "%" PRId64 "m", age_s / 60);
    } else if (age_s < 86400) {
        snprintf(out_text, 32, "%" PRId64 "h", age_s / 3600);
    } else {
        snprintf(out_text, 32, "%" PRId64 "d", age_s / 86400);
    }
}

/* "2026-11-22T14:02:07+08:00" → "11-22 14:02:07" */
static json_t *short_time(const json_t *time) {
    const char *text = json_string_value(time);
    char out[16];
    if (text == NULL || strlen(text) < 19) {
        return json_string("—");
    }
    snprintf(out, sizeof out, "%.5s %.8s", text + 5, text + 11);
    return json_string(out);
}

static json_t *row_of(const struct jl_cli *cli, const json_t *office, const json_t *device) {
    char age[32];
    age_text(json_integer_value(json_object_get(device, "oldest_unsent_s")), age);
    json_t *row = json_pack("{s:O, s:O}", "code", json_object_get(office, "code"), "name",
                            json_object_get(office, "name"));
    if (row == NULL || device == NULL) {
        return row;
    }
    const char *state = json_string_value(json_object_get(device, "state"));
    json_t *more =
        json_pack("{s:O, s:s, s:o, s:O, s:s, s:O, s:O, s:O, s:o, s:O}", "id",
                  json_object_get(device, "id"), "state", in_words(cli, state), "last_seen",
                  short_time(json_object_get(device, "last_seen")), "unsent",
                  json_object_get(device, "unsent"), "age", age, "parked",
                  json_object_get(device, "parked"), "cases", json_object_get(device, "cases"),
                  "quarantined", json_object_get(device, "quarantined"), "proven_at",
                  short_time(json_object_get(device, "proven_at")), "version",
                  json_object_get(device, "version"));
    bool made = more != NULL && json_object_update(row, more) == 0;
    json_decref(more);
    if (!made) {
        json_decref(row);
        return NULL;
    }
    return row;
}

static enum jl_rc add_rows(const struct jl_cli *cli, const json_t *office, json_t *rows,
                           struct jl_err *err) {
    size_t index = 0;
    const json_t *device = NULL;
    const json_t *devices = json_object_get(office, "devices");
    json_array_foreach(devices, index, device) {
        if (json_array_append_new(rows, row_of(cli, office, device)) != 0) {
            return jl_fault_memory(err);
        }
    }
    if (json_array_size(devices) == 0 &&
        json_array_append_new(rows, row_of(cli, office, NULL)) != 0) {
        return jl_fault_memory(err);
    }
    return JL_OK;
}

static void print_cases(const struct jl_cli *cli, const json_t *document) {
    json_int_t cases = json_integer_value(json_object_get(document, "cases"));
    json_int_t held = json_integer_value(json_object_get(document, "held"));
    if (cases > 0 || held > 0) {
        printf(JL_ZH_EN(cli->language,
                        "待处理事项 %" JSON_INTEGER_FORMAT
                        " 件（case list），另有 %" JSON_INTEGER_FORMAT
                        " 件等前序改动送达后自动办结\n",
                        "%" JSON_INTEGER_FORMAT " open cases (`case list`), and "
                        "%" JSON_INTEGER_FORMAT " that close themselves when an earlier change "
                        "arrives\n"),
               cases, held);
    }
}

/* Whose clerks enter many numbers that people of other offices have: mostly a whole list that was
 * typed in twice, and at worst somebody who tries numbers. */
static void print_doubles(const struct jl_cli *cli, const json_t *document) {
    size_t index = 0;
    const json_t *office = NULL;
    json_array_foreach(json_object_get(document, "offices"), index, office) {
        json_int_t count = json_integer_value(json_object_get(office, "doubles_today"));
        if (count > JL_DAILY_PAIRS) {
            printf(JL_ZH_EN(cli->language,
                            "%s 今天录入的内容中有 %" JSON_INTEGER_FORMAT
                            " 处与别的镇街相同，多于平常；请向该镇街核实\n",
                            "%s has entered %" JSON_INTEGER_FORMAT
                            " values today that another office has, too: more than usual; ask "
                            "there why\n"),
                   json_string_value(json_object_get(office, "code")), count);
        }
        count = json_integer_value(json_object_get(office, "asks_today"));
        if (count > JL_DAILY_ASKS) {
            printf(JL_ZH_EN(cli->language,
                            "%s 今天请求转入 %" JSON_INTEGER_FORMAT
                            " 人，超出的没有查找；请向该镇街核实\n",
                            "%s has asked for %" JSON_INTEGER_FORMAT
                            " people today; those over the limit were not looked up; ask there "
                            "why\n"),
                   json_string_value(json_object_get(office, "code")), count);
        }
    }
}

static enum jl_rc print_table(const struct jl_cli *cli, const json_t *document,
                              struct jl_err *err) {
    static const struct jl_print_column columns[] = {{"code", "代码", "code", false},
                                                     {"name", "镇街", "office", false},
                                                     {"id", "设备", "device", true},
                                                     {"state", "状态", "state", false},
                                                     {"last_seen", "最近联系", "seen", false},
                                                     {"unsent", "未发送", "unsent", true},
                                                     {"age", "最早", "oldest", true},
                                                     {"parked", "退回", "parked", true},
                                                     {"cases", "待处理", "cases", true},
                                                     {"quarantined", "待审", "quarantined", true},
                                                     {"proven_at", "核对一致", "proven", false},
                                                     {"version", "版本", "version", false}};
    size_t index = 0;
    const json_t *office = NULL;
    json_t *rows = json_array();
    enum jl_rc rc = rows != NULL ? JL_OK : jl_fault_memory(err);
    json_array_foreach(json_object_get(document, "offices"), index, office) {
        rc = rc == JL_OK ? add_rows(cli, office, rows, err) : rc;
    }
    if (rc == JL_OK) {
        rc = jl_print_table(cli, rows, columns, sizeof columns / sizeof *columns, err);
    }
    if (rc == JL_OK) {
        jl_status_print_clock(cli, document);
        print_cases(cli, document);
        print_doubles(cli, document);
        jl_status_print_refused(cli, document);
        jl_status_print_said(cli, document);
    }
    json_decref(rows);
    if (rc == JL_OK) {
        jl_status_print_restored(cli, document);
        jl_status_print_unknown(cli, json_object_get(document, "unknown_keys"));
    }
    return rc;
}

/* Every device that counts is in sync, nothing waits for a person, and the clock can be right. */
static bool all_good(const json_t *document) {
    const json_t *admissions = json_object_get(json_object_get(document, "restored"), "admissions");
    if (json_integer_value(json_object_get(document, "cases")) > 0 ||
        json_integer_value(json_object_get(document, "held")) > 0 ||
        json_integer_value(json_object_get(admissions, "accounts")) > 0) {
        return false;
    }
    size_t i = 0;
    size_t j = 0;
    const json_t *office = NULL;
    const json_t *device = NULL;
    if (!json_is_true(json_object_get(json_object_get(document, "clock"), "trusted"))) {
        return false;
    }
    json_array_foreach(json_object_get(document, "offices"), i, office) {
        json_array_foreach(json_object_get(office, "devices"), j, device) {
            const char *state = json_string_value(json_object_get(device, "state"));
            bool out = strcmp(state, "revoked") == 0 || strcmp(state, "never") == 0;
            if ((!out && strcmp(state, "in_sync") != 0) ||
                json_integer_value(json_object_get(device, "parked")) > 0 ||
                json_integer_value(json_object_get(device, "quarantined")) > 0) {
                return false;
            }
        }
    }
    return true;
}

/* ---- Watching ---- */

/* Sleeps a second; true when SIGINT or SIGTERM says that it is enough. */
static bool enough(const sigset_t *signals) {
    const struct timespec second = {.tv_sec = 1};
    return sigtimedwait(signals, NULL, &second) > 0;
}

static enum jl_rc watch(const struct jl_cli *cli, struct jl_district *district,
                        struct jl_err *err) {
    sigset_t signals;
    if (cli->json || isatty(STDOUT_FILENO) == 0) {
        return jl_fault(err, JL_MISUSE, JL_FAULT_STATUS_WATCH);
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    do {
        char now[JL_DATE_TIME_BYTES];
        json_t *document = NULL;
        enum jl_rc rc = read_status(cli, district, &document, err);
        if (rc != JL_OK) {
            return rc;
        }
        jl_date_format_time(district->clock.wall_ms(district->clock.context), now);
        printf("\033[H\033[J%s\n\n", now);
        rc = print_table(cli, document, err);
        json_decref(document);
        if (rc != JL_OK) {
            return rc;
        }
        (void)fflush(stdout);
    } while (!enough(&signals));
    return JL_OK;
}

int jl_cmd_status(struct jl_cli *cli) {
    static const struct jl_option options[] = {
        {"watch", NULL, "每秒刷新 / draw it anew every second"}};
    static const struct jl_cli_spec spec = {.arguments = "", .options = options, .option_count = 1};
    int exit_code = 0;
    struct jl_err err = {0};
    struct jl_desk_session session = {0};
    json_t *document = NULL;
    if (!jl_cli_parse(cli, &spec, &exit_code)) {
        return exit_code;
    }
    bool watching = jl_cli_has(cli, "watch");
    enum jl_rc rc = jl_desk_session_open(cli, JL_STORE_READ, &session, &err);
    if (rc == JL_OK) {
        rc = watching ? watch(cli, session.district, &err)
                      : read_status(cli, session.district, &document, &err);
    }
    if (rc == JL_OK && !watching) {
        rc = cli->json ? jl_print_json(document, stdout, &err) : print_table(cli, document, &err);
    }
    bool good = watching || all_good(document);
    json_decref(document);
    jl_desk_session_fini(&session);
    if (rc != JL_OK) {
        return jl_cli_fail(cli, &err);
    }
    return good ? JL_EXIT_DONE : JL_EXIT_ATTENTION;
}
