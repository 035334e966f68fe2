/* What `status` says of refusals: per device, and of strangers, the last one first.
 *
 *   --json   every kind with count, last time and a sentence
 *   text     kinds that mean trouble, one line for each who met any */
#include "district_commands.h"
#include "json_time.h"
#include "status.h"

#include "jielian/base/fault.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Inserts by time, the last first; there are at most JL_REFUSAL_KINDS. */
static bool insert(json_t *list, json_t *item, int64_t last_ms, int64_t *times) {
    size_t count = json_array_size(list);
    size_t at = 0;
    while (at < count && times[at] >= last_ms) {
        at++;
    }
    memmove(times + at + 1, times + at, (count - at) * sizeof *times);
    times[at] = last_ms;
    return json_array_insert_new(list, at, item) == 0;
}

enum jl_rc jl_status_refusals(const struct jl_cli *cli, struct jl_district *district,
                              uint32_t device, json_t **out_list, struct jl_err *err) {
    struct jl_refusals refusals;
    int64_t times[JL_REFUSAL_KINDS] = {0};
    enum jl_rc rc = jl_refusals_of(district, device, &refusals, err);
    json_t *list = rc == JL_OK ? json_array() : NULL;
    bool made = list != NULL;
    for (int kind = 1; made && kind < JL_REFUSAL_KINDS; kind++) {
        const struct jl_refusal_count *of = &refusals.of[kind];
        if (of->count == 0) {
            continue;
        }
        json_t *item =
            json_pack("{s:s, s:I, s:o, s:b, s:s}", "kind", jl_refusal_word((enum jl_refusal)kind),
                      "count", (json_int_t)of->count, "last_at", jl_json_time(of->last_ms),
                      "trouble", (int)jl_refusal_trouble((enum jl_refusal)kind), "text",
                      jl_refusal_text(cli->language, (enum jl_refusal)kind));
        made = item != NULL &&
               (device != 0 || of->address[0] == '\0' ||
                json_object_set_new(item, "address", json_string(of->address)) == 0) &&
               insert(list, item, of->last_ms, times);
    }
    if (made) {
        *out_list = list;
        return JL_OK;
    }
    json_decref(list);
    return rc != JL_OK ? rc : jl_fault_memory(err);
}

/* "  GD 3  11-22 14:02:07  text (12x); text (1x)" */
static void print_line(const struct jl_cli *cli, const char *who, const json_t *list) {
    size_t index = 0;
    bool first = true;
    const json_t *item = NULL;
    json_array_foreach(list, index, item) {
        const char *time = json_string_value(json_object_get(item, "last_at"));
        const char *address = json_string_value(json_object_get(item, "address"));
        if (!json_is_true(json_object_get(item, "trouble"))) {
            continue;
        }
        if (first) {
            printf("  %s  %.5s %.8s", who, time + 5, time + 11);
        }
        printf(JL_ZH_EN(cli->language, "%s%s（%" JSON_INTEGER_FORMAT " 次%s%s）",
                        "%s%s (%" JSON_INTEGER_FORMAT "x%s%s)"),
               first ? "  " : JL_ZH_EN(cli->language, "；", "; "),
               json_string_value(json_object_get(item, "text")),
               json_integer_value(json_object_get(item, "count")),
               address == NULL ? "" : JL_ZH_EN(cli->language, "，最近来自 ", ", last from "),
               address == NULL ? "" : address);
        first = false;
    }
    if (!first) {
        printf("\n");
    }
}

static bool any_trouble(const json_t *list) {
    size_t index = 0;
    const json_t *item = NULL;
    json_array_foreach(list, index, item) {
        if (json_is_true(json_object_get(item, "trouble"))) {
            return true;
        }
    }
    return false;
}

static void print_title(const struct jl_cli *cli, bool *titled) {
    if (!*titled) {
        printf("\n%s\n",
               JL_ZH_EN(cli->language, "被拒绝的（累计）：", "Refused, since the beginning:"));
        *titled = true;
    }
}

void jl_status_print_refused(const struct jl_cli *cli, const json_t *document) {
    size_t i = 0;
    size_t j = 0;
    bool titled = false;
    const json_t *office = NULL;
    const json_t *device = NULL;
    const json_t *strangers = json_object_get(document, "strangers");
    json_array_foreach(json_object_get(document, "offices"), i, office) {
        json_array_foreach(json_object_get(office, "devices"), j, device) {
            const json_t *list = json_object_get(device, "refusals");
            char who[64];
            if (any_trouble(list)) {
                print_title(cli, &titled);
                snprintf(who, sizeof who, "%.16s %" JSON_INTEGER_FORMAT,
                         json_string_value(json_object_get(office, "code")),
                         json_integer_value(json_object_get(device, "id")));
                print_line(cli, who, list);
            }
        }
    }
    if (any_trouble(strangers)) {
        print_title(cli, &titled);
        print_line(cli, JL_ZH_EN(cli->language, "未登记者", "strangers"), strangers);
    }
}
