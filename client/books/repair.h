/* Repair (docs/protocol.md, section 9): what differs from the district's books is found by a few
 * questions and fetched anew. The struct holds what was found so far, between the questions.
 *
 * Thread: that of the office. */
#ifndef JIELIAN_CLIENT_BOOKS_REPAIR_H
#define JIELIAN_CLIENT_BOOKS_REPAIR_H

#include "proto/wire.h"

#include "jielian/base/limits.h"
#include "jielian/base/rc.h"

struct jl_action;
struct jl_compared;
struct jl_office;

enum {
    /* More than an eighth of all records missing or different: reading them anew takes fewer bytes
     * than finding each, and says that more is wrong here than a few rows. */
    JL_REREAD_SHARE = 8,
};

struct jl_repair {
    uint32_t feed;
    int64_t wall_ms; /* the district's clock at the proof; the driver sets it */
    struct jl_part parts[JL_ASK_PARTS_MAX];
    size_t part_count;
    uint8_t hashes[JL_ASK_ROWS_MAX][JL_SHORT_SUM_BYTES]; /* of rows that we lack */
    size_t hash_count;
    uint64_t told_count; /* records that the district counts in this feed */
    double stands_for;   /* parts that each of `parts` stands for, where some were dropped */
    double missing;      /* rows that we lack, by that reckoning */
    /* Of a district that tells no parts. */
    uint8_t buckets[JL_BUCKETS];
    size_t bucket_count;
    struct jl_known known[JL_ASK_ROWS_MAX];
    size_t known_count;
};

/* The question of an ACTION_ASK_…; borrows from the repair. */
void jl_repair_ask(struct jl_repair *repair, const struct jl_action *action,
                   struct jl_ask *out_ask);
/* Buckets or Ids came: what to ask for next is in the repair. Records that only we have are set
 * aside as parked and counted as repairs. One transaction. Cost: one pass over the heads. */
JL_MUST_CHECK enum jl_rc jl_repair_compare(struct jl_office *office, struct jl_repair *repair,
                                           const struct jl_message *message,
                                           struct jl_compared *out_compared, struct jl_err *err);
/* Read both feeds from the beginning, and note when (the district's clock). What is here stays in
 * use, and each row is replaced as it comes. Cut off anywhere, it goes on from its cursors. */
JL_MUST_CHECK enum jl_rc jl_repair_reread(struct jl_office *office, int64_t wall_ms,
                                          struct jl_err *err);

/* repair_ids.c: the answers of a district without parts. Inside the open write transaction. */
void jl_repair_buckets(const struct jl_office *office, struct jl_repair *repair,
                       const struct jl_buckets *buckets);
JL_MUST_CHECK enum jl_rc jl_repair_ids(struct jl_office *office, struct jl_repair *repair,
                                       const struct jl_ids *ids, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_repair_set_aside(struct jl_office *office, int64_t rid,
                                             struct jl_arena *arena, struct jl_err *err);

#endif
