/* Records in the store: heads, rows, and scans over them. Part of the store's contract (store.h),
 * which says when and on which thread these calls may be made, and what their codes mean. */
#ifndef JIELIAN_STORE_RECORDS_H
#define JIELIAN_STORE_RECORDS_H

#include "jielian/base/bytes.h"
#include "jielian/base/id.h"
#include "jielian/base/value.h"

struct jl_store;

enum jl_record_state {
    JL_RECORD_LIVE = 0,
    JL_RECORD_DELETED = 1, /* tombstone: head and last row stay until purged */
    JL_RECORD_LEFT = 2,    /* office only: a stub, cells gone; title says what it was */
    JL_RECORD_PARKED = 3,  /* office only: a local record the district has not taken; not counted */
};

struct jl_head {
    int64_t rid; /* 0: not stored yet */
    uint32_t type;
    struct jl_id id;
    uint32_t owner;
    enum jl_record_state state;
    uint8_t hash[16];   /* as counted in the feed's set hash; zero when not counted */
    int64_t changed_ms; /* label: when and by whom the last change was made */
    uint32_t by_device;
    struct jl_bytes by_staff;
    uint64_t last;         /* district: journal seq; office: outbox position of the last local op */
    uint64_t feed_seq;     /* district: seq in the owner's feed; office: 0 */
    struct jl_bytes title; /* stubs only; empty otherwise */
};

struct jl_stored {
    struct jl_head head;
    struct jl_value *cells; /* one per column of its table; NULL for stubs and unknown types */
    struct jl_bytes extra;  /* encoded fields the catalogue does not know */
};

struct jl_record_key {
    uint32_t type;
    struct jl_id id;
};

/* One result per key, in order; head.rid 0 where there is none. Everything lives in the arena. */
JL_MUST_CHECK enum jl_rc jl_records_load(struct jl_store *store, const struct jl_record_key *keys,
                                         size_t count, struct jl_arena *arena,
                                         struct jl_stored *out_records, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_records_load_rids(struct jl_store *store, const int64_t *rids,
                                              size_t count, struct jl_arena *arena,
                                              struct jl_stored *out_records, struct jl_err *err);
/* Heads only: about half the cost. */
JL_MUST_CHECK enum jl_rc jl_records_heads(struct jl_store *store, const struct jl_record_key *keys,
                                          size_t count, struct jl_arena *arena,
                                          struct jl_head *out_heads, struct jl_err *err);

/* For each value: rids of records whose column equals it, at most `each` per value, in rid order.
 * out_rids has count × each places; out_counts[i] of them are filled. The column must be indexed.
 */
JL_MUST_CHECK enum jl_rc jl_records_find(struct jl_store *store, uint32_t type, size_t column,
                                         const struct jl_value *values, size_t count, size_t each,
                                         int64_t *out_rids, size_t *out_counts, struct jl_err *err);

struct jl_record_write {
    struct jl_stored *record; /* rid 0: insert, and rid is filled in; else replace head and row */
    const struct jl_bytes *words; /* replaces the record's search words */
    size_t word_count;
    bool words_same; /* leave the words as they are (words ignored) */
};

/* Insert or replace many. A record of a type without a table keeps all its fields in extra.
 * JL_CONFLICT: the key is there already, or the record is not there (any more) under its rid.
 * JL_MISUSE: a cell of another kind than its column. Cost: what did not change is not written. */
JL_MUST_CHECK enum jl_rc jl_records_write(struct jl_store *store, struct jl_record_write *writes,
                                          size_t count, struct jl_err *err);
/* Set the stored content hash of one record, nothing else (scrub). */
JL_MUST_CHECK enum jl_rc jl_records_set_hash(struct jl_store *store, int64_t rid,
                                             const uint8_t hash[static 16], struct jl_err *err);
/* Forget records wholly: head, row, words, and what speaks of them in feeds, base, history and
 * received. Their rids are not given again. */
JL_MUST_CHECK enum jl_rc jl_records_purge(struct jl_store *store, const int64_t *rids, size_t count,
                                          struct jl_err *err);

enum jl_scan_test { JL_SCAN_EQUAL = 1, JL_SCAN_AT_LEAST, JL_SCAN_AT_MOST, JL_SCAN_IS_NULL };

struct jl_scan_filter {
    size_t column;
    enum jl_scan_test test;
    struct jl_value value;
};

struct jl_scan {
    uint32_t type;
    const struct jl_scan_filter *filters;
    size_t filter_count;
    bool owner_set; /* only records of this owner */
    uint32_t owner;
    bool all_states; /* tombstones, stubs and parked too; else live and parked ones */
    int64_t after_rid;
    size_t limit; /* 0: no bound */
};

/* Called once per record in rid order; what it gets is valid during the call. A code other than
 * JL_OK ends the scan and is returned. */
typedef enum jl_rc (*jl_scan_fn)(void *context, const struct jl_stored *record, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_records_scan(struct jl_store *store, const struct jl_scan *scan,
                                         jl_scan_fn visit, void *context, struct jl_err *err);
/* Records of types without a table, or with a non-empty extra (after a new catalogue): as scan. */
JL_MUST_CHECK enum jl_rc jl_records_scan_extra(struct jl_store *store, uint32_t type,
                                               jl_scan_fn visit, void *context, struct jl_err *err);

/* Types of the records that lie without cells, ascending, in the arena. Cost: one look-up a
 * type. */
JL_MUST_CHECK enum jl_rc jl_records_loose_types(struct jl_store *store, struct jl_arena *arena,
                                                uint32_t **out_types, size_t *out_count,
                                                struct jl_err *err);

#endif
