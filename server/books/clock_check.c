/* The middle of the devices' offsets is kept as two numbers, low and high, which are the same when
 * their count is odd. "Far" must hold for both, "near" for both too: two that differ say neither.
 */
#include "clock_check.h"

#include "district.h"

#include <stdlib.h>

int64_t jl_clock_check_minus(int64_t a_ms, int64_t b_ms) {
    if (b_ms < 0) {
        return a_ms > INT64_MAX + b_ms ? INT64_MAX : a_ms - b_ms;
    }
    return a_ms < INT64_MIN + b_ms ? INT64_MIN : a_ms - b_ms;
}

static int compare_ms(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

static bool within(int64_t ms, int64_t bound_ms) {
    return ms >= -bound_ms && ms <= bound_ms;
}

/* A suspended device's clock is nobody's witness. One that was heard in this clock's future was
 * heard by another clock. */
bool jl_clock_check_heard(const struct jl_device *device, int64_t now_ms) {
    return device->state == JL_DEVICE_ACTIVE && device->last_seen_ms != 0 &&
           within(jl_clock_check_minus(now_ms, device->last_seen_ms), JL_CLOCK_RECENT_MS);
}

struct middle {
    int64_t low_ms, high_ms;
};

static size_t find_middle(const struct jl_district *district, int64_t now_ms,
                          struct middle *out_middle) {
    int64_t offsets[JL_CLOCK_SAMPLE_MAX];
    size_t count = 0;
    for (size_t i = district->device_count; i > 0 && count < JL_CLOCK_SAMPLE_MAX; i--) {
        const struct jl_device *device = &district->devices[i - 1];
        if (jl_clock_check_heard(device, now_ms)) {
            offsets[count++] = device->clock_offset_ms;
        }
    }
    *out_middle = (struct middle){0};
    if (count > 0) {
        qsort(offsets, count, sizeof *offsets, compare_ms);
        *out_middle =
            (struct middle){.low_ms = offsets[(count - 1) / 2], .high_ms = offsets[count / 2]};
    }
    return count;
}

/* Of two, the one that says less. */
static int64_t nearer(const struct middle *middle) {
    if (middle->low_ms > 0) {
        return middle->low_ms;
    }
    return middle->high_ms < 0 || middle->low_ms < -middle->high_ms ? middle->high_ms
                                                                    : middle->low_ms;
}

void jl_clock_check(const struct jl_district *district, struct jl_clock_state *out_state) {
    const int64_t now_ms = district->clock.wall_ms(district->clock.context);
    const int64_t journal_ms = district->state.journal_ms;
    const int64_t behind_ms = jl_clock_check_minus(now_ms, journal_ms);
    struct middle middle;
    *out_state = (struct jl_clock_state){.devices = find_middle(district, now_ms, &middle)};
    out_state->median_ms = nearer(&middle);
    out_state->agreed = out_state->devices > 0 && within(middle.low_ms, JL_CLOCK_FAR_MS) &&
                        within(middle.high_ms, JL_CLOCK_FAR_MS);
    if (journal_ms != 0 && behind_ms < -JL_CLOCK_BEHIND_MS) {
        bool right = out_state->agreed && out_state->devices >= JL_CLOCK_WITNESSES_MIN &&
                     behind_ms < -JL_CLOCK_BEHIND_MS - middle.high_ms;
        out_state->verdict = right ? JL_CLOCK_JOURNAL_AHEAD : JL_CLOCK_BEHIND_JOURNAL;
        out_state->off_ms = behind_ms;
    } else if (out_state->devices >= JL_CLOCK_ACCUSERS_MIN &&
               (middle.low_ms > JL_CLOCK_FAR_MS || middle.high_ms < -JL_CLOCK_FAR_MS)) {
        out_state->verdict = JL_CLOCK_FAR_FROM_DEVICES;
        out_state->off_ms = jl_clock_check_minus(0, out_state->median_ms);
    }
}

bool jl_clock_check_trusted(const struct jl_clock_state *state) {
    return state->verdict == JL_CLOCK_OK || state->verdict == JL_CLOCK_JOURNAL_AHEAD;
}

const char *jl_clock_check_word(enum jl_clock_verdict verdict) {
    switch (verdict) {
    case JL_CLOCK_OK:
        return "ok";
    case JL_CLOCK_BEHIND_JOURNAL:
        return "behind_journal";
    case JL_CLOCK_FAR_FROM_DEVICES:
        return "far_from_devices";
    case JL_CLOCK_JOURNAL_AHEAD:
        return "journal_ahead";
    }
    return "unknown";
}
