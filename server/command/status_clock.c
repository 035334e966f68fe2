/* Which clock is off: a PC's, or the district's own.
 *
 * An offset is measured between two clocks and says nothing of which is wrong. When most of the
 * devices that were heard lately have the same offset, it is the district's clock, and then they
 * are not listed one by one. */
#include "district_commands.h"
#include "status.h"

#include "server/books/clock_check.h"

#include "jielian/base/fault.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    NOTICE_MS = 10 * 60 * 1000, /* clocks that nobody sets are minutes off, and harm nobody */
    SAME_MS = 5 * 60 * 1000,    /* from the one in the middle: the same offset */
};

static int64_t now_of(const struct jl_district *district) {
    return district->clock.wall_ms(district->clock.context);
}

static bool within(int64_t ms, int64_t bound_ms) {
    return ms >= -bound_ms && ms <= bound_ms;
}

json_t *jl_status_clock_of(const struct jl_district *district, const struct jl_device *device) {
    if (!jl_clock_check_heard(device, now_of(district))) {
        return json_null();
    }
    if (within(device->clock_offset_ms, NOTICE_MS)) {
        return json_string("level");
    }
    return json_string(device->clock_offset_ms > 0 ? "ahead" : "behind");
}

enum jl_rc jl_status_clock(const struct jl_district *district, json_t **out_clock,
                           struct jl_err *err) {
    struct jl_clock_state clock;
    int64_t now_ms = now_of(district);
    size_t heard = 0;
    size_t sharing = 0;
    jl_clock_check(district, &clock);
    for (size_t i = 0; i < district->device_count; i++) {
        const struct jl_device *device = &district->devices[i];
        if (jl_clock_check_heard(device, now_ms)) {
            int64_t apart_ms = jl_clock_check_minus(device->clock_offset_ms, clock.median_ms);
            heard++;
            sharing += within(apart_ms, SAME_MS);
        }
    }
    *out_clock =
        json_pack("{s:s, s:I, s:b, s:I, s:I, s:I}", "state", jl_clock_check_word(clock.verdict),
                  "seconds", (json_int_t)(clock.off_ms / 1000), "trusted",
                  jl_clock_check_trusted(&clock), "devices", (json_int_t)heard, "offset_ms",
                  (json_int_t)clock.median_ms, "sharing", (json_int_t)sharing);
    return *out_clock != NULL ? JL_OK : jl_fault_memory(err);
}

/* ---- For people ---- */

enum { SPAN_BYTES = 48 };

/* How far, without direction, rounded, in the largest unit that makes two or more. */
static void span_text(const struct jl_cli *cli, int64_t ms, char out_text[static SPAN_BYTES]) {
    static const struct {
        int64_t seconds;
        const char *zh, *en;
    } units[] = {
        {INT64_C(365) * 86400, "年", "years"},
        {86400, "天", "days"},
        {3600, "小时", "hours"},
        {60, "分钟", "minutes"},
    };
    int64_t seconds = ms < 0 ? -(ms / 1000) : ms / 1000;
    size_t unit = 0;
    while (unit < sizeof units / sizeof *units - 1 && seconds < 2 * units[unit].seconds) {
        unit++;
    }
    int64_t rounded = (seconds + units[unit].seconds / 2) / units[unit].seconds;
    (void)snprintf(out_text, SPAN_BYTES, "%" PRId64 " %s", rounded,
                   JL_ZH_EN(cli->language, units[unit].zh, units[unit].en));
}

static bool is_state(const json_t *clock, enum jl_clock_verdict verdict) {
    const char *state = json_string_value(json_object_get(clock, "state"));
    return state != NULL && strcmp(state, jl_clock_check_word(verdict)) == 0;
}

