/* Shared by the files of client/books only. */
#ifndef JIELIAN_CLIENT_OFFICE_INTERNAL_H
#define JIELIAN_CLIENT_OFFICE_INTERNAL_H

#include "office.h"

#include "jielian/base/row.h"
#include "jielian/store/records.h"

/* Chain hash (32 bytes) and op bytes of an outbox entry. */
JL_MUST_CHECK enum jl_rc jl_office_open_body(struct jl_office *office,
                                             const struct jl_outbox_entry *entry,
                                             struct jl_arena *arena, struct jl_bytes *out_hash,
                                             struct jl_bytes *out_op, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_hash_at(struct jl_office *office, uint64_t pos,
                                           uint8_t out_hash[static JL_HASH_BYTES],
                                           struct jl_err *err);
static inline unsigned jl_office_feed(const struct jl_row *row) {
    return row->owner == 0 ? 0 : 1;
}
/* Move the sums from what a record counted for to what it counts for now. */
void jl_office_recount(struct jl_office *office, const struct jl_head *before,
                       const struct jl_head *after);
static inline bool jl_office_pending(const struct jl_office *office, const struct jl_head *head) {
    return head->rid != 0 && head->last > office->state.confirmed_pos;
}
/* The district's row underneath; *out_found false: it has none. */
JL_MUST_CHECK enum jl_rc jl_office_base(struct jl_office *office, const struct jl_head *head,
                                        struct jl_arena *arena, struct jl_row *out_row,
                                        bool *out_found, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_base_put(struct jl_office *office, int64_t rid,
                                            const struct jl_row *row, struct jl_err *err);
/* The ops from first to last (positions) have just been confirmed: records with others behind them
 * have them in their bases from now on. */
JL_MUST_CHECK enum jl_rc jl_office_bases_follow(struct jl_office *office, uint64_t first,
                                                uint64_t last, struct jl_arena *arena,
                                                struct jl_err *err);
/* compare_ids.c: the answers of a district without parts. Inside the open write transaction. */
void jl_repair_buckets(const struct jl_office *office, struct jl_repair *repair,
                       const struct jl_buckets *buckets);
JL_MUST_CHECK enum jl_rc jl_repair_ids(struct jl_office *office, struct jl_repair *repair,
                                       const struct jl_ids *ids, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_repair_set_aside(struct jl_office *office, int64_t rid,
                                             struct jl_arena *arena, struct jl_err *err);
/* save.c: one change inside the open write transaction. again: the refused op that goes out once
 * more, with what it said; the record then looks as change->after says while it lives here, and
 * stays as change->before has it when it is gone. NULL: an op is made of the change, as saving
 * does. change_set zero: a single change. */
JL_MUST_CHECK enum jl_rc jl_office_put(struct jl_office *office, const struct jl_id *change_set,
                                       const struct jl_change *change, const struct jl_op *again,
                                       struct jl_err *err);
/* The same of an op whose record is not in these books. */
JL_MUST_CHECK enum jl_rc jl_office_put_alone(struct jl_office *office,
                                             const struct jl_id *change_set,
                                             const struct jl_op *again, struct jl_err *err);
/* Show base plus the ops without a verdict again. */
JL_MUST_CHECK enum jl_rc jl_office_show_again(struct jl_office *office, int64_t rid,
                                              struct jl_arena *arena, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_lay_pending(struct jl_office *office, int64_t rid,
                                               struct jl_arena *arena, struct jl_row *row,
                                               size_t *out_laid, struct jl_err *err);
/* retention.c. After a proof, with the time that the district's clock showed: count the day, and
 * drop what was confirmed more than JL_CONFIRMED_KEEP_DAYS counted days ago. Inside a write
 * transaction. Cost: reads one setting; writes it at most once a day, and when more was confirmed
 * on the day that a mark was set. */
JL_MUST_CHECK enum jl_rc jl_office_trim(struct jl_office *office, int64_t district_ms,
                                        struct jl_err *err);
/* The district was restored: the count begins anew with the next proof, and nothing goes before. */
JL_MUST_CHECK enum jl_rc jl_office_keep_anew(struct jl_office *office, struct jl_err *err);
/* identity.c */
JL_MUST_CHECK enum jl_rc jl_identity_put(struct jl_store *store, const struct jl_identity *identity,
                                         struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_identity_get(struct jl_store *store, struct jl_identity *out_identity,
                                         struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_state_get(struct jl_bytes bytes, struct jl_office_state *state,
                                             struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_save_state(struct jl_office *office, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_office_load_state(struct jl_office *office, struct jl_err *err);

#endif
