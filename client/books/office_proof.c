/* Proof: the root hash, what a proof means for the books, and a recount of the set hashes. */
#include "office.h"
#include "office_state.h"
#include "retention.h"

#include "jielian/store/migrate.h"

#include <string.h>

enum jl_rc jl_office_root(struct jl_office *office, uint8_t out_root[static 16],
                          struct jl_err *err) {
    return jl_setsum_root(office->books->hasher, &office->sums[0], &office->sums[1], out_root, err);
}

enum jl_rc jl_office_proven(struct jl_office *office, int64_t wall_ms, struct jl_err *err) {
    enum jl_rc rc = jl_office_begin(office, true, err);
    if (rc != JL_OK) {
        return rc;
    }
    office->state.proven_ms = wall_ms;
    office->state.proven_pos = office->state.confirmed_pos;
    office->state.proven_cursor[0] = office->state.cursor[0];
    office->state.proven_cursor[1] = office->state.cursor[1];
    if (office->state.head_pos == office->state.confirmed_pos) {
        /* Otherwise a change was made since: whoever waits wants a proof that covers it too. */
        office->state.proof_done = office->state.proof_wanted;
    }
    office->state.reread_to[0] = office->state.reread_to[1] = 0;
    if (office->state.trouble == JL_TROUBLE_DIFFERENT) {
        office->state.trouble = 0;
    }
    rc = jl_retention_trim(office, wall_ms, err);
    if (rc != JL_OK) {
        jl_office_rollback(office);
        return rc;
    }
    rc = jl_office_commit(office, err);
    return rc == JL_OK ? jl_migrate_forget(office->books->store, err) : rc;
}

enum jl_rc jl_office_tell(struct jl_office *office, const struct jl_session *session,
                          struct jl_err *err) {
    enum jl_rc rc = jl_office_begin(office, true, err);
    if (rc != JL_OK) {
        return rc;
    }
    office->state.phase = (uint32_t)session->phase;
    office->state.trouble =
        session->repair_failed ? JL_TROUBLE_DIFFERENT : (uint32_t)session->refused;
    office->state.version_needed = session->version_needed;
    office->state.suite_needed = session->suite_needed;
    return jl_office_commit(office, err);
}

static enum jl_rc count_again(void *context, const struct jl_head *head, struct jl_err *err) {
    struct jl_office *office = context;
    (void)err;
    jl_setsum_add(&office->sums[head->owner == 0 ? 0 : 1], &head->id, head->hash);
    return JL_OK;
}

enum jl_rc jl_office_scrub(struct jl_office *office, uint64_t *out_damaged, struct jl_err *err) {
    enum jl_rc rc = jl_office_begin(office, true, err);
    if (rc != JL_OK) {
        return rc;
    }
    struct jl_setsum before[2] = {office->sums[0], office->sums[1]};
    for (int feed = 0; feed < 2; feed++) {
        jl_setsum_init(&office->sums[feed]);
    }
    rc = jl_books_scrub(office->books, count_again, office, out_damaged, err);
    if (rc != JL_OK) {
        jl_office_rollback(office);
        return rc;
    }
    for (int feed = 0; feed < 2; feed++) {
        office->sum_moved[feed] = !jl_setsum_equal(&before[feed], &office->sums[feed]);
    }
    if (!office->sum_moved[0] && !office->sum_moved[1]) {
        jl_store_rollback(office->books->store);
        return JL_OK;
    }
    return jl_office_commit(office, err);
}
