/* What `status` says of a device by its own account: how its program stopped, its last cycles and
 * how they ended, its Bye; and of sessions that were cut off.
 *
 *   --json   bye {reason, at}: null while it is in session, or when it left without one
 *            last_stop {how, told_at}: null when it never said
 *            cut_off {count, began_at, heard_at}: sessions without a proof or a Bye, by the
 *            district's own account, and the last of them; null when there was none
 *            cycles [{end, why, count, began_at, ended_at, longest_ms}], oldest first
 *   text     devices whose newest cycle ended otherwise than with a proof, one line each */
#include "district_commands.h"
#include "json_time.h"
#include "status.h"

#include "server/books/said.h"

#include "jielian/base/fault.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *bye_word(uint32_t reason) {
    static const char *const words[] = {
        [JL_BYE_DONE] = "done", [JL_BYE_STOPPED] = "stopped", [JL_BYE_GAVE_UP] = "gave_up"};
    return reason >= JL_BYE_DONE && reason <= JL_BYE_GAVE_UP ? words[reason] : "other";
}

static json_t *cycles_json(const struct jl_cycles *cycles) {
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < cycles->count; i++) {
        const struct jl_cycle *cycle = &cycles->items[i];
        json_t *item = json_pack(
            "{s:s, s:s?, s:I, s:o, s:o, s:I}", "end", jl_cycle_end_word(cycle->end), "why",
            cycle->end == JL_CYCLE_REFUSED ? jl_wire_refuse_word((enum jl_refuse_code)cycle->why)
                                           : NULL,
            "count", (json_int_t)cycle->count, "began_at", jl_json_time(cycle->began_ms),
            "ended_at", jl_json_time(cycle->ended_ms), "longest_ms", (json_int_t)cycle->longest_ms);
        if (item == NULL || json_array_append_new(list, item) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* A Bye is its last word only while nothing was heard since. */
static json_t *bye_json(const struct jl_device *device, const struct jl_said *said) {
    return said->bye == 0 || said->bye_ms < device->last_seen_ms
               ? json_null()
               : json_pack("{s:s, s:o}", "reason", bye_word(said->bye), "at",
                           jl_json_time(said->bye_ms));
}

static json_t *stop_json(const struct jl_said *said) {
    return said->last_stop == JL_STOP_UNKNOWN
               ? json_null()
               : json_pack("{s:s, s:o}", "how",
                           said->last_stop == JL_STOP_CLEAN ? "clean" : "cut_off", "told_at",
                           jl_json_time(said->stop_ms));
}

static json_t *cut_json(const struct jl_said *said) {
    return said->cut_offs == 0 ? json_null()
                               : json_pack("{s:I, s:o, s:o}", "count", (json_int_t)said->cut_offs,
                                           "began_at", jl_json_time(said->cut_began_ms), "heard_at",
                                           jl_json_time(said->cut_heard_ms));
}

enum jl_rc jl_status_said(struct jl_district *district, const struct jl_device *device,
                          json_t *item, struct jl_err *err) {
    struct jl_said said;
    enum jl_rc rc = jl_said(district, device->number, &said, err);
    if (rc != JL_OK) {
        return rc;
    }
    json_t *more = json_pack("{s:o, s:o, s:o, s:o}", "bye", bye_json(device, &said), "last_stop",
                             stop_json(&said), "cut_off", cut_json(&said), "cycles",
                             cycles_json(&said.cycles));
    bool made = more != NULL && json_object_update(item, more) == 0;
    json_decref(more);
    return made ? JL_OK : jl_fault_memory(err);
}

/* ---- For people ---- */

static const char *end_text(const struct jl_cli *cli, const char *end) {
    static const struct {
        const char *end, *zh, *en;
    } texts[] = {
        {"silent", "没有应答，或线路中断", "no answer, or the line broke"},
        {"refused", "被拒绝", "refused"},
        {"different", "核对不一致，自动修复没有成功", "different after repair"},
        {"stopped", "没做完就被人停止", "stopped by a person before its end"},
        {"gave_up", "超时或没有进展，已放弃", "gave up: out of time, or no progress"},
        {"trouble", "设备自己的数据读写出错", "trouble with its own books"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(texts[i].end, end) == 0) {
            return JL_ZH_EN(cli->language, texts[i].zh, texts[i].en);
        }
    }
    return end;
}

/* "  GD 3  11-22 14:02:07  text (12x, 20 s at most)" */
static void print_line(const struct jl_cli *cli, const json_t *office, const json_t *device,
                       const json_t *cycle) {
    const char *time = json_string_value(json_object_get(cycle, "ended_at"));
    printf(JL_ZH_EN(cli->language,
                    "  %.16s %" JSON_INTEGER_FORMAT "  %.5s %.8s  %s（%" JSON_INTEGER_FORMAT
                    " 次，最长 %" JSON_INTEGER_FORMAT " 秒）\n",
                    "  %.16s %" JSON_INTEGER_FORMAT "  %.5s %.8s  %s (%" JSON_INTEGER_FORMAT
                    "x, %" JSON_INTEGER_FORMAT " s at most)\n"),
           json_string_value(json_object_get(office, "code")),
           json_integer_value(json_object_get(device, "id")), time + 5, time + 11,
           end_text(cli, json_string_value(json_object_get(cycle, "end"))),
           json_integer_value(json_object_get(cycle, "count")),
           (json_integer_value(json_object_get(cycle, "longest_ms")) + 999) / 1000);
}

void jl_status_print_said(const struct jl_cli *cli, const json_t *document) {
    size_t i = 0;
    size_t j = 0;
    bool titled = false;
    const json_t *office = NULL;
    const json_t *device = NULL;
    json_array_foreach(json_object_get(document, "offices"), i, office) {
        json_array_foreach(json_object_get(office, "devices"), j, device) {
            const json_t *cycles = json_object_get(device, "cycles");
            size_t count = json_array_size(cycles);
            const json_t *last = count > 0 ? json_array_get(cycles, count - 1) : NULL;
            const char *end = json_string_value(json_object_get(last, "end"));
            if (end == NULL || strcmp(end, "proven") == 0 ||
                !json_is_string(json_object_get(last, "ended_at"))) {
                continue;
            }
            if (!titled) {
                titled = true;
                printf("\n%s\n", JL_ZH_EN(cli->language, "上次同步没有完成（设备自报）：",
                                          "The last sync did not end with a proof (by the "
                                          "device's own account):"));
            }
            print_line(cli, office, device, last);
        }
    }
}
