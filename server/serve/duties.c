#include "duties.h"

#include "server/books/overdue.h"

#include "jielian/base/date.h"
#include "jielian/base/log.h"

#include <inttypes.h>

enum { CLOCK_LOOK_MS = 1000 };

/* Between two groups, so the tables are those of the last commit. One line at the start, and one
 * for each change: a clock that is off goes on being so for days. */
static void look_at_clock(struct jl_duties *duties, struct jl_district *district, int64_t now_ms) {
    enum jl_clock_verdict before = duties->clock.verdict;
    if (duties->clock_said && now_ms < duties->clock_ms) {
        return;
    }
    duties->clock_ms = now_ms + CLOCK_LOOK_MS;
    jl_clock_check(district, &duties->clock);
    if (!duties->clock_said || duties->clock.verdict != before) {
        duties->clock_said = true;
        jl_log(jl_clock_check_trusted(&duties->clock) ? JL_LOG_INFO : JL_LOG_WARN, "clock",
               "state=%s seconds=%" PRId64 " devices=%zu",
               jl_clock_check_word(duties->clock.verdict), duties->clock.off_ms / 1000,
               duties->clock.devices);
    }
}

/* Nobody is late because one clock says so: a device that was heard lately has to agree on the day.
 * The reader sees the new heads by itself, a second later. */
void jl_duties_do(struct jl_duties *duties, struct jl_district *district,
                  const struct jl_clock *clock, int64_t now_ms) {
    int64_t today = jl_date_of_ms(clock->wall_ms(clock->context));
    struct jl_err err;
    size_t cases = 0;
    look_at_clock(duties, district, now_ms);
    if (!jl_clock_check_trusted(&duties->clock) || !duties->clock.agreed || today == duties->day ||
        now_ms < duties->not_before_ms) {
        return;
    }
    if (jl_overdue_note(district, &cases, &err) != JL_OK) {
        jl_log_err(JL_LOG_ERROR, "duty_failed", &err);
        duties->not_before_ms = now_ms + JL_DUTIES_RETRY_MS;
        return;
    }
    duties->day = today;
    if (cases > 0) {
        jl_log(JL_LOG_INFO, "transfers_overdue", "cases=%zu", cases);
    }
}
