/* Can the district's clock be right? It is compared with two witnesses: the time of its own
 * journal, which never goes back, and the clocks of the devices that it heard lately.
 *
 *   journal       devices heard              verdict
 *   not ahead     fewer than three, or near  OK
 *   not ahead     three or more, far         FAR_FROM_DEVICES
 *   ahead         none, one, far, or later   BEHIND_JOURNAL
 *   ahead         two or more, near, and     JOURNAL_AHEAD: an earlier run's clock was wrong, this
 *                 earlier than the journal   one is right
 *
 * "Ahead" is by more than JL_CLOCK_BEHIND_MS, "far" by more than JL_CLOCK_FAR_MS, both to the same
 * side for all in the middle (one or two devices). What nobody contradicts is OK: a district whose
 * first device of the day calls has nobody to ask.
 *
 * Thread: the one of the books. Pure: reads the tables in memory and the clock once. */
#ifndef JIELIAN_SERVER_CLOCK_CHECK_H
#define JIELIAN_SERVER_CLOCK_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jl_device;
struct jl_district;

enum {
    /* A correction by NTP, or a virtual machine that wakes up, takes a clock back by seconds or a
     * few minutes, and that is no reason for an alarm. */
    JL_CLOCK_BEHIND_MS = 10 * 60 * 1000,
    /* Rules compare days, and a PC whose clock runs in a wrong time zone is less than a day off. */
    JL_CLOCK_FAR_MS = 24 * 60 * 60 * 1000,
    /* How long ago, by this clock, a device's Hello still speaks of this clock. */
    JL_CLOCK_RECENT_MS = JL_CLOCK_FAR_MS,
    /* Two PCs of one delivery whose batteries are empty outvote no server. */
    JL_CLOCK_ACCUSERS_MIN = 3,
    /* Two PCs and the server agree, and only the journal does not. */
    JL_CLOCK_WITNESSES_MIN = 2,
    /* Devices that are asked, those that were enrolled last first. Odd: there is one in the middle.
     */
    JL_CLOCK_SAMPLE_MAX = 127,
};
/* After a correction of a clock that was far off, no Hello from before counts as recent. */
_Static_assert((int)JL_CLOCK_RECENT_MS <= (int)JL_CLOCK_FAR_MS, "old offsets are forgotten");

enum jl_clock_verdict {
    JL_CLOCK_OK,
    JL_CLOCK_BEHIND_JOURNAL,
    JL_CLOCK_FAR_FROM_DEVICES,
    JL_CLOCK_JOURNAL_AHEAD,
};

struct jl_clock_state {
    enum jl_clock_verdict verdict;
    /* This clock minus the witness: the journal, or the devices in the middle (the nearer one of
     * two). 0 when OK. */
    int64_t off_ms;
    size_t devices;    /* heard lately, at most JL_CLOCK_SAMPLE_MAX */
    int64_t median_ms; /* their clocks minus this one, the nearer one of two; 0 without devices */
    bool agreed;       /* there are some, and those in the middle are near */
};

/* district: with its tables loaded, in a transaction or between two.
 * Cost: one pass over the devices that ends at JL_CLOCK_SAMPLE_MAX that were heard lately, and
 * sorts these: microseconds. Nothing is allocated. */
void jl_clock_check(const struct jl_district *district, struct jl_clock_state *out_state);

/* Was the device heard lately, by this clock, so that its offset speaks of it? */
bool jl_clock_check_heard(const struct jl_device *device, int64_t now_ms);

/* May dates be judged by this clock? False for BEHIND_JOURNAL and FAR_FROM_DEVICES: what a rule
 * says about today is then a warning at most, and nobody is late. */
bool jl_clock_check_trusted(const struct jl_clock_state *state);

/* "ok", "behind_journal", "far_from_devices", "journal_ahead": in logs, metrics and --json. */
const char *jl_clock_check_word(enum jl_clock_verdict verdict);

/* One clock minus another; what does not fit is the nearest that does (clocks of others may show
 * anything). */
int64_t jl_clock_check_minus(int64_t a_ms, int64_t b_ms);

#endif
