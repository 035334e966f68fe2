/* The deep proof, as the office makes and keeps it. */
#include "office_deep.h"
#include "office.h"

#include "jielian/base/date.h"
#include "jielian/books/deep.h"

#include <string.h>

static int64_t month_of(int64_t wall_ms) {
    return jl_date_of_ms(wall_ms) / 100; /* yyyymm */
}

bool jl_office_deep_due(const struct jl_office *office, int64_t district_ms) {
    const struct jl_office_state *state = &office->state;
    return state->deep_wanted > state->deep_done || state->deep_ms == 0 ||
           month_of(state->deep_ms) != month_of(district_ms);
}

static bool is_as(const struct jl_office *office, const struct jl_session_facts *facts) {
    struct jl_session_facts now;
    jl_office_facts(office, &now);
    return now.head == facts->head && now.confirmed == facts->confirmed &&
           now.cursor[0] == facts->cursor[0] && now.cursor[1] == facts->cursor[1];
}

enum jl_rc jl_office_deep(struct jl_office *office, const struct jl_session_facts *facts,
                          struct jl_proof *proof, bool *out_same, struct jl_err *err) {
    struct jl_deep deep;
    *out_same = false;
    enum jl_rc rc = jl_office_begin(office, false, err);
    if (rc != JL_OK) {
        return rc;
    }
    if (is_as(office, facts)) {
        rc = jl_deep_begin(office->books, &deep, err);
        if (rc == JL_OK) {
            rc = jl_deep_step(office->books, office->identity.office, SIZE_MAX, &deep, err);
        }
        *out_same = rc == JL_OK;
    }
    jl_store_rollback(office->books->store);
    proof->has_deep = *out_same;
    if (*out_same) {
        memcpy(proof->deep, deep.hash, sizeof proof->deep);
    }
    return rc;
}

enum jl_rc jl_office_deep_proven(struct jl_office *office, int64_t wall_ms,
                                 enum jl_deep_result result, uint64_t wanted, struct jl_err *err) {
    enum jl_rc rc = jl_office_begin(office, true, err);
    if (rc != JL_OK) {
        return rc;
    }
    office->state.deep_done = wanted;
    if (result != JL_DEEP_NONE) {
        office->state.deep_ms = wall_ms;
        office->state.deep_result = result;
    }
    return jl_office_commit(office, err);
}