static void print_verdict(const struct jl_cli *cli, const json_t *clock) {
    char span[SPAN_BYTES];
    int64_t seconds = json_integer_value(json_object_get(clock, "seconds"));
    span_text(cli, seconds * 1000, span);
    if (is_state(clock, JL_CLOCK_BEHIND_JOURNAL)) {
        printf(
            JL_ZH_EN(cli->language,
                     "\n本服务器的时钟不对：比账本里最近的记录慢 %s。请校准本机时间；在此之前不按"
                     "它判断日期。\n",
                     "\nThis server's clock is wrong: %s behind the newest entry of its books. "
                     "Set its time; until then no date is judged by it.\n"),
            span);
    } else if (is_state(clock, JL_CLOCK_FAR_FROM_DEVICES)) {
        printf(
            JL_ZH_EN(cli->language,
                     "\n本服务器的时钟不对：比多数设备%s %s。请校准本机时间；在此之前不按它判断日期"
                     "。\n",
                     "\nThis server's clock is wrong: %s most devices by %s. Set its time; until "
                     "then no date is judged by it.\n"),
            seconds < 0 ? JL_ZH_EN(cli->language, "慢", "behind")
                        : JL_ZH_EN(cli->language, "快", "ahead of"),
            span);
    } else if (is_state(clock, JL_CLOCK_JOURNAL_AHEAD)) {
        printf(
            JL_ZH_EN(cli->language,
                     "\n账本里有比现在晚 %s 的记录：本服务器的时钟曾经快过。现在与设备一致，不必处"
                     "理。\n",
                     "\nThe books have entries from %s ahead of now: this server's clock was "
                     "ahead once. It agrees with the devices now; nothing to do.\n"),
            span);
    }
}

/* Most of the devices have one offset, and it is worth a line. */
static bool is_ours(const json_t *clock) {
    int64_t devices = json_integer_value(json_object_get(clock, "devices"));
    int64_t sharing = json_integer_value(json_object_get(clock, "sharing"));
    return devices >= JL_CLOCK_ACCUSERS_MIN && 2 * sharing > devices &&
           !within(json_integer_value(json_object_get(clock, "offset_ms")), NOTICE_MS);
}

static void print_ours(const struct jl_cli *cli, const json_t *clock) {
    char span[SPAN_BYTES];
    int64_t offset_ms = json_integer_value(json_object_get(clock, "offset_ms"));
    span_text(cli, offset_ms, span);
    printf(JL_ZH_EN(cli->language,
                    "\n%" JSON_INTEGER_FORMAT " 台设备中有 %" JSON_INTEGER_FORMAT
                    " 台的时钟都比本服务器%s %s：不对的是本服务器的时钟，不是这些电脑。\n",
                    "\nOf %" JSON_INTEGER_FORMAT " devices %" JSON_INTEGER_FORMAT
                    " have clocks that are %s this server's by %s: it is this server's clock that "
                    "is off, not theirs.\n"),
           json_integer_value(json_object_get(clock, "devices")),
           json_integer_value(json_object_get(clock, "sharing")),
           offset_ms > 0 ? JL_ZH_EN(cli->language, "快", "ahead of")
                         : JL_ZH_EN(cli->language, "慢", "behind"),
           span);
}

static void print_device(const struct jl_cli *cli, const json_t *office, const json_t *device,
                         bool *titled) {
    char span[SPAN_BYTES];
    const char *is = json_string_value(json_object_get(device, "clock_is"));
    if (!*titled) {
        printf("\n%s\n", JL_ZH_EN(cli->language, "与本服务器时钟不同的设备：",
                                  "Clocks that differ from this server's:"));
        *titled = true;
    }
    span_text(cli, json_integer_value(json_object_get(device, "clock_offset_ms")), span);
    printf(JL_ZH_EN(cli->language, "  %.16s %" JSON_INTEGER_FORMAT "  设备的时钟比本服务器%s %s\n",
                    "  %.16s %" JSON_INTEGER_FORMAT "  the device's clock is %s this server's by "
                    "%s\n"),
           json_string_value(json_object_get(office, "code")),
           json_integer_value(json_object_get(device, "id")),
           strcmp(is, "ahead") == 0 ? JL_ZH_EN(cli->language, "快", "ahead of")
                                    : JL_ZH_EN(cli->language, "慢", "behind"),
           span);
}

void jl_status_print_clock(const struct jl_cli *cli, const json_t *document) {
    size_t i = 0;
    size_t j = 0;
    bool titled = false;
    const json_t *office = NULL;
    const json_t *device = NULL;
    const json_t *clock = json_object_get(document, "clock");
    const int64_t median_ms = json_integer_value(json_object_get(clock, "offset_ms"));
    bool ours = is_ours(clock);
    print_verdict(cli, clock);
    if (ours) {
        print_ours(cli, clock);
    }
    json_array_foreach(json_object_get(document, "offices"), i, office) {
        json_array_foreach(json_object_get(office, "devices"), j, device) {
            const char *is = json_string_value(json_object_get(device, "clock_is"));
            int64_t offset_ms = json_integer_value(json_object_get(device, "clock_offset_ms"));
            bool differs = is != NULL && strcmp(is, "level") != 0;
            if (differs && !(ours && within(jl_clock_check_minus(offset_ms, median_ms), SAME_MS))) {
                print_device(cli, office, device, &titled);
            }
        }
    }
}
