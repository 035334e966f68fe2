/* What of these books is not simply the district's, counted: `status`, Hello, exit codes. */
#include "office_counts.h"
#include "office.h"

#include "jielian/op/merge.h"

static enum jl_rc count_case(void *context, const struct jl_open_case *found, struct jl_err *err) {
    struct jl_office_counts *counts = context;
    (void)err;
    if (found->kind == JL_CASE_HELD) {
        counts->held++;
    } else {
        counts->cases++;
    }
    return JL_OK;
}

enum jl_rc jl_office_counts_get(struct jl_office *office, struct jl_office_counts *out_counts,
                                struct jl_err *err) {
    struct jl_store *store = office->books->store;
    struct jl_office_counts counts = {.unsent =
                                          office->state.head_pos - office->state.confirmed_pos};
    uint64_t pending = 0;
    int64_t oldest_ms = 0;
    int64_t ignored_ms = 0;
    enum jl_rc rc = jl_books_open_cases(office->books, count_case, &counts, err);
    if (rc == JL_OK) {
        rc = jl_outbox_count(store, JL_OUTBOX_PENDING, &pending, &oldest_ms, err);
    }
    if (rc == JL_OK) {
        rc = jl_outbox_count(store, JL_OUTBOX_PARKED, &counts.parked, &ignored_ms, err);
    }
    if (rc == JL_OK) {
        rc = jl_outbox_aside_count(store, &counts.set_aside, err);
    }
    if (rc != JL_OK) {
        return rc;
    }
    int64_t age_ms = office->clock.wall_ms(office->clock.context) - oldest_ms;
    counts.oldest_unsent_s = pending > 0 && age_ms > 0 ? (uint64_t)age_ms / 1000 : 0;
    *out_counts = counts;
    return JL_OK;
}

bool jl_office_counts_need_person(const struct jl_office_counts *counts) {
    return counts->parked > 0 || counts->set_aside > 0 || counts->held > 0 || counts->cases > 0;
}
