/* What `restore` and `status` say of a restored district: how far the backup reaches, and what has
 * come back from whom since. Devices that are revoked can't bring anything back and are left out.
 */
#include "district_commands.h"
#include "json_time.h"
#include "status.h"

#include "jielian/base/fault.h"
#include "jielian/cli/print.h"
#include "jielian/store/journal.h"

#include <inttypes.h>
#include <string.h>

/* ---- restore ---- */

/* All incarnations of a device: how many ops, and when the newest was received. */
static enum jl_rc held_of(struct jl_district *district, uint32_t device, uint64_t *out_ops,
                          int64_t *out_last_ms, struct jl_err *err) {
    JL_AUTO(jl_arena) arena = {0};
    enum jl_rc rc = JL_OK;
    for (size_t i = 0; rc == JL_OK && i < district->origin_count; i++) {
        const struct jl_origin *origin = &district->origins[i];
        struct jl_journal_entry entry;
        if (origin->device != device || origin->last_seq == 0) {
            continue;
        }
        rc = jl_journal_entry_find(district->books->store, origin->number, origin->last_seq, &arena,
                                   &entry, err);
        if (rc == JL_OK) {
            *out_ops += origin->last_seq;
            *out_last_ms = entry.at_ms > *out_last_ms ? entry.at_ms : *out_last_ms;
        }
    }
    return rc;
}

enum jl_rc jl_status_restored_devices(struct jl_district *district, json_t **out_devices,
                                      struct jl_err *err) {
    json_t *devices = json_array();
    enum jl_rc rc = devices != NULL ? JL_OK : jl_fault_memory(err);
    for (size_t i = 0; rc == JL_OK && i < district->device_count; i++) {
        const struct jl_device *device = &district->devices[i];
        const struct jl_office_entry *office = jl_roster_office(district, device->office);
        uint64_t ops = 0;
        int64_t last_ms = 0;
        if (device->state == JL_DEVICE_REVOKED) {
            continue;
        }
        rc = held_of(district, device->number, &ops, &last_ms, err);
        json_t *item = json_pack("{s:I, s:s, s:s, s:I, s:o}", "id", (json_int_t)device->number,
                                 "office", office != NULL ? office->code : "", "name",
                                 office != NULL ? office->name : "", "ops", (json_int_t)ops,
                                 "last_op_at", jl_json_time(last_ms));
        if (json_array_append_new(devices, item) != 0 && rc == JL_OK) {
            rc = jl_fault_memory(err);
        }
    }
    if (rc != JL_OK) {
        json_decref(devices);
        return rc;
    }
    *out_devices = devices;
    return JL_OK;
}

enum jl_rc jl_status_print_restored_devices(const struct jl_cli *cli, const json_t *devices,
                                            struct jl_err *err) {
    static const struct jl_print_column columns[] = {
        {"office", "代码", "code", false},
        {"name", "镇街", "office", false},
        {"id", "设备", "device", true},
        {"ops", "改动", "changes", true},
        {"last_op_at", "最后收到", "last received", false}};
    return jl_print_table(cli, devices, columns, sizeof columns / sizeof *columns, err);
}

/* ---- status ---- */

enum jl_rc jl_status_returned_of(struct jl_district *district, uint32_t device, json_t **out,
                                 struct jl_err *err) {
    struct jl_returned back;
    enum jl_rc rc = jl_restored_returned(district, device, &back, err);
    if (rc == JL_OK) {
        *out = back.heard ? json_integer((json_int_t)back.ops) : json_null();
    }
    return rc;
}

/* Offices with a device that has not been heard of since, these devices, and the sum of what came
 * back. */
static enum jl_rc gather(struct jl_district *district, uint64_t *out_ops, json_t *not_heard,
                         json_t *missing, struct jl_err *err) {
    for (size_t o = 0; o < district->office_count; o++) {
        const struct jl_office_entry *office = &district->offices[o];
        bool has_device = false;
        bool silent = false;
        for (size_t i = 0; i < district->device_count; i++) {
            const struct jl_device *device = &district->devices[i];
            struct jl_returned back;
            if (device->office != office->number) {
                continue;
            }
            enum jl_rc rc = jl_restored_returned(district, device->number, &back, err);
            if (rc != JL_OK) {
                return rc;
            }
            *out_ops += back.ops;
            bool is_missing = device->state != JL_DEVICE_REVOKED && !back.heard;
            has_device = has_device || device->state != JL_DEVICE_REVOKED;
            silent = silent || is_missing;
            if (is_missing &&
                json_array_append_new(missing, json_integer((json_int_t)device->number)) != 0) {
                return jl_fault_memory(err);
            }
        }
        if (has_device && silent &&
            json_array_append_new(not_heard, json_string(office->code)) != 0) {
            return jl_fault_memory(err);
        }
    }
    return JL_OK;
}

