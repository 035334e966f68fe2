/* The store: one SQLite file per data folder, the same calls at the office and at the district.
 *
 * The store knows tables and bytes, not catalogues or keys: the programs hand it table definitions
 * made from the checked catalogue, and rows whose sensitive cells are sealed already. All calls
 * work on many rows at a time, so that a store behind a network can serve the same contract
 * (tests/contract). Statements are prepared once; every value is bound.
 *
 * Order of life: open → tables → (begin → load/find/write/… → commit)* → close.
 * One open store belongs to one thread; threads and processes open their own (WAL mode: readers
 * never wait for the writer, a second writer gets JL_BUSY after busy_ms).
 *
 * Every call that changes something needs an open write transaction (JL_MISUSE otherwise), except
 * jl_store_tables. When one fails for another reason than JL_NOT_FOUND or JL_MISUSE at its door,
 * the transaction is spoiled: further writes and the commit answer with the same code, and the
 * commit rolls back. A visitor may read the store, and must not write to it.
 *
 * Codes of every call: JL_BUSY (try after the next tick), JL_IO (disk full or failing: nothing of
 * the transaction counts), JL_CORRUPT (the file breaks SQLite's rules: run verify), JL_NOMEM. */
#ifndef JIELIAN_STORE_H
#define JIELIAN_STORE_H

#include "jielian/base/clock.h"
#include "jielian/base/value.h"
#include "jielian/store/device.h"

struct jl_store;

enum jl_store_mode {
    JL_STORE_READ,   /* must exist; refuses every write */
    JL_STORE_WRITE,  /* must exist */
    JL_STORE_CREATE, /* must not exist: JL_CONFLICT if it does */
    /* As READ, of a copy that ends with it: no snapshot of the file is held. JL_IO: no room. */
    JL_STORE_READ_COPY,
};

struct jl_store_options {
    enum jl_store_mode mode;
    uint32_t application_id; /* a file of another program or side is JL_MISUSE, untouched */
    uint32_t cache_kib;      /* page cache of this connection; 0: 16 MiB */
    uint32_t busy_ms;        /* how long begin waits for another writer; 0: 10 s */
    bool relaxed; /* a power cut may take the last commits, never part of one; closing makes all
                     durable */
    uint32_t words_new_max; /* new search words kept apart from the others; 0: a million */
};

enum {
    JL_STORE_SCHEMA = 3, /* user_version; a newer file is JL_MISUSE and names the version */
    /* Of the write-ahead log, while no snapshot is held for longer than JL_STORE_SNAPSHOT_MS. */
    JL_STORE_WAL_MAX_BYTES = 64 * 1024 * 1024,
    JL_STORE_SNAPSHOT_MS = 5000,
    JL_STORE_OFFICE_ID = 0x4a4c4f31,   /* "JLO1" */
    JL_STORE_DISTRICT_ID = 0x4a4c4431, /* "JLD1" */
};

/* A file of an older schema: in read mode it is left as it is, and what it lacks reads as empty; in
 * write mode it is migrated first, in one transaction, after a checked copy to PATH.before-N (N is
 * JL_STORE_SCHEMA). JL_IO: there is no room for the copy; the text has what is needed and what is
 * free. JL_CORRUPT: the copy is not whole. Either way nothing has changed. Other writers wait
 * meanwhile. */
JL_MUST_CHECK enum jl_rc jl_store_open(const char *path, const struct jl_store_options *options,
                                       struct jl_store **out_store, struct jl_err *err);
void jl_store_close(struct jl_store *store); /* rolls back what is open */
/* Remove a store that nobody has open: the file and all that this library keeps beside it. What is
 * not there is fine. */
JL_MUST_CHECK enum jl_rc jl_store_remove(const char *path, struct jl_err *err);
JL_DEFINE_AUTO_PTR(jl_store, jl_store_close)

/* ---- Tables ---- */

struct jl_store_column {
    const char *name;
    enum jl_value_kind kind; /* INT, TEXT, BYTES */
    bool indexed;
};

struct jl_store_table {
    uint32_t type;
    const char *name;
    const struct jl_store_column *columns;
    size_t column_count;
};

