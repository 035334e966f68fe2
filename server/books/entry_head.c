/* The heads of entries that the district makes now. */
#include "clock_check.h"
#include "district.h"
#include "entry.h"

#include "jielian/base/date.h"

#include <string.h>

/* Dates up to the day after today are taken without a question, so that no zone and no midnight is
 * in the way. A clock that can't be right judges no dates. */
int64_t jl_entry_date_limit(const struct jl_district *district, int64_t now_ms) {
    struct jl_clock_state clock;
    jl_clock_check(district, &clock);
    return jl_clock_check_trusted(&clock)
               ? jl_date_from_days(jl_date_to_days(jl_date_of_ms(now_ms)) + 1)
               : 0;
}

struct jl_entry_head jl_entry_own_head(const struct jl_district *district, enum jl_entry_kind kind,
                                       int64_t now_ms) {
    struct jl_entry_head head = {
        .rules = JL_RULES, .kind = kind, .date_limit = jl_entry_date_limit(district, now_ms)};
    memcpy(head.incarnation, district->state.own_incarnation, sizeof head.incarnation);
    return head;
}
