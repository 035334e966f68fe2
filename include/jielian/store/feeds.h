/* Feeds (docs/design.md section 5): which records an office may see, each at its latest change.
 * Part of the store's contract (store.h), which says when and on which thread these calls may be
 * made, and what their codes mean. */
#ifndef JIELIAN_STORE_FEEDS_H
#define JIELIAN_STORE_FEEDS_H

#include "jielian/base/id.h"
#include "jielian/store/records.h"

struct jl_arena;
struct jl_store;

enum jl_feed_kind { JL_FEED_ENTER = 1, JL_FEED_UPDATE, JL_FEED_LEAVE, JL_FEED_DELETE };

struct jl_feed_entry {
    uint32_t feed; /* office number; 0: shared by all */
    uint64_t seq;
    int64_t rid;
    enum jl_feed_kind kind;
    uint32_t origin; /* incarnation number whose own change this is, exactly as sent; 0: none */
};

/* Put entries, replacing each record's earlier entry in the same feed. JL_CONFLICT: the seq belongs
 * to another record. */
JL_MUST_CHECK enum jl_rc jl_feeds_put(struct jl_store *store, const struct jl_feed_entry *entries,
                                      size_t count, struct jl_err *err);
/* Up to `limit` entries with seq > after, ascending. */
JL_MUST_CHECK enum jl_rc jl_feeds_page(struct jl_store *store, uint32_t feed, uint64_t after,
                                       size_t limit, struct jl_feed_entry *out_entries,
                                       size_t *out_count, struct jl_err *err);
/* All feeds that hold the record. */
JL_MUST_CHECK enum jl_rc jl_feeds_of(struct jl_store *store, int64_t rid,
                                     struct jl_feed_entry *out_entries, size_t capacity,
                                     size_t *out_count, struct jl_err *err);
/* What a feed counts: its live records, each once, in no order (for proof and repair). At the
 * office (a file with JL_STORE_OFFICE_ID) feed 0 is what the district owns, UINT32_MAX everything
 * else. A code other than JL_OK of visit ends the pass and is returned; visit may not write. Cost:
 * one pass over the feed (at the office: over all heads), nothing is unsealed and nothing
 * allocated. */
struct jl_counted {
    int64_t rid;
    uint32_t type;
    struct jl_id id;
    uint8_t hash[16]; /* as in the head */
};
typedef enum jl_rc (*jl_counted_fn)(void *context, const struct jl_counted *record,
                                    struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_feeds_counted(struct jl_store *store, uint32_t feed,
                                          jl_counted_fn visit, void *context, struct jl_err *err);

/* Heads in the order of type and id, and which of two feeds counts them; for a deep proof, which
 * reads all records piece by piece. At the office office_feed is ignored. */
enum {
    JL_IN_SHARED_FEED = 1,
};

struct jl_ordered {
    int64_t rid;
    struct jl_record_key key;
    unsigned feeds; /* 0: neither of the two */
};
/* Up to `limit` behind `after` (type 0: from the beginning). Cost: that many heads. */
JL_MUST_CHECK enum jl_rc jl_feeds_ordered(struct jl_store *store, uint32_t office_feed,
                                          const struct jl_record_key *after, size_t limit,
                                          struct jl_ordered *out_heads, size_t *out_count,
                                          struct jl_err *err);

struct jl_feeds_type_count {
    uint32_t type;
    uint64_t count; /* 1.. */
};
/* The district: how many records of each type a feed counts, by type. Cost: one pass over the feed,
 * about 1 µs a record. */
JL_MUST_CHECK enum jl_rc jl_feeds_types(struct jl_store *store, uint32_t feed,
                                        struct jl_arena *arena,
                                        struct jl_feeds_type_count **out_counts, size_t *out_count,
                                        struct jl_err *err);

#endif