enum jl_rc jl_status_restored(struct jl_district *district, json_t **out_document,
                              struct jl_err *err) {
    const struct jl_restored *restored = &district->restored;
    uint64_t ops = 0;
    if (restored->at_ms == 0) {
        *out_document = json_null();
        return JL_OK;
    }
    json_t *not_heard = json_array();
    json_t *missing = json_array();
    json_t *admissions = NULL;
    enum jl_rc rc = not_heard != NULL && missing != NULL
                        ? gather(district, &ops, not_heard, missing, err)
                        : jl_fault_memory(err);
    if (rc == JL_OK) {
        rc = jl_status_readmitted(district, &admissions, err);
    }
    if (rc != JL_OK) {
        json_decref(not_heard);
        json_decref(missing);
        return rc;
    }
    *out_document =
        json_pack("{s:o, s:o, s:I, s:o, s:o, s:o, s:b, s:I}", "at", jl_json_time(restored->at_ms),
                  "backup_until", jl_json_time(restored->last_ms), "came_back", (json_int_t)ops,
                  "not_heard", not_heard, "missing", missing, "admissions", admissions, "open",
                  (int)district->holding.open, "held", (json_int_t)district->holding.held);
    return *out_document != NULL ? JL_OK : jl_fault_memory(err);
}

/* "2026-11-22T14:02:07+08:00" → "2026-11-22 14:02:07" */
static void time_text(const json_t *time, char out_text[static 24]) {
    const char *text = json_string_value(time);
    snprintf(out_text, 24, "%.10s %.8s", text != NULL ? text : "—",
             text != NULL && strlen(text) >= 19 ? text + 11 : "");
}

static void print_office(const struct jl_cli *cli, const json_t *office) {
    size_t index = 0;
    const json_t *device = NULL;
    json_array_foreach(json_object_get(office, "devices"), index, device) {
        const json_t *back = json_object_get(device, "came_back");
        bool revoked = strcmp(json_string_value(json_object_get(device, "state")), "revoked") == 0;
        const char *code = json_string_value(json_object_get(office, "code"));
        json_int_t number = json_integer_value(json_object_get(device, "id"));
        if (json_is_integer(back)) {
            printf(JL_ZH_EN(cli->language,
                            "  %s 设备 %" JSON_INTEGER_FORMAT ": 补送回 %" JSON_INTEGER_FORMAT
                            " 条\n",
                            "  %s device %" JSON_INTEGER_FORMAT ": %" JSON_INTEGER_FORMAT
                            " changes came back\n"),
                   code, number, json_integer_value(back));
        } else if (!revoked) {
            printf(JL_ZH_EN(cli->language, "  %s 设备 %" JSON_INTEGER_FORMAT ": 还没有联系过\n",
                            "  %s device %" JSON_INTEGER_FORMAT ": not heard of yet\n"),
                   code, number);
        }
    }
}

void jl_status_print_restored(const struct jl_cli *cli, const json_t *document) {
    const json_t *restored = json_object_get(document, "restored");
    size_t index = 0;
    const json_t *office = NULL;
    char at[24];
    char until[24];
    if (!json_is_object(restored)) {
        return;
    }
    time_text(json_object_get(restored, "at"), at);
    time_text(json_object_get(restored, "backup_until"), until);
    printf(JL_ZH_EN(cli->language,
                    "\n%s 从备份恢复（备份到 %s），此后补送回 %" JSON_INTEGER_FORMAT " 条改动：\n",
                    "\nsince the restore of %s (backup up to %s) %" JSON_INTEGER_FORMAT
                    " changes came back:\n"),
           at, until, json_integer_value(json_object_get(restored, "came_back")));
    json_array_foreach(json_object_get(document, "offices"), index, office) {
        print_office(cli, office);
    }
    jl_status_print_readmitted(cli, json_object_get(restored, "admissions"));
    if (json_is_true(json_object_get(restored, "open"))) {
        printf(
            JL_ZH_EN(cli->language,
                     "  %" JSON_INTEGER_FORMAT
                     " 处改动在等它们所依据的改动；都补送完了，或不再等待，请运行 restore close\n",
                     "  %" JSON_INTEGER_FORMAT
                     " changes wait for what they build on; when all is back, or nothing more is "
                     "expected: restore close\n"),
            json_integer_value(json_object_get(restored, "held")));
    }
}