/* Make missing tables, columns and indexes; never drops. Copies the definitions and replaces the
 * earlier set. Inside a transaction it is undone with it. In read mode it only checks that the
 * tables are there (JL_NOT_FOUND otherwise). */
JL_MUST_CHECK enum jl_rc jl_store_tables(struct jl_store *store,
                                         const struct jl_store_table *tables, size_t count,
                                         struct jl_err *err);

/* ---- Transactions ---- */

/* Write transactions take the write lock at once (BEGIN IMMEDIATE). Commit is durable when it
 * returns JL_OK (synchronous=FULL). Rollback of nothing is fine, of a store that never opened
 * (NULL) too. */
JL_MUST_CHECK enum jl_rc jl_store_begin(struct jl_store *store, bool write, struct jl_err *err);
/* A read transaction that has lasted for half of JL_STORE_SNAPSHOT_MS ends, and another begins. For
 * long readers, between two pages: none of their statements is open. */
JL_MUST_CHECK enum jl_rc jl_store_renew(struct jl_store *store, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_store_commit(struct jl_store *store, struct jl_err *err);
void jl_store_rollback(struct jl_store *store);
/* Has another connection committed since the last call (or since open)? Inside a write transaction
 * the answer holds until its end. */
JL_MUST_CHECK enum jl_rc jl_store_changed(struct jl_store *store, bool *out_changed,
                                          struct jl_err *err);

/* ---- Records ---- */

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
JL_MUST_CHECK enum jl_rc jl_store_load(struct jl_store *store, const struct jl_record_key *keys,
                                       size_t count, struct jl_arena *arena,
                                       struct jl_stored *out_records, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_store_load_rids(struct jl_store *store, const int64_t *rids,
                                            size_t count, struct jl_arena *arena,
                                            struct jl_stored *out_records, struct jl_err *err);
/* Heads only: about half the cost. */
JL_MUST_CHECK enum jl_rc jl_store_heads(struct jl_store *store, const struct jl_record_key *keys,
                                        size_t count, struct jl_arena *arena,
                                        struct jl_head *out_heads, struct jl_err *err);

/* For each value: rids of records whose column equals it, at most `each` per value, in rid order.
 * out_rids has count × each places; out_counts[i] of them are filled. The column must be indexed.
 */
JL_MUST_CHECK enum jl_rc jl_store_find(struct jl_store *store, uint32_t type, size_t column,
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
JL_MUST_CHECK enum jl_rc jl_store_write(struct jl_store *store, struct jl_record_write *writes,
                                        size_t count, struct jl_err *err);
/* Set the stored content hash of one record, nothing else (scrub). */
JL_MUST_CHECK enum jl_rc jl_store_head_hash(struct jl_store *store, int64_t rid,
                                            const uint8_t hash[static 16], struct jl_err *err);
/* Forget records wholly: head, row, words, and what speaks of them in feeds, base, history and
 * received. Their rids are not given again. */
JL_MUST_CHECK enum jl_rc jl_store_purge(struct jl_store *store, const int64_t *rids, size_t count,
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
JL_MUST_CHECK enum jl_rc jl_store_scan(struct jl_store *store, const struct jl_scan *scan,
                                       jl_scan_fn visit, void *context, struct jl_err *err);
/* Records of types without a table, or with a non-empty extra (after a new catalogue): as scan. */
JL_MUST_CHECK enum jl_rc jl_store_scan_extra(struct jl_store *store, uint32_t type,
                                             jl_scan_fn visit, void *context, struct jl_err *err);

/* Types of the records that lie without cells, ascending, in the arena. Cost: one look-up a
 * type. */
JL_MUST_CHECK enum jl_rc jl_store_loose_types(struct jl_store *store, struct jl_arena *arena,
                                              uint32_t **out_types, size_t *out_count,
                                              struct jl_err *err);

/* rids of records with a word that starts with (or is, exact) `word`; type 0: any. */
JL_MUST_CHECK enum jl_rc jl_store_search(struct jl_store *store, uint32_t type,
                                         struct jl_bytes word, bool exact, size_t limit,
                                         int64_t *out_rids, size_t *out_count, struct jl_err *err);

/* ---- Feeds (docs/design.md section 5) ---- */

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
JL_MUST_CHECK enum jl_rc jl_store_feed_put(struct jl_store *store,
                                           const struct jl_feed_entry *entries, size_t count,
                                           struct jl_err *err);
/* Up to `limit` entries with seq > after, ascending. */
JL_MUST_CHECK enum jl_rc jl_store_feed_page(struct jl_store *store, uint32_t feed, uint64_t after,
                                            size_t limit, struct jl_feed_entry *out_entries,
                                            size_t *out_count, struct jl_err *err);
/* All feeds that hold the record. */
JL_MUST_CHECK enum jl_rc jl_store_feeds_of(struct jl_store *store, int64_t rid,
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
JL_MUST_CHECK enum jl_rc jl_store_feed_counted(struct jl_store *store, uint32_t feed,
                                               jl_counted_fn visit, void *context,
                                               struct jl_err *err);

/* Heads in the order of type and id, and which of two feeds counts them; for a deep proof, which
 * reads all records piece by piece. At the office office_feed is ignored. */
enum { JL_IN_SHARED_FEED = 1, JL_IN_OFFICE_FEED = 2 }; /* bits */
struct jl_ordered {
    int64_t rid;
    struct jl_record_key key;
    unsigned feeds; /* 0: neither of the two */
};
/* Up to `limit` behind `after` (type 0: from the beginning). Cost: that many heads. */
JL_MUST_CHECK enum jl_rc jl_store_ordered(struct jl_store *store, uint32_t office_feed,
                                          const struct jl_record_key *after, size_t limit,
                                          struct jl_ordered *out_heads, size_t *out_count,
                                          struct jl_err *err);

struct jl_store_type_count {
    uint32_t type;
    uint64_t count; /* 1.. */
};
/* The district: how many records of each type a feed counts, by type. Cost: one pass over the feed,
 * about 1 µs a record. */
JL_MUST_CHECK enum jl_rc jl_store_feed_types(struct jl_store *store, uint32_t feed,
                                             struct jl_arena *arena,
                                             struct jl_store_type_count **out_counts,
                                             size_t *out_count, struct jl_err *err);

/* Named small blobs: set hashes, cursors, counters, keys' metadata. JL_NOT_FOUND when absent; out
 * is replaced, not appended to. Names that start with "store." are the store's own. */
JL_MUST_CHECK enum jl_rc jl_store_meta_get(struct jl_store *store, const char *name,
                                           struct jl_buf *out, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_store_meta_put(struct jl_store *store, const char *name,
                                           struct jl_bytes value, struct jl_err *err);

/* ---- Office: outbox ---- */

enum jl_outbox_state {
    JL_OUTBOX_PENDING = 0, /* no verdict yet */
    JL_OUTBOX_APPLIED = 1,
    JL_OUTBOX_MERGED = 2,
    JL_OUTBOX_CASE = 3,
    JL_OUTBOX_PARKED = 4,
    JL_OUTBOX_SUPERSEDED = 5, /* parked, then sent again as a later op */
};

struct jl_outbox_entry {
    uint64_t pos; /* 1.., never reused */
    int64_t rid;
    struct jl_id change_set; /* zero: a single change */
    int64_t made_ms;
    enum jl_outbox_state state;
    struct jl_bytes body;         /* sealed chain hash and op bytes */
    struct jl_bytes reason, said; /* PARKED: why, as text and as a remark (message.h); or empty */
};

JL_MUST_CHECK enum jl_rc jl_store_outbox_append(struct jl_store *store,
                                                const struct jl_outbox_entry *entries, size_t count,
                                                struct jl_err *err);
/* Entries with pos >= from, ascending, until limit entries or max_bytes of bodies (at least one).
 */
JL_MUST_CHECK enum jl_rc jl_store_outbox_range(struct jl_store *store, uint64_t from, size_t limit,
                                               size_t max_bytes, struct jl_arena *arena,
                                               struct jl_outbox_entry **out_entries,
                                               size_t *out_count, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_store_outbox_of(struct jl_store *store, int64_t rid,
                                            struct jl_arena *arena,
                                            struct jl_outbox_entry **out_entries, size_t *out_count,
                                            struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_store_outbox_of_change_set(struct jl_store *store,
                                                       const struct jl_id *change_set,
                                                       struct jl_arena *arena,
                                                       struct jl_outbox_entry **out_entries,
                                                       size_t *out_count, struct jl_err *err);
/* All entries in this state, ascending, without their bodies. JL_MISUSE: APPLIED, which is nearly
 * everything. Cost: by an index, only those. */
JL_MUST_CHECK enum jl_rc jl_store_outbox_in(struct jl_store *store, enum jl_outbox_state state,
                                            struct jl_arena *arena,
                                            struct jl_outbox_entry **out_entries, size_t *out_count,
                                            struct jl_err *err);
/* Records that are set aside: PARKED, and no op of the outbox stands for them as refused.
 * Ascending; the rids live in the arena. Cost: a pass over the heads, nothing is unsealed. */
JL_MUST_CHECK enum jl_rc jl_store_aside(struct jl_store *store, struct jl_arena *arena,
                                        int64_t **out_rids, size_t *out_count, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_store_aside_count(struct jl_store *store, uint64_t *out_count,
                                              struct jl_err *err);
/* first..last PENDING → APPLIED in one statement; then the exceptions one by one. */
JL_MUST_CHECK enum jl_rc jl_store_outbox_confirm(struct jl_store *store, uint64_t first,
                                                 uint64_t last, struct jl_err *err);
/* first..last, whatever their verdict was → PENDING: the district was restored and lacks them. */
JL_MUST_CHECK enum jl_rc jl_store_outbox_reopen(struct jl_store *store, uint64_t first,
                                                uint64_t last, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_store_outbox_set(struct jl_store *store, uint64_t pos,
                                             enum jl_outbox_state state, struct jl_bytes reason,
                                             struct jl_bytes said, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_store_outbox_body(struct jl_store *store, uint64_t pos,
                                              struct jl_bytes body, struct jl_err *err);
/* How many are in this state; *out_oldest_ms is the made_ms of the oldest of them (0: none). */
JL_MUST_CHECK enum jl_rc jl_store_outbox_count(struct jl_store *store, enum jl_outbox_state state,
                                               uint64_t *out_count, int64_t *out_oldest_ms,
                                               struct jl_err *err);
/* Drop the entries up to position `upto`, and none from the first on that still wants something:
 * PENDING or PARKED. What is kept has no gaps, so that all of it can be numbered and sent again. */
JL_MUST_CHECK enum jl_rc jl_store_outbox_trim(struct jl_store *store, uint64_t upto,
                                              struct jl_err *err);
/* The district's row under local, unconfirmed changes; sealed by the caller. Empty body: absent.
 * out is replaced. */
JL_MUST_CHECK enum jl_rc jl_store_base_get(struct jl_store *store, int64_t rid, struct jl_buf *out,
                                           bool *out_found, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_store_base_put(struct jl_store *store, int64_t rid,
                                           struct jl_bytes body, struct jl_err *err);
/* Drop the bases of all records whose last local op (head.last) is at or before this position. */
JL_MUST_CHECK enum jl_rc jl_store_base_trim(struct jl_store *store, uint64_t confirmed,
                                            struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_store_base_drop(struct jl_store *store, int64_t rid,
                                            struct jl_err *err);

/* ---- District: journal and history ---- */

struct jl_journal_entry {
    uint64_t seq;      /* dense from 1 */
    uint32_t origin;   /* incarnation number; 0: the district's own */
    uint64_t first_op; /* the batch's first op seq */
    uint32_t op_count;
    int64_t at_ms;
    struct jl_bytes body;     /* sealed batch */
    struct jl_bytes verdicts; /* encoded list of those that are not plain APPLIED */
    struct jl_bytes seal;     /* chain hash (32) and the district's signature (64) */
    struct jl_bytes head;     /* who and by which rules: the district's codec; empty in entries of
                                 schema 1 */
};

/* JL_CONFLICT: seq is not the next one, or an op of this origin (other than 0) is there already. */
JL_MUST_CHECK enum jl_rc jl_store_journal_append(struct jl_store *store,
                                                 const struct jl_journal_entry *entry,
                                                 struct jl_err *err);
/* The entries from seq on, one call each; ends early as a scan does. limit 0: no bound. */
typedef enum jl_rc (*jl_journal_fn)(void *context, const struct jl_journal_entry *entry,
                                    struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_store_journal_read(struct jl_store *store, uint64_t from, size_t limit,
                                               jl_journal_fn visit, void *context,
                                               struct jl_err *err);
/* The latest time in it, 0 for an empty one (or for times before 1970). Cost: reads every entry's
 * head; whoever needs it often keeps it. */
JL_MUST_CHECK enum jl_rc jl_store_journal_latest(struct jl_store *store, int64_t *out_ms,
                                                 struct jl_err *err);
/* One entry by its seq; everything lives in the arena. JL_NOT_FOUND. */
JL_MUST_CHECK enum jl_rc jl_store_journal_get(struct jl_store *store, uint64_t seq,
                                              struct jl_arena *arena,
                                              struct jl_journal_entry *out_entry,
                                              struct jl_err *err);
/* The entry that holds op `seq` of an origin; body and all live in the arena. JL_NOT_FOUND. */
JL_MUST_CHECK enum jl_rc jl_store_journal_find(struct jl_store *store, uint32_t origin,
                                               uint64_t seq, struct jl_arena *arena,
                                               struct jl_journal_entry *out_entry,
                                               struct jl_err *err);

struct jl_history_entry {
    int64_t rid;
    uint64_t journal_seq;
    uint32_t index; /* of the op in its batch */
    uint32_t tag;   /* of the op's bytes, for jl_store_history_tagged; 0: none was made */
};
JL_MUST_CHECK enum jl_rc jl_store_history_append(struct jl_store *store,
                                                 const struct jl_history_entry *entries,
                                                 size_t count, struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_store_history_of(struct jl_store *store, int64_t rid,
                                             struct jl_arena *arena,
                                             struct jl_history_entry **out_entries,
                                             size_t *out_count, struct jl_err *err);
/* Up to `limit` lines older than this one, the newest first; UINT64_MAX: from the newest on. Cost:
 * theirs, however many there are. */
JL_MUST_CHECK enum jl_rc jl_store_history_before(struct jl_store *store, int64_t rid,
                                                 uint64_t journal_seq, uint32_t index, size_t limit,
                                                 struct jl_arena *arena,
                                                 struct jl_history_entry **out_entries,
                                                 size_t *out_count, struct jl_err *err);
/* The lines before the first that has a tag. Cost: theirs, however many follow. */
JL_MUST_CHECK enum jl_rc jl_store_history_untagged(struct jl_store *store, int64_t rid,
                                                   struct jl_arena *arena,
                                                   struct jl_history_entry **out_entries,
                                                   size_t *out_count, struct jl_err *err);
/* The lines with this tag, not 0. Cost: one lookup, however long the history is. */
JL_MUST_CHECK enum jl_rc jl_store_history_tagged(struct jl_store *store, int64_t rid, uint32_t tag,
                                                 struct jl_arena *arena,
                                                 struct jl_history_entry **out_entries,
                                                 size_t *out_count, struct jl_err *err);

/* Who set a field to the value that stands, so that nobody reads the journal for it. Field 0: who
 * made the record, or brought it back, and with that set all fields that have no line. */
struct jl_author_entry {
    int64_t rid;
    uint32_t field;
    uint64_t journal_seq;
    uint32_t device, office; /* 0: the district itself */
    int64_t made_ms;
    struct jl_bytes staff; /* login */
};
/* In place of the line that there is. */
JL_MUST_CHECK enum jl_rc jl_store_author_put(struct jl_store *store,
                                             const struct jl_author_entry *author,
                                             struct jl_err *err);
/* All lines of a record: somebody makes it anew. */
JL_MUST_CHECK enum jl_rc jl_store_author_forget(struct jl_store *store, int64_t rid,
                                                struct jl_err *err);
/* All lines of a record, by field; they live in the arena. At most one for each field. */
JL_MUST_CHECK enum jl_rc jl_store_author_of(struct jl_store *store, int64_t rid,
                                            struct jl_arena *arena,
                                            struct jl_author_entry **out_authors, size_t *out_count,
                                            struct jl_err *err);

/* Ops that are in the journal and wait for a record that has not come back. Lists are in the order
 * of the journal and live in the arena. */
struct jl_held {
    uint64_t journal_seq;
    uint32_t n; /* of the op in its batch */
    uint32_t device;
    uint32_t office;
    struct jl_record_key key; /* what it waits for */
};
/* JL_CONFLICT: that op is held already. */
JL_MUST_CHECK enum jl_rc jl_store_held_put(struct jl_store *store, const struct jl_held *entries,
                                           size_t count, struct jl_err *err);
/* By journal_seq and n; those that are not there are passed over. */
JL_MUST_CHECK enum jl_rc jl_store_held_drop(struct jl_store *store, const struct jl_held *entries,
                                            size_t count, struct jl_err *err);
/* Those that wait for a record. */
JL_MUST_CHECK enum jl_rc jl_store_held_of(struct jl_store *store, const struct jl_record_key *key,
                                          struct jl_arena *arena, struct jl_held **out_list,
                                          size_t *out_count, struct jl_err *err);
/* Those behind the op that `after` names (journal_seq and n; NULL: from the first on). limit 0: no
 * bound. */
JL_MUST_CHECK enum jl_rc jl_store_held_all(struct jl_store *store, const struct jl_held *after,
                                           size_t limit, struct jl_arena *arena,
                                           struct jl_held **out_list, size_t *out_count,
                                           struct jl_err *err);
/* How many an office has; office 0: all. Cost: reads all of them. */
JL_MUST_CHECK enum jl_rc jl_store_held_count(struct jl_store *store, uint32_t office,
                                             uint64_t *out_count, struct jl_err *err);

/* Office: what the district changed in a record that was here already; sealed by the caller. */
JL_MUST_CHECK enum jl_rc jl_store_received_append(struct jl_store *store, int64_t rid,
                                                  int64_t at_ms, struct jl_bytes body,
                                                  struct jl_err *err);
typedef enum jl_rc (*jl_received_fn)(void *context, int64_t at_ms, struct jl_bytes body,
                                     struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_store_received_of(struct jl_store *store, int64_t rid,
                                              jl_received_fn visit, void *context,
                                              struct jl_err *err);

/* ---- Care ---- */

/* A copy through SQLite's backup API, opened again and checked before it counts: one file without a
 * WAL. JL_CONFLICT: path is there already. Not inside a write transaction. */
JL_MUST_CHECK enum jl_rc jl_store_backup(struct jl_store *store, const char *path,
                                         struct jl_err *err);
/* Remove the copy that a migration has left: the books have been proven since. Nothing where there
 * is none, and where the file is of an older schema. Cost: one unlink. */
JL_MUST_CHECK enum jl_rc jl_store_migrated_forget(struct jl_store *store, struct jl_err *err);
/* SQLite's own integrity check; JL_CORRUPT with its first finding. Cost: reads the whole file. */
JL_MUST_CHECK enum jl_rc jl_store_integrity(struct jl_store *store, struct jl_err *err);
/* The same table by table: one call for each that is damaged, none for a sound file. JL_CORRUPT:
 * not even the list of tables can be read. Cost: reads the whole file twice. */
struct jl_store_finding {
    const char *table; /* NULL: the file's free pages, no table */
    bool rows_whole;   /* all rows can be read: what is damaged is an index */
    const char *text;  /* SQLite's words */
};
typedef enum jl_rc (*jl_finding_fn)(void *context, const struct jl_store_finding *finding,
                                    struct jl_err *err);
JL_MUST_CHECK enum jl_rc jl_store_findings(struct jl_store *store, jl_finding_fn visit,
                                           void *context, struct jl_err *err);
/* Bytes of free disk where the file lies. */
JL_MUST_CHECK enum jl_rc jl_store_disk_free(struct jl_store *store, uint64_t *out_bytes,
                                            struct jl_err *err);

#endif
